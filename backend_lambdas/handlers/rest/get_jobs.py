"""`GET /jobs`, `GET /jobs/runs` and `GET /tables`: jobs, their history, and which table is read and written by what.

API Gateway calls it after its Cognito authorizer. A client starts what it finds here by a `start` message, which goes
to `run_jobs`.
"""

import os
from collections.abc import Iterable, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.departments.department_file import Department
from backend_lambdas.errors import Forbidden, PushboardError, UnknownJob
from backend_lambdas.jobs.job_catalog import JobCatalog
from backend_lambdas.jobs.job_file import BrokenJob, Job
from backend_lambdas.jobs.job_run import JobRun
from backend_lambdas.jobs.job_run_table import JobRunTable
from backend_lambdas.languages.texts import requested
from backend_lambdas.reports.catalog import Catalog
from backend_lambdas.reports.report_file import Report
from backend_lambdas.settings import GetJobs
from backend_lambdas.tables.table_changes import TableChange, TableChanges

MOST_RUNS = 50
"""Runs of one answer; older ones are asked for by `before`."""


class JobReader(Struct, frozen=True):
    """What there is of jobs and tables."""

    jobs: JobCatalog
    runs: JobRunTable
    reports: Catalog
    changes: TableChanges

    def listing(self, principal: Principal, languages: Sequence[str] = ()) -> dict[str, Any]:
        """The jobs that a user may start or agree to; broken ones are told to authors.

        Texts are in the first of `languages` in which their file gives them.
        """
        found = self.jobs.all().values()
        mine = [job.translated(languages) for job in found if isinstance(job, Job) and _may_see(job, principal)]
        broken = [job for job in found if isinstance(job, BrokenJob) and principal.is_author]
        visible = self._visible(principal, languages)
        in_order = sorted(mine, key=lambda job: (job.department, job.id))
        return {
            "jobs": [_public(job, principal, visible) for job in in_order],
            "broken": [job.public(for_author=True) for job in broken],
        }

    def history(self, principal: Principal, job_id: str, before: str, languages: Sequence[str] = ()) -> dict[str, Any]:
        """The newest runs of a job, or of all that a user may see; `next` asks for older ones. Raises `UnknownJob`."""
        known = [job for job in self.jobs.all().values() if isinstance(job, Job)]
        jobs = [job for job in known if _may_see(job, principal)]
        wanted = [job for job in jobs if job_id in {"", job.id}]
        if job_id and not wanted:
            raise UnknownJob
        found = [run for job in wanted for run in self.runs.history(job.id, before, MOST_RUNS)]
        newest = sorted(found, key=lambda run: run.requested_at, reverse=True)[:MOST_RUNS]
        following = f"{newest[-1].requested_at:014d}" if len(newest) == MOST_RUNS else None
        titles = {job.header.title: job.translated(languages).header.title for job in known}
        return {"runs": [run_for(run, principal, titles) for run in newest], "next": following}

    def tables(self, principal: Principal) -> dict[str, Any]:
        """Every table with its last change, what reads it and what writes it; for authors and admins."""
        if not principal.is_author:
            raise Forbidden("Only admins and authors see the tables.")
        reports = [report for report in self.reports.current().values() if isinstance(report, Report)]
        jobs = [job for job in self.jobs.all().values() if isinstance(job, Job)]
        readers = _by_table((table, report.id) for report in reports for table in report.tables)
        writers = _by_table((table, job.id) for job in jobs for table in job.writes)
        names = sorted({*readers, *writers})
        changes = {**self._changed_by_jobs(jobs, set(names) - set(readers)), **self.changes.of(names)}
        newest = {name: self._newest(name, changes) for name in names}
        return {"tables": [_table(name, newest[name], readers, writers) for name in names]}

    def _newest(self, name: str, changes: Mapping[str, TableChange]) -> TableChange | None:
        """The last change of a table; of a view that of whatever is behind it."""
        own = [changes[one] for one in self.reports.with_what_is_behind(name) if one in changes]
        return max(own, key=lambda change: change.at, default=None)

    def _changed_by_jobs(self, jobs: Iterable[Job], names: Set[str]) -> dict[str, TableChange]:
        """The last change of tables that no report reads, of which events are passed over: by the history of jobs."""
        found: dict[str, TableChange] = {}
        for job in (job for job in jobs if names & set(job.writes)):
            changing = [run for run in self.runs.history(job.id, "", MOST_RUNS) if run.has_changed_tables]
            for run in sorted(changing, key=lambda run: run.ended_at)[-1:]:
                for table in names & set(run.writes):
                    if table not in found or found[table].at < run.ended_at:
                        found[table] = TableChange(table, run.ended_at, run.ended_at, run.changed_by)
        return found

    def _visible(self, principal: Principal, languages: Sequence[str]) -> "_Visible":
        reports = [report for report in self.reports.all().values() if isinstance(report, Report)]
        seen = [report for report in reports if principal.may_see(report.groups) and not report.header.hidden]
        departments = {name: one.translated(languages) for name, one in self.reports.departments().items()}
        return _Visible([report.translated(languages) for report in seen], departments)


