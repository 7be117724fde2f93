"""The runs of a page, read from its document."""

import json

import pytest

from tests.bench.scale.page_runs import runs_of

PAYMENTS = {"name": "payments", "kind": "several", "value": ["Card"]}


def document(month: str | None, **panels: dict[str, str]) -> str:
    """A page with filters and some panels, by the parameters that each has."""
    filters = [{"name": "month", "kind": "month", "value": month}, PAYMENTS]
    specs = [
        {"topic": name, "report": name, "parameters": kinds, "required": [*kinds], "preset": {}, "own": {}}
        for name, kinds in panels.items()
    ]
    children = [component("Panel", spec=spec) for spec in specs]
    layout = component("Div", children=[component("Page", filters=filters, children=children)])
    return f'<p>x</p><script type="application/json" data-answer="/_dash-layout">{json.dumps(layout)}</script>'


def component(kind: str, **props: object) -> dict[str, object]:
    return {"type": kind, "namespace": "pushboard", "props": props}


def test_every_panel_asks_with_the_filters_that_it_knows() -> None:
    both = {"month": "month", "payments": "several"}
    trips, revenue = runs_of(document("2015-12", trips={"month": "month"}, revenue=both))
    assert trips == {"action": "run", "topicName": "trips", "report": "trips", "parameters": {"month": "2015-12"}}
    assert revenue["parameters"] == {"month": "2015-12", "payments": ["Card"]}


def test_a_panel_that_waits_for_a_filter_is_told() -> None:
    with pytest.raises(AssertionError, match="these wait for a filter: \\['trips'\\]"):
        runs_of(document(None, trips={"month": "month"}))


def test_what_is_no_page_is_told() -> None:
    with pytest.raises(AssertionError, match="this is no page: <h1>Sign in"):
        runs_of("<h1>Sign in</h1>")
