"""The text of an author's file: its bytes, its lines, the header that it begins with, and the names in its path. Pure.

Used by what reads reports, jobs, departments and pages.
"""

import re

from backend_lambdas.reports.mistakes import ReportError
from backend_lambdas.reports.report_header import Written

_HEADER = re.compile(r"\A\s*/\*---[ \t]*\n(?P<yaml>.*?)^[ \t]*---\*/", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def place_of(path: str) -> tuple[str, str]:
    """Department and name in a path `<department>/<name>.sql`."""
    department, _, name = path.removesuffix(".sql").rpartition("/")
    return department, name


def check_names(department: str, name: str) -> None:
    """Raises `ReportError` for names of folder and file that no group, link or id can have."""
    for kind, value in (("folder", department), ("file", name)):
        if not _NAME.fullmatch(value):
            raise ReportError(1, f"the {kind} name {value!r} must be lower-case letters, digits and underscores")


def text_of(content: bytes) -> str:
    """A file's text; raises `ReportError` with the line where it is not UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ReportError(content.count(b"\n", 0, error.start) + 1, "the file is not UTF-8 text") from error


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
