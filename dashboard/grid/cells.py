"""A cell's exact text and what is shown of it. Pure.

Every cell travels as exact text, since JavaScript's numbers hold 15 digits. Beside it goes the text to show where that
differs, written by `charts.formats` alone, in the language of whoever asks.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.charts import dates, formats
from dashboard.gateway.results import NUMERIC_TYPES
from dashboard.grid.columns import GridColumn
from dashboard.locales.locale import current
from dashboard.locales.words import _


def exact_text(value: Any) -> str | None:
    """A JSON value as text without loss, the same in every language; NULL is None."""
    if value is None or isinstance(value, str):
        return value
    return f"{value:f}" if isinstance(value, Decimal) else formats.exact(value)


def shown_text(column: GridColumn, text: str | None) -> str:
    """What is shown of an exact text; nothing of NULL."""
    if text is None:
        return ""
    if column.labels:
        return column.labels.get(text, text)
    if column.style:
        return formats.full(text, column.style)
    if column.type in NUMERIC_TYPES:
        return formats.full(text, "number")
    if column.type == "boolean":
        return _(text)
    return _moment(text) if column.type == "timestamp" else text


def _moment(text: str) -> str:
    """A timestamp as it is, in the current locale's time zone if it has one."""
    if not current().zone or not dates.is_iso(text):
        return text.replace("T", " ", 1)
    return current().moved(datetime.fromisoformat(text)).isoformat(" ")
