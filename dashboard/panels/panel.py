"""What a panel needs to know of its report: `panel_spec` makes it, `assets/js/panel.js` renders it. Pure.

On the path of a query the browser runs the report by its spec (`assets/js/page.js`); the finished run comes back to
`callbacks`, which draws it with `draw`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from dashboard import ids
from dashboard.grid.plain_table import MOST_ROWS
from dashboard.locales.words import _, known
from dashboard.panels.component import Panel

TABLES = frozenset({"table", "pivot"})
"""Types of charts that are their rows."""

PICTURELESS = TABLES | {"number"}
"""Types of charts that are no picture to download."""

Report = Mapping[str, Any]
Values = Mapping[str, Any]


class Placed(Protocol):
    """A report on a page; see `page_plan.PlacedPanel`."""

    @property
    def key(self) -> str:
        """Its topic."""

    @property
    def report(self) -> Report:
        """As `GET /reports` lists it."""

    @property
    def values(self) -> Values:
        """What it begins with, before the page's filters."""

    @property
    def click(self) -> Values | None:
        """What a click on its marks does; see `click_targets`."""


def panel(placed: Placed, own: Values | None = None, tab: str = "") -> Panel:
    """The panel of a placed report; `own` are wire values that beat the page's filters, `tab` is where it stands."""
    return Panel(id=ids.panel(placed.key), spec=panel_spec(placed, own, tab))


def panel_spec(placed: Placed, own: Values | None = None, tab: str = "") -> dict[str, Any]:
    """What the browser needs to run the report and to show its states; how it is drawn stays on the server."""
    report = placed.report
    kind = report["chart"]["type"]
    return {
        "topic": placed.key,
        "report": report["id"],
        "tab": tab,
        "version": report.get("version", ""),
        "title": report["title"],
        "description": report.get("description", ""),
        "size": report.get("size", "half"),
        "kind": kind,
        "picture": kind not in PICTURELESS,
        "plainRows": MOST_ROWS if kind in TABLES else None,
        "download": bool(report.get("download")),
        "empty": _empty(report),
        **_filters(report["parameters"]),
        "preset": dict(placed.values),
        "click": placed.click,
        "own": dict(own or {}),
        "timeoutSeconds": report.get("timeoutSeconds", 60),
        "liveSeconds": report.get("liveSeconds"),
        "freshSeconds": report.get("freshSeconds"),
        "changedAt": report.get("changedAt"),
        "live": report.get("live", True),
        "sql": report.get("sql"),
    }


def _filters(parameters: Sequence[Values]) -> dict[str, Any]:
    """The types of parameters by name, those that need a value, and whether a panel has filters of its own."""
    return {
        "parameters": {parameter["name"]: parameter["type"] for parameter in parameters},
        "required": [parameter["name"] for parameter in parameters if parameter.get("default") is None],
        "ownFilters": any("choicesFrom" not in parameter for parameter in parameters),
    }


def _empty(report: Report) -> str:
    """What the author says when there are no rows; where he says nothing of it, the gateway does."""
    return known(report.get("empty", "No rows."))


def broken_panel(report: Report, key: str) -> Panel:
    """In the place of a report whose file has a mistake; where and why is told to authors only."""
    title = report["id"].rpartition(".")[2].replace("_", " ").capitalize()
    reason = f"{report['file']}, line {report['line']}: {report['reason']}" if "reason" in report else None
    broken = {"message": _("This report has a mistake in its file and cannot run until its author has mended it.")}
    spec = {"topic": key, "title": title, "description": "", "size": "half", "kind": "table"}
    return Panel(id=ids.panel(key), spec=spec | {"broken": broken | {"reason": reason}})
