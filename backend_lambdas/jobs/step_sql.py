"""Reads one statement of a job: what kind it is, which tables it writes, and where values stand in it. Pure.

It is no parser: `infra.check` and the warehouse judge the rest. Used by `job_checks`, which tells the file's line of
a `SqlMistake`, and by `job_file`.

Values are bound as `:name`, but in COPY and UNLOAD nothing can be bound. There `{name}` in a quoted text stands for a
parameter whose values are safe to write, and `${NAME}` for a value of the deployment.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from backend_lambdas.jobs.job_header import PUBLIC
from backend_lambdas.reports import sql_text

DEPLOYMENT_VALUES = ("JOBS_DATA_S3_PATH", "REDSHIFT_IAM_ROLE")
"""What `${NAME}` may stand for."""

SAFE = re.compile(r"[A-Za-z0-9_-]+")
"""What may be written into a quoted text: nothing that ends it, and nothing that leaves a folder of a path."""

ALLOWED = (
    "a step is INSERT INTO, UPDATE, DELETE FROM, MERGE INTO, TRUNCATE, COPY, UNLOAD, CALL, VACUUM, ANALYZE, "
    "CREATE, DROP or ALTER TABLE, CREATE or DROP VIEW, or REFRESH MATERIALIZED VIEW"
)

_NAME = r'(?:"(?:[^"]|"")+"|[\w$#]+)'
_TABLE = rf"{_NAME}(?:\s*\.\s*{_NAME}){{0,2}}"
_TABLES = rf"{_TABLE}(?:\s*,\s*{_TABLE})*"
_PARTS = re.compile(_NAME)
_FORMS = {
    "INSERT": rf"INSERT\s+INTO\s+(?P<written>{_TABLE})",
    "UPDATE": rf"UPDATE\s+(?P<written>{_TABLE})",
    "DELETE": rf"DELETE\s+(?:FROM\s+)?(?P<written>{_TABLE})",
    "MERGE": rf"MERGE\s+INTO\s+(?P<written>{_TABLE})",
    "TRUNCATE": rf"TRUNCATE\s+(?:TABLE\s+)?(?P<written>{_TABLE})",
    "COPY": rf"COPY\s+(?P<written>{_TABLE})",
    "UNLOAD": r"UNLOAD\s*\(",
    "CALL": rf"CALL\s+{_TABLE}",
    "VACUUM": rf"VACUUM\b(?:\s+(?:FULL|(?:SORT|DELETE)\s+ONLY|REINDEX|RECLUSTER)\b)?(?:\s+(?P<touched>{_TABLE}))?",
    "ANALYZE": rf"ANALYZE\b(?:\s+(?:VERBOSE|COMPRESSION)\b)*(?:\s+(?P<touched>{_TABLE}))?",
    "CREATE TEMPORARY TABLE": (
        r"CREATE\s+(?:(?:LOCAL\s+)?TEMP(?:ORARY)?\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"
        rf'|TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?="?\#))(?P<temporary>{_TABLE})'
    ),
    "CREATE TABLE": rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<written>{_TABLE})",
    "DROP TABLE": rf"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?P<written>{_TABLES})",
    "ALTER TABLE": (
        rf"ALTER\s+TABLE\s+(?P<written>{_TABLE})"
        rf"(?:\s+APPEND\s+FROM\s+(?P<source>{_TABLE})|\s+RENAME\s+TO\s+(?P<renamed>{_NAME}))?"
    ),
    "CREATE VIEW": rf"CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\s+(?P<touched>{_TABLE})",
    "DROP VIEW": rf"DROP\s+VIEW\s+(?:IF\s+EXISTS\s+)?(?P<touched>{_TABLES})",
    "REFRESH MATERIALIZED VIEW": rf"REFRESH\s+MATERIALIZED\s+VIEW\s+(?P<touched>{_TABLE})",
}
_PATTERNS = {verb: re.compile(rf"\s*{form}", re.IGNORECASE) for verb, form in _FORMS.items()}
VERBS = tuple(_FORMS)
"""The words of every statement that a step may be."""

_SELECT = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)
_CHANGING = re.compile(r"\bINTO\b|\bDELETE\s+FROM\b|\bUPDATE\b.*\bSET\b", re.IGNORECASE | re.DOTALL)
_COMMITTING = (
    re.compile(r"\s*(VACUUM)\b", re.IGNORECASE),
    re.compile(r"\s*(TRUNCATE)\b", re.IGNORECASE),
    re.compile(rf"\s*(ALTER\s+TABLE)\s+{_TABLE}\s+(APPEND)\b", re.IGNORECASE),
    re.compile(rf"\s*(ALTER\s+TABLE)\s+{_TABLE}\s+(ALTER\s+COLUMN)\s+{_NAME}\s+(TYPE)\b", re.IGNORECASE),
)
_SPOT = re.compile(r"\$\{(?P<variable>[^{}]*)\}|\{(?P<name>\s*[^\W\d]\w*\s*)\}")
_PLACEHOLDER = re.compile(r"(?<!:):([A-Za-z_]\w*)", re.ASCII)


class SqlMistake(ValueError):
    """What is wrong with a statement: a position in it, and a reason for its author."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason


