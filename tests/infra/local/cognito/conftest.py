"""A local Cognito per test: its own store (a copy of one made once), its own clock, its own port."""

import re
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import boto3
import pytest
import requests
from botocore.config import Config
from flask import Flask, Response, request
from werkzeug.serving import make_server

from infra.local.cognito import ClientConfig, Cognito, PoolConfig, hosted_pages
from infra.local.cognito.hosted_ui.oauth import challenge_of
from infra.local.endpoint import awsjson

POOL = "us-east-1_userpool"
READ = frozenset({"email", "email_verified", "custom:region"})
CALLBACK = "http://localhost:8050/auth/callback"
SIGNED_OUT = "http://localhost:8050/signed-out"
PASSWORD = "Taxi-2015!"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"

WEB = ClientConfig(
    client_id="webclient",
    name="dashboard",
    callback_urls=(CALLBACK,),
    logout_urls=(SIGNED_OUT,),
    scopes=("openid", "email", "profile", "aws.cognito.signin.user.admin"),
    explicit_auth_flows=("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"),
)
ROTATING = replace(
    WEB,
    client_id="rotating",
    explicit_auth_flows=("ALLOW_USER_PASSWORD_AUTH",),
    rotation_enabled=True,
    rotation_grace_seconds=30,
)
PEOPLE = PoolConfig(
    POOL,
    "people",
    clients=(WEB, ROTATING),
    groups=("operations", "finance", "admins"),
    custom_attributes=("custom:region",),
)
CLOSED = replace(PEOPLE, allow_sign_up=False)
GUARDED = replace(
    PEOPLE,
    clients=(replace(WEB, read_attributes=READ, write_attributes=frozenset({"email"})),),
    pre_sign_up="arn:aws:lambda:us-east-1:000000000000:function:Guard",
)
POOLS = {"people": PEOPLE, "closed": CLOSED, "guarded": GUARDED}


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Guard:
    """The function before sign-up: what it was asked, and what it does (by default it returns its event)."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    act: Callable[[dict[str, Any]], Any] = lambda event: event

    def __call__(self, name: str, event: dict[str, Any], within: float | None) -> Any:
        assert (name, within) == ("Guard", 5)
        self.asked.append(event)
        return self.act(event)


@dataclass
class Mailbox:
    """What would have been mailed."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        self.lines.append(line)

    def code(self, email: str) -> str:
        """The newest code announced for an address."""
        found = [line for line in self.lines if f" for {email}: " in line]
        return found[-1].rpartition(": ")[2]


@pytest.fixture(scope="session")
def prepared_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with signing keys and one user, made once: keys are slow to make."""
    path = tmp_path_factory.mktemp("cognito") / "prepared.sqlite"
    cognito = Cognito(path, PEOPLE, endpoint_url="http://localhost:1", clock=Clock())
    cognito.ensure_user("ana@example.com", PASSWORD, ["finance"])
    cognito.close()
    return path


@pytest.fixture
def store(prepared_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(prepared_store, tmp_path / "cognito.sqlite"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def guard() -> Guard:
    return Guard()


class Switch:
    """A WSGI application that is another one in each test."""

    app: Flask

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self.app(environ, start_response)


@pytest.fixture(scope="session")
def listening() -> Iterator[Any]:
    """One server on a free port for all tests."""
    http = make_server("127.0.0.1", 0, Switch(), threaded=True)
    thread = threading.Thread(target=http.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    yield http
    http.shutdown()
    thread.join(timeout=5)
    http.server_close()


@pytest.fixture
def server(listening: Any) -> Any:
    """That server with a Flask application of this test; `cognito` is added by the fixture of that name."""
    listening.app.app = Flask("endpoint")
    return listening


@pytest.fixture
def endpoint(server: Any) -> str:
    return f"http://localhost:{server.port}"


@pytest.fixture
def pool_kind() -> str:
    """Which pool a test is about, if it does not say so."""
    return "people"


@pytest.fixture
def pool(pool_kind: str) -> PoolConfig:
    return POOLS[pool_kind]


@pytest.fixture
def start(
    store: Path, pool: PoolConfig, endpoint: str, clock: Clock, mailbox: Mailbox, guard: Guard
) -> Iterator[Callable[[], Cognito]]:
    """Starts a Cognito on this test's store; calling it again is a restart."""
    started: list[Cognito] = []

    def run() -> Cognito:
        if started:
            started[-1].close()
        started.append(Cognito(store, pool, endpoint_url=endpoint, announce=mailbox, clock=clock, invoke=guard))
        return started[-1]

    yield run
    if started:
        started[-1].close()


