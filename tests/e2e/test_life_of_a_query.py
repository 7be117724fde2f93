"""One panel's way from the page to the warehouse and back, and what a viewer can do on the way."""

import json

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.e2e.conftest import DRAWN, FINANCE, OPS, Stack, expect_all_finished, sign_in

pytestmark = pytest.mark.e2e


class Frames:
    """The messages of a page's sockets, as they come."""

    def __init__(self, page: Page) -> None:
        self.sockets: list[WebSocket] = []
        self.sent: list[dict] = []
        self.received: list[dict] = []
        page.on("websocket", self._opened)

    def _opened(self, socket: WebSocket) -> None:
        self.sockets.append(socket)
        socket.on("framesent", lambda text: self.sent.append(json.loads(text)))
        socket.on("framereceived", lambda text: self.received.append(json.loads(text)))

    def of(self, topic: str) -> list[str]:
        return [message["type"] for message in self.received if message.get("topicName") == topic]


def run_again(page: Page, topic: str) -> None:
    page.locator(f"[data-topic={topic}]").get_by_role("button", name="More for").click()
    page.get_by_role("menuitem", name="Run again").locator("visible=true").click()


def items(stack: Stack) -> list[dict]:
    return stack.client("dynamodb").scan(TableName="client_connections")["Items"]


def test_the_life_of_a_query(page: Page, stack: Stack) -> None:
    """Page, socket, gateway, warehouse, event, socket, REST, chart: each step of the README is seen."""
    frames = Frames(page)
    sign_in(page, stack, OPS, "/d/operations")
    expect_all_finished(page)

    topics = page.locator("[data-topic]").evaluate_all("panels => panels.map(panel => panel.dataset.topic)")
    assert len(topics) >= 4
    assert len(frames.sockets) == 1
    asked = {message["topicName"]: message for message in frames.sent if message["action"] == "run"}
    runs = {topic: message for topic, message in asked.items() if not topic.startswith("~")}
    assert set(runs) == set(topics)
    assert [message["report"] for topic, message in asked.items() if topic not in runs] == ["operations_newest_month"]
    assert all(run["parameters"] == {"month": "2015-12"} for run in runs.values())
    assert all("finished" in frames.of(topic) for topic in topics)

    finished = next(m for m in frames.received if m["type"] == "finished" and m["topicName"] == "daily_totals")
    statement = stack.client("redshift-data").describe_statement(Id=finished["statementId"])
    assert statement["Status"] == "FINISHED"
    assert statement["QueryParameters"] == [{"name": "month", "value": "2015-12"}]
    answer = stack.rest(f"/results/{finished['statementId']}", stack.id_token(OPS)).json()
    assert answer["rowCount"] == finished["rows"] == len(answer["records"]) == 31
    expect(page.locator("[data-topic=daily_totals] .js-plotly-plot .scatterlayer .trace").first).to_be_visible()
    expect(page.locator("[data-topic=trips] .headline-figure")).not_to_be_empty()


def test_every_panel_shows_a_drawing_or_a_figure(page: Page, stack: Stack) -> None:
    """Finished means drawn: a trace, a table or a big figure stands in each panel."""
    sign_in(page, stack, FINANCE, "/d/finance")
    expect_all_finished(page)
    drawn = ".js-plotly-plot :is(.trace, .points, .slice, .hm image, .heatmaplayer image), .ag-row, .headline-figure"
    for panel in page.locator("[data-topic]").all():
        expect(panel.locator(drawn).first).to_be_attached(timeout=DRAWN)


def test_another_month_redraws_every_panel(page: Page, stack: Stack) -> None:
    """The month filter is shared: choosing another month runs and draws all panels again."""
    sign_in(page, stack, OPS, "/d/operations")
    expect_all_finished(page)
    before = page.locator("[data-topic=trips] .headline-figure").inner_text()
    frames = Frames(page)
    page.get_by_label("Trip month").click()
    page.get_by_role("button", name="Jul", exact=False).first.click()
    expect(page.locator("[data-topic=trips] .headline-figure")).not_to_have_text(before, timeout=DRAWN)
    expect_all_finished(page)
    assert not frames.sockets, "the socket stays the same"


