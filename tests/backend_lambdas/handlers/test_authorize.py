"""The $connect authorizer: a valid, current ID token of this pool and client, or no socket."""

import base64
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from backend_lambdas.access.principal import Principal
from backend_lambdas.handlers import authorize
from tests.backend_lambdas.lambda_fakes import http_server

POOL, CLIENT = "us-east-1_AbCdEfGhI", "1example23456789abcdefghij"
KEY, STRANGER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


@dataclass
class Pool:
    """A user pool's public side: the JWKS, and how often it was asked for."""

    url: str = ""
    status: int = 200
    asked: list[str] = field(default_factory=list)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        body = json.dumps({"keys": [key | {"kid": "first", "alg": "RS256", "use": "sig"}]}).encode()
        request.send_response(self.status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def token(self, key: Any = KEY, kid: str | None = "first", algorithm: str = "RS256", **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "sub": "2f0c1a34-5d6e-4f70-8a91-b2c3d4e5f607",
            "cognito:groups": ["finance", "editors"],
            "email_verified": True,
            "iss": f"{self.url}/{POOL}",
            "cognito:username": "2f0c1a34-5d6e-4f70-8a91-b2c3d4e5f607",
            "aud": CLIENT,
            "token_use": "id",
            "auth_time": now,
            "exp": now + 3600,
            "iat": now,
            "email": "ana@example.com",
            "custom:region": "emea",
        } | changes
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(present, key, algorithm, headers={"kid": kid} if kid else None)


@pytest.fixture(scope="module")
def serving() -> Iterator[Pool]:
    pool = Pool()
    with http_server(pool.answer) as url:
        pool.url = url
        yield pool


@pytest.fixture
def pool(serving: Pool, monkeypatch: pytest.MonkeyPatch) -> Pool:
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", serving.url)
    monkeypatch.setenv("USER_POOL_ID", POOL)
    monkeypatch.setenv("USER_POOL_CLIENT_ID", CLIENT)
    serving.asked.clear()
    serving.status = 200
    return serving


Connect = Callable[[str | None], dict[str, Any]]


@pytest.fixture
def connect(pool: Pool, recorded: Callable[[str], dict[str, Any]]) -> Connect:
    """Opens a socket with an Authorization header."""

    def open_with(header: str | None) -> dict[str, Any]:
        event = recorded("authorize")
        del event["headers"]["Authorization"]
        if header is not None:
            event["headers"]["Authorization"] = header
        return authorize.handler(event, None)

    return open_with


def test_a_valid_token_opens_this_connection_and_nothing_else(connect: Connect, pool: Pool) -> None:
    answer = connect(f"Bearer {pool.token()}")
    assert answer["principalId"] == "2f0c1a34-5d6e-4f70-8a91-b2c3d4e5f607"
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement == {
        "Action": "execute-api:Invoke",
        "Effect": "Allow",
        "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/$connect",
    }


def test_the_context_tells_who_it_is_in_texts_only(connect: Connect, pool: Pool) -> None:
    """A gateway refuses lists and objects in it."""
    context = connect(f"Bearer {pool.token(exp=4_000_000_000)}")["context"]
    assert all(isinstance(value, str) for value in context.values())
    user = Principal.from_token(json.loads(context["claims"]))
    assert (user.email, user.groups) == ("ana@example.com", {"finance", "editors"})
    assert user.claims == {"custom:region": "emea"}
    assert user.token_expires_at == 4_000_000_000


def test_a_user_without_groups_may_connect(connect: Connect, pool: Pool) -> None:
    context = connect(pool.token(**{"cognito:groups": None, "email": None}))["context"]
    assert Principal.from_token(json.loads(context["claims"])).groups == frozenset()


def test_the_name_of_the_header_may_be_written_in_any_case(
    pool: Pool, recorded: Callable[[str], dict[str, Any]]
) -> None:
    event = recorded("authorize")
    del event["headers"]["Authorization"]
    event["headers"]["authorization"] = f"Bearer {pool.token()}"
    assert authorize.handler(event, None)["principalId"]


def test_a_warm_function_asks_for_the_keys_once(connect: Connect, pool: Pool) -> None:
    for _ in range(3):
        connect(f"Bearer {pool.token()}")
    assert pool.asked == [f"/{POOL}/.well-known/jwks.json"]


def now(seconds: int) -> int:
    return int(time.time()) + seconds


BAD: dict[str, Callable[[Pool], str | None]] = {
    "no header": lambda pool: None,
    "an empty header": lambda pool: "",
    "no token": lambda pool: "Bearer ",
    "no JWT": lambda pool: "Bearer open sesame",
    "another scheme": lambda pool: f"Basic {pool.token()}",
    "expired": lambda pool: f"Bearer {pool.token(exp=now(-1))}",
    "not valid yet": lambda pool: f"Bearer {pool.token(nbf=now(600))}",
    "another pool": lambda pool: f"Bearer {pool.token(iss=f'{pool.url}/us-east-1_Another')}",
    "another client": lambda pool: f"Bearer {pool.token(aud='another')}",
    "an access token": lambda pool: f"Bearer {pool.token(token_use='access', aud=None, client_id=CLIENT)}",
    "an access token with an audience": lambda pool: f"Bearer {pool.token(token_use='access')}",
    "no use": lambda pool: f"Bearer {pool.token(token_use=None)}",
    "no expiry": lambda pool: f"Bearer {pool.token(exp=None)}",
    "no subject": lambda pool: f"Bearer {pool.token(sub=None)}",
    "another's signature": lambda pool: f"Bearer {pool.token(key=STRANGER)}",
    "an unknown key": lambda pool: f"Bearer {pool.token(key=STRANGER, kid='other')}",
    "no key id": lambda pool: f"Bearer {pool.token(kid=None)}",
    "no signature": lambda pool: f"Bearer {pool.token(key=None, algorithm='none')}",
    "the public key as a secret": lambda pool: f"Bearer {pool.token(key='x' * 64, algorithm='HS256')}",
    "other claims under the signature": lambda pool: f"Bearer {forged(pool.token())}",
}


def forged(token: str) -> str:
    """The token with its user made an admin."""
    header, _, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False}) | {"cognito:groups": ["admins"]}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{header}.{payload}.{signature}"


