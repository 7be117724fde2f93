"""The runs in the table: one item a query, which is what makes N identical requesters cost one statement.

Each time a query is really asked of the warehouse there is a new attempt, named `<key>/<suffix>`; it travels in
`StatementName` and comes back in the event. Used by `run_service` and those around it. The recipe of single flight: a
conditional put decides who submits, and the loser learns the winner's attempt from the refusal itself. Who submits
holds a short lease; when it is over and there is still no statement, the next one submits the same attempt.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from msgspec import Struct, field
from msgspec.structs import replace

from backend_lambdas import clock
from backend_lambdas.aws import clients
from backend_lambdas.aws.tables import read_all
from backend_lambdas.errors import StatementInvalid, Timeout
from backend_lambdas.runs.connections import RUN_SECONDS
from backend_lambdas.runs.query_spec import QuerySpec

RUNNING, FINISHED, FAILED, CANCELLED = "running", "finished", "failed", "cancelled"

_FREE = "attribute_not_exists(pk) OR (#status = :running AND deadline < :now)"
_CLAIM = f"{_FREE} OR (#status <> :running AND freshUntil <= :now)"
_CLAIM_ANEW = f"{_FREE} OR #status <> :running"

GRACE_SECONDS = 60
"""How long after its timeout a run still counts as running; then anyone may start it anew."""

FAILED_SECONDS = 10
"""How long a failure answers whoever asks the same, unless they ask anew: a broken report is not run by each viewer."""

_LASTING = frozenset({Timeout.code, StatementInvalid.code})
"""Failures of a run that has no end of a statement, which the next one would meet as well."""

LEASE_SECONDS = 10
"""How long a submitter may be silent before another submits in its place. ClientToken makes doing both harmless."""


LOOK_SECONDS = 5
"""Within this time one subscriber at most looks at the statement of a run: what it finds, all are told."""


class RunState(Struct, frozen=True):
    """The latest attempt at a query. Times are epoch milliseconds; `as_of` is ISO 8601 in UTC.

    `sql` is kept until there is a statement; `code` says why a run failed, `reason` in the warehouse's own words, which
    are for operators; `sub` is who started it.
    """

    key: str
    attempt: str
    status: str
    report: str
    title: str
    department: str
    sub: str
    groups: tuple[str, ...]
    downloaders: tuple[str, ...]
    claims: Mapping[str, str]
    cache_seconds: int
    timeout_seconds: int
    limit: int
    started_at: int
    lease_until: int
    export: str = ""
    sql: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    statement_id: str | None = None
    rows: int = 0
    bytes: int = 0
    elapsed_ms: int = 0
    as_of: str = ""
    code: str = ""
    reason: str = ""
    ended_at: int = 0
    fresh_until: int = 0

    @property
    def limit_at(self) -> int:
        """When its report's timeout is over; waiting for the warehouse counts."""
        return self.started_at + self.timeout_seconds * 1000

    def provenance(self) -> dict[str, Any]:
        """What stands on record with its rows: of which report and values they are, and who may have them."""
        return {
            "report": self.report,
            "title": self.title,
            "department": self.department,
            "values": dict(self.values),
            "groups": list(self.groups),
            "downloaders": list(self.downloaders),
            "claims": dict(self.claims),
        }

    @property
    def deadline(self) -> int:
        """When nobody waits for its end any more."""
        return self.limit_at + GRACE_SECONDS * 1000


