"""Ten runs at once over a plain WebSocket: the processor time that they cost the laptop's AWS, and how long they take.

The reports are the Finance page's. Uncached runs are statements of their own (`refresh`); cached ones join finished
ones. The last round is once more with many rows of other people in the table of runs.
"""

import json
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.site import running
from tests.bench.tables import Table
from tests.e2e.clients import Client
from tests.e2e.conftest import FINANCE, Stack

RUNS = 10
TRIP_ROWS = "120000"
OTHER_ROWS = 5_000
_MONTHS = ("2015-11", "2015-10")
_TABLE = "client_connections"
_BATCH = 25
_TICKS = os.sysconf("SC_CLK_TCK")

Run = tuple[str, str]
"""A report and its month."""


@dataclass(frozen=True)
class Cost:
    """Of ten runs: seconds of processor in the runtime's process, and until the last is told."""

    processor: float
    elapsed: float


def suite(rounds: int = 5) -> Table:
    """Median of `rounds` of each kind, after one round that nobody measures."""
    with _stack() as stack:
        client = Client(stack, FINANCE)
        try:
            runs = _runs(stack, client.token)
            lines = _measured(stack, client, runs, rounds, "")
            fill(stack, OTHER_ROWS)
            lines += _measured(stack, client, runs, rounds, f", {OTHER_ROWS:,} other rows in the table")
        finally:
            client.close()
    return Table(f"{RUNS} runs at once, median of {rounds}", ("runs", "processor", "until the last"), lines)


def ten(stack: Stack, client: Client, runs: list[Run], refresh: bool) -> Cost:
    """Ten runs sent at once, until each has finished."""
    before, began = processor(stack.pid), time.perf_counter()
    for report, month in runs:
        client.run(report, {"month": month}, refresh=refresh)
    for _ in runs:
        said = client.until("finished", "failed", "rejected", "cancelled")
        assert said["type"] == "finished", said
    elapsed = time.perf_counter() - began
    _rest(stack.pid)
    return Cost(processor(stack.pid) - before, elapsed)


def processor(pid: int) -> float:
    """Seconds of processor that a process has taken, its threads included, its children not."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def fill(stack: Stack, rows: int) -> None:
    """Rows of finished statements that nobody asks about, as a day of other people leaves them."""
    dynamodb = stack.client("dynamodb")
    for start in range(0, rows, _BATCH):
        puts = [{"PutRequest": {"Item": _row()}} for _ in range(min(_BATCH, rows - start))]
        dynamodb.batch_write_item(RequestItems={_TABLE: puts})


def _row() -> dict[str, dict[str, str]]:
    values = {"pk": f"statement#{uuid.uuid4()}", "sk": "statement", "report": "revenue", "department": "finance"}
    return {**{name: {"S": value} for name, value in values.items()}, "expiresAt": {"N": "4102444800"}}


def _rest(pid: int) -> None:
    """Returns when the process has nearly nothing to do: what follows an answer is part of its price."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        before = processor(pid)
        time.sleep(0.2)
        if processor(pid) - before <= 2 / _TICKS:
            return


def _measured(stack: Stack, client: Client, runs: list[Run], rounds: int, where: str) -> list[tuple[str, ...]]:
    lines = []
    for kind, refresh in (("uncached", True), ("cached", False)):
        costs = [ten(stack, client, runs, refresh) for _ in range(rounds + 1)][1:]
        processor_time = statistics.median(cost.processor for cost in costs)
        elapsed = statistics.median(cost.elapsed for cost in costs)
        lines.append((kind + where, f"{processor_time:.2f} s", f"{elapsed * 1000:.0f} ms"))
    return lines


def _runs(stack: Stack, token: str) -> list[Run]:
    """Ten different ones, of reports that take a month and nothing else."""
    listed = json.loads(stack.rest("/reports", token).text)["reports"]
    fit = [one["id"] for one in listed if [parameter["name"] for parameter in one["parameters"]] == ["month"]]
    different = [(report, month) for month in _MONTHS for report in fit]
    assert len(different) >= RUNS, f"only {len(different)} different runs"
    return different[:RUNS]


@contextmanager
def _stack() -> Iterator[Stack]:
    with (
        tempfile.TemporaryDirectory(prefix="pushboard-bench-") as folder,
        running(Stack(Path(folder) / "var", ("--rows", TRIP_ROWS))) as stack,
    ):
        yield stack
