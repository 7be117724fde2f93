"""Runs that take long, get lost or end twice: the panel says how it stands, and comes to an end."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.e2e.conftest import DRAWN, OPS, sign_in
from tests.e2e.recovery.site import Site, SiteTab
from tests.e2e.tab import BridgeProxy

pytestmark = pytest.mark.e2e


def forget_everything(site: Site) -> None:
    """All that the gateway knows but its open sockets, as if their day had passed."""
    dynamodb = site.client("dynamodb")
    for item in dynamodb.scan(TableName="client_connections")["Items"]:
        if not item["pk"]["S"].startswith("connection#"):
            dynamodb.delete_item(TableName="client_connections", Key={name: item[name] for name in ("pk", "sk")})


def is_under_way(site: Site, report: str) -> bool:
    """Whether the gateway knows of a statement for this report: what it does not know yet cannot be forgotten."""
    found = site.client("dynamodb").scan(TableName="client_connections")["Items"]
    return any(item["sk"]["S"] == "run" and item["report"]["S"] == report and "statementId" in item for item in found)


def test_a_run_that_the_warehouse_does_not_take_says_what_it_waits_for(site: Site, tab: SiteTab) -> None:
    site.aws.faults.hang("redshift-data", "ExecuteStatement", 8, times=1)
    words = tab.record_words("patient")
    tab.run_again("patient")
    tab.is_drawn("patient")
    assert "Waiting for the warehouse" in words()


def test_a_run_older_than_expected_is_looked_after(site: Site, tab: SiteTab) -> None:
    """Its event is lost: the panel says that it checks at half the limit, and by checking gets its rows."""
    lost = site.aws.faults.lose_events(times=1)
    before = site.statements("urgent")
    words = tab.record_words("urgent")
    run_id = tab.run_again("urgent")
    tab.until(lambda: tab.resumes(run_id) >= 1)
    assert lost.happened == 1
    tab.is_drawn("urgent")
    assert "Still running, checking" in words()
    assert tab.end_of(run_id)["type"] == "finished"
    assert site.statements("urgent") == before + 1


def test_a_run_that_got_lost_is_asked_again_once(site: Site, tab: SiteTab) -> None:
    """By itself and under its own id; when it gets lost a second time, the panel says so."""
    site.aws.faults.lose_events()
    tab.run_again("patient")
    tab.is_running("patient")
    run = tab.last("run")
    for _ in range(2):
        tab.until(lambda: is_under_way(site, "patient"))
        forget_everything(site)
        told = len(lost(tab))
        site.aws.faults.break_sockets()
        tab.until(lambda told=told: len(lost(tab)) > told)
    expect(tab.panel("patient")).to_have_attribute("data-state", "failed", timeout=DRAWN)
    expect(tab.panel("patient")).to_contain_text("This run is not known any more.")
    assert [m for m in tab.sent if m["action"] == "run" and m["runId"] == run["runId"]] == [run, run]


def lost(tab: SiteTab) -> list[dict[str, Any]]:
    return [message for message in tab.received if message.get("code") == "expired"]


def test_a_run_that_got_lost_is_drawn_after_all(site: Site, tab: SiteTab) -> None:
    held = site.aws.faults.lose_events()
    tab.run_again("patient")
    tab.is_running("patient")
    tab.until(lambda: is_under_way(site, "patient"))
    forget_everything(site)
    site.aws.faults.mend(held)
    site.aws.faults.break_sockets()
    tab.is_drawn("patient")
    assert len(lost(tab)) == 1


def test_a_function_that_dies_costs_a_moment(site: Site, tab: SiteTab) -> None:
    """The gateway's answer names no run then; the tab looks after what it waits for, and asks it again."""
    site.aws.faults.kill("OnConnectFunction")
    tab.run_again("steady")
    tab.is_drawn("steady")
    assert any(m["type"] == "rejected" and "runId" not in m for m in tab.received)


def test_an_end_told_twice_or_too_late_changes_nothing(site: Site, context: BrowserContext) -> None:
    """Neither the warehouse's second event nor a repeated or outdated message draws again, or changes the state."""
    tab = SiteTab(context.new_page())
    bridge = BridgeProxy(tab.page)
    sign_in(tab.page, site, OPS, "/d/operations")
    tab.is_drawn("steady")
    states = tab.record_states("steady")
    site.aws.faults.copy_events(2, times=1)
    run_id = tab.run_again("steady")
    tab.is_drawn("steady")
    late = {**tab.end_of(run_id), "runId": "an-older-run", "statementId": "another"}
    for message in (tab.end_of(run_id), late, {**late, "type": "failed", "code": "timeout", "message": "Too late."}):
        bridge.send(message)
    newer = tab.run_again("steady")
    tab.is_drawn("steady")  # requests that the messages caused were sent before those of this run
    assert [tab.drawings_of(each) for each in (run_id, newer, "an-older-run")] == [1, 1, 0]
    assert states() == ["finished", "running", "finished", "running", "finished"]


@pytest.mark.parametrize("failure", ["no answer", 503])
def test_rows_that_did_not_come_are_fetched_again(tab: SiteTab, failure: str | int) -> None:
    """The run has ended, but the page's own question for its drawing got lost, or failed."""
    failures: list[Route] = []

    def fail_twice(route: Route) -> None:
        if '"property":"finished"' not in (route.request.post_data or "") or len(failures) == 2:
            return route.continue_()
        failures.append(route)
        return route.abort() if failure == "no answer" else route.fulfill(status=int(failure))

    tab.page.route("**/_dash-update-component*", fail_twice)
    tab.run_again("steady")
    tab.until(lambda: len(failures) == 2)
    tab.is_drawn("steady")
    tab.page.unroute_all()


def test_rows_that_never_come_are_given_up_in_words(tab: SiteTab) -> None:
    tab.page.route("**/_dash-update-component*", lambda route: route.fulfill(status=500))
    tab.run_again("steady")
    expect(tab.panel("steady")).to_have_attribute("data-state", "failed", timeout=2 * DRAWN)
    expect(tab.panel("steady")).to_contain_text("could not be fetched")
    tab.page.unroute_all()
    tab.run_again("steady")
    tab.is_drawn("steady")
