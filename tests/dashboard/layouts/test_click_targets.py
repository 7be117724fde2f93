"""What a click on a panel does, as far as its user may go there."""

from typing import Any

import pytest

from dashboard.layouts.click_targets import click_of

MONTH = {"name": "month", "type": "month"}
TARGET = {"id": "trips", "department": "operations", "parameters": [MONTH], "chart": {}}
TABS = [{"sections": [{"panels": [{"report": "trips"}]}]}]
MORE = {"id": "operations/more", "department": "operations", "name": "more", "tabs": TABS}
INDEX = {"id": "operations/index", "department": "operations", "name": "index", "tabs": TABS}
ELSEWHERE = {"id": "board/index", "department": "board", "name": "index", "tabs": TABS}
PAGES = [ELSEWHERE, MORE, INDEX]
LISTING: dict[str, Any] = {"reports": [TARGET], "pages": PAGES}


def click(listing: dict[str, Any] = LISTING, **keys: Any) -> Any:
    return click_of({"chart": {"type": "bar", "click": keys} if keys else {"type": "bar"}}, listing)


def test_a_chart_without_a_click_does_nothing() -> None:
    assert click() is None


def test_a_filter_is_set_from_its_column() -> None:
    assert click(filter={"month": "day"}) == {"columns": {"month": "day"}}


def test_a_report_is_opened_where_it_stands() -> None:
    expected = {"href": "/d/operations", "panel": "trips", "kinds": {"month": "month"}, "columns": {"month": "day"}}
    assert click(open="trips", **{"with": {"month": "day"}}) == expected


@pytest.mark.parametrize(
    ("pages", "href"),
    [
        ([], "/d/operations"),
        ([ELSEWHERE, MORE], "/d/operations"),
        ([ELSEWHERE, MORE, INDEX | {"tabs": []}], "/d/operations/more"),
        ([ELSEWHERE, INDEX | {"tabs": []}], "/d/board"),
    ],
)
def test_a_report_is_opened_on_the_nearest_page_that_has_it(pages: list[dict[str, Any]], href: str) -> None:
    """Without a page `index` all panels of a department stand on its own page."""
    assert click({"reports": [TARGET], "pages": pages}, open="trips")["href"] == href


def test_a_report_that_stands_on_no_page_cannot_be_opened() -> None:
    assert click({"reports": [TARGET], "pages": [INDEX | {"tabs": []}]}, open="trips") is None


def test_a_page_is_opened_at_its_address() -> None:
    assert click(open="operations/more")["href"] == "/d/operations/more"
    assert click(open="operations/index")["href"] == "/d/operations"
    assert click(open="operations/more")["kinds"] == {"month": "month"}


def test_what_is_not_open_to_a_user_is_no_target() -> None:
    assert click({"reports": []}, open="trips") is None
    assert click({"reports": []}, open="operations/more") is None
    assert click({"reports": [TARGET | {"hidden": True}]}, open="trips") is None
