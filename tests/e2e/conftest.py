"""The whole of `make run` on free ports and in a folder of its own, and a real browser to use it with."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import boto3
import pytest
import requests
from botocore.config import Config
from playwright.sync_api import Browser, BrowserContext, Cookie, Page, ViewportSize, WebError, expect

from tests.e2e.reports import Publish, publishing, small_department
from tests.e2e.tab import DRAWN, Tab
from tests.samples import lay

REPO = Path(__file__).resolve().parents[2]
PASSWORD = "Taxi-2015!"
OPS, FINANCE, ADMIN = "ops@example.com", "finance@example.com", "admin@example.com"
START_SECONDS = 180
DESK: ViewportSize = {"width": 1440, "height": 1000}


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Stack:
    """One running `python -m infra.local`: its addresses and what it prints."""

    var: Path
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    endpoint_port: int = field(default_factory=free_port)
    module: str = "infra.local"
    stop_seconds: float = 20
    lines: list[str] = field(default_factory=list)
    start_seconds: float = START_SECONDS
    cookies: dict[str, list[Cookie]] = field(default_factory=dict)
    """Of one signed-in browser for each e-mail address; see `open_page`."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def endpoint(self) -> str:
        return f"http://localhost:{self.endpoint_port}"

    @property
    def pid(self) -> int:
        """The process that is the laptop's AWS; the dashboard is below it."""
        return self._process.pid

    def start(self) -> "Stack":
        """Starts it and returns once the dashboard answers."""
        if "--rows" in self.arguments:
            lay(int(self.arguments[self.arguments.index("--rows") + 1]), self.var)
        ports = ["--port", str(self.port), "--endpoint-port", str(self.endpoint_port), "--var", str(self.var)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module, *ports, *self.arguments],
            cwd=REPO,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._printed: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        try:
            self.until(self._answers, self.start_seconds, "the dashboard to answer")
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Ends it as Ctrl-C would, and its children with it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            self._reader.join(5)
            self._process.stdout.close()

    def statements(self) -> set[str]:
        """The ids of all runs' statements there were, as `aws redshift-data list-statements` tells them."""
        listing = self.client("redshift-data").get_paginator("list_statements")
        pages = listing.paginate(Status="ALL", StatementName="pushboard/")
        return {one["Id"] for page in pages for one in page["Statements"]}

    def until(self, condition: Callable[[], object], seconds: float, what: str) -> object:
        """Waits for something to become true, or fails with what was printed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            assert self._process.poll() is None, "it ended:\n" + "".join(self.lines[-60:])
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds} s for {what}:\n" + "".join(self.lines[-60:]))

    def printed(self, text: str) -> str | None:
        """The last printed line that holds `text`."""
        return next((line for line in reversed(self.lines) if text in line), None)

    def client(self, service: str, endpoint_url: str | None = None) -> object:
        """A boto3 client of the local endpoint."""
        return boto3.client(
            service,
            endpoint_url=endpoint_url or self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="tester",
            aws_secret_access_key="tester",
            config=Config(connect_timeout=5, read_timeout=30),
        )

    def client_id(self) -> str:
        """The user pool client of the dashboard."""
        cognito = self.client("cognito-idp")
        pool = cognito.list_user_pools(MaxResults=10)["UserPools"][0]["Id"]
        return cognito.list_user_pool_clients(UserPoolId=pool)["UserPoolClients"][0]["ClientId"]

    def id_token(self, email: str) -> str:
        """An ID token as a script gets it."""
        answer = self.client("cognito-idp").initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
            ClientId=self.client_id(),
        )
        return answer["AuthenticationResult"]["IdToken"]

    def parameter(self, name: str) -> str:
        """An SSM parameter's value."""
        return self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]

    def rest(self, path: str, token: str) -> requests.Response:
        """One GET of the REST API."""
        base = self.parameter("REDSHIFT_REST_API_ENDPOINT")
        return requests.get(base + path, headers={"Authorization": token}, timeout=30)

    def reports(self) -> str:
        """What admins are told of all reports, as JSON."""
        return self.rest("/reports", self.id_token(ADMIN)).text

    def _read(self) -> None:
        for line in self._process.stdout:
            self.lines.append(line)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/health", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The sample stack that most browser tests share."""
    running = Stack(tmp_path_factory.mktemp("var"), ("--rows", "120000")).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def small(stack: Stack) -> str:
    """The address of a page of three panels, for what is no matter of many."""
    department = small_department(stack.client("s3"))
    stack.until(lambda: department in stack.reports(), 60, "the department to be listed")
    return f"/d/{department}"


