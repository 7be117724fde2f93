"""COPY … FROM 's3://…': the bucket's files into a table. Called by `dispatch`.

CSV columns come in the order of the column list or the table. Parquet's too, as on Redshift, which wants as many
columns in the file as in the table, each stored as its type wants (`parquet_types`).
Source: "COPY" and "COPY from columnar data formats" in the Redshift developer guide.
"""
# ruff: noqa: S608 - the SQL is made of quoted catalog names and of literals that sqlglot writes

import os
import shutil
from pathlib import Path

import duckdb
from sqlglot import exp

from infra.redshift_sql.errors import StatementFailed, unsupported
from infra.redshift_sql.parse import ParsedStatement
from infra.redshift_sql.token_stream import TokenStream
from infra.warehouse.column_metadata import TableColumns
from infra.warehouse.name_resolution import Relation
from infra.warehouse.statements.execution_context import ExecutionContext, StatementResult
from infra.warehouse.statements.files import parquet_types
from infra.warehouse.statements.files.copy_options import CopyOptions, read_options

_REPORT = """
    INSERT INTO redshift_catalog.load_errors
    SELECT $1, CAST(timezone('UTC', now()) AS TIMESTAMP), $2, regexp_replace(scans.file_path, '^.*/\\d+-', ''),
           errors.line, errors.column_name, errors.csv_line, errors.error_message
    FROM load_rejects AS errors JOIN load_scans AS scans USING (scan_id, file_id)"""


def run_copy(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """Load every object under the prefix in one go. Raises StatementFailed when there is none or a row does not fit."""
    reader = TokenStream(statement.sql)
    reader.need("COPY")
    relation = work.relations().find(reader.tables()[0])
    options = read_options(reader)
    work.rights().check("INSERT", [relation])
    with _Staged(work, options.source) as files:
        return StatementResult(_load(work, relation, options, files))


class _Staged:
    """The objects under a prefix, linked into the staging folder, the only place DuckDB may read them from."""

    def __init__(self, work: ExecutionContext, source: str) -> None:
        self._folder = work.staging / work.result_path.stem
        self._objects = [path for path in work.objects.files(source) if path.is_file()]
        if not self._objects:
            prefix = source.removeprefix("s3://").partition("/")[2]
            raise StatementFailed(f"ERROR: The specified S3 prefix '{prefix}' does not exist")

    def __enter__(self) -> list[str]:
        self._folder.mkdir(parents=True)
        return [_linked(path, self._folder / f"{i}-{path.name}") for i, path in enumerate(self._objects)]

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _linked(source: Path, target: Path) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)
    return str(target)


def _load(work: ExecutionContext, relation: Relation, options: CopyOptions, files: list[str]) -> int:
    types = _types(work, relation)
    columns = options.columns or list(types)
    for column in columns:
        if column not in types:
            raise StatementFailed(f'ERROR: column "{column}" of relation "{relation.name}" does not exist')
    wanted = {column: types[column] for column in columns}
    if options.format == "PARQUET":
        return _insert(work, relation, columns, _parquet(work, options, files, wanted), {})
    if options.max_errors:
        return _load_tolerantly(work, relation, options, _csv(options, files, wanted), wanted)
    try:
        return _insert(work, relation, columns, _csv(options, files, wanted), _texts(options, wanted))
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.ConstraintException) as error:
        raise _load_failed(relation, str(error)) from error


def _insert(work: ExecutionContext, relation: Relation, columns: list[str], source: str, texts: dict[str, str]) -> int:
    """Insert what a source has, `texts` being what to read from it instead of a column's name."""
    names = ", ".join(_name(column) for column in columns)
    types = TableColumns(work.cursor).types(exp.Table(**relation.node()))
    chars = {name for name, kind in types if kind is not None and kind.name == "char"}
    read = {column: texts.get(column, _name(column)) for column in columns}
    values = ", ".join(f"rtrim({value}, ' ')" if column in chars else value for column, value in read.items())
    row = work.cursor.execute(f"INSERT INTO {relation.sql()} ({names}) SELECT {values} FROM {source}").fetchone()
    return int(row[0]) if row else 0


def _texts(options: CopyOptions, types: dict[str, str]) -> dict[str, str]:
    """How text columns are read beyond `_nulls`: `\\N` is NULL unless NULL AS names another text."""
    nulls = ["{0} = '\\N'"] if options.null is None else []
    nulls += ["({0} <> '' AND trim({0}) = '')"] if options.blanks_as_null else []
    read = f"CASE WHEN {' OR '.join(nulls)} THEN NULL ELSE {{0}} END" if nulls else "{0}"
    return {name: read.format(_name(name)) for name, kind in types.items() if kind == "VARCHAR"}


