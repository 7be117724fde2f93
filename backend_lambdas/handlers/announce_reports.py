"""A change of a report file: into the catalogue first, then told to every open socket whose user it concerns.

Last, the warehouse is asked for its views, so that pages turn by the tables behind them. Nobody waits for that, and
what it does not answer is asked again with the event, or by the schedule.

EventBridge calls it with an `Object Created` or `Object Deleted` event of the bucket that holds the reports; the event
may come twice or late. A schedule calls it without one, in case an event was lost. What it sends goes over the socket
to the dashboard's bridge; the page then asks `get_reports`.
Source of the event's shape: Amazon S3, "EventBridge event message structure".
"""

import os
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.aws.warehouse import Target
from backend_lambdas.commands.catalogue_version import CatalogueVersion
from backend_lambdas.departments.department_file import SHARED, is_department_file
from backend_lambdas.departments.page_file import is_page_file
from backend_lambdas.errors import WarehouseUnavailable
from backend_lambdas.maps.map_file import is_map_file, name_of
from backend_lambdas.messages import ReportsChanged
from backend_lambdas.reports.catalog import Catalog
from backend_lambdas.reports.report_file import BrokenReport, Report
from backend_lambdas.settings import AnnounceReports
from backend_lambdas.sockets.connections import Connections
from backend_lambdas.sockets.notifier import Notifier
from backend_lambdas.tables.warehouse_views import WAIT_SECONDS, ViewReader

_ROUNDS = 8
"""How often others may publish in just that moment; then the event comes again."""


class Announcer(Struct, frozen=True):
    """Tells of changed report files."""

    connections: Connections
    catalog: Catalog
    version: CatalogueVersion
    notifier: Notifier
    views: ViewReader

    def publish(self, path: str = "", tag: str | None = None) -> None:
        """Writes the catalogue, and then on record which one counts; raises what `Catalog.publish` raises.

        Of two who publish at once, whoever notes last looks once more: so what is on record is never an older one.
        """
        self.catalog.publish(path, tag)
        self._note_version()

    def publish_views(self, moment: int) -> None:
        """Adds the warehouse's views, where those in the catalogue are older than its files or long before a moment.

        Raises `WarehouseUnavailable`.
        """
        self.catalog.current()
        if self.catalog.needs_views(moment):
            began = clock.now()
            self.catalog.publish_views(self.views.read(), began)
            self._note_version()

    def _note_version(self) -> None:
        noted = ""
        for _ in range(_ROUNDS):
            self.catalog.current()
            if self.catalog.tag == noted:
                return
            noted = self.catalog.tag
            self.version.note(noted)
        raise WarehouseUnavailable

    def announce(self, path: str) -> None:
        """Tells who may see the file's department, or what the file holds now; nobody learns of others' reports.

        Of a page, and of a report that all departments share, everybody is told: who could see it before is not known
        any more. Raises `DeliveryFailed` when some could not be told: being told twice does no harm.
        """
        listeners = dict(self.connections.open())
        if not listeners:
            return
        concerned = _concerned(path, self.catalog.current().values())
        department = path.partition("/")[0]
        is_for_all = is_page_file(path) or department == SHARED
        groups = {department}.union(*(report.groups for report in concerned))
        notified = {one: user for one, user in listeners.items() if is_for_all or user.may_see(groups)}
        self.notifier.notify_each({connection: _news(concerned, user) for connection, user in notified.items()})


def _concerned(path: str, found: Iterable[Report | BrokenReport]) -> list[Report | BrokenReport]:
    """The file's report, those of the same name elsewhere (one of them works), and those that take rows from it.

    Of a department's own file, all its reports; of a page, none; of a map, those that draw it.
    """
    if is_page_file(path):
        return []
    if is_map_file(path):
        return [report for report in found if isinstance(report, Report) and report.header.chart.map == name_of(path)]
    department, _, name = path.removesuffix(".sql").rpartition("/")
    if is_department_file(path):
        return [report for report in found if report.department == department]
    return [report for report in found if report.id in (name, f"{report.department}.{name}") or _uses(report, name)]


def _uses(report: Report | BrokenReport, name: str) -> bool:
    return isinstance(report, Report) and name in [reference.report for reference in report.references]


def _news(concerned: Iterable[Report | BrokenReport], user: Principal) -> ReportsChanged:
    return ReportsChanged(tuple(sorted(report.id for report in concerned if user.may_see(report.groups))))


@at_start
def build() -> Announcer:
    """Everything it takes, from this function's environment; kept while the function is warm."""
    settings = AnnounceReports.from_environ(os.environ)
    dynamodb = clients.dynamodb()
    connections = Connections(dynamodb, settings.table_name)
    notifier = Notifier(clients.client("apigatewaymanagementapi", settings.callback_url), connections)
    catalog = Catalog(clients.client("s3"), settings.reports_s3_path)
    target = Target(settings.database, settings.cluster_identifier, settings.workgroup_name, settings.db_username)
    data_api = clients.client("redshift-data", read_seconds=WAIT_SECONDS + 10.0)
    views = ViewReader(data_api, target, f"pushboard-views/{settings.stack_name}")
    return Announcer(connections, catalog, CatalogueVersion(dynamodb, settings.table_name), notifier, views)


def handler(event: dict[str, Any], context: Any) -> None:
    """Publishes and tells. Raises when something could not be done, so that Lambda calls again."""
    announcer, detail = build(), event["detail"]
    if "object" not in detail:
        announcer.publish()
        announcer.publish_views(0)
        return
    changed = detail["object"]
    path = announcer.catalog.path_of(detail["bucket"]["name"], changed["key"])
    if path is not None:
        announcer.publish(path, changed.get("etag"))
        announcer.announce(path)
        announcer.publish_views(clock.milliseconds(event["time"]))
