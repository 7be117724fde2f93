"""One panel's way from the page to the warehouse and back, and what a viewer can do on the way."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import DRAWN, FINANCE, OPS, Stack, expect_all_finished, open_page, sign_in
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e


def connections(stack: Stack) -> set[str]:
    """The ids of the gateway's connections that its table holds."""
    items = stack.client("dynamodb").scan(TableName="client_connections")["Items"]
    return {item["connectionId"]["S"] for item in items if item["sk"]["S"] == "connection"}


def test_the_life_of_a_query(tab: Tab, stack: Stack) -> None:
    """Page, socket, gateway, warehouse, event, socket, REST, chart: each step of the README is seen."""
    page = tab.page
    sign_in(page, stack, OPS, "/d/operations")
    expect_all_finished(page)

    topics = tab.topics()
    assert len(topics) >= 4
    assert tab.sockets
    asked = {message["topicName"]: message for message in tab.sent if message["action"] == "run"}
    runs = {topic: message for topic, message in asked.items() if not topic.startswith("~")}
    assert set(runs) == set(topics)
    of_filters = {message["report"] for topic, message in asked.items() if topic not in runs}
    assert of_filters <= {"newest_month"}, "unless somebody asked before, and the dashboard knows it"
    assert all(run["parameters"] == {"month": "2015-12"} for run in runs.values())
    assert all(tab.end_of_newest(topic)["type"] == "finished" for topic in topics)

    finished = next(m for m in tab.received if m["type"] == "finished" and m["topicName"] == "daily_totals")
    statement = stack.client("redshift-data").describe_statement(Id=finished["statementId"])
    assert statement["Status"] == "FINISHED"
    assert statement["QueryParameters"] == [{"name": "month", "value": "2015-12"}]
    answer = stack.rest(f"/results/{finished['statementId']}", stack.id_token(OPS)).json()
    assert answer["rowCount"] == finished["rows"] == len(answer["records"]) == 31
    expect(page.locator("[data-topic=daily_totals] .js-plotly-plot .scatterlayer .trace").first).to_be_visible()
    expect(page.locator("[data-topic=trips] .headline-figure")).not_to_be_empty()


@pytest.mark.parametrize(("user", "path"), [(FINANCE, "/d/finance"), (OPS, "/d/operations")])
def test_every_panel_shows_a_drawing_or_a_figure(page: Page, stack: Stack, user: str, path: str) -> None:
    """Finished means drawn: a trace, a table or a big figure stands in each panel."""
    open_page(page, stack, user, path)
    expect_all_finished(page)
    marks = ".trace, .points, .slice, .hm image, .heatmaplayer image, .choroplethlayer path"
    drawn = f".js-plotly-plot :is({marks}), .ag-row, .plain-table tr, .headline-figure"
    for panel in page.locator("[data-topic]").all():
        expect(panel.locator(drawn).first).to_be_attached(timeout=DRAWN)


def test_another_month_redraws_every_panel(tab: Tab, stack: Stack) -> None:
    """The month filter is shared: choosing another month runs and draws all panels again, on the same socket."""
    page = tab.page
    open_page(page, stack, OPS, "/d/operations")
    expect_all_finished(page)
    before, topics = page.locator("[data-topic=trips] .headline-figure").inner_text(), tab.topics()
    page.get_by_label("Trip month").click()
    page.get_by_role("button", name="Jul", exact=False).first.click()
    tab.ask_all_with(topics, month="2015-07")
    tab.is_finished(*topics)
    expect(page.locator("[data-topic=trips] .headline-figure")).not_to_have_text(before)
    assert {tab.end_of_newest(topic)["type"] for topic in topics} == {"finished"}


def test_a_second_tab_has_its_own_socket(tab: Tab, stack: Stack, small: str) -> None:
    """Two tabs of one viewer work side by side, and closing one leaves the other's records."""
    open_page(tab.page, stack, OPS, small)
    expect_all_finished(tab.page)
    second = Tab(tab.page.context.new_page())
    second.page.goto(stack.url + small)
    expect_all_finished(second.page)
    assert second.sockets
    second.page.close()
    tab.run_again("small_trips")
    tab.is_finished("small_trips")


