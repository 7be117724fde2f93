"""Rows of a grid as the browser takes them. Pure; used by `pages`, and by `panels.table` for all of a small one.

A row has the exact text of a cell as `c0`, `c1`, ... and the text to show, where it differs, as `d0`, ...; a bar as
`b0`, what a colour means as `t0`, a link as `l0`. A row that is of other rows says so as `kind`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.charts.fields import NO_VALUE
from dashboard.grid import marks, totals
from dashboard.grid.cells import exact_text, shown_text
from dashboard.grid.columns import GridColumn
from dashboard.grid.marks import Scale
from dashboard.grid.source import PivotSource, Source
from dashboard.grid.views import Group, Totals, View
from dashboard.locales.words import _, _n

Row = dict[str, Any]


def page(source: Source, view: View, start: int, end: int) -> list[Row]:
    """Some lines of a view."""
    return [
        row(source, source.records[line], view.scales) if line >= 0 else _group_row(source, view.groups[-1 - line])
        for line in view.lines[start:end]
    ]


def row(source: Source, record: Sequence[Any], scales: Mapping[str, Scale]) -> Row:
    """One row of the result, with its marks."""
    made: Row = {}
    for at, (column, value) in enumerate(zip(source.columns, record, strict=True)):
        _add(made, at, column, value)
        if column.bar and (bar := scales[column.scale].bar(value)):
            made[f"b{at}"] = bar
        if column.colour and (tone := marks.tone(column, value)):
            made[f"t{at}"] = tone
    linked = [(at, column.link) for at, column in enumerate(source.columns) if column.link]
    if linked:
        values = {column.name: value for column, value in zip(source.columns, record, strict=True)}
        found = {f"l{at}": marks.link(template, values) for at, template in linked}
        made |= {name: address for name, address in found.items() if address}
    return made


def total_row(source: Source, view: View) -> Row | None:
    """The row of totals, of the rows that pass the filters; None where the report wants none."""
    if not source.has_totals:
        return None
    return _labelled(source, _of_totals(source, view.totals), _(totals.TOTAL)) | {"kind": "total"}


def _group_row(source: Source, group: Group) -> Row:
    """The row above those of a group: its value, how many they are, and their totals."""
    at = source.group or 0
    made = _of_totals(source, group.totals)
    column = source.columns[at]
    name = shown_text(column, exact_text(group.value)) or _(NO_VALUE)
    words = f"{name} · {_n('{count} row', '{count} rows', len(group.rows))}"
    return made | {f"c{at}": exact_text(group.value), f"d{at}": words, "kind": "group"}


def _of_totals(source: Source, found: Totals) -> Row:
    made: Row = {}
    for at, value in found.items():
        column = source.columns[at]
        _add(made, at, totals.column_of(column), value)
        if column.total != "sum" and not isinstance(source, PivotSource) and value is not None:
            made[f"d{at}"] = f"{_(totals.NAMES[str(column.total)])} {made.get(f'd{at}', made[f'c{at}'])}"
    return made


def _labelled(source: Source, made: Row, label: str) -> Row:
    """With a word in its first cell, before what may stand there."""
    first = next((at for at, column in enumerate(source.columns) if not column.hidden), 0)
    own = made.get(f"d{first}", made.get(f"c{first}"))
    return made | {f"d{first}": label if own is None else f"{label} {own}"}


def _add(made: Row, at: int, column: GridColumn, value: Any) -> None:
    text = exact_text(value)
    shown = column.missing if text is None else shown_text(column, text)
    made[f"c{at}"] = text
    if shown != (text or ""):
        made[f"d{at}"] = shown
