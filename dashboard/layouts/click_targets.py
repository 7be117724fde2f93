"""What a click on a panel's marks does, as the browser needs it. Pure; used by `page_plan`.

The columns' values come with the drawing (`charts.clicks`); `assets/js/page/clicks.js` sets filters, or leads on.
"""

from collections.abc import Mapping
from typing import Any

Report = Mapping[str, Any]
Listing = Mapping[str, Any]


def click_of(report: Report, listing: Listing) -> dict[str, Any] | None:
    """`columns`, by the parameters that they set, and for one that opens a page its `href` and the parameters' `kinds`.

    None where a click does nothing, also where it would lead to what is not open to this user.
    """
    click = report["chart"].get("click")
    if not click:
        return None
    if "open" not in click:
        return {"columns": click["filter"]}
    target = _target(click["open"], listing)
    return target and {"columns": click.get("with", {}), **target}


def _target(name: str, listing: Listing) -> dict[str, Any] | None:
    if "/" in name:
        return _page(name, listing)
    report = next((each for each in listing["reports"] if each["id"] == name and not each.get("hidden")), None)
    page_id = _page_of(report, listing) if report else None
    return {"href": f"/d/{page_id}", "panel": name, "kinds": _kinds([report])} if report and page_id else None


def _page_of(report: Report, listing: Listing) -> str | None:
    """The page that has a report's panel: its department's own one, one below that, or another's; None for none."""
    department = report["department"]
    pages = listing.get("pages", ())
    if not any(page["id"] == f"{department}/index" for page in pages):
        return str(department)  # all panels of the department stand there
    holding = [page for page in pages if report["id"] in _reports_on(page)]
    nearest_first = sorted(holding, key=lambda page: (page["department"] != department, page["name"] != "index"))
    return nearest_first[0]["id"].removesuffix("/index") if nearest_first else None


def _page(name: str, listing: Listing) -> dict[str, Any] | None:
    page = next((each for each in listing.get("pages", ()) if each["id"] == name), None)
    if page is None:
        return None
    shown = _reports_on(page)
    reports = [each for each in listing["reports"] if each["id"] in shown]
    return {"href": f"/d/{name.removesuffix('/index')}", "kinds": _kinds(reports)}


def _reports_on(page: Mapping[str, Any]) -> set[str]:
    sections = [section for tab in page["tabs"] for section in tab["sections"]]
    return {panel["report"] for section in sections for panel in section["panels"]}


def _kinds(reports: list[Report]) -> dict[str, str]:
    """The type of each parameter by its name; the first report's word counts."""
    found: dict[str, str] = {}
    for report in reports:
        for parameter in report["parameters"]:
            found.setdefault(parameter["name"], parameter["type"])
    return found
