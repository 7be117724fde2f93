"""What a run asks of AWS, watched as a page's are: calls, DynamoDB's units, messages, dollars for a million of them.

Counted from the real clients while runs go through the laptop's AWS, in this process. Calls of one invocation come one
after another, but for those to many subscribers. Units are those of items of up to 1 KB written and 4 KB read; prices
are those of us-east-1, on demand, without free tiers.
"""

import json
import math
import os
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests
from botocore.model import OperationModel

from infra.local.redshift_data.execution import runner
from infra.local.runtime import LocalAws
from infra.sample import Simulated
from tests.bench.outcome.measures import COUNT, Measure
from tests.bench.simulation import run_costs
from tests.bench.tables import Table
from tests.infra.local.laptop import Tab, copy_of_the_project, running, sign_in, until
from tests.infra.rights.recorded_calls import every_call

JOINERS, PANELS = 6, 8
HELD_SECONDS = 60
_HEADER = "/*---\ntitle: Slow\nchart: {type: table}\ncache: 15m\n---*/\n"
_HELD = "/* held */"
_SLOW = f"SELECT count(*) {_HELD} AS n FROM nyc_yellow_taxi"

_WRITTEN = {"PutItem": 1, "UpdateItem": 1, "DeleteItem": 1}
_READ = {"GetItem": 1, "Query": 1}
_DOLLARS: Mapping[str, float] = {
    "write": 0.625,
    "read": 0.125,
    "message": 1.0,
    "ListObjectsV2": 5.0,
    "PutObject": 5.0,
    "GetObject": 0.4,
}
"""For a million: of write and read units, of WebSocket messages, of requests to S3."""


@dataclass(frozen=True)
class Call:
    """One call of a client: by which function, of which operation, and the DynamoDB units that it takes."""

    function: str
    operation: str
    reads: int = 0
    writes: int = 0


@dataclass
class Tally:
    """The calls since it was cleared."""

    calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, params: Mapping[str, Any], model: OperationModel, **_: Any) -> None:
        """Called for each call of a client; those of the suite itself are nobody's."""
        function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        if function is None:
            return
        is_table = model.service_model.service_name == "dynamodb"
        units = _units(model.name, params) if is_table else Counter()
        with self._lock:
            self.calls.append(Call(function.removesuffix("Function"), model.name, units["read"], units["write"]))

    def of(self, *functions: str) -> int:
        """How many calls these functions made."""
        return sum(call.function in functions for call in self.calls)

    def number_of(self, operation: str) -> int:
        """How often an operation was called."""
        return sum(call.operation == operation for call in self.calls)

    @property
    def reads(self) -> int:
        """DynamoDB's read units."""
        return sum(call.reads for call in self.calls)

    @property
    def writes(self) -> int:
        """DynamoDB's write units."""
        return sum(call.writes for call in self.calls)

    def operations(self) -> str:
        """Each operation with its number, the most frequent first."""
        named = Counter(call.operation for call in self.calls)
        return ", ".join(f"{name} {count}" for name, count in named.most_common())

    def clear(self) -> None:
        """Begins anew."""
        with self._lock:
            self.calls.clear()

    def dollars(self) -> float:
        """What a million of the same would cost of DynamoDB, S3 and messages."""
        objects = sum(_DOLLARS.get(call.operation, 0) for call in self.calls)
        units = _DOLLARS["read"] * self.reads + _DOLLARS["write"] * self.writes
        return units + objects + _DOLLARS["message"] * (self.number_of("PostToConnection") + 1)


def suite() -> Iterator[object]:
    """One run of each kind, of a warm function."""
    with _laptop() as (aws, tally), _held_statements() as may_end:
        parts = list(_measured(aws, tally, may_end))
    _require_told({kind: (part.writes / divisor, part.reads / divisor) for kind, part, divisor in parts})
    lines = [_line(*part) for part in parts]
    head = ("kind", "calls", "of OnConnect", "of SendMessage", "reads", "writes", "messages", "$ a million")
    yield Table("What a run asks of AWS", head, [line for line, _ in lines], [note for _, note in lines])
    for kind, part, divisor in parts:
        yield Measure(f"calls, {kind}", round(len(part.calls) / divisor, 1), COUNT)


def _require_told(counted: Mapping[str, tuple[float, float]]) -> None:
    """Fails when the page of costs tells fewer units than were counted: writes and reads by kind."""
    told = run_costs.units()
    joined = counted["joined"][0] + counted["told, one more"][0]
    for name, units in (
        ("missed", counted["missed"]),
        ("joined", (joined, counted["joined"][1])),
        ("cached", counted["cached"]),
    ):
        if units[0] > told[f"{name}_writes"] + 0.5 or units[1] > told[f"{name}_reads"] + 0.5:
            raise ValueError(f"docs/operations.md tells fewer units than were counted: {name}, {units}.")


def _measured(aws: LocalAws, tally: Tally, may_end: threading.Event) -> Iterator[tuple[str, Tally, int]]:
    """Each kind with its tally, and by how many it is to be divided."""
    token = sign_in(aws)
    tabs = [Tab(aws, token) for _ in range(JOINERS + 1)]
    _run(tabs[0], "daily_totals", month="2015-11")  # the functions are warm from here on
    for kind, tab in (("missed", tabs[0]), ("cached", tabs[1])):
        _rest(tally)
        tally.clear()
        statement_id = _run(tab, "daily_totals", month="2015-12")["statementId"]
        _rest(tally)
        yield kind, _copy(tally), 1
    for kind, reader in (("rows", token), ("rows, kept", sign_in(aws, "admin@example.com"))):
        tally.clear()
        answer = requests.get(f"{aws.rest_url}/results/{statement_id}", headers={"Authorization": reader}, timeout=20)
        answer.raise_for_status()
        yield kind, _copy(tally), 1
    yield "a page, cached", _of_a_page(tabs[2], tally), PANELS
    yield from _shared(tabs, tally, may_end)
    for tab in tabs:
        tab.close()


