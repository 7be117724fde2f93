"""Stand-ins for what the functions talk to, each behind a real boto3 client: requests are validated by the service's
model, and errors are the client's own.
"""

import functools
import io
import json
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Semaphore, Thread
from typing import Any
from urllib.parse import unquote

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from moto.core.models import botocore_stubber
from msgspec.structs import replace

from backend_lambdas.access.audit import Audit
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.warehouse import Target, Warehouse, attempt_of
from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.exports.export_store import ExportStore
from backend_lambdas.exports.unload import Unloads
from backend_lambdas.handlers.reconcile import Reconciler
from backend_lambdas.handlers.run_jobs import STATEMENT_NAMES as JOB_STATEMENTS
from backend_lambdas.jobs.job_news import JobNews
from backend_lambdas.jobs.job_run_table import JobRunTable
from backend_lambdas.jobs.job_runner import JobRunner
from backend_lambdas.jobs.table_news import TableNews
from backend_lambdas.messages import Export, Run
from backend_lambdas.reports.report_file import Report, load
from backend_lambdas.results.kept_pages import KeptPages
from backend_lambdas.results.page_reader import PageReader
from backend_lambdas.results.warehouse_pages import WarehousePages
from backend_lambdas.runs.completer import RunCompleter
from backend_lambdas.runs.concurrency_limits import ConcurrencyLimits, Limits
from backend_lambdas.runs.deliveries import Deliveries, FileDelivery, RowsDelivery
from backend_lambdas.runs.history import History
from backend_lambdas.runs.outcomes import StatementEnded
from backend_lambdas.runs.requests import Requester, Requests
from backend_lambdas.runs.run_service import RunService
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.runs.submitter import Submitter
from backend_lambdas.sockets.connections import Connections
from backend_lambdas.sockets.notifier import Notifier
from backend_lambdas.tables.table_changes import TableChanges
from backend_lambdas.tables.watches import Watches
from tests.backend_lambdas import short_way

DEADLINE = 60
"""Seconds after which a test that waits is broken."""

REPORT = """/*---
title: Revenue by day
parameters:
  month: {type: month, label: Trip month, default: 2015-12}
chart: {type: line, x: trip_date, y: [total_fare]}
cache: 15m
timeout: 60s
---*/
SELECT pickup_date AS trip_date, sum(fare_amount) AS total_fare
FROM nyc_yellow_taxi WHERE to_char(pickup_date, 'YYYY-MM') = :month GROUP BY 1
"""

SUBMITTING = {
    "CALLBACK_URL": "https://api.invalid/prod",
    "CLUSTER_IDENTIFIER": "analytics-1",
    "WORKGROUP_NAME": "",
    "DATABASE": "dev",
    "DB_USERNAME": "reader",
    "QUEUE_SECONDS": "0",
    "QUERY_GROUPS": "false",
    "QUICK_SECONDS": "0",
    "MAX_RUNS_PER_USER": "25",
    "MAX_RUNS_PER_DEPARTMENT": "100",
    "UNLOAD_IAM_ROLE": "default",
}
"""The variables that all functions share which submit, but for the tables and the place of exports."""


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class _Switch:
    """Leads a client's requests to the fake of the test that runs: to make a client takes longer than most tests."""

    answer: Callable[..., AWSResponse]

    def __call__(self, **request: Any) -> AWSResponse:
        return self.answer(**request)


@functools.cache
def _client(service: str) -> tuple[Any, _Switch]:
    switch = _Switch()
    client = boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url="https://fake.invalid/prod",
        aws_access_key_id="fake",
        aws_secret_access_key="fake",
        config=Config(retries={"total_max_attempts": 1}),
    )
    short_way.lighten(client)
    client.meta.events.unregister("before-send", botocore_stubber)  # moto's own stand-ins never end a statement
    client.meta.events.register_first(f"before-send.{client.meta.service_model.service_id.hyphenize()}", switch)
    return client, switch


def _led_to(answer: Callable[..., AWSResponse], service: str) -> Any:
    """The client of a service, whose requests go to `answer` instead of the network, each once."""
    client, switch = _client(service)
    switch.answer = answer
    return client


