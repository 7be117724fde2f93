"""Signing in, staying in and signing out, against a user pool of our own."""

import dataclasses
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from cachelib.file import FileSystemCache
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.auth import current_user, id_token
from dashboard.auth.pending_sign_ins import MOST
from dashboard.auth.routes import safe_next
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
USER = {"sub": "s", "email": "e", "groups": ["finance"], "name": "n"}


def begin(client: FlaskClient, path: str) -> str:
    """Ask for the sign-in page and sign in there; the address of the return, which is yet to be called."""
    away = client.get(f"/login?next={quote(path, safe='')}").location
    back = urlsplit(requests.get(away, allow_redirects=False, timeout=5).headers["Location"])
    return f"{back.path}?{back.query}"


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


def login_key_of(client: FlaskClient) -> str:
    with client.session_transaction() as session:
        return session["login"]


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

    def test_a_planted_cookie_is_worth_nothing_once_another_user_signs_in(self, client, pool) -> None:
        pool.claims = {"sub": "attacker"}
        sign_in(client)
        planted = client.application.test_client()
        planted.set_cookie("pushboard", session_cookie(client))
        pool.claims = {}
        sign_in(client)
        assert client.get("/me").json["sub"] == "user-1"
        assert planted.get("/me").status_code == 401

    def test_the_cookie_is_http_only_lax_and_ends_with_the_browser(self, client: FlaskClient) -> None:
        [cookie] = [line for line in sign_in(client).headers.getlist("Set-Cookie") if line.startswith("pushboard=")]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Expires" not in cookie

    def test_the_cookie_is_not_sent_again(self, client: FlaskClient) -> None:
        sign_in(client)
        assert "Set-Cookie" not in client.get("/me").headers

    def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(self, pool: FakePool, tmp_path) -> None:
        settings = settings_for(pool, tmp_path, "https://dashboards.example.com")
        app = create_app(settings, endpoints=endpoints_for(pool), attach_ui=None)
        browser = app.test_client()
        browser.get("/login", base_url="https://dashboards.example.com")
        pending = [cookie for cookie in browser._cookies.values() if "sign-in" in cookie.key]
        assert [cookie.secure for cookie in pending] == [True]
        signed_in = sign_in(browser, base_url="https://dashboards.example.com")
        cookies = signed_in.headers.getlist("Set-Cookie")
        assert any(cookie.startswith("__Host-pushboard=") for cookie in cookies)
        for cookie in cookies:
            assert cookie.startswith("__Host-pushboard")
            assert "; Secure" in cookie
            assert "; HttpOnly" in cookie
            assert "; Path=/" in cookie
            assert "; Domain" not in cookie

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


class TestTwoTabs:
    """A browser restores several tabs at once, and each asks for the sign-in page."""

    def test_each_tab_lands_on_its_own_page(self, client: FlaskClient) -> None:
        first, second = begin(client, "/finance"), begin(client, "/care?month=2015-12")
        assert client.get(first).location == "http://localhost:8050/finance"
        assert client.get(second).location == "http://localhost:8050/care?month=2015-12"
        assert client.get("/me").status_code == 200

    def test_the_second_does_not_end_the_first_tabs_log_in(self, client: FlaskClient) -> None:
        first, second = begin(client, "/a"), begin(client, "/b")
        client.get(first)
        earlier = client.application.test_client()
        earlier.set_cookie("pushboard", session_cookie(client))
        client.get(second)
        assert earlier.get("/me").status_code == 200

    def test_answers_that_cross_keep_both(self, client: FlaskClient) -> None:
        """Two tabs ask before either has its answer, so neither request has the other's cookie."""
        alone = client.application.test_client()
        second = begin(alone, "/b")
        for cookie in alone._cookies.values():
            client.set_cookie(cookie.key, cookie.value)
        first = begin(client, "/a")
        assert client.get(first).location.endswith("/a")
        assert client.get(second).location.endswith("/b")

    @pytest.mark.parametrize("query", ["error=access_denied", "error=x&state=unknown", "code=x&state=unknown", ""])
    def test_a_failed_return_of_a_browser_that_is_signed_in_leads_to_the_app(self, client, query: str) -> None:
        sign_in(client)
        answer = client.get(f"/auth/callback?{query}", headers=PAGE)
        assert (answer.status_code, answer.location) == (302, "http://localhost:8050/")
        assert client.get("/me").status_code == 200

    def test_a_failed_return_to_a_known_page_leads_to_it(self, client: FlaskClient) -> None:
        begun = begin(client, "/finance")
        state = parse_qs(urlsplit(begun).query)["state"][0]
        sign_in(client)
        assert client.get(f"/auth/callback?error=x&state={state}").location == "http://localhost:8050/finance"

    def test_a_return_is_good_once_and_in_its_browser_only(self, client: FlaskClient) -> None:
        begun = begin(client, "/finance")
        assert client.application.test_client().get(begun).status_code == 400
        assert client.get(begun).status_code == 302
        client.post("/logout", headers=OURS)
        assert client.get(begun).status_code == 400

    def test_a_cookie_under_another_state_is_worth_nothing(self, client: FlaskClient) -> None:
        begun = begin(client, "/finance")
        [cookie] = client._cookies.values()
        other = client.application.test_client()
        other.set_cookie("pushboard-sign-in-x", cookie.value)
        state = parse_qs(urlsplit(begun).query)["state"][0]
        assert other.get(begun.replace(state, "x")).status_code == 400

    def test_many_begun_sign_ins_stay_a_few_cookies(self, client: FlaskClient) -> None:
        begun = [begin(client, f"/page-{number}?{'x' * 900}") for number in range(12)]
        assert len(client._cookies) == MOST
        assert sum(len(cookie.value) for cookie in client._cookies.values()) < 7000
        assert client.get(begun[-1]).location.startswith("http://localhost:8050/page-11")

    def test_a_path_too_long_for_a_cookie_becomes_the_home_page(self, client: FlaskClient) -> None:
        assert sign_in(client, "/login?next=/" + "x" * 5000).location == "http://localhost:8050/"


