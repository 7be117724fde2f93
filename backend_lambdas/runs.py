"""Asking a question once for everybody who asks it, and telling each of them how it ended.

`on_connect` calls `ask` and `cancel`, `send_message` calls `settle`. Order is what keeps a waiter from being lost: the
waiter is written before the statement is submitted, and a run is marked as ended before its waiters are read; so
whoever joins either is read there, or sees the end himself.
"""

import datetime
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from backend_lambdas.connections import Connections, Waiter
from backend_lambdas.errors import PushboardError, TooBusy
from backend_lambdas.messages import Event, Run, RunAccepted, RunCancelled, RunFailed, RunFinished
from backend_lambdas.run_table import CANCELLED, FAILED, FINISHED, RUNNING, Question, Runs, RunState, key_of
from backend_lambdas.teller import DeliveryFailed, Teller
from backend_lambdas.warehouse import Warehouse

log = logging.getLogger(__name__)

_ROUNDS = 4
"""How often an asker may find that the run it joined ended in just that moment, before it is told to come back."""

SQL_ERROR = "The warehouse could not run this report. Its author has to look at it."


@dataclass(frozen=True)
class StatementEnded:
    """The end of a statement, as its event tells it. `at` is epoch milliseconds."""

    attempt: str
    statement_id: str
    state: str
    rows: int
    at: int


