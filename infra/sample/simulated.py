"""Simulated trips of the year 2015, one Parquet file a month; called by `prepared`.

The shape of a month is in `simulated_trips.sql`; here is how many trips each month has.
"""

import datetime
import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from infra.sample import parquet_files
from infra.sample.workshop import THREADS, SampleError, statement, workshop

YEAR = 2015

# Yellow cab trips of 2015 as the TLC published them, in units of ten thousand.
MONTHLY_VOLUMES = (1275, 1245, 1335, 1307, 1316, 1232, 1156, 1113, 1123, 1232, 1131, 1146)

# The same trip and n always give the same number: nothing depends on a seed, a thread or the order of rows.
MACROS = (
    "CREATE TEMP MACRO draw(trip, n) AS hash(CAST(trip AS BIGINT) * 64 + n) / 18446744073709551616.0",
    # Box and Muller's way from two even draws to a normal one; the factor keeps the logarithm away from zero.
    "CREATE TEMP MACRO bell(trip, n) AS "
    "sqrt(-2 * ln(1 - 0.9999999 * draw(trip, n))) * cos(2 * pi() * draw(trip, n + 1))",
)


def simulate(rows: int, workdir: Path) -> tuple[Path, ...]:
    """Write exactly `rows` trips into `workdir`, spread over the months as in 2015, and return the files.

    One month is written while DuckDB makes another.
    """
    if rows < 1:
        raise SampleError(f"The sample needs at least one row, not {rows}.")
    months = [(month, volume) for month, volume in enumerate(monthly_rows(rows), start=1) if volume]
    with workshop(workdir) as connection, ThreadPoolExecutor(THREADS) as pool:
        return tuple(pool.map(lambda one: _write_month(connection, one[0], one[1], workdir), months))


def monthly_rows(rows: int) -> list[int]:
    """`rows` thinned over the twelve months in proportion to the published volumes; adds up to `rows` exactly."""
    marks = [rows * sum(MONTHLY_VOLUMES[:months]) // sum(MONTHLY_VOLUMES) for months in range(13)]
    return [end - start for start, end in itertools.pairwise(marks)]


def _write_month(connection: duckdb.DuckDBPyConnection, month: int, rows: int, workdir: Path) -> Path:
    """A cursor has variables and macros of its own."""
    path = workdir / f"trips_{YEAR}-{month:02}.parquet"
    with connection.cursor() as cursor:
        for macro in MACROS:
            cursor.execute(macro)
        cursor.execute("SET VARIABLE month_start = ?", [datetime.date(YEAR, month, 1)])
        cursor.execute("SET VARIABLE month_rows = CAST(? AS BIGINT)", [rows])
        parquet_files.write(cursor.sql(statement("simulated_trips.sql")), path)
    return path