@pytest.fixture
def publish(stack: Stack) -> Iterator[Publish]:
    """Publishes report files as an author does, by copying them to S3; they are gone after the test."""
    with publishing(stack) as put:
        yield put


@pytest.fixture
def start_stack(tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Starts stacks of a test's own; they are stopped with the test."""
    started: list[Stack] = []

    def start(*arguments: str, var: Path | None = None) -> Stack:
        started.append(Stack(var or tmp_path / f"var-{len(started)}", arguments).start())
        return started[-1]

    yield start
    for running in started:
        if running._process.poll() is None:
            running.stop()


@contextmanager
def kept_warm(browser: Browser) -> Iterator[BrowserContext]:
    """A person's browser that has compiled our pages' scripts already, which is half of what a page costs.

    It keeps that as long as one of its pages is open.
    """
    opened = browser.new_context(viewport=DESK)
    kept = opened.new_page()
    kept.route("**/*", lambda route: route.fulfill(body="kept open"))
    kept.goto("http://localhost")
    yield opened
    opened.close()


@contextmanager
def as_new(warm: BrowserContext) -> Iterator[BrowserContext]:
    """The same with no page, no cookies and nothing stored; every error on its pages fails the test."""
    kept, errors = warm.pages, []

    def note(error: WebError) -> None:
        errors.append(error.error.stack or str(error.error))

    warm.on("weberror", note)
    yield warm
    for page in warm.pages:
        if page not in kept:
            page.close()
    warm.remove_listener("weberror", note)
    warm.set_offline(False)
    warm.set_storage_state({"cookies": [], "origins": []})
    assert not errors, errors


@pytest.fixture(scope="session")
def warm(browser: Browser) -> Iterator[BrowserContext]:
    with kept_warm(browser) as opened:
        yield opened


@pytest.fixture(scope="session")
def warm_elsewhere(browser: Browser) -> Iterator[BrowserContext]:
    with kept_warm(browser) as opened:
        yield opened


@pytest.fixture
def context(warm: BrowserContext) -> Iterator[BrowserContext]:
    """A browser with nothing in it."""
    with as_new(warm) as opened:
        yield opened


@pytest.fixture
def other(warm_elsewhere: BrowserContext) -> Iterator[Page]:
    """A fresh tab in somebody else's browser."""
    with as_new(warm_elsewhere) as opened:
        yield opened.new_page()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A fresh tab."""
    return context.new_page()


@pytest.fixture
def tab(page: Page) -> Tab:
    """The fresh tab, and what it and the site say to one another."""
    return Tab(page)


class SignedIn(Protocol):
    """A running dashboard, and the cookies of one signed-in browser for each e-mail address."""

    cookies: dict[str, list[Cookie]]

    @property
    def url(self) -> str: ...


def sign_in(page: Page, site: SignedIn, email: str, path: str = "/", password: str = PASSWORD) -> None:
    """Opens a page and signs in on the way, as a person does."""
    page.goto(site.url + path)
    _fill_in(page, email, password)
    expect(page.locator("#content h1")).to_be_visible(timeout=DRAWN)


def open_page(page: Page, site: SignedIn, email: str, path: str = "/") -> None:
    """Opens a page in a browser that is signed in; the form is filled in for the first one, or when that was ended."""
    page.context.add_cookies(site.cookies.get(email, []))
    page.goto(site.url + path)
    if page.get_by_label("Password").count():
        _fill_in(page, email, PASSWORD)
    expect(page.locator("#content h1")).to_be_visible(timeout=DRAWN)
    site.cookies[email] = page.context.storage_state()["cookies"]


def _fill_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def expect_all_finished(page: Page, at_least: int = 3) -> None:
    """Scrolls by every panel of the page, since those far below wait for that, and waits until all have drawn."""
    panels = page.locator("[data-topic]")
    expect(panels.nth(at_least - 1)).to_be_attached(timeout=DRAWN)
    for panel in panels.all():
        panel.scroll_into_view_if_needed()
    expect(page.locator("[data-topic]:not([data-state=finished])")).to_have_count(0, timeout=DRAWN)
