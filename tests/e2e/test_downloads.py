"""Taking rows away in a browser: downloads of what is on the screen, exports, and the audit that tells of both."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pytest
from playwright.sync_api import Download, Locator, Page, Route, expect

from tests.e2e.conftest import ADMIN, DRAWN, FINANCE, Stack, expect_all_finished, open_page
from tests.e2e.reports import Publish
from tests.e2e.tab import BridgeProxy, Message, Tab

pytestmark = pytest.mark.e2e

TOPIC = "small_hours"
TITLE = "When the city rides"

WIDE = """/*---
title: Wide rows
chart: {type: table}
---*/
SELECT repeat('x', 40000) AS words, repeat('y', 40000) AS more
"""
SEEN = WIDE.replace("chart:", "download: false\nchart:").replace("Wide rows", "Wide rows to see")
BIG = 1_048_576
"""Rows; one more than a sheet of Excel holds."""


@pytest.fixture
def panel(tab: Tab, stack: Stack, small: str) -> Locator:
    """A drawn panel of a page that an admin looks at."""
    open_page(tab.page, stack, ADMIN, small)
    expect_all_finished(tab.page)
    return tab.panel(TOPIC)


def chosen(page: Page, panel: Locator, item: str) -> None:
    panel.get_by_role("button", name=f"Download {TITLE}").click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def downloaded(page: Page, panel: Locator, item: str, folder: Path) -> Path:
    with page.expect_download(timeout=DRAWN) as started:
        chosen(page, panel, item)
    return saved(started.value, folder)


def saved(download: Download, folder: Path) -> Path:
    kept = folder / download.suggested_filename
    download.save_as(kept)
    return kept


def test_what_is_on_the_screen_is_taken_away_in_each_format_without_another_statement(
    page: Page, panel: Locator, stack: Stack, tmp_path: Path
) -> None:
    before = stack.statements()
    files = {
        item: downloaded(page, panel, item, tmp_path) for item in ("CSV", "Excel", "Parquet", "JSON", "PNG", "SVG")
    }
    assert stack.statements() == before
    rows = list(csv.reader(io.StringIO(files["CSV"].read_text("utf-8-sig"))))
    assert re.fullmatch(r"small_hours 2015-12 as of [\d-]+ [\d.]+\.csv", files["CSV"].name)
    sheet = openpyxl.load_workbook(files["Excel"]).worksheets[0]
    assert [str(cell.value) for cell in sheet[1]] == rows[0]
    for item in ("Parquet", "JSON"):
        assert duckdb.execute(f"SELECT count(*) FROM '{files[item]}'").fetchone() == (len(rows) - 1,)
    assert sheet.max_row == len(rows)
    assert files["PNG"].read_bytes().startswith(b"\x89PNG")
    assert "<svg" in files["SVG"].read_text()[:200]


def test_a_page_is_one_workbook_with_a_sheet_for_each_panel(
    tab: Tab, panel: Locator, tmp_path: Path, small: str
) -> None:
    """Panels that ask the same of one statement share a sheet; the last tells of all of them."""
    with tab.page.expect_download(timeout=DRAWN) as started:
        tab.page.get_by_role("button", name="Workbook").click()
    book = openpyxl.load_workbook(saved(started.value, tmp_path))
    statements = {tab.end_of_newest(topic)["statementId"] for topic in tab.topics()}
    assert len(book.sheetnames) == len(statements) + 1
    assert book.sheetnames[-1] == "About"


def test_an_export_is_found_again_after_its_tab_was_closed(
    tab: Tab, panel: Locator, stack: Stack, tmp_path: Path
) -> None:
    chosen(tab.page, panel, "Export to Parquet")
    tab.until(lambda: tab.count("export") == 1)
    run_id = tab.last("export")["runId"]
    tab.until(lambda: any(m.get("runId") == run_id for m in tab.received))
    context = tab.page.context
    tab.page.close()
    later = context.new_page()
    later.goto(f"{stack.url}/exports")
    fetch = later.locator(f"[data-action=fetch-export][data-for='{run_id}']")

    def is_ready() -> bool:
        later.reload()
        expect(later.get_by_role("heading", name="Exports")).to_be_visible(timeout=DRAWN)
        return fetch.count() > 0

    stack.until(is_ready, 60, "the export to be ready")
    with later.expect_download(timeout=DRAWN) as started:
        fetch.click()
    file = saved(started.value, tmp_path)
    assert duckdb.execute(f"SELECT count(*) FROM '{file}'").fetchone() == (7 * 24,)


@pytest.fixture
def limited(page: Page, stack: Stack, publish: Publish) -> Page:
    """A page of two reports that the warehouse does not hand out; of one nobody may take the rows."""
    publish("limits/wide", WIDE)
    publish("limits/wide_to_see", SEEN)
    listed = ('"wide"', '"wide_to_see"')
    stack.until(lambda: all(name in reports(stack) for name in listed), 60, "the reports to be known")
    open_page(page, stack, ADMIN, "/d/limits")
    return page


def reports(stack: Stack) -> str:
    """The list of reports, without white space."""
    return stack.rest("/reports", stack.id_token(ADMIN)).text.replace(" ", "")


def test_a_limit_of_the_warehouse_is_said_and_an_export_that_has_none_is_offered(
    limited: Page, stack: Stack, tmp_path: Path
) -> None:
    panel = limited.locator("section[aria-label='Wide rows']")
    expect(panel).to_have_attribute("data-state", "failed", timeout=DRAWN)
    trouble = panel.get_by_role("alert")
    for words in ("too large to be shown", "64 KB", "An export has no such limit"):
        expect(trouble).to_contain_text(words)
    trouble.get_by_role("button", name="Export to CSV").click()
    limited.get_by_role("link", name=re.compile("Fetch the file")).click(timeout=DRAWN)
    with limited.expect_download(timeout=DRAWN) as started:
        limited.get_by_role("button", name="Download CSV").first.click(timeout=DRAWN)
    rows = list(csv.reader(io.StringIO(saved(started.value, tmp_path).read_text("utf-8-sig"))))
    assert rows == [["words", "more"], ["x" * 40_000, "y" * 40_000]]


def test_who_may_not_take_rows_is_offered_no_export_of_them(limited: Page) -> None:
    panel = limited.locator("section[aria-label='Wide rows to see']")
    expect(panel).to_have_attribute("data-state", "failed", timeout=DRAWN)
    expect(panel.get_by_role("alert")).to_contain_text("64 KB")
    expect(panel.get_by_role("button", name=re.compile("Export"))).to_have_count(0)


@pytest.fixture
def bridge(tab: Tab) -> BridgeProxy:
    """Changes what the page is told; wanted before `panel`."""
    return BridgeProxy(tab.page)


def ends_with(**changes: object) -> Callable[[Message], Message]:
    """Changes the end of the panel's run."""

    def change(message: Message) -> Message:
        is_end = message.get("topicName") == TOPIC and message["type"] == "finished"
        return {**message, **changes} if is_end else message

    return change


