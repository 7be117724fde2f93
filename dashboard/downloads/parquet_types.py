"""The types of a Parquet file's columns, and the conversion of the wire's texts to them; used by `as_parquet`.

A column's type is fixed before its first row group is written. So it is the first of these types that holds all values
of the first row group:

- a decimal as the gateway declares it; without a declaration, 38 digits with the largest scale of the values; without
  any value, text
- a timestamp in UTC if the gateway declares its zone, or when each value has an offset; otherwise without a zone
- text, for a date or a timestamp such as `infinity` that Parquet cannot hold

A value of a later row group that does not fit raises `DoesNotFit`: a wrong file would be worse than none.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from dashboard.downloads.pages import Digits
from dashboard.downloads.tables import as_text
from dashboard.gateway.results import Column

MAX_DIGITS = 38

_WIRE = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
_LOCAL, _UTC = pa.timestamp("us"), pa.timestamp("us", "UTC")


class DoesNotFit(Exception):
    """A value that does not fit the type of its column, which was chosen from the first row group."""

    def __init__(self, column: str, chosen: pa.DataType, reason: Exception) -> None:
        super().__init__(f"Column '{column}' has type {chosen}, from its first rows: {reason}")


def array(column: Column, values: Sequence[Any]) -> pa.Array:
    """Returns values of a column in the wire's types, where decimals, dates and timestamps are text."""
    if column.type == "number":
        values = [None if value is None else float(value) for value in values]
    elif column.type not in _WIRE:
        values = [None if value is None else as_text(value) for value in values]
    return pa.array(values, _WIRE.get(column.type, pa.string()))


def schema(columns: Sequence[Column], digits: Sequence[Digits | None], first: pa.Table) -> pa.Schema:
    """Returns the types of all columns, from their declarations and the rows of the first group."""
    described = zip(columns, digits, first.columns, strict=True)
    return pa.schema([(column.name, _type(column, declared, values)) for column, declared, values in described])


def typed(group: pa.Table, wanted: pa.Schema) -> pa.Table:
    """Returns the rows of a group in the wanted types; raises `DoesNotFit`."""
    columns = [_cast(field, values) for field, values in zip(wanted, group.columns, strict=True)]
    return pa.Table.from_arrays(columns, schema=wanted)


def _cast(field: pa.Field, values: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return values.cast(field.type)
    except pa.ArrowInvalid as error:
        raise DoesNotFit(field.name, field.type, error) from error


def _type(column: Column, declared: Digits | None, values: pa.ChunkedArray) -> pa.DataType:
    return next((kind for kind in _candidates(column, declared, values) if _holds(kind, values)), values.type)


def _candidates(column: Column, declared: Digits | None, values: pa.ChunkedArray) -> Iterator[pa.DataType]:
    if column.type == "date":
        yield pa.date32()
    elif column.type == "timestamp":
        yield from (_UTC, _LOCAL) if column.zoned else (_LOCAL, _UTC)
    elif column.type == "decimal":
        if declared and 0 <= declared.scale <= declared.precision <= MAX_DIGITS:
            yield pa.decimal128(max(declared.precision, 1), declared.scale)
        if values.null_count < len(values):
            yield pa.decimal128(MAX_DIGITS, min(_scale(values), MAX_DIGITS))


def _scale(values: pa.ChunkedArray) -> int:
    """The most digits behind the point."""
    return max(len(text.partition(".")[2]) for text in values.drop_null().to_pylist())


def _holds(kind: pa.DataType, values: pa.ChunkedArray) -> bool:
    try:
        values.cast(kind)
    except pa.ArrowInvalid:
        return False
    return True
