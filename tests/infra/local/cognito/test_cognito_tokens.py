"""What is in the tokens, and which tokens hold."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.cognito import Cognito, TokenExpired, TokenInvalid
from infra.local.endpoint.awsjson import ServiceError

POOL = "us-east-1_userpool"
SignIn = Callable[..., dict[str, str]]


def payload(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def test_the_id_token_has_cognitos_claims(cognito: Cognito, sign_in: SignIn, endpoint: str, clock: Any) -> None:
    """Every claim of the documented payload, and no other."""
    claims = payload(sign_in()["IdToken"])
    random = {name: claims.pop(name) for name in ("sub", "origin_jti", "event_id", "jti")}
    assert len(set(random.values())) == 4
    now = int(clock())
    assert claims == {
        "cognito:groups": ["finance"],
        "cognito:username": random["sub"],
        "email": "ana@example.com",
        "email_verified": True,
        "iss": f"{endpoint}/{POOL}",
        "aud": "webclient",
        "token_use": "id",
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
    }


def test_the_access_token_has_cognitos_claims(cognito: Cognito, sign_in: SignIn, endpoint: str) -> None:
    """Through the API it carries the SDK's scope only."""
    tokens = sign_in()
    claims, of_id = payload(tokens["AccessToken"]), payload(tokens["IdToken"])
    assert claims["origin_jti"] == of_id["origin_jti"]
    assert claims["jti"] != of_id["jti"]
    assert (claims["token_use"], claims["version"], claims["client_id"]) == ("access", 2, "webclient")
    assert claims["scope"] == "aws.cognito.signin.user.admin"
    assert claims["username"] == claims["sub"] == of_id["sub"]
    assert "aud" not in claims
    assert "email" not in claims


def test_a_user_without_groups_has_no_groups_claim(cognito: Cognito, sign_in: SignIn) -> None:
    """As on AWS, the claim is absent, not empty."""
    cognito.ensure_user("new@example.com", "Taxi-2015!", [])
    assert "cognito:groups" not in payload(sign_in(email="new@example.com")["IdToken"])


def test_a_custom_attribute_is_a_claim_of_the_id_token(cognito: Cognito, sign_in: SignIn) -> None:
    """What row-level security binds."""
    given = [{"Name": "custom:region", "Value": "NE"}]
    named = {"UserPoolId": POOL, "Username": "ana@example.com"}
    cognito.call("AdminUpdateUserAttributes", named | {"UserAttributes": given})
    assert payload(sign_in()["IdToken"])["custom:region"] == "NE"


@pytest.mark.parametrize("pool_kind", ["guarded"])
def test_an_application_learns_the_attributes_that_it_reads(cognito: Cognito, sign_in: SignIn) -> None:
    """In its tokens and by asking."""
    cognito.ensure_user("eve@example.com", "Taxi-2015!", [])
    given = [{"Name": "custom:region", "Value": "NE"}, {"Name": "nickname", "Value": "Evie"}]
    named = {"UserPoolId": POOL, "Username": "eve@example.com", "UserAttributes": given}
    cognito.call("AdminUpdateUserAttributes", named)
    tokens = sign_in("webclient", "eve@example.com")
    claims = payload(tokens["IdToken"])
    assert (claims["email"], claims["custom:region"]) == ("eve@example.com", "NE")
    assert "nickname" not in claims
    shown = cognito.call("GetUser", {"AccessToken": tokens["AccessToken"]})["UserAttributes"]
    assert {one["Name"] for one in shown} == {"sub", "email", "email_verified", "custom:region"}


def test_both_kinds_verify_by_jwks_with_keys_of_their_own(served: Cognito, sign_in: SignIn, endpoint: str) -> None:
    """PyJWT, with nothing but the published keys."""
    tokens = sign_in()
    reply = requests.get(f"{endpoint}/{POOL}/.well-known/jwks.json", timeout=10)
    keys = {key["kid"]: jwt.PyJWK(key) for key in reply.json()["keys"]}
    kids = {use: jwt.get_unverified_header(tokens[use])["kid"] for use in ("IdToken", "AccessToken")}
    assert len(set(kids.values())) == 2
    for use, kid in kids.items():
        options: Any = {"verify_aud": False, "verify_iat": False, "verify_exp": False}
        assert jwt.decode(tokens[use], keys[kid], algorithms=["RS256"], options=options)["iss"].endswith(POOL)


