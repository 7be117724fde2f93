"""Which page an address means, and what the server does when the reports of the open page change. Used by `callbacks`.

`dash.register_page` is not used: its content comes from a callback that always runs after the first layout, so a page
would be there a round trip later. Here the first layout has the page in it.
"""

import datetime
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from dash import no_update, set_props

from dashboard.auth.routes import current_user, id_token
from dashboard.errors import GatewayError, SessionEnded, UserError
from dashboard.filters.source_values import SourceValues
from dashboard.gateway.client import Gateway
from dashboard.jobs import history, news
from dashboard.jobs.history import Wanted
from dashboard.layouts.page_plan import page_plan
from dashboard.pages import audit, department, exports, home, jobs, not_found, operations, shell, tables
from dashboard.panels.component import Page

log = logging.getLogger(__name__)

_NAME = "[a-z][a-z0-9_]{0,63}"
_PAGE = re.compile(f"/d/({_NAME}(?:/{_NAME})?)/?")
_MAX_KEYS = 100


@dataclass(frozen=True)
class Router:
    """The pages of one dashboard process; `note` is what every page says about its data."""

    gateway: Gateway
    note: str
    sources: SourceValues = field(default_factory=SourceValues)

    def page(self, path: str | None, search: str | None) -> Page:
        """The page at an address for the signed-in user; a calm sentence when its data cannot be had."""
        path, search = path or "/", search or ""
        try:
            return self._own_page(path, search) or self._page_of_listing(path, search, self._listing(path))
        except SessionEnded:
            raise
        except UserError as error:
            return not_found.unavailable(error, path)

    def _listing(self, path: str) -> Mapping[str, Any]:
        """What the user may see; asked anew for a page that is in no listing yet: it may be just published."""
        listing = self.gateway.reports(id_token())
        name = page_of(path)
        if name is None or page_plan(listing, name):
            return listing
        return self.gateway.reports(id_token(), fresh=True)

    def _own_page(self, path: str, search: str) -> Page | None:
        """The pages that are no department's: exports, audit, runs, jobs, tables; None for any other address."""
        if path == "/exports":
            return exports.render(self.gateway.exports(id_token()))
        if path == "/audit":
            only = {name: value for name, value in query(search).items() if value and value != audit.EVERYTHING}
            return audit.render(self.gateway.audit(id_token(), **only), only)
        if path == "/operations":
            return operations.render(self.gateway.operations(id_token()))
        if path == "/tables":
            return tables.render(self.gateway.tables(id_token()))
        return self._jobs() if path == "/jobs" else None

    def _jobs(self) -> Page:
        """For whoever may start or agree to some job; to others it is a page like any that does not exist."""
        listing = self.gateway.jobs(id_token())
        if not (listing["jobs"] or listing["broken"]):
            return not_found.render()
        return jobs.render(listing, self._history(Wanted()), current_user(), _now())

    def job_runs(self, wanted: Wanted) -> tuple[Any, str | None]:
        """The list of the page of jobs as it is now; raises `GatewayError`."""
        return jobs.runs(self.gateway.jobs(id_token()), self._history(wanted), wanted, _now())

    def _history(self, wanted: Wanted) -> history.History:
        return history.read(self.gateway, id_token(), wanted)

    def job_news(self, told: Sequence[Mapping[str, str]]) -> news.Notifications:
        """What the corner of another page shows of runs that the socket has told of; raises `GatewayError`."""
        runs = [run for job in sorted({one["job"] for one in told}) for run in self._newest(job)]
        return news.notifications(told, runs, current_user())

    def _newest(self, job: str) -> list[dict[str, Any]]:
        return list(self.gateway.job_runs(id_token(), job)["runs"])

    def warehouse_links(self) -> list[Any]:
        """The links to jobs and tables, as far as they lead somewhere for this user; raises `GatewayError`."""
        listing = self.gateway.jobs(id_token())
        return shell.warehouse_links(current_user(), has_jobs=bool(listing["jobs"] or listing["broken"]))

    def _page_of_listing(self, path: str, search: str, listing: Mapping[str, Any]) -> Page:
        if path in {"", "/"}:
            return home.render(current_user(), listing, self.note, self.sources, self._kept())
        name = page_of(path)
        plan = page_plan(listing, name) if name else None
        if plan is None:
            return not_found.render()
        asked = query(search)
        view = self._view(asked.get(department.VIEW), f"/d/{plan.id}")
        return department.render(plan, listing, current_user(), self.sources, self.note, asked, view)

    def _view(self, view_id: str | None, address: str) -> Mapping[str, Any] | None:
        """The saved view of that id, if it is one of this page that the user sees; the page stands without it, too."""
        views = (self._kept() or {"views": ()})["views"] if view_id else ()
        return next((view for view in views if view["id"] == view_id and view["path"] == address), None)

    def _kept(self) -> Mapping[str, Any] | None:
        """The user's views and favourites; None when they cannot be had right now. Raises `SessionEnded`."""
        try:
            return self.gateway.views(id_token())
        except GatewayError as error:
            log.warning("views and favourites cannot be had: %s", error)
            return None

    def changed(self, changes: Mapping[str, Any], path: str, shown: Mapping[str, Any] | None) -> tuple[Any, Any]:
        """The content and the navigation after reports changed: only what differs is laid out anew.

        A panel whose report alone changed gets its new spec and nothing else. A page that lists no reports stays.
        """
        listing = self.gateway.reports(id_token(), fresh=True)
        navigation = shell.links(current_user(), listing)
        name = page_of(path)
        if name is None:
            is_home = path in {"", "/"}
            return (self._page_of_listing(path, "", listing) if is_home else no_update), navigation
        plan = page_plan(listing, name)
        if plan is None or department.signature(plan) != shown:
            return self._page_of_listing(path, changes["query"], listing), navigation
        for panel_id, spec in department.changed_specs(plan, query(changes["query"]), changes["changed"]):
            set_props(panel_id, {"spec": spec})
        return no_update, navigation


def page_of(path: str) -> str | None:
    """The id of the page that an address is: `finance`, or `finance/overview`."""
    match = _PAGE.fullmatch(path)
    return match[1] if match else None


def query(search: str) -> dict[str, str]:
    """The keys and texts of an address's query; none if they are too many or cannot be read."""
    try:
        return dict(parse_qsl(search.removeprefix("?"), keep_blank_values=True, max_num_fields=_MAX_KEYS))
    except ValueError:
        return {}


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
