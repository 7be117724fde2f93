"""The report files of a working copy, each with its text. Used by `checking`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from backend_lambdas.departments import department_file
from backend_lambdas.departments.department_file import Department, is_department_file
from backend_lambdas.reports import report_file
from backend_lambdas.reports.report_file import BrokenReport, Report
from backend_lambdas.reports.report_index import by_id

_HEADER_END = "---*/"
_HEADER_START = re.compile(r"\s*/\*---[ \t]*\n")


@dataclass(frozen=True)
class ReportFile:
    """A file as it is on disk; `path` is its path among the reports, `shown` how it was named."""

    path: str
    shown: str
    content: bytes

    def load(self, department: Department | None = None) -> Report | BrokenReport:
        """As the functions would read it, where its department has this file of its own."""
        return report_file.load_bytes(self.path, self.content, department)

    def line_of_sql(self, report: Report) -> int:
        """The line that the report's SELECT begins on."""
        return self._text.count("\n", 0, self._text.index(report.sql, self._text.index(_HEADER_END))) + 1

    def line_of_key(self, *keys: str) -> int:
        """The line of the innermost of `keys` in the header, or of the item of a list that has this text."""
        start = _HEADER_START.match(self._text)
        first = start.end() if start else 0
        line, node = 0, yaml.compose(self._text[first : self._text.index(_HEADER_END)])
        for wanted in keys:
            line, node = _inner(node, wanted, line)
        return self._text.count("\n", 0, first) + line + 1

    @property
    def _text(self) -> str:
        return self.content.decode().removeprefix("\ufeff").replace("\r\n", "\n")


def _inner(node: yaml.Node | None, wanted: str, line: int) -> tuple[int, yaml.Node | None]:
    """The line and the value that `wanted` has in a node; those of the node itself when it has none."""
    mapping = node.value if isinstance(node, yaml.MappingNode) else ()
    listed = node.value if isinstance(node, yaml.SequenceNode) else ()
    pairs = [*mapping, *((item, item) for item in listed)]
    found = next(((key, value) for key, value in pairs if key.value == wanted), None)
    return (found[0].start_mark.line, found[1]) if found else (line, node)


def read(repo: Path, chosen: Sequence[Path] = ()) -> dict[str, ReportFile]:
    """Every report and department file of the repository by its path; a chosen file from elsewhere joins them."""
    folder = repo / "sql" / "reports"
    found = (*folder.rglob("*.sql"), *folder.glob(f"*/{department_file.FILE_NAME}"))
    paths = {path.relative_to(folder).as_posix(): path for path in found}
    paths |= {path_of(repo, path): path for path in chosen}
    return {name: ReportFile(name, shown(paths[name]), paths[name].read_bytes()) for name in sorted(paths)}


def departments(files: Mapping[str, ReportFile]) -> dict[str, Department]:
    """The departments that have a file of their own, by name."""
    found = {path: file for path, file in files.items() if is_department_file(path)}
    return {path.partition("/")[0]: department_file.load(path, file.content) for path, file in found.items()}


def reports(files: Mapping[str, ReportFile]) -> dict[str, Report | BrokenReport]:
    """The reports by id, as the functions would know them."""
    shared = departments(files)
    written = {path: file for path, file in files.items() if not is_department_file(path)}
    return by_id({path: file.load(shared.get(path.partition("/")[0])) for path, file in written.items()})


def path_of(repo: Path, path: Path) -> str:
    """The path among the reports that a file has, or would have in the folder of its department."""
    folder, absolute = (repo / "sql" / "reports").resolve(), path.resolve()
    if absolute.is_relative_to(folder):
        return absolute.relative_to(folder).as_posix()
    return f"{absolute.parent.name}/{absolute.name}"


def shown(path: Path) -> str:
    """The path of a file as short as an editor can follow it from the folder one is in."""
    absolute, here = path.resolve(), Path.cwd()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else str(absolute)
