"""Runs jobs: brings each run from its start to its end, once, whatever dies on the way.

`run_jobs` calls it for each message, for the end of each statement, and every minute. What is due follows from the run
alone (`job_run`): whoever comes first does it, and who comes second finds it done. So a function may die between any
two calls: a statement is submitted again under the same token, which starts no second one; an end is told again; and
what an ended run holds is freed by the next minute. What really became of a statement is asked of the warehouse: also
where it was cancelled, since that may come too late.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas import clock, log_events
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws.tables import WriteRefused
from backend_lambdas.aws.warehouse import Warehouse
from backend_lambdas.errors import (
    BadMessage,
    BadParameter,
    Forbidden,
    NeedsApproval,
    PushboardError,
    RunNotFound,
    StatementInvalid,
    Timeout,
    TooBusy,
    WarehouseRefused,
)
from backend_lambdas.jobs import job_news, job_run
from backend_lambdas.jobs.job_file import Job
from backend_lambdas.jobs.job_news import JobNews
from backend_lambdas.jobs.job_run import APPROVAL, CANCELLED, QUEUED, RUNNING, Alias, JobRun
from backend_lambdas.jobs.job_run_table import Change, JobRunTable
from backend_lambdas.jobs.table_news import TableNews
from backend_lambdas.messages import Start
from backend_lambdas.reports import parameters
from backend_lambdas.sockets.notifier import DeliveryFailed

log = logging.getLogger(__name__)

_ROUNDS = 4
_LATE_SECONDS = 20
"""After this time it is worth a look whether a statement has ended unnoticed."""

_APPROVAL_SECONDS = 24 * 3600
_NOBODY_AGREED = "Nobody has agreed to it within a day. Everything is as it was before."


class JobRunner(Struct, frozen=True):
    """Runs jobs, over the table, the warehouse, the bus and the sockets. `deployment` is what `${NAME}` stands for."""

    runs: JobRunTable
    warehouse: Warehouse
    news: JobNews
    tables: TableNews
    deployment: Mapping[str, str]

    def start(self, job: Job, command: Start, principal: Principal, connection_id: str = "") -> JobRun:
        """Starts a run, or joins the one under way with the same values; the same message again changes nothing.

        Raises `BadParameter`, or `BadMessage` for an id that stands for something else.
        """
        values = parameters.bind(job.header.parameters, command.parameters, {}, groups=principal.groups)
        try:
            statements = job.statements(values, self.deployment)
        except ValueError as error:
            log.warning("job %s cannot start: %s", job.id, error)
            raise BadParameter("A value cannot stand in this job's SQL.") from error
        run = self._recorded(job_run.requested(job, command, principal, values, statements), connection_id)
        own = command.topic_name, command.run_id
        if connection_id:
            shared = run.run_id != command.run_id or run.sub != principal.sub
            self.news.notifier.try_to_notify(connection_id, job_news.accepted(run, own, shared=shared))
            if run.has_ended:
                self.news.notifier.try_to_notify(connection_id, job_news.end_of(run, own))
        return self._tried(run)

    def approve(self, run_id: str, principal: Principal) -> JobRun:
        """Agrees to another's run. Raises `RunNotFound`, `Forbidden`, `NeedsApproval` (it is one's own)."""
        run = self._seen(run_id, principal)
        if principal.sub == run.sub:
            raise NeedsApproval
        if not principal.may_see(run.approve):
            raise Forbidden("You may not agree to this run.")
        before, after = self.runs.change(run_id, lambda run: job_run.approved(run, principal.email))
        if before.status != APPROVAL and before.approved_by != principal.email:
            raise BadMessage("This run does not wait for anybody's agreement any more.")
        return self._tried(after)

    def cancel(self, run_id: str, principal: Principal) -> None:
        """Stops a run. Raises `RunNotFound`, `Forbidden`, and `BadMessage` when it has ended already."""
        run = self._seen(run_id, principal)
        if not run.may_be_cancelled_by(principal):
            raise Forbidden("A run is stopped by whoever has started it, or by an admin.")
        if run.has_ended:
            raise BadMessage("This run has ended already.")
        self._tried(self._stop(run, CANCELLED, principal.email))

    def statement_ended(self, key: str, index: int, state: str, statement_id: str) -> None:
        """Takes the end of a statement, by the parts of its name; doing it twice changes nothing."""
        run = next((one for one in self.runs.active() if job_run.key_of(one.run_id) == key), None)
        if run is None:
            log.warning("no run under way is known for statement %s", statement_id)
            return
        parts = self.warehouse.parts_of(statement_id)
        self.advance(self._changed(run, lambda run: job_run.statement_ended(run, index, state, parts)))

    def tick(self) -> None:
        """Does what is due for every run, and what somebody who died has left over. Raises the last failure."""
        failure: Exception | None = None
        for run in self.runs.active():
            try:
                self._look_after(run)
            except (PushboardError, ClientError, BotoCoreError, DeliveryFailed) as error:
                log.exception("run %s of job %s could not be looked after", run.run_id, run.job)
                failure = error
        if failure:
            raise failure

    def advance(self, run: JobRun) -> JobRun:
        """Does what is due for a run; gives it as it is then."""
        if run.status == QUEUED:
            run = self._begun(run)
        if run.status == RUNNING and not run.statement_id:
            run = self._submitted(run)
        if run.has_ended:
            self._settle(run)
        return run

    def _tried(self, run: JobRun) -> JobRun:
        """The same for whoever has put on record what is due: where it fails, the next minute does it."""
        try:
            return self.advance(run)
        except (PushboardError, ClientError, BotoCoreError, DeliveryFailed):
            log.exception("run %s of job %s waits for the next minute", run.run_id, run.job)
            return run

    def _recorded(self, wanted: JobRun, connection_id: str) -> JobRun:
        for _ in range(_ROUNDS):
            found = self.runs.add(wanted)
            if found is wanted:
                log_events.job_changed("job requested", wanted)
                self._try(lambda: self.news.tell_request(wanted, connection_id), wanted)
                return wanted
            if found is None:
                continue
            if found.run_id == wanted.run_id or any(other.run_id == wanted.run_id for other in found.others):
                self._require_same(found, wanted)
                return found
            if found.has_ended:
                self._settle(found)
                continue
            return self._joined(found, wanted)
        raise TooBusy

    def _require_same(self, found: JobRun, wanted: JobRun) -> None:
        subs = {found.sub, *(other.sub for other in found.others)}
        if found.job != wanted.job or found.parameters != wanted.parameters or wanted.sub not in subs:
            raise BadMessage("This runId was used for another run.")

    def _joined(self, found: JobRun, wanted: JobRun) -> JobRun:
        alias = Alias(wanted.run_id, wanted.topic_name, wanted.sub)
        self.runs.add_alias(wanted.run_id, found.run_id)
        _, run = self.runs.change(found.run_id, lambda run: replace(run, others=(*run.others, alias)))
        return run

    def _seen(self, run_id: str, principal: Principal) -> JobRun:
        run = self.runs.get(run_id)
        if run is None or not run.may_be_seen_by(principal):
            raise RunNotFound
        return run

    def _begun(self, run: JobRun) -> JobRun:
        """Takes the tables; where another run has one, this waits for it, or ends, as its header says."""
        for _ in range(_ROUNDS):
            try:
                return self._changed(run, job_run.begun, locks=run.writes)
            except WriteRefused:
                found = [self.runs.get(run_id) for run_id in self.runs.holders(run.writes)]
            holders = [one for one in found if one is not None]
            if not any(one.has_ended for one in holders):
                return self._changed(run, partial(job_run.waiting, holder=", ".join(one.title for one in holders)))
            for one in holders:
                if one.has_ended:
                    self.runs.release(one)
        raise TooBusy

    def _submitted(self, run: JobRun) -> JobRun:
        sqls, values = run.to_submit
        try:
            taken = self.warehouse.submit(run.attempt, sqls, values)
        except (StatementInvalid, WarehouseRefused) as error:
            return self._changed(run, partial(job_run.failed, code=error.code, message=error.message))
        except PushboardError as error:
            log.warning("run %s waits for the warehouse: %s", run.run_id, error.message)
            return run  # the next minute tries again
        after = self._changed(run, partial(job_run.submitted, index=run.index, statement_id=taken.statement_id))
        self._cancel_if_stopping(after)
        return after

    def _look_after(self, run: JobRun) -> None:
        if run.status == APPROVAL and run.requested_at + _APPROVAL_SECONDS * 1000 <= clock.now():
            run = self._changed(run, lambda run: job_run.failed(run, NeedsApproval.code, _NOBODY_AGREED))
        if run.status == RUNNING and run.statement_id and self._is_late(run):
            end = self.warehouse.end_of(run.attempt, run.statement_id)
            if end:
                self.statement_ended(job_run.key_of(run.run_id), run.index, end.state, run.statement_id)
                return
        if run.status == RUNNING and (run.stopping or run.limit_at <= clock.now()):
            run = self._stop(run, Timeout.code)
        self.advance(run)

    def _is_late(self, run: JobRun) -> bool:
        return run.submitted_at + _LATE_SECONDS * 1000 <= clock.now() or run.limit_at <= clock.now()

    def _stop(self, run: JobRun, code: str, email: str = "") -> JobRun:
        """Marks the run first, so that no further step begins, and then cancels its statement; the first reason stays.

        Whoever is just submitting the statement finds the mark, and a cancel that is refused is tried each minute.
        """
        after = self._changed(run, lambda run: job_run.stopped(run, code, email))
        self._cancel_if_stopping(after)
        return after

    def _cancel_if_stopping(self, run: JobRun) -> None:
        if run.stopping and run.statement_id and not run.has_ended:
            self.warehouse.cancel(run.statement_id)

    def _changed(self, run: JobRun, change: Change, locks: Sequence[str] = ()) -> JobRun:
        before, after = self.runs.change(run.run_id, change, locks)
        self._try(lambda: self.news.tell_steps(before, after), after)
        return after

    def _try(self, tell: Callable[[], None], run: JobRun) -> None:
        """Best effort: who misses a step sees it in the history; the end is told by `_settle`."""
        try:
            tell()
        except (DeliveryFailed, ClientError, BotoCoreError) as error:
            log.warning("not all were told of run %s: %s", run.run_id, error)

    def _settle(self, run: JobRun) -> None:
        """Does what comes after an end, all of it again if somebody died over it: the tables are told of first."""
        log_events.job_changed("job ended", run)
        if run.has_changed_tables:
            self.tables.tell(run.writes, run.ended_at, run.changed_by)
        self.news.tell_end(run)
        self.runs.release(run)
        self.runs.forget_active(run)
        for waiting in self.runs.active():
            if waiting.status == QUEUED:
                self.advance(waiting)
