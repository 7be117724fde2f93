"""Many at once: one statement for all who ask the same, and an end for each, within the Data API's rates.

Plain WebSocket clients of the laptop's gateway, each in a thread of its own.
"""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import websocket

from infra.local.cloudformation.deployment import CLUSTER
from infra.local.endpoint.awsjson import ServiceError
from infra.local.redshift_data.throttle import RATES, Throttle
from infra.local.runtime import LocalAws
from infra.sample import Simulated
from tests.infra.local.laptop import Tab, client, copy_of_the_project, running, sign_in, until

CROWD = 200
USERS = ("ops@example.com", "admin@example.com")
MOST = CROWD // len(USERS) + 30
"""Sockets that one user may have here; each of them looks for a place among the user's others."""

PATIENCE = 240
"""Seconds after which a client of a crowd is lost: a deadline, not a promise."""

TERMINAL = {"finished", "failed", "cancelled", "rejected"}

WITHIN_THE_RATES = {("finished", None), ("rejected", "too_busy"), ("failed", "too_busy")}

NUMBERED = """/*---
title: Numbered
parameters:
  number: {type: integer, label: Number, default: 1, min: 1, max: 10000}
chart: {type: number, value: trips}
cache: 15m
timeout: 60s
---*/
SELECT count(*) + :number::integer AS trips FROM nyc_yellow_taxi
"""


pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A laptop with one report more, of which every number is a question of its own."""
    repo = copy_of_the_project(tmp_path_factory.mktemp("project"))
    (repo / "sql" / "reports" / "operations" / "numbered.sql").write_text(NUMBERED)
    backend = CLUSTER | {"MaxSocketsPerUser": str(MOST)}
    with running(tmp_path_factory.mktemp("var"), repo, sample=Simulated(20_000), backend=backend) as laptop:
        yield laptop


@pytest.fixture(scope="module")
def crowd(aws: LocalAws) -> Iterator[list[Tab]]:
    """Open sockets of some users."""
    tokens = [sign_in(aws, email) for email in USERS]
    with ThreadPoolExecutor(16) as pool:
        tabs = list(pool.map(lambda number: Tab(aws, tokens[number % len(tokens)], PATIENCE), range(CROWD)))
    yield tabs
    for tab in tabs:
        tab.close()


def end_of(tab: Tab, number: int, barrier: threading.Barrier | None = None) -> dict[str, Any]:
    """Asks, when the others do, and waits for the end."""
    if barrier:
        barrier.wait(PATIENCE)
    run_id = str(uuid.uuid4())
    tab.send(action="run", topicName="t", report="numbered", parameters={"number": str(number)}, runId=run_id)
    return wait_for_end(tab, run_id)


def wait_for_end(tab: Tab, run_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        message = tab.receive()
        assert "type" in message, message
        if message["type"] in TERMINAL and message.get("runId") == run_id:
            return message
    raise AssertionError(f"run {run_id} has no end")


def all_ends(tabs: list[Tab], numbers: list[int]) -> list[dict[str, Any]]:
    barrier = threading.Barrier(len(tabs))
    with ThreadPoolExecutor(len(tabs)) as pool:
        return list(pool.map(end_of, tabs, numbers, [barrier] * len(tabs)))


def statements(aws: LocalAws) -> list[dict[str, Any]]:
    """Every statement of ours there was, as `aws redshift-data list-statements` tells it."""
    pages = (
        client(aws, "redshift-data").get_paginator("list_statements").paginate(StatementName="pushboard/", Status="ALL")
    )
    return [statement for page in pages for statement in page["Statements"]]


def new_statements(aws: LocalAws, before: list[dict[str, Any]]) -> int:
    return len(statements(aws)) - len(before)


def test_200_who_ask_the_same_cost_one_statement(aws: LocalAws, crowd: list[Tab]) -> None:
    before = statements(aws)
    ends = all_ends(crowd, [1] * CROWD)
    assert Counter(end["type"] for end in ends) == {"finished": CROWD}
    assert len({end["statementId"] for end in ends}) == 1
    assert new_statements(aws, before) == 1


def test_200_who_ask_20_things_cost_20_statements(aws: LocalAws, crowd: list[Tab]) -> None:
    before = statements(aws)
    ends = all_ends(crowd, [1000 + position % 20 for position in range(CROWD)])
    assert Counter(end["type"] for end in ends) == {"finished": CROWD}
    assert len({end["statementId"] for end in ends}) == 20
    assert new_statements(aws, before) == 20


def test_of_a_crowd_that_opens_at_once_exactly_so_many_come_in_and_others_meanwhile(
    aws: LocalAws, crowd: list[Tab]
) -> None:
    """As many as one user may have open; another user's socket does not wait for the last of them."""
    free = MOST - len(crowd) // len(USERS)
    token, opened = sign_in(aws), list[Tab]()
    answered = list[str]()

    def open_one(_: int) -> None:
        try:
            opened.append(Tab(aws, token, PATIENCE))
            answered.append("opened")
        except websocket.WebSocketBadStatusException as refusal:
            answered.append(str(refusal.status_code))

    other = sign_in(aws, "finance@example.com")
    with ThreadPoolExecutor(CROWD) as pool:
        attempts = [pool.submit(open_one, number) for number in range(CROWD)]
        until(lambda: bool(answered))
        Tab(aws, other, PATIENCE).close()
        answered.append("other")
    for attempt in attempts:
        attempt.result()
    for tab in opened:
        tab.close()
    assert Counter(answered) == {"opened": free, "429": CROWD - free, "other": 1}
    assert answered.index("other") < len(answered) // 2, "it stood in line with the crowd"


