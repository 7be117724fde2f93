"""The code flow as applications use it: authlib and plain HTTP against the hosted endpoints."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.cognito import Cognito

POOL = "us-east-1_userpool"
CALLBACK = "http://localhost:8050/auth/callback"
SIGNED_OUT = "http://localhost:8050/signed-out"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"


def error_of(reply: requests.Response) -> str:
    assert reply.status_code == 400, reply.text
    return str(reply.json()["error"])


def refused(reply: requests.Response) -> dict[str, list[str]]:
    """What a redirect to the application says went wrong."""
    assert reply.status_code == 303, reply.text
    assert reply.headers["Location"].startswith(CALLBACK + "?")
    return parse_qs(urlsplit(reply.headers["Location"]).query)


def test_authlib_signs_in_with_pkce_state_and_nonce(visitor: Any, endpoint: str) -> None:
    """The dashboard's own library, from the authorization request to the ID token's claims."""
    client = OAuth2Session(
        "webclient",
        scope="openid email profile",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
        default_timeout=10,
    )
    address, state = client.create_authorization_url(
        f"{endpoint}/oauth2/authorize", code_verifier=VERIFIER, nonce="only-once"
    )
    page = visitor.open(address.removeprefix(endpoint))
    back = visitor.submit(page, email="ana@example.com", password="Taxi-2015!").headers["Location"]
    token = client.fetch_token(
        f"{endpoint}/oauth2/token", authorization_response=back, state=state, code_verifier=VERIFIER
    )
    claims = jwt.decode(token["id_token"], options={"verify_signature": False})
    assert claims["nonce"] == "only-once"
    assert claims["cognito:groups"] == ["finance"]
    assert token["refresh_token"]
    client.close()


def test_the_state_comes_back_unchanged(visitor: Any) -> None:
    """Whatever the application put into it."""
    state = 'a b&c=d?e/ü"<>'
    assert visitor.log_in(state=state)["state"] == state


def test_the_id_token_verifies_for_the_authorizer(visitor: Any, cognito: Cognito) -> None:
    """The token of the code flow passes where the REST API checks it."""
    tokens = visitor.exchange(visitor.log_in()["code"]).json()
    assert cognito.verify_id_token(POOL, tokens["id_token"])["email"] == "ana@example.com"
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)


def test_a_code_works_once(visitor: Any) -> None:
    """The second exchange is invalid_grant."""
    code = visitor.log_in()["code"]
    assert visitor.exchange(code).status_code == 200
    assert error_of(visitor.exchange(code)) == "invalid_grant"


def test_a_code_lives_five_minutes(visitor: Any, clock: Any) -> None:
    """Then it is invalid_grant."""
    code = visitor.log_in()["code"]
    clock.forward(301)
    assert error_of(visitor.exchange(code)) == "invalid_grant"


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": "another-verifier-of-at-least-forty-three-characters"},
        {"code_verifier": "short"},
        {"code_verifier": None},
        {"redirect_uri": CALLBACK + "/"},
        {"client_id": "rotating"},
        {"code": "made-up"},
    ],
)
def test_a_code_with_anything_wrong_is_invalid_grant(visitor: Any, change: dict[str, Any]) -> None:
    """Verifier, address, client and code must all fit."""
    code = visitor.log_in()["code"]
    assert error_of(visitor.exchange(**({"code": code} | change))) == "invalid_grant"


def test_a_code_without_pkce_needs_no_verifier_and_takes_none(visitor: Any) -> None:
    """PKCE is the application's choice, but not to be mixed."""
    plain = {"code_challenge": None, "code_challenge_method": None}
    code = visitor.log_in(**plain)["code"]
    assert error_of(visitor.exchange(code)) == "invalid_grant"
    code = parse_qs(urlsplit(visitor.open(f"/oauth2/authorize?{visitor.query(**plain)}").headers["Location"]).query)
    assert visitor.exchange(code["code"][0], code_verifier=None).status_code == 200


