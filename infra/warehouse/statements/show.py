"""SHOW DATABASES, SCHEMAS, TABLES and COLUMNS: what tools ask before anything else. Called by `dispatch`.

Source: the pages of these commands in the Redshift developer guide. LIKE takes a pattern, LIMIT a number.
"""

from dataclasses import dataclass

from sqlglot import exp

from infra.redshift_sql.errors import StatementFailed, syntax_error, unsupported
from infra.redshift_sql.parse import ParsedStatement
from infra.redshift_sql.token_stream import TokenStream
from infra.warehouse.results import described, write_result
from infra.warehouse.statements.execution_context import ExecutionContext, StatementResult
from infra.warehouse.system_views import SHOWN


@dataclass(frozen=True)
class Listing:
    """What a SHOW lists: the word behind FROM, the columns that its names are, and the column that LIKE matches."""

    within: str
    names: tuple[str, ...]
    matched: str


_LISTINGS = {
    "DATABASES": Listing("", (), "database_name"),
    "SCHEMAS": Listing("DATABASE", ("database_name",), "schema_name"),
    "TABLES": Listing("SCHEMA", ("database_name", "schema_name"), "table_name"),
    "COLUMNS": Listing("TABLE", ("database_name", "schema_name", "table_name"), "column_name"),
}


def show(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """The rows a SHOW lists. Raises StatementFailed for what is not there, SyntaxFailed for another SHOW."""
    stream = TokenStream(statement.sql)
    stream.need("SHOW")
    kind = stream.word().upper()
    listing = _LISTINGS.get(kind)
    if listing is None:
        raise unsupported(f"SHOW {kind}")
    place = _place(work, stream, listing) if listing.within else {}
    conditions: list[exp.Expr] = [exp.column(name).eq(value) for name, value in place.items()]
    if stream.take("LIKE"):
        conditions.append(exp.column(listing.matched).like(exp.Literal.string(_pattern(stream))))
    limit = f" LIMIT {_count(stream)}" if stream.take("LIMIT") else ""
    stream.need_end()
    order = ", ".join((*listing.names, "ordinal_position" if kind == "COLUMNS" else listing.matched))
    chosen = exp.and_(*conditions).sql(dialect="duckdb") if conditions else "true"
    sql = f"SELECT * FROM ({SHOWN[kind]}) WHERE {chosen} ORDER BY {order}{limit}"  # noqa: S608 - values are literals
    result = write_result(work.cursor, sql, described(work.cursor, sql), work.result_path)
    return StatementResult(result.rows, result)


def _pattern(stream: TokenStream) -> str:
    if not stream.is_text():
        raise syntax_error(stream.word())
    return stream.word()


def _count(stream: TokenStream) -> int:
    count = stream.word()
    if not count.isdigit():
        raise syntax_error(count)
    return int(count)


def _place(work: ExecutionContext, stream: TokenStream, listing: Listing) -> dict[str, str]:
    """The names behind FROM, by their columns; the connection's database may be left out."""
    stream.need("FROM", listing.within)
    given = stream.path()
    if len(given) == len(listing.names) - 1:
        given = [work.database.lower(), *given]
    if len(given) != len(listing.names):
        raise syntax_error(".".join(given))
    if given[0] != work.database.lower():
        raise StatementFailed(f'ERROR: database "{given[0]}" does not exist')
    place = dict(zip(listing.names, given, strict=True))
    _check_exists(work, place)
    return place


def _check_exists(work: ExecutionContext, place: dict[str, str]) -> None:
    schemas = work.cursor.execute(f"SELECT schema_name FROM ({SHOWN['SCHEMAS']})").fetchall()  # noqa: S608 - ours
    schema = place.get("schema_name")
    if schema is not None and (schema,) not in schemas:
        raise StatementFailed(f'ERROR: schema "{schema}" does not exist')
    if "table_name" in place:
        work.relations().find(exp.table_(place["table_name"], db=schema))
