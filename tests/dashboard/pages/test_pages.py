"""Which page an address means, what its query sets, and when a page is laid out anew."""

import json
from typing import Any

import plotly.utils
import pytest

from dashboard import pages
from dashboard.auth.routes import User
from dashboard.pages import department, exports

USER = User("sub-1", "ana@example.com", ("finance",), "Ana")
MONTH = {"name": "month", "type": "month", "label": "Trip month", "default": "2015-12", "required": False}


def report(name: str, **more: Any) -> dict[str, Any]:
    known = {"id": name, "department": "finance", "title": name.title(), "description": "", "parameters": [MONTH]}
    return known | {"chart": {"type": "line"}, "columns": {}, "size": "half", "order": 1} | more


LISTING = {
    "departments": [{"id": "finance", "title": "Finance"}],
    "reports": [report("revenue"), report("tips"), report("newest", hidden=True, parameters=[])],
    "broken": [{"id": "odd", "department": "finance"}],
}


def text(page: Any) -> str:
    return json.dumps(page, cls=plotly.utils.PlotlyJSONEncoder)


@pytest.mark.parametrize("path", ["/d/operations", "/d/", "/elsewhere", "/d/finance/x", "/d/%2e%2e"])
def test_another_address_is_nothing_here(path: str) -> None:
    """A department one may not see looks like one that does not exist."""
    assert "Nothing here" in text(pages.render(path, "", USER, LISTING, ""))


def test_a_department_shows_its_panels_and_broken_ones() -> None:
    page = text(pages.render("/d/finance", "", USER, LISTING, "Simulated."))
    for topic in ("revenue", "tips", "odd"):
        assert f'"data-topic": "{topic}"' in page
    assert '"data-topic": "newest"' not in page
    assert "3 panels \\u00b7 Simulated." in page


def test_a_user_without_a_department_is_told_what_to_do() -> None:
    nothing = {"departments": [], "reports": [], "broken": []}
    assert "Ask an administrator" in text(pages.render("/", "", USER, nothing, ""))


def test_an_address_sets_the_page_and_single_panels() -> None:
    values = department.read_query({"month": "2015-11", "tips.month": "2015-03"}, LISTING["reports"])
    assert (values.page, values.own, values.dropped) == ({"month": "2015-11"}, {"tips": {"month": "2015-03"}}, [])


@pytest.mark.parametrize("key", ["month", "colour", "tips.colour", "nobody.month", ".month", "tips."])
def test_what_cannot_be_used_is_dropped_and_told(key: str) -> None:
    values = department.read_query({key: "nonsense"}, LISTING["reports"])
    assert (values.page, values.own, values.dropped) == ({}, {}, [f"{key}=nonsense"])


def test_too_many_keys_are_none() -> None:
    assert pages.query("?" + "&".join(f"k{at}=1" for at in range(500))) == {}


def test_a_page_is_laid_out_anew_only_for_what_moves_it() -> None:
    """Another title changes a panel; another size, filter or mistake changes the page."""
    signature = department.signature([report("revenue")], [])
    assert department.signature([report("revenue", title="Other")], []) == signature
    for changed in (report("revenue", size="full"), report("revenue", parameters=[]), report("other")):
        assert department.signature([changed], []) != signature
    assert department.signature([report("revenue")], [{"id": "odd"}]) != signature


EXPORT = {"runId": "run-1", "title": "Revenue", "department": "finance", "format": "csv", "parameters": {}}
ENDED = {"askedAt": 1_900_000_000_000, "keptUntil": "2030-03-24T17:46:40Z", "rows": None, "bytes": None}


def test_an_export_that_failed_says_why_and_offers_no_file() -> None:
    shown = text(exports.render([EXPORT | ENDED | {"state": "failed", "message": "The disk is full."}]))
    assert "The disk is full." in shown
    assert "fetch-export" not in shown


@pytest.mark.parametrize("state", ["running", "cancelled"])
def test_an_export_that_did_not_fail_says_no_more_than_its_state(state: str) -> None:
    shown = text(exports.render([EXPORT | ENDED | {"state": state, "message": None}]))
    assert "list-why" not in shown
