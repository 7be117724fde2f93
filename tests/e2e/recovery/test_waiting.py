"""Runs that take long, get lost or end twice: the panel says how it stands, and comes to an end."""

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route, WebSocketRoute, expect

from tests.e2e.conftest import DRAWN
from tests.e2e.recovery.conftest import OpenTab
from tests.e2e.recovery.site import Site, Tab

pytestmark = pytest.mark.e2e


def forget_everything(site: Site) -> None:
    """All that the gateway knows but its open sockets, as if their day had passed."""
    dynamodb = site.client("dynamodb")
    for item in dynamodb.scan(TableName="client_connections")["Items"]:
        if not item["pk"]["S"].startswith("connection#"):
            dynamodb.delete_item(TableName="client_connections", Key={name: item[name] for name in ("pk", "sk")})


def test_a_run_that_the_warehouse_does_not_take_says_what_it_waits_for(site: Site, tab: Tab) -> None:
    site.aws.faults.hang("redshift-data", "ExecuteStatement", 8, times=1)
    tab.run_again("patient")
    expect(tab.panel("patient").locator(".panel-detail")).to_have_text("Waiting for the warehouse", timeout=DRAWN)
    tab.is_drawn("patient")


def test_a_run_older_than_expected_is_looked_after(site: Site, tab: Tab) -> None:
    """Its event is lost: the panel says that it checks at half the limit, and by checking gets its rows."""
    lost = site.aws.faults.lose_events(times=1)
    before = site.statements("urgent")
    tab.run_again("urgent")
    expect(tab.panel("urgent").locator(".panel-detail")).to_have_text("Still running, checking", timeout=DRAWN)
    assert tab.count("resume") == 1
    assert lost.happened == 1
    tab.is_drawn("urgent")
    assert tab.count("resume") <= 2
    assert {tuple(m["runIds"]) for m in tab.sent if m["action"] == "resume"} == {(tab.last("run")["runId"],)}
    assert site.statements("urgent") == before + 1


def test_a_run_that_got_lost_is_asked_again_once(site: Site, tab: Tab) -> None:
    """By itself and under its own id; when it gets lost a second time, the panel says so."""
    site.aws.faults.lose_events()
    tab.run_again("patient")
    tab.is_running("patient")
    run = tab.last("run")
    for _ in range(2):
        forget_everything(site)
        resumed = tab.count("resume")
        site.aws.faults.break_sockets()
        tab.until(lambda resumed=resumed: tab.count("resume") > resumed)
        tab.until(lambda resumed=resumed: len(lost(tab)) > resumed)
    expect(tab.panel("patient")).to_have_attribute("data-state", "failed", timeout=DRAWN)
    expect(tab.panel("patient")).to_contain_text("This run is not known any more.")
    assert [m for m in tab.sent if m["action"] == "run" and m["runId"] == run["runId"]] == [run, run]


def lost(tab: Tab) -> list[dict[str, Any]]:
    return [message for message in tab.received if message.get("code") == "expired"]


def test_a_run_that_got_lost_is_drawn_after_all(site: Site, tab: Tab) -> None:
    held = site.aws.faults.lose_events()
    tab.run_again("patient")
    tab.is_running("patient")
    forget_everything(site)
    site.aws.faults.mend(held)
    site.aws.faults.break_sockets()
    tab.is_drawn("patient")
    assert len(lost(tab)) == 1


def test_a_function_that_dies_costs_a_moment(site: Site, tab: Tab) -> None:
    """The gateway's answer names no run then; the tab looks after what it waits for, and asks it again."""
    site.aws.faults.kill("OnConnectFunction")
    tab.run_again("steady")
    tab.is_drawn("steady")
    assert any(m["type"] == "rejected" and "runId" not in m for m in tab.received)


def test_an_end_told_twice_or_too_late_changes_nothing(site: Site, context: BrowserContext, open_tab: OpenTab) -> None:
    """Neither the warehouse's second event nor a repeated or outdated message draws again, or changes the state."""
    sockets: list[WebSocketRoute] = []
    context.route_web_socket("**/ws", lambda route: (sockets.append(route), route.connect_to_server()))
    tab = open_tab()
    tab.page.evaluate(RECORD_STATES, "steady")
    updates = bodies_of_updates(tab)
    site.aws.faults.copy_events(2, times=1)
    finished = run_until_drawn(tab, "steady")
    late = {**finished, "runId": "an-older-run", "statementId": "another"}
    for message in (finished, late, {**late, "type": "failed", "code": "timeout", "message": "Too late."}):
        sockets[-1].send(json.dumps(message))
    newer = run_until_drawn(tab, "steady")  # requests that the messages caused were sent before those of this run
    drawn = [run for body in updates for run in (finished["runId"], newer["runId"], "an-older-run") if run in body]
    assert drawn == [finished["runId"], newer["runId"]]
    assert states(tab) == ["finished", "running", "finished", "running", "finished"]


RECORD_STATES = """topic => {
    const panel = document.querySelector(`[data-topic="${topic}"]`);
    window.states = [panel.dataset.state];
    const record = () => panel.dataset.state !== window.states.at(-1) && window.states.push(panel.dataset.state);
    new MutationObserver(record).observe(panel, { attributeFilter: ["data-state"] });
}"""


def states(tab: Tab) -> list[str]:
    """The states that a panel has had since `RECORD_STATES`."""
    return list(tab.page.evaluate("window.states"))


def bodies_of_updates(tab: Tab) -> list[str]:
    """What the page sends to the server's callbacks from now on; the request for a drawing names its run."""
    bodies: list[str] = []
    path = "/_dash-update-component"
    tab.page.on("request", lambda request: bodies.append(request.post_data or "") if path in request.url else None)
    return bodies


def run_until_drawn(tab: Tab, topic: str) -> dict[str, Any]:
    """Runs a panel again and returns the end of that run.

    `is_drawn` does not suffice: until the new run has begun, the panel is finished by the run before.
    """
    before = len(states(tab))
    tab.run_again(topic)
    tab.until(lambda: states(tab)[before:][-1:] == ["finished"])
    run_id = tab.last("run", topic)["runId"]
    return next(m for m in tab.received if m["type"] == "finished" and m["runId"] == run_id)


@pytest.mark.parametrize("failure", ["no answer", 503])
def test_rows_that_did_not_come_are_fetched_again(tab: Tab, failure: str | int) -> None:
    """The run has ended, but the page's own question for its drawing got lost, or failed."""
    failures: list[Route] = []

    def fail_twice(route: Route) -> None:
        if '"finished' not in json.dumps(route.request.post_data_json) or len(failures) == 2:
            return route.continue_()
        failures.append(route)
        return route.abort() if failure == "no answer" else route.fulfill(status=int(failure))

    tab.page.route("**/_dash-update-component*", fail_twice)
    tab.run_again("steady")
    tab.until(lambda: len(failures) == 2)
    tab.is_drawn("steady")
    tab.page.unroute_all()


def test_rows_that_never_come_are_given_up_in_words(tab: Tab) -> None:
    tab.page.route("**/_dash-update-component*", lambda route: route.fulfill(status=500))
    tab.run_again("steady")
    expect(tab.panel("steady")).to_have_attribute("data-state", "failed", timeout=2 * DRAWN)
    expect(tab.panel("steady")).to_contain_text("could not be fetched")
    tab.page.unroute_all()
    tab.panel("steady").get_by_role("button", name="More for").click()
    tab.page.get_by_role("menuitem", name="Run again").locator("visible=true").click()
    tab.is_drawn("steady")