@contextmanager
def rates(aws: LocalAws) -> Iterator[None]:
    """The Data API takes so many requests a second, as on AWS."""
    aws.warehouse.limits.enforce_rates = True
    try:
        yield
    finally:
        aws.warehouse.limits.enforce_rates = False


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the Data API had too much of an operation, counted while it goes on as ever."""
    counted: Counter[str] = Counter()
    take = Throttle.take

    def counting(throttle: Throttle, operation: str) -> None:
        try:
            take(throttle, operation)
        except ServiceError:
            counted[operation] += 1
            raise

    monkeypatch.setattr(Throttle, "take", counting)
    return counted


def test_300_different_runs_at_once_all_end_within_the_rates(aws: LocalAws, crowd: list[Tab]) -> None:
    """None is refused for anything but `too_busy`, and that only after it waited."""
    before, count = statements(aws), 300
    with rates(aws):
        ends = Counter(ends_of_all(burst(crowd, range(2000, 2000 + count))))
    assert ends.total() == count
    assert set(ends) <= WITHIN_THE_RATES, ends
    assert ends["finished", None] == new_statements(aws, before)


def test_what_comes_faster_than_the_rate_queues_and_ends(
    aws: LocalAws, crowd: list[Tab], refusals: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At two statements a second, so that any machine is faster than the warehouse."""
    monkeypatch.setitem(RATES, "ExecuteStatement", 2)
    before = statements(aws)
    with rates(aws):
        ends = Counter(ends_of_all(burst(crowd, range(3000, 3020))))
    assert refusals["ExecuteStatement"]
    assert ends.total() == 20
    assert set(ends) <= WITHIN_THE_RATES, ends
    assert ends["finished", None] == new_statements(aws, before) > 0


def burst(crowd: list[Tab], numbers: Iterable[int]) -> dict[str, Tab]:
    """Asks each number at once; who waits for which run."""
    asked: dict[str, Tab] = {}
    for position, number in enumerate(numbers):
        tab, run_id = crowd[position % len(crowd)], f"burst-{number}"
        tab.send(action="run", topicName="t", report="numbered", parameters={"number": str(number)}, runId=run_id)
        asked[run_id] = tab
    return asked


def ends_of_all(asked: dict[str, Tab]) -> list[tuple[str, str | None]]:
    """The type and code of every run's end; one socket may carry several."""
    by_tab: dict[int, list[str]] = {}
    for run_id, tab in asked.items():
        by_tab.setdefault(id(tab), []).append(run_id)
    tabs = {id(tab): tab for tab in asked.values()}

    def wait(key: int) -> list[tuple[str, str | None]]:
        open_runs, ends = set(by_tab[key]), []
        deadline = time.monotonic() + PATIENCE
        while open_runs:
            assert time.monotonic() < deadline, f"no end of {open_runs}"
            message = tabs[key].receive()
            assert "type" in message, message
            if message["type"] in TERMINAL and message.get("runId") in open_runs:
                open_runs.remove(message["runId"])
                ends.append((message["type"], message.get("code")))
        return ends

    with ThreadPoolExecutor(len(by_tab)) as pool:
        return [end for ends in pool.map(wait, by_tab) for end in ends]
