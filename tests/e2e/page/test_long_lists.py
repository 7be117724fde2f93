"""Filters with thousands of choices: what is typed is found among all of them, and nothing is run for it."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.accessibility import DESK, PHONE, looks, serious_findings
from tests.e2e.conftest import ADMIN, DRAWN, FINANCE, OPS, Stack, open_page
from tests.e2e.reports import Publish
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

STREETS = """/*---
title: Streets
hidden: true
groups: [operations]
parameters:
  side: {type: choice, label: Side, choices: [east, west], default: east}
cache: 15m
---*/
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
SELECT :side || n AS id, CASE n WHEN 4321 THEN 'Cafézeile ' || :side ELSE :side || ' street ' || n END AS street
FROM numbers
ORDER BY n
"""
CHOSEN = """/*---
title: Chosen
groups: [operations]
parameters:
  side: {type: choice, label: Side, choices: [east, west], default: east}
  street: {type: choice, label: Street, choices: {report: streets_for_tests, value: id, label: street, with: [side]}}
  streets: {type: several, label: Streets, choices: {report: streets_for_tests, value: id, label: street, with: [side]}}
---*/
SELECT :side || ' ' || :street AS one, count(*) AS n FROM nyc_yellow_taxi WHERE vendorid IN (:streets)
"""
PAGE = """title: By street
groups: [operations]
apply: true
sections: [{panels: [chosen_for_tests]}]
"""
SEARCH = """async (value) => {
    const known = JSON.parse(document.querySelector("script[data-answer='/_dash-dependencies']").textContent);
    const { output } = known.find(({ inputs }) => inputs[0]?.property === "choicesWanted");
    const body = { output, inputs: [{ id: "page", property: "choicesWanted", value }], changedPropIds: [] };
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/_dash-update-component", { method: "POST", headers, body: JSON.stringify(body) });
    return [answer.status, await answer.text()];
}"""
"""Asks for what somebody types into a long list, as our page does."""

SCROLLED = {"scrollable-region-focusable"}
"""Of any open list that scrolls, as Mantine makes it: the keys move through it from its field."""

TOPIC = "chosen_for_tests"
FIRST = "200 of 5,000: type to find others"


@pytest.fixture
def streets(stack: Stack, publish: Publish) -> str:
    """The address of a page with long lists."""
    publish("streets/streets_for_tests", STREETS)
    publish("streets/chosen_for_tests", CHOSEN)
    stack.until(lambda: TOPIC in stack.reports(), 60, "the reports to be known")
    return "/d/streets"


def lists_are_there(page: Page) -> None:
    """Waits until both lists are filled and ask for what is typed."""
    expect(page.locator("input[data-statement]")).to_have_count(2, timeout=DRAWN)


def field(page: Page, label: str) -> Locator:
    """The field of a control; its open list has the same label."""
    return page.get_by_role("textbox", name=label, exact=True)


def choose_by_keyboard(page: Page, into: Locator, text: str, label: str) -> None:
    """Types a text, waits until what is to be chosen stands first, and chooses it."""
    into.press_sequentially(text)
    expect(page.get_by_role("option").first).to_have_text(label, timeout=DRAWN)
    into.press("ArrowDown")
    into.press("Enter")


def test_what_is_typed_is_found_among_all_values_and_chosen_by_the_keyboard(
    tab: Tab, stack: Stack, streets: str
) -> None:
    """It stays chosen when others are searched, and when the address is opened anew; no statement runs for the list."""
    page = tab.page
    open_page(page, stack, ADMIN, streets)
    lists_are_there(page)
    street, several = field(page, "Street"), field(page, "Streets")
    statements = stack.statements()
    street.focus()
    expect(page.get_by_role("option")).to_have_count(200)
    expect(page.get_by_text(FIRST)).to_be_visible()
    choose_by_keyboard(page, street, "CAFEZ", "Cafézeile east")
    expect(street).to_have_value("Cafézeile east")
    several.focus()
    choose_by_keyboard(page, several, "street 4999", "east street 4999")
    expect(several).to_have_value("")
    choose_by_keyboard(page, several, "east7", "east street 7")
    chosen = {"side": "east", "street": "east4321", "streets": ["east4999", "east7"]}
    tab.ask_all_with([TOPIC], **chosen)
    tab.is_finished(TOPIC)
    assert len(stack.statements() - statements) == len(tab.runs(TOPIC))
    page.reload()
    lists_are_there(page)
    expect(street).to_have_value("Cafézeile east", timeout=DRAWN)
    for label in ("east street 4999", "east street 7"):
        expect(page.locator(".mantine-MultiSelect-pill").get_by_text(label, exact=True)).to_be_visible()
    tab.ask_all_with([TOPIC], **chosen)


def test_a_value_of_the_address_is_judged_by_all_rows(tab: Tab, stack: Stack, streets: str) -> None:
    """Nobody has opened the page before: the list comes when the page stands."""
    open_page(tab.page, stack, OPS, f"{streets}?side=west&street=west4321&streets=west4000,west9999")
    lists_are_there(tab.page)
    expect(field(tab.page, "Street")).to_have_value("Cafézeile west", timeout=DRAWN)
    tab.ask_all_with([TOPIC], side="west", street="west4321", streets=["west4000"])


def test_the_list_is_that_of_the_other_filters_value(tab: Tab, stack: Stack, streets: str) -> None:
    page = tab.page
    open_page(page, stack, ADMIN, f"{streets}?street=east4321")
    lists_are_there(page)
    street = field(page, "Street")
    expect(street).to_have_value("Cafézeile east", timeout=DRAWN)
    page.get_by_label("Side", exact=True).click()
    page.get_by_role("option", name="west").click()
    expect(street).to_have_value("", timeout=DRAWN)
    street.focus()
    choose_by_keyboard(page, street, "4999", "west street 4999")
    expect(street).to_have_value("west street 4999")


def test_a_late_answer_is_not_shown_over_a_newer_one(page: Page, stack: Stack, streets: str) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        """Keeps back what is asked first."""
        body = route.request.post_data or ""
        if '"text":"street 31"' in body:
            held.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component", hold)
    open_page(page, stack, ADMIN, streets)
    lists_are_there(page)
    several = field(page, "Streets")
    several.focus()
    with page.expect_request(lambda request: '"text":"street 31"' in (request.post_data or "")):
        several.press_sequentially("street 31")
    several.press_sequentially("42")
    expect(page.get_by_role("option")).to_have_text(["east street 3142"], timeout=DRAWN)
    with page.expect_response(lambda response: '"text":"street 31"' in (response.request.post_data or "")):
        held[0].continue_()
    page.evaluate("() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))")
    expect(page.get_by_role("option")).to_have_text(["east street 3142"])
    several.blur()
    several.focus()
    expect(page.get_by_role("option")).to_have_count(200)


def test_a_page_that_waits_for_its_button_waits_for_what_was_found(
    tab: Tab, stack: Stack, streets: str, publish: Publish
) -> None:
    publish("pages/streets/waiting.yaml", PAGE)
    stack.until(lambda: "streets/waiting" in stack.reports(), 60, "the page to be known")
    page = tab.page
    open_page(page, stack, ADMIN, f"{streets}/waiting?streets=east1&street=east2")
    lists_are_there(page)
    tab.is_finished(TOPIC)
    street = field(page, "Street")
    street.focus()
    street.select_text()
    choose_by_keyboard(page, street, "cafe", "Cafézeile east")
    page.get_by_role("button", name="Apply").click()
    tab.ask_all_with([TOPIC], street="east4321", streets=["east1"])
    assert {run["parameters"]["street"] for run in tab.runs(TOPIC)} == {"east2", "east4321"}


def test_who_may_not_see_the_report_finds_nothing(tab: Tab, other: Page, stack: Stack, streets: str) -> None:
    """Not even by the name of a statement of somebody else."""
    open_page(tab.page, stack, ADMIN, streets)
    lists_are_there(tab.page)
    statement = tab.page.locator("input[data-statement]").first.get_attribute("data-statement")
    wanted = {
        "name": "street",
        "kind": "choice",
        "page": "streets",
        "statementId": statement,
        "text": "",
        "chosen": None,
    }
    assert tab.page.evaluate(SEARCH, wanted)[0] == 200
    open_page(other, stack, FINANCE, "/d/finance")
    status, text = other.evaluate(SEARCH, wanted)
    assert status == 400
    assert "street" not in text


def test_a_long_list_breaks_no_rule_of_accessibility(page: Page, stack: Stack, streets: str) -> None:
    open_page(page, stack, ADMIN, streets)
    lists_are_there(page)
    for _width in looks(page, DESK, PHONE):
        field(page, "Streets").click()
        expect(page.get_by_text(FIRST)).to_be_visible()
        assert {rule for rule, _place in serious_findings(page)} <= SCROLLED
        page.keyboard.press("Escape")
