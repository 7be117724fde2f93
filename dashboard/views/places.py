"""Where panels stand: the address that leads to each, and the list that the search of all pages looks through.

Pure; used by `routes`, for `assets/js/views/palette.js`, and by the home page.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.layouts.page_plan import PagePlan, PlacedPanel, departments, page_plan, pages_below

Listing = Mapping[str, Any]


def address(page_id: str, topic: str) -> str:
    """The address of a panel: its page, and the panel on it."""
    return f"/d/{page_id}#{topic}"


def searchable(report: Mapping[str, Any]) -> str:
    """What a search looks through: title, description and the names of columns, in lower case."""
    labels = [style.get("label", "") for style in report.get("columns", {}).values()]
    return " ".join([report["title"], report["description"], *report.get("columns", {}), *labels]).lower()


def pages(listing: Listing) -> Iterator[PagePlan]:
    """The pages that the user may open: those of departments, in their order, and then those below them."""
    own = [department["id"] for department in departments(listing)]
    below = [page["id"] for department in own for page in pages_below(listing, department)]
    return (plan for page_id in (*own, *below) if (plan := page_plan(listing, page_id)))


def place_of(report_id: str, listing: Listing) -> tuple[PagePlan, PlacedPanel] | None:
    """The first page on which a report has a panel that works, its own department's before others; None without."""
    homes = {report["id"]: report["department"] for report in listing["reports"]}
    own = homes.get(report_id, "")
    found = [(plan, panel) for plan in pages(listing) for panel in _working(plan) if panel.report["id"] == report_id]
    return min(found, key=lambda place: place[0].id.partition("/")[0] != own, default=None)


def panels(listing: Listing) -> list[dict[str, str]]:
    """Every panel that the user may see, on each page where it stands: its title, its words and its address."""
    return [
        {
            "report": panel.report["id"],
            "title": panel.report["title"],
            "place": plan.title,
            "words": searchable(panel.report),
            "href": address(plan.id, panel.key),
        }
        for plan in pages(listing)
        for panel in _working(plan)
    ]


def _working(plan: PagePlan) -> list[PlacedPanel]:
    return [panel for panel in plan.panels if not panel.is_broken]
