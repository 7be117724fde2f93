"""A job is one SQL file: a YAML header in a comment, then steps. Pure: text in, `Job` or `BrokenJob` out.

`job_steps` parts the text, `job_checks` holds the steps to the header. Used by `job_catalog`, which reads the files
from S3, and by the project's check.
"""

import datetime
import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas.jobs import job_checks, job_header, job_steps, step_sql
from backend_lambdas.jobs.job_header import JobHeader
from backend_lambdas.jobs.job_steps import Kind, Step
from backend_lambdas.jobs.step_sql import DEPLOYMENT_VALUES
from backend_lambdas.languages.texts import Translated
from backend_lambdas.reports import parameters, sql_text
from backend_lambdas.reports.file_text import check_names, header_in, place_of, text_of, with_plain_lines
from backend_lambdas.reports.mistakes import ReportError


class Statement(Struct, frozen=True):
    """A step ready to submit: its SQL, and the text of each placeholder in it."""

    name: str
    kind: Kind
    sql: str
    values: dict[str, str]


class Job(Translated, frozen=True):
    """A job that can run. `version` changes whenever the file does, and with nothing else."""

    id: str
    department: str
    header: JobHeader
    steps: tuple[Step, ...]
    version: str

    @property
    def groups(self) -> tuple[str, ...]:
        """The Cognito groups that may start it; without any, only admins may."""
        return tuple(self.header.groups)

    @property
    def writes(self) -> tuple[str, ...]:
        """The tables that it changes, each once, as `schema.table`."""
        return tuple(dict.fromkeys(map(str, self.header.writes)))

    @property
    def file(self) -> str:
        """Its path among the jobs."""
        return f"{self.department}/{self.id}.sql"

    def statements(self, values: Mapping[str, str], deployment: Mapping[str, str]) -> list[Statement]:
        """Each step to submit with what `parameters.bind` made of somebody's values, and the deployment's own.

        Raises `ValueError` for a value that must be written into a text of COPY or UNLOAD and cannot safely be.
        """
        lists = parameters.lists(self.header.parameters, values)
        return [_statement(step, values, lists, deployment) for step in self.steps]

    def public(self, day: datetime.date | None = None, groups: Collection[str] = ()) -> dict[str, Any]:
        """What `GET /jobs` says of it to members of these groups on a day.

        Everything but the SQL and who may start it.
        """
        header = self.header
        return {
            "id": self.id,
            "department": self.department,
            "title": header.title,
            "description": header.description,
            "parameters": [{"name": name, **item.public(day, groups)} for name, item in header.parameters.items()],
            "confirm": header.confirm,
            "approve": header.approve,
            "writes": list(self.writes),
            "schedule": header.schedule,
            "transaction": header.transaction,
            "whenBusy": header.when_busy,
            "timeoutSeconds": int(header.timeout),
            "steps": [{"name": step.name, "kind": step.kind} for step in self.steps],
            "version": self.version,
        }


class BrokenJob(Struct, frozen=True):
    """A job file with a mistake: it takes down only itself."""

    id: str
    department: str
    file: str
    line: int
    reason: str

    @property
    def groups(self) -> tuple[str, ...]:
        """Nobody's: who might start it is not known."""
        return ()

    def public(self, for_author: bool) -> dict[str, Any]:
        """What `GET /jobs` says of it; where and why only to authors."""
        known = {"id": self.id, "department": self.department}
        return {**known, "file": self.file, "line": self.line, "reason": self.reason} if for_author else known


def load(path: str, text: str, variables: Collection[str] = DEPLOYMENT_VALUES) -> Job | BrokenJob:
    """The job in the file `<department>/<job>.sql`; never raises for what an author may write.

    `variables` are the names that `${NAME}` may have.
    """
    department, name = place_of(path)
    try:
        check_names(department, name)
        found = parse(text, variables)
    except ReportError as error:
        return BrokenJob(name, department, path, error.line, error.reason)
    version = hashlib.sha256(text.encode()).hexdigest()[:16]
    translations = {language: {"header": other} for language, other in found.translations.items()}
    return Job(name, department, found.header, found.steps, version, translations=translations)


def load_bytes(path: str, content: bytes, variables: Collection[str] = DEPLOYMENT_VALUES) -> Job | BrokenJob:
    """The same from a file's bytes; that they are not UTF-8 is a mistake like any other."""
    try:
        return load(path, text_of(content), variables)
    except ReportError as error:
        department, name = place_of(path)
        return BrokenJob(name, department, path, error.line, error.reason)


def by_id(files: Mapping[str, Job | BrokenJob]) -> dict[str, Job | BrokenJob]:
    """Jobs by id, from jobs by path in order of path; of two with one name the first keeps it.

    A broken one never takes it away.
    """
    found: dict[str, Job | BrokenJob] = {}
    broken = [job for job in files.values() if isinstance(job, BrokenJob)]
    for path, job in files.items():
        if isinstance(job, Job) and found.setdefault(job.id, job) is not job:
            reason = f"another department has a job named {job.id!r} already: this file needs another name"
            broken.append(BrokenJob(job.id, job.department, path, 1, reason))
    for mistake in broken:
        own = mistake.id if mistake.id not in found else f"{mistake.department}.{mistake.id}"
        found[own] = replace(mistake, id=own)
    return found


class Parsed(Struct, frozen=True):
    """What a job file holds."""

    header: JobHeader
    translations: Mapping[str, JobHeader]
    steps: tuple[Step, ...]


def parse(text: str, variables: Collection[str] = DEPLOYMENT_VALUES) -> Parsed:
    """What a job file holds; raises `ReportError` with line and reason."""
    text = with_plain_lines(text)
    written, end = header_in(text)
    header, translations = job_header.read(written)
    steps = job_steps.steps(text, end)
    job_checks.check(steps, header, written, variables)
    return Parsed(header, translations, steps)


def _statement(
    step: Step, values: Mapping[str, str], lists: Mapping[str, list[str]], deployment: Mapping[str, str]
) -> Statement:
    if step_sql.takes_literals(step.sql):
        return Statement(step.name, step.kind, step_sql.filled_in(step.sql, values, deployment), {})
    sql = sql_text.with_lists(step.sql, lists)
    used = {name: values[name] for name in sql_text.placeholders(sql)}
    return Statement(step.name, step.kind, step_sql.as_check(sql) if step.kind == "check" else sql, used)
