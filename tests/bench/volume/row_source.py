"""The rows that are taken away: eight columns of the kinds that business reports have, as many as are wanted."""

from pathlib import Path

import duckdb
import pandas as pd

WARM_UP = 1_000


def select(rows: int) -> str:
    """The SELECT of so many rows, up to ten million; Redshift and DuckDB take it in the same sense."""
    digits = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))
    number = " + ".join(f"ten_{place}.d * {10**place}" for place in range(7))
    tens = ", ".join(f"ten AS ten_{place}" for place in range(7))
    return f"""WITH ten AS ({digits}), numbers AS (SELECT {number} AS n FROM {tens})
SELECT
    CAST(n AS bigint) AS trip,
    DATE '2015-01-01' + CAST(n % 365 AS integer) AS day,
    CAST('2015-12-01 08:00:00' AS timestamp) AS picked_up,
    'Zone ' || CAST(n % 263 AS varchar) AS zone,
    CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN 'card' WHEN 2 THEN 'cash' ELSE 'no charge, disputed' END AS payment,
    CAST(n % 100000 AS decimal(12, 2)) AS fare,
    CAST(n % 997 AS double precision) * CAST('0.1' AS double precision) AS miles,
    n % 3 = 0 AS airport
FROM numbers WHERE n < {rows}"""


def report(rows: int) -> str:
    """The file of a report of these rows; nothing is kept, so that each run is a run."""
    return f"/*---\ntitle: {rows} trips\nchart: {{type: table}}\ntimeout: 10m\ncache: 0s\n---*/\n{select(rows)}\n"


def copy(rows: int, file: Path, settings: str) -> None:
    """DuckDB's own COPY of the rows, with as many threads as the laptop's warehouse has."""
    with duckdb.connect(config={"threads": "2"}) as connection:
        connection.execute(f"COPY ({select(rows)}) TO '{file}' ({settings})")


def frame(rows: int) -> pd.DataFrame:
    """The rows as pandas has them."""
    with duckdb.connect(config={"threads": "2"}) as connection:
        return connection.execute(select(rows)).df()
