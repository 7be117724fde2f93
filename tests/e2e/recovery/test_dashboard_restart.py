"""The dashboard's process dies while many wait: when it is back, every tab is back, and gets what it asked for."""

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from typing import Any

import pytest
import websocket
from playwright.sync_api import expect

from tests.e2e.conftest import DRAWN
from tests.e2e.recovery.conftest import OpenTab
from tests.e2e.recovery.site import Site, SiteTab

pytestmark = pytest.mark.e2e

PAGES, CLIENTS = 2, 48
PATIENCE = 60
"""Seconds that a client waits for anything: a deadline, not a promise."""


def test_a_tab_outlives_the_dashboard(site: Site, tab: SiteTab) -> None:
    """It says so meanwhile, and its run costs no second statement."""
    site.hold_ends()
    before = site.statements("patient")
    tab.run_again("patient")
    tab.is_running("patient")
    site.kill_dashboard()
    expect(tab.connection).to_have_text("Reconnecting", timeout=DRAWN)
    expect(tab.notice).to_contain_text("The connection was lost", timeout=DRAWN)
    site.start_dashboard()
    tab.is_live()
    site.aws.faults.mend()
    tab.is_drawn("patient")
    assert site.statements("patient") == before + 1


def test_50_tabs_outlive_the_dashboard(site: Site, open_tab: OpenTab) -> None:
    """Some are pages, the others speak as pages do: each is told, and no statement is run again."""
    tabs = [open_tab() for _ in range(PAGES)]
    site.hold_ends()
    for tab in tabs:
        tab.run_again("patient")
        tab.is_running("patient")
    taken = Semaphore(0)
    with ThreadPoolExecutor(CLIENTS) as pool:
        ends = [pool.submit(end_of_a_run, site, cookie(tabs[0]), taken) for _ in range(CLIENTS)]
        assert all(taken.acquire(timeout=PATIENCE) for _ in range(CLIENTS))
        before = site.statements("patient")
        site.kill_dashboard()
        site.start_dashboard()
        site.aws.faults.mend()
        assert {end.result(PATIENCE)["type"] for end in ends} == {"finished"}
    for tab in tabs:
        tab.is_drawn("patient")
    assert site.statements("patient") == before


def cookie(tab: SiteTab) -> str:
    return "; ".join(f"{one['name']}={one['value']}" for one in tab.page.context.cookies())


def end_of_a_run(site: Site, cookies: str, taken: Semaphore) -> dict[str, Any]:
    """A tab's life in short: it asks, loses its socket, opens another, resumes, and is told."""
    run_id = str(uuid.uuid4())
    parameters = {"month": "2015-12"}
    ask = {"action": "run", "topicName": "patient", "report": "patient", "parameters": parameters, "runId": run_id}
    socket = connected(site, cookies)
    socket.send(json.dumps(ask))
    try:
        heard(socket, "accepted")
        taken.release()
        return heard(socket, "finished", "failed")
    except (websocket.WebSocketException, OSError):
        socket = connected(site, cookies)
        socket.send(json.dumps({"action": "resume", "runIds": [run_id]}))
        return heard(socket, "finished", "failed")
    finally:
        socket.close()


def connected(site: Site, cookies: str) -> websocket.WebSocket:
    """A socket past its `connected`, however long the dashboard takes to come back."""
    deadline = time.monotonic() + PATIENCE
    url = site.url.replace("http", "ws") + "/ws"
    while True:
        try:
            socket = websocket.create_connection(url, cookie=cookies, origin=site.url, timeout=PATIENCE)
            heard(socket, "connected")
            return socket
        except (websocket.WebSocketException, OSError):
            assert time.monotonic() < deadline, "the dashboard did not come back"
            time.sleep(0.2)


def heard(socket: websocket.WebSocket, *types: str) -> dict[str, Any]:
    """The next message of these types; raises when the socket breaks before it."""
    while True:
        text = socket.recv()
        if not text:
            raise websocket.WebSocketConnectionClosedException
        message = json.loads(text)
        if message["type"] in types:
            return message
