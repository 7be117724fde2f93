"""The reports in S3, read again only when they change.

Used by `get_reports`, by `on_connect` for each run, and by `announce_reports` for each change.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.errors import UnknownReport, WarehouseUnavailable
from backend_lambdas.reports import report_file
from backend_lambdas.reports.report_file import BrokenReport, Report
from backend_lambdas.reports.report_index import by_id

log = logging.getLogger(__name__)

FRESH_SECONDS = 0.25
"""How long a listing is trusted: a warm function notices a changed file within this time."""

_BUSY_SECONDS = 2
"""How much older it may be while another thread lists anew, so that a crowd does not queue for it."""


class Catalog:
    """The report files `<department>/<report>.sql` under an S3 path; safe to share between threads."""

    def __init__(self, s3: Any, location: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._s3 = s3
        self._bucket, self._prefix = clients.s3_location(location)
        self._clock = clock
        self._lock = threading.Lock()
        self._listed_at = float("-inf")
        self._files: dict[str, tuple[str, Report | BrokenReport]] = {}
        self._by_id: dict[str, Report | BrokenReport] = {}

    def all(self) -> Mapping[str, Report | BrokenReport]:
        """Every report by its id, broken ones included; raises `WarehouseUnavailable` when S3 does not answer."""
        return self._known(FRESH_SECONDS)

    def current(self) -> Mapping[str, Report | BrokenReport]:
        """The same, looked at anew: for whoever acts on a change and must not miss it."""
        return self._known(0)

    def path_of(self, bucket: str, key: str) -> str | None:
        """The path `<department>/<report>.sql` of an S3 object, if it is a report file of this catalog."""
        ours = bucket == self._bucket and key.startswith(self._prefix) and key.endswith(".sql")
        return key.removeprefix(self._prefix) if ours else None

    def runnable(self, report_id: str, principal: Principal) -> Report:
        """The report, if this user may run it; else raises `UnknownReport`, whether there is one of this name or not.

        One that is not found is looked for anew: another function may have told the user of it just now.
        """
        report = _visible(self.all(), report_id, principal) or _visible(self.current(), report_id, principal)
        if report is None:
            raise UnknownReport
        if isinstance(report, BrokenReport):
            raise UnknownReport("This report has a mistake in its file and cannot run until its author has mended it.")
        return report

    def _known(self, max_age: float) -> Mapping[str, Report | BrokenReport]:
        if max_age and self._lock.locked() and self._clock() - self._listed_at < max_age + _BUSY_SECONDS:
            return self._by_id  # somebody is just looking
        with self._lock:
            if self._clock() - self._listed_at >= max_age:
                try:
                    self._refresh()
                except (ClientError, BotoCoreError) as error:
                    log.error("the reports could not be read: %s", error)
                    raise WarehouseUnavailable from error
                self._listed_at = self._clock()
            return self._by_id

    def _refresh(self) -> None:
        listed = dict(self._listing())
        files = {path: self._file(path, etag) for path, etag in sorted(listed.items())}
        self._files = {path: file for path, file in files.items() if file is not None}
        self._by_id = by_id({path: report for path, (_, report) in self._files.items()})

    def _file(self, path: str, etag: str) -> tuple[str, Report | BrokenReport] | None:
        """A listed file with its entity tag, read if that is new; None if it has been deleted since it was listed."""
        known = self._files.get(path)
        if known and known[0] == etag:
            return known
        try:
            return etag, self._read(path)
        except self._s3.exceptions.NoSuchKey:
            return None

    def _listing(self) -> list[tuple[str, str]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        files = [item for page in pages for item in page.get("Contents", ()) if item["Key"].endswith(".sql")]
        return [(item["Key"].removeprefix(self._prefix), item["ETag"]) for item in files]

    def _read(self, path: str) -> Report | BrokenReport:
        body = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + path)["Body"].read()
        return report_file.load_bytes(path, body)


def _visible(
    found: Mapping[str, Report | BrokenReport], report_id: str, principal: Principal
) -> Report | BrokenReport | None:
    report = found.get(report_id)
    return report if report is not None and principal.may_see(report.groups) else None
