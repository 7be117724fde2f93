"""Grants: GRANT and REVOKE on schemas, tables and the database, to users, groups and PUBLIC. Called by `dispatch`.

Only superusers may.
"""

from infra.redshift_sql.errors import StatementFailed, unsupported
from infra.redshift_sql.parse import ParsedStatement
from infra.redshift_sql.token_stream import TokenStream
from infra.warehouse.name_resolution import Relation
from infra.warehouse.statements.execution_context import ExecutionContext, StatementResult
from infra.warehouse.statements.users import known_group, known_user, user_name

_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "DROP", "TRUNCATE", "ALTER")
_SCHEMA_PRIVILEGES = ("USAGE", "CREATE")
_DATABASE_PRIVILEGES = ("TEMP",)
_SHORT = {"TEMPORARY": "TEMP"}
Row = tuple[str, str, str, str, str]


def grant(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """GRANT privileges ON tables, all tables in a schema, a schema or the database TO users, groups or PUBLIC."""
    work.rights().check_superuser("grant")
    reader = TokenStream(statement.sql)
    reader.need("GRANT")
    rows = _rows(work, reader, "TO")
    for row in rows:
        _delete_grant(work, row)
        work.cursor.execute("INSERT INTO redshift_catalog.grants VALUES ($1, $2, $3, $4, $5)", list(row))
    return StatementResult()


def revoke(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """REVOKE, in the same words with FROM."""
    work.rights().check_superuser("revoke")
    reader = TokenStream(statement.sql)
    reader.need("REVOKE")
    reader.take("GRANT", "OPTION", "FOR")
    for row in _rows(work, reader, "FROM"):
        _delete_grant(work, row)
    return StatementResult()


def _delete_grant(work: ExecutionContext, row: Row) -> None:
    work.cursor.execute(
        """DELETE FROM redshift_catalog.grants WHERE kind = $1 AND grantee = $2 AND privilege = $3
            AND schema_name = $4 AND relation = $5""",
        list(row),
    )


def _rows(work: ExecutionContext, reader: TokenStream, preposition: str) -> list[Row]:
    privileges = _privileges(reader)
    reader.need("ON")
    objects, allowed = _objects(work, reader)
    wanted = privileges or list(allowed)
    for privilege in wanted:
        if privilege not in allowed:
            raise StatementFailed(f"ERROR: invalid privilege type {privilege} for this object")
    reader.need(preposition)
    grantees = _grantees(work, reader)
    return [(*grantee, privilege, *thing) for grantee in grantees for privilege in wanted for thing in objects]


def _privileges(reader: TokenStream) -> list[str]:
    """The named privileges; none stands for ALL."""
    if reader.take("ALL"):
        reader.take("PRIVILEGES")
        return []
    found = [reader.word().upper()]
    while reader.take(","):
        found.append(reader.word().upper())
    return [_SHORT.get(word, word) for word in found]


def _objects(work: ExecutionContext, reader: TokenStream) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Schema and relation names a grant is on, and the privileges there are.

    A schema itself has no relation, the database neither.
    """
    relations = work.relations()
    if reader.take("SCHEMA"):
        return [(schema, "") for schema in reader.names()], _SCHEMA_PRIVILEGES
    if reader.take("ALL", "TABLES", "IN", "SCHEMA"):
        everything = [relation for schema in reader.names() for relation in relations.all_in(schema)]
        return [_named(relation) for relation in everything], _PRIVILEGES
    if reader.take("DATABASE"):
        return [_database(work, reader.name())], _DATABASE_PRIVILEGES
    if reader.take("FUNCTION") or reader.take("LANGUAGE"):
        raise unsupported("a grant on anything but schemas, tables and the database")
    reader.take("TABLE")
    return [_named(relations.find(table)) for table in reader.tables()], _PRIVILEGES


def _database(work: ExecutionContext, name: str) -> tuple[str, str]:
    if name != work.database.lower():
        raise StatementFailed(f'ERROR: database "{name}" does not exist')
    return "", ""


def _named(relation: Relation) -> tuple[str, str]:
    return relation.schema, relation.name


def _grantees(work: ExecutionContext, reader: TokenStream) -> list[tuple[str, str]]:
    found = [_grantee(work, reader)]
    while reader.take(","):
        found.append(_grantee(work, reader))
    if reader.take("WITH", "GRANT", "OPTION"):
        raise unsupported("WITH GRANT OPTION")
    for word in ("CASCADE", "RESTRICT"):
        reader.take(word)
    reader.need_end()
    return found


def _grantee(work: ExecutionContext, reader: TokenStream) -> tuple[str, str]:
    if reader.take("PUBLIC"):
        return "public", ""
    if reader.take("GROUP"):
        return "group", known_group(work, reader.name())
    if reader.take("ROLE"):
        raise unsupported("a grant to a role")
    return "user", known_user(work, user_name(reader))