class RunTable:
    """Runs and finished statements in the table."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def claim(self, spec: QuerySpec, sub: str, refresh: bool) -> tuple[RunState, bool]:
        """The run to wait for, and whether the caller must submit it.

        A new attempt when there is none, none that is running, and none whose rows are fresh enough; `refresh` takes
        no finished one, but still joins a running one. An attempt whose submitter has died is the caller's, too.
        """
        item = _new_run(spec, sub)
        try:
            self._db.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=_CLAIM_ANEW if refresh else _CLAIM,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":running": RUNNING, ":now": clock.now()},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._db.exceptions.ConditionalCheckFailedException as error:
            found = _state(clients.item_before(error) or {})
            taken = self.take_over(found)
            return taken or found, taken is not None
        return _state(item), True

    def take_over(self, run: RunState) -> RunState | None:
        """The attempt, now the caller's to submit; None unless it has no statement and its lease is over."""
        if run.status != RUNNING or run.statement_id or run.lease_until > clock.now():
            return None
        return self._hold(run, Attr("leaseUntil").eq(run.lease_until))

    def hold(self, run: RunState) -> bool:
        """Keeps the lease; False when the attempt is not to be submitted any more."""
        return self._hold(run) is not None

    def _hold(self, run: RunState, condition: ConditionBase | None = None) -> RunState | None:
        unsubmitted = Attr("status").eq(RUNNING) & Attr("statementId").not_exists()
        return self._update(run, {"leaseUntil": _lease()}, unsubmitted & condition if condition else unsubmitted)

    def admit_look(self, run: RunState) -> bool:
        """Whether the caller is to look at an attempt in the warehouse; False when another has just done so."""
        now, looked_at = clock.now(), Attr("lookedAt")
        is_due = looked_at.not_exists() | looked_at.lte(now - LOOK_SECONDS * 1000)
        return self._update(run, {"lookedAt": now}, is_due) is not None

    def get(self, key: str) -> RunState | None:
        """The latest attempt at a query, as it is now."""
        item = self._db.get_item(TableName=self._table, Key=_run_key(key), ConsistentRead=True).get("Item")
        return state_of(item) if item else None

    def running(self, attempts: Iterable[str]) -> set[str]:
        """Those of at most 100 attempts that still run, or may do so."""
        return {run.attempt for run in self.under_way(attempts)}

    def under_way(self, attempts: Iterable[str]) -> list[RunState]:
        """The same as they are now; one that another took the place of is that other."""
        return [run for run in self._latest(attempts) if run.status == RUNNING and run.deadline > clock.now()]

    def _latest(self, attempts: Iterable[str]) -> list[RunState]:
        keys = [_run_key(key) for key in {key_of(attempt) for attempt in attempts}]
        return [_state(item) for item in read_all(self._db, self._table, keys)]

    def submitted(self, run: RunState, statement_id: str) -> RunState:
        """Notes the statement of an attempt and gives it as it is now: cancelled, if a later one took its place."""
        latest = self._update(run, {"statementId": statement_id}, forget=("sql",))
        return latest or replace(run, statement_id=statement_id, status=CANCELLED)

    def complete(self, run: RunState) -> RunState | None:
        """Notes how an attempt's statement ended, as `run` says it; None when another end was noted before.

        Rows count whatever was noted before them. A failure answers others for a moment, a cancelled run never.
        """
        now = clock.now()
        values = {
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
        status = Attr("status")
        return self._update(run, values, status.ne(FINISHED) if run.status == FINISHED else status.eq(RUNNING))

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

    def add_statement(self, run: RunState) -> None:
        """Records who may read a finished statement's rows and take them away, and what they are."""
        item = {
            "pk": f"statement#{run.statement_id}",
            "sk": "statement",
            **run.provenance(),
            "limit": run.limit,
            "rows": run.rows,
            "asOf": run.as_of,
            "expiresAt": clock.seconds() + RUN_SECONDS,
        }
        self._db.put_item(TableName=self._table, Item=item)

    def statement(self, statement_id: str) -> dict[str, Any] | None:
        """The record of a finished statement, or None."""
        key = {"pk": f"statement#{statement_id}", "sk": "statement"}
        item = self._db.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return item if item and item["expiresAt"] > clock.seconds() else None

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
            answer = self._db.update_item(
                TableName=self._table,
                Key=_run_key(run.key),
                UpdateExpression=f"{changes} REMOVE {removal}" if removal else changes,
                ConditionExpression=own & condition if condition else own,
                ExpressionAttributeNames={f"#{position}": name for position, name in enumerate(values)}
                | {f"#gone{position}": name for position, name in enumerate(forget)},
                ExpressionAttributeValues={f":{position}": value for position, value in enumerate(values.values())},
                ReturnValues="ALL_NEW",
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return None
        return _state(answer["Attributes"])


def key_of(attempt: str) -> str:
    """The query's key in an attempt's name."""
    return attempt.partition("/")[0]


def _fresh_until(run: RunState, now: int) -> int:
    seconds = {FINISHED: run.cache_seconds, FAILED: FAILED_SECONDS}.get(run.status, 0)
    return now + seconds * 1000 if seconds else 0


def state_of(item: Mapping[str, Any]) -> RunState | None:
    """The run in an item of the table; None when its time there is over."""
    return _state(item) if item["expiresAt"] > clock.seconds() else None


def item_key(key: str) -> dict[str, str]:
    """Where the run of a query stands in the table."""
    return _run_key(key)


def _lease() -> int:
    return clock.now() + LEASE_SECONDS * 1000


def _run_key(key: str) -> dict[str, str]:
    return {"pk": f"run#{key}", "sk": "run"}


def _new_run(spec: QuerySpec, sub: str) -> dict[str, Any]:
    now = clock.now()
    deadline = now + (spec.timeout_seconds + GRACE_SECONDS) * 1000
    return _run_key(spec.key) | {
        "attempt": f"{spec.key}/{uuid.uuid4().hex[:12]}",
        "status": RUNNING,
        "report": spec.report,
        "title": spec.title,
        "department": spec.department,
        "sub": sub,
        "sql": spec.sql,
        "values": dict(spec.values),
        "groups": list(spec.groups),
        "downloaders": list(spec.downloaders),
        "claims": dict(spec.claims),
        "export": spec.export,
        "cacheSeconds": spec.cache_seconds,
        "timeoutSeconds": spec.timeout_seconds,
        "limit": spec.limit,
        "startedAt": now,
        "leaseUntil": _lease(),
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
        title=item["title"],
        department=item["department"],
        sub=item["sub"],
        groups=tuple(item["groups"]),
        downloaders=tuple(item["downloaders"]),
        claims=item["claims"],
        cache_seconds=int(item["cacheSeconds"]),
        timeout_seconds=int(item["timeoutSeconds"]),
        limit=int(item["limit"]),
        started_at=int(item["startedAt"]),
        lease_until=int(item["leaseUntil"]),
        export=item["export"],
        sql=item.get("sql", ""),
        values=item.get("values", {}),
        statement_id=item.get("statementId"),
        rows=int(item.get("rows", 0)),
        bytes=int(item.get("bytes", 0)),
        elapsed_ms=int(item.get("elapsedMs", 0)),
        as_of=item.get("asOf", ""),
        code=item.get("code", ""),
        reason=item.get("reason", ""),
        ended_at=int(item.get("endedAt", 0)),
        fresh_until=int(item.get("freshUntil", 0)),
    )
