"""`GET /reports`: the departments and reports this user may see; the dashboard learns from it what exists.

API Gateway calls it after its Cognito authorizer. A client runs what it finds here by a `run` message to `on_connect`.
"""

import logging
import os
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.errors import PushboardError
from backend_lambdas.reports.catalog import Catalog
from backend_lambdas.reports.report_file import BrokenReport, Report
from backend_lambdas.settings import GetReports
from backend_lambdas.tables.table_changes import TableChanges

log = logging.getLogger(__name__)


class ReportReader(Struct, frozen=True):
    """The reports, and when their tables changed last."""

    catalog: Catalog
    changes: TableChanges

    def listing(self, principal: Principal) -> dict[str, Any]:
        """What this user may see, as it is now: who was told by `announce_reports` of a change sees it here."""
        found = list(self.catalog.current().values())
        tables = {table for report in found if isinstance(report, Report) for table in report.tables}
        return listing(found, principal, self._changed(tables))

    def _changed(self, tables: Collection[str]) -> dict[str, int]:
        """When each table changed last, in epoch milliseconds; where that cannot be had, a report goes without."""
        try:
            return {name: change.at for name, change in self.changes.of(tables).items()}
        except (ClientError, BotoCoreError) as error:
            log.warning("when tables changed is not known: %s", error)
            return {}


@at_start
def build() -> ReportReader:
    """The reports of this function's environment, kept while the function is warm."""
    settings = GetReports.from_environ(os.environ)
    changes = TableChanges(clients.dynamodb(), settings.table_name)
    return ReportReader(Catalog(clients.client("s3"), settings.reports_s3_path), changes)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """200 with `departments`, `reports` and `broken` (files with a mistake: where and why only for authors)."""
    principal = Principal.from_rest(event["requestContext"]["authorizer"]["claims"])
    try:
        return clients.rest_answer(build().listing(principal))
    except PushboardError as error:
        return clients.rest_error(error)


def listing(
    found: list[Report | BrokenReport], principal: Principal, changed: Mapping[str, int] = MappingProxyType({})
) -> dict[str, Any]:
    """What this user may see, departments by title, reports by their order on the page."""
    seen = [report for report in found if principal.may_see(report.groups)]
    reports = sorted((item for item in seen if isinstance(item, Report)), key=lambda item: (item.header.order, item.id))
    broken = sorted((item for item in seen if isinstance(item, BrokenReport)), key=lambda item: item.id)
    departments = {item.department for item in seen if item.department}  # a file in no folder is in none
    return {
        "departments": [{"id": name, "title": _title(name)} for name in sorted(departments)],
        "reports": [_public(item, principal, changed) for item in reports],
        "broken": [item.public(principal.is_author) for item in broken],
    }


def _public(report: Report, principal: Principal, changed: Mapping[str, int]) -> dict[str, Any]:
    """What everybody may know of a report, whether this user may take its rows away, and for authors its SQL."""
    last = max((changed[table] for table in report.tables if table in changed), default=None)
    own = {
        "download": principal.may_download(report.downloaders),
        "changedAt": clock.iso(last) if last is not None else None,
    }
    return report.public() | own | ({"sql": report.sql} if principal.is_author else {})


def _title(department: str) -> str:
    return department.replace("_", " ").capitalize()
