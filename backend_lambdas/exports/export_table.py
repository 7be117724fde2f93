"""The temporary table that collects an export's rows: the statements that fill it. Pure; used by `unload`.

UNLOAD takes no bound values, so a table is filled first. A value may be bound where a statement can be prepared, which
is SELECT, INSERT, UPDATE and DELETE: the table is made of the SELECT without its values and without rows, then filled
by INSERT. A SELECT without values makes and fills it at once.

A table takes a name once. Where the result has one twice, the later ones are numbered, as a download numbers them.
Source: Amazon Redshift, "PREPARE", "CREATE TABLE AS", "INSERT"; Data API, "Running SQL statements with parameters".
"""

from collections.abc import Iterator, Sequence

from backend_lambdas.exports import select_list
from backend_lambdas.exports.select_list import Column
from backend_lambdas.reports import sql_text

TABLE = "pushboard_export"
ALL_ROWS = "SELECT * FROM pushboard_export"

_LONGEST_TEXT = "VARCHAR(65535)"


def statements(sql: str) -> list[str]:
    """One statement, or two where values are bound."""
    text = sql_text.without_comments(sql).strip()
    create = f"CREATE TEMP TABLE {TABLE}{_names(text)} AS"
    if not sql_text.placeholders(text):
        return [f"{create} {sql}"]
    return [f"{create} {_all_of(_empty(text))} WHERE false", f"INSERT INTO {TABLE} {_all_of(text)}"]


def _all_of(text: str) -> str:
    return f"SELECT * FROM ({text}) AS report"  # noqa: S608 (the report's own SQL: no value is in it)


def _empty(text: str) -> str:
    """The SELECT without its values; a column that is nothing but a value is a text, of any length.

    Among several SELECTs it has the type of the others' columns, which a plain NULL takes.
    """
    pieces, position = [], 0
    for column in [] if select_list.has_sets(text) else select_list.columns(text):
        if _is_value(column):
            pieces += [text[position : column.start], f"CAST(NULL AS {_LONGEST_TEXT})"]
            position = column.start + len(column.expression)
    return sql_text.without_values("".join([*pieces, text[position:]]))


def _is_value(column: Column) -> bool:
    return sql_text.without_values(column.expression) == "NULL"


def _names(text: str) -> str:
    """The columns' names, where the result surely has one twice; nothing where they differ, or behind a `*`."""
    columns = select_list.columns(text)
    known = [column.label for column in columns if column.label]
    if len(set(known)) == len(known) or any(column.is_star for column in columns):
        return ""
    labels = [column.label or f"column_{number}" for number, column in enumerate(columns, 1)]
    quoted = (name.replace('"', '""') for name in _unique(labels))
    return " (" + ", ".join(f'"{name}"' for name in quoted) + ")"


def _unique(labels: Sequence[str]) -> Iterator[str]:
    taken: set[str] = set(labels)
    seen: set[str] = set()
    for label in labels:
        name = label if label not in seen else _next(label, taken)
        seen.add(name)
        taken.add(name)
        yield name


def _next(label: str, taken: set[str]) -> str:
    number = 2
    while f"{label}_{number}" in taken:
        number += 1
    return f"{label}_{number}"