def test_closing_the_tab_removes_its_records_only(page: Page, stack: Stack, small: str) -> None:
    """The record of its connection goes with the tab; another tab's stays."""
    before = connections(stack)
    open_page(page, stack, OPS, small)
    expect_all_finished(page)
    own = connections(stack) - before
    other = page.context.new_page()
    other.goto(stack.url + small)
    expect_all_finished(other)
    others = connections(stack) - before - own
    assert own
    assert others
    other.close()
    stack.until(lambda: not others & connections(stack), 60, "the closed tab's record to go")
    assert own <= connections(stack)


def test_finance_cannot_see_operations(page: Page, stack: Stack) -> None:
    """Another department is neither listed, nor opened, nor run, nor read."""
    open_page(page, stack, FINANCE)
    expect(page.get_by_role("link", name="Finance").first).to_be_visible()
    expect(page.get_by_role("link", name="Operations")).to_have_count(0)
    page.goto(stack.url + "/d/operations")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible(timeout=DRAWN)


def test_the_connection_can_be_closed_and_opened(tab: Tab, stack: Stack, small: str) -> None:
    """Closing says so and pauses; opening runs what was asked meanwhile."""
    page = tab.page
    open_page(page, stack, OPS, small)
    expect_all_finished(page)
    connection, panel = page.locator("#connection-line"), tab.panel("small_trips")
    expect(connection).to_contain_text("Live")
    connection.get_by_role("button", name="Close").click()
    expect(connection).to_contain_text("Closed")
    before = len(tab.runs("small_trips"))
    tab.choose("small_trips", "Run again")
    expect(panel).to_have_attribute("data-state", "cancelled")
    expect(panel.get_by_role("status")).to_have_text("Paused")
    connection.get_by_role("button", name="Open").click()
    expect(connection).to_contain_text("Live", timeout=DRAWN)
    tab.until(lambda: len(tab.runs("small_trips")) > before)
    tab.is_finished("small_trips")


def test_a_broken_connection_comes_back_by_itself(tab: Tab, stack: Stack, small: str) -> None:
    """When the gateway drops the socket, the tab opens another, says so meanwhile, and goes on."""
    before = connections(stack)
    open_page(tab.page, stack, OPS, small)
    expect_all_finished(tab.page)
    states, sockets = tab.record_connection(), len(tab.sockets)
    url = stack.parameter("REDSHIFT_WSS_ENDPOINT").replace("ws://", "http://")
    gateway = stack.client("apigatewaymanagementapi", endpoint_url=url)
    for connection_id in connections(stack) - before:
        gateway.delete_connection(ConnectionId=connection_id)
    tab.until(lambda: len(tab.sockets) > sockets)
    tab.is_live()
    assert "reconnecting" in states()
    tab.run_again("small_trips")
    tab.is_finished("small_trips")


def test_signing_out_ends_the_user_pools_session_too(page: Page, stack: Stack) -> None:
    """After signing out, coming back asks for the password again."""
    sign_in(page, stack, OPS)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out")).to_be_visible(timeout=DRAWN)
    page.goto(stack.url + "/d/operations")
    expect(page.get_by_label("Password")).to_be_visible(timeout=DRAWN)


def test_a_phone_has_the_departments_in_a_drawer(browser: Browser, stack: Stack) -> None:
    """At 390 pixels the side bar opens from the top bar and nothing is wider than the screen."""
    phone = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = phone.new_page()
    open_page(page, stack, FINANCE, "/d/finance")
    expect_all_finished(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("button", name="Departments and account").tap()
    page.get_by_role("link", name="Home").tap()
    expect(page.get_by_role("heading", name="Home")).to_be_visible(timeout=DRAWN)
    phone.close()