@dataclass(frozen=True)
class RunService:
    """The life of runs, over the table, the warehouse and the sockets."""

    connections: Connections
    runs: Runs
    warehouse: Warehouse
    teller: Teller

    def ask(self, connection_id: str, command: Run, question: Question, sql: str) -> None:
        """Starts the question's statement, joins the one that runs, or answers from the one that is fresh.

        Raises `TooBusy` or `WarehouseUnavailable` when the warehouse takes no statement; then nothing is left behind.
        """
        for _ in range(_ROUNDS):
            run, is_mine = self.runs.claim(question, command.refresh)
            waiter = Waiter(run.attempt, connection_id, command.run_id, command.topic_name, _now(), run.statement_id)
            if run.status == FINISHED:
                self.teller.tell(connection_id, _accepted(waiter, shared=True), _finished(run, waiter, cached=True))
                return
            self.connections.add_waiter(waiter)
            if is_mine:
                self._submit(run, waiter, sql, question)
                return
            if self._joined(run, waiter):
                return
            self.connections.remove_waiter(waiter)
        raise TooBusy

    def settle(self, ended: StatementEnded) -> None:
        """Records how an attempt ended and tells everyone who waits for it; doing it twice changes nothing."""
        run = self.runs.get(key_of(ended.attempt))
        if run is None:
            log.warning("no run is known for statement %s", ended.statement_id)
            return
        event_for = _OUTCOMES[ended.state](self, self._as_ended(run, ended))
        self.teller.tell_all(self.connections.waiters(ended.attempt), event_for)

    def cancel(self, connection_id: str, run_id: str) -> bool:
        """Ends one's own wait; the statement only when nobody else waits. False when there is no such wait."""
        waits = [wait for wait in self.connections.waits_of(connection_id) if wait.run_id == run_id]
        for wait in waits:
            self.connections.remove_waiter(wait)
            try:
                self.teller.tell(connection_id, RunCancelled(wait.topic_name, wait.run_id))
            finally:
                self._release(wait.attempt)
        return bool(waits)

    def _submit(self, run: RunState, waiter: Waiter, sql: str, question: Question) -> None:
        try:
            statement_id = self.warehouse.submit(run.attempt, sql, question.values)
        except PushboardError as error:
            self.connections.remove_waiter(waiter)
            self._fail(run, error)
            raise
        latest = self.runs.submitted(run, statement_id)
        self._tell_accepted(waiter, statement_id, shared=False)
        for other in self.connections.waiters(run.attempt):
            if other.statement_id is None:
                self._tell_accepted(other, statement_id, shared=True)
        if latest.status == CANCELLED:
            self._abandon(latest)

    def _joined(self, run: RunState, waiter: Waiter) -> bool:
        """Whether the run joined still runs, or ended well, now that the waiter is written."""
        latest = self.runs.get(run.key)
        if latest is None or latest.attempt != run.attempt or latest.status not in {RUNNING, FINISHED}:
            return False
        if latest.statement_id:
            self._tell_accepted(waiter, latest.statement_id, shared=True)
        if latest.status == FINISHED:
            self.teller.tell_all([waiter], lambda _: _finished(latest, waiter, cached=False))
        return True

    def _tell_accepted(self, waiter: Waiter, statement_id: str, *, shared: bool) -> None:
        """Best effort, and not to one whose wait is over: what counts is the end, and that finds the waiter anyway."""
        if self.connections.set_statement(waiter, statement_id):
            self.teller.try_to_tell(waiter.connection_id, _accepted(waiter.with_statement(statement_id), shared=shared))

    def _fail(self, run: RunState, error: PushboardError) -> None:
        self.runs.give_up(run, FAILED)
        others = self.connections.waiters(run.attempt)
        try:
            self.teller.tell_all(others, lambda waiter: _failed(waiter, error.code, error.message))
        except DeliveryFailed as failure:
            log.error("attempt %s was not started: %s", run.attempt, failure)

    def _release(self, attempt: str) -> None:
        """Cancels the statement of an attempt that nobody waits for; whoever joins at this moment keeps it."""
        run = self.runs.get(key_of(attempt))
        if run is None or run.attempt != attempt or run.status != RUNNING or self.connections.waiters(attempt):
            return
        cancelled = self.runs.give_up(run, CANCELLED)
        if cancelled:
            self._abandon(cancelled)

    def _abandon(self, run: RunState) -> None:
        """Looks again now that nobody can join any more. Without a statement yet, its submitter comes here later."""
        if self.connections.waiters(run.attempt):
            self.runs.reopen(run)
        elif run.statement_id:
            self.warehouse.cancel(run.statement_id)

    def _as_ended(self, run: RunState, ended: StatementEnded) -> RunState:
        if run.attempt == ended.attempt and run.status == FINISHED:
            return run  # told before: what it was stays
        as_of = datetime.datetime.fromtimestamp(ended.at / 1000, datetime.UTC).isoformat(timespec="seconds")
        return replace(
            run,
            attempt=ended.attempt,
            statement_id=ended.statement_id,
            rows=max(ended.rows, 0),
            elapsed_ms=max(ended.at - run.started_at, 0),
            as_of=as_of.replace("+00:00", "Z"),
        )

    def _settle_finished(self, run: RunState) -> Callable[[Waiter], Event]:
        if run.status != FINISHED:
            self.runs.add_statement(run)
            self.runs.settle(run, FINISHED)
        return lambda waiter: _finished(run, waiter, cached=False)

    def _settle_failed(self, run: RunState) -> Callable[[Waiter], Event]:
        log.error("statement %s of report %s failed: %s", run.statement_id, run.report, self._reason(run))
        self.runs.settle(run, FAILED)
        return lambda waiter: _failed(waiter, "sql_error", SQL_ERROR)

    def _settle_cancelled(self, run: RunState) -> Callable[[Waiter], Event]:
        self.runs.settle(run, CANCELLED)
        return lambda waiter: RunCancelled(waiter.topic_name, waiter.run_id)

    def _reason(self, run: RunState) -> str:
        return self.warehouse.error_of(run.statement_id) if run.statement_id else "it has no statement"


_OUTCOMES: dict[str, Callable[[RunService, RunState], Callable[[Waiter], Event]]] = {
    "FINISHED": RunService._settle_finished,
    "FAILED": RunService._settle_failed,
    "ABORTED": RunService._settle_cancelled,
}


def _now() -> int:
    return time.time_ns() // 1_000_000


def _accepted(waiter: Waiter, *, shared: bool) -> RunAccepted:
    return RunAccepted(waiter.topic_name, waiter.run_id, waiter.statement_id, shared)


def _finished(run: RunState, waiter: Waiter, *, cached: bool) -> RunFinished:
    statement_id = str(run.statement_id)
    return RunFinished(waiter.topic_name, waiter.run_id, statement_id, run.rows, run.elapsed_ms, run.as_of, cached)


def _failed(waiter: Waiter, code: str, message: str) -> RunFailed:
    return RunFailed(waiter.topic_name, waiter.run_id, code, message)
