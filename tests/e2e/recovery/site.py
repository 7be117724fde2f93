"""A laptop's AWS in this process, where a test lets things go wrong, and its dashboard behind a network to pull."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Request, WebSocket, expect

from infra.local.dashboard_process import DashboardProcess, dashboard_environment
from infra.local.runtime import LocalAws
from infra.local.sample import Simulated
from tests.e2e.conftest import DRAWN, REPO, free_port
from tests.e2e.recovery.network import Network
from tests.infra.local.laptop import client, copy_of_the_project

REPORT = """/*---
title: {title}
parameters:
  month: {{type: month, label: Trip month, default: 2015-12}}
chart: {{type: number, value: {name}}}
cache: 0s
timeout: {limit}s
---*/
SELECT count(*) AS {name} FROM nyc_yellow_taxi WHERE pickup_date >= to_date(:month, 'YYYY-MM')
"""
REPORTS = {"patient": 60, "urgent": 24, "steady": 60}
"""All that the department `operations` has here, with limits in seconds. Nothing is cached: a run costs a statement."""


class Site:
    """The dashboard at `url`, its AWS, and the network before it."""

    def __init__(self, aws: LocalAws, network: Network, port: int, var: Path) -> None:
        self.aws = aws
        self.network = network
        self.url = f"http://localhost:{network.port}"
        self.sessions = var / "sessions"
        self._port = port
        self._environment = dashboard_environment(aws, var, self.url)
        self.start_dashboard()

    def start_dashboard(self) -> None:
        """Returns when it serves."""
        self.dashboard = DashboardProcess(REPO, self._port, self._environment, self.aws.logs)
        self.dashboard.wait_until_healthy()

    def kill_dashboard(self) -> None:
        """As if its machine lost power: gunicorn and its worker, in the middle of whatever they do."""
        gunicorn = self.dashboard._process
        os.killpg(gunicorn.pid, signal.SIGKILL)  # it leads a session of its own, so nothing else is killed
        gunicorn.wait(10)

    def client(self, service: str) -> Any:
        """A boto3 client of this AWS."""
        return client(self.aws, service)

    def statements(self, report: str) -> int:
        """How many statements there were of a report."""
        pages = self.client("redshift-data").get_paginator("list_statements").paginate(Status="ALL")
        return sum(f"AS {report} " in statement["QueryString"] for page in pages for statement in page["Statements"])

    def hold_ends(self) -> None:
        """From now on nobody is told that a statement has ended, until `aws.faults.release` or `mend`."""
        self.aws.faults.reorder_events(until=1_000_000)


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """A site of its own; nothing of it is left."""
    repo = copy_of_the_project(folder / "project")
    reports = repo / "sql" / "reports" / "operations"
    for file in reports.glob("*.sql"):
        file.unlink()
    for name, limit in REPORTS.items():
        (reports / f"{name}.sql").write_text(REPORT.format(name=name, title=name.capitalize(), limit=limit))
    var, port = folder / "var", free_port()
    with Network(port) as network:
        options = {"app_url": f"http://localhost:{network.port}", "sample": Simulated(20_000)}
        aws = LocalAws(var, port=free_port(), repo=repo, announce=lambda line: None, **options)
        aws.start()
        try:
            site = Site(aws, network, port, var)
            try:
                yield site
            finally:
                site.dashboard.stop()
        finally:
            aws.stop()


class Tab:
    """What a page and the site say to one another, and the parts of the page that show how it goes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sockets: list[WebSocket] = []
        self.sent: list[dict[str, Any]] = []
        self.received: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.connection = page.locator("#connection-text")
        self.notice = page.locator("#connection-notice")
        page.on("websocket", self._opened)
        page.on("request", self._asked)

    def panel(self, topic: str) -> Locator:
        """A panel's root."""
        return self.page.locator(f"[data-topic={topic}]")

    def run_again(self, topic: str) -> None:
        """By the panel's menu, as a person does."""
        self.panel(topic).get_by_role("button", name="More for").click()
        self.page.get_by_role("menuitem", name="Run again").locator("visible=true").click()

    def is_running(self, topic: str) -> None:
        """Waits until the warehouse has taken the panel's run."""
        expect(self.panel(topic)).to_have_attribute("data-state", "running", timeout=DRAWN)
        run_id = self.last("run", topic)["runId"]
        self.until(lambda: any(m["type"] == "accepted" and m["runId"] == run_id for m in self.received))

    def is_drawn(self, *topics: str) -> None:
        """Waits until panels have drawn what they were asked."""
        for topic in topics:
            expect(self.panel(topic)).to_have_attribute("data-state", "finished", timeout=2 * DRAWN)
            expect(self.panel(topic).locator(".headline-figure")).not_to_be_empty()

    def is_live(self) -> None:
        """Waits until the page has its connection."""
        expect(self.connection).to_have_text("Live", timeout=2 * DRAWN)
        expect(self.notice).to_be_hidden()

    def last(self, action: str, topic: str | None = None) -> dict[str, Any]:
        """The newest message of this kind that the tab sent."""
        return next(m for m in reversed(self.sent) if m["action"] == action and topic in (None, m.get("topicName")))

    def count(self, action: str) -> int:
        """How many messages of this kind the tab sent."""
        return sum(message["action"] == action for message in self.sent)

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Waits, while the page goes on, until it comes true."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"it did not come true; sent: {self.sent}; received: {self.received}"
            self.page.wait_for_timeout(50)

    def _opened(self, socket: WebSocket) -> None:
        self.sockets.append(socket)
        socket.on("framesent", lambda text: self.sent.append(json.loads(text)))
        socket.on("framereceived", lambda text: self.received.append(json.loads(text)))

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)
