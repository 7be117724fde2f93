"""The page files of a working copy, and what is wrong with them. Used by `__main__` and before a deployment."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from backend_lambdas.departments import page_file, page_listing
from backend_lambdas.departments.page_listing import Reports
from infra.check.files import ReportFile, shown
from infra.check.findings import Finding

FOLDER = "sql/pages/"


def is_page(repo: Path, path: Path) -> bool:
    """Whether a file lies among the pages."""
    return path.resolve().is_relative_to((repo / FOLDER).resolve())


def path_of(repo: Path, path: Path) -> str:
    """The path that a file among the pages has in the repository."""
    return path.resolve().relative_to(repo.resolve()).as_posix()


def read(repo: Path, chosen: Sequence[Path] = ()) -> dict[str, ReportFile]:
    """Every page file by its path in the repository; one that was chosen and is not there raises `OSError`."""
    paths = {path_of(repo, path): path for path in (*(repo / FOLDER).rglob("*.yaml"), *chosen)}
    return {name: ReportFile(name, shown(paths[name]), paths[name].read_bytes()) for name in sorted(paths)}


def findings(files: Mapping[str, ReportFile], reports: Reports, only: Collection[str]) -> list[Finding]:
    """Every mistake of the files `only`, by the reports that there are."""
    loaded = {path: page_file.load(path.removeprefix("sql/"), files[path].content) for path in only}
    return [
        Finding(path, mistake.line, mistake.reason)
        for path, page in loaded.items()
        for mistake in page_listing.mistakes(page, reports)
    ]
