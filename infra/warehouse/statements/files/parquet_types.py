"""How the columns of Parquet files are stored, compared with what a table's columns want. Used by `copy_from`.

COPY converts nothing: each type has one way to be stored, but for moments. What UNLOAD wrote here passes, though DuckDB
stores decimals as integers: Redshift's own UNLOAD writes what its COPY takes.
Source: the errors of Redshift, in ParquetSharp's issue 252 (lengths) and fastparquet's issue 299 (types); Apache
Parquet, "Logical types", for the bytes of a decimal.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from infra.redshift_sql.errors import StatementFailed

UNLOADED = "KV_METADATA {written_by: 'UNLOAD'}"
"""The option by which `unload` marks its files."""

_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*\d+\)")
_STORED: Mapping[str, tuple[str, ...]] = {
    "BOOLEAN": ("BOOLEAN",),
    "SMALLINT": ("INT32",),
    "INTEGER": ("INT32",),
    "BIGINT": ("INT64",),
    "FLOAT": ("FLOAT",),
    "DOUBLE": ("DOUBLE",),
    "DATE": ("INT32",),
    "TIMESTAMP": ("INT96", "INT64"),
    "VARCHAR": ("BYTE_ARRAY",),
}
_COLUMNS = """
    SELECT file_name, name, type, coalesce(CAST(type_length AS INTEGER), 0) FROM parquet_schema($1)
    WHERE num_children IS NULL AND file_name NOT IN (
        SELECT file_name FROM parquet_kv_metadata($1) WHERE decode(key) = 'written_by' AND decode(value) = 'UNLOAD')"""


def check(cursor: duckdb.DuckDBPyConnection, files: list[str], wanted: Mapping[str, str]) -> None:
    """Raises StatementFailed for the first column that is not stored as its type of the table (DuckDB's name) wants."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for file, name, physical, length in cursor.execute(_COLUMNS, [files]).fetchall():
        found.setdefault(str(file), []).append((str(name), str(physical), int(length)))
    for file, columns in found.items():
        if len(columns) != len(wanted):  # nested columns, which the insert refuses
            continue
        for column, kind in zip(columns, wanted.values(), strict=True):
            _check_column(re.sub(r"^\d+-", "", Path(file).name), *column, kind)


def _check_column(file: str, name: str, physical: str, length: int, kind: str) -> None:
    decimal = _DECIMAL.fullmatch(kind)
    stored = ("FIXED_LEN_BYTE_ARRAY",) if decimal else _STORED.get(kind, (physical,))
    if physical not in stored:
        raise StatementFailed(
            f"ERROR: Spectrum Scan Error: File '{file}' has an incompatible Parquet schema for column '{name}'. "
            f"Column type: {kind}, Parquet schema:\noptional {physical.lower()} {name}"
        )
    if decimal and length != _bytes_of(int(decimal[1])):
        raise StatementFailed(
            f"ERROR: Spectrum Scan Error: File '{file}' column '{name}' has an invalid type length. "
            f"Expecting: {_bytes_of(int(decimal[1]))} len in file: {length}"
        )


def _bytes_of(precision: int) -> int:
    """The fewest bytes that hold every number of so many digits and its sign."""
    return ((10**precision - 1).bit_length() + 8) // 8
