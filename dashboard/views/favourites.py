"""The first part of the home page: the panels of one's favourites, with the filters that their pages begin with. Pure.

Filters of two pages may have the same name and other defaults, so the name of each begins with its page. No control of
them is shown: to set them one goes to the panel's own page, which its title leads to.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.auth.user_pool import User
from dashboard.filters import controls
from dashboard.filters.source_values import Source, SourceValues
from dashboard.layouts.page_plan import PagePlan, PlacedPanel
from dashboard.locales.words import _, _n, noop
from dashboard.pages import department
from dashboard.pages.department import Filter
from dashboard.panels.component import Panel
from dashboard.panels.panel import panel_spec
from dashboard.views import places

HOW_TO = noop("Press the star in a panel's head, and the panel stands here first, whenever you come.")
_UNAVAILABLE = noop("Your favourites cannot be shown right now. They are not lost: load the page again in a moment.")

Listing = Mapping[str, Any]
Place = tuple[PagePlan, PlacedPanel]


@dataclass(frozen=True)
class Favourites:
    """What the home page shows of them: the section itself, and the filters that its panels run with."""

    section: Any
    filters: list[dict[str, Any]]


def render(kept: Mapping[str, Any] | None, listing: Listing, user: User, sources: SourceValues) -> Favourites:
    """The section from what `GET /views` gave, None when it cannot be had; a sentence where there are no favourites."""
    if kept is None:
        return Favourites(html.P(_(_UNAVAILABLE), className="lead", role="status"), [])
    where = {name: places.place_of(name, listing) for name in kept["favourites"]}
    found = [place for place in where.values() if place]
    gone = [name for name, place in where.items() if place is None]
    if not found and not gone:
        return Favourites(html.P(_(HOW_TO), className="lead"), [])
    filters = list(_filters(found, listing, user, sources))
    cards = [_panel(*place) for place in found if _is_card(place[1])]
    charts = [_panel(*place) for place in found if not _is_card(place[1])]
    content = [
        html.H2(_("Favourites")),
        _gone(gone) if gone else None,
        *(html.Div(panels, className="panels") for panels in (cards, charts) if panels),
        html.Div([slot for one in filters for slot in one.slots()], hidden=True),
    ]
    return Favourites(html.Section(content, className="favourites"), [one.spec() for one in filters])


@dataclass(frozen=True)
class _Filter:
    """A filter of one page: its parameter as far as it is known, and the reports that fill it."""

    page_id: str
    parameter: Mapping[str, Any]
    sources: list[Source]

    @property
    def name(self) -> str:
        return f"{self.page_id}.{self.parameter['name']}"

    def spec(self) -> dict[str, Any]:
        """What the browser needs of it, as of a filter of a department's page, and whose it is."""
        spec = Filter(self.parameter, None, self.sources).spec()
        return spec | {"name": self.name, "pageId": self.page_id, "parameter": self.parameter["name"]}

    def slots(self) -> list[Any]:
        """Its control, which is not shown, and a store for the end of a run of a report that fills it."""
        source = [dcc.Store(id=ids.filter_source(self.name, self.parameter["type"]))] if self.sources else []
        return [controls.control({**self.parameter, "name": self.name}), *source]


def _filters(found: Sequence[Place], listing: Listing, user: User, sources: SourceValues) -> Iterator[_Filter]:
    """Those of each page that its favourites follow, with the values that they have there at first."""
    for plan in {plan.id: plan for plan, _placed in found}.values():
        known = department.first_filters(plan, user, listing, sources)
        wanted = {each["name"] for page, panel in found if page.id == plan.id for each in panel.open_parameters()}
        for one in known:
            if one.parameter["name"] in wanted | _needed(known, wanted):
                yield _Filter(plan.id, one.parameter, one.sources)


def _needed(known: Sequence[Filter], wanted: Set[str]) -> set[str]:
    """The filters on which the choices of those depend, and on which these do."""
    found = {name for one in known if one.parameter["name"] in wanted for source in one.sources for name in source.sent}
    return found | (_needed(known, wanted | found) if found - wanted else set())


def _panel(plan: PagePlan, placed: PlacedPanel) -> Panel:
    """The panel as on its page, small, under the report's name: a page may show the report more than once."""
    labels = {each["name"]: controls.label(each) for each in placed.report["parameters"]}
    place = {"href": places.address(plan.id, placed.key), "title": plan.title, "pageId": plan.id, "labels": labels}
    spec = panel_spec(replace(placed, key=placed.report["id"]))
    small = {
        "size": "quarter" if _is_card(placed) else "third",
        "ownFilters": False,
        "place": place,
        "click": _leading(placed),
    }
    return Panel(id=ids.panel(spec["topic"]), spec=spec | small)


def _leading(placed: PlacedPanel) -> Mapping[str, Any] | None:
    """What a click does: here there is no filter that it could set."""
    return placed.click if placed.click and "href" in placed.click else None


def _is_card(placed: PlacedPanel) -> bool:
    return bool(placed.report["chart"]["type"] == "number")


def _gone(names: Sequence[str]) -> html.P:
    words = _n(
        "One favourite cannot be shown: it is gone, or not open to you any more.",
        "{count} favourites cannot be shown: they are gone, or not open to you any more.",
        len(names),
    )
    forget = dmc.Button(
        _n("Forget it", "Forget them", len(names)),
        variant="default",
        size="compact-xs",
        **attributes(data_action="forget-favourites", data_for=",".join(names)),
    )
    return html.P([f"{words} ", forget], className="lead")