class TestTheStore:
    """How often the store is read and written: on AWS each is a request to DynamoDB."""

    @pytest.fixture
    def calls(self, app: Flask, monkeypatch) -> list[str]:
        made: list[str] = []
        for name in ("get", "set"):
            method = getattr(FileSystemCache, name)

            def counted(store, key, *args, _method=method, _name=name, **kwargs):
                made.append(_name)
                return _method(store, key, *args, **kwargs)

            monkeypatch.setattr(FileSystemCache, name, counted)
        return made

    def test_asking_for_the_sign_in_page_touches_nothing(self, client: FlaskClient, calls: list[str]) -> None:
        client.get("/login")
        client.get("/auth/callback?error=x")
        assert calls == []

    @pytest.mark.parametrize("path", ["/assets/x.css", "/_dash-component-suites/dash/x.js", "/health", "/favicon.ico"])
    def test_a_public_file_reads_nothing(self, client: FlaskClient, calls: list[str], path: str) -> None:
        sign_in(client)
        calls.clear()
        client.get(path)
        assert calls == []

    def test_a_request_reads_once(self, client: FlaskClient, calls: list[str]) -> None:
        sign_in(client)
        calls.clear()
        client.get("/token")
        assert calls == ["get"]

    @pytest.mark.parametrize(
        "record",
        [
            {},
            [],
            "text",
            {"user": None},
            {"user": {"sub": "s"}, "id_token": "i", "refresh_token": "r", "expires_at": 1},
            {"user": {"sub": "s", "email": "e", "groups": [], "name": "n"}, "id_token": "i", "expires_at": 1},
            {"user": USER, "id_token": "i", "refresh_token": "r", "expires_at": 9999999999, "added_later": 1},
            {"user": {**USER, "added": 1}, "id_token": "i", "refresh_token": "r", "expires_at": 9999999999},
            {"user": USER, "id_token": "i", "refresh_token": "r", "expires_at": "soon"},
            {"user": USER, "id_token": None, "refresh_token": "r", "expires_at": 9999999999},
        ],
        ids=str,
    )
    def test_a_log_in_of_another_version_is_none(self, client: FlaskClient, tmp_path, record: Any) -> None:
        store = FileSystemCache(str(tmp_path / "sessions"), threshold=0)
        sign_in(client)
        store.set(f"login:{login_key_of(client)}", record)
        assert client.get("/me").status_code == 401
        assert client.get("/", headers=PAGE).status_code == 302
        assert client.post("/auth/renew", headers=OURS).status_code == 401
        assert sign_in(client).status_code == 302
        assert client.get("/me").status_code == 200
        store.set(f"login:{login_key_of(client)}", record)
        assert client.post("/logout", headers=OURS).status_code == 303
        assert client.get("/me").status_code == 401


def test_another_secret_key_signs_everybody_out(client: FlaskClient, pool: FakePool, tmp_path) -> None:
    sign_in(client)
    settings = settings_for(pool, tmp_path)
    for key, status in ((settings.secret_key, 200), ("another", 401)):
        app = create_app(dataclasses.replace(settings, secret_key=key), endpoints=endpoints_for(pool), attach_ui=None)
        app.add_url_rule("/me", view_func=lambda: "me")
        browser = app.test_client()
        browser.set_cookie("pushboard", session_cookie(client))
        assert browser.get("/me").status_code == status


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
