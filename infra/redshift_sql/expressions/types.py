"""Redshift's types: how they are written, what two of them have in common, and which DuckDB type holds each.

Used by every module here that decides by types. Sources: "Data types" and "Computations with numeric values" in the
Redshift developer guide.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlglot import exp

MAX_PRECISION = 38
MAX_VARCHAR = 65535
_SHORT = 19  # a decimal of more digits takes 128 bits
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type. `size` is a number's precision or a text's bytes; `trimmed`: no text of it ends with a blank.

    `unknown` is the type of a literal in quotes, and of NULL, until something decides it.
    """

    name: str
    size: int = 0
    scale: int = 0
    trimmed: bool = False

    @property
    def is_unknown(self) -> bool:
        """Whether nothing has decided it yet."""
        return self.name == "unknown"

    @property
    def has_blanks(self) -> bool:
        """Whether texts of this type may end with blanks."""
        return (self.is_text or self.is_unknown) and not self.trimmed

    @property
    def is_integer(self) -> bool:
        """SMALLINT, INTEGER or BIGINT."""
        return self.name in _DIGITS

    @property
    def is_float(self) -> bool:
        """REAL or DOUBLE PRECISION."""
        return self.name in ("float4", "float8")

    @property
    def is_exact(self) -> bool:
        """An integer or a NUMERIC."""
        return self.is_integer or self.name == "numeric"

    @property
    def is_number(self) -> bool:
        """Any number."""
        return self.is_exact or self.is_float

    @property
    def is_text(self) -> bool:
        """CHAR or VARCHAR."""
        return self.name in ("varchar", "char")

    @property
    def is_moment(self) -> bool:
        """A date or a timestamp."""
        return self.name in ("date", "timestamp", "timestamptz")

    @property
    def is_interval(self) -> bool:
        """An interval, with a qualifier or without: `size` tells which."""
        return self.name == "interval"

    @property
    def duckdb(self) -> str:
        """The DuckDB type that holds it."""
        return f"DECIMAL({self.size}, {self.scale})" if self.name == "numeric" else _DUCKDB[self.name]

    @property
    def words(self) -> str:
        """The type's name in error messages."""
        return _WORDS.get(self.name, self.name)


_DIGITS = {"int2": 5, "int4": 10, "int8": 19}
_DUCKDB = {
    "int2": "SMALLINT",
    "int4": "INTEGER",
    "int8": "BIGINT",
    "float4": "FLOAT",
    "float8": "DOUBLE",
    "bool": "BOOLEAN",
    "char": "VARCHAR",
    "varchar": "VARCHAR",
    "unknown": "VARCHAR",
    "date": "DATE",
    "time": "TIME",
    "timetz": "TIMETZ",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "interval": "INTERVAL",
    "varbyte": "BLOB",
}
_WORDS = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "char": "character",
    "varchar": "character varying",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "unknown": '"unknown"',  # as Redshift calls a literal in quotes
}
INT2, INT4, INT8 = SqlType("int2"), SqlType("int4"), SqlType("int8")
FLOAT4, FLOAT8, BOOL = SqlType("float4"), SqlType("float8"), SqlType("bool")
DATE, TIME, TIMETZ = SqlType("date"), SqlType("time"), SqlType("timetz")
TIMESTAMP, TIMESTAMPTZ, INTERVAL = SqlType("timestamp"), SqlType("timestamptz"), SqlType("interval")
YEAR_TO_MONTH, DAY_TO_SECOND = SqlType("interval", 1), SqlType("interval", 2)
VARBYTE = SqlType("varbyte", 64000)
TEXT = SqlType("varchar", MAX_VARCHAR)
TRIMMED = SqlType("varchar", MAX_VARCHAR, trimmed=True)
UNKNOWN = SqlType("unknown", trimmed=True)
BLANKS = SqlType("unknown")
"""A literal in quotes that ends with a blank."""


def numeric(precision: int, scale: int = 0) -> SqlType:
    """NUMERIC(precision, scale)."""
    return SqlType("numeric", precision, scale)


def varchar(size: int, trimmed: bool = False) -> SqlType:
    """VARCHAR(size)."""
    return SqlType("varchar", min(max(size, 1), MAX_VARCHAR), trimmed=trimmed)


def as_numeric(kind: SqlType) -> SqlType:
    """The NUMERIC that an integer counts as beside a NUMERIC."""
    return numeric(_DIGITS[kind.name]) if kind.is_integer else kind


