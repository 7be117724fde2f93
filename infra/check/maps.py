"""The map files of a working copy, and what is wrong with them and with the charts that draw them.

Used by `__main__` and before a deployment.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from backend_lambdas.maps import map_file
from backend_lambdas.maps.map_file import Feature
from backend_lambdas.reports.mistakes import ReportError, nearest
from backend_lambdas.reports.report_file import BrokenReport, Report
from infra.check.files import ReportFile, shown
from infra.check.findings import Finding

FOLDER = "sql/maps/"

Reports = Mapping[str, Report | BrokenReport]


def is_map(repo: Path, path: Path) -> bool:
    """Whether a file lies among the maps."""
    return path.resolve().is_relative_to((repo / FOLDER).resolve())


def path_of(repo: Path, path: Path) -> str:
    """The path that a file among the maps has in the repository."""
    return path.resolve().relative_to(repo.resolve()).as_posix()


def read(repo: Path, chosen: Sequence[Path] = ()) -> dict[str, ReportFile]:
    """Every map file by its path in the repository; one that was chosen and is not there raises `OSError`."""
    paths = {path_of(repo, path): path for path in (*(repo / FOLDER).rglob(f"*{map_file.SUFFIX}"), *chosen)}
    return {name: ReportFile(name, shown(paths[name]), paths[name].read_bytes()) for name in sorted(paths)}


def findings(
    maps: Mapping[str, ReportFile], files: Mapping[str, ReportFile], reports: Reports, only: Collection[str]
) -> Iterator[Finding]:
    """What is wrong with the maps in the files `only`, and with what the reports in these say of maps.

    `files` are those of the reports.
    """
    areas: dict[str, list[Feature]] = {}
    for path, file in maps.items():
        try:
            areas[_name(path)] = _areas(path, file)
        except ReportError as error:
            if path in only:
                yield Finding(path, error.line, error.reason)
    named = {_name(path) for path in maps}
    for report in reports.values():
        if isinstance(report, Report) and report.file in only and report.header.chart.map:
            for keys, reason in _mistakes(report, report.header.chart.map, named, areas):
                yield Finding(report.file, files[report.file].line_of_key(*keys), f"{'.'.join(keys)}: {reason}")


def _areas(path: str, file: ReportFile) -> list[Feature]:
    """Raises `ReportError`."""
    if not map_file.is_map_file(path.removeprefix("sql/")):
        reason = "a map is named by lower-case letters, digits and underscores, lies in sql/maps and ends with .geojson"
        raise ReportError(1, reason)
    return map_file.areas(file.content)


def _mistakes(
    report: Report, name: str, named: Collection[str], areas: Mapping[str, list[Feature]]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Why a report's chart cannot draw its map, by the keys of its header."""
    if name not in named:
        yield ("chart", "map"), f"there is no map {name!r}{nearest(name, named)}"
    elif name not in areas:
        yield ("chart", "map"), f"the map {name!r} has a mistake in its file"
    else:
        for reason in map_file.mistakes_of_key(areas[name], report.header.chart.key):
            yield ("chart", "key"), f"in the map {name!r} {reason}"


def _name(path: str) -> str:
    return map_file.name_of(path.removeprefix("sql/"))
