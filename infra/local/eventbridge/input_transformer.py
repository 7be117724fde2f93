"""What a target hears instead of the event, by its rule. Used by `bus`. Pure.

Source: Amazon EventBridge, "Input transformation": a value that the event has not is null, a text stands in quotes.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_-]+)>")
_PATH = re.compile(r"\$(\.[A-Za-z0-9_-]+)+")


def transformed(transformer: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """The template as JSON with what the paths find in the event; raises `ValueError` for what is not imitated.

    That is any path but names behind each other, and a template that is no JSON object.
    """
    values = {name: _found(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    written = _PLACEHOLDER.sub(lambda match: json.dumps(values[match[1]]), transformer["InputTemplate"])
    made = json.loads(written)
    if not isinstance(made, dict):
        raise ValueError(f"the laptop makes no event of {written}")
    return made


def _found(path: str, event: Mapping[str, Any]) -> Any:
    if not _PATH.fullmatch(path):
        raise ValueError(f"the laptop does not follow {path}")
    found: Any = event
    for name in path.split(".")[1:]:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
