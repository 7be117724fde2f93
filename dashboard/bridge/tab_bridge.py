"""The WebSocket `/ws`: one browser tab on this side, that tab's own gateway connection on the other; `app` installs it.

On the path of a query: a tab's `run` goes on to API Gateway, where `backend_lambdas.handlers.on_connect` takes it. What
`backend_lambdas.handlers.send_message` posts comes back here and goes on to the tab's script in `assets/`, which puts
it into the topic's store. Rows never travel here.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, request
from flask_sock import Sock
from simple_websocket import Server

from dashboard.auth.routes import fresh_login, login_key
from dashboard.auth.token_store import TokenStore
from dashboard.auth.user_pool import Login
from dashboard.bridge.opening import Opening
from dashboard.bridge.sockets import GatewayGone, GatewayRefused, Tab, TabGone, Upstream
from dashboard.bridge.tab_messages import (
    MAX_RUNS,
    BadMessage,
    TokenBucket,
    apart,
    check,
    is_run,
    seen,
    together,
    too_fast,
)
from dashboard.errors import SessionEnded, SignInUnavailable, UserError
from dashboard.settings import Settings
from dashboard.web.security import has_own_origin

log = logging.getLogger(__name__)

SIGN_IN_AGAIN = 4401
RENEW = 4408
TRY_LATER = 1013
RESTARTING = 1012
PING = '{"action":"ping"}'
HEARTBEAT = {"type": "heartbeat"}


@dataclass(frozen=True)
class BridgeLimits:
    """Times of the bridge in seconds, and how many messages a tab may send; tests use smaller ones."""

    tab_ping: int = 25
    heartbeat: float = 8.0  # a tab that misses two of them reconnects
    keep_alive: float = 300.0  # API Gateway closes a connection that is idle for 10 minutes
    max_age: float = 110 * 60.0  # and any connection after 2 hours
    renew_before: float = 60.0
    min_age: float = 5.0  # so that a very short-lived token does not make tabs reconnect in a circle
    opened_at_once: int = 32  # of the gateway's connections; API Gateway takes 500 a second from an account
    connect_timeout: float = 30.0  # API Gateway gives up after 29
    gather: float = 0.002  # between the runs that a page sends at once
    messages_a_second: float = 20.0
    burst: int = 100
    max_message_bytes: int = 1_048_576  # above it the socket is closed with 1009


NoteFinished = Callable[[str, str], None]
"""Called with a token and the id of a statement that the gateway announces as finished on that token's connection."""


def install(
    app: Flask, settings: Settings, tokens: TokenStore, url: str, limits: BridgeLimits, note_finished: NoteFinished
) -> None:
    """Serve `/ws`, bridging to the gateway at `url`, until the function `app.config["ENDING"]` says so."""
    app.config["ENDING"] = lambda: False
    app.config["SOCK_SERVER_OPTIONS"] = {
        "ping_interval": limits.tab_ping,
        "max_message_size": limits.max_message_bytes,
        "receive_bytes": 16_384,
    }
    opening = Opening(url, limits.opened_at_once, limits.connect_timeout, silence=2 * limits.keep_alive)
    blueprint = Blueprint("bridge", __name__)

    @blueprint.before_request
    def refuse_foreign_pages() -> None:
        if not has_own_origin(settings):
            log.warning("socket refused", extra={"origin": request.headers.get("Origin")})
            raise UserError("forbidden", "This socket is for the dashboard's own pages.", 403)

    @Sock().route("/ws", bp=blueprint)
    def bridge(server: Server) -> None:
        _serve(Tab(server), tokens, opening, limits, app.config["ENDING"], note_finished)

    app.register_blueprint(blueprint)


def _serve(
    tab: Tab,
    tokens: TokenStore,
    opening: Opening,
    limits: BridgeLimits,
    ending: Callable[[], bool],
    note_finished: NoteFinished,
) -> None:
    def still_waiting() -> None:
        """A tab that waits in a crowd hears heartbeats, so that it does not come again."""
        if ending():
            _send_elsewhere(tab)
            raise TabGone
        tab.send_json(HEARTBEAT)

    try:
        login, key = fresh_login(), login_key()
        upstream = opening.open(login.id_token, still_waiting, limits.heartbeat)
        _Bridge(tab, upstream, login, limits, lambda: _still_signed_in(tokens, key), ending, note_finished).run()
    except (SessionEnded, GatewayRefused) as error:
        log.info("socket refused", extra={"reason": type(error).__name__})
        tab.close(SIGN_IN_AGAIN, "Please sign in again.")
    except TabGone:
        log.debug("a tab closed before it was connected")
    except (SignInUnavailable, GatewayGone) as error:
        log.warning("no gateway connection for a tab", extra={"reason": repr(error.__cause__)})
        tab.close(TRY_LATER, "The warehouse's gateway does not answer.")
    finally:
        tab.finish()


