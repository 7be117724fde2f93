"""The runs that a page's document asks for itself: those of its first panels, which every screen shows.

`assets/js/early_socket.js` sends them as soon as the tab's socket is open, before any module is there;
`assets/js/wire/runs.js` takes them over when the page asks the same.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

COUNT = 4
"""How many panels are near enough to the screen to run whatever its size; see `assets/js/page/near.js`."""

Spec = Mapping[str, Any]


def first_runs(specs: Iterable[Spec], filters: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The `run` messages of the first panels, from `panel.panel_spec` and `department.Filter.spec`.

    A panel whose filters are not known yet is left out: it runs once they are.
    """
    first = [spec for spec in list(specs)[:COUNT] if "broken" not in spec]
    asked = [(spec, parameters(spec, filters)) for spec in first]
    return [_message(spec, found) for spec, found in asked if all(name in found for name in spec["required"])]


def parameters(spec: Spec, filters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The values a panel runs with, as `parametersOf` in `filter_values.js` has them.

    Its own come before those that it begins with, and these before the page's.
    """
    kinds = spec["parameters"]
    shared = {each["name"]: each["value"] for each in filters if kinds.get(each["name"]) == each["kind"]}
    preset, own = ({name: value for name, value in spec[key].items() if name in kinds} for key in ("preset", "own"))
    return _without_empty(shared) | _without_empty(preset) | _without_empty(own)


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not _is_empty(value)}


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, list) and (not value or None in value))


def _message(spec: Spec, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "action": "run",
        "topicName": spec["topic"],
        "report": spec["report"],
        "parameters": values,
        "runId": str(uuid.uuid4()),
        "refresh": False,
        "watch": True,
    }
