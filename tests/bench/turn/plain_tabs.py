"""Tabs without a browser: each speaks the bridge's WebSocket, and asks for drawings, as the page's scripts do.

On each `finished` with a new statement a tab asks the dashboard for the drawing, together with what finished meanwhile,
as `assets/js/page/drawings.js` does; unlike it, it waits for one answer before it asks again. Nothing is drawn.
"""

import json
import queue
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
import websocket
from websocket import ABNF

BATCH_SECONDS = 0.02
"""In which runs count as finished together; as in `drawings.js`."""

SILENCE_SECONDS = 60
ANSWER_SECONDS = 120
"""How long a request waits for its answer: as long as the load balancer keeps a connection on which nothing comes."""

_CALLBACK = "/_dash-update-component"
_ENDS_BADLY = frozenset({"failed", "rejected", "cancelled"})

Run = Mapping[str, Any]
"""A `run` message as the page sends it."""


def is_of_panel(run: Run) -> bool:
    """Whether a run is shown by a panel; else its rows fill a filter."""
    return not run["topicName"].startswith("~")


@dataclass(frozen=True)
class Dashboard:
    """Where the tabs are, the cookies of who is signed in, and the callback that draws."""

    url: str
    cookies: Mapping[str, str]
    drawing: str

    @classmethod
    def signed_in(cls, url: str, session: requests.Session) -> "Dashboard":
        """By a session that is signed in."""
        listed = session.get(f"{url}/_dash-dependencies", timeout=20).json()
        wanted = [{"id": "page", "property": "finished"}]
        (drawing,) = (one["output"] for one in listed if _names(one["inputs"]) == wanted)
        return cls(url, {cookie.name: str(cookie.value) for cookie in session.cookies}, drawing)


def _names(inputs: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    return [{"id": one["id"], "property": one["property"]} for one in inputs]


@dataclass(frozen=True)
class End:
    """The newest rows of a run: their statement, and when they were told, in seconds since 1970."""

    statement_id: str
    at: float


class PlainTab:
    """A tab that watches some runs from the moment it is made; one that does not draw only takes what it is told."""

    def __init__(self, dashboard: Dashboard, runs: Sequence[Run] = (), draws: bool = True) -> None:
        self.runs: dict[str, Run] = {}
        self.accepted: set[str] = set()
        self.ends: dict[str, End] = {}
        self.drawn: dict[str, End] = {}
        self.trouble: list[str] = []
        self._dashboard = dashboard
        self._undrawn: queue.Queue[str] = queue.Queue()
        self.is_connected = False
        self.is_lost = False
        self._is_closing = False
        self._news = threading.Event()
        cookies = "; ".join(f"{name}={value}" for name, value in dashboard.cookies.items())
        address = dashboard.url.replace("http", "ws", 1) + "/ws"
        self._socket = websocket.create_connection(
            address, timeout=SILENCE_SECONDS, cookie=cookies, origin=dashboard.url, enable_multithread=True
        )
        works = (self._receive_all, self._draw_all) if draws else (self._receive_all,)
        self._threads = [threading.Thread(target=work) for work in works]
        for thread in self._threads:
            thread.start()
        for run in runs:
            self.ask(run)

    def ask(self, run: Run) -> str:
        """Asks for a run, and watches it from now on; returns its id."""
        run_id = str(uuid.uuid4())
        self.runs[run_id] = run
        self._socket.send(json.dumps({**run, "runId": run_id, "refresh": False, "watch": True}))
        return run_id

    def wait(self, seconds: float) -> None:
        """Returns when something was told, drawn or went wrong since the last call; at the latest after this time."""
        self._news.wait(seconds)
        self._news.clear()

    def is_told_since(self, moment: float) -> bool:
        """Whether all its runs have had new rows since then."""
        return all(run_id in self.ends and self.ends[run_id].at > moment for run_id in self.runs)

    def is_drawn(self) -> bool:
        """Whether the newest rows of all its panels have been drawn."""
        return all(
            run_id in self.drawn and self.drawn[run_id].statement_id == self.ends[run_id].statement_id
            for run_id, run in self.runs.items()
            if is_of_panel(run)
        )

    def close(self) -> None:
        """Closes the socket and ends both threads."""
        self._is_closing = True
        self._undrawn.put("")
        self._socket.close()
        for thread in self._threads:
            thread.join(10)

    # ------------------------------------------------------------------------------------------------------- the socket

    def _receive_all(self) -> None:
        try:
            while (received := self._socket.recv_data())[0] == ABNF.OPCODE_TEXT:
                self._receive(json.loads(received[1]))
        except (websocket.WebSocketException, OSError) as error:
            self._note(f"the socket was lost: {error!r}")
        else:
            self._note(f"the socket was closed: {received[1]!r}")
        self.is_lost = True
        self._news.set()

    def _receive(self, message: Mapping[str, Any]) -> None:
        if message["type"] in _ENDS_BADLY:
            self._note(f"a run ended badly: {message}")
        if message["type"] == "accepted":
            self.accepted.add(message["runId"])
        self.is_connected |= message["type"] == "connected"
        self._news.set()
        if message["type"] != "finished":
            return
        run_id, end = message["runId"], End(message["statementId"], time.time())
        if run_id in self.ends and self.ends[run_id].statement_id == end.statement_id:
            return  # an end may come twice
        self.ends[run_id] = end
        if is_of_panel(self.runs[run_id]):
            self._undrawn.put(run_id)

    def _note(self, trouble: str) -> None:
        if not self._is_closing:
            self.trouble.append(trouble)
            self._news.set()

    # ---------------------------------------------------------------------------------------------------- the drawings

    def _draw_all(self) -> None:
        with requests.Session() as session:
            session.cookies.update(self._dashboard.cookies)
            session.headers["Origin"] = self._dashboard.url
            while not self._is_closing:
                batch = {self._undrawn.get()}
                time.sleep(BATCH_SECONDS)
                while not self._undrawn.empty():
                    batch.add(self._undrawn.get())
                self.draw(session, {run_id: self.ends[run_id].statement_id for run_id in batch if run_id})

    def draw(self, session: requests.Session, batch: Mapping[str, str]) -> None:
        """Asks for the drawings of runs, each with its statement; what goes wrong is noted as the tab's trouble."""
        if not batch or self._is_closing:
            return
        try:
            answer = session.post(self._dashboard.url + _CALLBACK, json=self._body(batch), timeout=ANSWER_SECONDS)
            answer.raise_for_status()
        except requests.RequestException as error:
            self._note(f"no drawing: {error!r}")
            return
        if '"error"' in answer.text:
            self._note(f"no drawing: {answer.text[:500]}")
            return
        at = time.time()
        self.drawn |= {run_id: End(statement_id, at) for run_id, statement_id in batch.items()}
        self._news.set()

    def _body(self, batch: Mapping[str, str]) -> Mapping[str, Any]:
        finished = [
            {"topicName": self.runs[run_id]["topicName"], "runId": run_id, "statementId": statement_id}
            for run_id, statement_id in batch.items()
        ]
        return {
            "output": self._dashboard.drawing,
            "inputs": [{"id": "page", "property": "finished", "value": finished}],
            "changedPropIds": ["page.finished"],
            "parsedChangedPropsIds": ["page.finished"],
        }
