"""A tab that nobody looks at, and one whose socket broke: nothing is asked for the first, and both catch up."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DRAWN
from tests.e2e.turns.conftest import LIVE, TurningPage
from tests.e2e.turns.test_open_page import summary, unwatched

pytestmark = pytest.mark.e2e

SEE = """(hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_hidden_tab_is_not_asked_for_and_catches_up_when_seen(site: TurningPage) -> None:
    run_ids = {topic: site.tab.runs(topic)[-1]["runId"] for topic in LIVE}
    site.page.evaluate(SEE, True)
    site.tab.until(lambda: set(run_ids.values()) <= unwatched(site))
    assert site.tab.count("unwatch") == 1
    site.stack.until(lambda: not watches(site, run_ids), 60, "the watches to be gone")
    site.change()
    expect(site.tab.panel("turn_asked").get_by_role("button", name="New data · Show it")).to_be_visible(timeout=DRAWN)
    assert all(len(site.statements(topic)) == 1 for topic in LIVE)
    site.page.evaluate(SEE, False)
    site.turned(*LIVE)
    expect(summary(site)).to_contain_text("New data at", timeout=DRAWN)
    for topic, run_id in run_ids.items():
        again = site.tab.runs(topic)[-1]
        assert (again["runId"], again["watch"], again["refresh"]) == (run_id, True, False)


def watches(site: TurningPage, run_ids: dict[str, str]) -> bool:
    items = site.stack.client("dynamodb").scan(TableName="client_connections")["Items"]
    watched = {run for item in items if item["pk"]["S"].startswith("watch#") for run in item["runs"]["M"]}
    return not watched.isdisjoint(run_ids.values())


def test_a_glance_elsewhere_draws_nothing_anew(site: TurningPage) -> None:
    """Nothing changed meanwhile: the rows that are there answer, and the panels do not even say that they ask."""
    states = site.tab.record_states("turn_chart")
    drawings = len(site.tab.drawings)
    site.page.evaluate(SEE, True)
    site.tab.until(lambda: site.tab.count("unwatch") == 1)
    run_ids = unwatched(site)
    ends = len(finished(site, run_ids))
    site.page.evaluate(SEE, False)
    site.tab.until(lambda: len(finished(site, run_ids)) >= ends + len(run_ids))
    assert (states(), len(site.tab.drawings)) == (["finished"], drawings)
    site.change()
    site.turned(*LIVE)


def finished(site: TurningPage, run_ids: set[str]) -> list[str]:
    return [m["runId"] for m in site.tab.received if m["type"] == "finished" and m["runId"] in run_ids]


def test_after_a_cut_socket_it_goes_on(site: TurningPage) -> None:
    states = site.tab.record_states("turn_figure")
    before = site.tab.count("run")
    site.page.locator("#connection-button").click()
    expect(site.tab.connection).to_have_text("Closed")
    site.page.locator("#connection-button").click()
    site.tab.is_live()
    site.tab.until(lambda: site.tab.count("run") >= before + len(LIVE) + 1)
    assert states() == ["finished"]
    text = site.value("turn_figure")
    site.change()
    site.turned(*LIVE)
    assert site.value("turn_figure") != text
