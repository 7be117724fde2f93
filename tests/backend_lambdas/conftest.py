"""DynamoDB and S3 of moto in process, empty tables for each test, and recorded events."""

import functools
import importlib
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.s3.models import S3Backend

from backend_lambdas import clock
from backend_lambdas.aws import clients
from tests.backend_lambdas import short_way
from tests.backend_lambdas.lambda_fakes import FakeClock, World

HANDLERS = (
    "announce_reports",
    "authorize",
    "get_audit",
    "get_exports",
    "get_operations",
    "get_reports",
    "get_result",
    "keep_views",
    "load_redshift",
    "on_connect",
    "on_disconnect",
    "get_jobs",
    "reconcile",
    "run_jobs",
    "send_message",
    "setup_redshift",
    "turn_pages",
)


@pytest.fixture(scope="module", autouse=True)
def fake_aws() -> Iterator[None]:
    """moto answers instead of AWS; no test here can reach an account."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("STACK_NAME", "pushboard")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        patch.setattr(S3Backend, "urls", short_way.s3().urls)  # which moto makes anew for each request
        clients._session.cache_clear()
        yield
        clients._session.cache_clear()


@pytest.fixture(autouse=True)
def cold() -> Iterator[None]:
    """Every test starts with cold functions."""
    yield
    for name in HANDLERS:
        importlib.import_module(
            f"backend_lambdas.handlers.{'rest.' * name.startswith(('get_', 'keep_'))}{name}"
        ).build.cache_clear()


@pytest.fixture(scope="module")
def db(fake_aws: None) -> Any:
    client = clients.dynamodb()
    short_way.shorten(client)
    return client


@pytest.fixture(scope="module")
def made_table(db: Any) -> str:
    name = f"table-{uuid.uuid4().hex[:12]}"
    db.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in {"pk": "S", "sk": "S", "waiting": "S", "askedAt": "N"}.items()
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "waiting",
                "KeySchema": [
                    {"AttributeName": "waiting", "KeyType": "HASH"},
                    {"AttributeName": "askedAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    return name


@pytest.fixture
def table(made_table: str) -> str:
    """The table of connections and runs, empty."""
    short_way.clear(made_table)
    return made_table


@pytest.fixture
def answers(db: Any) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The operations that DynamoDB was asked for since the test began, each with its answer."""
    noted: list[tuple[str, dict[str, Any]]] = []

    def note(model: Any, parsed: dict[str, Any], **_: Any) -> None:
        noted.append((model.name, parsed))

    db.meta.events.register("after-call.dynamodb", note)
    yield noted
    db.meta.events.unregister("after-call.dynamodb", note)


@pytest.fixture(scope="module")
def made_audit_table(db: Any) -> str:
    name = f"audit-{uuid.uuid4().hex[:12]}"
    db.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    return name


@pytest.fixture
def audit_table(made_audit_table: str) -> str:
    """The table of what was taken away, empty."""
    short_way.clear(made_audit_table)
    return made_audit_table


@pytest.fixture(scope="module")
def exports_bucket(s3: Any) -> str:
    """Each export has a folder of its own in it, so tests can share it."""
    name = f"exports-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def world(db: Any, table: str, audit_table: str, s3: Any, exports_bucket: str) -> World:
    return World(db, table, audit_table, s3, f"s3://{exports_bucket}/exports/")


@pytest.fixture
def fake_clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The package's clock: it stands until something waits, or a test moves it."""
    fake = FakeClock()
    monkeypatch.setattr(clock, "now", fake.now)
    monkeypatch.setattr(clock, "sleep", fake.sleep)
    return fake


@pytest.fixture(scope="module")
def s3(fake_aws: None) -> Any:
    return boto3.client("s3", region_name=short_way.REGION)


@pytest.fixture
def put(fake_aws: None) -> Callable[[str, str | bytes], None]:
    """Puts a file under `bucket`, a fresh bucket for each test."""
    bucket = f"bucket-{uuid.uuid4().hex[:12]}"
    short_way.s3().create_bucket(bucket, short_way.REGION)

    def put_file(key: str, content: str | bytes) -> None:
        short_way.s3().put_object(bucket, key, content.encode() if isinstance(content, str) else content)

    put_file.bucket = bucket  # type: ignore[attr-defined]
    return put_file


@functools.cache
def _recorded(name: str) -> str:
    return (Path(__file__).parent / "events" / f"{name}.json").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], dict[str, Any]]:
    """A fresh copy of the event in `events/<name>.json`."""
    return lambda name: json.loads(_recorded(name))


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch, world: World, s3: Any) -> Callable[..., None]:
    """Sets a function's environment and puts the clients of this test where its `build` asks for some.

    Those that submit add `SUBMITTING`; the places of this test are there already.
    """
    places = {
        "TABLE_NAME": world.table,
        "AUDIT_TABLE_NAME": world.audit_table,
        "EXPORTS_S3_PATH": world.exports_s3_path,
        "RESULTS_S3_PATH": world.results_s3_path,
    }
    fakes = {
        "redshift-data": world._data_client,
        "apigatewaymanagementapi": world._gateway_client,
        "cognito-idp": world._user_pool_client,
        "events": world.bus,
        "s3": s3,
    }

    def client(service: str, endpoint_url: str | None = None, *, attempts: int = 3, read_seconds: float = 10) -> Any:
        return fakes[service]

    def set_up(**variables: str) -> None:
        monkeypatch.setattr(clients, "client", client)
        monkeypatch.setattr(clients, "dynamodb", lambda: world.db)
        for name, value in (places | variables).items():
            monkeypatch.setenv(name, value)

    return set_up