def _of_a_page(tab: Tab, tally: Tally) -> Tally:
    """Several runs in one message, all of which are cached."""
    months = [f"2015-{month:02}" for month in range(1, PANELS + 1)]
    for month in months:
        _run(tab, "daily_totals", month=month)
    runs = [
        {"topicName": month, "report": "daily_totals", "runId": str(uuid.uuid4()), "watch": True}
        | {"parameters": {"month": month}}
        for month in months
    ]
    _rest(tally)
    tally.clear()
    tab.send(action="run", runs=runs)
    while (told := tab.receive())["type"] != "batch":  # an earlier end may come twice
        assert told["type"] == "finished", told
    answers = told["messages"]
    assert [answer["type"] for answer in answers] == ["accepted", "finished"] * PANELS, answers
    _rest(tally)
    return _copy(tally)


def _shared(tabs: list[Tab], tally: Tally, may_end: threading.Event) -> Iterator[tuple[str, Tally, int]]:
    """Joining a run that is under way until `may_end` is set, and one subscriber more who is told its end."""
    _rest(tally)
    tally.clear()
    _send(tabs[0], "slow")
    assert tabs[0].receive()["type"] == "accepted"
    yield "missed, slow: until accepted", _copy(tally), 1
    _rest(tally)
    tally.clear()
    for tab in tabs[1:]:
        _send(tab, "slow")
    for tab in tabs[1:]:
        assert tab.receive()["type"] == "accepted"
    _rest(tally)
    yield "joined", _copy(tally, "OnConnect"), JOINERS
    may_end.set()
    for tab in tabs:
        assert tab.receive()["type"] == "finished"
    _rest(tally)
    own = {"PostToConnection", "BatchWriteItem", "DeleteItem"}
    yield "told, one more", _copy(tally, "SendMessage", own), JOINERS + 1


_SCHEDULED = frozenset({"Reconcile", "AnnounceReports", "TurnPages", "RunJobs"})


def _copy(tally: Tally, function: str = "", operations: set[str] | None = None) -> Tally:
    """The calls of a function, or of some operations, alone; without those of what only the time calls."""
    return Tally(
        [
            call
            for call in tally.calls
            if call.function.startswith(function)
            and call.function not in _SCHEDULED
            and (operations is None or call.operation in operations)
        ]
    )


def _line(kind: str, tally: Tally, divisor: int) -> tuple[tuple[str, ...], str]:
    def each(count: float) -> str:
        return f"{count / divisor:g}" if divisor == 1 else f"{count / divisor:.1f}"

    posts = tally.number_of("PostToConnection")
    counted = tally.of("OnConnect"), tally.of("SendMessage"), tally.reads, tally.writes, posts
    money = f"{tally.dollars():.2f}" if divisor == 1 else ""
    return (kind, each(len(tally.calls)), *map(each, counted), money), f"{kind}: {tally.operations()}"


def _send(tab: Tab, report: str, **parameters: str) -> str:
    run_id = str(uuid.uuid4())
    tab.send(action="run", topicName="topic", report=report, parameters=parameters, runId=run_id, watch=True)
    return run_id


def _run(tab: Tab, report: str, **parameters: str) -> dict[str, Any]:
    run_id = _send(tab, report, **parameters)
    while (end := tab.receive(run_id))["type"] == "accepted":
        pass
    assert end["type"] == "finished", end
    return end


def _rest(tally: Tally) -> None:
    """Returns when no function has made a call for a while: what follows an answer is part of its price."""
    seen = -1

    def is_quiet() -> bool:
        nonlocal seen
        before, seen = seen, len(tally.calls)
        if before != seen:
            time.sleep(0.4)
        return before == seen

    until(is_quiet)


def _units(operation: str, params: Mapping[str, Any]) -> Counter[str]:
    requested = params.get("RequestItems", {}).values()
    if operation == "TransactWriteItems":
        return Counter(write=2 * len(params["TransactItems"]))
    if operation == "BatchWriteItem":
        return Counter(write=sum(_write_units(one) for written in requested for one in written))
    if operation == "BatchGetItem":
        return Counter(read=sum(len(one["Keys"]) for one in requested))
    return Counter(write=_WRITTEN.get(operation, 0), read=_READ.get(operation, 0))


def _write_units(request: Mapping[str, Any]) -> int:
    """One for each kilobyte of an item, reckoned by its JSON; one for a delete."""
    return math.ceil(len(json.dumps(request.get("PutRequest", {}).get("Item"), default=str)) / 1024)


@contextmanager
def _held_statements() -> Iterator[threading.Event]:
    """Statements of the slow report end once this is set, however fast the machine is."""
    may_end, execute = threading.Event(), runner.execute

    def held(work: Any, sql: str) -> Any:
        if _HELD in sql and not may_end.wait(HELD_SECONDS):
            raise TimeoutError(f"others have not joined within {HELD_SECONDS} s")
        return execute(work, sql)

    with patch.object(runner, "execute", held):
        try:
            yield may_end
        finally:
            may_end.set()


@contextmanager
def _laptop() -> Iterator[tuple[LocalAws, Tally]]:
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="pushboard-bench-") as folder, every_call(tally.note):
        repo = copy_of_the_project(Path(folder) / "pushboard")
        (repo / "sql/reports/operations/slow.sql").write_text(_HEADER + _SLOW)
        with running(Path(folder) / "var", repo, sample=Simulated(2_000)) as aws:
            yield aws, tally
