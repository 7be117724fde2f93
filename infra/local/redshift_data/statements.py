"""What was submitted and what became of it: the records behind every id.

Used by `submissions`, `runner` and `statement_queries`. A statement is one ExecuteStatement or one batch; its
sub-statements are the single SQL texts. All changes go through `StatementStore`, whose condition wakes every long poll.
"""

import itertools
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from infra.local.endpoint.awsjson import ServiceError
from infra.local.redshift_data.errors import not_found
from infra.local.redshift_data.identity import Caller
from infra.local.redshift_data.limits import DataApiLimits
from infra.local.redshift_data.targets import Target
from infra.warehouse.results import Result


class Status(StrEnum):
    """A statement's life: SUBMITTED, PICKED, STARTED, and one of three ends."""

    SUBMITTED = "SUBMITTED"
    PICKED = "PICKED"
    STARTED = "STARTED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"

    @property
    def is_final(self) -> bool:
        """Whether nothing will follow."""
        return self in (Status.FINISHED, Status.FAILED, Status.ABORTED)


@dataclass
class SubStatement:
    """One SQL text. `rows`, `size` and `duration` (nanoseconds) are -1 until known."""

    id: str
    sql: str
    created_at: float
    updated_at: float
    status: Status = Status.SUBMITTED
    error: str | None = None
    rows: int = -1
    size: int = -1
    duration: int = -1
    query_id: int = -1
    query_uuid: str = ""
    result: Result | None = None


@dataclass
class Statement:
    """One ExecuteStatement or BatchExecuteStatement."""

    id: str
    caller: Caller
    target: Target
    parts: list[SubStatement]
    is_batch: bool
    number: int
    created_at: float
    updated_at: float
    name: str | None = None
    parameters: list[dict[str, str]] = field(default_factory=list)
    with_event: bool = False
    result_format: str = "JSON"
    session_id: str | None = None
    execution_mode: str = "TRANSACTION"
    status: Status = Status.SUBMITTED
    error: str | None = None
    duration: int = -1
    pid: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)
    waiting: int = 0

    @property
    def rows(self) -> int:
        """Rows of all parts together; -1 while none is known."""
        return _total([part.rows for part in self.parts])

    @property
    def size(self) -> int:
        """Bytes of all results together; -1 while none is known."""
        return _total([part.size for part in self.parts])

    @property
    def has_result(self) -> bool:
        """Whether any part has a result set, an empty one included."""
        return any(part.result is not None for part in self.parts)


def _total(values: list[int]) -> int:
    known = [value for value in values if value >= 0]
    return sum(known) if known else -1


class StatementStore:
    """All submissions of this process, by id, for as long as their results are kept."""

    def __init__(self, clock: Callable[[], float], limits: DataApiLimits) -> None:
        self._clock = clock
        self._limits = limits
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._submissions: dict[str, Statement] = {}

    def open(self, sqls: list[str], is_batch: bool, caller: Caller, target: Target, **members: Any) -> Statement:
        """A new submission with a new id, its parts numbered `:1`, `:2`… in a batch. Not yet in the store."""
        identifier, now = str(uuid.uuid4()), self._clock()
        ids = [f"{identifier}:{i}" for i in range(1, len(sqls) + 1)] if is_batch else [identifier]
        parts = [SubStatement(part_id, sql, now, now) for part_id, sql in zip(ids, sqls, strict=True)]
        number = next(self._numbers)
        return Statement(identifier, caller, target, parts, is_batch, number, now, now, **members)

    def add(self, submission: Statement) -> None:
        """Make it findable."""
        with self._changed:
            self._submissions[submission.id] = submission

    def find(self, identifier: str, caller: Caller, owned_only: bool) -> tuple[Statement, SubStatement]:
        """A submission and the part an id names (a batch's own id: its first).

        Raises ResourceNotFoundException, also for another role's: AWS does not document which error that is, and this
        one does not tell whether the id exists.
        """
        parent, _, index = identifier.partition(":")
        submission = self._submissions.get(parent)
        if submission is None or (owned_only and submission.caller.owner != caller.owner):
            raise not_found("Query does not exist.", identifier)
        if not index:
            return submission, submission.parts[0]
        if not submission.is_batch or not index.isdigit() or not 1 <= int(index) <= len(submission.parts):
            raise not_found("Query does not exist.", identifier)
        return submission, submission.parts[int(index) - 1]

    def newest_first(self) -> list[Statement]:
        """Every submission."""
        with self._changed:
            return sorted(self._submissions.values(), key=lambda one: -one.number)

    def running(self) -> list[Statement]:
        """Those that have not ended."""
        with self._changed:
            return [one for one in self._submissions.values() if not one.status.is_final]

    @contextmanager
    def change(self, submission: Statement) -> Iterator[float]:
        """Change a submission or its parts; gives the time, and wakes those who wait."""
        with self._changed:
            now = self._clock()
            yield now
            submission.updated_at = now
            self._changed.notify_all()

    def move(self, submission: Statement, status: Status) -> bool:
        """Go on to PICKED or STARTED; False when it has ended meanwhile."""
        with self._changed:
            if submission.status.is_final:
                return False
            submission.status, submission.updated_at = status, self._clock()
            self._changed.notify_all()
            return True

    def withdraw(self, submission: Statement) -> bool:
        """Abort a submission that no worker has picked yet; False when one has."""
        with self._changed:
            if submission.status != Status.SUBMITTED:
                return False
            now = self._clock()
            for part in submission.parts:
                part.status, part.updated_at = Status.ABORTED, now
            submission.status, submission.updated_at = Status.ABORTED, now
            self._changed.notify_all()
            return True

    def wait(self, submission: Statement, seconds: float) -> None:
        """Return when it has ended or the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: submission.status.is_final, timeout=seconds)

    def long_poll(self, submission: Statement, seconds: int | None) -> None:
        """The same for a caller's WaitTimeSeconds. Raises ActiveWaitingRequestsExceededException."""
        if seconds is None:
            return
        with self._changed:
            if submission.waiting >= self._limits.max_waiting_requests:
                raise _too_many_waiting()
            submission.waiting += 1
        try:
            self.wait(submission, seconds)
        finally:
            with self._changed:
                submission.waiting -= 1

    def purge(self, older_than: float) -> None:
        """Forget submissions that ended before a time, and their results."""
        with self._changed:
            old = [one for one in self._submissions.values() if one.status.is_final and one.updated_at < older_than]
            for submission in old:
                del self._submissions[submission.id]
        for submission in old:
            for part in submission.parts:
                if part.result is not None:
                    part.result.delete()


def _too_many_waiting() -> ServiceError:
    message = "The number of active requests with WaitTimeSeconds for the same SQL statement exceeds the limit."
    return ServiceError("ActiveWaitingRequestsExceededException", message)