def test_a_disabled_users_code_is_worth_nothing(visitor: Any, cognito: Cognito) -> None:
    """Disabled between sign-in and exchange."""
    code = visitor.log_in()["code"]
    cognito.call("AdminDisableUser", {"UserPoolId": POOL, "Username": "ana@example.com"})
    assert error_of(visitor.exchange(code)) == "invalid_grant"


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK + "?x=1"},
        {"redirect_uri": "http://localhost:8050.evil.example/auth/callback"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": None},
        {"client_id": "nobody"},
        {"client_id": None},
    ],
)
def test_an_untrusted_address_never_redirects(visitor: Any, change: dict[str, Any]) -> None:
    """The person sees a page; nobody is told anything elsewhere."""
    for path in ("/oauth2/authorize", "/login", "/signup", "/confirm", "/forgotPassword"):
        reply = visitor.open(f"{path}?{visitor.query(**change)}")
        assert reply.status_code == 400
        assert "Location" not in reply.headers
        assert "This sign-in cannot go on" in reply.text
        assert "evil" not in reply.text


def test_a_parameter_given_twice_is_refused(visitor: Any) -> None:
    """Which of the two would be meant is nobody's guess."""
    reply = visitor.open(f"/oauth2/authorize?{visitor.query()}&redirect_uri=https%3A%2F%2Fevil.example")
    assert reply.status_code == 400


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"response_type": "token"}, "unauthorized_client"),
        ({"response_type": "id_token"}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "too-short"}, "invalid_request"),
        ({"scope": "openid phone"}, "invalid_scope"),
        ({"prompt": "none"}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
    ],
)
def test_a_wrong_request_goes_back_to_the_application(visitor: Any, change: dict[str, Any], code: str) -> None:
    """With error and state at the registered address."""
    said = refused(visitor.open(f"/oauth2/authorize?{visitor.query(**change)}"))
    assert said["error"] == [code]
    assert said["state"] == ["st-1"]
    assert "code" not in said


def test_a_signed_in_browser_is_not_asked_again(visitor: Any, clock: Any) -> None:
    """For one hour."""
    visitor.log_in()
    assert "code=" in visitor.open(f"/oauth2/authorize?{visitor.query()}").headers["Location"]
    clock.forward(3601)
    assert "Password" in visitor.open(f"/oauth2/authorize?{visitor.query()}").text


def test_without_a_scope_all_of_the_clients_are_granted(visitor: Any) -> None:
    """As Cognito does."""
    tokens = visitor.exchange(visitor.log_in(scope=None)["code"]).json()
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["scope"] == "openid email profile aws.cognito.signin.user.admin"


def test_without_openid_there_is_no_id_token(visitor: Any) -> None:
    """And userInfo refuses the access token."""
    tokens = visitor.exchange(visitor.log_in(scope="profile")["code"]).json()
    assert "id_token" not in tokens
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    reply = requests.get(f"{visitor.endpoint}/oauth2/userInfo", headers=headers, timeout=10)
    assert reply.status_code == 401


def test_refreshing_without_rotation_keeps_the_refresh_token(visitor: Any) -> None:
    """New ID and access tokens, of the same sign-in, without a nonce."""
    first = visitor.exchange(visitor.log_in()["code"]).json()
    form = {"grant_type": "refresh_token", "client_id": "webclient", "refresh_token": first["refresh_token"]}
    for _ in range(2):
        again = visitor.token(**form).json()
        assert "refresh_token" not in again
        old, new = (jwt.decode(t["id_token"], options={"verify_signature": False}) for t in (first, again))
        assert new["origin_jti"] == old["origin_jti"]
        assert new["jti"] != old["jti"]
        assert "nonce" not in new


def test_refreshing_with_rotation_replaces_the_refresh_token(visitor: Any, clock: Any) -> None:
    """The replaced one is invalid_grant after its grace period."""
    first = visitor.exchange(visitor.log_in(client_id="rotating")["code"], client_id="rotating").json()
    form = {"grant_type": "refresh_token", "client_id": "rotating", "refresh_token": first["refresh_token"]}
    second = visitor.token(**form).json()
    assert second["refresh_token"] != first["refresh_token"]
    clock.forward(31)
    assert error_of(visitor.token(**form)) == "invalid_grant"
    assert visitor.token(**(form | {"refresh_token": second["refresh_token"]})).status_code == 200


