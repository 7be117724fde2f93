"""The jobs as they are now, read again only when they change. Used by whatever lists, starts and schedules jobs."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas.access.principal import Principal
from backend_lambdas.errors import UnknownJob, WarehouseUnavailable
from backend_lambdas.jobs import job_file
from backend_lambdas.jobs.job_file import BrokenJob, Job
from backend_lambdas.jobs.step_sql import DEPLOYMENT_VALUES
from backend_lambdas.reports.report_bucket import ReportBucket

log = logging.getLogger(__name__)

FRESH_SECONDS = 1.0
"""How long a listing is trusted: S3 is asked for one no more often."""

Jobs = Mapping[str, Job | BrokenJob]


class _File(Struct, frozen=True):
    """A job file that has been read."""

    tag: str
    job: Job | BrokenJob


class JobCatalog:
    """The job files under an S3 path; safe to share between threads.

    Jobs are few, and started by people: a listing finds them, without an object that holds them all.
    """

    def __init__(
        self,
        s3: Any,
        location: str,
        clock: Callable[[], float] = time.monotonic,
        variables: Collection[str] = DEPLOYMENT_VALUES,
    ) -> None:
        self._bucket = ReportBucket(s3, location)
        self._clock = clock
        self._variables = variables
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._files: dict[str, _File] = {}
        self._by_id: Jobs = {}

    def all(self) -> Jobs:
        """Every job by its id, broken ones included; raises `WarehouseUnavailable` when S3 does not answer."""
        with self._lock:
            if self._clock() - self._read_at >= FRESH_SECONDS:
                self._read()
                self._read_at = self._clock()
            return self._by_id

    def runnable(self, job_id: str, principal: Principal) -> Job:
        """The job, if this user may start it; else raises `UnknownJob`, whether there is one of this name or not."""
        job = self.all().get(job_id)
        if job is None or not principal.may_see(job.groups):
            raise UnknownJob
        if isinstance(job, BrokenJob):
            raise UnknownJob("This job has a mistake in its file and cannot start until its author has mended it.")
        return job

    def _read(self) -> None:
        try:
            listed = {path: tag for path, tag in self._bucket.listing().items() if path.endswith(".sql")}
            found = {path: self._file(path, tag) for path, tag in listed.items()}
        except (ClientError, BotoCoreError) as error:
            log.error("the jobs could not be read: %s", error)
            raise WarehouseUnavailable from error
        self._files = {path: file for path, file in found.items() if file is not None}
        self._by_id = job_file.by_id({path: file.job for path, file in self._files.items()})

    def _file(self, path: str, tag: str) -> _File | None:
        """A listed file, read if it is new; None if it has been deleted since."""
        known = self._files.get(path)
        if known and known.tag == tag:
            return known
        content = self._bucket.read(path)
        return None if content is None else _File(tag, job_file.load_bytes(path, content, self._variables))
