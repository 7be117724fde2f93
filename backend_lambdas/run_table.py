"""The runs in the table: one item a question, which is what makes N identical askers cost one statement.

A question is a report version with its bound values; its key is their hash. Each time it is really asked of the
warehouse there is a new attempt, named `<key>/<suffix>`; it travels in `StatementName` and comes back in the event.
Used by `runs`. The recipe of single flight: a conditional put decides who submits, and the loser learns the winner's
attempt from the refusal itself.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from boto3.dynamodb.types import TypeDeserializer

from backend_lambdas.connections import RUN_SECONDS
from backend_lambdas.identity import Principal
from backend_lambdas.reports import Report

RUNNING, FINISHED, FAILED, CANCELLED = "running", "finished", "failed", "cancelled"

_FREE = "attribute_not_exists(pk) OR (#status = :running AND deadline < :now)"
_CLAIM = f"{_FREE} OR (#status <> :running AND freshUntil <= :now)"
_CLAIM_ANEW = f"{_FREE} OR #status <> :running"

GRACE_SECONDS = 60
"""How long after its timeout a run still counts as running; then anyone may start it anew."""


@dataclass(frozen=True)
class Question:
    """What is asked: a report version with the text of every parameter, on behalf of whoever may see it."""

    report: str
    version: str
    values: Mapping[str, str]
    groups: tuple[str, ...]
    claims: Mapping[str, str]
    cache_seconds: int
    timeout_seconds: int

    @classmethod
    def of(cls, report: Report, values: Mapping[str, str], principal: Principal) -> "Question":
        """The question of a report; `claims` are the token's values that it binds."""
        header = report.header
        names = {parameter.claim for parameter in header.parameters.values() if parameter.claim}
        claims = {name: principal.claims[name] for name in sorted(names)}
        return cls(report.id, report.version, values, report.groups, claims, header.cache, header.timeout)

    @property
    def key(self) -> str:
        """The same for identical askers, and different for anything else."""
        text = json.dumps([self.report, self.version, self.groups, sorted(self.values.items())])
        return hashlib.sha256(text.encode()).hexdigest()[:40]


@dataclass(frozen=True)
class RunState:
    """The latest attempt at a question. Times are epoch milliseconds; `as_of` is ISO 8601 in UTC."""

    key: str
    attempt: str
    status: str
    report: str
    groups: tuple[str, ...]
    claims: Mapping[str, str]
    cache_seconds: int
    started_at: int
    statement_id: str | None = None
    rows: int = 0
    elapsed_ms: int = 0
    as_of: str = ""