def test_a_refresh_sees_the_groups_of_today(visitor: Any, cognito: Cognito) -> None:
    """A new group arrives with the next refresh."""
    first = visitor.exchange(visitor.log_in()["code"]).json()
    named = {"UserPoolId": POOL, "Username": "ana@example.com"}
    cognito.call("AdminAddUserToGroup", named | {"GroupName": "operations"})
    form = {"grant_type": "refresh_token", "client_id": "webclient", "refresh_token": first["refresh_token"]}
    claims = cognito.verify_id_token(POOL, visitor.token(**form).json()["id_token"])
    assert claims["cognito:groups"] == ["operations", "finance"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "invalid_request"),
        ({"client_id": "webclient"}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "invalid_client"),
        ({"grant_type": "authorization_code", "client_id": "nobody"}, "invalid_client"),
        ({"grant_type": "authorization_code", "client_id": "webclient"}, "invalid_request"),
        ({"grant_type": "refresh_token", "client_id": "webclient"}, "invalid_request"),
        ({"grant_type": "refresh_token", "client_id": "webclient", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "client_id": "webclient"}, "unsupported_grant_type"),
        ({"grant_type": "password", "client_id": "webclient"}, "unsupported_grant_type"),
    ],
)
def test_the_token_endpoint_names_what_is_wrong(visitor: Any, form: dict[str, str], code: str) -> None:
    """RFC 6749's error codes as JSON, kept by nobody."""
    reply = visitor.http.post(
        f"{visitor.endpoint}/oauth2/token",
        data=form or "",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=10,
    )
    assert error_of(reply) == code
    assert reply.headers["Cache-Control"] == "no-store"


def test_the_token_endpoint_takes_forms_without_a_secret(visitor: Any) -> None:
    """JSON and Basic authentication are refused, as for a public client on AWS."""
    url = f"{visitor.endpoint}/oauth2/token"
    assert error_of(requests.post(url, json={"grant_type": "refresh_token"}, timeout=10)) == "invalid_request"
    basic = {"Authorization": "Basic " + base64.b64encode(b"webclient:secret").decode()}
    assert error_of(requests.post(url, data={"grant_type": "x"}, headers=basic, timeout=10)) == "invalid_client"


def test_user_info_tells_what_the_scopes_open(visitor: Any) -> None:
    """All as text, the booleans too."""
    tokens = visitor.exchange(visitor.log_in()["code"]).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    told = requests.get(f"{visitor.endpoint}/oauth2/userInfo", headers=headers, timeout=10).json()
    assert told == {
        "sub": told["username"],
        "username": told["username"],
        "email": "ana@example.com",
        "email_verified": "true",
    }


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer x.y.z", "Basic abc", "Bearer " + "é" * 5])
def test_user_info_without_a_good_token_is_401(visitor: Any, header: str | None) -> None:
    """With the challenge that tells a client why."""
    headers = {"Authorization": header.encode("latin-1")} if header else {}
    reply = requests.get(f"{visitor.endpoint}/oauth2/userInfo", headers=headers, timeout=10)
    assert reply.status_code == 401
    assert 'error="invalid_token"' in reply.headers["WWW-Authenticate"]


def test_revoking_ends_the_session(visitor: Any) -> None:
    """Refresh and access token are void; revoking again is no error."""
    tokens = visitor.exchange(visitor.log_in()["code"]).json()
    form = {"token": tokens["refresh_token"], "client_id": "webclient"}
    url = f"{visitor.endpoint}/oauth2/revoke"
    assert [requests.post(url, data=form, timeout=10).status_code for _ in range(2)] == [200, 200]
    refresh = {"grant_type": "refresh_token", "client_id": "webclient", "refresh_token": tokens["refresh_token"]}
    assert error_of(visitor.token(**refresh)) == "invalid_grant"
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(f"{visitor.endpoint}/oauth2/userInfo", headers=headers, timeout=10).status_code == 401


