"""DuckDB's types as Redshift's: how a result column is stored, described, and put into a Field.

Used by `results`, `catalog` and `column_metadata`. Source: the Data API guide's table of JDBC types; the numbers in the
metadata are those of AWS's samples.
"""

import base64
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from msgspec import Struct, defstruct

from infra.redshift_sql.expressions.types import DAY_TO_SECOND, YEAR_TO_MONTH, SqlType

Field = Struct
"""A value as the Data API has it: a union, of which one member is set. A page has tens of thousands of them."""

_MEMBERS = ("isNull", "booleanValue", "longValue", "doubleValue", "stringValue", "blobValue")
_FIELDS = {member: defstruct(member, [(member, Any)], gc=False) for member in _MEMBERS}
_NULL = _FIELDS["isNull"](True)
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


@dataclass(frozen=True)
class Kind:
    """One Redshift type. `stored` is its DuckDB type in a result file, where `written` has put it; `read` is how a page
    selects it from there."""

    name: str
    stored: str
    read: str
    member: str
    precision: int = 0
    scale: int = 0
    signed: bool = False
    written: str = "{}"

    def into_file(self, column: str) -> str:
        """How a column of the query becomes one of the result file."""
        return f"{self.written.format(column)}::{self.stored}"

    def fields(self, values: Iterable[Any]) -> list[Field]:
        """Values of a column read by `read`, as the API's Fields."""
        field = _CHANGED.get(self.member) or _FIELDS[self.member]
        values = list(values)
        if None in values:
            return [_NULL if value is None else field(value) for value in values]
        return list(map(field, values))


def _double(value: float) -> Field:
    """JSON has no NaN or infinities: these come as text, as JDBC's getString would give them."""
    if math.isfinite(value):
        return _FIELDS["doubleValue"](value)
    text = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return _FIELDS["stringValue"](text)


_CHANGED: dict[str, Callable[[Any], Field]] = {
    "doubleValue": _double,
    "blobValue": lambda value: _FIELDS["blobValue"](base64.b64encode(value).decode()),
}
"""By member, how a value that JSON cannot carry as it is becomes a Field."""

_TEXT = "{}::VARCHAR"
_MOMENT = "regexp_replace({}::VARCHAR, '(:\\d\\d)($|[+-])', '\\1.0\\2')"
_INT2 = Kind("int2", "SMALLINT", "{}", "longValue", 5, 0, True)
_INT4 = Kind("int4", "INTEGER", "{}", "longValue", 10, 0, True)
_INT8 = Kind("int8", "BIGINT", "{}", "longValue", 19, 0, True)
_VARCHAR = Kind("varchar", "VARCHAR", "{}", "stringValue", 65535)
_KINDS = {
    "BOOLEAN": Kind("bool", "BOOLEAN", "{}", "booleanValue", 1),
    "TINYINT": _INT2,
    "SMALLINT": _INT2,
    "UTINYINT": _INT2,
    "INTEGER": _INT4,
    "USMALLINT": _INT4,
    "BIGINT": _INT8,
    "UINTEGER": _INT8,
    "HUGEINT": _INT8,  # DuckDB's sum of integers; Redshift's is int8, and overflows as loudly
    "UBIGINT": _INT8,
    "FLOAT": Kind("float4", "FLOAT", "{}::VARCHAR::DOUBLE", "doubleValue", 8, 8, True),
    "DOUBLE": Kind("float8", "DOUBLE", "{}", "doubleValue", 17, 17, True),
    "VARCHAR": _VARCHAR,
    "DATE": Kind("date", "DATE", _TEXT, "stringValue", 13),
    "TIME": Kind("time", "TIME", _TEXT, "stringValue", 15, 6),
    "TIME WITH TIME ZONE": Kind("timetz", "TIMETZ", _TEXT, "stringValue", 21, 6),
    "TIMESTAMP": Kind("timestamp", "TIMESTAMP", _MOMENT, "stringValue", 29, 6),
    "TIMESTAMP WITH TIME ZONE": Kind("timestamptz", "TIMESTAMPTZ", _MOMENT, "stringValue", 35, 6),
    "BLOB": Kind("varbyte", "BLOB", "{}", "blobValue", 64000),
    "INTERVAL": Kind("interval", "VARCHAR", "{}", "stringValue", 32, written="redshift_catalog.interval_text({})"),
}
_QUALIFIED = {
    YEAR_TO_MONTH: replace(_KINDS["INTERVAL"], name="intervaly2m", written="redshift_catalog.years_text({})"),
    DAY_TO_SECOND: replace(_KINDS["INTERVAL"], name="intervald2s", written="redshift_catalog.days_text({})"),
}


def kind_of(duckdb_type: str) -> Kind:
    """The Redshift type of a DuckDB type as DESCRIBE writes it; whatever has no counterpart becomes text."""
    decimal = _DECIMAL.fullmatch(duckdb_type)
    if decimal:
        precision, scale = int(decimal[1]), int(decimal[2])
        return Kind("numeric", duckdb_type, _TEXT, "stringValue", precision, scale, True)
    return _KINDS.get(duckdb_type, _VARCHAR)


def kind_of_type(kind: SqlType) -> Kind:
    """The same for a type of the translation, a text's length with it."""
    if kind.is_text and kind.size:
        return replace(_VARCHAR, precision=kind.size)
    if kind in _QUALIFIED:
        return _QUALIFIED[kind]
    return kind_of(_DESCRIBED.get(kind.duckdb, kind.duckdb))


_DESCRIBED = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE", "TIMETZ": "TIME WITH TIME ZONE"}


@dataclass(frozen=True)
class Origin:
    """The table column a result column is, when it is one."""

    schema: str = ""
    table: str = ""
    nullable: bool = True
    precision: int | None = None


@dataclass(frozen=True)
class Column:
    """A result column: its label, its type, and where it comes from."""

    label: str
    kind: Kind
    origin: Origin = Origin()
    default: str | None = None

    def metadata(self) -> dict[str, Any]:
        """The API's ColumnMetadata. `length` is 0, as in AWS's samples."""
        precision = self.kind.precision if self.origin.precision is None else self.origin.precision
        members = {
            "isCaseSensitive": self.kind.name == "varchar",
            "isCurrency": False,
            "isSigned": self.kind.signed,
            "label": self.label,
            "length": 0,
            "name": self.label,
            "nullable": int(self.origin.nullable),
            "precision": precision,
            "scale": self.kind.scale,
            "schemaName": self.origin.schema,
            "tableName": self.origin.table,
            "typeName": self.kind.name,
        }
        return members if self.default is None else members | {"columnDefault": self.default}
