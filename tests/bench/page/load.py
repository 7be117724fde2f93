"""One measured load of a page, and of a change of its filter: times from `probe.js`, counters from the browser."""

import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

from tests.bench.page.trace import traced

DRAWN_MS = 180_000
"""How long a page may take until it is drawn: a deadline, not a promise."""

_PROBE = Path(__file__).with_name("probe.js")


@dataclass(frozen=True)
class Panels:
    """How `probe.js` knows a page's panels, how many there must be, and whether only those on the screen count."""

    panel: str
    ready: str
    count: int
    on_screen: bool = False

    def script(self) -> str:
        """The probe for such a page."""
        options = {"panel": self.panel, "ready": self.ready, "panels": self.count, "onScreen": self.on_screen}
        return f"({_PROBE.read_text(encoding='utf-8')})({json.dumps(options)});"


@dataclass
class Traffic:
    """What a tab asks the server for: requests that no cache answered, and the bytes of their answers and frames.

    What it sends are the bodies of requests and its frames, without headers.
    """

    received: float = 0
    sent: float = 0
    _sent: list[str] = field(default_factory=list)
    _cached: set[str] = field(default_factory=set)

    @property
    def requests(self) -> int:
        """How many went to the server, redirected ones each time."""
        return sum(request_id not in self._cached for request_id in self._sent)

    def watch(self, session: CDPSession) -> None:
        """Counts from now on."""
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.requestServedFromCache", lambda event: self._cached.add(event["requestId"]))
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._finished)
        session.on("Network.webSocketFrameReceived", self._frame)
        session.on("Network.webSocketFrameSent", self._frame_sent)
        session.send("Network.enable")

    def _asked(self, event: Mapping[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self._sent.append(event["requestId"])
            self.sent += len(event["request"].get("postData", ""))

    def _answered(self, event: Mapping[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self._cached.add(event["requestId"])

    def _finished(self, event: Mapping[str, Any]) -> None:
        if event["requestId"] not in self._cached:
            self.received += event["encodedDataLength"]

    def _frame(self, event: Mapping[str, Any]) -> None:
        self.received += len(event["response"]["payloadData"])

    def _frame_sent(self, event: Mapping[str, Any]) -> None:
        self.sent += len(event["response"]["payloadData"])


class Tab:
    """A page under measurement, through Chromium's own protocol, which knows no policy of the page."""

    def __init__(self, page: Page, panels: Panels) -> None:
        self.page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.traffic = Traffic()
        self.traffic.watch(self._session)
        page.add_init_script(panels.script())

    def load(self, url: str, trace: Path | None = None) -> dict[str, float]:
        """Opens an address and returns the measures of its load, once every panel is drawn."""
        with traced(self.page, self._session, trace) if trace else nullcontext():
            self.page.goto(url, wait_until="commit", timeout=DRAWN_MS)
            times = self.call("loaded", DRAWN_MS)
        counted = self.call("counted")
        return {
            "first": times["first"],
            "last": times["last"],
            "longest_task": times["longestTask"],
            **self._counters(),
            "requests": self.traffic.requests,
            "kilobytes": self.traffic.received / 1000,
            "components": counted["components"],
            "elements": counted["elements"],
        }

    def change(self, choose: Callable[[Page], None]) -> dict[str, float]:
        """The measures of a filter's change, which the last click of `choose` makes."""
        before = self._counters()
        self.call("arm")
        choose(self.page)
        times = self.call("changed", DRAWN_MS)
        script = self._counters()["script"] - before["script"]
        return {"change": times["took"], "change_longest_task": times["longestTask"], "change_script": script}

    def call(self, name: str, *arguments: object) -> Any:
        """The answer of one of the probe's functions; raises AssertionError with its words where it fails."""
        written = ", ".join(json.dumps(argument) for argument in arguments)
        answer = self._session.send(
            "Runtime.evaluate",
            {"expression": f"__bench.{name}({written})", "awaitPromise": True, "returnByValue": True},
        )
        failed = answer.get("exceptionDetails")
        assert not failed, failed["exception"].get("description", failed["text"])
        return answer["result"].get("value")

    def heap(self) -> float:
        """Megabytes of JavaScript objects, after the garbage was collected."""
        self._session.send("HeapProfiler.collectGarbage")
        return self._metrics()["JSHeapUsedSize"] / 1e6

    def _counters(self) -> dict[str, float]:
        metrics = self._metrics()
        return {"script": metrics["ScriptDuration"] * 1000, "main_thread": metrics["TaskDuration"] * 1000}

    def _metrics(self) -> dict[str, float]:
        return {metric["name"]: metric["value"] for metric in self._session.send("Performance.getMetrics")["metrics"]}
