"""What operators see: the page of runs, and one query's life in the logs of every hop."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import DESK, PHONE, looks, serious_findings
from tests.e2e.conftest import ADMIN, DRAWN, FINANCE, OPS, REPO, Stack, expect_all_finished, open_page, sign_in
from tests.e2e.reports import SLOW, Publish
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

FAILS = """/*---
title: Fails on its own
chart: {type: table}
---*/
SELECT CAST('x' || min(vendor_id) AS integer) AS one FROM nyc_yellow_taxi
"""


@pytest.fixture
def troubled(publish: Publish) -> None:
    """A department of two reports: one that fails, and one that would run for a very long time."""
    publish("trouble/fails_alone", FAILS)
    publish("trouble/slow_alone", SLOW)


def card(page: Page, name: str) -> str:
    """The figure of a card."""
    return page.locator(".figure", has_text=name).locator(".figure-value").inner_text()


@pytest.mark.usefixtures("troubled")
def test_admins_see_what_runs_what_failed_and_why(tab: Tab, stack: Stack) -> None:
    stack.until(lambda: "slow_alone" in stack.reports(), 60, "the reports")
    open_page(tab.page, stack, ADMIN, "/d/trouble")
    expect(tab.panel("fails_alone")).to_have_attribute("data-state", "failed", timeout=DRAWN)
    tab.is_running("slow_alone")
    admin = tab.page.context.new_page()
    admin.goto(stack.url)
    admin.get_by_role("link", name="Runs").click()
    expect(admin.get_by_role("heading", level=1, name="Runs")).to_be_visible(timeout=DRAWN)
    running = admin.get_by_role("region", name="Running now")
    expect(running.locator("tr", has_text="Slow")).to_contain_text("Running")
    failed = admin.get_by_role("region", name="Failed").locator("tr", has_text="Fails on its own").first
    expect(failed).to_contain_text("SQL error")
    expect(failed).to_contain_text("ERROR: ")
    assert int(card(admin, "Running now")) >= 1
    assert int(card(admin, "Failed")) >= 1
    tab.choose("slow_alone", "Cancel this run")
    expect(tab.panel("slow_alone")).to_have_attribute("data-state", "cancelled", timeout=DRAWN)

    def is_gone() -> bool:
        """The statement is aborted after the page is told: looks again until the list has it."""
        with admin.expect_response("**/_dash-update-component*"):
            admin.get_by_role("button", name="Refresh").click()
        return running.locator("tr", has_text="Slow").count() == 0

    tab.until(is_gone)


def test_nobody_else_is_led_there_or_shown_anything(page: Page, stack: Stack) -> None:
    open_page(page, stack, FINANCE, "/operations")
    expect(page.locator("#content")).to_contain_text("Only admins see what runs.", timeout=DRAWN)
    expect(page.get_by_role("link", name="Runs")).to_have_count(0)


def test_ops_who_want_their_department_are_led_to_it(page: Page, stack: Stack) -> None:
    """The address of the runs is close to that of the department: the page says what it is, and where the other is."""
    open_page(page, stack, OPS, "/operations")
    content = page.locator("#content")
    expect(content.get_by_role("heading", level=1)).to_have_text("For administrators")
    expect(content).to_contain_text("Only admins see what runs.")
    expect(content.get_by_role("button", name="Try again")).to_have_count(0)
    content.get_by_role("link", name="Go to the department's page").click()
    expect(page).to_have_url(f"{stack.url}/d/operations")
    expect(page.get_by_role("heading", level=1, name="Operations")).to_be_visible(timeout=DRAWN)


def test_the_page_breaks_no_rule_of_accessibility_and_fits(page: Page, stack: Stack) -> None:
    open_page(page, stack, ADMIN, "/operations")
    expect(page.get_by_role("heading", name="Departments", level=2)).to_be_visible(timeout=DRAWN)
    for width in looks(page, DESK, PHONE):
        assert not serious_findings(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def log_lines(stack: Stack) -> list[dict[str, Any]]:
    """Every line of every hop, as the files have them."""
    files = sorted((stack.var / "logs").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def asked(query: str, lines: list[dict[str, Any]], **ids: str) -> list[dict[str, Any]]:
    """What a query of the runbook finds: lines of which one of the fields it filters by has the id it stands for."""
    fields = re.findall(r'(\w+) = "<(\w+)>"', query)
    assert fields
    return [line for line in lines if any(line.get(field) == ids[name] for field, name in fields)]


def runbook_queries() -> list[str]:
    text = (Path(REPO) / "docs" / "operations.md").read_text(encoding="utf-8")
    return re.findall(r"^    \| filter (.*)$", text, re.MULTILINE)


def statement_of(stack: Stack, attempt: str) -> str:
    """The id of the one statement of an attempt, by its name."""
    listing = stack.client("redshift-data").get_paginator("list_statements")
    pages = listing.paginate(StatementName=f"pushboard/pushboard/{attempt}", Status="ALL")
    (statement,) = (one for page in pages for one in page["Statements"])
    return statement["Id"]


def test_one_id_leads_through_the_whole_life_of_a_query(tab: Tab, stack: Stack, small: str) -> None:
    """From the tab's message to its rows, by the two queries that the runbook gives."""
    open_page(tab.page, stack, OPS, small)
    expect_all_finished(tab.page)
    run_id = tab.run_again("small_days")
    tab.is_finished("small_days")
    by_run, by_all = runbook_queries()

    def found(query: str, **ids: str) -> list[dict[str, Any]]:
        return asked(query, log_lines(stack), **ids)

    stack.until(lambda: "subscriber notified" in [one["message"] for one in found(by_run, runId=run_id)], 60, "the end")
    first = found(by_run, runId=run_id)
    (attempt,) = {one["attempt"] for one in first if "attempt" in one}
    ids = {"runId": run_id, "attempt": attempt, "statementId": statement_of(stack, attempt)}
    hops = ["message up", "message came", "run requested", "run started", "message down", "run finished"]
    hops += ["subscriber notified", "all notified", "rows read", "gateway answered"]
    stack.until(lambda: set(hops) <= {one["message"] for one in found(by_all, **ids)}, 20, f"all of {hops}")
    life = found(by_all, **ids)
    told = {one["type"] for one in life if one["message"] == "message down"}
    assert {"finished"} <= told <= {"accepted", "finished"}, (
        "an event that is quicker than its submitter leaves no accepted"
    )
    loggers = {one["logger"].partition(".")[0] for one in life}
    assert loggers == {"dashboard", "backend_lambdas"}
    message = next(one for one in life if one["message"] == "message came")
    assert message["gatewayRequestId"]
    opened = [one for one in log_lines(stack) if one["message"] == "socket opened" and "connectionId" in one]
    assert message["connectionId"] in {one["connectionId"] for one in opened}


def test_no_log_has_a_token_an_email_or_a_value(page: Page, stack: Stack, small: str) -> None:
    """Of a sign-in and a page of runs, and of everything that the tests before have done to this stack."""
    sign_in(page, stack, OPS, small)
    expect_all_finished(page)
    lines = log_lines(stack)
    assert {"message up", "run finished", "rows read"} <= {line["message"] for line in lines}
    text = "\n".join(file.read_text(encoding="utf-8") for file in (stack.var / "logs").glob("*.jsonl"))
    assert "@example.com" not in text
    assert "2015-12" not in text
    assert "SELECT" not in text
    assert not re.search(r"eyJ[\w-]{10,}\.", text), "a token"
    assert "code=" not in text
