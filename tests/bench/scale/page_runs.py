"""What a page asks for when it is opened, read from its document as the page's scripts do."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from dashboard.panels.first_runs import parameters
from tests.bench.turn.plain_tabs import Run

_LAYOUT = re.compile(r'<script type="application/json" data-answer="/_dash-layout">(.*?)</script>', re.DOTALL)


def runs_of(document: str) -> Sequence[Run]:
    """The `run` messages of all panels; raises AssertionError where the document is not such a page.

    Every filter must be known: a page whose newest month nobody has asked for yet asks for that first.
    """
    found = _LAYOUT.search(document)
    assert found, f"this is no page: {document[:300]}"
    components = list(_components(json.loads(found[1])))
    (page,) = (props for kind, props in components if kind == "Page")
    specs = [props["spec"] for kind, props in components if kind == "Panel"]
    runs = [_run(spec, parameters(spec, page["filters"])) for spec in specs]
    lacking = [
        run["report"] for spec, run in zip(specs, runs, strict=True) if set(spec["required"]) - {*run["parameters"]}
    ]
    assert not lacking, f"these wait for a filter: {lacking}"
    return runs


def _run(spec: Run, values: Run) -> Run:
    return {"action": "run", "topicName": spec["topic"], "report": spec["report"], "parameters": values}


def _components(part: Any) -> Iterator[tuple[str, Any]]:
    """Every component of a layout: its type and its properties."""
    if isinstance(part, dict):
        if {"type", "props", "namespace"} <= part.keys():
            yield part["type"], part["props"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _components(each)
