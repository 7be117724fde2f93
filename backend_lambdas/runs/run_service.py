"""Asking a question once for everybody who asks it, and telling each of them how it ended.

`on_connect` calls `ask`, `resume` and `cancel`, `send_message` calls `settle`, `reconcile` calls `look` and `follow`.
Order is what keeps a waiter from being lost: the waiter is written before the statement is submitted, and a run is
marked as ended before its waiters are read; so whoever joins either is read there, or sees the end himself.
"""

import logging
from collections.abc import Collection

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas import clock, log_events
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws.warehouse import Warehouse
from backend_lambdas.errors import Forbidden, Lost, PushboardError, Timeout, TooBusy
from backend_lambdas.exports.export_store import Exports
from backend_lambdas.messages import Export, Run, RunCancelled, RunFailed
from backend_lambdas.runs import error_classification, outcomes
from backend_lambdas.runs.concurrency_limits import Slots
from backend_lambdas.runs.connections import Asked, Connections, Waiter
from backend_lambdas.runs.history import History
from backend_lambdas.runs.notifier import DeliveryFailed, Teller
from backend_lambdas.runs.outcomes import StatementEnded
from backend_lambdas.runs.query_spec import Question
from backend_lambdas.runs.run_table import CANCELLED, FAILED, FINISHED, RUNNING, Runs, RunState, key_of
from backend_lambdas.runs.submitter import Submitter

log = logging.getLogger(__name__)

_ROUNDS = 4
"""How often an asker may find that the run it joined ended in just that moment, before it is told to come back."""

LATE_SECONDS = 20
"""After this time it is worth a look whether a statement has ended unheard."""


class Asker(Struct, frozen=True):
    """Who asks, and on which socket."""

    connection_id: str
    principal: Principal

    def waits_for(self, run: RunState, run_id: str, topic_name: str) -> Waiter:
        """The waiter that this asker becomes."""
        sub, now = self.principal.sub, clock.now()
        return Waiter(run.attempt, self.connection_id, run_id, topic_name, now, sub, run.statement_id)