_OF_DUCKDB = {
    "TINYINT": INT2,
    "UTINYINT": INT2,
    "USMALLINT": INT4,
    "UINTEGER": INT8,
    "HUGEINT": INT8,
    "UBIGINT": INT8,
    "TIMESTAMP WITH TIME ZONE": TIMESTAMPTZ,
    "TIME WITH TIME ZONE": TIMETZ,
    "VARCHAR": TEXT,
    "BLOB": VARBYTE,
    **{name: SqlType(kind) for kind, name in _DUCKDB.items() if name not in ("VARCHAR", "BLOB")},
}


def of_duckdb(name: str, length: int | None = None) -> SqlType | None:
    """The type that a DuckDB type holds, a text of `length` bytes; None where there is no counterpart."""
    decimal = _DECIMAL.fullmatch(name)
    if decimal:
        return numeric(int(decimal[1]), int(decimal[2]))
    if name == "VARCHAR" and length is not None:
        return varchar(length)
    return _OF_DUCKDB.get(name)


_Type = exp.DataType.Type
_OF_NODE = {
    _Type.SMALLINT: INT2,
    _Type.INT: INT4,
    _Type.BIGINT: INT8,
    _Type.FLOAT: FLOAT4,
    _Type.DOUBLE: FLOAT8,
    _Type.BOOLEAN: BOOL,
    _Type.DATE: DATE,
    _Type.TIME: TIME,
    _Type.TIMETZ: TIMETZ,
    _Type.TIMESTAMP: TIMESTAMP,
    _Type.TIMESTAMPNTZ: TIMESTAMP,
    _Type.TIMESTAMPTZ: TIMESTAMPTZ,
    _Type.INTERVAL: INTERVAL,
    _Type.VARBINARY: VARBYTE,
    _Type.BINARY: VARBYTE,
}
_CHARS = (_Type.CHAR, _Type.NCHAR, _Type.BPCHAR)
_VARCHARS = (_Type.VARCHAR, _Type.NVARCHAR, _Type.TEXT)


def of_node(kind: exp.DataType) -> SqlType | None:
    """The type a cast or a column definition names; a text without a length has size 0."""
    sizes = [_size(parameter) for parameter in kind.expressions]
    if kind.this in (_Type.DECIMAL, _Type.BIGDECIMAL):
        precision, scale = ([*sizes, 0] if len(sizes) == 1 else sizes) or (18, 0)
        return numeric(precision, scale)
    if kind.this in _CHARS:
        return SqlType("char", sizes[0] if sizes else (256 if kind.this == _Type.BPCHAR else 1), trimmed=True)
    if kind.this in _VARCHARS:
        return SqlType("varchar", sizes[0] if sizes else 0)
    return _OF_NODE.get(kind.this)


def _size(parameter: exp.Expr) -> int:
    literal = parameter.this
    return int(literal.this) if isinstance(literal, exp.Literal) and not literal.is_string else MAX_VARCHAR


def common(kinds: Iterable[SqlType | None]) -> SqlType | None:
    """The type of a CASE, COALESCE or UNION of these; `unknown` literals have no say. None: DuckDB decides."""
    result: SqlType | None = UNKNOWN
    for kind in kinds:
        result = _common(result, kind) if result is not None and kind is not None else None
    return result


def _common(first: SqlType, second: SqlType) -> SqlType | None:
    if first.is_unknown or second.is_unknown:
        decided = second if first.is_unknown else first
        both = first.trimmed and second.trimmed
        return replace(decided, trimmed=both) if decided.is_text or decided.is_unknown else decided
    if first.is_number and second.is_number:
        return _common_number(first, second)
    if first.is_text and second.is_text:
        return SqlType("varchar", max(first.size, second.size), trimmed=first.trimmed and second.trimmed)
    if first.is_moment and second.is_moment:
        return max(first, second, key=lambda kind: ("date", "timestamp", "timestamptz").index(kind.name))
    if first.is_interval and second.is_interval:
        return first if first == second else INTERVAL
    return first if first.name == second.name else None


def _common_number(first: SqlType, second: SqlType) -> SqlType:
    if first.is_float or second.is_float:
        return FLOAT4 if first == second == FLOAT4 else FLOAT8
    if first.is_integer and second.is_integer:
        return max(first, second, key=lambda kind: _DIGITS[kind.name])
    first, second = as_numeric(first), as_numeric(second)
    scale = max(first.scale, second.scale)
    limit = _SHORT if max(first.size, second.size) <= _SHORT else MAX_PRECISION
    return numeric(min(max(first.size - first.scale, second.size - second.scale) + scale, limit), scale)
