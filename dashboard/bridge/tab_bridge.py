"""The WebSocket `/ws`: one browser tab on this side, that tab's own gateway connection on the other; `app` installs it.

On the path of a query: a tab's `run` goes on to API Gateway, where `backend_lambdas.on_connect` takes it; what
`backend_lambdas.send_message` posts comes back here and goes on to the tab's script in `assets/`, which puts it into
the topic's store. Rows never travel here.
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
from dashboard.bridge.sockets import GatewayGone, GatewayRefused, Tab, TabGone, Upstream
from dashboard.bridge.tab_messages import BadMessage, Bucket, check, seen, too_fast, translated
from dashboard.errors import SessionEnded, SignInUnavailable, UserError
from dashboard.settings import Settings
from dashboard.web.security import has_own_origin

log = logging.getLogger(__name__)

SIGN_IN_AGAIN = 4401
RENEW = 4408
TRY_LATER = 1013
RESTARTING = 1012
PING = '{"action":"ping"}'
BEAT = {"type": "beat"}


@dataclass(frozen=True)
class Pace:
    """The bridge's times in seconds, and how fast a tab may talk; tests use smaller ones."""

    tab_ping: int = 25
    beat: float = 8.0  # the tab hears that often from here, or knows that its network is cut
    keep_alive: float = 300.0  # API Gateway drops a connection idle for 10 minutes
    longest: float = 110 * 60.0  # and any connection after 2 hours
    renew_before: float = 60.0
    shortest: float = 5.0  # so that a very short-lived token does not make tabs reconnect in a circle
    connect_timeout: float = 10.0
    messages_a_second: float = 20.0
    burst: int = 100
    longest_message: int = 1_048_576  # above it the socket is closed with 1009


def install(app: Flask, settings: Settings, tokens: TokenStore, url: str, pace: Pace) -> None:
    """Serve `/ws`, bridging to the gateway at `url`, until the function `app.config["ENDING"]` says so."""
    app.config["ENDING"] = lambda: False
    app.config["SOCK_SERVER_OPTIONS"] = {
        "ping_interval": pace.tab_ping,
        "max_message_size": pace.longest_message,
        "receive_bytes": 16_384,
    }
    blueprint = Blueprint("bridge", __name__)

    @blueprint.before_request
    def refuse_foreign_pages() -> None:
        if not has_own_origin(settings):
            log.warning("socket refused", extra={"origin": request.headers.get("Origin")})
            raise UserError("forbidden", "This socket is for the dashboard's own pages.", 403)

    @Sock().route("/ws", bp=blueprint)
    def bridge(server: Server) -> None:
        _serve(Tab(server), tokens, url, pace, app.config["ENDING"])

    app.register_blueprint(blueprint)


def _serve(tab: Tab, tokens: TokenStore, url: str, pace: Pace, ending: Callable[[], bool]) -> None:
    try:
        login, key = fresh_login(), login_key()
        upstream = Upstream(url, login.id_token, pace.connect_timeout, silence=2 * pace.keep_alive)
        _Bridge(tab, upstream, login, pace, lambda: _still_signed_in(tokens, key), ending).run()
    except (SessionEnded, GatewayRefused) as error:
        log.info("socket refused", extra={"reason": type(error).__name__})
        tab.close(SIGN_IN_AGAIN, "Please sign in again.")
    except (SignInUnavailable, GatewayGone) as error:
        log.warning("no gateway connection for a tab", extra={"reason": repr(error.__cause__)})
        tab.close(TRY_LATER, "The warehouse's gateway does not answer.")
    finally:
        tab.finish()


def _still_signed_in(tokens: TokenStore, key: str) -> bool:
    try:
        tokens.get(key)
    except SessionEnded:
        return False
    return True


class _Bridge:
    """Two open sockets and what goes between them, each way in order, until either closes."""

    def __init__(
        self,
        tab: Tab,
        upstream: Upstream,
        login: Login,
        pace: Pace,
        signed_in: Callable[[], bool],
        ending: Callable[[], bool],
    ) -> None:
        self._tab = tab
        self._upstream = upstream
        self._pace = pace
        self._login = login
        self._signed_in = signed_in
        self._ending = ending
        self._socket_id = uuid.uuid4().hex[:12]
        self._opened_at = time.monotonic()
        self._bucket = Bucket(pace.messages_a_second, pace.burst)
        life = min(login.expires_at - time.time() - pace.renew_before, pace.longest)
        self._renew_at = time.monotonic() + max(life, pace.shortest)
        self._ping_at = time.monotonic() + pace.keep_alive
        self._beat_at = time.monotonic() + pace.beat

    def run(self) -> None:
        """Carry messages until one side closes; then close the other and leave nothing running."""
        down = threading.Thread(target=self._carry_down, name="bridge-down", daemon=True)
        self._log("socket opened", user=self._login.user.sub)
        down.start()
        try:
            self._carry_up()
        except TabGone:
            log.debug("a tab closed")
        finally:
            self._upstream.hang_up()
            down.join()
            self._upstream.release()
            self._log("socket closed", seconds=round(time.monotonic() - self._opened_at))

    def _log(self, event: str, **fields: Any) -> None:
        """The socket's life and what is refused on it; of messages what they are and whose, never what they hold."""
        log.info(event, extra={"socketId": self._socket_id, **fields})

    def _carry_up(self) -> None:
        """Tab to gateway, and everything that time brings: this thread alone sends to the gateway."""
        self._tab.tell({"type": "connected", "expiresAt": self._login.expires_at, "user": self._login.user.sub})
        while self._on_time():
            due = min(self._renew_at, self._ping_at, self._beat_at)
            text = self._tab.receive(timeout=due - time.monotonic())
            if text is not None:
                self._take(text)

    def _on_time(self) -> bool:
        """Do what is due; False when this connection has lived long enough, or its process has."""
        if self._ending():
            self._tab.close(RESTARTING, "The dashboard goes on elsewhere.")
            return False
        now = time.monotonic()
        if now >= self._renew_at:
            self._tab.close(RENEW, "Please renew the session and reconnect.")
            return False
        if now >= self._ping_at:
            self._ping_at = now + self._pace.keep_alive
            self._forward(PING)
        if now >= self._beat_at:
            self._beat_at = now + self._pace.beat
            self._tab.tell(BEAT)
        return True

    def _take(self, text: str | bytes) -> None:
        try:
            if not self._bucket.take():
                raise too_fast(text)
            checked = check(text)
            self._log("message up", **seen(checked))
            self._forward(checked)
        except BadMessage as error:
            self._log("message refused", code=error.code, **error.told)
            self._tab.tell(error.rejection())

    def _forward(self, text: str) -> None:
        """On to the gateway, for as long as the user has not signed out in another tab."""
        if not self._signed_in():
            self._tab.close(SIGN_IN_AGAIN, "Please sign in again.")
            raise TabGone
        self._upstream.send(text)

    def _carry_down(self) -> None:
        try:
            while True:
                text = translated(self._upstream.receive())
                self._log("message down", **seen(text))
                self._tab.send(text)
        except GatewayGone:
            self._tab.close(TRY_LATER, "The warehouse's gateway closed the connection.")
        except TabGone:
            log.debug("a tab closed before its message")
