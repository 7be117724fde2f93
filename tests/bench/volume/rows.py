"""Trips in the warehouse, from a million to all 146 million of 2015: how long they load, what reports on them cost.

Ours is `python -m infra.local --rows N`, from its start until the dashboard answers, and then reports on all trips, run
anew, from the message to `finished`. Beside it DuckDB alone, with as many threads and as much memory: it loads the same
Parquet files into a table, and runs the same queries on the warehouse's own file once ours has ended. The files are
made before that, where ours looks for them.
"""

import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from infra.sample import Simulated, prepare
from tests.bench import bounds, requirements
from tests.bench.measuring import seconds
from tests.bench.memory import growth_of_site
from tests.bench.outcome.measures import Measure, of_goes
from tests.bench.site import publish
from tests.bench.tables import Table
from tests.e2e.clients import Client
from tests.e2e.conftest import OPS, Stack

QUERIES = {
    "trips_by_day": """SELECT pickup_date, count(*) AS trips, sum(total_amount) AS revenue
FROM public.nyc_yellow_taxi GROUP BY pickup_date ORDER BY pickup_date""",
    "trips_by_payment": """SELECT payment_type, passenger_count, count(*) AS trips, sum(trip_distance) AS miles
FROM public.nyc_yellow_taxi GROUP BY payment_type, passenger_count ORDER BY payment_type, passenger_count""",
    "trips_by_hour": """SELECT extract(hour FROM pickup_datetime) AS hour, count(*) AS trips, max(fare_amount) AS most
FROM public.nyc_yellow_taxi GROUP BY 1 ORDER BY 1""",
}
"""Over all rows, in words that Redshift and DuckDB understand alike."""

ALL_TRIPS = 146_000_000
"""From so many rows on, a report may take a tenth longer than DuckDB does; with fewer, messages are most of it."""

_CONFIG = {"threads": "2", "memory_limit": "320MB"}


@dataclass(frozen=True)
class Loaded:
    """What one number of rows came to: seconds, and MB of the laptop's AWS."""

    rows: int
    load: float
    load_beside: float
    reports: Mapping[str, Sequence[float]]
    reports_beside: Mapping[str, Sequence[float]]
    growth: float


def suite(counts: Sequence[int]) -> Iterator[object]:
    """Each number of rows in turn, with a site of its own."""
    for count in counts:
        requirements.disk(bounds.TRIP_BYTES * count)
        requirements.memory(bounds.ROWS_MEMORY)
        loaded = _loaded(count)
        yield _table(loaded)
        yield from _measures(loaded)


def _loaded(count: int) -> Loaded:
    with tempfile.TemporaryDirectory(prefix="pushboard-bench-") as folder:
        var = Path(folder) / "var"
        prepare(Simulated(count), var / "sample")
        stack = Stack(var, ("--rows", str(count)), start_seconds=bounds.LOAD_SECONDS)
        load = seconds(stack.start)
        try:
            publish(stack, {name: _report(sql) for name, sql in QUERIES.items()})
            with growth_of_site(stack.pid) as growth:
                reports = _reports(stack)
        finally:
            stack.stop()
        load_beside = seconds(lambda: _load_alone(var, Path(folder)))
        alone = {name: _alone(var / "dev.duckdb", sql, count) for name, sql in QUERIES.items()}
        return Loaded(count, load, load_beside, reports, alone, growth.megabytes("runtime"))


def _report(sql: str) -> str:
    return f"/*---\ntitle: All trips\nchart: {{type: table}}\ntimeout: 10m\ncache: 0s\n---*/\n{sql}\n"


def _reports(stack: Stack) -> Mapping[str, Sequence[float]]:
    """The seconds of each go, on one open socket; each report has run before."""
    client = Client(stack, OPS, timeout=bounds.ANSWER_SECONDS)
    try:
        for name in QUERIES:
            _run(client, name)
        return {name: [seconds(partial(_run, client, name)) for _ in range(bounds.REPORT_GOES)] for name in QUERIES}
    finally:
        client.close()


def _run(client: Client, name: str) -> None:
    """Returns with the end of this run; that of the one before may come a second time."""
    run_id = client.run(name, {}, refresh=True)
    end = client.until("finished", "failed", "cancelled", "rejected")
    while end["runId"] != run_id:
        end = client.until("finished", "failed", "cancelled", "rejected")
    assert end["type"] == "finished", end


def _alone(database: Path, sql: str, count: int) -> Sequence[float]:
    """The seconds of each go, on a connection that has run it once. The table has all rows, or nothing was measured."""
    with duckdb.connect(str(database), read_only=True, config=_CONFIG) as connection:
        (found,) = connection.execute("SELECT count(*) FROM public.nyc_yellow_taxi").fetchone() or (0,)
        assert found == count, f"the warehouse has {found:,} trips, not {count:,}"
        connection.execute(sql).fetchall()
        return [seconds(lambda: connection.execute(sql).fetchall()) for _ in range(bounds.REPORT_GOES)]


def _load_alone(var: Path, folder: Path) -> None:
    """The same files into a table of a database of its own."""
    with duckdb.connect(str(folder / "alone.duckdb"), config=_CONFIG) as connection:
        files = f"{var}/sample/**/*.parquet"
        connection.execute(f"CREATE TABLE trips AS FROM read_parquet('{files}')")


def _table(loaded: Loaded) -> Table:
    told = [("load", f"{loaded.load:.1f} s", f"{loaded.load_beside:.1f} s", f"{loaded.load / loaded.load_beside:.2f}")]
    for name, goes in loaded.reports.items():
        ours, alone = statistics.median(goes), statistics.median(loaded.reports_beside[name])
        told.append((name, f"{ours * 1e3:.0f} ms", f"{alone * 1e3:.0f} ms", f"{ours / alone:.2f}"))
    notes = [f"While reports ran, the laptop's AWS grew by {loaded.growth:.0f} MB; the warehouse may have 320 MB."]
    return Table(f"{loaded.rows:,} trips", ("", "Pushboard", "DuckDB alone", "ratio"), told, notes)


def _measures(loaded: Loaded) -> Iterator[Measure]:
    millions = f"{loaded.rows / 1e6:g}m"
    targets = {"ratio_at_most": 1.1} if loaded.rows >= ALL_TRIPS else {}
    yield Measure(f"load_{millions}", loaded.load, "s", beside=loaded.load_beside)
    for name, goes in loaded.reports.items():
        yield of_goes(f"{name}_{millions}", goes, "s", loaded.reports_beside[name], **targets)
    yield Measure(f"growth_{millions}", loaded.growth, "MB")