@pytest.mark.parametrize("name", BAD)
def test_anything_but_a_valid_id_token_is_unauthorized(connect: Connect, pool: Pool, name: str) -> None:
    """With exactly the word that API Gateway makes a 401 of."""
    with pytest.raises(authorize.Unauthorized) as refused:
        connect(BAD[name](pool))
    assert str(refused.value) == "Unauthorized"


def test_no_token_appears_in_the_log(connect: Connect, pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    token = pool.token(exp=now(-1))
    with caplog.at_level(logging.DEBUG, "backend_lambdas"), pytest.raises(authorize.Unauthorized):
        connect(f"Bearer {token}")
    (refused,) = (record for record in caplog.records if record.getMessage() == "socket refused")
    assert "expired" in refused.reason
    assert not [part for part in token.split(".") if part in caplog.text + str(vars(refused))]


def test_keys_that_cannot_be_read_are_our_fault_not_the_callers(connect: Connect, pool: Pool) -> None:
    """A 500, which clients try again; not a 401, which would sign everybody out."""
    pool.status = 503
    with pytest.raises(jwt.PyJWKClientConnectionError):
        connect(f"Bearer {pool.token()}")
    pool.status = 200
    assert connect(f"Bearer {pool.token()}")["principalId"]


@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=60) | st.from_regex(r"[\w.=-]+\.[\w=-]*\.[\w=-]*"))
def test_no_header_whatever_is_anything_but_unauthorized(header: str) -> None:
    verifier = authorize.TokenVerifier("issuer", CLIENT, jwt.PyJWKClient("http://127.0.0.1:1/", timeout=1))
    with pytest.raises(jwt.PyJWTError):
        verifier.claims(authorize.bearer_token({"Authorization": header}))
