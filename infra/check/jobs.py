"""The job files of a working copy, and what is wrong with them as far as their text tells. Used by `__main__`.

They are not run here: what they change is theirs to know.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from backend_lambdas.jobs import job_file
from backend_lambdas.jobs.job_file import BrokenJob
from infra.check.files import ReportFile, shown
from infra.check.findings import Finding

FOLDER = "sql/jobs/"


def is_job(repo: Path, path: Path) -> bool:
    """Whether a file lies among the jobs."""
    return path.resolve().is_relative_to((repo / FOLDER).resolve())


def path_of(repo: Path, path: Path) -> str:
    """The path that a file among the jobs has in the repository."""
    return path.resolve().relative_to(repo.resolve()).as_posix()


def read(repo: Path, chosen: Sequence[Path] = ()) -> dict[str, ReportFile]:
    """Every job file by its path in the repository; one that was chosen and is not there raises `OSError`."""
    paths = {path_of(repo, path): path for path in (*(repo / FOLDER).rglob("*.sql"), *chosen)}
    return {name: ReportFile(name, shown(paths[name]), paths[name].read_bytes()) for name in sorted(paths)}


def findings(files: Mapping[str, ReportFile]) -> list[Finding]:
    """The first mistake of each file, in the words of `job_file`."""
    loaded = {
        path.removeprefix(FOLDER): job_file.load_bytes(path.removeprefix(FOLDER), file.content)
        for path, file in files.items()
    }
    broken = [job for job in job_file.by_id(loaded).values() if isinstance(job, BrokenJob)]
    return [Finding(FOLDER + job.file, job.line, job.reason) for job in broken]
