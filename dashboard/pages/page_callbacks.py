"""What the server does when a page is opened, when reports change under it, and when a filter's rows come in.

Called by `callbacks`; the list of reports comes from the gateway each time, at most two seconds old.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import no_update

from dashboard import pages
from dashboard.auth.routes import current_user, id_token
from dashboard.errors import SessionEnded, UserError
from dashboard.filters import controls as filters
from dashboard.filters import dynamic_filters as filter_rows
from dashboard.gateway.client import Gateway
from dashboard.pages import department
from dashboard.panels.draw import draw_all
from dashboard.panels.panel import headline


def page(gateway: Gateway, path: str | None, search: str | None, note: str) -> Any:
    """The content of the page at an address; a calm sentence when the list of reports cannot be had."""
    try:
        own = pages.of_ones_own(path or "/", search or "", gateway, id_token())
        if own is not None:
            return own
        listing = gateway.reports(id_token())
    except SessionEnded:
        raise
    except UserError as error:
        return pages.unavailable(error.message)
    return pages.render(path or "/", search or "", current_user(), listing, note)


def changed(
    gateway: Gateway,
    changes: Mapping[str, Any],
    path: str,
    shown: Mapping[str, Any] | None,
    slots: Sequence[Mapping[str, str]],
    note: str,
) -> tuple[Any, list[Any]]:
    """The content and the panels' places after reports changed: only what differs is given anew."""
    untouched = [no_update] * len(slots)
    open_department = pages.department_of(path)
    listing = gateway.reports(id_token(), fresh=True)
    if open_department is None or shown is None:
        return pages.render(path, changes["query"], current_user(), listing, note), untouched
    reports = department.shown_reports(open_department, listing)
    broken = [report for report in listing.get("broken", ()) if report["department"] == open_department]
    if department.signature(reports, broken) != shown:
        return pages.render(path, changes["query"], current_user(), listing, note), untouched
    values = department.read_query(pages.query(changes["query"]), reports)
    anew = {report["id"]: report for report in reports if report["id"] in changes["changed"]}
    topics = [slot["topic"] for slot in slots]
    return no_update, [_panel(anew[topic], values) if topic in anew else no_update for topic in topics]


def _panel(report: Mapping[str, Any], values: department.Values) -> Any:
    return department.slot(report, values).children


def drawn(gateway: Gateway, finished: Mapping[str, Any], spec: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """A panel's result and its headline, drawn as the server's own listing says."""
    runs = [{**finished, "topicName": spec["report"]}]
    (result,) = draw_all(gateway, id_token(), runs, gateway.reports(id_token()))
    return result, headline(result["number"]) if result.get("number") else None


def filter_filled(gateway: Gateway, finished: Mapping[str, Any] | None, parameter: Mapping[str, Any]) -> Any:
    """A filter's control and its parameter, once the rows of one of its source reports are there."""
    if finished is None:
        return no_update, no_update
    source = finished["topicName"].rpartition(":")[2]
    try:
        result = gateway.result(id_token(), finished["statementId"], filter_rows.MOST_CHOICES)
    except UserError as error:
        control = filters.control(parameter, parameter.get("value"))
        control.error = error.message
        return control, no_update
    known = filter_rows.filled(parameter, source, result)
    return filters.control(known, known.get("value")), known
