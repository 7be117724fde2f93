"""The runs in the table: one item a query, which is what makes N identical requesters cost one statement.

Each time a query is really asked of the warehouse there is a new attempt, named `<key>/<suffix>`; it travels in
`StatementName` and comes back in the event. Used by `run_service` and those around it. The recipe of single flight: a
conditional put decides who submits, and the loser learns the winner's attempt from the refusal itself. It is one
transaction with the request and its subscriber, so that no run is without somebody who waits for it. Who submits holds
a short lease; when it is over and there is still no statement, the next one submits the same attempt.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from msgspec.structs import replace

from backend_lambdas import clock
from backend_lambdas.aws.tables import WriteRefused, read_all, update, write_together
from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.errors import StatementInvalid, Timeout
from backend_lambdas.runs.run_state import (
    CANCELLED,
    FAILED,
    FINISHED,
    RUNNING,
    RunState,
    from_item,
    item_key,
    key_of,
    lease_until,
    new_item,
    state_of,
)

log = logging.getLogger(__name__)

_FREE = "attribute_not_exists(pk) OR startedAt <= :changed OR (#status = :running AND deadline < :now)"
_CLAIM = f"{_FREE} OR (#status <> :running AND freshUntil <= :now)"
_CLAIM_ANEW = f"{_FREE} OR #status <> :running"


FAILED_SECONDS = 10
"""How long a failure answers whoever asks the same, unless they ask anew: a broken report is not run by each viewer."""

_LASTING = frozenset({Timeout.code, StatementInvalid.code})
"""Failures of a run that has no end of a statement, which the next one would meet as well."""

WritesBeside = Callable[[RunState], Sequence[dict[str, Any]]]
"""Of an attempt that is about to be recorded: the writes of a transaction that belong to it."""

DAY_SECONDS = 24 * 3600

READING_SECONDS = 3600
"""How long rows can still be fetched after the last moment at which they may answer, by their report's `cache`."""


LOOK_SECONDS = 5
"""Within this time one subscriber at most looks at the statement of a run: what it finds, all are told."""