def test_discovery_describes_the_endpoints(served: Cognito, endpoint: str) -> None:
    """What a client library reads first; an unknown pool has none."""
    reply = requests.get(f"{endpoint}/{POOL}/.well-known/openid-configuration", timeout=10).json()
    assert reply["issuer"] == f"{endpoint}/{POOL}"
    assert reply["token_endpoint"] == f"{endpoint}/oauth2/token"
    assert reply["id_token_signing_alg_values_supported"] == ["RS256"]
    assert requests.get(f"{endpoint}/nowhere/.well-known/jwks.json", timeout=10).status_code == 404


def test_an_expired_token_is_told_from_an_invalid_one(cognito: Cognito, sign_in: SignIn, clock: Any) -> None:
    """To the second, by this endpoint's clock."""
    token = sign_in()["IdToken"]
    clock.forward(3599)
    assert cognito.verify_id_token(POOL, token)["email"] == "ana@example.com"
    clock.forward(1)
    with pytest.raises(TokenExpired):
        cognito.verify_id_token(POOL, token)


def test_an_access_token_is_no_id_token(cognito: Cognito, sign_in: SignIn) -> None:
    """Nor the other way round."""
    tokens = sign_in()
    with pytest.raises(TokenInvalid):
        cognito.verify_id_token(POOL, tokens["AccessToken"])
    with pytest.raises(ServiceError, match="Invalid Access Token"):
        cognito.call("GetUser", {"AccessToken": tokens["IdToken"]})


@pytest.mark.parametrize("change", [{"pool_id": "us-east-1_other"}, {"clients": ()}])
def test_another_pools_token_is_refused(
    cognito: Cognito, sign_in: SignIn, store: Path, endpoint: str, clock: Any, change: dict[str, Any]
) -> None:
    """Also one that the same keys signed: issuer and audience are a pool's own."""
    token = sign_in()["IdToken"]
    with pytest.raises(TokenInvalid):
        cognito.verify_id_token("us-east-1_other", token)
    other = Cognito(store, replace(cognito.pool, **change), endpoint_url=endpoint, clock=clock)
    with pytest.raises(TokenInvalid):
        other.verify_id_token(other.pool.pool_id, token)
    other.close()


def test_a_pool_trusts_its_own_keys_only(cognito: Cognito, sign_in: SignIn, tmp_path: Path, clock: Any) -> None:
    other = Cognito(tmp_path / "other.sqlite", cognito.pool, endpoint_url=cognito.endpoint_url, clock=clock)
    with pytest.raises(TokenInvalid):
        other.verify_id_token(POOL, sign_in()["IdToken"])
    other.close()


def forged(token: str, key: Any, algorithm: str, **changes: Any) -> str:
    """The same token with changed claims and a signature of one's own, under the real kid."""
    header = {"kid": jwt.get_unverified_header(token)["kid"]}
    return jwt.encode(payload(token) | changes, key, algorithm=algorithm, headers=header)


def test_a_token_signed_by_somebody_else_is_refused(cognito: Cognito, sign_in: SignIn) -> None:
    """The kid alone proves nothing."""
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = forged(sign_in()["IdToken"], stranger, "RS256", **{"cognito:groups": ["admins"]})
    with pytest.raises(TokenInvalid):
        cognito.verify_id_token(POOL, token)


def test_a_token_without_a_signature_is_refused(cognito: Cognito, sign_in: SignIn) -> None:
    """alg none."""
    token = forged(sign_in()["IdToken"], None, "none", **{"cognito:groups": ["admins"]})
    with pytest.raises(TokenInvalid):
        cognito.verify_id_token(POOL, token)


def test_a_changed_payload_is_refused(cognito: Cognito, sign_in: SignIn) -> None:
    """The signature covers the groups."""
    token = sign_in()["IdToken"]
    head, _, signature = token.split(".")
    body = payload(token) | {"cognito:groups": ["admins"]}
    changed = base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")
    with pytest.raises(TokenInvalid):
        cognito.verify_id_token(POOL, f"{head}.{changed}.{signature}")


@given(text=st.text(max_size=80) | st.from_regex(r"[\w-]{0,30}\.[\w-]{0,30}\.[\w-]{0,30}", fullmatch=True))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_other_text_is_refused_as_invalid(cognito: Cognito, text: str) -> None:
    """Never another exception, never a claim."""
    with pytest.raises(TokenInvalid):
        cognito.verify_id_token(POOL, text)


NAMES = ["alg", "kid", "typ", "crit", "jku"]


@given(header=st.dictionaries(st.sampled_from(NAMES), st.none() | st.integers() | st.text()))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_header_is_refused_as_invalid(cognito: Cognito, header: dict[str, Any]) -> None:
    """A header is data until the signature holds."""
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    with pytest.raises(TokenInvalid):
        cognito.verify_id_token(POOL, f"{head}.e30.c2ln")
