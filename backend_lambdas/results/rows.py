"""Rows of the Data API as the wire contract gives them: seven types, exact decimals, NULL as null, NaN as text.

Used by `get_result`.

Source: Amazon Redshift, the Data API's mapping of JDBC types to `Field` members.
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid", "smallint", "integer", "bigint"), "integer"),
    **dict.fromkeys(("float4", "float8", "real", "double precision"), "number"),
    **dict.fromkeys(("numeric", "decimal"), "decimal"),
    **dict.fromkeys(("bool", "boolean"), "boolean"),
    "date": "date",
    **dict.fromkeys(("timestamp", "timestamptz"), "timestamp"),
}

_IS_NULL = operator.attrgetter("isNull")
_MEMBERS: Mapping[str, Callable[[Any], Any]] = {
    "integer": operator.attrgetter("longValue"),
    "number": operator.attrgetter("doubleValue"),
    "boolean": operator.attrgetter("booleanValue"),
    **dict.fromkeys(("string", "decimal", "date", "timestamp"), operator.attrgetter("stringValue")),
}
"""By wire type, the member that has its values, as a rule."""

_TIMESTAMP = re.compile(
    r"(?P<day>\S+) (?P<clock>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?(?:(?P<zone>[+-]\d\d)(?::?(?P<minutes>\d\d))?)?"
)

_WHOLE_SECONDS = len("2015-12-01 08:00:00.0")
"""Most timestamps are so long. To read them by the pattern takes as long as all else that is done with them."""


class Column(NamedTuple):
    """A column's name and its wire type.

    Of a decimal, how many digits it has in all and behind the point; of a timestamp, True if it has a time zone.
    """

    name: str
    type: str
    precision: int | None = None
    scale: int | None = None
    zoned: bool | None = None

    def described(self) -> dict[str, Any]:
        """The column as the wire contract has it: `precision`, `scale` and `zoned` only where they say something."""
        return {name: value for name, value in self._asdict().items() if value is not None}


def columns(metadata: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The columns of `ColumnMetadata`; a type the contract does not name travels as `string`."""
    return [_column(item) for item in metadata]


def _column(item: Mapping[str, Any]) -> Column:
    name, wire_type = item.get("label") or item.get("name", ""), _TYPES.get(item["typeName"], "string")
    if item["typeName"] == "timestamptz":
        return Column(name, wire_type, zoned=True)
    if wire_type != "decimal" or not item.get("precision"):
        return Column(name, wire_type)
    return Column(name, wire_type, int(item["precision"]), int(item.get("scale", 0)))


class Field(Struct, gc=False, forbid_unknown_fields=True):
    """A value of the Data API as it lies in an answer: a union, of which one member is set.

    A page has tens of thousands: the garbage collector is to look at none of them.
    """

    isNull: bool | None = None  # noqa: N815 - the Data API's names
    booleanValue: bool | None = None  # noqa: N815
    longValue: int | None = None  # noqa: N815
    doubleValue: float | None = None  # noqa: N815
    stringValue: str | None = None  # noqa: N815
    blobValue: bytes | None = None  # noqa: N815

    def items(self) -> Iterator[tuple[str, Any]]:
        """The member that is set, as of a mapping."""
        return ((name, getattr(self, name)) for name in self.__struct_fields__ if getattr(self, name) is not None)


def records(fields: Sequence[Sequence[Field | Mapping[str, Any]]], described: Sequence[Column]) -> list[list[Any]]:
    """The rows of `Records`, each value as the JSON of its column's type."""
    if not fields:
        return []
    columns = zip(zip(*fields, strict=True), described, strict=True)
    return list(map(list, zip(*(_values(column, kind.type) for column, kind in columns), strict=True)))


def _values(fields: Sequence[Field | Mapping[str, Any]], wire_type: str) -> list[Any]:
    """The fields of one column as JSON: all at once, if what is no NULL is in the member that the type has."""
    if isinstance(fields[0], Field):
        found = list(map(_MEMBERS[wire_type], fields))
        nulls = found.count(None)
        if not nulls or nulls == list(map(_IS_NULL, fields)).count(True):
            change = _CHANGES.get(wire_type)
            return [None if one is None else change(one) for one in found] if change else found
    return [value(field, wire_type) for field in fields]


def value(field: Field | Mapping[str, Any], wire_type: str) -> Any:
    """One `Field` (a union: exactly one member is set) as JSON."""
    member, content = next(iter(field.items()))
    if member == "isNull":
        return None
    if member == "doubleValue" or wire_type == "number":
        return _number(content)
    if wire_type == "timestamp":
        return _timestamp(content)
    return content.hex() if member == "blobValue" else content


def _number(content: Any) -> float | str:
    """A float; JSON has no NaN and no infinities, so these travel as the texts that the warehouse writes for them."""
    number = float(content)
    if math.isfinite(number):
        return number
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"


def _timestamp(text: str) -> str:
    """ISO 8601 of a timestamp text, whose fraction the Data API writes with or without trailing zeros."""
    if len(text) == _WHOLE_SECONDS and text[10] == " " and text.endswith(".0"):
        return f"{text[:10]}T{text[11:19]}"
    match = _TIMESTAMP.fullmatch(text)
    if not match:
        return text  # such as `infinity`
    fraction = (match["fraction"] or "").rstrip("0")
    zone = f"{match['zone']}:{match['minutes'] or '00'}" if match["zone"] else ""
    return f"{match['day']}T{match['clock']}{'.' + fraction if fraction else ''}{zone}"


_CHANGES: Mapping[str, Callable[[Any], Any]] = {"number": _number, "timestamp": _timestamp}
"""By wire type, how a value is written, where that is not as the Data API has it."""