def test_revoking_wrongly_is_named(visitor: Any) -> None:
    """An unknown token is fine (RFC 7009); no token, another kind and another client are not."""
    tokens = visitor.exchange(visitor.log_in()["code"]).json()
    url = f"{visitor.endpoint}/oauth2/revoke"
    post: Callable[..., requests.Response] = lambda **form: requests.post(url, data=form, timeout=10)  # noqa: E731
    assert post(token="never-issued", client_id="webclient").status_code == 200
    assert error_of(post(client_id="webclient")) == "invalid_request"
    assert error_of(post(token="x", client_id="nobody")) == "invalid_client"
    assert error_of(post(token=tokens["access_token"], client_id="webclient")) == "unsupported_token_type"
    assert error_of(post(token=tokens["refresh_token"], client_id="rotating")) == "invalid_request"


def test_logging_out_ends_the_browsers_session(visitor: Any) -> None:
    """To the registered address; the next visit asks for a password. The tokens live on."""
    tokens = visitor.exchange(visitor.log_in()["code"]).json()
    reply = visitor.open(f"/logout?client_id=webclient&logout_uri={SIGNED_OUT}")
    assert reply.headers["Location"] == SIGNED_OUT
    assert "Password" in visitor.open(f"/oauth2/authorize?{visitor.query()}").text
    form = {"grant_type": "refresh_token", "client_id": "webclient", "refresh_token": tokens["refresh_token"]}
    assert visitor.token(**form).status_code == 200


def test_a_copied_cookie_is_worthless_after_logging_out(visitor: Any) -> None:
    """The session ends in the store, not only in this browser."""
    visitor.log_in()
    stolen = visitor.http.cookies["cognito"]
    visitor.open(f"/logout?client_id=webclient&logout_uri={SIGNED_OUT}")
    visitor.http.cookies.set("cognito", stolen, domain="localhost.local", path="/")
    assert "Password" in visitor.open(f"/oauth2/authorize?{visitor.query()}").text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "client_id=webclient",
        "client_id=nobody&logout_uri=" + SIGNED_OUT,
        "client_id=webclient&logout_uri=" + SIGNED_OUT + "/",
        "client_id=webclient&logout_uri=https://evil.example/",
        "client_id=webclient&logout_uri=" + CALLBACK,
    ],
)
def test_logging_out_to_elsewhere_is_refused(visitor: Any, query: str) -> None:
    """No open redirect, and the session stays."""
    visitor.log_in()
    reply = visitor.open(f"/logout?{query}")
    assert reply.status_code == 400
    assert "Location" not in reply.headers
    assert "code=" in visitor.open(f"/oauth2/authorize?{visitor.query()}").headers["Location"]


NAMES = ["response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "prompt", "lang"]


@given(changes=st.dictionaries(st.sampled_from(NAMES), st.none() | st.text(max_size=30), min_size=1))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_authorization_request_ends_in_a_page_or_at_the_application(visitor: Any, changes: dict[str, Any]) -> None:
    """Never a server error, never another address."""
    reply = visitor.open(f"/oauth2/authorize?{visitor.query(**changes)}")
    assert reply.status_code in (200, 303, 400)
    if reply.status_code == 303:
        assert reply.headers["Location"].startswith(CALLBACK + "?")


FIELDS = ["grant_type", "client_id", "code", "redirect_uri", "refresh_token"]


@given(form=st.dictionaries(st.sampled_from(FIELDS), st.text()))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_token_request_is_answered_with_an_error_code(visitor: Any, form: dict[str, str]) -> None:
    """Nothing made up is worth a token or a crash."""
    reply = visitor.http.post(
        f"{visitor.endpoint}/oauth2/token",
        data=form or "",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=10,
    )
    assert error_of(reply) in {"invalid_request", "invalid_client", "invalid_grant", "unsupported_grant_type"}
