"""Which panels stand where on a department's pages, from what `GET /reports` lists. Pure; used by `department`.

A page that no file describes has all panels of its department. A panel's key on the page, its topic, is its report's
name, and for a report that stands there again the name with a number behind `~`; see `ids.report_of`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.filters import controls
from dashboard.layouts.click_targets import click_of

INDEX = "index"

Report = Mapping[str, Any]
Parameter = Mapping[str, Any]
Listing = Mapping[str, Any]


@dataclass(frozen=True)
class PlacedPanel:
    """A report on a page, by its key; `values` are those that it begins with. One that is broken says why.

    `click` is what a click on its marks does; see `click_targets`.
    """

    key: str
    report: Report
    values: Mapping[str, Any] = field(default_factory=dict)
    is_broken: bool = False
    click: Mapping[str, Any] | None = None

    def open_parameters(self) -> list[Parameter]:
        """The parameters that the page's filters set."""
        return [each for each in self.report.get("parameters", ()) if each["name"] not in self.values]


@dataclass(frozen=True)
class PlacedSection:
    """Panels below a heading and words in Markdown; each may be empty."""

    title: str
    text: str
    panels: Sequence[PlacedPanel]


@dataclass(frozen=True)
class PlacedTab:
    """Sections of which one tab's are seen at a time; `id` stands in the address."""

    id: str
    title: str
    text: str
    sections: Sequence[PlacedSection]


@dataclass(frozen=True)
class PagePlan:
    """A page of a department; `id` is `finance`, or `finance/overview`. One without tabs has a single one."""

    id: str
    title: str
    description: str
    text: str
    tabs: Sequence[PlacedTab]
    values: Mapping[str, Any] = field(default_factory=dict)
    apply: bool = False

    @property
    def panels(self) -> list[PlacedPanel]:
        """All panels, in their order."""
        return [panel for tab in self.tabs for section in tab.sections for panel in section.panels]

    def parameters(self) -> list[Parameter]:
        """The parameters of its filters, each once; those that the page has a value for begin with that."""
        shared = controls.shared({"parameters": panel.open_parameters()} for panel in self.panels)
        return [self._begun(each) for each in shared]

    def _begun(self, parameter: Parameter) -> Parameter:
        if parameter["name"] not in self.values:
            return parameter
        rest = {name: value for name, value in parameter.items() if name != "defaultFrom"}
        return {**rest, "default": self.values[parameter["name"]]}

    def tab(self, wanted: str) -> PlacedTab:
        """The tab of this id, or the first."""
        return next((tab for tab in self.tabs if tab.id == wanted), self.tabs[0])


def page_plan(listing: Listing, page_id: str) -> PagePlan | None:
    """The page of this id for whoever has this listing; None where there is none.

    A department without a page `index` has all its panels on its own page.
    """
    department, _, name = page_id.partition("/")
    listed = {page["id"]: page for page in listing.get("pages", ())}
    page = listed.get(f"{department}/{name or INDEX}")
    if page and name != INDEX:
        return _planned(page_id, page, listing)
    known = {each["id"]: each for each in departments(listing)}
    return _of_department(known[department], listing) if department in known and not name else None


def departments(listing: Listing) -> list[Mapping[str, Any]]:
    """The departments that have reports for this user, and behind them those that only have pages."""
    found = {each["id"]: each for each in listing["departments"]}
    for page in listing.get("pages", ()):
        found.setdefault(page["department"], {"id": page["department"], "title": page["departmentTitle"]})
    return list(found.values())


def pages_below(listing: Listing, department: str) -> list[Mapping[str, Any]]:
    """The pages of a department that have an address of their own, in their order."""
    return [page for page in listing.get("pages", ()) if page["department"] == department and page["name"] != INDEX]


def _of_department(department: Mapping[str, Any], listing: Listing) -> PagePlan:
    """All panels of a department, those with a mistake last."""
    own = [each for each in listing["reports"] if each["department"] == department["id"] and not each.get("hidden")]
    panels = [PlacedPanel(report["id"], report, click=click_of(report, listing)) for report in own]
    panels += [PlacedPanel(each["id"], each, is_broken=True) for each in _broken(listing, department["id"])]
    tab = PlacedTab("", "", "", [PlacedSection("", "", panels)])
    return PagePlan(department["id"], department["title"], department.get("description", ""), "", [tab])


def _broken(listing: Listing, department: str) -> list[Report]:
    return [each for each in listing.get("broken", ()) if each["department"] == department]


def _planned(page_id: str, page: Mapping[str, Any], listing: Listing) -> PagePlan:
    """The page of a file."""
    reports = {each["id"]: each for each in listing["reports"]}
    broken = {each["id"]: each for each in listing.get("broken", ())}
    tabs = [
        PlacedTab(tab["id"], tab["title"], tab["text"], list(_sections(tab, listing, reports, broken)))
        for tab in page["tabs"]
    ]
    tabs = tabs or [PlacedTab("", "", "", [])]
    return PagePlan(
        page_id, page["title"], page["description"], page["text"], tabs, page["values"], page.get("apply", False)
    )


def _sections(
    tab: Mapping[str, Any], listing: Listing, reports: Mapping[str, Report], broken: Mapping[str, Report]
) -> Iterator[PlacedSection]:
    for section in tab["sections"]:
        panels = [_placed(panel, listing, reports, broken) for panel in section["panels"]]
        yield PlacedSection(section["title"], section["text"], panels)


def _placed(
    panel: Mapping[str, Any], listing: Listing, reports: Mapping[str, Report], broken: Mapping[str, Report]
) -> PlacedPanel:
    """A panel of a file; the listing has left out those that are not for this user."""
    report = reports.get(panel["report"])
    if "broken" in panel or report is None:
        known = panel.get("broken") or broken.get(panel["report"], {})
        return PlacedPanel(panel["key"], {**known, "id": panel["report"]}, is_broken=True)
    own = {name: panel[name] for name in ("title", "size") if name in panel}
    return PlacedPanel(panel["key"], {**report, **own}, panel.get("values", {}), click=click_of(report, listing))
