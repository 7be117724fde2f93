"""The job files of a working copy, and what is wrong with them. Used by `__main__` and before a deployment."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from backend_lambdas.jobs import job_file
from backend_lambdas.jobs.job_file import BrokenJob, Job
from infra.check import trying_jobs
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


def findings(files: Mapping[str, ReportFile], setup: Path, only: Collection[str]) -> list[Finding]:
    """The first mistake of each of the files `only`, among all files: in its text, or else where a step does not run.

    Raises `SetupFailed`.
    """
    loaded = {
        path.removeprefix(FOLDER): job_file.load_bytes(path.removeprefix(FOLDER), file.content)
        for path, file in files.items()
    }
    known = job_file.by_id(loaded).values()
    broken = [Finding(FOLDER + job.file, job.line, job.reason) for job in known if isinstance(job, BrokenJob)]
    working = {FOLDER + job.file: job for job in known if isinstance(job, Job) and FOLDER + job.file in only}
    return [*(one for one in broken if one.file in only), *trying_jobs.findings(working, setup)]