class RunService(Struct, frozen=True):
    """The life of runs, over the table, the warehouse and the sockets."""

    connections: Connections
    runs: Runs
    warehouse: Warehouse
    teller: Teller
    slots: Slots
    submitter: Submitter
    exports: Exports
    history: History

    def ask(self, asker: Asker, command: Run | Export, question: Question) -> str:
        """Starts the question's statement, joins the one that runs, or answers from the one that is fresh.

        Gives the attempt that answers. The same command again changes nothing. Raises `TooBusy` or
        `WarehouseUnavailable` when the warehouse takes no statement; then nothing is left behind.
        """
        earlier = self.connections.asked(asker.principal.sub, [command.run_id]).get(command.run_id)
        taken_up = self._taken_up(asker, earlier) if earlier else None
        if taken_up:
            return taken_up
        refresh = isinstance(command, Run) and command.refresh
        for _ in range(_ROUNDS):
            run, is_mine = self.runs.claim(question, asker.principal.sub, refresh)
            waiter = asker.waits_for(run, command.run_id, command.topic_name)
            if run.status == FINISHED:
                found = outcomes.accepted(waiter, shared=True), outcomes.finished(run, waiter, cached=True)
                self.teller.tell(asker.connection_id, *found)
                log_events.run_cached(run, waiter)
                self.history.note_answer(run)
                return run.attempt
            self.connections.add_waiter(waiter)
            if is_mine:
                log_events.run_asked(run, waiter)
                self.submitter.submit(run, waiter)
                return run.attempt
            if self._joined(run, waiter):
                log_events.run_shared(run, waiter)
                return run.attempt
            self.connections.forget_run(waiter)
        raise TooBusy

    def resume(self, asker: Asker, run_ids: Collection[str]) -> None:
        """Takes up runs that were asked for on another connection; nothing is started for it.

        What has ended is told at once, what runs is waited for, and what is lost fails.
        """
        found = self.connections.asked(asker.principal.sub, run_ids)
        failure: Exception | None = None
        for run_id in run_ids:
            try:
                self._resume(asker, found.get(run_id))
            except PushboardError as error:
                topic_name = found[run_id].topic_name if run_id in found else None
                self.teller.tell(asker.connection_id, RunFailed(topic_name, run_id, error.code, error.message))
            except (ClientError, BotoCoreError, DeliveryFailed) as error:
                failure = error  # nothing is known of this run now; the others are taken up all the same
        if failure:
            raise failure

    def settle(self, end: StatementEnded) -> None:
        """Records how an attempt ended and tells everyone who waits for it; doing it twice changes nothing."""
        run = self.runs.get(key_of(end.attempt))
        if run is None:
            log.warning("no run is known for statement %s", end.statement_id)
            return
        self._tell_all(self._settled(run, end), end.since)
        if run.export and end.state != "FINISHED":
            self.exports.discard(end.attempt)

    def cancel(self, asker: Asker, run_id: str) -> bool:
        """Ends one's own wait; the statement only when nobody else waits. False when there is no such wait."""
        waits = [wait for wait in self.connections.waits_of(asker.connection_id) if wait.run_id == run_id]
        for wait in waits:
            self.connections.mark_cancelled(wait)
            self.connections.remove_waiter(wait)
            try:
                self.teller.tell(asker.connection_id, RunCancelled(wait.topic_name, wait.run_id))
            finally:
                self._release(wait)
        return bool(waits)

    def look(self, run: RunState) -> None:
        """Does what is due for a run of which nothing was heard: submits it, settles it, or ends it at its limit."""
        if run.status != RUNNING:
            self._account_for(run)
            self._tell_all(run)
            return
        end = self.warehouse.end_of(run.attempt, run.statement_id) if run.statement_id else None
        if end:
            log_events.end_unheard(run)
            self.settle(end)
        elif run.limit_at <= clock.now():
            self._time_out(run)
        elif taken := self.runs.take_over(run):
            log_events.run_resubmitted(taken)
            self.submitter.submit_again(taken)

    def follow(self, attempt: str, run: RunState | None) -> None:
        """Brings those who wait for an attempt whose place another took to what there is now, if anything."""
        waiters = self.connections.waiters(attempt)
        if run is None or run.status == CANCELLED:
            self.exports.lose(attempt)
            self.teller.tell_all(waiters, lambda one: RunFailed(one.topic_name, one.run_id, Lost.code, Lost.sentence))
        elif run.status != RUNNING:
            self._lead_exports(attempt, run)
            self.teller.tell_all(waiters, outcomes.event_of(run))
        else:
            self._lead_exports(attempt, run)
            for waiter in waiters:
                self.connections.add_waiter(waiter.of(run.attempt))
                self.connections.remove_waiter(waiter)

    def note_export(self, asker: Asker, run_id: str, attempt: str, question: Question) -> None:
        """Puts an export on its user's list and on record; an end that came meanwhile is accounted for here."""
        self.exports.note(asker.principal, run_id, attempt, question)
        log_events.export_asked(run_id, attempt, asker.principal.sub)
        run = self.runs.get(key_of(attempt))
        if run is not None and run.attempt == attempt and run.status != RUNNING:
            self._account_for(run)
        asked = self.connections.asked(asker.principal.sub, [run_id]).get(run_id)
        if asked and asked.cancelled:
            self.exports.withdraw(asker.principal.sub, run_id)

    def _resume(self, asker: Asker, earlier: Asked | None) -> None:
        if earlier is None or not self._taken_up(asker, earlier):
            raise Lost

    def _taken_up(self, asker: Asker, earlier: Asked) -> str | None:
        """The attempt at a run asked for before that has told its end or is waited for again; None: there is none.

        Another attempt at the same question will do as well as the one it waited for. Raises `Forbidden`.
        """
        if earlier.cancelled:
            self.teller.tell(asker.connection_id, RunCancelled(earlier.topic_name, earlier.run_id))
            return earlier.attempt
        for _ in range(_ROUNDS):
            run = self.runs.get(key_of(earlier.attempt))
            if run is None or run.status == CANCELLED:
                return None
            if not asker.principal.may_read(run.groups, run.claims):
                raise Forbidden
            waiter = asker.waits_for(run, earlier.run_id, earlier.topic_name)
            if run.status != RUNNING:
                self._lead_exports(earlier.attempt, run)
                self.teller.tell(asker.connection_id, outcomes.event_of(run)(waiter))
                return run.attempt
            self.connections.add_waiter(waiter)
            if self._joined(run, waiter):
                self._lead_exports(earlier.attempt, run)
                self._look_if_late(run)
                return run.attempt
            self.connections.remove_waiter(waiter)
        raise TooBusy

    def _joined(self, run: RunState, waiter: Waiter) -> bool:
        """Whether the run joined still runs, or ended well, now that the waiter is written."""
        latest = self.runs.get(run.key)
        if latest is None or latest.attempt != run.attempt or latest.status not in {RUNNING, FINISHED}:
            return False
        if latest.statement_id:
            self.submitter.tell_accepted(waiter, latest.statement_id, shared=True)
        if latest.status == FINISHED:
            self.teller.tell_all([waiter], outcomes.event_of(latest))
        return True

    def _look_if_late(self, run: RunState) -> None:
        """A look that fails is no end of the run: its waiter is recorded, and the event or `reconcile` finds it."""
        if run.started_at + LATE_SECONDS * 1000 > clock.now():
            return
        try:
            self.look(run)
        except (PushboardError, DeliveryFailed) as error:
            log.warning("attempt %s could not be looked at: %s", run.attempt, error)

    def _release(self, wait: Waiter) -> None:
        """Cancels the statement of an attempt that nobody waits for any more; whoever joins at this moment keeps it."""
        run = self.runs.get(key_of(wait.attempt))
        if run is None:
            return
        if run.export:
            self.exports.withdraw(wait.sub, wait.run_id)
        if run.attempt != wait.attempt or run.status != RUNNING or self.submitter.is_wanted(run):
            return
        cancelled = self.runs.give_up(run, CANCELLED)
        if cancelled:
            log_events.run_ended(cancelled)
            if self.submitter.abandon(cancelled):
                self._account_for(cancelled)
            self.history.note(cancelled, 0)

    def _settled(self, run: RunState, end: StatementEnded) -> RunState:
        """The attempt as it is recorded to have ended. The first end counts, but rows count more than their lack."""
        is_latest = run.attempt == end.attempt
        if is_latest and (run.status == FINISHED or (run.status != RUNNING and end.state != "FINISHED")):
            self.slots.give_back(run)
            self._account_for(run)  # who noted this end may have died before it was on record
            return run
        now = outcomes.ended(run, end)
        if now.status == FINISHED and now.export:
            now = self.exports.written(now, self.warehouse)
        elif now.status == FINISHED:
            self.runs.add_statement(now)
        elif now.status == FAILED:
            reason = self.warehouse.error_of(end.statement_id)
            now = replace(now, reason=reason, code=error_classification.code_of(reason))
        noted = self.runs.settle(now)
        if noted:
            log_events.run_ended(noted)
        self._account_for(now)
        if is_latest:
            self.slots.give_back(run)
        return now if noted else self._noted_before(now)

    def _noted_before(self, run: RunState) -> RunState:
        """What another event, or another end, that came at the same time has noted of this attempt."""
        latest = self.runs.get(run.key)
        is_same = latest is not None and latest.attempt == run.attempt and latest.status != RUNNING
        return latest if latest is not None and is_same else run

    def _time_out(self, run: RunState) -> None:
        """Ends a run at its report's limit, in the table first: then nobody can join what is cancelled here."""
        given_up = self.runs.give_up(run, FAILED, Timeout.code)
        if given_up is None:
            return
        log_events.run_ended(given_up)
        self.slots.give_back(run)
        self._account_for(given_up)
        try:
            self._tell_all(given_up)
        finally:
            if given_up.statement_id:
                self.warehouse.cancel(given_up.statement_id)

    def _account_for(self, run: RunState) -> None:
        if run.export:
            self.exports.account_for(run)

    def _lead_exports(self, attempt: str, run: RunState) -> None:
        """Lets those who export an attempt whose place another took have what there is now."""
        if run.export and run.attempt != attempt:
            self.exports.follow(attempt, run.attempt)
            if run.status != RUNNING:
                self._account_for(run)

    def _tell_all(self, run: RunState, since: int | None = None) -> None:
        """Tells everyone who waits for a run that it has ended; `since` is when its statement had, if it has."""
        waiters = self.connections.waiters(run.attempt)
        failure: DeliveryFailed | None = None
        try:
            self.teller.tell_all(waiters, outcomes.event_of(run))
        except DeliveryFailed as error:
            failure = error
        untold = failure.untold if failure else 0
        log_events.all_told(run, len(waiters) - untold, untold, since)
        self.history.note(run, len(waiters) - untold)
        if failure:
            raise failure
