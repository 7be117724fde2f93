"""Stand-ins for what the dashboard's server talks to: a user pool with Systems Manager, and a gateway socket."""

import base64
import contextlib
import functools
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from flask import Flask, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_socket
from websockets.sync.server import ServerConnection, serve
from werkzeug.serving import make_server

from dashboard.settings import Endpoints, Settings

POOL_ID = "us-east-1_Fake"
CLIENT_ID = "fakeclient"


def wait_for(condition: Any, seconds: float = 30.0) -> None:
    """Return as soon as the condition holds; fail at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the deadline passed"
        time.sleep(0.01)


@functools.cache
def signing_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "first"}, private=True)


@functools.cache
def foreign_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "first"}, private=True)


@dataclass
class FakePool:
    """A user pool whose sign-in page agrees at once. Refresh tokens rotate; knobs make it misbehave."""

    url: str = ""
    lifetime: int = 3600
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=signing_key)
    renewal_seconds: float = 0.0
    down: bool = False
    renewals: int = 0
    revoked: list[str] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    authorizations: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)

    @property
    def issuer(self) -> str:
        return f"{self.url}/{POOL_ID}"

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.url}/oauth2/authorize",
            "token_endpoint": f"{self.url}/oauth2/token",
            "jwks_uri": f"{self.issuer}/.well-known/jwks.json",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorize(self) -> Any:
        code = secrets.token_hex(8)
        self.authorizations[code] = request.args.to_dict()
        return redirect(f"{request.args['redirect_uri']}?{urlencode({'code': code, 'state': request.args['state']})}")

    def token(self) -> Any:
        if self.down:
            return {"error": "down"}, 503
        grants = {"authorization_code": self._by_code, "refresh_token": self._by_refresh}
        return grants[request.form["grant_type"]]()

    def id_token(self, **claims: Any) -> str:
        now = int(time.time())
        own = {"sub": "user-1", "email": "ops@example.com", "cognito:groups": ["operations"], "token_use": "id"}
        times = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + self.lifetime}
        return jwt.encode({"alg": "RS256", "kid": "first"}, {**own, **times, **claims, **self.claims}, self.key)

    def revoke(self) -> Any:
        self.revoked.append(request.form["token"])
        return ("", 500) if self.down else ""

    def aws(self) -> Any:
        asked = json.loads(request.data)["Name"]
        if asked not in self.parameters:
            return {"__type": "ParameterNotFound"}, 400
        return {"Parameter": {"Name": asked, "Value": self.parameters[asked], "Type": "String"}}

    def _by_code(self) -> Any:
        asked = self.authorizations.pop(request.form["code"])
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        assert asked["code_challenge_method"] == "S256"
        assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return self._tokens(nonce=asked["nonce"])

    def _by_refresh(self) -> Any:
        self.renewals += 1
        time.sleep(self.renewal_seconds)
        if request.form["refresh_token"] not in self.refresh_tokens:
            return {"error": "invalid_grant"}, 400
        self.refresh_tokens.discard(request.form["refresh_token"])
        return self._tokens()

    def _tokens(self, **claims: Any) -> dict[str, Any]:
        refresh_token = secrets.token_hex(8)
        self.refresh_tokens.add(refresh_token)
        return {"id_token": self.id_token(**claims), "access_token": "a", "refresh_token": refresh_token}


@contextlib.contextmanager
def serving(app: Any, listening: socket.socket) -> Iterator[None]:
    """Serve a WSGI app in threads on a socket that listens already."""
    server = make_server("127.0.0.1", 0, app, threaded=True, fd=listening.fileno())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def listening() -> socket.socket:
    """A socket on a free port of this machine."""
    return socket.create_server(("127.0.0.1", 0))


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def fake_pool() -> Iterator[FakePool]:
    """A running user pool, which also answers for Systems Manager."""
    with listening() as listener:
        pool = FakePool(url=address(listener))
        app = Flask("fake_pool")
        app.add_url_rule(f"/{POOL_ID}/.well-known/openid-configuration", "metadata", pool.metadata)
        keys = {"keys": [signing_key().as_dict(private=False)]}
        app.add_url_rule(f"/{POOL_ID}/.well-known/jwks.json", "jwks", lambda: keys)
        app.add_url_rule("/oauth2/authorize", "authorize", pool.authorize)
        app.add_url_rule("/oauth2/token", "token", pool.token, methods=["POST"])
        app.add_url_rule("/oauth2/revoke", "revoke", pool.revoke, methods=["POST"])
        app.add_url_rule("/", "aws", pool.aws, methods=["POST"])
        with serving(app, listener):
            yield pool


@dataclass
class FakeGateway:
    """The WebSocket API: answers each message with `accepted`, and does as it is told.

    Runs that come together, once it agrees to `protocols` that a client may ask for, are answered together.
    """

    url: str = ""
    protocols: tuple[str, ...] = ()
    before_handshake: Callable[[], object] = bool
    refuse: int | None = None
    at_the_door: int = 0
    headers: list[Any] = field(default_factory=list)
    received: list[str] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    open: list[ServerConnection] = field(default_factory=list)

    def check(self, connection: ServerConnection, asked: Any) -> Response | None:
        self.at_the_door += 1
        self.before_handshake()
        self.headers.append(asked.headers)
        return connection.respond(self.refuse, "refused\n") if self.refuse else None

    def talk(self, connection: ServerConnection) -> None:
        self.open.append(connection)
        try:
            while True:
                self._answer(connection)
        except ConnectionClosed:
            self.open.remove(connection)

    def say(self, text: str) -> None:
        """Push a text to every open connection."""
        for connection in list(self.open):
            connection.send(text)

    def _answer(self, connection: ServerConnection) -> None:
        pieces = [str(piece) for piece in connection.recv_streaming()]
        self.frames.extend(len(piece.encode()) for piece in pieces)
        self.received.append("".join(pieces))
        message = json.loads(self.received[-1])
        answers = [{"type": "accepted", "runId": run.get("runId")} for run in message.get("runs", [message])]
        connection.send(json.dumps({"type": "batch", "messages": answers} if "runs" in message else answers[0]))

    def choose(self, _: ServerConnection, asked: Sequence[str]) -> str | None:
        """The sub-protocol that it agrees to."""
        return next((each for each in asked if each in self.protocols), None)


@contextlib.contextmanager
def fake_gateway() -> Iterator[FakeGateway]:
    """A running gateway."""
    gateway = FakeGateway()
    with listening() as listener:
        server = serve(
            gateway.talk,
            sock=listener,
            process_request=gateway.check,
            select_subprotocol=gateway.choose,
            max_size=None,
        )
        gateway.url = address(listener).replace("http", "ws")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield gateway
        finally:
            server.shutdown()
            for connection in list(gateway.open):
                connection.close()
            thread.join(5)


def settings_for(pool: FakePool, directory: Path, public_url: str = "http://localhost:8050") -> Settings:
    return Settings(
        public_url=public_url,
        secret_key="test-secret",
        user_pool_id=POOL_ID,
        user_pool_client_id=CLIENT_ID,
        cognito_domain=pool.url,
        aws_region="us-east-1",
        session_dir=str(directory / "sessions"),
    )


def endpoints_for(pool: FakePool, websocket_url: str = "ws://127.0.0.1:9") -> Endpoints:
    return Endpoints(pool.issuer, websocket_url, "http://127.0.0.1:9")


def sign_in(client: Any, path: str = "/login", **options: Any) -> Any:
    """Take a Flask test client through the sign-in; the answer of the callback."""
    away = client.get(path, **options).headers["Location"]
    back = urlsplit(requests.get(away, allow_redirects=False, timeout=5).headers["Location"])
    return client.get(f"{back.path}?{back.query}", **options)


def signed_in_cookie(public_url: str) -> str:
    """The `Cookie` header of a browser that has signed in at a served dashboard."""
    browser = requests.Session()
    browser.get(f"{public_url}/login", timeout=5)
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)


@contextlib.contextmanager
def open_tab(public_url: str, cookie: str, **options: Any) -> Iterator[ClientConnection]:
    """A tab's socket."""
    headers = {"Cookie": cookie} if cookie else {}
    url = public_url.replace("http", "ws", 1) + "/ws"
    with connect_socket(
        url, **{"origin": public_url, "additional_headers": headers, "max_size": None, **options}
    ) as tab:
        yield tab
