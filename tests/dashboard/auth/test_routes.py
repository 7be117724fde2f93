"""Signing in, staying in and signing out, against a user pool of our own."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.auth.routes import current_user, id_token, safe_next
from tests.dashboard.server_fakes import (
    CLIENT_ID,
    FakePool,
    endpoints_for,
    fake_pool,
    foreign_key,
    settings_for,
    sign_in,
)

PAGE = {"Accept": "text/html"}
OURS = {"Origin": "http://localhost:8050"}


@pytest.fixture
def pool() -> Iterator[FakePool]:
    with fake_pool() as running:
        yield running


@pytest.fixture
def app(pool: FakePool, tmp_path) -> Flask:
    """The server without Dash, and two addresses that show what the API for pages gives."""
    app = create_app(settings_for(pool, tmp_path), endpoints=endpoints_for(pool), attach_ui=None)
    app.add_url_rule("/token", view_func=id_token)
    app.add_url_rule("/me", view_func=lambda: {**vars(current_user())})
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def session_cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("pushboard")
    assert cookie is not None
    return cookie.value


class TestSigningIn:
    def test_a_page_without_a_session_leads_to_the_sign_in_and_back(self, client: FlaskClient) -> None:
        answer = client.get("/finance?month=2015-12", headers=PAGE)
        assert answer.location == "http://localhost:8050/login?next=%2Ffinance%3Fmonth%3D2015-12"
        back = sign_in(client, answer.location.removeprefix("http://localhost:8050"))
        assert back.location == "http://localhost:8050/finance?month=2015-12"

    def test_the_authorization_request_has_pkce_state_and_nonce(self, client: FlaskClient) -> None:
        asked = parse_qs(urlsplit(client.get("/login").location).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["response_type"] == ["code"]
        assert asked["scope"] == ["openid email profile"]
        assert asked["redirect_uri"] == ["http://localhost:8050/auth/callback"]
        assert asked["state"][0]
        assert asked["nonce"][0]

    def test_the_user_is_who_the_id_token_says(self, client: FlaskClient) -> None:
        sign_in(client)
        assert client.get("/me").json == {
            "sub": "user-1",
            "email": "ops@example.com",
            "groups": ["operations"],
            "name": "ops@example.com",
        }

    def test_the_session_id_changes_so_that_a_planted_one_is_worth_nothing(self, client: FlaskClient) -> None:
        client.get("/login")
        before = session_cookie(client)
        sign_in(client)
        planted = client.application.test_client()
        planted.set_cookie("pushboard", before)
        assert session_cookie(client) != before
        assert planted.get("/me").status_code == 401

    def test_the_cookie_is_http_only_lax_and_ends_with_the_browser(self, client: FlaskClient) -> None:
        cookie = sign_in(client).headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Expires" not in cookie

    def test_the_cookie_is_not_sent_again(self, client: FlaskClient) -> None:
        sign_in(client)
        assert "Set-Cookie" not in client.get("/me").headers

    def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(self, pool: FakePool, tmp_path) -> None:
        settings = settings_for(pool, tmp_path, "https://dashboards.example.com")
        app = create_app(settings, endpoints=endpoints_for(pool), attach_ui=None)
        cookie = app.test_client().get("/login").headers["Set-Cookie"]
        assert cookie.startswith("__Host-pushboard=")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie

    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://elsewhere.example.com"},
            {"aud": "another-client"},
            {"exp": int(time.time()) - 3600},
            {"nonce": "another"},
            {"token_use": "access"},
        ],
        ids=lambda claims: next(iter(claims)),
    )
    def test_an_id_token_not_meant_for_us_signs_nobody_in(self, client, pool: FakePool, claims) -> None:
        pool.claims = claims
        answer = sign_in(client)
        assert answer.status_code == 400
        assert "Try again" in answer.text
        assert client.get("/me").status_code == 401

    def test_an_id_token_signed_by_another_key_signs_nobody_in(self, client, pool: FakePool) -> None:
        pool.key = foreign_key()
        assert sign_in(client).status_code == 400
        assert client.get("/me").status_code == 401

    @pytest.mark.parametrize("query", ["code=x&state=unknown", "error=access_denied", "error=<b>&state=x", ""])
    def test_a_return_without_our_state_gets_a_calm_page(self, client: FlaskClient, query: str) -> None:
        answer = client.get(f"/auth/callback?{query}", headers=PAGE)
        assert answer.status_code == 400
        assert "Try again" in answer.text
        assert "Traceback" not in answer.text
        assert "<b>" not in answer.text

    def test_a_user_pool_that_is_down_gets_a_calm_page(self, client: FlaskClient, pool: FakePool) -> None:
        pool.down = True
        answer = sign_in(client)
        assert answer.status_code == 503
        assert answer.json["error"]["code"] == "sign_in_unavailable"

    @pytest.mark.parametrize(
        "path", ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "/\tx", "evil", "", None]
    )
    def test_next_stays_on_this_site(self, path: str | None) -> None:
        assert safe_next(path) == "/"


class TestWithoutASession:
    @pytest.mark.parametrize("path", ["/_dash-layout", "/_dash-dependencies", "/token"])
    def test_data_is_refused_as_expired(self, client: FlaskClient, path: str) -> None:
        answer = client.get(path, headers={"Accept": "application/json"})
        assert answer.status_code == 401
        assert answer.json["error"]["code"] == "expired"

    def test_a_callback_is_refused_as_expired(self, client: FlaskClient) -> None:
        answer = client.post("/_dash-update-component", json={}, headers=OURS)
        assert answer.status_code == 401
        assert answer.json["error"]["code"] == "expired"

    @pytest.mark.parametrize("path", ["/assets/x.css", "/_dash-component-suites/dash/x.js"])
    def test_static_files_are_open(self, client: FlaskClient, path: str) -> None:
        """Nothing serves them here, so getting past the guard shows as 404."""
        assert client.get(path).status_code == 404

    def test_health_needs_no_session(self, client: FlaskClient) -> None:
        answer = client.get("/health")
        assert answer.json == {"status": "ok"}
        assert "Set-Cookie" not in answer.headers


class TestRenewal:
    def test_a_good_token_is_not_renewed(self, client: FlaskClient, pool: FakePool) -> None:
        sign_in(client)
        client.get("/token")
        assert pool.renewals == 0

    def test_a_token_about_to_end_is_renewed_silently(self, client: FlaskClient, pool: FakePool) -> None:
        pool.lifetime = 30
        sign_in(client)
        pool.lifetime = 3600
        first = client.get("/token").text
        assert pool.renewals == 1
        assert client.get("/token").text == first
        assert pool.renewals == 1

    def test_many_requests_at_once_renew_once(self, app: Flask, client: FlaskClient, pool: FakePool) -> None:
        pool.lifetime = 30
        sign_in(client)
        pool.lifetime, pool.renewal_seconds = 3600, 0.2
        cookie = session_cookie(client)

        def ask(_: int) -> str:
            tab = app.test_client()
            tab.set_cookie("pushboard", cookie)
            return tab.get("/token").text

        with ThreadPoolExecutor(20) as threads:
            tokens = set(threads.map(ask, range(20)))
        assert pool.renewals == 1
        assert len(tokens) == 1

    def test_a_slow_request_does_not_bring_an_old_token_back(self, app, client, pool: FakePool) -> None:
        """It began before the renewal and ends after it, writing its session last."""
        began, finish = threading.Event(), threading.Event()

        def slow() -> str:
            from flask import session

            began.set()
            assert finish.wait(5)
            session["touched"] = True
            return "done"

        app.add_url_rule("/slow", view_func=slow)
        pool.lifetime = 90
        sign_in(client)
        old = client.get("/token").text
        other = app.test_client()
        other.set_cookie("pushboard", session_cookie(client))
        with ThreadPoolExecutor(1) as threads:
            answer = threads.submit(client.get, "/slow")
            assert began.wait(5)
            pool.lifetime = 3600
            assert other.post("/auth/renew", headers=OURS).status_code == 204
            finish.set()
            assert answer.result(5).status_code == 200
        assert client.get("/token").text == other.get("/token").text != old
        assert pool.renewals == 1

    def test_a_refused_renewal_ends_the_session(self, client: FlaskClient, pool: FakePool) -> None:
        pool.lifetime = 30
        sign_in(client)
        pool.refresh_tokens.clear()
        assert client.get("/token").status_code == 401
        assert client.get("/", headers=PAGE).location == "http://localhost:8050/login?next=%2F"

    def test_a_user_pool_that_is_down_does_not_end_a_good_session(self, client, pool: FakePool) -> None:
        pool.lifetime = 30
        sign_in(client)
        pool.down = True
        assert client.get("/token").status_code == 200

    def test_an_expired_token_and_a_user_pool_that_is_down_say_so(self, client, pool: FakePool) -> None:
        pool.lifetime = -5
        sign_in(client)
        pool.down = True
        assert client.get("/token").status_code == 503

    @pytest.mark.parametrize("claims", [{"aud": "another-client"}, {"token_use": "access"}], ids=str)
    def test_a_renewed_token_is_checked_too(self, client, pool: FakePool, claims) -> None:
        pool.lifetime = 30
        sign_in(client)
        pool.claims = claims
        assert client.get("/token").status_code == 401

    def test_a_tab_renews_before_it_reopens_its_socket(self, client: FlaskClient, pool: FakePool) -> None:
        pool.lifetime = 90
        sign_in(client)
        pool.lifetime = 3600
        answer = client.post("/auth/renew", headers=OURS)
        assert answer.status_code == 204
        assert int(answer.headers["X-Session-Expires"]) > time.time() + 3000
        assert pool.renewals == 1

    def test_renewing_without_a_session_is_refused(self, client: FlaskClient) -> None:
        assert client.post("/auth/renew", headers=OURS).status_code == 401


class TestSigningOut:
    def test_it_ends_our_session_the_tokens_and_the_user_pools_session(self, client, pool: FakePool) -> None:
        sign_in(client)
        answer = client.post("/logout", headers=OURS)
        assert answer.status_code == 303
        left = urlsplit(answer.location)
        assert f"{left.scheme}://{left.netloc}{left.path}" == f"{pool.url}/logout"
        assert parse_qs(left.query) == {
            "client_id": [CLIENT_ID],
            "logout_uri": ["http://localhost:8050/signed-out"],
        }
        assert set(pool.revoked) == pool.refresh_tokens
        assert client.get("/me").status_code == 401

    def test_the_old_cookie_is_worth_nothing(self, client: FlaskClient) -> None:
        sign_in(client)
        cookie = session_cookie(client)
        client.post("/logout", headers=OURS)
        client.set_cookie("pushboard", cookie)
        assert client.get("/me").status_code == 401

    def test_a_failing_revocation_does_not_keep_the_user_in(self, client, pool: FakePool) -> None:
        sign_in(client)
        pool.down = True
        assert client.post("/logout", headers=OURS).status_code == 303
        assert client.get("/me").status_code == 401

    def test_signing_out_twice_is_fine(self, client: FlaskClient) -> None:
        assert client.post("/logout", headers=OURS).status_code == 303

    def test_a_link_cannot_sign_out(self, client: FlaskClient) -> None:
        sign_in(client)
        assert client.get("/logout").status_code == 405
        assert client.get("/me").status_code == 200

    def test_the_signed_out_page_offers_to_sign_in(self, client: FlaskClient) -> None:
        assert 'href="/login"' in client.get("/signed-out").text
