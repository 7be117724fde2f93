"""UNLOAD ('query') TO 's3://…': a query's rows into the bucket's files. Called by `dispatch`.

DuckDB writes the files, so no row passes through Python; `deliveries` makes them objects once the transaction commits.
Source: "UNLOAD" in the Redshift developer guide.
"""
# ruff: noqa: S608 - the SQL is made of column numbers, a query already checked, and literals that sqlglot writes

import json
from pathlib import Path

from sqlglot import exp

from infra.redshift_sql.errors import StatementFailed, syntax_error, unsupported
from infra.redshift_sql.parse import ParsedStatement, statement_of, tree_of
from infra.redshift_sql.token_stream import TokenStream
from infra.warehouse.columns import Column, Kind
from infra.warehouse.deliveries import Delivery
from infra.warehouse.prepared import PreparedQuery
from infra.warehouse.statements.execution_context import ExecutionContext, StatementResult
from infra.warehouse.statements.files.csv_parts import split
from infra.warehouse.statements.files.parquet_types import UNLOADED
from infra.warehouse.statements.files.unload_options import UnloadOptions, read_options
from infra.warehouse.statements.queries import prepared

# How UNLOAD writes what DuckDB would write otherwise. An empty text is nothing: there is nothing in it to quote for.
_FLOAT = (
    "CASE WHEN isnan({0}) THEN 'NaN' WHEN isinf({0}) THEN if({0} > 0, 'Infinity', '-Infinity') "
    "ELSE regexp_replace({0}::VARCHAR, '\\.0$', '') END"
)
_WRITTEN = {
    "bool": "CASE WHEN {0} THEN 't' WHEN NOT {0} THEN 'f' END",
    "float4": _FLOAT,
    "float8": _FLOAT,
    "varbyte": "lower(hex({0}))",
}
_STORED = {"timestamptz": "{0}::TIMESTAMP"}  # Parquet files of UNLOAD have no zone


def run_unload(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """Write the rows to files that wait for the commit.

    Raises StatementFailed, PermissionFailed; DuckDB's errors pass through.
    """
    reader = TokenStream(statement.sql)
    reader.need("UNLOAD", "(")
    if not reader.is_text():
        raise syntax_error(reader.word())
    tree = _query(reader.word())
    reader.need(")", "TO")
    options = read_options(reader)
    query = prepared(work, tree)
    _check_target(work, options)
    return StatementResult(_unload(work, query, options))


def _query(text: str) -> exp.Expr:
    """The query inside the quotes; no parameter reaches it."""
    tree = tree_of(statement_of(text), {})
    if not isinstance(tree, exp.Query):
        raise syntax_error(text.split()[0])
    if tree.args.get("limit") is not None:
        raise StatementFailed("ERROR: Limit clause is not supported in the outermost SELECT of an UNLOAD")
    return tree


def _check_target(work: ExecutionContext, options: UnloadOptions) -> None:
    if not work.objects.has_bucket(options.bucket):
        raise StatementFailed(
            "ERROR: S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket"
        )
    if not (options.overwrite or options.clean) and work.objects.files(options.target):
        raise StatementFailed(
            "ERROR: Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, "
            "manually removing the target files in S3, or using the ALLOWOVERWRITE option."
        )


def _unload(work: ExecutionContext, query: PreparedQuery, options: UnloadOptions) -> int:
    work.cursor.execute("SET VARIABLE unloaded_rows = 0")  # what pg_last_unload_count() says after a failure
    folder = work.staging / work.result_path.stem
    folder.mkdir(parents=True)
    delivery = Delivery(folder, {}, options.target if options.clean else None)
    work.deliveries.add(delivery)  # from here on it is sent or discarded, whatever happens
    rows = _write(work, query, options, folder / "rows")
    try:
        delivery.files.update(_files(options, folder))
    except OSError as error:
        raise StatementFailed(f"ERROR: Disk Full\n  Detail: {error.strerror}") from error
    work.cursor.execute("SET VARIABLE unloaded_rows = $1", [rows])
    return rows


def _files(options: UnloadOptions, folder: Path) -> dict[str, Path]:
    """What the rows become, by address."""
    files = {options.name(number): file for number, file in enumerate(_sized(options, folder / "rows"))}
    if options.manifest:
        files[options.target + "manifest"] = _manifest(options, files, folder / "manifest")
    return files


def _write(work: ExecutionContext, query: PreparedQuery, options: UnloadOptions, file: Path) -> int:
    columns = query.columns
    numbers = ", ".join(f"c{i}" for i in range(len(columns)))
    forms = ", ".join(_form(options, column, f"c{i}") for i, column in enumerate(columns))
    rows = f"SELECT {forms} FROM ({query.sql}) AS r({numbers})"
    row = work.cursor.execute(f"COPY ({rows}) TO {_literal(str(file))} ({_settings(options)})").fetchone()
    return int(row[0]) if row else 0


def _form(options: UnloadOptions, column: Column, number: str) -> str:
    form = _parquet_form(column.kind) if options.format == "PARQUET" else _csv_form(options, column.kind)
    label = exp.to_identifier(column.label, quoted=True).sql(dialect="duckdb")
    return f"{form.format(number)} AS {label}"


def _parquet_form(kind: Kind) -> str:
    return _STORED.get(kind.name, f"{{0}}::{kind.stored}")


def _csv_form(options: UnloadOptions, kind: Kind) -> str:
    if kind.member == "stringValue" and kind.stored == "VARCHAR" and not options.null:
        return "nullif({0}::VARCHAR, '')"
    return _WRITTEN.get(kind.name, f"{{0}}::{kind.stored}")


def _settings(options: UnloadOptions) -> str:
    if options.format == "PARQUET":
        return f"FORMAT parquet, CODEC 'snappy', {UNLOADED}"
    settings = {
        "FORMAT": "csv",
        "HEADER": str(options.header).lower(),
        "DELIMITER": _literal(options.delimiter or ","),
        "QUOTE": _literal('"'),
        "ESCAPE": _literal('"'),
        "NULLSTR": _literal(options.null or ""),
        "COMPRESSION": _literal(options.compression),
    }
    return ", ".join(f"{name} {value}" for name, value in settings.items())


def _sized(options: UnloadOptions, file: Path) -> list[Path]:
    """The file, or its pieces of at most MAXFILESIZE."""
    if file.stat().st_size <= options.max_size:
        return [file]
    if options.format == "PARQUET" or options.compression != "none":
        raise unsupported("UNLOAD of more than MAXFILESIZE to anything but plain CSV")
    return split(file, options.max_size, options.header)


def _manifest(options: UnloadOptions, files: dict[str, Path], manifest: Path) -> Path:
    """COPY of columnar files wants their lengths."""
    entries = [
        {"url": url} | ({"meta": {"content_length": file.stat().st_size}} if options.format == "PARQUET" else {})
        for url, file in files.items()
    ]
    manifest.write_text(json.dumps({"entries": entries}, indent=2))
    return manifest


def _literal(value: str) -> str:
    return exp.Literal.string(value).sql(dialect="duckdb")
