"""ExecuteStatement and BatchExecuteStatement: checked, recorded, queued, answered at once. Called by `service`.

A worker thread hands each submission to `runner`; when it has ended, another thread gives its event to `publish`.
"""

import itertools
import logging
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import duckdb

from infra.local.endpoint.awsjson import ServiceError
from infra.local.redshift_data import answers
from infra.local.redshift_data.errors import invalid
from infra.local.redshift_data.execution.events import event_of
from infra.local.redshift_data.execution.runner import Runner
from infra.local.redshift_data.execution.sessions import Session, Sessions
from infra.local.redshift_data.execution.workers import Workers
from infra.local.redshift_data.identity import Caller
from infra.local.redshift_data.limits import DataApiLimits
from infra.local.redshift_data.request_checks import check_single, check_used
from infra.local.redshift_data.statements import Statement, StatementStore, Status
from infra.local.redshift_data.targets import Target, Targets
from infra.warehouse.engine import Engine

CONCURRENT = 16
STOP_SECONDS = 10.0
_TICK = 0.02
NOTIFIERS = 4
_logger = logging.getLogger(__name__)
Request = dict[str, Any]
Publish = Callable[[dict[str, Any]], None]


class Submissions:
    """Takes submissions in and sees them through to their event."""

    def __init__(
        self,
        engine: Engine,
        store: StatementStore,
        sessions: Sessions,
        runner: Runner,
        targets: Targets,
        publish: Publish,
    ) -> None:
        self._engine = engine
        self._store = store
        self._sessions = sessions
        self._runner = runner
        self._targets = targets
        self._limits: DataApiLimits = targets.limits
        self._publish = publish
        self._workers = Workers("redshift", CONCURRENT)
        self._notifiers = Workers("redshift-event", NOTIFIERS)
        self._submitting = threading.Lock()
        self._tokens: dict[tuple[str, ...], Statement] = {}
        self._pids = itertools.count(1_073_750_000)
        self._query_ids = itertools.count(100_001)

    def execute(self, request: Request, caller: Caller) -> dict[str, Any]:
        """ExecuteStatement: one statement."""
        return self._submitted(request, caller, [request["Sql"]], is_batch=False)

    def batch_execute(self, request: Request, caller: Caller) -> dict[str, Any]:
        """BatchExecuteStatement: up to 40 statements, together or each for itself."""
        return self._submitted(request, caller, list(request["Sqls"]), is_batch=True)

    def stop(self, submission: Statement) -> bool:
        """Abort a submission; False when DuckDB could not be stopped in time.

        Interrupts again and again until it has ended, as an interrupt between two steps is lost.
        """
        if self._store.withdraw(submission):
            self._released(submission)
            self._ended(submission)
        deadline = time.monotonic() + STOP_SECONDS
        while not submission.status.is_final and time.monotonic() < deadline:
            self._runner.interrupt(submission)
            self._store.wait(submission, _TICK)
        return submission.status.is_final

    def stop_later(self, submission: Statement) -> None:
        """The same without waiting for it."""
        self._notifiers.submit(lambda: self._stop(submission))

    def _stop(self, submission: Statement) -> None:
        if not self.stop(submission):
            _logger.error("Statement %s could not be stopped", submission.id)

    def forget_tokens(self, older_than: float) -> None:
        """Client tokens are remembered for a while only."""
        with self._submitting:
            for key in [key for key, one in self._tokens.items() if one.created_at < older_than]:
                del self._tokens[key]

    def close(self) -> None:
        """Send the last events. Everything submitted must have ended."""
        self._workers.close(timeout=1.0)
        self._notifiers.close(timeout=5.0)
        self._runner.close()

    def _submitted(self, request: Request, caller: Caller, sqls: list[str], is_batch: bool) -> dict[str, Any]:
        """One at a time up to the queue, so that a repeated ClientToken cannot overtake its first.

        AWS does not document the same token with other SQL: here it gives the old statement, as any repetition.
        """
        if sum(len(sql.encode()) for sql in sqls) > self._limits.max_statement_bytes:
            raise invalid(f"The SQL text is larger than {self._limits.max_statement_bytes // 1024} KB.")
        key = (caller.owner, str(is_batch), request.get("ClientToken", ""))
        with self._submitting:
            submission = self._tokens.get(key)
            if submission is None:
                submission = self._accepted(request, caller, sqls, is_batch)
                if "ClientToken" in request:
                    self._tokens[key] = submission
        self._store.long_poll(submission, request.get("WaitTimeSeconds"))
        return answers.submitted(submission)

    def _accepted(self, request: Request, caller: Caller, sqls: list[str], is_batch: bool) -> Statement:
        for sql in sqls:
            check_single(sql)
        check_used(sqls, request.get("Parameters", []))
        if len(self._store.running()) >= self._limits.max_active_statements:
            raise ServiceError(
                "ActiveStatementsExceededException", "The number of active statements exceeds the limit."
            )
        session = self._sessions.find(request["SessionId"], caller) if "SessionId" in request else None
        target = self._targets.target_of(request, caller) if session is None else _same_target(session, request)
        submission = self._opened(request, caller, target, sqls, is_batch)
        session = self._occupied(request, submission, session)
        self._store.add(submission)
        connection = None if session is None else session.cursor
        self._workers.submit(lambda: self._run(submission, connection))
        return submission

    def _opened(self, request: Request, caller: Caller, target: Target, sqls: list[str], is_batch: bool) -> Statement:
        submission = self._store.open(
            sqls,
            is_batch,
            caller,
            target,
            name=request.get("StatementName"),
            parameters=request.get("Parameters", []),
            with_event=request.get("WithEvent", False),
            result_format=request.get("ResultFormat", "JSON"),
            execution_mode=request.get("ExecutionMode", "TRANSACTION"),
            pid=next(self._pids),
        )
        for part in submission.parts:
            part.query_id, part.query_uuid = next(self._query_ids), str(uuid.uuid4())
        return submission

    def _occupied(self, request: Request, submission: Statement, session: Session | None) -> Session | None:
        """The session the submission runs in: the named one, a new one to be kept alive, or none."""
        keep_alive: int | None = request.get("SessionKeepAliveSeconds")
        if session is None:
            if keep_alive is None:
                return None
            session = self._sessions.open(submission.caller, submission.target, keep_alive, self._engine.cursor)
        self._sessions.occupy(session, submission.id, keep_alive)
        submission.session_id = session.id
        return session

    def _run(self, submission: Statement, connection: duckdb.DuckDBPyConnection | None) -> None:
        """In a worker thread: run to the end, then tell."""
        if not self._store.move(submission, Status.PICKED):  # withdrawn meanwhile
            return
        self._runner.run(submission, connection, lambda: self._released(submission))
        self._ended(submission)

    def _released(self, submission: Statement) -> None:
        if submission.session_id is not None:
            self._sessions.release(submission.session_id)

    def _ended(self, submission: Statement) -> None:
        if submission.with_event:
            self._notifiers.submit(lambda: self._notify(submission))

    def _notify(self, submission: Statement) -> None:
        try:
            self._publish(event_of(submission, self._targets.region, self._targets.account))
        except Exception:
            _logger.exception("The event of statement %s could not be published", submission.id)


def _same_target(session: Session, request: Request) -> Target:
    if not session.target.agrees(request):
        raise invalid("The connection parameters are not those of the session.")
    return session.target
