"""A report is one SQL file: a YAML header in a comment, then one SELECT. Pure: text in, `Report` or `BrokenReport` out.

Used by `catalog`, which reads the files from S3, and in parts by `jobs`, whose files begin alike. Adding a report adds
one file and edits nothing.
"""

import datetime
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, to_builtins

from backend_lambdas.reports import parameters, sql_text
from backend_lambdas.reports.mistakes import ReportError
from backend_lambdas.reports.report_header import Header, Reference, Written
from backend_lambdas.tables.sql_tables import tables_read

_HEADER = re.compile(r"\A\s*/\*---[ \t]*\n(?P<yaml>.*?)^[ \t]*---\*/", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


class Report(Struct, frozen=True):
    """A report that can run. `version` changes whenever the file does, and with nothing else."""

    id: str
    department: str
    header: Header
    sql: str
    version: str
    references: tuple[Reference, ...] = ()
    tables: tuple[str, ...] = ()
    """The tables and views that its SQL reads, as `schema.table`."""

    @property
    def groups(self) -> tuple[str, ...]:
        """The Cognito groups that may see it: the header's, or its department's."""
        return tuple(self.header.groups) if self.header.groups is not None else (self.department,)

    @property
    def downloaders(self) -> tuple[str, ...]:
        """The groups that may take its rows away; none: nobody may, not even admins."""
        wish = self.header.download
        return tuple(wish) if isinstance(wish, list) else self.groups if wish else ()

    @property
    def file(self) -> str:
        """Its path among the reports."""
        return f"{self.department}/{self.id}.sql"

    def statement(self, values: Mapping[str, str]) -> str:
        """The SQL to submit with what `parameters.bind` made of a user's values: a list has a placeholder for each."""
        return sql_text.with_lists(self.sql, parameters.lists(self.header.parameters, values))

    def public(self, day: datetime.date | None = None) -> dict[str, Any]:
        """What `GET /reports` says of it on a day: everything but the SQL and what users cannot choose."""
        header = self.header
        return {
            "id": self.id,
            "department": self.department,
            "title": header.title,
            "description": header.description,
            "parameters": [{"name": name, **item.public(day)} for name, item in header.open_parameters.items()],
            "chart": to_builtins(header.chart) | {"type": header.chart.type},
            "columns": {name: to_builtins(style) for name, style in header.columns.items()},
            "cacheSeconds": header.cache_seconds,
            "timeoutSeconds": header.timeout,
            "size": header.size,
            "order": header.order,
            "empty": header.empty,
            "limit": header.limit,
            "hidden": header.hidden,
            "live": bool(header.live),
            "liveSeconds": header.live.seconds,
            "freshSeconds": header.fresh,
            "tables": list(self.tables),
            "version": self.version,
        }


class BrokenReport(Struct, frozen=True):
    """A report file with a mistake: it takes down only itself."""

    id: str
    department: str
    file: str
    line: int
    reason: str

    @property
    def groups(self) -> tuple[str, ...]:
        """Who would see it if it worked, as far as that can be known."""
        return (self.department,)

    def public(self, for_author: bool) -> dict[str, Any]:
        """What `GET /reports` says of it; where and why only to authors."""
        known = {"id": self.id, "department": self.department}
        return {**known, "file": self.file, "line": self.line, "reason": self.reason} if for_author else known


def load(path: str, text: str) -> Report | BrokenReport:
    """The report in the file `<department>/<report>.sql`; never raises for what an author may write."""
    department, name = place_of(path)
    try:
        check_names(department, name)
        header, sql, references = parse(text)
    except ReportError as error:
        return BrokenReport(name, department, path, error.line, error.reason)
    version = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Report(name, department, header, sql, version, references, tables_read(sql))


def load_bytes(path: str, content: bytes) -> Report | BrokenReport:
    """The same from a file's bytes; that they are not UTF-8 is a mistake like any other."""
    try:
        return load(path, text_of(content))
    except ReportError as error:
        department, name = place_of(path)
        return BrokenReport(name, department, path, error.line, error.reason)


def place_of(path: str) -> tuple[str, str]:
    """Department and name in a path `<department>/<name>.sql`."""
    department, _, name = path.removesuffix(".sql").rpartition("/")
    return department, name


def text_of(content: bytes) -> str:
    """A file's text; raises `ReportError` with the line where it is not UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ReportError(content.count(b"\n", 0, error.start) + 1, "the file is not UTF-8 text") from error


def parse(text: str) -> tuple[Header, str, tuple[Reference, ...]]:
    """Header, SQL and references of a report file; raises `ReportError` with line and reason."""
    text = with_plain_lines(text)
    written, end = header_in(text)
    header = written.read()
    sql, line = _select(text, end)
    _check_placeholders(sql, header, line)
    return header, sql, written.references(header)


def with_plain_lines(text: str) -> str:
    """The text without what editors on Windows add."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def header_in(text: str) -> tuple[Written, int]:
    """The header that a file begins with, and where it ends; raises `ReportError` when there is none."""
    match = _HEADER.match(text)
    if not match:
        raise ReportError(1, "the file must begin with a header between /*--- and ---*/")
    return Written(match["yaml"], line_at(text, match.start("yaml"))), match.end()


def line_at(text: str, position: int) -> int:
    """The line, counted from 1, that a position of the text is on."""
    return text.count("\n", 0, position) + 1


def check_names(department: str, name: str) -> None:
    """Raises `ReportError` for names of folder and file that no group, link or id can have."""
    for kind, value in (("folder", department), ("file", name)):
        if not _NAME.fullmatch(value):
            raise ReportError(1, f"the {kind} name {value!r} must be lower-case letters, digits and underscores")


def _select(text: str, start: int) -> tuple[str, int]:
    """The one SELECT that stands behind `start`, without its semicolon, and the line it begins on."""
    parts = sql_text.statements(text[start:])
    line = line_at(text, text.index(parts[0], start) if parts else start)
    if len(parts) != 1 or not _SELECT.match(sql_text.without_comments(parts[0])):
        raise ReportError(line, "after the header there must be one SELECT and nothing else")
    return parts[0], line


def _check_placeholders(sql: str, header: Header, line: int) -> None:
    used = sql_text.placeholders(sql)
    wanted = {placeholder: name for name, item in header.parameters.items() for placeholder in item.written(name)}
    for name, position in used.items():
        if name not in wanted:
            reason = f"the SQL uses :{name}, which the header does not declare{_hint(header, name)}"
            raise ReportError(line + _lines(sql, position), reason)
    for placeholder, name in wanted.items():
        if placeholder not in used:
            raise ReportError(line, f"the parameter {name!r} is declared but the SQL does not use :{placeholder}")
    _check_lists(sql, header, line)


def _hint(header: Header, name: str) -> str:
    if name not in header.parameters:
        return ""
    return f" (write {' and '.join(f':{placeholder}' for placeholder in header.parameters[name].written(name))})"


def _check_lists(sql: str, header: Header, line: int) -> None:
    for name, item in header.parameters.items():
        stray = sql_text.outside_of_lists(sql, name) if item.type == "several" else None
        if stray is not None:
            raise ReportError(line + _lines(sql, stray), f":{name} is a list: write it as IN (:{name})")


def _lines(sql: str, position: int) -> int:
    return sql.count("\n", 0, position)
