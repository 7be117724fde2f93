"""What a user may do with saved views and favourites. Called by `keep_views`; the items are `view_table`'s.

Whose a view is follows from the token, and its department from its path, never from what a browser says. A department
is open to whoever sees one of its reports or pages, as `GET /reports` lists it. A shared view is not shown to those to
whom its page is not open.
"""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas import clock
from backend_lambdas.access.principal import Principal
from backend_lambdas.departments.department_file import SHARED
from backend_lambdas.departments.page_file import Page
from backend_lambdas.departments.page_listing import public
from backend_lambdas.errors import BadParameter, Forbidden, NotFound, UnknownReport
from backend_lambdas.reports.catalog import Catalog
from backend_lambdas.views.saved_view import SavedView, is_id
from backend_lambdas.views.view_table import ANOTHERS, ViewTable

MOST_PRIVATE, MOST_SHARED, MOST_FAVOURITES = 100, 100, 50
"""Private views of a user, shared ones of a department, favourites of a user."""

_NO_VIEW = "There is no such view any more, or it is not open to you."
_NO_PAGE = "This page is not open to you, so no view of it can be kept."
_PRIVATE_AGAIN = "Only its owner can take a view back from the department."


class _Opened(Struct, frozen=True):
    """The departments that a user sees, and the addresses of pages in them that he does not."""

    departments: set[str]
    closed: set[str]

    def has(self, path: str) -> bool:
        """Whether a page of these departments is open to the user; one that there is not yet, or no longer, counts."""
        return path not in self.closed


class OwnViews(Struct, frozen=True):
    """Views and favourites, and the reports by which it is known who sees which department."""

    table: ViewTable
    catalog: Catalog

    def listing(self, principal: Principal) -> dict[str, Any]:
        """The views that a user sees, by name, and the ids of his favourites, in the order of their choice."""
        views, favourites = self.table.of_user(principal.sub)
        opened = self._opened(principal)
        for department in sorted(opened.departments):
            views += [view for view in self.table.of_department(department) if opened.has(view.path)]
        views.sort(key=lambda view: (view.name.casefold(), view.id))
        return {"views": [view.public(principal) for view in views], "favourites": favourites}

    def favourites(self, principal: Principal) -> dict[str, Any]:
        """The ids of a user's favourites alone, in the order of their choice."""
        return {"favourites": self.table.favourites(principal.sub)}

    def save(self, principal: Principal, wanted: SavedView) -> dict[str, Any]:
        """Keeps a view, new or in the place of the one with its id; the view as it is now.

        Raises `Forbidden` for a department or a view that is not the user's to change, and `BadParameter` when there
        are too many. A shared view keeps its owner, whoever changes it.
        """
        opened = self._opened(principal)
        if wanted.department not in opened.departments or not opened.has(wanted.path):
            raise Forbidden(_NO_PAGE)
        before = self.table.found(wanted.id, principal.sub, opened.departments)
        before = _changeable(before, principal)
        view = _kept_by_its_owner(wanted, before, principal)
        self._require_room(view, before)
        self.table.put(view, before)
        return view.public(principal)

    def remove(self, principal: Principal, view_id: str) -> None:
        """Takes a view away; raises `NotFound` when the user sees none of this id, `Forbidden` when it is not his."""
        opened = self._opened(principal).departments
        found = self.table.found(view_id, principal.sub, opened) if is_id(view_id) else []
        if not found:
            raise NotFound(_NO_VIEW)
        for view in _changeable(found, principal):
            self.table.remove(view)

    def add_favourite(self, principal: Principal, report_id: str) -> None:
        """Adds a report to a user's favourites; raises `UnknownReport`, or `BadParameter` when there are too many."""
        report = self.catalog.current().get(report_id)
        if report is None or not principal.may_see(report.groups):
            raise UnknownReport
        favourites = self.table.favourites(principal.sub)
        if report_id not in favourites and len(favourites) >= MOST_FAVOURITES:
            raise BadParameter(f"You have {MOST_FAVOURITES} favourites, which is the most. Take one away first.")
        self.table.put_favourite(principal.sub, report_id, clock.now())

    def remove_favourite(self, principal: Principal, report_id: str) -> None:
        """Takes it away, also one whose report is gone."""
        if report_id in self.table.favourites(principal.sub):  # else it may be longer than a key can be
            self.table.remove_favourite(principal.sub, report_id)

    def _opened(self, principal: Principal) -> "_Opened":
        """What of the departments is open to a user, by the catalogue as it is now."""
        reports = self.catalog.current()
        pages = self.catalog.pages()
        shown = [page for page in pages if isinstance(page, Page) and public(page, reports, principal)]
        seen = {report.department for report in reports.values() if principal.may_see(report.groups)}
        departments = ({page.department for page in shown} | seen) - {"", SHARED}
        closed = {page.path for page in pages} - {page.path for page in shown}
        return _Opened(departments, closed)

    def _require_room(self, view: SavedView, before: list[SavedView]) -> None:
        if any(one.place == view.place for one in before):
            return  # it stands there already
        if view.shared and len(self.table.of_department(view.department)) >= MOST_SHARED:
            raise BadParameter(f"This department shares {MOST_SHARED} views, which is the most. Delete one first.")
        if not view.shared and len(self.table.of_user(view.owner)[0]) >= MOST_PRIVATE:
            raise BadParameter(f"You have {MOST_PRIVATE} views of your own, which is the most. Delete one first.")


def _changeable(found: list[SavedView], principal: Principal) -> list[SavedView]:
    """A user's own, else those that he may change; raises `Forbidden` where there are some, but none of these.

    A shared view may have the id of somebody's private one: ids are in addresses.
    """
    own = [view for view in found if view.owner == principal.sub]
    changeable = own or [view for view in found if view.may_be_changed_by(principal)]
    if found and not changeable:
        raise Forbidden(ANOTHERS)
    return changeable


def _kept_by_its_owner(wanted: SavedView, before: list[SavedView], principal: Principal) -> SavedView:
    """The view with the owner that it has; an author or admin does not make somebody else's private."""
    others = [view for view in before if view.owner != principal.sub]
    if not others:
        return wanted
    if not wanted.shared:
        raise Forbidden(_PRIVATE_AGAIN)
    return replace(wanted, owner=others[0].owner, owner_name=others[0].owner_name)
