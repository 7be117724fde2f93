"""Where panels stand, and what the search knows of them."""

from typing import Any

from dashboard.views import places

REVENUE: dict[str, Any] = {
    "id": "revenue",
    "department": "finance",
    "title": "Revenue",
    "description": "All that riders paid.",
    "columns": {"total_fare": {"label": "Fares"}},
    "chart": {"type": "line"},
}
LISTING: dict[str, Any] = {
    "departments": [{"id": "finance", "title": "Finance"}],
    "reports": [REVENUE, REVENUE | {"id": "newest", "hidden": True}],
}


def page(department: str, name: str, *panels: dict[str, Any]) -> dict[str, Any]:
    known = {
        "id": f"{department}/{name}",
        "department": department,
        "departmentTitle": department.title(),
        "name": name,
        "title": name.title(),
    }
    sections = [{"title": "", "text": "", "panels": list(panels)}]
    tabs = [{"id": "", "title": "", "text": "", "sections": sections}]
    return known | {"description": "", "order": 1, "text": "", "values": {}, "tabs": tabs}


def placed(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "report": "revenue", **more}


def test_a_panel_is_found_by_title_description_and_columns_and_leads_to_itself() -> None:
    (panel,) = places.panels(LISTING)
    words = "revenue all that riders paid. total_fare fares"
    assert panel == {
        "report": "revenue",
        "title": "Revenue",
        "place": "Finance",
        "words": words,
        "href": "/d/finance#revenue",
    }


def test_what_only_fills_filters_is_no_panel() -> None:
    assert [panel["report"] for panel in places.panels(LISTING)] == ["revenue"]


def test_a_report_is_found_on_every_page_where_it_stands_by_its_title_there() -> None:
    overview = page("all", "index", placed("revenue", title="Money"), placed("revenue~2"))
    listing = LISTING | {
        "departments": [{"id": "all", "title": "All"}, *LISTING["departments"]],
        "pages": [overview, page("finance", "cash", placed("revenue"))],
    }
    assert [(panel["title"], panel["place"], panel["href"]) for panel in places.panels(listing)] == [
        ("Money", "Index", "/d/all#revenue"),
        ("Revenue", "Index", "/d/all#revenue~2"),
        ("Revenue", "Finance", "/d/finance#revenue"),
        ("Revenue", "Cash", "/d/finance/cash#revenue"),
    ]


def test_the_place_of_a_report_is_its_departments_own_page_before_others() -> None:
    listing = LISTING | {
        "departments": [{"id": "all", "title": "All"}, *LISTING["departments"]],
        "pages": [page("all", "index", placed("revenue")), page("finance", "cash", placed("revenue"))],
    }
    found = places.place_of("revenue", listing)
    assert found
    assert (found[0].id, found[1].key) == ("finance", "revenue")


def test_a_report_that_stands_elsewhere_alone_has_its_place_there() -> None:
    index = page("finance", "index", placed("other", report="other", broken={}))
    cash = page("finance", "cash", placed("revenue", values={"month": "2015-11"}))
    found = places.place_of("revenue", LISTING | {"pages": [index, cash]})
    assert found
    assert (found[0].id, found[1].values) == ("finance/cash", {"month": "2015-11"})


def test_a_report_without_a_panel_has_no_place() -> None:
    assert places.place_of("newest", LISTING) is None
    assert places.place_of("nothing", LISTING) is None
