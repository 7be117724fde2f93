"""A page loaded anew takes up what it waited for, as far as it is the same question of the same viewer."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import DRAWN, FINANCE, OPS, sign_in
from tests.e2e.recovery.site import REPORTS, Site, SiteTab

pytestmark = pytest.mark.e2e

KEPT = "sessionStorage.getItem('pushboard.runs')"


@pytest.fixture
def waiting(site: Site, tab: SiteTab) -> SiteTab:
    """A tab whose panel `patient` waits for a run."""
    site.hold_ends()
    tab.run_again("patient")
    tab.is_running("patient")
    return tab


def asked(tab: SiteTab, run_id: str) -> int:
    """How often a tab asked for a run in full."""
    return sum(message["action"] == "run" and message["runId"] == run_id for message in tab.sent)


def test_a_reload_in_the_middle_of_a_run_costs_no_second_statement(site: Site, waiting: SiteTab) -> None:
    """Its seconds go on, too."""
    run_id, before = waiting.last("run", "patient")["runId"], site.statements("patient")
    waiting.page.reload()
    waiting.until(lambda: waiting.resumes(run_id) >= 1)
    expect(waiting.panel("patient")).to_have_attribute("data-state", "running", timeout=DRAWN)
    assert asked(waiting, run_id) == 1
    site.aws.faults.mend()
    waiting.is_drawn(*REPORTS)
    waiting.until(lambda: waiting.is_watched_again(run_id))
    assert asked(waiting, run_id) == 2
    assert waiting.last("run", "patient")["runId"] == run_id
    assert site.statements("patient") == before


def test_another_question_after_a_reload_is_a_run_of_its_own(site: Site, waiting: SiteTab) -> None:
    run_id = waiting.last("run", "patient")["runId"]
    waiting.page.goto(f"{site.url}/d/operations?month=2015-07")
    site.aws.faults.mend()
    waiting.ask_all_with(list(REPORTS), month="2015-07")
    waiting.is_drawn(*REPORTS)
    assert waiting.resumes(run_id) == 0
    assert waiting.last("run", "patient")["runId"] != run_id
    assert waiting.last("run", "patient")["parameters"] == {"month": "2015-07"}


def test_what_has_ended_is_kept_no_longer(site: Site, waiting: SiteTab) -> None:
    assert "patient" in waiting.page.evaluate(KEPT)
    site.aws.faults.mend()
    waiting.is_drawn("patient")
    assert "patient" not in waiting.page.evaluate(KEPT)


def test_a_duplicated_tab_draws_as_well_as_its_original(site: Site, waiting: SiteTab) -> None:
    """A copy of the tab brings its storage, and so the same run: both are told, of one statement."""
    before = site.statements("patient")
    with waiting.page.expect_popup() as opened:
        waiting.page.evaluate("window.open(location.href) && null")
    copy = SiteTab(opened.value)
    expect(copy.panel("patient")).to_have_attribute("data-state", "running", timeout=DRAWN)
    run_id = waiting.last("run", "patient")["runId"]
    copy.page.reload()
    copy.until(lambda: copy.resumes(run_id) >= 1)
    site.aws.faults.mend()
    for tab in (waiting, copy):
        tab.until(lambda tab=tab: tab.end_of(run_id) is not None)
        expect(tab.panel("patient")).to_have_attribute("data-state", "finished", timeout=DRAWN)
    assert site.statements("patient") == before


def test_signing_out_forgets_what_was_waited_for(waiting: SiteTab) -> None:
    waiting.page.get_by_role("button", name="Sign out").click()
    expect(waiting.page.get_by_text("You have signed out")).to_be_visible(timeout=DRAWN)
    assert waiting.page.evaluate(KEPT) is None


def test_a_page_of_somebody_else_is_loaded_anew(site: Site, tab: SiteTab, context: BrowserContext) -> None:
    """Another tab of the browser signed out, and another user in: the page of the first one does not go on."""
    other: Page = context.new_page()
    other.goto(site.url)
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_text("You have signed out")).to_be_visible(timeout=DRAWN)
    sign_in(other, site, FINANCE)
    site.aws.faults.break_sockets()
    expect(tab.page.locator(".account-name")).to_have_text(FINANCE, timeout=2 * DRAWN)
    expect(tab.page.get_by_role("heading", name="Nothing here")).to_be_visible(timeout=DRAWN)
    assert OPS not in tab.page.content()
