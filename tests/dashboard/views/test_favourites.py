"""The favourites on the home page: which panels stand there, with which filters, and what is said without them."""

import json
from typing import Any

import plotly.utils

from dashboard import ids
from dashboard.auth.user_pool import User
from dashboard.filters.source_values import SourceValues
from dashboard.gateway.results import Column, Result
from dashboard.views import favourites
from dashboard.views.favourites import HOW_TO, Favourites

USER = User("sub-1", "ana@example.com", ("finance",), "Ana")
MONTH = {"name": "month", "type": "month", "label": "Trip month", "default": "2015-12", "required": False}


def report(name: str, department: str = "finance", kind: str = "line", **more: Any) -> dict[str, Any]:
    known = {"id": name, "department": department, "title": name.title(), "description": "", "parameters": [MONTH]}
    return known | {"chart": {"type": kind}, "columns": {}, "size": "full", "order": 1, "version": "1"} | more


NEWEST = report("newest", hidden=True, parameters=[], cacheSeconds=60)
FROM_ROWS = {"name": "month", "type": "month", "defaultFrom": {"report": "newest", "column": "trip_month"}}
LISTING = {
    "departments": [{"id": "finance", "title": "Finance"}, {"id": "ops", "title": "Operations"}],
    "broken": [],
    "reports": [
        report("revenue", kind="number"),
        report("tips"),
        report("trips", "ops", parameters=[MONTH | {"default": "2015-11"}]),
        NEWEST,
    ],
}


def rendered(*names: str, listing: Any = LISTING, sources: SourceValues | None = None) -> Favourites:
    kept = {"views": [], "favourites": list(names)}
    return favourites.render(kept, listing, USER, sources or SourceValues())


def text(found: Favourites) -> str:
    return json.dumps(found.section, cls=plotly.utils.PlotlyJSONEncoder)


def specs(found: Favourites) -> list[dict[str, Any]]:
    grids = [one for one in found.section.children if getattr(one, "className", "") == "panels"]
    return [panel.spec for grid in grids for panel in grid.children]


def test_number_cards_come_first_and_all_are_small() -> None:
    shown = [(spec["topic"], spec["size"]) for spec in specs(rendered("tips", "revenue"))]
    assert shown == [("revenue", "quarter"), ("tips", "third")]


def test_a_panel_leads_to_its_own_page_where_its_filters_are() -> None:
    (spec,) = specs(rendered("tips"))
    assert spec["place"] == {
        "href": "/d/finance#tips",
        "title": "Finance",
        "pageId": "finance",
        "labels": {"month": "Trip month"},
    }
    assert not spec["ownFilters"]


def test_each_department_has_its_own_defaults() -> None:
    """The month of one is not that of the other, though both have a filter of that name."""
    found = rendered("tips", "trips")
    assert [(one["pageId"], one["parameter"], one["value"]) for one in found.filters] == [
        ("finance", "month", "2015-12"),
        ("ops", "month", "2015-11"),
    ]
    assert len({one["name"] for one in found.filters}) == 2


def test_only_filters_that_a_favourite_has_are_there() -> None:
    assert [one["name"] for one in rendered("trips").filters] == ["ops.month"]


def test_a_default_from_rows_has_its_source_run_until_it_is_known() -> None:
    listing = LISTING | {"reports": [report("revenue", parameters=[FROM_ROWS]), NEWEST]}
    found = rendered("revenue", listing=listing)
    assert [(one["value"], one["sources"]) for one in found.filters] == [(None, [{"report": "newest", "with": []}])]
    assert json.dumps(ids.filter_source("finance.month", "month")) in text(found)
    sources = SourceValues()
    rows = Result("s-1", "newest", "now", 1, (Column("trip_month", "string"),), (("2015-12",),))
    sources.put(USER.sub, NEWEST, rows)
    known = rendered("revenue", listing=listing, sources=sources)
    assert [(one["value"], one["sources"]) for one in known.filters] == [("2015-12", [])]


def test_what_the_choices_of_a_filter_depend_on_is_there_too() -> None:
    zone = {"name": "zone", "type": "choice", "choicesFrom": {"report": "newest", "value": "zone", "with": ["month"]}}
    listing = LISTING | {"reports": [report("tips", parameters=[zone]), report("other"), NEWEST]}
    found = rendered("tips", listing=listing)
    assert [one["name"] for one in found.filters] == ["finance.zone", "finance.month"]
    assert found.filters[0]["sources"] == [{"report": "newest", "with": ["month"]}]


def test_a_click_sets_no_filter_where_there_is_none_to_be_seen_and_leads_on_as_elsewhere() -> None:
    sets = {"type": "bar", "click": {"filter": {"month": "trip_month"}}}
    leads = {"type": "bar", "click": {"open": "tips", "with": {"month": "trip_month"}}}
    listing = LISTING | {"reports": [report("a", chart=sets), report("b", chart=leads), report("tips")]}
    shown = {spec["topic"]: spec["click"] for spec in specs(rendered("a", "b", listing=listing))}
    assert (shown["a"], shown["b"]["href"]) == (None, "/d/finance")


def test_who_has_none_is_told_how_to_get_some() -> None:
    found = rendered()
    assert HOW_TO in text(found)
    assert found.filters == []


def test_a_favourite_that_is_gone_is_told_and_can_be_forgotten() -> None:
    found = rendered("gone", "tips", "newest")
    assert [spec["topic"] for spec in specs(found)] == ["tips"]
    assert "2 favourites cannot be shown" in text(found)
    assert '"data-for": "gone,newest"' in text(found)


def test_favourites_that_cannot_be_had_are_not_taken_for_none() -> None:
    found = favourites.render(None, LISTING, USER, SourceValues())
    assert "cannot be shown right now" in text(found)
    assert HOW_TO not in text(found)
