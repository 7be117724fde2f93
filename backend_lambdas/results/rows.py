"""Rows of the Data API as the wire contract gives them: seven types, exact decimals, NULL as null, NaN as text.

Used by `get_result`.

Source: Amazon Redshift, the Data API's mapping of JDBC types to `Field` members.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid", "smallint", "integer", "bigint"), "integer"),
    **dict.fromkeys(("float4", "float8", "real", "double precision"), "number"),
    **dict.fromkeys(("numeric", "decimal"), "decimal"),
    **dict.fromkeys(("bool", "boolean"), "boolean"),
    "date": "date",
    **dict.fromkeys(("timestamp", "timestamptz"), "timestamp"),
}

_TIMESTAMP = re.compile(
    r"(?P<day>\S+) (?P<clock>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?(?:(?P<zone>[+-]\d\d)(?::?(?P<minutes>\d\d))?)?"
)


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


def records(fields: Sequence[Sequence[Mapping[str, Any]]], described: Sequence[Column]) -> list[list[Any]]:
    """The rows of `Records`, each value as the JSON of its column's type."""
    return [[value(field, column.type) for field, column in zip(row, described, strict=True)] for row in fields]


def value(field: Mapping[str, Any], wire_type: str) -> Any:
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
    match = _TIMESTAMP.fullmatch(text)
    if not match:
        return text  # such as `infinity`
    fraction = (match["fraction"] or "").rstrip("0")
    zone = f"{match['zone']}:{match['minutes'] or '00'}" if match["zone"] else ""
    return f"{match['day']}T{match['clock']}{'.' + fraction if fraction else ''}{zone}"