def test_an_export_is_not_offered_for_what_only_an_author_can_mend(
    tab: Tab, bridge: BridgeProxy, panel: Locator
) -> None:
    bridge.change = ends_with(type="failed", code="sql_error", message="No.")
    tab.run_again(TOPIC)
    expect(panel).to_have_attribute("data-state", "failed", timeout=DRAWN)
    expect(panel.get_by_role("alert")).to_contain_text("No.")
    expect(panel.get_by_role("button", name="Run again")).to_be_visible()
    expect(panel.get_by_role("button", name=re.compile("Export to"))).to_have_count(0)


def test_more_rows_than_excel_holds_are_said_before_anything_is_fetched(
    tab: Tab, bridge: BridgeProxy, panel: Locator
) -> None:
    bridge.change = ends_with(rows=BIG)
    tab.run_again(TOPIC)
    tab.is_finished(TOPIC)
    chosen(tab.page, panel, "Excel")
    words = tab.page.locator("#transfers .transfer-words").last
    expect(words).to_contain_text("A sheet of Excel holds 1,048,575 rows, and this has 1,048,576")
    expect(words).to_contain_text("Take CSV or Parquet instead")
    assert not [url for url in tab.requests if "/download/" in url]


def test_a_download_that_is_cancelled_keeps_nothing(page: Page, panel: Locator) -> None:
    held: list[Route] = []
    page.route("**/download/**", lambda route: held.append(route))  # on its way for as long as it takes
    chosen(page, panel, "CSV")
    transfer = page.locator("#transfers .transfer").last
    transfer.get_by_role("button", name="Cancel").click()
    expect(transfer.locator(".transfer-words")).to_have_text("Cancelled. Nothing was kept.")
    assert len(held) == 1


