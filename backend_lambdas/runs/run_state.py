"""What the table holds of a run: the latest attempt at a query, as a value and as an item. Pure, but for the clock."""

import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from backend_lambdas import clock
from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.sockets.connections import RUN_SECONDS

RUNNING, FINISHED, FAILED, CANCELLED = "running", "finished", "failed", "cancelled"

GRACE_SECONDS = 60
"""How long after its timeout a run still counts as running; then anyone may start it anew."""

LEASE_SECONDS = 10
"""How long a submitter may be silent before another submits in its place. ClientToken makes doing both harmless."""


class RunState(Struct, frozen=True):
    """The latest attempt at a query. Times are epoch milliseconds; `as_of` is ISO 8601 in UTC.

    `sql` is kept until there is a statement; `code` says why a run failed, `reason` in the warehouse's own words, which
    are for operators; `sub` is who started it; `joined` says whether there may be subscribers besides that one.
    `told_by_submitter` says that whoever submitted the statement also saw its end, and tells it.
    `token_key` signs the tokens of the pages of its rows.
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
    joined: bool = False
    told_by_submitter: bool = False
    keep_days: int = 1
    token_key: str = ""
    tables: tuple[str, ...] = ()

    def answers(self, refresh: bool, changed_at: int = 0) -> bool:
        """Whether whoever asks now need not start a run: this one still runs, or its end is fresh enough.

        `changed_at` is since when a change of its tables is known: one that was begun before is no answer.
        """
        if self.started_at <= changed_at:
            return False
        if self.status == RUNNING:
            return self.deadline >= clock.now()
        return not refresh and self.fresh_until > clock.now()

    def tells_of(self, changed_at: int) -> bool:
        """Whether whoever watches need not have it asked again for a change that is known since `changed_at`.

        Not so when it was begun before, was cancelled, or failed and the moment is over for which a failure counts.
        """
        is_lost = self.status == CANCELLED or (self.status == FAILED and self.fresh_until <= clock.now())
        return self.started_at > changed_at and not is_lost

    @property
    def limit_at(self) -> int:
        """When its report's timeout is over; waiting for the warehouse counts."""
        return self.started_at + self.timeout_seconds * 1000

    @property
    def comment(self) -> str:
        """What stands before each of its SQL texts, by which the warehouse's own log tells whose it was."""
        return f"/* pushboard {self.department}/{self.report} */ "

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


def key_of(attempt: str) -> str:
    """The query's key in an attempt's name."""
    return attempt.partition("/")[0]


def state_of(item: Mapping[str, Any]) -> RunState | None:
    """The run in an item of the table; None when its time there is over."""
    return from_item(item) if item["expiresAt"] > clock.seconds() else None


def item_key(key: str) -> dict[str, str]:
    """Where the run of a query stands in the table."""
    return {"pk": f"run#{key}", "sk": "run"}


def lease_until() -> int:
    """When a lease that is taken now is over."""
    return clock.now() + LEASE_SECONDS * 1000


def new_item(spec: QuerySpec, sub: str, changed_at: int = 0) -> dict[str, Any]:
    """The item of a new attempt at a query, started by a user, after the last change of its tables."""
    now = max(clock.now(), changed_at + 1)
    deadline = now + (spec.timeout_seconds + GRACE_SECONDS) * 1000
    return item_key(spec.key) | {
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
        "keepDays": spec.keep_days,
        "tokenKey": secrets.token_hex(16),
        "tables": list(spec.tables),
        "startedAt": now,
        "leaseUntil": lease_until(),
        "deadline": deadline,
        "freshUntil": 0,
        "expiresAt": deadline // 1000 + max(RUN_SECONDS, spec.cache_seconds),
    }


_ONCE_ENDED = {
    "rows": "rows",
    "bytes": "bytes",
    "elapsed_ms": "elapsedMs",
    "ended_at": "endedAt",
    "fresh_until": "freshUntil",
}
"""Numbers that an attempt has once it has ended, by the attribute of the item."""

_LATER = {"sql": "sql", "as_of": "asOf", "code": "code", "reason": "reason", "token_key": "tokenKey"}
"""Texts that an attempt has at some time only, in the same way."""


def from_item(item: Mapping[str, Any]) -> RunState:
    """The run in an item, however old."""
    later: dict[str, Any] = {name: item.get(kept, "") for name, kept in _LATER.items()}
    later |= {name: int(item.get(kept, 0)) for name, kept in _ONCE_ENDED.items()}
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
        values=item.get("values", {}),
        statement_id=item.get("statementId"),
        **later,
        joined=item.get("joined", False),
        told_by_submitter=item.get("toldBySubmitter", False),
        keep_days=int(item.get("keepDays", 1)),
        tables=tuple(item.get("tables", ())),
    )
