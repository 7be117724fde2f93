"""Writes the attributes that Dash takes under names Python cannot write: `data-*` and `aria-*`."""

from typing import Any


def attributes(**values: Any) -> dict[str, Any]:
    """`attributes(aria_label="Filters")` returns `{"aria-label": "Filters"}`, to be passed with two stars."""
    return {name.replace("_", "-"): value for name, value in values.items()}