def _nulls(options: CopyOptions, types: dict[str, str]) -> dict[str, str]:
    """Which fields are NULL: an empty text is one only by EMPTYASNULL, an empty number always.

    With NULL AS and without EMPTYASNULL an empty number is an error here: DuckDB has one list for all columns.
    """
    texts = [name for name, kind in types.items() if kind == "VARCHAR"]
    if options.null is None and (options.empty_as_null or not texts):
        return {"nullstr": "''"}
    if options.null is None:
        return {"nullstr": "''", "force_not_null": _list(texts)}
    return {"nullstr": _list([options.null, ""] if options.empty_as_null else [options.null])}


def _load_tolerantly(
    work: ExecutionContext, relation: Relation, options: CopyOptions, source: str, types: dict[str, str]
) -> int:
    """MAXERROR: bad rows are left out and noted in stl_load_errors, up to a number of them."""
    rejecting = source[:-1] + ", store_rejects = true, rejects_table = 'load_rejects', rejects_scan = 'load_scans')"
    try:
        work.cursor.execute(f"CREATE OR REPLACE TEMP TABLE loaded_rows AS SELECT * FROM {rejecting}")
        work.cursor.execute(_REPORT, [work.query_id, relation.name])
        row = work.cursor.execute("SELECT count(DISTINCT (file_id, line)) FROM load_rejects").fetchone()
        if row is not None and row[0] > options.max_errors:
            raise _load_failed(relation, f"{row[0]} rows were refused, more than MAXERROR {options.max_errors}")
        return _insert(work, relation, list(types), "loaded_rows", _texts(options, types))
    finally:
        for table in ("loaded_rows", "load_rejects", "load_scans"):
            work.cursor.execute(f"DROP TABLE IF EXISTS temp.main.{table}")


def _load_failed(relation: Relation, reason: str) -> StatementFailed:
    lines = [line for line in reason.split("\n") if line.strip()][:3]
    return StatementFailed(
        f"ERROR: Load into table '{relation.name}' failed.  Check 'stl_load_errors' system table for details.\n"
        + "\n".join(lines)
    )


def _types(work: ExecutionContext, relation: Relation) -> dict[str, str]:
    rows = work.cursor.execute(f"DESCRIBE {relation.sql()}").fetchall()
    return {str(name): str(kind) for name, kind, *_ in rows}


def _csv(options: CopyOptions, files: list[str], types: dict[str, str]) -> str:
    delimiter = options.delimiter or ("," if options.format == "CSV" else "|")
    quote = options.quote if options.format == "CSV" else ""
    columns = ", ".join(f"{_text(name)}: {_text(kind)}" for name, kind in types.items())
    settings = {
        "columns": f"{{{columns}}}",
        "auto_detect": "false",
        "header": "false",
        "skip": str(options.skip),
        "delim": _text(delimiter),
        "quote": _text(quote),
        "escape": _text(quote),
        **_nulls(options, types),
        "compression": _text(options.compression),
    }
    return f"read_csv({_list(files)}, {', '.join(f'{name} = {value}' for name, value in settings.items())})"


def _parquet(work: ExecutionContext, options: CopyOptions, files: list[str], types: dict[str, str]) -> str:
    if options.max_errors:
        raise unsupported("MAXERROR with PARQUET")
    source = f"read_parquet({_list(files)})"
    found = [str(row[0]) for row in work.cursor.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    if len(found) != len(types):
        raise StatementFailed(
            "ERROR: Spectrum Scan Error: Unmatched number of columns between table and file. "
            f"Table columns: {len(types)}, Data columns: {len(found)}"
        )
    if found != list(types) and sorted(found) == sorted(types):
        raise StatementFailed(
            "ERROR: the file's columns have the table's names in another order; COPY goes by position"
        )
    parquet_types.check(work.cursor, files, types)
    renamed = ", ".join(f"{_name(old)} AS {_name(new)}" for old, new in zip(found, types, strict=True))
    return f"(SELECT {renamed} FROM {source})"


def _list(texts: list[str]) -> str:
    return exp.Array(expressions=[exp.Literal.string(text) for text in texts]).sql(dialect="duckdb")


def _name(column: str) -> str:
    return exp.to_identifier(column, quoted=True).sql(dialect="duckdb")


def _text(value: str) -> str:
    return exp.Literal.string(value).sql(dialect="duckdb")