def test_a_second_tab_has_its_own_socket(page: Page, stack: Stack) -> None:
    """Two tabs of one viewer work side by side, and closing one leaves the other's records."""
    sign_in(page, stack, OPS, "/d/operations")
    expect_all_finished(page)
    second = page.context.new_page()
    second.goto(stack.url + "/d/operations")
    expect_all_finished(second)
    second.close()
    run_again(page, "trips")
    expect_all_finished(page)


def test_closing_the_tab_removes_its_records_only(page: Page, stack: Stack) -> None:
    """While a run waits its record names connection, statement and topic; it goes with the tab, another's stays."""
    sign_in(page, stack, OPS, "/d/operations")
    expect_all_finished(page)
    count = lambda: sum(item["sk"]["S"] == "connection" for item in items(stack))  # noqa: E731
    before = count()
    other = page.context.new_page()
    other.goto(stack.url + "/d/operations")
    expect_all_finished(other)
    assert count() == before + 1
    other.close()
    stack.until(lambda: count() == before, 60, "the closed tab's record to go")


def test_finance_cannot_see_operations(page: Page, stack: Stack) -> None:
    """Another department is neither listed, nor opened, nor run, nor read."""
    sign_in(page, stack, FINANCE)
    expect(page.get_by_role("link", name="Finance").first).to_be_visible()
    expect(page.get_by_role("link", name="Operations")).to_have_count(0)
    page.goto(stack.url + "/d/operations")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible(timeout=DRAWN)


def test_the_connection_can_be_closed_and_opened(page: Page, stack: Stack) -> None:
    """Closing says so and pauses; opening runs what was asked meanwhile."""
    sign_in(page, stack, OPS, "/d/operations")
    expect_all_finished(page)
    connection = page.locator("#connection-line")
    expect(connection).to_contain_text("Live")
    connection.get_by_role("button", name="Close").click()
    expect(connection).to_contain_text("Closed")
    run_again(page, "trips")
    expect(page.locator("[data-topic=trips]")).to_have_attribute("data-state", "cancelled")
    connection.get_by_role("button", name="Open").click()
    expect(connection).to_contain_text("Live", timeout=DRAWN)
    expect_all_finished(page)


def test_a_broken_connection_comes_back_by_itself(page: Page, stack: Stack) -> None:
    """When the gateway drops the socket, the tab opens another, says so meanwhile, and goes on."""
    sign_in(page, stack, OPS, "/d/operations")
    expect_all_finished(page)
    frames = Frames(page)
    url = stack.parameter("REDSHIFT_WSS_ENDPOINT").replace("ws://", "http://")
    gateway = stack.client("apigatewaymanagementapi", endpoint_url=url)
    for item in items(stack):
        if item["sk"]["S"] == "connection":
            gateway.delete_connection(ConnectionId=item["connectionId"]["S"])
    expect(page.locator("#connection-line")).to_contain_text("Reconnecting", timeout=DRAWN)
    expect(page.locator("#connection-line")).to_contain_text("Live", timeout=DRAWN)
    assert len(frames.sockets) >= 1, "a new socket"
    run_again(page, "trips")
    expect(page.locator("[data-topic=trips]")).to_have_attribute("data-state", "running", timeout=DRAWN)
    expect_all_finished(page)


def test_signing_out_ends_the_user_pools_session_too(page: Page, stack: Stack) -> None:
    """After signing out, coming back asks for the password again."""
    sign_in(page, stack, OPS)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out")).to_be_visible(timeout=DRAWN)
    page.goto(stack.url + "/d/operations")
    expect(page.get_by_label("Password")).to_be_visible(timeout=DRAWN)


def test_a_phone_has_the_departments_in_a_drawer(browser, stack: Stack) -> None:
    """At 390 pixels the side bar opens from the top bar and nothing is wider than the screen."""
    phone = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = phone.new_page()
    sign_in(page, stack, FINANCE, "/d/finance")
    expect_all_finished(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("button", name="Departments and account").tap()
    page.get_by_role("link", name="Home").tap()
    expect(page.get_by_role("heading", name="Home")).to_be_visible(timeout=DRAWN)
    phone.close()
