"""`GET /reports`: the departments and reports this user may see; the dashboard learns from it what exists.

`GET /maps/{name}`: the areas of a map, of which `GET /reports` tells which reports draw it, and its version.

API Gateway calls it after its Cognito authorizer. A client runs what it finds here by a `run` message to `on_connect`.
"""

import logging
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.departments.department_file import SHARED, Department
from backend_lambdas.departments.page_file import BrokenPage, Page
from backend_lambdas.departments.page_listing import public
from backend_lambdas.errors import BrokenMap, PushboardError, UnknownMap
from backend_lambdas.languages.texts import requested
from backend_lambdas.maps import map_file
from backend_lambdas.reports.catalog import Catalog, Reports
from backend_lambdas.reports.mistakes import ReportError
from backend_lambdas.reports.report_file import BrokenReport, Report
from backend_lambdas.settings import GetReports
from backend_lambdas.tables.table_changes import TableChanges

log = logging.getLogger(__name__)


class ReportReader(Struct, frozen=True):
    """The reports, and when their tables changed last."""

    catalog: Catalog
    changes: TableChanges

    def listing(self, principal: Principal, languages: Sequence[str] = ()) -> dict[str, Any]:
        """What this user may see, as it is now: who was told by `announce_reports` of a change sees it here.

        Texts are in the first of `languages` in which their file gives them.
        """
        current = self.catalog.current()
        found = {name: one.translated(languages) if isinstance(one, Report) else one for name, one in current.items()}
        known = {name: one.translated(languages) for name, one in self.catalog.departments().items()}
        pages = [one.translated(languages) if isinstance(one, Page) else one for one in self.catalog.pages()]
        tables = {table for report in found.values() if isinstance(report, Report) for table in report.tables}
        maps = {one.header.chart.map or "" for one in found.values() if isinstance(one, Report)}
        versions = {name: version for name in maps if (version := self.catalog.map_version(name))}
        return listing(known, pages, found, principal, self._changed(tables), versions)

    def map_of(self, name: str, principal: Principal) -> dict[str, Any]:
        """A map's FeatureCollection; raises `UnknownMap`, or `BrokenMap`, which tells authors where and why."""
        if not map_file.NAME.fullmatch(name):
            raise UnknownMap
        try:
            return {"name": name, "map": map_file.load(self.catalog.map_content(name))}
        except ReportError as error:
            told = f"{map_file.path_of(name)}, line {error.line}: {error.reason}"
            raise BrokenMap(told if principal.is_author else None) from error

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
    """200 with `departments`, `reports` and `broken` (files with a mistake: where and why only for authors).

    Or with the `map` of the name in the path.
    """
    principal = Principal.from_rest(event["requestContext"]["authorizer"]["claims"])
    name = (event.get("pathParameters") or {}).get("name")
    try:
        reader = build()
        return clients.rest_answer(
            reader.listing(principal, requested(event)) if name is None else reader.map_of(name, principal)
        )
    except PushboardError as error:
        return clients.rest_error(error)


def listing(
    known: Mapping[str, Department],
    pages: Iterable[Page | BrokenPage],
    found: Reports,
    principal: Principal,
    changed: Mapping[str, int] = MappingProxyType({}),
    maps: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """What this user may see: departments and pages by order and title, reports by their order on the page.

    `known` are the departments that have a file of their own, `maps` the versions of maps by name. Without any page
    there are no `pages` either.
    """
    seen = [report for report in found.values() if principal.may_see(report.groups)]
    reports = sorted((item for item in seen if isinstance(item, Report)), key=lambda item: (item.header.order, item.id))
    working = [page for page in pages if isinstance(page, Page)]
    shown = [public(page, found, principal, known.get(page.department)) for page in working]
    opened = sorted((page for page in shown if page), key=lambda page: (page["order"], page["title"]))
    return {
        "departments": _departments({item.department for item in seen}, known),
        **({"pages": opened} if opened else {}),
        "reports": [_public(item, principal, changed) | _home(item, reports) | _mapped(item, maps) for item in reports],
        "broken": [*_broken_reports(seen, principal), *(_broken_files(known, pages) if principal.is_author else ())],
    }


def _departments(names: Collection[str], known: Mapping[str, Department]) -> list[dict[str, Any]]:
    """A file in no folder is in no department, and what all share is none."""
    shown = [known.get(name, Department(name)) for name in names if name and name != SHARED]
    in_order = sorted(shown, key=lambda one: (one.header.order, one.title, one.id))
    return [_department(one) for one in in_order]


def _department(one: Department) -> dict[str, Any]:
    described = {"description": one.header.description} if one.header.description else {}
    return {"id": one.id, "title": one.title} | described


def _mapped(report: Report, maps: Mapping[str, str]) -> dict[str, Any]:
    """For a report that draws a map, its chart and version with those of the map: a new one is drawn at once."""
    version = maps.get(report.header.chart.map or "")
    if not version:
        return {}
    return {"chart": report.public_chart | {"mapVersion": version}, "version": f"{report.version}-{version}"}


def _home(report: Report, seen: Sequence[Report]) -> dict[str, str]:
    """For a report that all departments share, the department for which this user sees it: `shared` is none."""
    own = [one for one in seen if not one.is_shared]
    users = [one for one in own if report.id in [reference.report for reference in one.references]]
    return {"department": (users or own)[0].department} if report.is_shared and own else {}


def _broken_reports(seen: Iterable[Report | BrokenReport], principal: Principal) -> list[dict[str, Any]]:
    broken = sorted((item for item in seen if isinstance(item, BrokenReport)), key=lambda item: item.id)
    return [item.public(principal.is_author) for item in broken]


def _broken_files(known: Mapping[str, Department], pages: Iterable[Page | BrokenPage]) -> list[dict[str, Any]]:
    """Departments' own files and pages that have a mistake: where and why, for authors."""
    departments = [(one.id, one.file, *one.mistake) for one in known.values() if one.mistake]
    broken = [(one.department, one.file, one.line, one.reason) for one in pages if isinstance(one, BrokenPage)]
    return [
        {"id": file, "department": department, "file": file, "line": line, "reason": reason}
        for department, file, line, reason in sorted([*departments, *broken])
    ]


def _public(report: Report, principal: Principal, changed: Mapping[str, int]) -> dict[str, Any]:
    """What everybody may know of a report, whether this user may take its rows away, and for authors its SQL."""
    last = max((changed[table] for table in report.tables if table in changed), default=None)
    own = {
        "download": principal.may_download(report.downloaders),
        "changedAt": clock.iso(last) if last is not None else None,
    }
    return report.public(groups=principal.groups) | own | ({"sql": report.sql} if principal.is_author else {})
