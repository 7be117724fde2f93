"""The parts of a list of downloads or exports; used by the pages of exports and of the audit. Pure.

On a phone each row stands as a card, where the name of its column stands before each cell.
"""

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.attributes import attributes


def head(columns: Sequence[str]) -> html.Thead:
    """The names of the columns; one that begins with # has figures."""
    return html.Thead(html.Tr([_name(column) for column in columns]))


def _name(column: str) -> html.Th:
    figures = column.startswith("#")
    return html.Th(column.removeprefix("#"), className="list-number" if figures else "", scope="col")


def cell(column: str, content: Any) -> html.Td:
    """A cell of the column with this name."""
    return html.Td(content, **attributes(data_column=column))


def figure(column: str, text: str) -> html.Td:
    """A cell with a figure; the text is empty where there is none."""
    return html.Td(text or None, className="list-number", **attributes(data_column=column))