class Runs:
    """Runs and finished statements in the table."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def claim(self, question: Question, refresh: bool) -> tuple[RunState, bool]:
        """The run to wait for, and whether the caller must submit it.

        A new attempt when there is none, none that is running, and none whose rows are fresh enough; `refresh` takes
        no finished one, but still joins a running one.
        """
        item = _new_run(question)
        try:
            self._db.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=_CLAIM_ANEW if refresh else _CLAIM,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":running": RUNNING, ":now": _now()},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._db.exceptions.ConditionalCheckFailedException as error:
            return _state(_plain(error.response["Item"])), False
        return _state(item), True

    def get(self, key: str) -> RunState | None:
        """The latest attempt at a question, as it is now."""
        item = self._db.get_item(TableName=self._table, Key=_run_key(key), ConsistentRead=True).get("Item")
        return _state(item) if item else None

    def submitted(self, run: RunState, statement_id: str) -> RunState:
        """Notes the statement of an attempt and gives it as it is now: cancelled, if a later one took its place."""
        latest = self._update(run, {"statementId": statement_id})
        return latest or replace(run, statement_id=statement_id, status=CANCELLED)

    def settle(self, run: RunState, status: str) -> None:
        """Notes how an attempt's statement ended, once. A failed run is never fresh."""
        values = {
            "status": status,
            "statementId": run.statement_id,
            "rows": run.rows,
            "elapsedMs": run.elapsed_ms,
            "asOf": run.as_of,
            "freshUntil": _now() + run.cache_seconds * 1000 if status == FINISHED else 0,
        }
        self._update(run, values, Attr("status").ne(FINISHED))

    def give_up(self, run: RunState, status: str) -> RunState | None:
        """Ends an attempt whose statement has not ended, and gives it as it is now; None when that end came first."""
        return self._update(run, {"status": status}, Attr("status").eq(RUNNING))

    def reopen(self, run: RunState) -> None:
        """Takes back a cancellation, because somebody joined meanwhile.

        Not if the statement was submitted since: whoever submitted it has seen the cancellation and decides anew.
        """
        submitted = Attr("statementId")
        same = submitted.eq(run.statement_id) if run.statement_id else submitted.not_exists()
        self._update(run, {"status": RUNNING}, Attr("status").eq(CANCELLED) & same)

    def add_statement(self, run: RunState) -> None:
        """Records who may read a finished statement's rows, and what they are."""
        item = {
            "pk": f"statement#{run.statement_id}",
            "sk": "statement",
            "report": run.report,
            "groups": list(run.groups),
            "claims": dict(run.claims),
            "rows": run.rows,
            "asOf": run.as_of,
            "expiresAt": int(time.time()) + RUN_SECONDS,
        }
        self._db.put_item(TableName=self._table, Item=item)

    def statement(self, statement_id: str) -> dict[str, Any] | None:
        """The record of a finished statement, or None."""
        key = {"pk": f"statement#{statement_id}", "sk": "statement"}
        item = self._db.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return item if item and item["expiresAt"] > time.time() else None

    def _update(
        self, run: RunState, values: Mapping[str, Any], condition: ConditionBase | None = None
    ) -> RunState | None:
        """The attempt as it is after the update; None when the condition refused it or a later attempt is there."""
        own = Attr("attempt").eq(run.attempt)
        try:
            answer = self._db.update_item(
                TableName=self._table,
                Key=_run_key(run.key),
                UpdateExpression="SET " + ", ".join(f"#{position} = :{position}" for position in range(len(values))),
                ConditionExpression=own & condition if condition else own,
                ExpressionAttributeNames={f"#{position}": name for position, name in enumerate(values)},
                ExpressionAttributeValues={f":{position}": value for position, value in enumerate(values.values())},
                ReturnValues="ALL_NEW",
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return None
        return _state(answer["Attributes"])


def key_of(attempt: str) -> str:
    """The question's key in an attempt's name."""
    return attempt.partition("/")[0]


def _now() -> int:
    return time.time_ns() // 1_000_000


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item inside an error answer, which the client leaves in DynamoDB's own notation."""
    deserialize = TypeDeserializer().deserialize
    return {name: deserialize(value) for name, value in item.items()}


def _run_key(key: str) -> dict[str, str]:
    return {"pk": f"run#{key}", "sk": "run"}


def _new_run(question: Question) -> dict[str, Any]:
    now = _now()
    deadline = now + (question.timeout_seconds + GRACE_SECONDS) * 1000
    return _run_key(question.key) | {
        "attempt": f"{question.key}/{uuid.uuid4().hex[:12]}",
        "status": RUNNING,
        "report": question.report,
        "groups": list(question.groups),
        "claims": dict(question.claims),
        "cacheSeconds": question.cache_seconds,
        "startedAt": now,
        "deadline": deadline,
        "freshUntil": 0,
        "expiresAt": deadline // 1000 + RUN_SECONDS,
    }


def _state(item: Mapping[str, Any]) -> RunState:
    return RunState(
        key=item["pk"].removeprefix("run#"),
        attempt=item["attempt"],
        status=item["status"],
        report=item["report"],
        groups=tuple(item["groups"]),
        claims=item["claims"],
        cache_seconds=int(item["cacheSeconds"]),
        started_at=int(item["startedAt"]),
        statement_id=item.get("statementId"),
        rows=int(item.get("rows", 0)),
        elapsed_ms=int(item.get("elapsedMs", 0)),
        as_of=item.get("asOf", ""),
    )
