"""A page's file: its panels in their places, and what is wrong with it."""

import pytest

from backend_lambdas.departments import page_file
from backend_lambdas.departments.page_file import BrokenPage, Page

PATH = "pages/finance/overview.yaml"


def page(text: str) -> Page:
    found = page_file.load(PATH, text.encode())
    assert isinstance(found, Page), found
    return found


def test_a_name_alone_is_a_panel() -> None:
    found = page("title: Overview\npanels: [revenue, {report: trips, size: full}]")
    assert [(one.entry.report, one.entry.size) for one in found.panels.values()] == [
        ("revenue", None),
        ("trips", "full"),
    ]


def test_a_report_that_stands_twice_has_two_keys() -> None:
    found = page("title: Overview\nsections:\n  - panels: [revenue, trips]\n  - panels: [revenue, revenue]")
    assert [one.key for one in found.panels.values()] == ["revenue", "trips", "revenue~2", "revenue~3"]


def test_a_panel_knows_its_line() -> None:
    found = page("title: Overview\ntabs:\n  - title: A\n    panels:\n      - revenue\n      - trips")
    assert [one.line for one in found.panels.values()] == [5, 6]


def test_a_page_is_its_departments_unless_it_says_otherwise() -> None:
    assert page("title: X").groups == ("finance",)
    assert page("title: X\ngroups: [board, finance]").groups == ("board", "finance")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("panels: [revenue]", 1, "'title' is missing"),
        ("titel: X", 1, "unknown key 'titel' (did you mean 'title'?)"),
        (
            "title: X\npanels:\n  - revenue\n  - {repot: trips}",
            4,
            "unknown key 'panels.1.repot' (did you mean 'report'?)",
        ),
        (
            "title: X\nsections:\n  - title: A\n    panel: [b]",
            4,
            "unknown key 'sections.0.panel' (did you mean 'panels'?)",
        ),
        ("title: X\ntabs:\n  - panels: [b]", 3, "'tabs.0.title' is missing"),
        ("title: X\npanels: revenue", 2, "panels: write {report: ...}, or a list of these"),
        ("title: X\npanels:\n  - {report: a, size: huge}", 3, "panels.0.size: write quarter, third, half"),
        ("title: X\npanels: [a]\ntabs: [{title: A}]", 3, "a page with tabs has its panels and sections in them"),
        ("title: X\ntabs: [{title: A}, {title: A}]", 2, "another tab has this title already"),
        (f"title: X\npanels: [{', '.join('a' * 101)}]", 1, "a page has at most 100 panels, and this has 101"),
        ("title: X\nvalues: {month: {a: b}}", 2, "values.month: write a text or a list of texts"),
        ("title: [", 1, "the header is not YAML"),
        ("", 1, "`key: value` lines"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, reason: str) -> None:
    found = page_file.load(PATH, text.encode())
    assert isinstance(found, BrokenPage)
    assert found.line == line
    assert reason in found.reason


@pytest.mark.parametrize("path", ["pages/Finance/a.yaml", "pages/finance/A-b.yaml", "pages/a.yaml", "pages/a/b/c.yaml"])
def test_names_that_no_address_can_have_are_a_mistake(path: str) -> None:
    assert isinstance(page_file.load(path, b"title: X"), BrokenPage)


def test_no_two_tabs_are_called_the_same() -> None:
    tabs = "tabs: [{title: A}, {title: A!}, {title: A 2}]"
    assert page(f"title: X\n{tabs}").tab_ids == ("a", "a-2", "a-2-2")


def test_a_tab_is_called_by_its_first_title_whatever_the_language() -> None:
    tabs = "tabs:\n  - title: {en: Card & cash!, de: Karte}\n  - title: card-cash\n  - title: '!'"
    found = page(f"title: X\n{tabs}")
    assert found.tab_ids == ("card-cash", "card-cash-2", "tab")
    assert found.translated(["de"]).tab_ids == found.tab_ids
    assert found.translated(["de"]).header.tabs[0].title == "Karte"
