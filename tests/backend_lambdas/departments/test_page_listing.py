"""Pages held against the reports: what a user sees of one, and what is wrong with it."""

from typing import Any

import pytest

from backend_lambdas.departments import page_file, page_listing
from backend_lambdas.departments.page_file import Page
from backend_lambdas.reports import report_file, report_index
from tests.backend_lambdas.lambda_fakes import principal

REPORT = """/*---
title: Revenue
parameters:
  month: {type: month, default: 2015-12}
---*/
SELECT 1 AS one FROM t WHERE m = :month"""
FILES = {
    "finance/broken.sql": "SELECT 1",
    "finance/hidden.sql": REPORT.replace("title:", "hidden: true\ntitle:"),
    "finance/revenue.sql": REPORT,
    "operations/trips.sql": REPORT,
}
REPORTS = report_index.by_id({path: report_file.load(path, text) for path, text in FILES.items()})


def page(text: str) -> Page:
    found = page_file.load("pages/management/index.yaml", f"title: All\n{text}".encode())
    assert isinstance(found, Page), found
    return found


def seen(text: str, *groups: str) -> Any:
    return page_listing.public(page(text), REPORTS, principal(*groups))


def keys(listed: Any) -> list[list[list[str]]]:
    """The panels of each section of each tab."""
    return [[[panel["key"] for panel in section["panels"]] for section in tab["sections"]] for tab in listed["tabs"]]


EVERYBODY = "groups: [finance, operations]\n"


def test_each_sees_the_panels_that_are_open_to_them() -> None:
    text = EVERYBODY + "sections:\n  - panels: [revenue, trips]\n  - {title: Trips, text: More, panels: [trips]}"
    assert keys(seen(text, "admins")) == [[["revenue", "trips"], ["trips~2"]]]
    assert keys(seen(text, "operations")) == [[["trips"], ["trips~2"]]]
    assert keys(seen(text, "finance")) == [[["revenue"]]], "a section without panels goes with its words"


def test_whoever_is_in_none_of_its_groups_learns_of_no_page() -> None:
    assert seen("panels: [revenue]", "finance") is None


def test_a_page_without_anything_for_a_user_is_not_listed() -> None:
    assert seen("groups: [finance]\npanels: [trips]", "finance") is None


def test_a_page_of_words_alone_is_listed() -> None:
    assert seen("groups: [finance]\ntext: Hello", "finance")["text"] == "Hello"


def test_tabs_stay_apart() -> None:
    text = EVERYBODY + "tabs:\n  - {title: Money, panels: [revenue]}\n  - {title: Trips, text: T, panels: [trips]}"
    assert [(tab["title"], tab["text"]) for tab in seen(text, "admins")["tabs"]] == [("Money", ""), ("Trips", "T")]
    assert [tab["title"] for tab in seen(text, "operations")["tabs"]] == ["Trips"]


def test_a_panel_has_what_its_entry_says() -> None:
    entry = "{report: revenue, title: Cash, size: full, values: {month: 2015-11}}"
    listed = seen(f"panels: [{entry}]", "admins")
    assert listed["tabs"][0]["sections"][0]["panels"] == [
        {"key": "revenue", "report": "revenue", "title": "Cash", "size": "full", "values": {"month": "2015-11"}}
    ]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("revenu", "there is no report 'revenu' (did you mean 'revenue'?)"),
        ("hidden", "the report 'hidden' is hidden: it has no panel"),
        ("{report: revenue, values: {moth: 2015-12}}", "has no parameter 'moth' (did you mean 'month'?)"),
        ("{report: revenue, values: {month: May}}", "values.month: A month like 2015-12 is expected."),
    ],
)
def test_a_panel_that_cannot_be_shown_says_why_to_authors(entry: str, reason: str) -> None:
    text = f"groups: [finance]\npanels:\n  - revenue\n  - {entry}"
    (mistake,) = page_listing.mistakes(page(text), REPORTS)
    assert mistake.line == 5
    assert reason in mistake.reason
    good, bad = seen(text, "finance", "authors")["tabs"][0]["sections"][0]["panels"]
    assert "broken" not in good
    assert bad["broken"] == {"file": "pages/management/index.yaml", "line": 5, "reason": mistake.reason}
    assert seen(text, "finance")["tabs"][0]["sections"][0]["panels"][1]["broken"] == {}


def test_a_report_with_a_mistake_is_told_as_itself() -> None:
    text = "groups: [finance]\npanels: [broken]"
    assert [one.reason for one in page_listing.mistakes(page(text), REPORTS)] == [
        "the report 'broken' has a mistake in its file"
    ]
    assert keys(seen(text, "finance")) == [[["broken"]]]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ("{moth: 2015-12}", "values.moth: no panel of this page has a parameter of this name"),
        ("{month: May}", "values.month: A month like 2015-12 is expected."),
    ],
)
def test_a_value_that_no_filter_can_have_is_told_and_left_out(values: str, reason: str) -> None:
    text = f"values: {values}\npanels: [revenue]"
    assert [(one.line, one.reason) for one in page_listing.mistakes(page(text), REPORTS)] == [(2, reason)]
    assert seen(text, "admins")["values"] == {}


def test_a_value_that_fits_is_what_the_page_begins_with() -> None:
    text = "values: {month: 2015-11}\npanels: [revenue]"
    assert page_listing.mistakes(page(text), REPORTS) == []
    assert seen(text, "admins")["values"] == {"month": "2015-11"}