def _send_elsewhere(tab: Tab) -> None:
    tab.close(RESTARTING, "The dashboard goes on elsewhere.")


def _still_signed_in(tokens: TokenStore, key: str) -> bool:
    try:
        tokens.get(key)
    except SessionEnded:
        return False
    return True


class _Bridge:
    """Two open sockets and the messages between them, in order each way, until either closes."""

    def __init__(
        self,
        tab: Tab,
        upstream: Upstream,
        login: Login,
        limits: BridgeLimits,
        signed_in: Callable[[], bool],
        ending: Callable[[], bool],
        note_finished: NoteFinished,
    ) -> None:
        self._tab = tab
        self._upstream = upstream
        self._limits = limits
        self._login = login
        self._signed_in = signed_in
        self._ending = ending
        self._note_finished = note_finished
        self._socket_id = uuid.uuid4().hex[:12]
        self._opened_at = time.monotonic()
        self._bucket = TokenBucket(limits.messages_a_second, limits.burst)
        life = min(login.expires_at - time.time() - limits.renew_before, limits.max_age)
        self._renew_at = time.monotonic() + max(life, limits.min_age)
        self._ping_at = time.monotonic() + limits.keep_alive
        self._heartbeat_at = time.monotonic() + limits.heartbeat

    def run(self) -> None:
        """Forward messages until one side closes; then close the other and end the thread."""
        down = threading.Thread(target=self._forward_from_gateway, name="bridge-down", daemon=True)
        self._log("socket opened", user=self._login.user.sub)
        down.start()
        try:
            self._forward_from_tab()
        except TabGone:
            log.debug("a tab closed")
        finally:
            self._upstream.close()
            down.join()
            self._upstream.release()
            self._log("socket closed", seconds=round(time.monotonic() - self._opened_at))

    def _log(self, event: str, **fields: Any) -> None:
        """Log the socket's events. Of a message, its kind and ids are logged, never its contents."""
        log.info(event, extra={"socketId": self._socket_id, **fields})

    def _forward_from_tab(self) -> None:
        """Tab to gateway, and what is due by time. No other thread sends to the gateway."""
        self._tab.send_json({"type": "connected", "expiresAt": self._login.expires_at, "user": self._login.user.sub})
        while self._do_what_is_due():
            due = min(self._renew_at, self._ping_at, self._heartbeat_at)
            text = self._tab.receive(timeout=due - time.monotonic())
            if text is not None:
                self._handle(text)

    def _handle(self, text: str | bytes | None) -> None:
        """Forward a message; runs together with those that a page sends right behind them, if the gateway agrees."""
        runs: list[str] = []
        while text is not None:
            checked = self._checked(text)
            if checked and self._upstream.takes_batches and is_run(checked):
                runs.append(checked)
            elif checked:
                self._forward_runs(runs)
                self._forward(checked)
            text = self._tab.receive(timeout=self._limits.gather) if 0 < len(runs) < MAX_RUNS else None
        self._forward_runs(runs)

    def _forward_runs(self, runs: list[str]) -> None:
        for message in together(runs):
            self._forward(message)
        runs.clear()

    def _do_what_is_due(self) -> bool:
        """Send pings and heartbeats that are due; returns False when the connection, or the process, is to end."""
        if self._ending():
            _send_elsewhere(self._tab)
            return False
        now = time.monotonic()
        if now >= self._renew_at:
            self._tab.close(RENEW, "Please renew the session and reconnect.")
            return False
        if now >= self._ping_at:
            self._ping_at = now + self._limits.keep_alive
            self._forward(PING)
        if now >= self._heartbeat_at:
            self._heartbeat_at = now + self._limits.heartbeat
            self._tab.send_json(HEARTBEAT)
        return True

    def _checked(self, text: str | bytes) -> str | None:
        """The message, or None where the tab is told what is wrong with it."""
        try:
            if not self._bucket.take():
                raise too_fast(text)
            checked = check(text)
        except BadMessage as error:
            self._log("message refused", code=error.code, **error.panel)
            self._tab.send_json(error.rejection())
            return None
        self._log("message up", **seen(checked))
        return checked

    def _forward(self, text: str) -> None:
        """Send to the gateway, unless the user has signed out in another tab."""
        if not self._signed_in():
            self._tab.close(SIGN_IN_AGAIN, "Please sign in again.")
            raise TabGone
        self._upstream.send(text)

    def _forward_from_gateway(self) -> None:
        try:
            while True:
                for text in apart(self._upstream.receive()):
                    self._hand_down(text)
        except GatewayGone:
            self._tab.close(TRY_LATER, "The warehouse's gateway closed the connection.")
        except TabGone:
            log.debug("a tab closed before its message")

    def _hand_down(self, text: str) -> None:
        message = seen(text)
        self._log("message down", **message)
        if message.get("type") == "finished" and "statementId" in message:
            self._note_finished(self._login.id_token, message["statementId"])
        self._tab.send(text)
