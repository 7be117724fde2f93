"""Has the trips loaded into the warehouse by the function that does so on AWS, asked as `make deploy` asks it.

Used by `runtime`, once the trips are in S3 and the warehouse is set up.
"""

from collections.abc import Callable
from typing import Any

import duckdb

Invoke = Callable[[str, dict[str, Any]], Any]

FUNCTION = "LoadRedshiftFunction"
MOST_CALLS = 30
"""Each waits for 40 s."""


class LoadFailed(Exception):
    """The trips could not be loaded; the message is one sentence for the person at the terminal."""


def is_loaded(cursor: duckdb.DuckDBPyConnection, path: str) -> bool:
    """Whether the warehouse notes that these trips are loaded; closes the cursor.

    The function would say so, too, but importing it takes longer than everything else that a second start does.
    """
    try:
        return (path,) in cursor.execute("SELECT s3_path FROM public.trips_loaded").fetchall()
    finally:
        cursor.close()


def load(invoke: Invoke) -> None:
    """Loads the trips unless they are loaded; raises `LoadFailed`."""
    answer = invoke(FUNCTION, {})
    for _ in range(MOST_CALLS):
        if answer["state"] != "loading":
            break
        answer = invoke(FUNCTION, {"statementId": answer["statementId"]})
    if answer["state"] in {"failed", "loading"}:
        raise LoadFailed(f"The trips could not be loaded: {answer.get('reason', 'it takes too long')}")
