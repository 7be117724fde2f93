"""A report is one SQL file: a YAML header in a comment, then one SELECT. Pure: text in, `Report` or `BrokenReport` out.

Used by `catalog`, which reads the files from S3, and in parts by `jobs`, whose files begin alike. Adding a report adds
one file and edits nothing.
"""

import datetime
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct, to_builtins

from backend_lambdas.departments.department_file import SHARED, Department
from backend_lambdas.languages.texts import Translated
from backend_lambdas.reports import parameters, sql_text
from backend_lambdas.reports.file_text import check_names, header_in, line_at, place_of, text_of, with_plain_lines
from backend_lambdas.reports.mistakes import ReportError
from backend_lambdas.reports.report_header import Header, Reference, Written
from backend_lambdas.tables.sql_tables import tables_read

_SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


class Report(Translated, frozen=True):
    """A report that can run. `version` changes whenever the file does, or what it takes from its department's.

    `referrer_groups` are those of the reports that take rows from one of the department `shared`: they may see it.
    """

    id: str
    department: str
    header: Header
    sql: str
    version: str
    references: tuple[Reference, ...] = ()
    tables: tuple[str, ...] = ()
    """The tables and views that its SQL reads, as `schema.table`."""
    referrer_groups: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The Cognito groups that may see it: the header's, or its department's, or those of all that use it."""
        if self.is_shared:
            return self.referrer_groups
        return tuple(self.header.groups) if self.header.groups is not None else (self.department,)

    @property
    def is_shared(self) -> bool:
        """Whether every other report may take rows from it."""
        return self.department == SHARED

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

    @property
    def public_chart(self) -> dict[str, Any]:
        """What `GET /reports` says of its chart: the keys that are no defaults, and its type."""
        return to_builtins(self.header.chart) | {"type": self.header.chart.type}

    def public(self, day: datetime.date | None = None, groups: Collection[str] = ()) -> dict[str, Any]:
        """What `GET /reports` says of it to members of these groups on a day.

        Everything but the SQL and what users cannot choose.
        """
        header = self.header
        return {
            "id": self.id,
            "department": self.department,
            "title": header.title,
            "description": header.description,
            "parameters": [{"name": name, **item.public(day, groups)} for name, item in header.open_parameters.items()],
            "chart": self.public_chart,
            "columns": {name: style.public() for name, style in header.columns.items()},
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
        } | ({"currency": str(header.currency)} if header.currency else {})


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


def load(path: str, text: str, department: Department | None = None) -> Report | BrokenReport:
    """The report in the file `<department>/<report>.sql`; never raises for what an author may write."""
    folder, name = place_of(path)
    try:
        check_names(folder, name)
        found = parse(text, department or Department(folder))
    except ReportError as error:
        return BrokenReport(name, folder, path, error.line, error.reason)
    version = hashlib.sha256((text + found.taken).encode()).hexdigest()[:16]
    tables = tables_read(found.sql)
    translations = {language: {"header": other} for language, other in found.translations.items()}
    return Report(name, folder, found.header, found.sql, version, found.references, tables, translations=translations)


def load_bytes(path: str, content: bytes, department: Department | None = None) -> Report | BrokenReport:
    """The same from a file's bytes; that they are not UTF-8 is a mistake like any other."""
    try:
        return load(path, text_of(content), department)
    except ReportError as error:
        folder, name = place_of(path)
        return BrokenReport(name, folder, path, error.line, error.reason)


class Parsed(Struct, frozen=True):
    """What a report file holds; `taken` is what of its department's file it uses, empty if nothing."""

    header: Header
    translations: Mapping[str, Header]
    sql: str
    references: tuple[Reference, ...]
    taken: str


def parse(text: str, department: Department) -> Parsed:
    """What a report file holds; raises `ReportError` with line and reason."""
    text = with_plain_lines(text)
    written, end = header_in(text)
    values = written.values()
    completed = written.completed(values, department.completed)
    header, translations = written.in_languages(completed, written.read)
    sql, line = _select(text, end)
    _check_placeholders(sql, header, line)
    _check_shared(header, department, written)
    taken = "" if completed == values else json.dumps(completed, sort_keys=True)
    return Parsed(header, translations, sql, written.references(header), taken)


def _check_shared(header: Header, department: Department, written: Written) -> None:
    if department.id == SHARED and not (header.hidden and header.groups is None):
        line = written.line_of(("groups",) if header.groups is not None else ("hidden",))
        reason = f"a report in the folder {SHARED!r} is hidden: true, and has no groups: those see it who see its users"
        raise ReportError(line, reason)


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
