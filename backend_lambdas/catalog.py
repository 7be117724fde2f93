"""The reports in S3, read again only when they change. Used by `get_reports`, by `on_connect` for each run, by
`announce_reports`. The project's check of report files shares `by_id`."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from backend_lambdas import aws, reports
from backend_lambdas.errors import Forbidden, UnknownReport, WarehouseUnavailable
from backend_lambdas.identity import Principal
from backend_lambdas.reports import BrokenReport, Report

log = logging.getLogger(__name__)

FRESH_SECONDS = 1.0
"""How long a listing is trusted: a warm function notices a changed file within this time."""


class Catalog:
    """The report files `<department>/<report>.sql` under an S3 path; safe to share between threads."""

    def __init__(self, s3: Any, location: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._s3 = s3
        self._bucket, self._prefix = aws.s3_location(location)
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
        """The report, if this user may run it; raises `UnknownReport` or `Forbidden`.

        One that is not known is looked for anew: another function may have told the user of it just now.
        """
        report = self.all().get(report_id) or self.current().get(report_id)
        if report is None:
            raise UnknownReport
        if not principal.may_see(report.groups):
            raise Forbidden
        if isinstance(report, BrokenReport):
            raise UnknownReport("This report has a mistake in its file and cannot run until its author has mended it.")
        return report

    def _known(self, max_age: float) -> Mapping[str, Report | BrokenReport]:
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
        known = self._files
        self._files = {
            path: known[path] if path in known and known[path][0] == etag else (etag, self._read(path))
            for path, etag in sorted(listed.items())
        }
        self._by_id = by_id({path: report for path, (_, report) in self._files.items()})

    def _listing(self) -> list[tuple[str, str]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        files = [item for page in pages for item in page.get("Contents", ()) if item["Key"].endswith(".sql")]
        return [(item["Key"].removeprefix(self._prefix), item["ETag"]) for item in files]

    def _read(self, path: str) -> Report | BrokenReport:
        body = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + path)["Body"].read()
        return reports.load_bytes(path, body)


def by_id(files: Mapping[str, Report | BrokenReport]) -> dict[str, Report | BrokenReport]:
    """Reports by id, from reports by path in order of path; of two with one name the first keeps it.

    A broken one never takes it away.
    """
    found: dict[str, Report | BrokenReport] = {}
    working = [(path, report) for path, report in files.items() if isinstance(report, Report)]
    broken = [report for report in files.values() if isinstance(report, BrokenReport)]
    for path, report in working:
        if found.setdefault(report.id, report) is not report:
            reason = f"another department has a report named {report.id!r} already: this file needs another name"
            broken.append(BrokenReport(report.id, report.department, path, 1, reason))
    for mistake in broken:
        own = mistake.id if mistake.id not in found else f"{mistake.department}.{mistake.id}"
        found[own] = replace(mistake, id=own)
    return _referring(found)


def _referring(found: dict[str, Report | BrokenReport]) -> dict[str, Report | BrokenReport]:
    """The reports with those broken that refer to one they cannot use, and in turn those that refer to these."""
    while mistakes := [mistake for report in found.values() if (mistake := _misreference(report, found))]:
        found = {**found, **{mistake.id: mistake for mistake in mistakes}}
    return found


def _misreference(report: Report | BrokenReport, found: Mapping[str, Report | BrokenReport]) -> BrokenReport | None:
    if isinstance(report, BrokenReport):
        return None
    for reference in report.references:
        trouble = _trouble(report, found.get(reference.report))
        if trouble:
            reason = f"{'.'.join(reference.keys)}: the report {reference.report!r} {trouble}"
            return BrokenReport(report.id, report.department, report.file, reference.line, reason)
    return None


def _trouble(report: Report, source: Report | BrokenReport | None) -> str | None:
    """Why a report cannot take rows from another one, or None when it can."""
    if source is None:
        return "does not exist"
    if isinstance(source, BrokenReport):
        return "has a mistake in its file"
    if not source.header.runs_alone:
        return "cannot run by itself: one of its parameters needs a value"
    if not set(report.groups) <= set(source.groups):
        return "may not be seen by everyone who sees this one: its groups must be there as well"
    return None