class _Visible(Struct, frozen=True):
    """The reports on pages that a user sees, and the departments that have a file, in his language."""

    reports: Sequence[Report]
    departments: Mapping[str, Department]

    def of(self, department: str) -> dict[str, str]:
        """A department, and what people call it."""
        return {
            "department": department,
            "departmentTitle": self.departments.get(department, Department(department)).title,
        }

    def readers(self, job: Job) -> list[dict[str, str]]:
        """The reports that read what a job writes."""
        reading = [one for one in self.reports if set(one.tables) & set(job.writes)]
        return [{"id": one.id, **self.of(one.department), "title": one.header.title} for one in reading]


def _public(job: Job, principal: Principal, visible: _Visible) -> dict[str, Any]:
    """What a user may know of a job, what he may do with it, and which reports read what it writes."""
    may = {"mayStart": principal.may_see(job.groups), "mayApprove": principal.may_see(job.header.approve)}
    sql = {"sql": "\n\n".join(step.sql for step in job.steps)} if principal.is_author else {}
    readers = {"readers": visible.readers(job)}
    return job.public(groups=principal.groups) | visible.of(job.department) | may | sql | readers


def run_for(run: JobRun, principal: Principal, titles: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """What a user may know of a run: who, when, with which values, step by step, how it ended, and what he may do.

    `titles` are those of jobs in his language, by the title that a run has on record.
    """
    times = {"requestedAt": run.requested_at, "startedAt": run.started_at, "endedAt": run.ended_at}
    return {
        "runId": run.run_id,
        "topicName": run.topic_name,
        "job": run.job,
        "title": titles.get(run.title, run.title),
        "department": run.department,
        "by": run.email,
        "parameters": run.parameters,
        "state": run.status,
        **{name: clock.iso(at) if at else None for name, at in times.items()},
        "steps": [
            {"name": one.name, "kind": one.kind, "state": one.state, "rows": one.rows, "elapsedMs": one.elapsed_ms}
            for one in run.steps
        ],
        "code": run.code,
        "message": run.message,
        "waitsFor": titles.get(run.waits_for, run.waits_for),
        "approve": list(run.approve),
        "approvedBy": run.approved_by,
        "mayApprove": run.status == "approval" and run.sub != principal.sub and principal.may_see(run.approve),
        "mayCancel": not run.has_ended and run.may_be_cancelled_by(principal),
    }


def _may_see(job: Job, principal: Principal) -> bool:
    return principal.may_see({*job.groups, *job.header.approve})


def _by_table(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, name in pairs:
        found.setdefault(table, []).append(name)
    return found


def _table(
    name: str, change: TableChange | None, readers: Mapping[str, list[str]], writers: Mapping[str, list[str]]
) -> dict[str, Any]:
    changed = {"changedAt": clock.iso(change.at) if change else None, "changedBy": change.by if change else None}
    return {"table": name, **changed, "readers": readers.get(name, []), "writers": writers.get(name, [])}


@at_start
def build() -> JobReader:
    """What this function's environment names, kept while the function is warm."""
    settings = GetJobs.from_environ(os.environ)
    dynamodb, s3 = clients.dynamodb(), clients.client("s3")
    return JobReader(
        JobCatalog(s3, settings.jobs_s3_path),
        JobRunTable(dynamodb, settings.table_name),
        Catalog(s3, settings.reports_s3_path),
        TableChanges(dynamodb, settings.table_name),
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """200 with `jobs` and `broken`, with `runs` and `next`, or with `tables`."""
    principal = Principal.from_rest(event["requestContext"]["authorizer"]["claims"])
    query = event.get("queryStringParameters") or {}
    try:
        return clients.rest_answer(_answer(build(), event["resource"], principal, query, requested(event)))
    except PushboardError as error:
        return clients.rest_error(error)


def _answer(
    reader: JobReader, resource: str, principal: Principal, query: Mapping[str, str], languages: Sequence[str]
) -> dict[str, Any]:
    if resource == "/jobs":
        return reader.listing(principal, languages)
    if resource == "/tables":
        return reader.tables(principal)
    return reader.history(principal, query.get("job", ""), query.get("before", ""), languages)
