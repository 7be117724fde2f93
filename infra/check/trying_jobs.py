"""Runs the steps of jobs on the check's warehouse, in a transaction that is taken back. Used by `jobs`.

Whether a step can run is what is asked: its names, types and rights, as the jobs' own user. Whether a check is true
depends on rows that are elsewhere, so each check is run as the SELECT that it is.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from backend_lambdas.errors import PushboardError
from backend_lambdas.jobs.job_file import Job
from backend_lambdas.reports import parameters, sql_text
from infra.check import standins
from infra.check.findings import Finding
from infra.check.warehouse import Warehouse

_APART = re.compile(r"\s*(vacuum|truncate|alter\s+table\s+\S+\s+append)\b", re.IGNORECASE)
"""What Redshift runs in no transaction, or ends one by: it cannot be taken back, so it is not tried."""

_DEPLOYMENT = {"JOBS_DATA_S3_PATH": "s3://sample/trips/", "REDSHIFT_IAM_ROLE": "default"}


def findings(jobs: Mapping[str, Job], setup: Path) -> Iterator[Finding]:
    """The first step of each job that does not run, by the job's path; raises `SetupFailed`."""
    if not jobs:
        return
    with tempfile.TemporaryDirectory(prefix="pushboard-check-") as folder:
        warehouse = Warehouse(Path(folder), setup)
        try:
            for path, job in jobs.items():
                yield from _findings_of(path, job, warehouse)
        finally:
            warehouse.close()


def _findings_of(path: str, job: Job, warehouse: Warehouse) -> Iterator[Finding]:
    try:
        values = parameters.bind(job.header.parameters, standins.made_up(job.header.parameters), {})
    except PushboardError:
        return  # no value can be made up that its own limits and pattern allow
    tried = [step for step in job.steps if not _APART.match(sql_text.without_comments(step.sql))]
    ready = {one.name: one for one in job.statements(values, _DEPLOYMENT)}
    lists = parameters.lists(job.header.parameters, values)
    sqls = [sql_text.with_lists(one.sql, lists) if one.kind == "check" else ready[one.name].sql for one in tried]
    used = _used(sqls, values)
    failed = warehouse.undone(sqls, used)
    if failed:
        step = tried[failed[0]]
        yield Finding(path, step.line, f"the step {step.name!r} does not run: {failed[1]}")


def _used(sqls: Sequence[str], values: Mapping[str, str]) -> dict[str, str]:
    names = {name for sql in sqls for name in sql_text.placeholders(sql)}
    return {name: value for name, value in values.items() if name in names}
