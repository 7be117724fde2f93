"""What types the columns of a Parquet file get, and how texts of the wire become values of them; used by `as_parquet`.

A column's type stands before its first row group is written and cannot change afterwards. So it is the first type that
all values of the first row group have:

- a decimal as the gateway declares it; if it does not, one of 38 digits with the scale that the values have; with no
  value to tell the scale, text
- a timestamp without a zone, or in UTC when each value has an offset
- text, for a date or a timestamp such as `infinity` that Parquet has no value for

What a later row group holds beyond that raises `DoesNotFit`: a file that says something else than the warehouse would
be worse than none.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from dashboard.downloads.pages import Digits
from dashboard.downloads.tables import as_text
from dashboard.gateway.results import Column

MAX_DIGITS = 38

_WIRE = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
_MOMENTS = (pa.timestamp("us"), pa.timestamp("us", "UTC"))


class DoesNotFit(Exception):
    """A value that the type of its column, chosen by what came first, cannot hold."""

    def __init__(self, column: str, chosen: pa.DataType, reason: Exception) -> None:
        super().__init__(f"Column '{column}' was taken for {chosen}: {reason}")


def array(column: Column, values: Sequence[Any]) -> pa.Array:
    """Some values of a column as they are on the wire; decimals, dates and timestamps are text there."""
    if column.type == "number":
        values = [None if value is None else float(value) for value in values]
    elif column.type not in _WIRE:
        values = [None if value is None else as_text(value) for value in values]
    return pa.array(values, _WIRE.get(column.type, pa.string()))


def schema(columns: Sequence[Column], digits: Sequence[Digits | None], first: pa.Table) -> pa.Schema:
    """The types of all columns, by how they are declared and by the rows of the first group."""
    described = zip(columns, digits, first.columns, strict=True)
    return pa.schema([(column.name, _type(column, declared, values)) for column, declared, values in described])


def typed(group: pa.Table, wanted: pa.Schema) -> pa.Table:
    """The rows of a group with their columns' types; raises `DoesNotFit`."""
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
        yield from _MOMENTS
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
