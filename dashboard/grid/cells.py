"""A cell's exact text and what is shown of it. Pure.

Every cell travels as exact text, since JavaScript's numbers hold 15 digits. Beside it goes the text to show where that
differs, written by `charts.formats` alone.
"""

from decimal import Decimal
from typing import Any

from dashboard.charts import formats
from dashboard.gateway.results import NUMERIC_TYPES
from dashboard.grid.columns import GridColumn


def exact_text(value: Any) -> str | None:
    """A JSON value as text without loss: whole floats without a point, booleans as Yes and No; NULL is None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return formats.full(value)
    if isinstance(value, float) and abs(value) < 1e15 and value.is_integer():
        return str(int(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def shown_text(column: GridColumn, text: str | None) -> str:
    """What is shown of an exact text; nothing of NULL."""
    if text is None:
        return ""
    if column.style:
        return formats.full(text, column.style)
    if column.type in NUMERIC_TYPES:
        return formats.full(text, "number")
    return text.replace("T", " ", 1) if column.type == "timestamp" else text
