"""A Data API of one's own for each test, or one for all tests that change nothing."""

import shutil
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import boto3
import pytest
from botocore.config import Config

from infra.local.endpoint.awsjson import answer
from infra.local.redshift_data import DataApiLimits, RedshiftData

ADMIN = "arn:aws:iam::000000000000:user/admin"
TARGET = {"ClusterIdentifier": "analytics-1", "Database": "dev"}
SLOW = "with recursive r(n) as (select 1 union all select n + 1 from r where n < 1000000000) select count(*) from r"
"""A statement that runs for hours unless it is stopped."""
DEADLINE = 20.0


@dataclass
class Clock:
    """A time that only tests move."""

    now: float = 1_795_000_000.25

    def __call__(self) -> float:
        return self.now


@dataclass
class Bucket:
    """An S3 of one bucket, `bucket`: objects by their addresses, and what a test wants to go wrong."""

    folder: Path
    objects: dict[str, Path] = field(default_factory=dict)
    failure: OSError | None = None

    def has_bucket(self, name: str) -> bool:
        return name == "bucket"

    def files(self, url: str) -> list[Path]:
        return [self.objects[key] for key in sorted(self.objects) if key.startswith(url)]

    def store(self, url: str, file: Path) -> None:
        if self.failure is not None:
            raise self.failure
        self.folder.mkdir(exist_ok=True)
        self.objects[url] = file.rename(self.folder / url.replace("/", "_"))

    def delete(self, url: str) -> None:
        self.objects = {key: file for key, file in self.objects.items() if not key.startswith(url)}

    def text(self, url: str) -> str:
        return self.objects[url].read_bytes().decode()


@dataclass
class Warehouse:
    """The service under test, with what it published and the files of its bucket."""

    folder: Path
    limits: DataApiLimits = field(default_factory=DataApiLimits)
    clock: Callable[[], float] = time.time
    events: list[dict[str, Any]] = field(default_factory=list)
    bucket: dict[str, list[Path]] = field(default_factory=dict)
    s3: Bucket | None = None

    def __post_init__(self) -> None:
        self.service = RedshiftData(
            self.folder / "dev.duckdb",
            publish=self.events.append,
            objects=self.s3 or (lambda prefix: self.bucket.get(prefix, [])),
            limits=self.limits,
            clock=self.clock,
        )

    def call(self, operation: str, caller: str = ADMIN, **request: Any) -> dict[str, Any]:
        return self.service.call(operation, request, caller)

    def submit(self, sql: str, caller: str = ADMIN, **members: Any) -> str:
        """Start a statement; gives its id."""
        target = {} if "SessionId" in members or "WorkgroupName" in members else TARGET
        return str(self.call("ExecuteStatement", caller, Sql=sql, **target, **members)["Id"])

    def run(self, sql: str, caller: str = ADMIN, **members: Any) -> dict[str, Any]:
        """Run a statement to its end; gives its description."""
        identifier = self.submit(sql, caller, **members)
        return self.described(identifier, caller)

    def described(self, identifier: str, caller: str = ADMIN) -> dict[str, Any]:
        """The description once it has ended."""
        return self.call("DescribeStatement", caller, Id=identifier, WaitTimeSeconds=30)

    def drop_all(self) -> None:
        """Leave neither table nor view, and an empty bucket."""
        found = self.rows("select table_type, table_schema, table_name from svv_tables order by 2, 3")
        for kind, schema, name in sorted(found, reverse=True):
            self.ok(f"drop {kind.removeprefix('BASE ')} {schema}.{name}")
        self.bucket.clear()

    @property
    def staged(self) -> list[Path]:
        """Files on their way to S3."""
        return list((self.folder / "dev.duckdb.staging").iterdir())

    def batch(self, *sqls: str, **members: Any) -> dict[str, Any]:
        identifier = self.call("BatchExecuteStatement", Sqls=list(sqls), **TARGET, **members)["Id"]
        return self.described(identifier)

    def ok(self, sql: str, caller: str = ADMIN, **members: Any) -> dict[str, Any]:
        """Run a statement that must finish."""
        described = self.run(sql, caller, **members)
        assert described["Status"] == "FINISHED", described.get("Error")
        return described

    def error(self, sql: str, caller: str = ADMIN, **members: Any) -> str:
        """Run a statement that must fail; gives its error."""
        described = self.run(sql, caller, **members)
        assert described["Status"] == "FAILED", described
        return str(described["Error"])

    def page(self, identifier: str, **members: Any) -> dict[str, Any]:
        return self.call("GetStatementResult", Id=identifier, **members)

    def rows(self, sql: str, caller: str = ADMIN, **members: Any) -> list[list[Any]]:
        """A statement's first page as plain values, NULL as None."""
        described = self.ok(sql, caller, **members)
        records = self.call("GetStatementResult", caller, Id=described["Id"])["Records"]
        in_any_order = len(set(map(repr, records))) > 1 and "order by" not in sql.lower()
        assert not in_any_order, f"without ORDER BY these rows may come in any order: {sql}"
        return [[None if "isNull" in field else next(iter(field.values())) for field in record] for record in records]

    def started(self, identifier: str) -> None:
        """Return when a statement runs in DuckDB."""
        self.until(lambda: self.call("DescribeStatement", Id=identifier)["Status"] == "STARTED")

    def until(self, condition: Callable[[], Any]) -> None:
        """Return when a condition holds."""
        eventually(condition)


