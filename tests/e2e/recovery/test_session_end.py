"""A sign-in that ends while the page is open: renewed unnoticed, or told with a way back; rights that were taken."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import PHONE, looks, serious_findings
from tests.e2e.conftest import DRAWN, OPS, PASSWORD, sign_in
from tests.e2e.recovery.conftest import OpenTab
from tests.e2e.recovery.site import REPORTS, Site, SiteTab

pytestmark = pytest.mark.e2e


def expire_tokens(site: Site) -> None:
    """The gateway takes the token of every open socket for one that has ended, whatever the dashboard believes."""
    dynamodb = site.client("dynamodb")
    for item in dynamodb.scan(TableName="client_connections")["Items"]:
        if item["sk"]["S"] == "connection":
            dynamodb.update_item(
                TableName="client_connections",
                Key={name: item[name] for name in ("pk", "sk")},
                UpdateExpression="SET tokenExpiresAt = :past",
                ExpressionAttributeValues={":past": {"N": str(int(time.time()) - 60)}},
            )


def end_sessions(site: Site) -> None:
    """No browser is signed in any more."""
    for file in site.sessions.iterdir():
        file.unlink()


def test_an_expired_token_is_renewed_and_nobody_notices(site: Site, tab: SiteTab) -> None:
    """The question is asked again by itself, on a new socket, while the page calls itself live throughout."""
    states, sockets = tab.record_connection(), len(tab.sockets)
    expire_tokens(site)
    run_id = tab.run_again("steady")
    tab.until(lambda: any(m["type"] == "rejected" and m["code"] == "expired" for m in tab.received))
    tab.until(lambda: any(m["type"] == "finished" and m["runId"] == run_id for m in tab.received))
    tab.is_drawn(*REPORTS)
    tab.is_live()
    assert f"{site.url}/auth/renew" in tab.requests
    assert len(tab.sockets) > sockets
    assert set(states()) == {"live"}


def test_a_session_that_is_over_is_told_with_a_way_back(site: Site, open_tab: OpenTab) -> None:
    """What is drawn stays, nothing is sent and nothing spins; signing in leads back to the same page and filters."""
    tab = open_tab("?month=2015-07")
    site.hold_ends()
    tab.run_again("patient")
    tab.is_running("patient")
    figure = tab.panel("steady").locator(".headline-figure").inner_text()
    end_sessions(site)
    site.aws.faults.break_sockets()
    expect(tab.connection).to_have_text("Signed out", timeout=DRAWN)
    expect(tab.notice).to_contain_text("Your session has ended")
    expect(tab.panel("steady")).to_have_attribute("data-state", "finished")
    expect(tab.panel("steady").locator(".headline-figure")).to_have_text(figure)
    expect(tab.panel("patient").get_by_role("status")).to_have_text("Paused")
    expect(tab.panel("patient").locator(".headline-figure")).to_be_visible()
    runs, drawings = tab.count("run"), len(tab.drawings)
    tab.choose("steady", "Run again")
    expect(tab.panel("steady").get_by_role("status")).to_have_text("Paused")
    assert (tab.count("run"), len(tab.drawings)) == (runs, drawings)
    site.aws.faults.mend()
    tab.notice.get_by_role("button", name="Sign in").click()
    comes_back(tab, f"{site.url}/d/operations?month=2015-07")


def comes_back(tab: SiteTab, url: str) -> None:
    """Signs in, unless the user pool still knows the browser, and lands where one was."""
    password = tab.page.get_by_label("Password")
    expect(password.or_(tab.connection)).to_be_visible(timeout=DRAWN)
    if password.is_visible():
        tab.page.get_by_label("Email").fill(OPS)
        password.fill(PASSWORD)
        tab.page.get_by_role("button", name="Sign in").click()
    expect(tab.page).to_have_url(url, timeout=DRAWN)
    tab.is_live()
    tab.is_drawn(*REPORTS)


def test_a_session_that_ends_between_run_and_drawing_is_told(site: Site, tab: SiteTab) -> None:
    """Its socket still lives; the page's own request is refused, and the panel does not spin for ever."""
    site.hold_ends()
    tab.run_again("steady")
    tab.is_running("steady")
    end_sessions(site)
    site.aws.faults.mend()
    expect(tab.connection).to_have_text("Signed out", timeout=DRAWN)
    expect(tab.panel("steady").get_by_role("status")).to_have_text("Paused")


def test_the_way_back_is_within_a_phones_reach(site: Site, page: Page) -> None:
    """At 390 pixels nothing is cut off, and no serious rule of accessibility is broken."""
    tab = SiteTab(page)
    page.set_viewport_size({"width": PHONE, "height": 844})
    sign_in(page, site, OPS, "/d/operations")
    end_sessions(site)
    site.aws.faults.break_sockets()
    button = tab.notice.get_by_role("button", name="Sign in")
    expect(button).to_be_in_viewport(ratio=1, timeout=DRAWN)
    assert button.evaluate("button => button.scrollWidth <= button.clientWidth"), "its words fit"
    for width in looks(page, PHONE):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not serious_findings(page)


@pytest.fixture
def without_group(site: Site) -> Iterator[Any]:
    """Takes the group of those who work in operations away, and gives it back after the test."""
    group = {"UserPoolId": site.aws.pool_id, "Username": OPS, "GroupName": "operations"}
    cognito = site.client("cognito-idp")
    yield lambda: cognito.admin_remove_user_from_group(**group)
    cognito.admin_add_user_to_group(**group)


def test_a_group_that_was_taken_away_is_told_in_the_panel(tab: SiteTab, without_group: Any) -> None:
    """The socket stays; what was drawn before stays, too, until it is asked for again."""
    states = tab.record_connection()
    without_group()
    run_id = tab.run_again("steady")
    expect(tab.panel("steady")).to_have_attribute("data-state", "failed", timeout=DRAWN)
    expect(tab.panel("steady")).to_contain_text("You do not have access to this report.")
    expect(tab.panel("patient")).to_have_attribute("data-state", "finished")
    tab.is_live()
    assert tab.end_of(run_id)["code"] == "forbidden"
    assert states() == ["live"]


def test_a_run_whose_group_was_taken_away_is_refused_on_the_next_socket(
    site: Site, tab: SiteTab, without_group: Any
) -> None:
    site.hold_ends()
    run_id = tab.run_again("patient")
    tab.is_running("patient")
    without_group()
    site.aws.faults.break_sockets()
    expect(tab.panel("patient")).to_contain_text("You do not have access to this report.", timeout=2 * DRAWN)
    assert tab.end_of(run_id)["code"] == "forbidden"
