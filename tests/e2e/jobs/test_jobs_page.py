"""The page of jobs in a browser: starts, steps, history, approval, and what is told elsewhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.accessibility import DESK as WIDE
from tests.e2e.accessibility import PHONE, looks, serious_findings
from tests.e2e.conftest import ADMIN, FINANCE, OPS, Stack, open_page
from tests.e2e.jobs.conftest import NUMBER, SLOW, check, job, step
from tests.e2e.reports import BUCKET
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

ADD = step("Add one", "INSERT INTO page_jobs.ones SELECT :number")
IS_THERE = check("It is there", "SELECT count(*) > 0 FROM page_jobs.ones WHERE one = :number")
ENDLESS = check("Endless", SLOW.format(rows=1_000_000_000))
TABLE = "page_jobs.ones"
JOBS = {
    "page_add": job(ADD, IS_THERE, title="Add a number", writes=TABLE, more="confirm: Add {number}?\n" + NUMBER),
    "page_slow": job(ADD, ENDLESS, title="Take very long", writes="page_jobs.slow", more=NUMBER).replace(
        "page_jobs.ones", "page_jobs.slow"
    ),
    "page_agreed": job(ADD, title="Correct a number", writes=TABLE, more="approve: [admins]\n" + NUMBER),
}
SETUP = (
    "CREATE SCHEMA page_jobs",
    "CREATE TABLE page_jobs.ones (one integer)",
    "CREATE TABLE page_jobs.slow (one integer)",
    "GRANT USAGE ON SCHEMA page_jobs TO pushboard_jobs",
    "GRANT SELECT, INSERT ON page_jobs.ones TO pushboard_jobs",
    "GRANT SELECT, INSERT ON page_jobs.slow TO pushboard_jobs",
)


@pytest.fixture(scope="module", autouse=True)
def jobs(stack: Stack) -> Iterator[None]:
    """Three jobs on tables of their own; they are gone after these tests."""
    data, s3 = stack.client("redshift-data"), stack.client("s3")
    for sql in SETUP:
        statement = data.execute_statement(Sql=sql, DbUser="awsuser", ClusterIdentifier="pushboard", Database="dev")
        stack.until(lambda one=statement["Id"]: data.describe_statement(Id=one)["Status"] == "FINISHED", 30, sql)
    for name, text in JOBS.items():
        s3.put_object(Bucket=BUCKET, Key=f"sql/jobs/operations/{name}.sql", Body=text.encode())
    stack.until(lambda: set(JOBS) <= listed(stack), 60, "the jobs to be listed")
    yield
    for name in JOBS:
        s3.delete_object(Bucket=BUCKET, Key=f"sql/jobs/operations/{name}.sql")


def listed(stack: Stack) -> set[str]:
    return {one["id"] for one in stack.rest("/jobs", stack.id_token(OPS)).json()["jobs"]}


def open_live(page: Page, stack: Stack, email: str, path: str = "/jobs") -> None:
    open_page(page, stack, email, path)
    expect(page.locator("#connection-text")).to_have_text("Live")


def form(page: Page, name: str) -> Locator:
    return page.locator(f"[data-job='{name}']")


def press_start(page: Page, name: str, number: int) -> Locator:
    """Fills the form and presses Start; the dialog that asks."""
    form(page, name).get_by_label("Number", exact=True).fill(str(number))
    form(page, name).get_by_role("button", name="Start").click()
    return page.get_by_role("dialog")


def newest(page: Page, title: str) -> Locator:
    return page.get_by_role("article", name=title).first


def test_a_start_is_asked_about_told_live_and_stands_in_the_history(page: Page, other: Page, stack: Stack) -> None:
    tab = Tab(page)
    open_live(page, stack, OPS)
    open_live(other, stack, ADMIN)
    dialog = press_start(page, "page_add", 7)
    expect(dialog).to_contain_text("Add 7?")
    expect(dialog).to_contain_text("Writes page_jobs.ones.")
    dialog.get_by_role("button", name="Start").dblclick()
    for each in (page, other):
        run = newest(each, "Add a number")
        expect(run).to_have_attribute("data-state", "finished")
        expect(run.get_by_role("listitem")).to_contain_text(["Add oneFinished1 row", "Check It is thereFinished"])
        expect(run).to_contain_text(OPS)
    expect(page.get_by_role("article", name="Add a number")).to_have_count(1)
    assert tab.count("start") == 1


def test_run_again_fills_the_form_and_asks_again(page: Page, stack: Stack) -> None:
    open_live(page, stack, OPS, "/exports")
    page.get_by_role("link", name="Jobs", exact=True).click()
    dialog = press_start(page, "page_add", 8)
    dialog.get_by_role("button", name="Start").click()
    run = newest(page, "Add a number")
    expect(run).to_contain_text("Number 8")
    expect(run).to_have_attribute("data-state", "finished")
    press_start(page, "page_add", 9)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    run.get_by_role("button", name="Run again").press("Enter")
    expect(dialog).to_contain_text("Add 8?")
    dialog.get_by_role("button", name="Not now").click()
    expect(form(page, "page_add").get_by_label("Number", exact=True)).to_have_value("8")
    page.reload()
    expect(newest(page, "Add a number")).to_contain_text("Number 8")


def test_a_run_is_cancelled_while_its_steps_go_on(page: Page, other: Page, stack: Stack) -> None:
    open_live(page, stack, OPS)
    open_live(other, stack, ADMIN)
    press_start(page, "page_slow", 1).get_by_role("button", name="Start").click()
    run = newest(other, "Take very long")
    expect(run.get_by_role("listitem").first).to_contain_text("Running")
    newest(page, "Take very long").get_by_role("button", name="Cancel").click()
    expect(run).to_have_attribute("data-state", "cancelled")
    expect(run).to_contain_text(f"{OPS} has cancelled it. Everything is as it was before.")
    other.get_by_role("textbox", name="State").click()
    other.get_by_role("option", name="Finished").click()
    expect(other.get_by_role("article", name="Take very long")).to_have_count(0)


def test_approval_and_end_are_told_on_other_pages(page: Page, other: Page, stack: Stack) -> None:
    open_live(page, stack, OPS)
    open_live(other, stack, ADMIN, "/exports")
    dialog = press_start(page, "page_agreed", 5)
    expect(dialog).to_contain_text("It waits until somebody else of admins agrees.")
    dialog.get_by_role("button", name="Start").click()
    expect(newest(page, "Correct a number")).to_contain_text("Waits until admins agrees")
    page.get_by_role("link", name="Exports").click()
    expect(page.get_by_role("heading", level=1, name="Exports")).to_be_visible()
    asking = other.get_by_role("alert").filter(has_text="“Correct a number” waits for your approval")
    asking.get_by_role("link", name="Show jobs").click()
    newest(other, "Correct a number").get_by_role("button", name="Approve").click()
    expect(asking).to_have_count(0)
    told = page.get_by_role("alert").filter(has_text="“Correct a number” has finished")
    told.get_by_role("link", name="Show jobs").click()
    run = newest(page, "Correct a number")
    expect(run).to_have_attribute("data-state", "finished")
    expect(run).to_contain_text(f"agreed to by {ADMIN}")
    expect(told).to_have_count(0)


def test_who_may_start_nothing_sees_nothing_of_it(page: Page, stack: Stack) -> None:
    with page.expect_response(lambda answer: "warehouse-links" in (answer.request.post_data or "")):
        open_live(page, stack, FINANCE)
    expect(page.locator("#content h1")).to_have_text("Nothing here")
    expect(page.get_by_role("link", name="Jobs")).to_have_count(0)
    page.goto(f"{stack.url}/tables")
    expect(page.locator("#content")).to_contain_text("Only admins and authors see the tables.")


@pytest.mark.parametrize(("path", "name"), [("/jobs", "Jobs"), ("/tables", "Tables")])
def test_the_pages_break_no_rule_of_accessibility_and_fit(page: Page, stack: Stack, path: str, name: str) -> None:
    open_live(page, stack, ADMIN, "/exports")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(page).to_have_url(stack.url + path)
    for width in looks(page, WIDE, PHONE):
        assert not serious_findings(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