class Refusal(Exception):
    """An error of the service, by its code, and its message behind a colon."""


@dataclass
class Statement:
    id: str
    request: dict[str, Any]
    status: str = "STARTED"
    error: str = ""


def _part(statement: Statement, name: str) -> str:
    """The SQL of a part of a batch, which is named by the batch's id with its number behind a colon; of none, none."""
    _, _, part = name.partition(":")
    return str(statement.request["Sqls"][int(part) - 1]) if part else ""


def _outside_quotes(sql: str) -> str:
    """Where alone the Data API binds."""
    return re.sub(r"""'[^']*'|"[^"]*"|\$\$.*?\$\$""", "", sql, flags=re.DOTALL)


@dataclass
class FakeDataApi:
    """The Redshift Data API: statements stay STARTED until a test ends them. `during` runs inside an operation."""

    statements: dict[str, Statement] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refusals: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    during: dict[str, Callable[[Statement], None]] = field(default_factory=dict)
    pages: dict[str | None, dict[str, Any]] = field(default_factory=dict)
    page_of: Callable[[Statement], dict[str, Any]] | None = None
    outcome: Callable[[dict[str, Any]], tuple[str, str]] = lambda _: ("STARTED", "")
    listed_at_once: int = 100
    unloaded: int = 2_000_000
    _tokens: dict[str, Statement] = field(default_factory=dict)

    def client(self) -> Any:
        return _led_to(self._receive, "redshift-data")

    def requests(self, operation: str) -> list[dict[str, Any]]:
        return [request for name, request in self.calls if name == operation]

    @property
    def only(self) -> Statement:
        (statement,) = self.statements.values()
        return statement

    def _receive(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().removeprefix("RedshiftData.")
        body = json.loads(request.body)
        self.calls.append((operation, body))
        try:
            if self.refusals[operation]:
                raise Refusal(self.refusals[operation].pop(0))
            status, answer = 200, getattr(self, f"_{operation}")(body)
        except Refusal as error:
            code, _, message = str(error).partition(": ")
            status, answer = 400, {"__type": code, "Message": message or "refused", "ResourceId": "x"}
        return AWSResponse(request.url, status, {}, _Raw(json.dumps(answer).encode()))

    def _start(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        token = body["ClientToken"]
        statement = self._tokens.get(token)
        if statement is None:
            statement = Statement(str(uuid.uuid4()), body, *self.outcome(body))
            self._tokens[token] = self.statements[statement.id] = statement
        self._happens(operation, statement)
        return {"Id": statement.id, "Status": statement.status}

    def _happens(self, operation: str, statement: Statement) -> None:
        self.during.get(operation, lambda _: None)(statement)

    def _ExecuteStatement(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        names = {item["name"] for item in body.get("Parameters", ())}
        if names != set(re.findall(r":(\w+)", _outside_quotes(body["Sql"]))):
            raise Refusal("ValidationException")
        return self._start("ExecuteStatement", body)

    def _BatchExecuteStatement(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        names = {item["name"] for item in body.get("Parameters", ())}
        if names != set(re.findall(r"(?<![\w:]):(\w+)", _outside_quotes(" ".join(body["Sqls"])))):
            raise Refusal("ValidationException")
        return self._start("BatchExecuteStatement", body)

    def _found(self, body: dict[str, Any]) -> Statement:
        """A part of a batch has the batch's id with its number behind a colon."""
        statement_id, _, part = body["Id"].partition(":")
        statement = self.statements.get(statement_id)
        if statement is None or int(part or 1) > len(statement.request.get("Sqls", [""])):
            raise Refusal("ResourceNotFoundException")
        return statement

    def _DescribeStatement(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        statement = self._found(body)
        self._happens("DescribeStatement", statement)
        known = {"Id": statement.id, "Status": statement.status, "Error": statement.error, "UpdatedAt": 2_000_000_000.0}
        parts = range(1, len(statement.request.get("Sqls", ())) + 1)
        if not parts:
            return known | {"ResultRows": 31}
        named = [{"Id": f"{statement.id}:{part}", "ResultRows": 31, "Status": statement.status} for part in parts]
        return known | {"SubStatements": named}

    def _ListStatements(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        found = [
            {"Id": statement.id, "StatementName": statement.request["StatementName"], "Status": statement.status}
            for statement in self.statements.values()
            if statement.status == body["Status"]
            and statement.request["StatementName"].startswith(body["StatementName"])
        ]
        start = int(body.get("NextToken", 0))
        end = start + self.listed_at_once
        return {"Statements": found[start:end]} | ({"NextToken": str(end)} if end < len(found) else {})

    def _CancelStatement(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        statement = self._found(body)
        self._happens("CancelStatement", statement)
        if statement.status != "STARTED":
            raise Refusal("ValidationException")
        statement.status = "ABORTED"
        return {"Status": True}

    def _GetStatementResult(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        statement = self._found(body)
        if statement.status != "FINISHED":
            raise Refusal("ResourceNotFoundException")
        if "pg_last_unload_count" in _part(statement, body["Id"]):
            return {"ColumnMetadata": [{"name": "pg_last_unload_count"}], "Records": [[{"longValue": self.unloaded}]]}
        if self.page_of:
            return self.page_of(statement)
        if body.get("NextToken") not in self.pages:
            raise Refusal("ValidationException")
        return self.pages[body.get("NextToken")]


@dataclass
class FakeUserPool:
    """Who is in which group, by user name; `more` says that the list goes on."""

    groups: dict[str, list[str]] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    more: bool = False

    def client(self) -> Any:
        return _led_to(self._receive, "cognito-idp")

    def _receive(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        body = json.loads(request.body)
        self.calls.append(body)
        try:
            if self.refusals:
                raise Refusal(self.refusals.pop(0))
            status, answer = 200, getattr(self, f"_{operation}")(body)
        except Refusal as error:
            status, answer = 400, {"__type": str(error), "message": "refused"}
        return AWSResponse(request.url, status, {}, _Raw(json.dumps(answer).encode()))

    def _AdminListGroupsForUser(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if body["Username"] not in self.groups:
            raise Refusal("UserNotFoundException")
        groups = [{"GroupName": name, "UserPoolId": body["UserPoolId"]} for name in self.groups[body["Username"]]]
        return {"Groups": groups} | ({"NextToken": "further"} if self.more else {})


@dataclass
class FakeGateway:
    """The `@connections` API: what was posted to whom, each message of a batch by itself, and in how many `frames`.

    `gone` and `throttled` name connections.
    """

    posts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    frames: int = 0
    gone: set[str] = field(default_factory=set)
    throttled: set[str] = field(default_factory=set)
    gone_code: str = "GoneException"

    def client(self) -> Any:
        return _led_to(self._receive, "apigatewaymanagementapi")

    def notified(self, connection_id: str) -> list[dict[str, Any]]:
        return [message for receiver, message in self.posts if receiver == connection_id]

    def types(self, connection_id: str) -> list[str]:
        return [message["type"] for message in self.notified(connection_id)]

    def _receive(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        connection_id = unquote(request.url.rpartition("/@connections/")[2])
        if connection_id in self.gone:
            return self._refusal(request.url, 410, self.gone_code)
        if connection_id in self.throttled:
            return self._refusal(request.url, 429, "LimitExceededException")
        message = json.loads(request.body)
        self.frames += 1
        self.posts += [(connection_id, each) for each in message.get("messages", [message])]
        return AWSResponse(request.url, 200, {}, _Raw(b""))

    @staticmethod
    def _refusal(url: str, status: int, code: str) -> AWSResponse:
        headers = {"x-amzn-ErrorType": code} if code else {}
        return AWSResponse(url, status, headers, _Raw(b"{}"))


@dataclass
class Context:
    """Lambda's context; `seconds` are left."""

    seconds: float = 900

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass
class FakeClock:
    """A clock that only waits move, and tests. `meanwhile` is what happens during the next waits, one thing in each."""

    milliseconds: int = 1_900_000_000_000
    waits: list[float] = field(default_factory=list)
    meanwhile: list[Callable[[], None]] = field(default_factory=list)

    def now(self) -> int:
        return self.milliseconds

    def sleep(self, duration: float) -> None:
        self.waits.append(duration)
        self.forward(duration)
        if self.meanwhile:
            self.meanwhile.pop(0)()

    def forward(self, seconds: float) -> None:
        self.milliseconds += round(seconds * 1000)


class Atomic:
    """A client whose calls come one after another, as DynamoDB's writes to one item do and moto's do not."""

    def __init__(self, client: Any) -> None:
        self._client, self._lock = client, Lock()

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if name in {"exceptions", "meta"}:
            return member

        def call(*args: Any, **kwargs: Any) -> Any:
            with self._lock:
                return member(*args, **kwargs)

        return call


class Interrupted:
    """A client that lets something else happen just before its n-th call; `calls` tells how many there were."""

    def __init__(self, client: Any, before: int, happen: Callable[[], None], counter: list[int]) -> None:
        self._client, self._before, self._happen, self.calls = client, before, happen, counter

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if name in {"exceptions", "meta"}:
            return member

        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls[0] += 1
            if self.calls[0] == self._before:
                self._happen()
            return member(*args, **kwargs)

        return call


class Turns:
    """Lets several things go on side by side, one call at a time, in an order that the test decides."""

    def __init__(self, world: "World", *things: Callable[["World", RunService], None]) -> None:
        self._gates = [Gate() for _ in things]
        services = [world.service_over(functools.partial(Gated, gate=gate)) for gate in self._gates]
        self._threads = [
            Thread(target=gate.run, args=(functools.partial(thing, world, service),), daemon=True)
            for gate, thing, service in zip(self._gates, things, services, strict=True)
        ]
        for thread, gate in zip(self._threads, self._gates, strict=True):
            thread.start()
            gate.wait_for_arrival()

    def step(self, which: int, calls: int = 1) -> None:
        """Lets one of them make some calls; one that has ended makes none."""
        for _ in range(calls):
            self._gates[which].open_once()

    def finish(self, which: int) -> None:
        """Lets one of them come to its end, and raises what it raised."""
        gate = self._gates[which]
        while not gate.ended:
            gate.open_once()
        self._threads[which].join(DEADLINE)
        if gate.error:
            raise gate.error


class Gate:
    """Where one of several waits before each of its calls."""

    def __init__(self) -> None:
        self._go, self._here = Semaphore(0), Semaphore(0)
        self.ended = False
        self.error: BaseException | None = None

    def run(self, thing: Callable[[], None]) -> None:
        try:
            thing()
        except BaseException as error:
            self.error = error
        self.ended = True
        self._here.release()

    def arrive(self) -> None:
        self._here.release()
        assert self._go.acquire(timeout=DEADLINE), "the test has gone"

    def open_once(self) -> None:
        if not self.ended:
            self._go.release()
            self.wait_for_arrival()

    def wait_for_arrival(self) -> None:
        assert self._here.acquire(timeout=DEADLINE), "it neither calls anything nor ends"


class Gated:
    """A client whose calls pass a gate, those of its paginators too."""

    def __init__(self, client: Any, gate: Gate) -> None:
        self._client, self._gate = client, gate

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if name in {"exceptions", "meta"}:
            return member

        def call(*args: Any, **kwargs: Any) -> Any:
            self._gate.arrive()
            return member(*args, **kwargs)

        return call


@dataclass
class FakeBus:
    """EventBridge's PutEvents: keeps what was put, or refuses it."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    refuses: bool = False

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 (boto3's name)
        if self.refuses:
            return {"FailedEntryCount": len(Entries), "Entries": [{"ErrorCode": "ThrottlingException"}]}
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}


@dataclass
class World:
    """One table, one warehouse, one gateway, and the life of runs over them."""

    db: Any
    table: str
    audit_table: str
    s3: Any
    exports_s3_path: str
    data_api: FakeDataApi = field(default_factory=FakeDataApi)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    report: Report = field(default_factory=lambda: report())
    limits: Limits = field(default_factory=lambda: Limits(25, 100))
    user_pool: FakeUserPool = field(default_factory=FakeUserPool)
    bus: "FakeBus" = field(default_factory=lambda: FakeBus())
    quick_seconds: int = 0
    query_groups: bool = False

    def __post_init__(self) -> None:
        self._data_client, self._gateway_client = self.data_api.client(), self.gateway.client()
        self._user_pool_client = self.user_pool.client()
        self.connections = Connections(self.db, self.table)
        self.runs = RunTable(self.db, self.table)
        self.service = self.service_over(lambda client: client)

    @property
    def results_s3_path(self) -> str:
        """Where rows are kept that were read once: beside the exports."""
        return self.exports_s3_path.removesuffix("exports/") + "results/"

    def service_over(
        self, wrap: Callable[[Any], Any], queue_seconds: float = 0, quick_seconds: int | None = None
    ) -> RunService:
        """The same life of runs with every client wrapped."""
        db = wrap(self.db)
        connections, runs = Connections(db, self.table), RunTable(db, self.table)
        warehouse = Warehouse(wrap(self._data_client), "pushboard", Target("dev", "analytics-1", db_user="reader"))
        notifier = Notifier(wrap(self._gateway_client), connections)
        concurrency = ConcurrencyLimits(db, self.table, runs, self.limits)
        unloads = Unloads(self.exports_s3_path, "default")
        history = History(db, self.table)
        exports = ExportStore(db, self.table, Audit(db, self.audit_table), wrap(self.s3), unloads)
        quick = self.quick_seconds if quick_seconds is None else quick_seconds
        rows, files = RowsDelivery(runs, warehouse, is_batch=self.query_groups), FileDelivery(exports, warehouse)
        deliveries = Deliveries(rows, files, self.query_groups)
        others = concurrency, deliveries, history
        submitter = Submitter(connections, runs, warehouse, notifier, *others, queue_seconds, quick)
        watches = Watches(db, self.table)
        completer = RunCompleter(connections, runs, warehouse, notifier, *others, watches)
        kept = Requests(db, self.table), TableChanges(db, self.table), watches
        return RunService(connections, runs, warehouse, notifier, submitter, completer, deliveries, history, *kept)

    def job_runner_over(self, wrap: Callable[[Any], Any] = lambda client: client) -> JobRunner:
        """Runs jobs, with every client wrapped."""
        db = wrap(self.db)
        connections = Connections(db, self.table)
        target = Target("dev", "analytics-1", db_user="jobs")
        return JobRunner(
            JobRunTable(db, self.table),
            Warehouse(wrap(self._data_client), "pushboard", target, JOB_STATEMENTS),
            JobNews(connections, Notifier(wrap(self._gateway_client), connections)),
            TableNews(wrap(self.bus)),
            {},
        )

    def page_reader_over(self, wrap: Callable[[Any], Any]) -> PageReader:
        """Reads rows, from S3 or the warehouse, with every client wrapped."""
        kept = KeptPages(wrap(self.s3), self.results_s3_path)
        return PageReader(RunTable(wrap(self.db), self.table), kept, WarehousePages(wrap(self._data_client)))

    def reconciler_over(self, wrap: Callable[[Any], Any] = lambda client: client) -> Reconciler:
        """Looks after this world's runs, with every client wrapped."""
        service = self.service_over(wrap)
        return Reconciler(service, service.connections, service.runs, service.warehouse)

    def reconcile(self) -> None:
        """A minute's only look."""
        self.reconciler_over().reconcile(lambda: 0)

    def reset(self) -> None:
        """Back to the beginning: empty tables, no file and no kept page, and fakes that have seen nothing."""
        for table in (self.table, self.audit_table):
            short_way.clear(table)
        bucket, _ = clients.s3_location(self.exports_s3_path)
        short_way.clear_bucket(bucket)
        vars(self.data_api).update(vars(FakeDataApi()))
        vars(self.gateway).update(vars(FakeGateway()))
        vars(self.user_pool).update(vars(FakeUserPool()))
        vars(self.bus).update(vars(FakeBus()))

    def connect(self, *connection_ids: str) -> None:
        for connection_id in connection_ids:
            self.connections.add(connection_id, principal("finance"))

    def spec(self, **values: str) -> QuerySpec:
        return QuerySpec.of(self.report, values or {"month": "2015-12"}, principal("finance"))

    def requester(self, connection_id: str) -> Requester:
        """Whoever has this socket, which is open from here on; everyone is a user of his own."""
        user = replace(principal("finance"), sub=f"sub of {connection_id}")
        if self.connections.principal(connection_id) is None:
            self.connections.add(connection_id, user)
        return Requester(connection_id, user)

    def request_run(self, connection_id: str, service: RunService | None = None, **changes: Any) -> None:
        refresh = changes.pop("refresh", False)
        run_id = changes.pop("run_id", f"run of {connection_id}")
        command = Run(f"topic of {connection_id}", "revenue_by_day", run_id, {}, refresh)
        (service or self.service).request_run(self.requester(connection_id), command, self.spec(**changes))

    def cancel(self, connection_id: str, run_id: str | None = None, service: RunService | None = None) -> bool:
        return (service or self.service).cancel(self.requester(connection_id), run_id or f"run of {connection_id}")

    def resume(self, connection_id: str, *run_ids: str, of: str = "", service: RunService | None = None) -> None:
        """On a socket of its own, by the user of another."""
        requester = Requester(connection_id, self.requester(of or connection_id).principal)
        (service or self.service).resume(requester, run_ids or (f"run of {of or connection_id}",))

    def ended(self, statement: Statement, state: str = "FINISHED", at: int = 2_000_000_000_000) -> StatementEnded:
        return StatementEnded(attempt_of(statement.request["StatementName"]), statement.id, state, 31, at)

    def complete(self, statement: Statement | None = None, state: str = "FINISHED") -> None:
        statement = statement or self.data_api.only
        statement.status = state
        self.service.completer.complete(self.ended(statement, state))

    def export(self, connection_id: str, service: RunService | None = None, **changes: Any) -> None:
        """Asks for a file, as `on_connect` does once everything is checked."""
        self.ask_for_export(connection_id, service, **changes)()

    def ask_for_export(
        self, connection_id: str, service: RunService | None = None, **changes: Any
    ) -> Callable[[], None]:
        """The first half of it; what it gives is the other, which puts it on record."""
        file_format, run_id = changes.pop("format", "csv"), changes.pop("run_id", f"run of {connection_id}")
        command = Export(f"topic of {connection_id}", "revenue_by_day", run_id, file_format)
        requester, spec = self.requester(connection_id), self.spec(**changes).as_export(file_format)
        service = service or self.service
        attempt = service.request_run(requester, command, spec)
        if attempt is None:
            return lambda: None
        return functools.partial(service.note_export, requester, run_id, attempt, spec)

    def unload(self, statement: Statement | None = None, *sizes: int) -> None:
        """Lets the warehouse have written the files of an export, one of each size."""
        statement = statement or self.data_api.only
        (into,) = re.findall(r" TO 's3://([^/]+)/([^']+)' ", statement.request["Sqls"][-2])
        for number, size in enumerate(sizes or (5_000,)):
            short_way.s3().put_object(into[0], f"{into[1]}{number:03}.csv", b"x" * size)

    def records(self) -> list[dict[str, Any]]:
        """What is on record of what was taken away, the oldest first."""
        return sorted(short_way.items(self.audit_table), key=lambda item: str(item["sk"]))

    def items(self, prefix: str = "") -> list[dict[str, Any]]:
        return [item for item in short_way.items(self.table) if item["pk"].startswith(prefix)]

    def run_item(self) -> dict[str, Any]:
        (item,) = self.items("run#")
        return item

    def subscribers(self) -> list[str]:
        found = (item for item in self.items("attempt#") if item["sk"].startswith("subscriber#"))
        return sorted(item["connectionId"] for item in found)


def principal(*groups: str, **claims: str) -> Principal:
    return Principal("sub-1", "ana@example.com", frozenset(groups), 4_000_000_000, claims, "ana")


def report(text: str = REPORT, path: str = "finance/revenue_by_day.sql") -> Report:
    loaded = load(path, text)
    assert isinstance(loaded, Report), loaded
    return loaded


@contextmanager
def http_server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server on a free port of the loopback; `answer` handles its GETs and PUTs."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            answer(self)

        do_PUT = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Keeps the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