@pytest.fixture
def cognito(start: Callable[[], Cognito]) -> Cognito:
    return start()


@pytest.fixture
def served(cognito: Cognito, server: Any) -> Cognito:
    """The Cognito of this test, answering on its endpoint."""
    app = server.app.app
    app.register_blueprint(hosted_pages(cognito))

    @app.post("/")
    def answer() -> Response:
        operation = request.headers["X-Amz-Target"].partition(".")[2]
        authorization = request.headers.get("Authorization", "")
        call = lambda name, body: cognito.call(name, body, authorization)  # noqa: E731
        status, text = awsjson.answer("cognito-idp", operation, request.get_data(), call)
        return Response(text, status, mimetype="application/x-amz-json-1.1")

    return cognito


@pytest.fixture(scope="session")
def aws_session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")


@pytest.fixture(scope="session")
def client_of_all(listening: Any, aws_session: boto3.Session) -> Iterator[Any]:
    """boto3's own client on the server's port: to make one takes longer than most tests."""
    config = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1})
    client = aws_session.client("cognito-idp", endpoint_url=f"http://localhost:{listening.port}", config=config)
    yield client
    client.close()


@pytest.fixture
def idp(served: Cognito, client_of_all: Any) -> Any:
    """boto3's own client on the endpoint."""
    return client_of_all


@pytest.fixture
def sign_in(cognito: Cognito) -> Callable[..., dict[str, str]]:
    """Signs in by password and returns the tokens."""

    def run(client_id: str = "webclient", email: str = "ana@example.com", password: str = PASSWORD) -> dict[str, str]:
        parameters = {"USERNAME": email, "PASSWORD": password}
        request = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client_id, "AuthParameters": parameters}
        return cognito.call("InitiateAuth", request)["AuthenticationResult"]

    return run


class Visitor:
    """A browser without scripts: cookies, forms, and redirects that stop at the application."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.http = requests.Session()

    def query(self, **changes: str | None) -> str:
        """An authorization request; None leaves a parameter out."""
        values = {
            "response_type": "code",
            "client_id": "webclient",
            "redirect_uri": CALLBACK,
            "scope": "openid email profile",
            "state": "st-1",
            "nonce": "no-1",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return urlencode({name: value for name, value in (values | changes).items() if value is not None})

    def open(self, path: str) -> requests.Response:
        return self._follow(self.http.get(self.endpoint + path, allow_redirects=False, timeout=10))

    def submit(self, page: requests.Response, **fields: str) -> requests.Response:
        """Fills in the page's form and sends it."""
        action = re.search(r'<form method="post" action="([^"]+)"', page.text)[1].replace("&amp;", "&")
        secret = re.search(r'name="form_secret" value="([^"]+)"', page.text)[1]
        data = {"form_secret": secret, **fields}
        return self._follow(self.http.post(self.endpoint + action, data=data, allow_redirects=False, timeout=10))

    def log_in(self, email: str = "ana@example.com", password: str = PASSWORD, **changes: Any) -> dict[str, str]:
        """Signs in from the start and returns what the application is told."""
        page = self.open(f"/oauth2/authorize?{self.query(**changes)}")
        return told(self.submit(page, email=email, password=password))

    def token(self, **form: str) -> requests.Response:
        return self.http.post(f"{self.endpoint}/oauth2/token", data=form, timeout=10)

    def exchange(self, code: str, **changes: Any) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": "webclient",
            "redirect_uri": CALLBACK,
            "code": code,
            "code_verifier": VERIFIER,
        }
        return self.token(**{name: value for name, value in (form | changes).items() if value is not None})

    def _follow(self, response: requests.Response) -> requests.Response:
        while response.is_redirect and not response.headers["Location"].startswith("http"):
            response = self.http.get(self.endpoint + response.headers["Location"], allow_redirects=False, timeout=10)
        return response


def told(response: requests.Response) -> dict[str, str]:
    """The parameters a redirect carries to the application."""
    assert response.status_code == 303, response.text
    target = urlsplit(response.headers["Location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == CALLBACK
    return dict(parse_qsl(target.query))


@pytest.fixture
def visitor(served: Cognito, endpoint: str) -> Iterator[Visitor]:
    visitor = Visitor(endpoint)
    yield visitor
    visitor.http.close()


@pytest.fixture
def new_visitor(served: Cognito, endpoint: str) -> Iterator[Callable[[], Visitor]]:
    """Other browsers, each with its own cookies."""
    made: list[Visitor] = []

    def run() -> Visitor:
        made.append(Visitor(endpoint))
        return made[-1]

    yield run
    for visitor in made:
        visitor.http.close()
