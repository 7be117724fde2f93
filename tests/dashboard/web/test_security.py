"""Headers, and writes from other sites' pages; Dash under the policy."""

import base64
import hashlib
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.errors import GatewayError
from tests.dashboard.server_fakes import FakePool, endpoints_for, settings_for, sign_in

JSON = {"Accept": "application/json"}


@pytest.fixture
def app(pool: FakePool, tmp_path) -> Flask:
    return create_app(settings_for(pool, tmp_path), endpoints=endpoints_for(pool), attach_ui=None)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def policy(headers: Any) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))


class TestHeaders:
    def test_every_answer_has_them(self, client: FlaskClient) -> None:
        for path in ("/health", "/signed-out", "/login", "/nowhere"):
            headers = client.get(path).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["Cache-Control"] == "no-store"
            assert policy(headers)["frame-ancestors"] == "'none'"

    def test_scripts_are_ours_alone(self, client: FlaskClient) -> None:
        assert policy(client.get("/health").headers)["script-src"] == "'self'"

    def test_the_socket_and_the_way_out_are_allowed(self, client: FlaskClient, pool: FakePool) -> None:
        allowed = policy(client.get("/health").headers)
        assert allowed["connect-src"] == "'self' ws://localhost:8050"
        assert allowed["form-action"] == f"'self' {pool.url}"

    def test_https_is_insisted_on_where_there_is_https(self, client: FlaskClient, pool: FakePool, tmp_path) -> None:
        assert "Strict-Transport-Security" not in client.get("/health").headers
        settings = settings_for(pool, tmp_path, "https://dashboards.example.com")
        secure = create_app(settings, endpoints=endpoints_for(pool), attach_ui=None).test_client()
        headers = secure.get("/health").headers
        assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert policy(headers)["connect-src"] == "'self' wss://dashboards.example.com"


class TestForeignWrites:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://localhost:8051"},
            {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
        ids=str,
    )
    def test_they_are_refused_and_change_nothing(self, client: FlaskClient, headers: dict[str, str]) -> None:
        sign_in(client)
        answer = client.post("/logout", headers={**JSON, **headers})
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
        assert client.post("/auth/renew", headers={"Origin": "http://localhost:8050"}).status_code == 204

    @pytest.mark.parametrize("headers", [{"Origin": "http://localhost:8050"}, {"Sec-Fetch-Site": "same-origin"}])
    def test_our_own_pages_may_write(self, client: FlaskClient, headers: dict[str, str]) -> None:
        sign_in(client)
        assert client.post("/auth/renew", headers=headers).status_code == 204


class TestErrors:
    @pytest.fixture
    def signed_in(self, app: Flask, client: FlaskClient) -> FlaskClient:
        def fail() -> None:
            raise RuntimeError("secret detail")

        def refuse() -> None:
            raise GatewayError("too_busy", "Many people are asking.", 429)

        app.add_url_rule("/fail", view_func=fail)
        app.add_url_rule("/refuse", view_func=refuse)
        sign_in(client)
        return client

    def test_an_unexpected_error_shows_no_detail(self, signed_in: FlaskClient) -> None:
        answer = signed_in.get("/fail", headers=JSON)
        assert answer.status_code == 500
        assert answer.json["error"]["code"] == "internal"
        page = signed_in.get("/fail", headers={"Accept": "text/html"})
        assert page.status_code == 500
        assert "secret" not in answer.text + page.text

    def test_a_known_error_keeps_its_code_and_sentence(self, signed_in: FlaskClient) -> None:
        answer = signed_in.get("/refuse", headers=JSON)
        assert answer.status_code == 429
        assert answer.json == {"error": {"code": "too_busy", "message": "Many people are asking."}}

    def test_a_page_that_is_not_there_is_a_calm_page(self, signed_in: FlaskClient) -> None:
        answer = signed_in.get("/nowhere", headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "There is nothing at this address." in answer.text


@pytest.fixture
def dash_client(pool: FakePool, tmp_path) -> FlaskClient:
    """The server with a Dash app that has an inline script, as clientside callbacks make."""
    from dash import Dash, Input, Output, dcc, html

    def attach(server: Flask, _: Any) -> Dash:
        dash_app = Dash(__name__, server=server)
        dash_app.layout = html.Div([dcc.Input(id="in"), html.P(id="out")])
        dash_app.clientside_callback("(value) => value", Output("out", "children"), Input("in", "value"))
        return dash_app

    app = create_app(settings_for(pool, tmp_path), endpoints=endpoints_for(pool), attach_ui=attach)
    client = app.test_client()
    sign_in(client)
    return client


class TestDash:
    def test_each_inline_script_of_the_page_is_allowed_by_its_hash(self, dash_client: FlaskClient) -> None:
        answer = dash_client.get("/", headers={"Accept": "text/html"})
        page = re.sub(r"<!--.*?-->", "", answer.text, flags=re.DOTALL)
        scripts = re.findall(r"<script(?![^>]*(?:src|application/json))[^>]*>(.*?)</script>", page, re.DOTALL)
        hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
        assert len(hashes) == 2
        for found in hashes:
            assert f"'sha256-{found}'" in policy(answer.headers)["script-src"]

    def test_the_health_check_may_be_a_processs_first_request(self, pool: FakePool, tmp_path) -> None:
        """Dash looks at its layout before it answers anything; a load balancer has no session."""
        app = create_app(settings_for(pool, tmp_path), endpoints=endpoints_for(pool))
        assert app.test_client().get("/health").status_code == 200

    def test_its_layout_and_callbacks_need_a_session_and_its_scripts_do_not(self, dash_client: FlaskClient) -> None:
        src = re.findall(r'src="(/_dash-component-suites/[^"]+)"', dash_client.get("/").text)[0]
        stranger = dash_client.application.test_client()
        assert stranger.get("/_dash-layout").status_code == 401
        assert dash_client.get("/_dash-layout").status_code == 200
        assert stranger.get(src).status_code == 200