class RunTable:
    """Runs and finished statements in the table."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def claim(
        self, spec: QuerySpec, sub: str, refresh: bool, beside: WritesBeside = lambda _: (), changed_at: int = 0
    ) -> tuple[RunState, bool]:
        """The run to wait for, and whether it is a new attempt, which the caller must submit.

        A new attempt when there is none, none that is running, and none whose rows are fresh enough; `refresh` takes
        no finished one, but still joins a running one. None counts that began before `changed_at`, since when a change
        of its tables is known. What is written `beside` a new attempt is written with it or not
        at all. Raises `WriteRefused` when one of those writes was refused.
        """
        item = new_item(spec, sub, changed_at)
        put = {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": _CLAIM_ANEW if refresh else _CLAIM,
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":running": RUNNING, ":now": clock.now(), ":changed": changed_at},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        run = from_item(item)
        try:
            write_together(self._db, [{"Put": put}, *beside(run)])
        except WriteRefused as refused:
            there = refused.found.get(0)
            if there is None or len(refused.found) > 1:
                raise
            return from_item(there), False
        return run, True

    def note_joined(self, run: RunState) -> RunState | None:
        """Marks that a run has one more subscriber, and gives it as it is since; None when it is on record no more.

        Written before whoever brings the run to its end has noted that, the mark is seen by him; else the end is seen
        here. A run that has ended, and one that is marked already, is only read.
        """
        if run.joined:
            return self.get(run.key)
        return self._update(run, {"joined": True}, Attr("status").eq(RUNNING)) or self.get(run.key)

    def take_over(self, run: RunState) -> RunState | None:
        """The attempt, now the caller's to submit; None unless it has no statement and its lease is over.

        It counts as joined: whoever began to submit it is a subscriber besides the caller.
        """
        if run.status != RUNNING or run.statement_id or run.lease_until > clock.now():
            return None
        return self._hold(run, Attr("leaseUntil").eq(run.lease_until), joined=True)

    def hold(self, run: RunState) -> bool:
        """Keeps the lease; False when the attempt is not to be submitted any more."""
        return self._hold(run) is not None

    def _hold(self, run: RunState, condition: ConditionBase | None = None, **more: Any) -> RunState | None:
        unsubmitted = Attr("status").eq(RUNNING) & Attr("statementId").not_exists()
        values = {"leaseUntil": lease_until(), **more}
        return self._update(run, values, unsubmitted & condition if condition else unsubmitted)

    def admit_look(self, run: RunState) -> bool:
        """Whether the caller is to look at an attempt in the warehouse; False when another has just done so."""
        now, looked_at = clock.now(), Attr("lookedAt")
        is_due = looked_at.not_exists() | looked_at.lte(now - LOOK_SECONDS * 1000)
        return self._update(run, {"lookedAt": now}, is_due) is not None

    def get(self, key: str) -> RunState | None:
        """The latest attempt at a query, as it is now."""
        item = self._db.get_item(TableName=self._table, Key=item_key(key), ConsistentRead=True).get("Item")
        return state_of(item) if item else None

    def running(self, attempts: Iterable[str]) -> set[str]:
        """Those of at most 100 attempts that still run, or may do so."""
        return {run.attempt for run in self.under_way(attempts)}

    def under_way(self, attempts: Iterable[str]) -> list[RunState]:
        """The same as they are now; one that another took the place of is that other."""
        return [run for run in self.latest(attempts) if run.status == RUNNING and run.deadline > clock.now()]

    def latest(self, attempts: Iterable[str]) -> list[RunState]:
        """The attempts that there are now at the queries of at most 100 others."""
        keys = [item_key(key) for key in {key_of(attempt) for attempt in attempts}]
        return [from_item(item) for item in read_all(self._db, self._table, keys)]

    def submitted(self, run: RunState, statement_id: str) -> RunState:
        """Notes the statement of an attempt and gives it as it is now: cancelled, if a later one took its place."""
        latest = self._update(run, {"statementId": statement_id}, forget=("sql",))
        return latest or replace(run, statement_id=statement_id, status=CANCELLED)

    def submitted_alone(self, run: RunState, statement_id: str, beside: Mapping[str, Any]) -> RunState | None:
        """The same in one transaction with another write; None, and nothing is written, if anything has happened.

        So it is when the run was joined, has ended or was given up, or the other write is refused.
        """
        update = {
            "TableName": self._table,
            "Key": item_key(run.key),
            "UpdateExpression": "SET statementId = :id REMOVE #sql",
            "ConditionExpression": "attempt = :attempt AND #status = :running AND attribute_not_exists(joined)",
            "ExpressionAttributeNames": {"#sql": "sql", "#status": "status"},
            "ExpressionAttributeValues": {":id": statement_id, ":attempt": run.attempt, ":running": RUNNING},
        }
        try:
            write_together(self._db, [{"Update": update}, beside])
        except WriteRefused:
            return None
        return replace(run, statement_id=statement_id, sql="")

    def complete(self, run: RunState) -> RunState | None:
        """Notes how an attempt's statement ended, as `run` says it; None when another end was noted before.

        Rows count whatever was noted before them. A failure answers others for a moment, a cancelled run never.
        """
        status = Attr("status")
        condition = status.ne(FINISHED) if run.status == FINISHED else status.eq(RUNNING)
        return self._update(run, self._end_of(run), condition)

    def complete_own(self, run: RunState) -> RunState | None:
        """The same by whoever submitted it and tells the end; None when any other end, or a cancel, came first.

        The SDK may have sent the write before, and lost its answer: then it is found.
        """
        values = self._end_of(run) | {"toldBySubmitter": True}
        noted = self._update(run, values, Attr("status").eq(RUNNING), forget=("sql",))
        if noted:
            return noted
        latest = self.get(run.key)
        return latest if latest and latest.attempt == run.attempt and latest.told_by_submitter else None

    @staticmethod
    def _end_of(run: RunState) -> dict[str, Any]:
        now = clock.now()
        return {
            "status": run.status,
            "statementId": run.statement_id,
            "rows": run.rows,
            "bytes": run.bytes,
            "elapsedMs": run.elapsed_ms,
            "asOf": run.as_of,
            "code": run.code,
            "reason": run.reason,
            "endedAt": now,
            "freshUntil": _fresh_until(run, now),
        }

    def abort(self, run: RunState, status: str, code: str = "") -> RunState | None:
        """Ends an attempt whose statement has not ended, and gives it as it is now; None when that end came first.

        A report that was over its time limit answers others for a moment, as any failed one.
        """
        now = clock.now()
        fresh_until = now + FAILED_SECONDS * 1000 if code in _LASTING else 0
        values = {"status": status, "code": code, "endedAt": now, "freshUntil": fresh_until}
        return self._update(run, values, Attr("status").eq(RUNNING))

    def reopen(self, run: RunState) -> None:
        """Takes back a cancellation, because somebody joined meanwhile.

        Not if the statement was submitted since: whoever submitted it has seen the cancellation and decides anew.
        """
        submitted = Attr("statementId")
        same = submitted.eq(run.statement_id) if run.statement_id else submitted.not_exists()
        self._update(run, {"status": RUNNING}, Attr("status").eq(CANCELLED) & same)

    def add_statement(self, run: RunState, part: str = "") -> None:
        """Records who may read a finished statement's rows and take them away, and what they are.

        `part` is the id of that statement of a batch which has the rows; else they are the statement's own. The first
        record stays: pages that were read already are signed by its key.
        """
        item = {
            "pk": f"statement#{run.statement_id}",
            "sk": "statement",
            **run.provenance(),
            "attempt": run.attempt,
            "limit": run.limit,
            "rows": run.rows,
            "asOf": run.as_of,
            "keepDays": run.keep_days,
            "tokenKey": run.token_key,
            "part": part,
            "expiresAt": clock.seconds() + run.keep_days * DAY_SECONDS + READING_SECONDS,
        }
        try:
            self._db.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except self._db.exceptions.ConditionalCheckFailedException:
            log.info("statement %s is on record already", run.statement_id)

    def statement(self, statement_id: str) -> dict[str, Any] | None:
        """The record of a finished statement, or None."""
        key = {"pk": f"statement#{statement_id}", "sk": "statement"}
        item = self._db.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return item if item and item["expiresAt"] > clock.seconds() else None

    def lose_rows(self, attempt: str) -> None:
        """Lets a finished attempt answer nobody any more, since its rows are gone; a later attempt stays as it is."""
        run = self.get(key_of(attempt))
        if run is not None and run.attempt == attempt:
            self._update(run, {"freshUntil": 0}, Attr("status").eq(FINISHED))

    def _update(
        self,
        run: RunState,
        values: Mapping[str, Any],
        condition: ConditionBase | None = None,
        forget: Iterable[str] = (),
    ) -> RunState | None:
        """The attempt as it is after the update; None when the condition refused it or a later attempt is there."""
        own = Attr("attempt").eq(run.attempt)
        removal = ", ".join(f"#gone{position}" for position, _ in enumerate(forget))
        changes = "SET " + ", ".join(f"#{position} = :{position}" for position in range(len(values)))
        try:
            answer = update(
                self._db,
                TableName=self._table,
                Key=item_key(run.key),
                UpdateExpression=f"{changes} REMOVE {removal}" if removal else changes,
                ConditionExpression=own & condition if condition else own,
                ExpressionAttributeNames={f"#{position}": name for position, name in enumerate(values)}
                | {f"#gone{position}": name for position, name in enumerate(forget)},
                ExpressionAttributeValues={f":{position}": value for position, value in enumerate(values.values())},
                ReturnValues="ALL_NEW",
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return None
        return from_item(answer["Attributes"])


def _fresh_until(run: RunState, now: int) -> int:
    seconds = {FINISHED: run.cache_seconds, FAILED: FAILED_SECONDS}.get(run.status, 0)
    return now + seconds * 1000 if seconds else 0
