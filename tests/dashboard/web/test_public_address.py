"""What a request's address is behind each of the fronts, and that no header of a client changes it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from websockets.exceptions import ConnectionClosed

from dashboard.app import create_app
from dashboard.bridge.tab_bridge import SIGN_IN_AGAIN
from tests.dashboard.server_fakes import (
    FakePool,
    address,
    endpoints_for,
    listening,
    open_tab,
    serving,
    settings_for,
)

PUBLIC = "https://dashboards.example.com"
HOST = "dashboards.example.com"
PAGE = {"Accept": "text/html"}
# What reaches the process behind each front; the load balancer appends the address of whoever connected to it.
FRONTS = {
    "a load balancer with the domain's certificate": {
        "Host": HOST,
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Port": "443",
    },
    "CloudFront and an internal load balancer": {
        "Host": HOST,
        "X-Forwarded-For": "198.51.100.7, 10.0.0.9",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Port": "80",
        "Via": "2.0 abc.cloudfront.net (CloudFront)",
    },
    "a load balancer and a client that lies": {
        "Host": "evil.example",
        "X-Forwarded-For": "10.0.0.1, 198.51.100.7",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=10.0.0.1;host=evil.example;proto=http",
        "X-Real-IP": "10.0.0.1",
    },
}


@pytest.fixture
def app(pool: FakePool, tmp_path) -> Flask:
    """The server, and an address that shows what it knows of a request, without a session."""
    app = create_app(settings_for(pool, tmp_path, PUBLIC), endpoints=endpoints_for(pool), attach_ui=None)
    app.add_url_rule("/assets/seen", view_func=_seen)
    return app


def _seen() -> dict[str, Any]:
    claims = [
        name for name, _ in request.headers if name.startswith("X-Forwarded") or name in ("Forwarded", "X-Real-Ip")
    ]
    return {
        "url": request.url,
        "root": request.url_root,
        "secure": request.is_secure,
        "from": list(request.access_route),
        "claims": claims,
    }


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(params=FRONTS.values(), ids=FRONTS)
def front(request: pytest.FixtureRequest) -> dict[str, str]:
    return request.param


def test_every_request_came_to_the_public_address(client: FlaskClient, front: dict[str, str]) -> None:
    seen = client.get("/assets/seen?x=1", headers=front).json
    assert seen["url"] == f"{PUBLIC}/assets/seen?x=1"
    assert seen["root"] == f"{PUBLIC}/"
    assert seen["secure"]


def test_nothing_is_left_to_believe(client: FlaskClient, front: dict[str, str]) -> None:
    """A viewer's address can be had from the load balancer's log alone."""
    seen = client.get("/assets/seen", headers=front).json
    assert seen["claims"] == []
    assert seen["from"] == ["127.0.0.1"]


def test_a_page_leads_to_the_sign_in_of_the_public_address(client: FlaskClient, front: dict[str, str]) -> None:
    answer = client.get("/finance", headers=PAGE | front)
    assert answer.location == f"{PUBLIC}/login?next=%2Ffinance"


def test_the_user_pool_sends_the_browser_back_to_the_public_address(client, front: dict[str, str]) -> None:
    asked = parse_qs(urlsplit(client.get("/login", headers=front).location).query)
    assert asked["redirect_uri"] == [f"{PUBLIC}/auth/callback"]


def test_cookies_are_secure_and_bound_to_the_host(client: FlaskClient, front: dict[str, str]) -> None:
    cookie = client.get("/login", headers=front).headers["Set-Cookie"]
    assert cookie.startswith("__Host-pushboard-sign-in-")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize(("origin", "status"), [(PUBLIC, 303), ("https://evil.example", 403), ("null", 403)])
def test_a_write_must_come_from_the_public_address(client, front: dict[str, str], origin: str, status: int) -> None:
    assert client.post("/logout", headers=front | {"Origin": origin}).status_code == status


@pytest.mark.parametrize("origin", ["https://evil.example", f"http://{HOST}", "null"])
def test_a_socket_must_come_from_the_public_address(client, front: dict[str, str], origin: str) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": origin}
    assert client.get("/ws", headers=front | upgrade).status_code == 403


def test_a_socket_from_the_public_address_is_let_in(app: Flask, front: dict[str, str]) -> None:
    """And told, since nobody is signed in there, to sign in."""
    said = {name: value for name, value in front.items() if name != "Host"}
    with (
        listening() as listener,
        serving(app, listener),
        open_tab(address(listener), "", origin=PUBLIC, additional_headers=said) as tab,
        pytest.raises(ConnectionClosed) as closed,
    ):
        tab.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == SIGN_IN_AGAIN
