"""The steps of a job file: each begins with a line that names it, and has one statement. Pure; used by `job_file`."""

import re
from typing import Literal

from msgspec import Struct

from backend_lambdas.reports import sql_text
from backend_lambdas.reports.file_text import line_at
from backend_lambdas.reports.mistakes import ReportError

MAX_STATEMENTS = 39
"""A batch of the Data API takes 40. Source: Redshift Data API reference, "BatchExecuteStatement"."""

MAX_NAME = 80
"""Characters of a step's name."""

_MARK = re.compile(r"--[ \t]*(?P<kind>step|check)[ \t]*:[ \t]*(?P<name>.*?)[ \t]*")
_LINE_OF_MARK = re.compile(rf"^[ \t]*{_MARK.pattern}$", re.MULTILINE)

Kind = Literal["step", "check"]


class Step(Struct, frozen=True):
    """A step changes something; a check is a SELECT that must give true. `line` is where its SQL begins in the file."""

    name: str
    kind: Kind
    sql: str
    line: int


def steps(text: str, start: int) -> tuple[Step, ...]:
    """The steps behind the header, which ends at `start`; raises `ReportError` with line and reason."""
    marks = _marks(text, start)
    first = marks[0].start() if marks else len(text)
    stray = sql_text.statements(text[start:first])
    if stray:
        line = line_at(text, text.index(stray[0], start))
        raise ReportError(line, "this SQL is of no step: begin one with a line such as -- step: Clear the month")
    starts = [mark.start() for mark in marks]
    found = tuple(_step(text, mark, end) for mark, end in zip(marks, [*starts, len(text)][1:], strict=True))
    _check_names(found, [line_at(text, start) for start in starts])
    if all(step.kind == "check" for step in found):
        raise ReportError(line_at(text, start), "there must be a step: begin it with a line -- step: and its name")
    if len(found) > MAX_STATEMENTS:
        line = line_at(text, marks[MAX_STATEMENTS].start())
        raise ReportError(line, f"a job has at most {MAX_STATEMENTS} steps and checks")
    return found


def _marks(text: str, start: int) -> list[re.Match[str]]:
    """The lines that begin a step; raises `ReportError` where a quote or a comment without an end could hide one."""
    body = " " * start + text[start:]
    for first, last in sql_text.strings(body):
        hidden = _LINE_OF_MARK.search(body, first, last)
        if hidden:
            raise ReportError(line_at(text, hidden.start()), "this step stands inside of a quote that began before it")
    opened = sql_text.unclosed(body)
    if opened is not None:
        raise ReportError(line_at(text, opened), "a quote or a comment is opened here and never closed")
    found = (_MARK.fullmatch(body, *span) for span in sql_text.line_comments(body) if _begins_line(body, span[0]))
    return [mark for mark in found if mark]


def _begins_line(text: str, position: int) -> bool:
    return not text[text.rfind("\n", 0, position) + 1 : position].strip()


def _step(text: str, mark: re.Match[str], end: int) -> Step:
    """The step that a line begins, with its one statement, without its semicolon."""
    parts = sql_text.statements(text[mark.end() : end])
    places, position = [], mark.end()
    for part in parts:
        places.append(text.index(part, position))
        position = places[-1] + len(part)
    if len(parts) != 1:
        line = line_at(text, places[1] if parts else mark.start())
        raise ReportError(line, f"the {mark['kind']} {mark['name']!r} must have one statement and nothing else")
    kind: Kind = "check" if mark["kind"] == "check" else "step"
    return Step(mark["name"], kind, parts[0], line_at(text, places[0]))


def _check_names(steps: tuple[Step, ...], lines: list[int]) -> None:
    taken: set[str] = set()
    for step, line in zip(steps, lines, strict=True):
        if not 1 <= len(step.name) <= MAX_NAME:
            raise ReportError(line, f"the {step.kind} needs a name of 1 to {MAX_NAME} characters")
        if step.name in taken:
            raise ReportError(line, f"another step is named {step.name!r} already")
        taken.add(step.name)
