"""Running statements: a submission's parts on one connection. Called by `submissions` in a worker thread.

This is where the warehouse does its work; every outcome and error ends in the submission's record. Next: the long polls
wake, and `submissions` sends the event.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import duckdb
from sqlglot.errors import SqlglotError

from infra.local.redshift_data.errors import result_too_large, row_too_large
from infra.local.redshift_data.limits import DataApiLimits
from infra.local.redshift_data.statements import Statement, StatementStore, Status, SubStatement
from infra.redshift_sql.errors import StatementAborted, StatementFailed
from infra.warehouse.deliveries import Deliveries
from infra.warehouse.engine import Engine
from infra.warehouse.failures import failure_of
from infra.warehouse.objects import Objects
from infra.warehouse.statements.dispatch import execute, may_change_tables, only_reads, unloads
from infra.warehouse.statements.execution_context import ExecutionContext, StatementResult
from infra.warehouse.time_limits import TimeLimit, TimeLimits
from infra.warehouse.user_settings import StatementTimeouts


class Runner:
    """Runs submissions, many at once, and interrupts them."""

    def __init__(self, engine: Engine, store: StatementStore, objects: Objects, limits: DataApiLimits) -> None:
        self._engine = engine
        self._store = store
        self._objects = objects
        self._limits = limits
        self._lock = threading.Lock()
        self._running: dict[str, duckdb.DuckDBPyConnection] = {}
        self._timeouts = StatementTimeouts(engine)
        self._time_limits = TimeLimits()

    def close(self) -> None:
        """Watches no statement's time any more; nothing may run."""
        self._time_limits.close()

    def run(
        self, submission: Statement, session: duckdb.DuckDBPyConnection | None, released: Callable[[], None]
    ) -> None:
        """Run every part to a final status. Raises nothing: whatever goes wrong is the submission's error.

        `released` is called when the session is free again, before anyone can see the final status.
        """
        began = time.perf_counter_ns()
        try:
            with (
                self._connected(submission, session) as cursor,
                self._writing(submission),
                self._forgetting(submission.parts),
            ):
                self._store.move(submission, Status.STARTED)
                error = self._run_parts(submission, cursor)
        except StatementFailed as failed:
            error = failed
        except duckdb.Error as failed:  # between the parts, such as a cancel that meets the BEGIN of a batch
            error = failure_of(failed)
        except Exception as crash:  # a defect of ours must end the statement, not the worker
            error = StatementFailed(f"ERROR: internal error: {crash!r}")
        released()
        self._settle(submission, error, time.perf_counter_ns() - began)

    def interrupt(self, submission: Statement) -> None:
        """Stop a submission: at once if DuckDB is at work on it, else before its next step."""
        submission.cancelled.set()
        with self._lock:
            cursor = self._running.get(submission.id)
            if cursor is not None:
                cursor.interrupt()

    @contextmanager
    def _connected(
        self, submission: Statement, session: duckdb.DuckDBPyConnection | None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = session or self._engine.cursor()
        with self._lock:
            self._running[submission.id] = cursor
        try:
            yield cursor
        finally:
            with self._lock:
                del self._running[submission.id]
            if session is None:
                cursor.close()

    def _writing(self, submission: Statement) -> AbstractContextManager[None]:
        """One writer at a time, as Redshift's table locks make it."""
        reads = all(only_reads(part.sql) for part in submission.parts)
        return nullcontext() if reads else _turn(self._engine.write_lock, submission)

    def _unloading(self, submission: Statement, part: SubStatement, limit: TimeLimit) -> AbstractContextManager[None]:
        """One UNLOAD at a time: each fills buffers that cannot go to files, and several would exceed the memory."""
        return _turn(self._engine.unload_lock, submission, limit) if unloads(part.sql) else nullcontext()

    @contextmanager
    def _forgetting(self, parts: Iterable[SubStatement]) -> Iterator[None]:
        """Forget remembered queries once the parts have run, if any may have changed tables or rights.

        It ends before a status says so and before the next writer begins: a remembered query is not checked again.
        """
        try:
            yield
        finally:
            if any(may_change_tables(part.sql) for part in parts):
                self._engine.prepared.forget()

    def _run_parts(self, submission: Statement, cursor: duckdb.DuckDBPyConnection) -> StatementFailed | None:
        together = submission.is_batch and submission.execution_mode == "TRANSACTION"
        with Deliveries(self._objects) as deliveries:
            if together:
                cursor.execute("BEGIN")
            error = None
            for number, part in enumerate(submission.parts, 1):
                failed = self._run_part(submission, part, cursor, deliveries if together else None)
                if failed is None:
                    continue
                error = error or _numbered(failed, number, submission.is_batch)
                if together or isinstance(failed, StatementAborted):
                    break
            return _ended(cursor, deliveries, error) if together else error

    def _run_part(
        self,
        submission: Statement,
        part: SubStatement,
        cursor: duckdb.DuckDBPyConnection,
        together: Deliveries | None,
    ) -> StatementFailed | None:
        """What it unloads is sent at once, or by whoever commits when there are deliveries of all parts together."""
        with self._store.change(submission) as now:
            part.status, part.updated_at = Status.STARTED, now
        began = time.perf_counter_ns()
        limit = TimeLimit(self._timeouts.of(submission.target.folded_user), cursor.interrupt)
        try:
            _check(submission)
            with (
                self._time_limits.within(limit),
                Deliveries(self._objects) as alone,
                self._unloading(submission, part, limit),
                self._forgetting([part]),
            ):
                outcome = execute(self._work(submission, part, cursor, together or alone), part.sql)
                self._check_size(cursor, outcome)
                alone.send()
        except (StatementFailed, duckdb.Error) as error:
            failed = error if isinstance(error, StatementFailed) else failure_of(error)
            return self._failed(submission, part, _timed_out(part) if limit.passed else failed, began)
        except SqlglotError as error:
            return self._failed(submission, part, StatementFailed(f"ERROR: {error}"), began)
        self._finished(submission, part, outcome, began)
        return None

    def _finished(self, submission: Statement, part: SubStatement, outcome: StatementResult, began: int) -> None:
        with self._store.change(submission) as now:
            part.status, part.updated_at, part.duration = Status.FINISHED, now, time.perf_counter_ns() - began
            part.rows, part.size, part.result = outcome.rows, outcome.size, outcome.result

    def _failed(
        self, submission: Statement, part: SubStatement, failed: StatementFailed, began: int
    ) -> StatementFailed:
        if submission.cancelled.is_set():
            failed = StatementAborted("ERROR: Query cancelled on user's request")
        with self._store.change(submission) as now:
            part.status = Status.ABORTED if isinstance(failed, StatementAborted) else Status.FAILED
            part.updated_at, part.duration, part.error = now, time.perf_counter_ns() - began, str(failed)
        return failed

    def _work(
        self, submission: Statement, part: SubStatement, cursor: duckdb.DuckDBPyConnection, deliveries: Deliveries
    ) -> ExecutionContext:
        name = part.id.replace(":", "_")
        return ExecutionContext(
            cursor=cursor,
            database=submission.target.database,
            user=submission.target.folded_user,
            parameters={parameter["name"]: parameter["value"] for parameter in submission.parameters},
            result_path=self._engine.results / f"{name}.parquet",
            staging=self._engine.staging,
            objects=self._objects,
            deliveries=deliveries,
            query_id=part.query_id,
            sql=part.sql,
            prepared=self._engine.prepared,
            constants=self._engine.constants,
            version=self._engine.prepared.version,
            remembers=not submission.is_batch and submission.session_id is None,
        )

    def _check_size(self, cursor: duckdb.DuckDBPyConnection, outcome: StatementResult) -> None:
        if outcome.result is None:
            return
        try:
            if outcome.size > self._limits.max_result_bytes:
                raise result_too_large()
            if outcome.result.widest_row(cursor) > self._limits.max_row_bytes:
                raise row_too_large()
        except (StatementFailed, duckdb.Error):
            outcome.result.delete()
            raise

    def _settle(self, submission: Statement, error: StatementFailed | None, duration: int) -> None:
        with self._store.change(submission) as now:
            for part in submission.parts:
                if not part.status.is_final:
                    part.status, part.updated_at = Status.ABORTED, now
            submission.duration = duration
            submission.error = None if error is None else str(error)
            submission.status = Status.FINISHED if error is None else _status_of(error)


@contextmanager
def _turn(lock: threading.Lock, submission: Statement, limit: TimeLimit | None = None) -> Iterator[None]:
    """Wait for the lock, unless the submission is cancelled meanwhile, or its time is over."""
    while not lock.acquire(timeout=0.05):
        _check(submission)
        if limit is not None and limit.passed:
            raise StatementFailed("ERROR: the time of the statement is over")
    try:
        yield
    finally:
        lock.release()


def _check(submission: Statement) -> None:
    if submission.cancelled.is_set():
        raise StatementAborted("ERROR: Query cancelled on user's request")


def _timed_out(part: SubStatement) -> StatementFailed:
    """It has failed, in the words of a cancel. Source: "statement_timeout" in the Redshift developer guide."""
    return StatementFailed(f"ERROR: Query ({part.query_id}) canceled on user's request")


def _status_of(error: StatementFailed) -> Status:
    return Status.ABORTED if isinstance(error, StatementAborted) else Status.FAILED


def _numbered(error: StatementFailed, number: int, is_batch: bool) -> StatementFailed:
    """In a batch the parent's text says which statement failed."""
    return type(error)(f"Query #{number} failed with {error}") if is_batch else error


def _ended(
    cursor: duckdb.DuckDBPyConnection, deliveries: Deliveries, error: StatementFailed | None
) -> StatementFailed | None:
    """Commit or roll back a batch's transaction, and send what it unloaded; both can fail as well."""
    try:
        cursor.execute("COMMIT" if error is None else "ROLLBACK")
        if error is None:
            deliveries.send()
    except duckdb.Error as failed:
        error = error or failure_of(failed)
    except StatementFailed as failed:
        error = failed
    return error