def eventually(condition: Callable[[], Any]) -> None:
    """Wait until a condition holds, at most until the deadline."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "the deadline has passed"
        time.sleep(0.005)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a warehouse that was opened once: to open a copy of it is quicker."""
    folder = tmp_path_factory.mktemp("empty")
    Warehouse(folder).service.close()
    return folder / "dev.duckdb"


@pytest.fixture
def warehouse(tmp_path: Path, empty: Path) -> Iterator[Warehouse]:
    shutil.copy(empty, tmp_path)
    warehouse = Warehouse(tmp_path)
    yield warehouse
    warehouse.service.close()


@pytest.fixture
def unloading(tmp_path: Path, empty: Path) -> Iterator[Warehouse]:
    """A warehouse that can write to a bucket."""
    shutil.copy(empty, tmp_path)
    warehouse = Warehouse(tmp_path, s3=Bucket(tmp_path / "s3"))
    yield warehouse
    warehouse.service.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """One warehouse for all tests that change nothing, as opening one takes longer than they do."""
    warehouse = Warehouse(tmp_path_factory.mktemp("shared"))
    yield warehouse
    warehouse.service.close()


@pytest.fixture(scope="module")
def reusable(tmp_path_factory: pytest.TempPathFactory, empty: Path) -> Iterator[Warehouse]:
    """The warehouse of a file of tests, for `reused`."""
    folder = tmp_path_factory.mktemp("reusable")
    shutil.copy(empty, folder)
    warehouse = Warehouse(folder)
    yield warehouse
    warehouse.service.close()


@pytest.fixture
def reused(reusable: Warehouse) -> Iterator[Warehouse]:
    """A warehouse without tables, for tests that make nothing else; to drop theirs takes less than to open one."""
    yield reusable
    reusable.drop_all()


@pytest.fixture
def timed(tmp_path: Path, empty: Path, clock: Clock) -> Iterator[Warehouse]:
    """A warehouse whose time stands still until a test moves `clock`."""
    shutil.copy(empty, tmp_path)
    warehouse = Warehouse(tmp_path, clock=clock)
    yield warehouse
    warehouse.service.close()


class _ThreadingServer(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        """Requests are not logged."""


@pytest.fixture
def endpoint(warehouse: Warehouse) -> Iterator[str]:
    """The address of an HTTP server that speaks the wire protocol."""

    def respond(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        operation = environ["HTTP_X_AMZ_TARGET"].removeprefix("RedshiftData.")
        status, text = answer("redshift-data", operation, body, lambda name, request: warehouse.call(name, **request))
        start_response(f"{status} OK", [("Content-Type", "application/x-amz-json-1.1")])
        return [text.encode()]

    server = _ThreadingServer(("127.0.0.1", 0), _Quiet)
    server.set_app(respond)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(DEADLINE)
    server.server_close()


@pytest.fixture
def client(endpoint: str) -> Iterator[Any]:
    """A boto3 client of the server."""
    client = boto3.client(
        "redshift-data",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(connect_timeout=5, read_timeout=40, retries={"total_max_attempts": 1}),
    )
    yield client
    client.close()