class Tables(Struct, frozen=True):
    """The tables of a statement as `schema.table`, each with where it is named.

    A statement changes those `written`. Those `touched` it only looks after, or makes a view of; a `temporary` one ends
    with the job.
    """

    written: dict[str, int] = {}
    touched: dict[str, int] = {}
    temporary: dict[str, int] = {}


def verb(sql: str) -> str:
    """The words that a step begins with, such as `INSERT` or `CREATE TABLE`; raises `SqlMistake` for others."""
    return _matched(sql)[0]


def check_select(sql: str) -> None:
    """Raises `SqlMistake` unless the statement is a SELECT that changes nothing."""
    plain = sql_text.with_quotes_blanked(sql_text.with_comments_blanked(sql))
    changing = _CHANGING.search(plain)
    if not _SELECT.match(plain) or changing:
        raise SqlMistake(changing.start() if changing else 0, "a check is one SELECT, which changes nothing")


def committing(sql: str) -> str | None:
    """The words of a statement that cannot be taken back with the rest of a transaction; None if it can be."""
    plain = sql_text.with_comments_blanked(sql)
    match = next(filter(None, (pattern.match(plain) for pattern in _COMMITTING)), None)
    return " ".join(" ".join(match.groups()).upper().split()) if match else None


def tables(sql: str) -> Tables:
    """What a step does to which tables."""
    _, match = _matched(sql)
    found = {kind: dict(_named(match, kind)) for kind in match.re.groupindex}
    written = {**found.get("written", {}), **found.get("source", {}), **_renamed(match)}
    return Tables(written, found.get("touched", {}), found.get("temporary", {}))


def takes_literals(sql: str) -> bool:
    """Whether nothing can be bound in the statement: it is COPY or UNLOAD."""
    plain = sql_text.with_comments_blanked(sql)
    return any(_PATTERNS[word].match(plain) for word in ("COPY", "UNLOAD"))


def literals(sql: str) -> dict[str, int]:
    """The parameters that COPY or UNLOAD names as `{name}`, each with where it stands first.

    Raises `SqlMistake` for one that does not stand in a quoted text, or could begin a comment in UNLOAD's query.
    """
    plain, found = sql_text.with_comments_blanked(sql), dict[str, int]()
    for spot in _spots(plain):
        if not _is_quoted(plain, spot):
            raise SqlMistake(spot.start(), f"{spot.group()} must stand inside of a quoted text")
        if _PATTERNS["UNLOAD"].match(plain) and plain[spot.start() - 1] in "-}" and not _is_path(plain, spot):
            raise SqlMistake(spot.start(), f"write a blank before {spot.group()}: its value could make a comment of it")
        found.setdefault(spot["name"], spot.start())
    return found


def bound_in_vain(sql: str, declared: Collection[str]) -> tuple[str, int] | None:
    """A `:name` in COPY or UNLOAD, where nothing is bound: a parameter's, or any that does not stand in a text."""
    plain = sql_text.with_comments_blanked(sql)
    outside = sql_text.placeholders(plain)
    within = ((match[1], match.start()) for match in _PLACEHOLDER.finditer(plain))
    queried = _placeholders_of_query(plain)
    return next(((name, start) for name, start in within if name in {*outside, *queried, *declared}), None)