def test_a_download_that_breaks_off_keeps_nothing(tab: Tab, panel: Locator) -> None:
    """Nor does it make a panel draw again: no other request than its own."""
    kept: list[Download] = []
    tab.page.on("download", lambda download: kept.append(download))
    tab.page.route("**/download/**", lambda route: route.abort("connectionreset"))
    drawings, states = len(tab.drawings), tab.record_states(TOPIC)
    chosen(tab.page, panel, "Parquet")
    words = tab.page.locator("#transfers .transfer-words").last
    expect(words).to_have_text("The download broke off. Nothing was kept; start it again.")
    assert kept == []
    assert len(tab.drawings) == drawings
    assert states() == ["finished"]


def test_a_download_that_is_aborted_while_a_panel_draws_draws_it_once(tab: Tab, panel: Locator) -> None:
    """The answer to the drawing is held until the download has ended."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if '"property":"finished"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    tab.page.route("**/_dash-update-component*", hold)
    tab.page.route("**/download/**", lambda route: None)  # on its way until it is cancelled
    chosen(tab.page, panel, "CSV")
    run_id = tab.run_again("small_days")
    tab.until(lambda: len(held) == 1)
    tab.page.locator("#transfers .transfer").last.get_by_role("button", name="Cancel").click()
    expect(tab.page.locator("#transfers .transfer-words").last).to_have_text("Cancelled. Nothing was kept.")
    held[0].continue_()
    tab.is_finished("small_days")
    assert tab.drawings_of(run_id) == 1
    tab.page.unroute_all(behavior="ignoreErrors")


def test_a_result_that_is_kept_no_longer_is_said_so(page: Page, panel: Locator, stack: Stack) -> None:
    """Its record is gone after a day; the panel still shows what it drew."""
    said = stack.rest(f"/results/{GONE}?download=csv", stack.id_token(ADMIN))
    assert said.status_code == 404
    page.route("**/download/*.csv", lambda route: route.continue_(url=f"{stack.url}/download/{GONE}.csv"))
    chosen(page, panel, "CSV")
    words = page.locator("#transfers .transfer-words").last
    expect(words).to_contain_text("rows are kept for a day, or as long as their report says", timeout=DRAWN)
    expect(words).to_contain_text("an export is kept for seven days")
    expect(panel).to_have_attribute("data-state", "finished")


def test_an_export_is_offered_where_a_result_is_kept_no_longer(tab: Tab, bridge: BridgeProxy, panel: Locator) -> None:
    """Its day was over when it was to be drawn: to run it again is one way on, a file for a week the other."""
    bridge.change = ends_with(statementId=GONE)
    tab.run_again(TOPIC)
    expect(panel).to_have_attribute("data-state", "failed", timeout=DRAWN)
    for name in ("Run again", "Export to CSV", "Export to Parquet"):
        expect(panel.get_by_role("alert").get_by_role("button", name=name)).to_be_visible()


GONE = "00000000-0000-0000-0000-000000000000"


def test_the_audit_tells_admins_who_took_what(page: Page, panel: Locator, stack: Stack, tmp_path: Path) -> None:
    downloaded(page, panel, "CSV", tmp_path)
    page.goto(f"{stack.url}/audit?kind=download")
    newest = page.locator("table.list tbody tr").first
    expect(newest).to_contain_text(ADMIN, timeout=DRAWN)
    for fact in ("Download", TITLE, "month 2015-12", "csv", "168", "Completed"):
        expect(newest).to_contain_text(fact)


def test_nobody_else_sees_the_audit(page: Page, stack: Stack) -> None:
    open_page(page, stack, FINANCE)
    expect(page.get_by_role("link", name="Audit")).to_have_count(0)
    page.goto(f"{stack.url}/audit")
    expect(page.get_by_text("Only admins see who downloaded what.")).to_be_visible(timeout=DRAWN)
