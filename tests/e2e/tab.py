"""A page as a test sees it: its sockets' messages, its requests, and the parts of it that show how a run goes.

Made before its page is opened, since it records from then on.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, Request, WebSocket, WebSocketRoute, expect

DRAWN = 60_000
"""How long a panel may take here, in milliseconds: a deadline, not a promise."""

TERMINAL = {"finished", "failed", "cancelled", "rejected"}

Message = dict[str, Any]

RECORD_WORDS = """([selector, name]) => {
    const element = document.querySelector(selector);
    const seen = (window[name] = [element.textContent]);
    const note = () => seen.at(-1) !== element.textContent && seen.push(element.textContent);
    new MutationObserver(note).observe(element, { characterData: true, childList: true, subtree: true });
}"""

RECORD_ATTRIBUTE = """([selector, attribute, name]) => {
    const element = document.querySelector(selector);
    const seen = (window[name] = [element.getAttribute(attribute)]);
    const note = () => seen.at(-1) !== element.getAttribute(attribute) && seen.push(element.getAttribute(attribute));
    new MutationObserver(note).observe(element, { attributeFilter: [attribute] });
}"""


class Tab:
    """A page, the messages of its sockets and the URLs of its requests, in their order."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sockets: list[WebSocket] = []
        self.sent: list[Message] = []
        self.received: list[Message] = []
        self.requests: list[str] = []
        self.drawings: list[str] = []
        self.connection = page.locator("#connection-text")
        self.notice = page.locator("#connection-notice")
        page.on("websocket", self._record_socket)
        page.on("request", self._record_request)

    # ------------------------------------------------------------------------------------------------------- panels

    def panel(self, topic: str) -> Locator:
        """A panel's root."""
        return self.page.locator(f"[data-topic='{topic}']")

    def choose(self, topic: str, item: str) -> None:
        """An item of the panel's menu."""
        self.panel(topic).get_by_role("button", name="More for").click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def run_again(self, topic: str) -> str:
        """Runs a panel by its menu, and returns the id of that run once its message is sent."""
        before = len(self.runs(topic))
        self.choose(topic, "Run again")
        self.until(lambda: len(self.runs(topic)) > before)
        return str(self.runs(topic)[-1]["runId"])

    def is_running(self, topic: str) -> None:
        """Waits until the warehouse has taken the panel's newest run."""
        self.until(lambda: bool(self.runs(topic)))
        run_id = self.runs(topic)[-1]["runId"]
        self.until(lambda: any(m["type"] == "accepted" and m.get("runId") == run_id for m in self.received))
        expect(self.panel(topic)).to_have_attribute("data-state", "running", timeout=DRAWN)

    def is_finished(self, *topics: str) -> None:
        """Waits until each panel's newest run has finished and shows."""
        for topic in topics:
            self.until(lambda topic=topic: bool(self.runs(topic)) and self.end_of_newest(topic) is not None)
            expect(self.panel(topic)).to_have_attribute("data-state", "finished", timeout=2 * DRAWN)

    def end_of_newest(self, topic: str) -> Message | None:
        """How the panel's newest run ended; None while it goes on."""
        return self.end_of(self.runs(topic)[-1]["runId"])

    def end_of(self, run_id: str) -> Message | None:
        """The last end that was received of a run; None before it."""
        ends = (m for m in reversed(self.received) if m["type"] in TERMINAL and m.get("runId") == run_id)
        return next(ends, None)

    def ask_all_with(self, topics: list[str], **parameters: Any) -> None:
        """Waits until the newest run of each panel asks with these parameters."""

        def asks(topic: str) -> bool:
            runs = self.runs(topic)
            return bool(runs) and parameters.items() <= runs[-1]["parameters"].items()

        self.until(lambda: all(asks(topic) for topic in topics))

    def topics(self) -> list[str]:
        """The panels of the page, in their order."""
        return list(self.page.locator("[data-topic]").evaluate_all("all => all.map(panel => panel.dataset.topic)"))

    # ---------------------------------------------------------------------------------------------------- messages

    def runs(self, topic: str) -> list[Message]:
        """The `run` messages that the tab sent for a panel."""
        return [m for m in self.sent if m["action"] == "run" and m["topicName"] == topic]

    def resumes(self, run_id: str) -> int:
        """How often the tab asked what became of a run."""
        return sum(m["action"] == "resume" and run_id in m["runIds"] for m in self.sent)

    def is_watched_again(self, run_id: str) -> bool:
        """Whether a run that has ended was sent once more, to be watched on this socket, and is answered since."""
        runs = [m for m in self.sent if m["action"] == "run" and m["runId"] == run_id]
        ends = [m for m in self.received if m["type"] == "finished" and m.get("runId") == run_id]
        return len(runs) > 1 and runs[-1]["watch"] and not runs[-1]["refresh"] and len(ends) > 1

    def last(self, action: str, topic: str | None = None) -> Message:
        """The newest message of this kind that the tab sent."""
        return next(m for m in reversed(self.sent) if m["action"] == action and topic in (None, m.get("topicName")))

    def count(self, action: str) -> int:
        """How many messages of this kind the tab sent."""
        return sum(message["action"] == action for message in self.sent)

    def drawings_of(self, run_id: str) -> int:
        """How often the page asked the server to draw a run."""
        return sum(run_id in body for body in self.drawings)

    # ---------------------------------------------------------------------------------------------------- the page

    def is_live(self) -> None:
        """Waits until the page has its connection."""
        expect(self.connection).to_have_text("Live", timeout=2 * DRAWN)
        expect(self.notice).to_be_hidden()

    def record(self, selector: str, attribute: str) -> Callable[[], list[str]]:
        """Notes every value that an attribute has from now on; returns how to read them."""
        name = f"seen_{selector}_{attribute}"
        self.page.evaluate(RECORD_ATTRIBUTE, [selector, attribute, name])
        return lambda: list(self.page.evaluate("name => window[name]", name))

    def record_states(self, topic: str) -> Callable[[], list[str]]:
        """Notes every state that a panel has from now on."""
        return self.record(f"[data-topic='{topic}']", "data-state")

    def record_connection(self) -> Callable[[], list[str]]:
        """Notes every state that the page's connection has from now on."""
        return self.record("html", "data-connection")

    def record_words(self, topic: str) -> Callable[[], list[str]]:
        """Notes every text that the foot of a panel has from now on beside its state."""
        name = f"words_{topic}"
        self.page.evaluate(RECORD_WORDS, [f"[data-topic='{topic}'] .panel-detail", name])
        return lambda: list(self.page.evaluate("name => window[name]", name))

    def until(self, condition: Callable[[], bool], seconds: float = 90) -> None:
        """Waits, while the page goes on, until it comes true."""
        deadline = time.monotonic() + seconds
        while not condition():
            said = f"sent: {self.sent[-20:]}; received: {self.received[-20:]}"
            assert time.monotonic() < deadline, f"it did not come true; {said}"
            self.page.wait_for_timeout(50)

    def _record_socket(self, socket: WebSocket) -> None:
        self.sockets.append(socket)
        socket.on("framesent", lambda text: self.sent.append(json.loads(text)))
        socket.on("framereceived", lambda text: self.received.append(json.loads(text)))

    def _record_request(self, request: Request) -> None:
        self.requests.append(request.url)
        body = request.post_data or "" if "/_dash-update-component" in request.url else ""
        if '"property":"finished"' in body:
            self.drawings.append(body)


class BridgeProxy:
    """Stands between a page and its bridge: changes messages on the way down, and sends others.

    `change` returns the message to pass on. Made before the page is opened.
    """

    def __init__(self, page: Page, change: Callable[[Message], Message] = lambda message: message) -> None:
        self.change = change
        self._routes: list[WebSocketRoute] = []
        page.route_web_socket("**/ws", self._connect)

    def send(self, message: Message) -> None:
        """To the page, as if the bridge had sent it."""
        self._routes[-1].send(json.dumps(message))

    def _connect(self, route: WebSocketRoute) -> None:
        self._routes.append(route)
        server = route.connect_to_server()
        server.on_message(lambda text: route.send(json.dumps(self.change(json.loads(text)))))
