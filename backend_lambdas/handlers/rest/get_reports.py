"""`GET /reports`: the departments and reports this user may see; the dashboard learns from it what exists.

API Gateway calls it after its Cognito authorizer. A client runs what it finds here by a `run` message to `on_connect`.
"""

import os
from typing import Any

from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.errors import PushboardError
from backend_lambdas.reports.catalog import Catalog
from backend_lambdas.reports.report_file import BrokenReport, Report
from backend_lambdas.settings import GetReports


@at_start
def build() -> Catalog:
    """The reports of this function's environment, kept while the function is warm."""
    return Catalog(clients.client("s3"), GetReports.from_environ(os.environ).reports_s3_path)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """200 with `departments`, `reports` and `broken` (files with a mistake: where and why only for authors)."""
    principal = Principal.from_rest(event["requestContext"]["authorizer"]["claims"])
    try:
        found = build().current()  # who was told by `announce_reports` that a report changed sees it here
    except PushboardError as error:
        return clients.rest_error(error)
    return clients.rest_answer(listing(list(found.values()), principal))


def listing(found: list[Report | BrokenReport], principal: Principal) -> dict[str, Any]:
    """What this user may see, departments by title, reports by their order on the page."""
    seen = [report for report in found if principal.may_see(report.groups)]
    reports = sorted((item for item in seen if isinstance(item, Report)), key=lambda item: (item.header.order, item.id))
    broken = sorted((item for item in seen if isinstance(item, BrokenReport)), key=lambda item: item.id)
    departments = {item.department for item in seen if item.department}  # a file in no folder is in none
    return {
        "departments": [{"id": name, "title": _title(name)} for name in sorted(departments)],
        "reports": [_public(item, principal) for item in reports],
        "broken": [item.public(principal.is_author) for item in broken],
    }


def _public(report: Report, principal: Principal) -> dict[str, Any]:
    """What everybody may know of a report, whether this user may take its rows away, and for authors its SQL."""
    own = {"download": principal.may_download(report.downloaders)}
    return report.public() | own | ({"sql": report.sql} if principal.is_author else {})


def _title(department: str) -> str:
    return department.replace("_", " ").capitalize()
