"""Runs that ended, for operators: one item an attempt, for a week, by the day on which it was asked for.

    pk             sk                      one for each
    ended#<day>    <asked at>#<attempt>    attempt that ended: of which report, how, how long, for how many

Written by `run_service` and `submitter` after everybody was told, read by `get_operations`. Both parts of the key are
the attempt's own, so whoever notes an end again changes nothing. It is nobody's way to the rows: what cannot be noted
is logged, and the run goes on.
"""

import datetime
import functools
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Concatenate, ParamSpec

from boto3.dynamodb.conditions import Key
from botocore.exceptions import BotoCoreError, ClientError

from backend_lambdas import clock
from backend_lambdas.runs.run_state import RunState

log = logging.getLogger(__name__)

KEPT_SECONDS = 7 * 24 * 3600

Arguments = ParamSpec("Arguments")


def _best_effort(
    write: Callable[Concatenate["History", RunState, Arguments], None],
) -> Callable[Concatenate["History", RunState, Arguments], None]:
    @functools.wraps(write)
    def written(history: "History", run: RunState, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            write(history, run, *args, **kwargs)
        except (ClientError, BotoCoreError) as error:
            log.warning("the end of attempt %s was not noted for operators: %s", run.attempt, error)

    return written


class History:
    """Ended runs in the table."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    @_best_effort
    def note(self, run: RunState, notified: int) -> None:
        """Notes how an attempt ended, and adds those who were told of it just now."""
        values = _values(run)
        self._db.update_item(
            TableName=self._table,
            Key=_key(run),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values) + " ADD told :told",
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={f":{name}": value for name, value in values.items()} | {":told": notified},
        )

    @_best_effort
    def note_answer(self, run: RunState) -> None:
        """Counts one more who was answered from an attempt's rows, as long as it is on record."""
        try:
            self._db.update_item(
                TableName=self._table,
                Key=_key(run),
                UpdateExpression="ADD cached :one",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":one": 1},
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return  # its end is just being noted, or was asked for longer ago

    def since(self, moment: int) -> Iterator[dict[str, Any]]:
        """Attempts that were asked for since then (epoch milliseconds) and have ended, the newest first."""
        first, day = _day(moment), _day(clock.now())
        while day >= first:
            yield from self._of_day(day, moment)
            day -= datetime.timedelta(days=1)

    def _of_day(self, day: datetime.date, moment: int) -> Iterator[dict[str, Any]]:
        pages = self._db.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=Key("pk").eq(f"ended#{day.isoformat()}") & Key("sk").gte(_at(moment)),
            ScanIndexForward=False,
        )
        return (item for page in pages for item in page["Items"])


def _values(run: RunState) -> Mapping[str, Any]:
    elapsed = run.elapsed_ms or max(run.ended_at - run.started_at, 0)
    return {
        "attempt": run.attempt,
        "statementId": run.statement_id or "",
        "report": run.report,
        "title": run.title,
        "department": run.department,
        "state": run.status,
        "code": run.code,
        "reason": run.reason,
        "export": run.export,
        "startedAt": run.started_at,
        "elapsedMs": elapsed,
        "rows": run.rows,
        "expiresAt": run.started_at // 1000 + KEPT_SECONDS,
    }


def _key(run: RunState) -> dict[str, str]:
    return {"pk": f"ended#{_day(run.started_at).isoformat()}", "sk": f"{_at(run.started_at)}#{run.attempt}"}


def _day(milliseconds: int) -> datetime.date:
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).date()


def _at(milliseconds: int) -> str:
    """Epoch milliseconds as text that sorts as they do."""
    return f"{milliseconds:014d}"
