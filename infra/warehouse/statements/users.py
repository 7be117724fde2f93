"""Users and groups: CREATE, ALTER, DROP USER and GROUP. Called by `dispatch`.

Only superusers may. Passwords are not kept: the Data API signs in by IAM, so `PASSWORD DISABLE` and a password are one.
"""

from dataclasses import dataclass, field

from infra.redshift_sql.errors import StatementFailed, syntax_error, unsupported
from infra.redshift_sql.parse import ParsedStatement
from infra.redshift_sql.token_stream import TokenStream
from infra.warehouse import user_settings
from infra.warehouse.statements.execution_context import ExecutionContext, StatementResult

_USER = "SELECT 1 FROM redshift_catalog.users WHERE usename = $1"
_GROUP = "SELECT 1 FROM redshift_catalog.groups WHERE groname = $1"
_ALTER = """
    UPDATE redshift_catalog.users SET usecreatedb = usecreatedb OR $2, usesuper = usesuper OR $3
    WHERE usename = $1"""
_GRANTED = "SELECT 1 FROM redshift_catalog.grants WHERE kind = 'user' AND grantee = $1"


def create_user(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """CREATE USER name [WITH] PASSWORD DISABLE|'…' [CREATEDB] [CREATEUSER] [IN GROUP …]."""
    reader = _begun(work, statement, "create a user", "CREATE", "USER")
    name = user_name(reader)
    if _exists(work, _USER, name):
        raise StatementFailed(f'ERROR: user "{name}" already exists')
    options = _options(reader)
    work.cursor.execute(
        "INSERT INTO redshift_catalog.users SELECT $1, nextval('redshift_catalog.ids'), $2, $3",
        [name, options.create_db, options.superuser],
    )
    for group in options.groups:
        _join(work, group, name)
    return StatementResult()


@dataclass
class _Options:
    create_db: bool = False
    superuser: bool = False
    groups: list[str] = field(default_factory=list)


def _options(reader: TokenStream) -> _Options:
    options = _Options()
    reader.take("WITH")
    while not reader.at_end():
        if reader.take("PASSWORD"):
            reader.word()
        elif reader.take("CREATEUSER"):
            options.superuser = True
        elif reader.take("CREATEDB"):
            options.create_db = True
        elif reader.take("IN", "GROUP"):
            options.groups = reader.names()
        else:
            _ignored_option(reader)
    return options


def _ignored_option(reader: TokenStream) -> None:
    """Options that limit a log-in, of which there is none here."""
    if reader.take("NOCREATEUSER") or reader.take("NOCREATEDB"):
        return
    for words in (("VALID", "UNTIL"), ("CONNECTION", "LIMIT"), ("SESSION", "TIMEOUT"), ("SYSLOG", "ACCESS")):
        if reader.take(*words):
            reader.word()
            return
    raise syntax_error(reader.word())


def user_name(reader: TokenStream) -> str:
    """A user's name, folded: Redshift stores names in lower case, in quotes or not, those that IAM derives as well.

    Source: Redshift developer guide, "Names and identifiers".
    """
    return reader.name()


def alter_user(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """ALTER USER: CREATEUSER, CREATEDB, and SET or RESET of `statement_timeout` mean something here."""
    reader = _begun(work, statement, "alter a user", "ALTER", "USER")
    name = known_user(work, user_name(reader))
    if reader.take("SET"):
        user_settings.keep(work.cursor, name, *_setting(reader))
        return StatementResult()
    if reader.take("RESET"):
        user_settings.drop(work.cursor, name, reader.name())
        return StatementResult()
    options = _options(reader)
    work.cursor.execute(_ALTER, [name, options.create_db, options.superuser])
    return StatementResult()


def _setting(reader: TokenStream) -> tuple[str, str]:
    """A setting's name and its value: milliseconds, as a number or in quotes; DEFAULT is without a limit."""
    name = reader.name()
    if name != user_settings.STATEMENT_TIMEOUT:
        raise unsupported(f"ALTER USER SET {name}")
    if not reader.take("TO"):
        reader.need("=")
    value = "0" if reader.take("DEFAULT") else reader.word()
    reader.need_end()
    if not (value.isascii() and value.isdigit()):
        raise StatementFailed(f'ERROR: parameter "{name}" requires an integer value')
    return name, value


def drop_user(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """DROP USER [IF EXISTS]; refused while the user holds privileges."""
    reader = _begun(work, statement, "drop a user", "DROP", "USER")
    optional = reader.take("IF", "EXISTS")
    name = user_name(reader)
    reader.need_end()
    if optional and not _exists(work, _USER, name):
        return StatementResult()
    known_user(work, name)
    if _exists(work, _GRANTED, name):
        raise StatementFailed(f'ERROR: user "{name}" cannot be dropped because some objects depend on it')
    work.cursor.execute("DELETE FROM redshift_catalog.members WHERE usename = $1", [name])
    work.cursor.execute("DELETE FROM redshift_catalog.users WHERE usename = $1", [name])
    user_settings.drop(work.cursor, name)
    return StatementResult()


def create_group(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """CREATE GROUP name [WITH USER a, b]."""
    reader = _begun(work, statement, "create a group", "CREATE", "GROUP")
    group = reader.name()
    if _exists(work, _GROUP, group):
        raise StatementFailed(f'ERROR: group "{group}" already exists')
    work.cursor.execute("INSERT INTO redshift_catalog.groups SELECT $1, nextval('redshift_catalog.ids')", [group])
    reader.take("WITH")
    for user in reader.names() if reader.take("USER") else []:
        _join(work, group, user)
    reader.need_end()
    return StatementResult()


def alter_group(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """ALTER GROUP name ADD|DROP USER a, b."""
    reader = _begun(work, statement, "alter a group", "ALTER", "GROUP")
    group = reader.name()
    joining = reader.take("ADD", "USER")
    if not joining:
        reader.need("DROP", "USER")
    for user in reader.names():
        work.cursor.execute("DELETE FROM redshift_catalog.members WHERE groname = $1 AND usename = $2", [group, user])
        if joining:
            _join(work, group, user)
    reader.need_end()
    return StatementResult()


def drop_group(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """DROP GROUP name."""
    reader = _begun(work, statement, "drop a group", "DROP", "GROUP")
    group = reader.name()
    reader.need_end()
    known_group(work, group)
    work.cursor.execute("DELETE FROM redshift_catalog.members WHERE groname = $1", [group])
    work.cursor.execute("DELETE FROM redshift_catalog.groups WHERE groname = $1", [group])
    return StatementResult()


def _join(work: ExecutionContext, group: str, user: str) -> None:
    row = [known_group(work, group), known_user(work, user)]
    work.cursor.execute("INSERT INTO redshift_catalog.members VALUES ($1, $2)", row)


def known_user(work: ExecutionContext, name: str) -> str:
    """A user's name. A role's derived user need not be created first. Raises StatementFailed for an unknown one."""
    if not name.startswith("iamr:") and not _exists(work, _USER, name):
        raise StatementFailed(f'ERROR: user "{name}" does not exist')
    return name


def known_group(work: ExecutionContext, name: str) -> str:
    """A group's name. Raises StatementFailed for an unknown one."""
    if not _exists(work, _GROUP, name):
        raise StatementFailed(f'ERROR: group "{name}" does not exist')
    return name


def _exists(work: ExecutionContext, question: str, name: str) -> bool:
    return work.cursor.execute(question, [name]).fetchone() is not None


def _begun(work: ExecutionContext, statement: ParsedStatement, what: str, *words: str) -> TokenStream:
    """A statement that only superusers may make, read as far as these words."""
    work.rights().check_superuser(what)
    reader = TokenStream(statement.sql)
    reader.need(*words)
    return reader
