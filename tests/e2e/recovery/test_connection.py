"""A connection that is cut, silent or lost on the way: the page says so, and what was asked for arrives."""

import time

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DRAWN
from tests.e2e.recovery.site import REPORTS, Site, SiteTab

pytestmark = pytest.mark.e2e

CUT = 30


def tops(tab: SiteTab) -> list[float]:
    """Where each panel begins."""
    return tab.page.locator("[data-topic]").evaluate_all("panels => panels.map(p => p.getBoundingClientRect().top)")


def test_a_network_pulled_for_30_seconds_is_told_and_survived(site: Site, tab: SiteTab) -> None:
    """The page notices the silence by itself, says so, recovers, and the panel that waited draws: one statement."""
    site.hold_ends()
    before, places = site.statements("patient"), tops(tab)
    run_id = tab.run_again("patient")
    tab.is_running("patient")
    site.network.pull()
    pulled = time.monotonic()
    expect(tab.connection).to_have_text("Reconnecting", timeout=2 * DRAWN)
    expect(tab.notice).to_contain_text("The connection was lost", timeout=DRAWN)
    expect(tab.panel("patient").locator(".panel-detail")).to_have_text("Waiting for the connection")
    assert tops(tab) == places, "nothing jumps"
    tab.until(lambda: time.monotonic() - pulled > CUT, 2 * CUT)
    expect(tab.panel("patient")).to_have_attribute("data-state", "running")
    site.aws.faults.mend()
    site.network.plug()
    tab.is_live()
    tab.is_drawn(*REPORTS)
    assert site.statements("patient") == before + 1
    assert tab.last("resume")["runIds"] == [run_id]


def test_a_browser_that_knows_it_is_offline_says_so_at_once(site: Site, tab: SiteTab) -> None:
    """And what is asked meanwhile is asked when the network is back, which the browser tells, too."""
    sockets = len(tab.sockets)
    site.network.pull()
    tab.page.context.set_offline(True)
    expect(tab.connection).to_have_text("Offline")
    expect(tab.notice).to_contain_text("You are offline")
    tab.until(lambda: len(tab.sockets) > sockets)  # it has let go of the silent one, and tries another
    before = len(tab.runs("steady"))
    tab.choose("steady", "Run again")
    expect(tab.panel("steady").locator(".panel-detail")).to_have_text("Waiting for the connection", timeout=DRAWN)
    site.network.plug()
    tab.page.context.set_offline(False)
    tab.is_live()
    tab.until(lambda: len(tab.runs("steady")) > before)
    tab.is_drawn("steady")
    assert len(tab.runs("steady")) == before + 1
    assert tab.resumes(tab.runs("steady")[-1]["runId"]) == 0


def test_a_computer_that_is_offline_still_reaches_itself(tab: SiteTab) -> None:
    """A dashboard on this very computer answers without a network: then the page is not offline for long."""
    pings, states = tab.count("ping"), tab.record_connection()
    tab.page.evaluate("""
        Object.defineProperty(navigator, "onLine", { value: false });
        dispatchEvent(new Event("offline"));
    """)
    tab.until(lambda: tab.count("ping") > pings)
    tab.is_live()
    tab.run_again("steady")
    tab.is_drawn("steady")
    assert set(states()) <= {"live", "offline"}


def test_a_socket_that_breaks_is_replaced_and_its_runs_are_resumed(site: Site, tab: SiteTab) -> None:
    """While they wait, in full they were asked once; once they are watched again, each has cost one statement."""
    site.hold_ends()
    before = site.statements("patient"), site.statements("steady")
    run_ids = [tab.run_again(topic) for topic in ("patient", "steady")]
    for topic in ("patient", "steady"):
        tab.is_running(topic)
    assert site.aws.faults.break_sockets() >= 1
    tab.until(lambda: all(tab.resumes(run_id) >= 1 for run_id in run_ids))
    assert {run_id: asked_in_full(tab, run_id) for run_id in run_ids} == dict.fromkeys(run_ids, 1)
    site.aws.faults.mend()
    tab.is_drawn("patient", "steady")
    tab.is_live()
    tab.until(lambda: all(tab.is_watched_again(run_id) for run_id in run_ids))
    assert {run_id: asked_in_full(tab, run_id) for run_id in run_ids} == dict.fromkeys(run_ids, 2)
    assert (site.statements("patient"), site.statements("steady")) == (before[0] + 1, before[1] + 1)


def asked_in_full(tab: SiteTab, run_id: str) -> int:
    """How often a tab asked for a run otherwise than by its id alone."""
    return sum(m["action"] == "run" and m["runId"] == run_id for m in tab.sent)


def test_a_page_opened_without_a_network_opens_when_it_is_back(site: Site, tab: SiteTab) -> None:
    """The address has changed already; the content follows."""
    site.network.pull()
    tab.page.context.set_offline(True)
    tab.page.locator(".side-bar").get_by_role("link", name="Home").click()
    expect(tab.page).to_have_url(f"{site.url}/")
    site.network.plug()
    tab.page.context.set_offline(False)
    expect(tab.page.get_by_role("heading", name="Home")).to_be_visible(timeout=2 * DRAWN)
