"""Loads of the table that every report reads: a row more or two, and the event that says so; and what was run since."""

import datetime
import json
import time
from dataclasses import dataclass, field
from typing import Any

from backend_lambdas.aws.warehouse import STATEMENT_NAMES
from tests.e2e.conftest import Stack

TABLE = "public.nyc_yellow_taxi"
ROW_SQL = """
INSERT INTO public.nyc_yellow_taxi (
    pickup_date, pickup_datetime, dropoff_datetime, ratecode, passenger_count, trip_distance, fare_amount, total_amount,
    payment_type, vendorid
)
SELECT
    date '2015-12-15', timestamp '2015-12-15 10:00:00', timestamp '2015-12-15 10:20:00', 1, 2, 1.2, 250.0, 262.5,
    1 + {number} % 4, 'Creative Mobile'
"""
"""A trip of the month on which the pages open: it is in every panel, or near."""

_TARGET = {"ClusterIdentifier": "pushboard", "Database": "dev", "DbUser": "awsuser"}
_LOADED_SECONDS = 20


def row_sql(number: int) -> str:
    """The statement of one load of one row, for Redshift and for DuckDB."""
    return ROW_SQL.format(number=number)


@dataclass
class Loads:
    """Loads into the laptop's warehouse by its administrator, and the statements that Pushboard ran meanwhile."""

    stack: Stack
    _data: Any = None
    _events: Any = None
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._data, self._events = self.stack.client("redshift-data"), self.stack.client("events")

    def load(self, number: int) -> float:
        """Changes a row, or two; returns when the event that says so was put, in seconds since 1970."""
        for row in range(1 + number % 2):
            self._execute(row_sql(number + row))
        put_at = time.time()
        moment = datetime.datetime.fromtimestamp(put_at, datetime.UTC).isoformat()
        detail = json.dumps({"tables": [TABLE], "at": moment, "by": "the bench"})
        entry = {"Source": "pushboard.tables", "DetailType": "Tables Changed", "Detail": detail}
        answer = self._events.put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer
        return put_at

    def new_statements(self) -> int:
        """How many statements Pushboard has had run since the last call, by their names."""
        pages = self._data.get_paginator("list_statements").paginate(Status="ALL", StatementName=STATEMENT_NAMES)
        listed = {one["Id"] for page in pages for one in page["Statements"]}
        fresh, self._seen = listed - self._seen, listed
        return len(fresh)

    def _execute(self, sql: str) -> None:
        statement = self._data.execute_statement(Sql=sql, **_TARGET)["Id"]

        def has_ended() -> bool:
            told = self._data.describe_statement(Id=statement)
            assert told["Status"] not in {"FAILED", "ABORTED"}, told.get("Error")
            return told["Status"] == "FINISHED"

        self.stack.until(has_ended, _LOADED_SECONDS, "the load to end")
