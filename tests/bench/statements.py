"""What a short statement costs the laptop's Data API beside DuckDB: processor time from the call to its event.

The statement is a shipped report on a small table. Texts are read once: the same text again, with the same values or
others, is to cost little more than DuckDB itself.
"""

import itertools
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from backend_lambdas.reports import sql_text
from infra.local.redshift_data import RedshiftData
from infra.redshift_sql.grammar import duckdb_sql
from infra.redshift_sql.parse import statement_of, tree_of
from infra.redshift_sql.rewrite import rewritten, translated
from infra.warehouse.column_metadata import TableColumns
from infra.warehouse.name_resolution import Relations
from tests import shipped_reports
from tests.bench.measuring import Contestant, in_turn
from tests.bench.outcome.measures import Measure
from tests.bench.tables import Table

ROUNDS = 60
SQL = Path(__file__).parents[2] / "sql"
REPORT = SQL / "reports" / "operations" / "daily_totals.sql"
CALLER = "arn:aws:iam::000000000000:user/admin"
TARGET = {"ClusterIdentifier": "analytics-1", "Database": "dev", "DbUser": "awsuser", "WithEvent": True}
ROWS = """INSERT INTO nyc_yellow_taxi (pickup_date, pickup_datetime, total_amount, fare_amount, trip_distance)
          SELECT date '2015-12-01', timestamp '2015-12-01 10:00:00', 12.5, 10.0, 2.5"""


@dataclass
class Statements:
    """The service, and the processor time of one statement until its event."""

    service: RedshiftData
    ended: threading.Semaphore

    def cost(self, sql: str, **values: str) -> float:
        """Seconds of processor of the whole process; raises `RuntimeError` for a statement that fails."""
        request: dict[str, Any] = {"Sql": sql, **TARGET}
        if values:
            request["Parameters"] = [{"name": name, "value": value} for name, value in values.items()]
        began = time.process_time()
        identifier = self.service.call("ExecuteStatement", request, CALLER)["Id"]
        if not self.ended.acquire(timeout=60):
            raise RuntimeError("no event came within a minute")
        spent = time.process_time() - began
        about = self.service.call("DescribeStatement", {"Id": identifier}, CALLER)
        if about["Status"] != "FINISHED":
            raise RuntimeError(about.get("Error", about["Status"]))
        return spent


def suite(rounds: int = ROUNDS) -> Iterator[object]:
    """Medians of so many statements of each kind, in turn."""
    with _statements() as statements, _duckdb(statements.service) as cursor:
        sql = shipped_reports.load(REPORT).sql
        months = itertools.cycle([f"{year}-{month:02}" for year in range(2001, 2011) for month in range(1, 13)])
        numbers = itertools.count()
        alone = _alone(cursor, sql)
        contestants = [
            Contestant("DuckDB alone", alone, rounds),
            Contestant("the same again", lambda: statements.cost(sql, month="2015-12"), rounds),
            Contestant("other values", lambda: statements.cost(sql, month=next(months)), rounds),
            Contestant("a new text", lambda: statements.cost(f"{sql} -- {next(numbers)}", month="2015-12"), rounds),
        ]
        found = in_turn(contestants)
    base = found["DuckDB alone"]
    lines = [(name, f"{spent * 1000:.1f} ms", f"{(spent - base) * 1000:.1f} ms") for name, spent in found.items()]
    yield Table(f"One short statement, median of {rounds}", ("statement", "processor", "beside DuckDB"), lines)
    for name in ("the same again", "other values"):
        yield Measure(name.replace(" ", "_"), found[name] * 1000, "ms", goes=rounds, beside=base * 1000)


@contextmanager
def _statements() -> Iterator[Statements]:
    ended = threading.Semaphore(0)
    with tempfile.TemporaryDirectory(prefix="pushboard-bench-") as folder:
        service = RedshiftData(Path(folder) / "dev.duckdb", publish=lambda _: ended.release(), objects=lambda _: [])
        statements = Statements(service, ended)
        try:
            (create,) = sql_text.statements((SQL / "setup" / "10_tables.sql").read_text(encoding="utf-8"))
            statements.cost(create)
            for _ in range(3):
                statements.cost(ROWS)
            yield statements
        finally:
            service.close()


@contextmanager
def _duckdb(service: RedshiftData) -> Iterator[duckdb.DuckDBPyConnection]:
    cursor = service.engine.cursor()
    try:
        yield cursor
    finally:
        cursor.close()


def _alone(cursor: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The translated query run by DuckDB itself; its own processor time."""
    tree = rewritten(tree_of(statement_of(sql), {"month": "2015-12"}), "awsuser")
    Relations(cursor, "dev").read_by(tree)
    translated(tree, TableColumns(cursor).types)
    text = duckdb_sql(tree)

    def go() -> float:
        began = time.process_time()
        cursor.execute(text).fetchall()
        return time.process_time() - began

    return go
