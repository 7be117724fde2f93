"""What one run asks of AWS: the functions' calls, DynamoDB's units, messages, and dollars for a million of them.

Counted from the real clients while runs go through the laptop's AWS, in this process. Calls of one invocation come one
after another, but for those to many subscribers. Units are those of items of up to 1 KB written and 4 KB read; prices
are those of us-east-1, on demand, without free tiers.
"""

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

import boto3
import requests
from botocore.model import OperationModel

from infra.local.runtime import LocalAws
from infra.local.sample import Simulated
from tests.bench.tables import Table
from tests.infra.local.laptop import Tab, copy_of_the_project, running, sign_in, until

JOINERS = 6
_HEADER = "/*---\ntitle: Slow\nchart: {type: table}\ncache: 15m\n---*/\n"
_SLOW = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 400000) SELECT count(*) AS n FROM r"

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


@dataclass
class Tally:
    """The calls since it was cleared: function and operation, once for each call, and DynamoDB's units."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, params: Mapping[str, Any], model: OperationModel, **_: Any) -> None:
        """Called for each call of a client; those of the suite itself are nobody's."""
        function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        if function is None:
            return
        with self._lock:
            self.calls[function.removesuffix("Function"), model.name] += 1
            if model.service_model.service_name == "dynamodb":
                self.units += _units(model.name, params)

    def of(self, *functions: str) -> int:
        """How many calls these functions made."""
        return sum(count for (function, _), count in self.calls.items() if function in functions)

    def operations(self) -> str:
        """Each operation with its number, the most frequent first."""
        named: Counter[str] = Counter()
        for (_, operation), count in self.calls.items():
            named[operation] += count
        return ", ".join(f"{name} {count}" for name, count in named.most_common())

    def clear(self) -> None:
        """Begins anew."""
        with self._lock:
            self.calls.clear()
            self.units.clear()

    def dollars(self) -> float:
        """What a million of the same would cost of DynamoDB, S3 and messages."""
        posts = sum(count for (_, name), count in self.calls.items() if name == "PostToConnection")
        objects = sum(_DOLLARS.get(name, 0) * count for (_, name), count in self.calls.items())
        units = sum(_DOLLARS[kind] * count for kind, count in self.units.items())
        return units + objects + _DOLLARS["message"] * (posts + 1)


def suite() -> Table:
    """One run of each kind, of a warm function."""
    with _laptop() as (aws, tally):
        lines = [_line(*part) for part in _measured(aws, tally)]
    head = ("kind", "calls", "of OnConnect", "of SendMessage", "reads", "writes", "messages", "$ a million")
    return Table("What a run asks of AWS", head, [line for line, _ in lines], [note for _, note in lines])


def _measured(aws: LocalAws, tally: Tally) -> Iterator[tuple[str, Tally, int]]:
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
    yield from _shared(tabs, tally)
    for tab in tabs:
        tab.close()


def _shared(tabs: list[Tab], tally: Tally) -> Iterator[tuple[str, Tally, int]]:
    """Joining a run that is under way, and one subscriber more who is told its end."""
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
    yield "joined", _copy(tally, "OnConnect"), JOINERS
    for tab in tabs:
        assert tab.receive()["type"] == "finished"
    _rest(tally)
    own = {"PostToConnection", "BatchWriteItem", "DeleteItem"}
    yield "told, one more", _copy(tally, "SendMessage", own), JOINERS + 1


def _copy(tally: Tally, function: str = "", operations: set[str] | None = None) -> Tally:
    chosen = {
        key: count
        for key, count in tally.calls.items()
        if key[0].startswith(function) and (operations is None or key[1] in operations)
    }
    return Tally(Counter(chosen), Counter() if function else tally.units.copy())


def _line(kind: str, tally: Tally, divisor: int) -> tuple[tuple[str, ...], str]:
    def each(count: float) -> str:
        return f"{count / divisor:g}" if divisor == 1 else f"{count / divisor:.1f}"

    posts = sum(count for (_, name), count in tally.calls.items() if name == "PostToConnection")
    counted = tally.of("OnConnect"), tally.of("SendMessage"), tally.units["read"], tally.units["write"], posts
    money = f"{tally.dollars():.2f}" if divisor == 1 else ""
    return (kind, each(sum(tally.calls.values())), *map(each, counted), money), f"{kind}: {tally.operations()}"


def _send(tab: Tab, report: str, **parameters: str) -> None:
    run_id = str(uuid.uuid4())
    tab.send(action="run", topicName="topic", report=report, parameters=parameters, runId=run_id)


def _run(tab: Tab, report: str, **parameters: str) -> dict[str, Any]:
    end = tab.run(report, str(uuid.uuid4()), **parameters)[-1]
    assert end["type"] == "finished", end
    return end


def _rest(tally: Tally) -> None:
    """Returns when no function has made a call for a while: what follows an answer is part of its price."""
    seen = -1

    def is_quiet() -> bool:
        nonlocal seen
        before, seen = seen, sum(tally.calls.values())
        if before != seen:
            time.sleep(0.4)
        return before == seen

    until(is_quiet)


def _units(operation: str, params: Mapping[str, Any]) -> Counter[str]:
    requested = params.get("RequestItems", {}).values()
    if operation == "TransactWriteItems":
        return Counter(write=2 * len(params["TransactItems"]))
    if operation == "BatchWriteItem":
        return Counter(write=sum(map(len, requested)))
    if operation == "BatchGetItem":
        return Counter(read=sum(len(one["Keys"]) for one in requested))
    return Counter(write=_WRITTEN.get(operation, 0), read=_READ.get(operation, 0))


@contextmanager
def _laptop() -> Iterator[tuple[LocalAws, Tally]]:
    with tempfile.TemporaryDirectory(prefix="pushboard-bench-") as folder, _counted() as tally:
        repo = copy_of_the_project(Path(folder) / "pushboard")
        (repo / "sql/reports/operations/slow.sql").write_text(_HEADER + _SLOW)
        with running(Path(folder) / "var", repo, sample=Simulated(2_000)) as aws:
            yield aws, tally


@contextmanager
def _counted() -> Iterator[Tally]:
    """Within it, every session of boto3 that is made tells the tally what its clients are asked for."""
    tally, make = Tally(), boto3.session.Session.__init__

    def made(session: Any, *arguments: Any, **named: Any) -> None:
        make(session, *arguments, **named)
        session.events.register("provide-client-params", tally.note)

    boto3.session.Session.__init__ = made  # type: ignore[method-assign]
    try:
        yield tally
    finally:
        boto3.session.Session.__init__ = make  # type: ignore[method-assign]
