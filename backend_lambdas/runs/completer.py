"""The end of a run: recorded, and told to everyone who waits for it.

`send_message` calls `complete` for each event, `run_service` for a statement that ended while its submitter waited, and
for what `reconcile` and a resumed tab find. Order keeps a subscriber from being lost: the run is marked as ended before
its subscribers are read. The rows stay in the warehouse for `get_result`.
"""

import logging
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas import log_events
from backend_lambdas.aws.warehouse import Warehouse
from backend_lambdas.errors import PushboardError, RunNotFound, Timeout
from backend_lambdas.messages import RunFailed
from backend_lambdas.runs import error_classification, outcomes
from backend_lambdas.runs.concurrency_limits import ConcurrencyLimits
from backend_lambdas.runs.deliveries import Deliveries
from backend_lambdas.runs.history import History
from backend_lambdas.runs.outcomes import StatementEnded
from backend_lambdas.runs.run_state import CANCELLED, FAILED, FINISHED, RUNNING, RunState, key_of
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.sockets.connections import Connections, Subscriber
from backend_lambdas.sockets.notifier import DeliveryFailed, EventsFor, Notifier
from backend_lambdas.tables.watches import Watches

log = logging.getLogger(__name__)


class RunCompleter(Struct, frozen=True):
    """Brings runs to their end, over the table, the warehouse and the sockets."""

    connections: Connections
    runs: RunTable
    warehouse: Warehouse
    notifier: Notifier
    concurrency: ConcurrencyLimits
    deliveries: Deliveries
    history: History
    watches: Watches

    def complete(self, end: StatementEnded) -> None:
        """Records how an attempt ended and tells everyone who waits for it; doing it twice changes nothing.

        Where another attempt has taken its place, its rows may be from before a change: then it is no end any more.
        """
        run = self.runs.get(key_of(end.attempt))
        if run is None:
            log.warning("no run is known for statement %s", end.statement_id)
            return
        if run.attempt != end.attempt:
            self.reassign(end.attempt, run)
        elif run.told_by_submitter:
            return
        else:
            try:
                self.notify_all(self._completed(run, end), end.since)
            finally:  # behind the notifications, which do not wait for it
                self.concurrency.give_back(run)
        if end.state != "FINISHED":
            self.deliveries.of(run).discard(end.attempt)

    def complete_own(self, run: RunState, statement_id: str, own: Subscriber) -> None:
        """Tells the end of a statement that its submitter has seen, unless its event was quicker.

        What fails here is no failure of the run: its event tells the end, or the reconciler does.
        """
        try:
            end = self.warehouse.end_of(run.attempt, statement_id)
            noted = self.runs.complete_own(self._with_end(run, end)) if end else None
            if end is None or noted is None:
                return
            log_events.run_ended(noted)
            try:
                subscribers = self.connections.subscribers(run.attempt) if noted.joined else [own]
                self._notify(subscribers, noted, outcomes.acceptance_and_end_of(noted, own), end.since)
            finally:
                self.concurrency.give_back(run)
        except (PushboardError, ClientError, BotoCoreError, DeliveryFailed) as error:
            log.warning("statement %s has ended, which is not all told: %s", statement_id, error)

    def time_out(self, run: RunState) -> None:
        """Ends a run at its report's limit, in the table first: then nobody can join what is cancelled here."""
        aborted = self.runs.abort(run, FAILED, Timeout.code)
        if aborted is None:
            return
        log_events.run_ended(aborted)
        self.concurrency.give_back(run)
        self.deliveries.of(aborted).account_for(aborted)
        try:
            self.notify_all(aborted)
        finally:
            if aborted.statement_id:
                self.warehouse.cancel(aborted.statement_id)

    def reassign(self, attempt: str, run: RunState | None) -> None:
        """Brings those who wait for an attempt whose place another took to what there is now, if anything."""
        subscribers = self.connections.subscribers(attempt)
        if run is None or run.status == CANCELLED:
            self.deliveries.exports.lose(attempt)
            self.notifier.notify_all(
                subscribers, lambda one: [RunFailed(one.topic_name, one.run_id, RunNotFound.code, RunNotFound.sentence)]
            )
        elif run.status != RUNNING:
            self.deliveries.of(run).reassign(attempt, run)
            self.tell_end(run, subscribers)
        else:
            self.deliveries.of(run).reassign(attempt, run)
            for subscriber in subscribers:
                self.connections.add_subscriber(subscriber.of(run.attempt))
                self.connections.remove_subscriber(subscriber)
            self.runs.note_joined(run)

    def tell_end(self, run: RunState, subscribers: Sequence[Subscriber]) -> None:
        """Tells the end of a run to those of its subscribers; raises `DeliveryFailed`."""
        try:
            self.notifier.notify_all(subscribers, outcomes.end_of(run))
        finally:
            self.tell_newer(run, subscribers)

    def tell_newer(self, run: RunState, subscribers: Sequence[Subscriber]) -> None:
        """After the end of a run was told: tells those who watch what has ended in its place meanwhile, if anything.

        Between the look at a run and the telling of it a table may change and its pages turn: what is told last counts.
        """
        latest = self.runs.get(run.key) if run.tables and subscribers else None
        if latest is None or latest.attempt == run.attempt or latest.status not in {FINISHED, FAILED}:
            return
        watched = self.watches.of(((one.connection_id, one.run_id) for one in subscribers), run.tables)
        watching = [one for one in subscribers if (one.connection_id, one.run_id) in watched]
        events_for = outcomes.end_of(latest)

        def tell(one: Subscriber) -> None:
            self.notifier.notify(one.connection_id, *events_for(one))

        self.notifier.each(watching, tell)
        self.tell_newer(latest, watching)

    def tell_newer_of(self, answered: Sequence[tuple[RunState, Subscriber]]) -> None:
        """The same of several runs, each with its one subscriber, by one look at all of them."""
        told = [(run, one) for run, one in answered if run.tables]
        latest = {run.key: run.attempt for run in self.runs.latest(run.attempt for run, _ in told)}
        for run, one in told:
            if latest.get(run.key) != run.attempt:
                self.tell_newer(run, [one])

    def notify_all(self, run: RunState, since: int | None = None) -> None:
        """Tells everyone who waits for a run that it has ended; `since` is when its statement had, if it has."""
        self._notify(self.connections.subscribers(run.attempt), run, outcomes.end_of(run), since)

    def _completed(self, run: RunState, end: StatementEnded) -> RunState:
        """The attempt as it is recorded to have ended. The first end counts, but rows count more than their lack."""
        if run.status == FINISHED or (run.status != RUNNING and end.state != "FINISHED"):
            self.deliveries.of(run).account_for(run)  # who noted this end may have died before it was on record
            return run
        now = self._with_end(run, end)
        noted = self.runs.complete(now)
        if noted:
            log_events.run_ended(noted)
        self.deliveries.of(now).account_for(now)
        return now if noted else self._recorded_before(now)

    def _with_end(self, run: RunState, end: StatementEnded) -> RunState:
        """The attempt as its statement has ended, once it is on record who may have the rows, or known why there are
        none.
        """
        now = outcomes.ended(run, end)
        if now.status == FINISHED:
            return self.deliveries.of(run).record(now)
        if now.status == FAILED:
            reason = self.warehouse.error_of(end.statement_id) if end.error is None else end.error
            return replace(now, reason=reason, code=error_classification.code_of(reason))
        return now

    def _recorded_before(self, run: RunState) -> RunState:
        """What another event, or another end, that came at the same time has noted of this attempt."""
        latest = self.runs.get(run.key)
        is_same = latest is not None and latest.attempt == run.attempt and latest.status != RUNNING
        return latest if latest is not None and is_same else run

    def _notify(
        self, subscribers: Sequence[Subscriber], run: RunState, events_for: EventsFor, since: int | None
    ) -> None:
        failure: DeliveryFailed | None = None
        try:
            self.notifier.notify_all(subscribers, events_for)
        except DeliveryFailed as error:
            failure = error
        self.tell_newer(run, subscribers)
        unnotified = failure.unnotified if failure else 0
        log_events.all_notified(run, len(subscribers) - unnotified, unnotified, since)
        self.history.note(run, len(subscribers) - unnotified)
        if failure:
            raise failure