def check_variables(sql: str, known: Collection[str]) -> None:
    """Raises `SqlMistake` for a `${NAME}` that has no value there."""
    literal = takes_literals(sql)
    for spot in _SPOT.finditer(sql_text.with_comments_blanked(sql)):
        name = spot["variable"]
        if name is not None and literal and name not in known:
            known_ones = " and ".join(f"${{{one}}}" for one in known)
            raise SqlMistake(spot.start(), f"{spot.group()} is no value of the deployment: those are {known_ones}")
        if name is not None and name in known and not literal:
            raise SqlMistake(spot.start(), f"{spot.group()} has a value in COPY and UNLOAD only")


def filled_in(sql: str, values: Mapping[str, str], deployment: Mapping[str, str]) -> str:
    """COPY or UNLOAD with its values written into it; raises `ValueError` for any that cannot safely stand there."""
    plain = sql_text.with_comments_blanked(sql).strip()

    def written(spot: re.Match[str]) -> str:
        if spot["variable"] is None:
            return _literal(spot["name"], values, _is_quoted(plain, spot))
        return _of_deployment(spot["variable"], deployment, _is_quoted(plain, spot))

    return _SPOT.sub(written, plain)


def as_check(sql: str) -> str:
    """A statement that divides by zero unless the SELECT gives true; one that gives NULL, or no row, fails as well.

    The line ends keep a comment at the end of the SELECT from the rest.
    """
    return f"SELECT 1 / CASE WHEN (\n{sql}\n) THEN 1 ELSE 0 END AS ok"


def _literal(name: str, values: Mapping[str, str], is_quoted: bool) -> str:
    value = values.get(name, "")
    if not is_quoted or not SAFE.fullmatch(value):
        raise ValueError(f"The value of {name} cannot be written into SQL.")
    return value


def _of_deployment(name: str, deployment: Mapping[str, str], is_quoted: bool) -> str:
    value = deployment.get(name, "")
    if not value or (is_quoted and re.search(r"['\\$]", value)):
        raise ValueError(f"The deployment has no value for {name} that can be written into SQL.")
    return value


def _matched(sql: str) -> tuple[str, re.Match[str]]:
    plain = sql_text.with_comments_blanked(sql)
    matches = ((word, pattern.match(plain)) for word, pattern in _PATTERNS.items())
    found = next(((word, match) for word, match in matches if match), None)
    if found is None:
        raise SqlMistake(0, f"{ALLOWED}; this is {_beginning(plain)}")
    return found


def _beginning(plain: str) -> str:
    return " ".join(plain.split()[:3])[:40].upper()


def _named(match: re.Match[str], kind: str) -> Iterator[tuple[str, int]]:
    """The tables of a group, of which a name has no more than three parts: database, schema, table."""
    if match[kind] is not None:
        for one in re.finditer(_TABLE, match[kind]):
            yield _normal(one.group()), match.start(kind) + one.start()


def _renamed(match: re.Match[str]) -> dict[str, int]:
    """The new name of a table: it stays in its schema."""
    groups = match.groupdict()
    if not groups.get("renamed"):
        return {}
    schema = _normal(groups["written"]).partition(".")[0]
    return {f"{schema}.{_plain(groups['renamed'])}": match.start("renamed")}


def _normal(name: str) -> str:
    """`schema.table` of a name as it is written. Redshift has all names in lower case, those in quotes as well."""
    parts = [_plain(part) for part in _PARTS.findall(name)]
    return ".".join(parts[-2:]) if parts[1:] else f"{PUBLIC}.{parts[0]}"


def _plain(part: str) -> str:
    return (part[1:-1].replace('""', '"') if part.startswith('"') else part).lower()


def _spots(plain: str) -> Iterator[re.Match[str]]:
    return (spot for spot in _SPOT.finditer(plain) if spot["name"] is not None)


def _is_quoted(plain: str, spot: re.Match[str]) -> bool:
    return any(start < spot.start() and spot.end() < end for start, end in sql_text.strings(plain))


def _query(plain: str) -> tuple[int, int] | None:
    """Where the query of UNLOAD stands, its quotes included."""
    match = _PATTERNS["UNLOAD"].match(plain)
    return next(iter(sql_text.strings(plain)), None) if match else None


def _is_path(plain: str, spot: re.Match[str]) -> bool:
    query = _query(plain)
    return query is None or spot.start() > query[1]


def _placeholders_of_query(plain: str) -> set[str]:
    query = _query(plain)
    inner = plain[query[0] + 1 : query[1] - 1] if query else ""
    return set(sql_text.placeholders(inner.replace("\\'", "'").replace("''", "'").strip("$")))
