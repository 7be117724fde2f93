"""Submits an execution's statement, and waits for a slot, for the warehouse and for a quick end, for a bounded time.

Whoever submits renews the attempt's lease with every try and stops when it was cancelled meanwhile; when it dies, the
next one to look submits the same attempt with the same ClientToken. After it, the statement's end comes as an event.
"""

import logging

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas import clock, log_events
from backend_lambdas.aws.retry import RetryPolicy
from backend_lambdas.aws.warehouse import Submission, Warehouse
from backend_lambdas.errors import PushboardError, TooBusy, WarehouseRefused, WarehouseUnavailable
from backend_lambdas.runs import outcomes
from backend_lambdas.runs.concurrency_limits import ConcurrencyLimits
from backend_lambdas.runs.deliveries import Deliveries
from backend_lambdas.runs.history import History
from backend_lambdas.runs.run_state import CANCELLED, FAILED, LEASE_SECONDS, RunState
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.sockets.connections import Connections, Subscriber
from backend_lambdas.sockets.notifier import DeliveryFailed, Notifier

log = logging.getLogger(__name__)

_HOLD_SECONDS = LEASE_SECONDS // 3
"""How often one who queues renews the lease, and looks whether the run is still wanted."""


class Submitter(Struct, frozen=True):
    """Brings attempts into the warehouse. `queue_seconds` is how long one may wait to be taken."""

    connections: Connections
    runs: RunTable
    warehouse: Warehouse
    notifier: Notifier
    concurrency: ConcurrencyLimits
    deliveries: Deliveries
    history: History
    queue_seconds: float
    quick_seconds: int = 0

    def submit(self, run: RunState, own: Subscriber) -> str | None:
        """Submits for an requester who raises what comes of it; the others who wait are told.

        Returns the id of a statement that ended within `quick_seconds`, of which nothing is on record then: the caller
        completes the run. Raises `TooBusy` when the warehouse takes nothing for too long, `WarehouseUnavailable` or
        `StatementInvalid`; then nothing is left.
        """
        try:
            taken = self._taken(run)
        except PushboardError as error:
            if self._is_withdrawn(run, own, error):
                raise
            return None
        if taken and not taken.has_ended:
            self._record(run, taken.statement_id, own)
        return taken.statement_id if taken and taken.has_ended else None

    def submit_again(self, run: RunState) -> None:
        """Submits in the place of one who died; whoever waits is told what comes of it."""
        try:
            taken = self._taken(run)
        except PushboardError as error:
            self._fail(run, error, None)
        else:
            if taken:
                self._record(run, taken.statement_id, None)

    def abandon(self, run: RunState) -> bool:
        """Cancels a statement that nobody wants; whoever joined before it was given up keeps it: then False."""
        if self.is_wanted(run):
            self.runs.reopen(run)
            return False
        if run.statement_id:
            self.warehouse.cancel(run.statement_id)
        return True

    def is_wanted(self, run: RunState) -> bool:
        """Whether anybody waits for an attempt, be it for its file only."""
        return bool(self.connections.subscribers(run.attempt)) or self.deliveries.of(run).is_wanted(run.attempt)

    def notify_accepted(self, subscriber: Subscriber, statement_id: str, *, shared: bool) -> None:
        """Best effort, and only while the subscription lasts: what counts is the end, which finds it anyway.

        A subscriber that was written with its statement is on record already.
        """
        try:
            is_there = subscriber.statement_id == statement_id or self.connections.set_statement(
                subscriber, statement_id
            )
        except (ClientError, BotoCoreError) as error:
            log.warning("run %s waits, and does not know its statement: %s", subscriber.run_id, error)
            return
        if is_there:
            known = subscriber.with_statement(statement_id)
            self.notifier.try_to_notify(subscriber.connection_id, outcomes.accepted(known, shared=shared))

    def _record(self, run: RunState, statement_id: str, own: Subscriber | None) -> None:
        try:
            self._record_submission(run, statement_id, own)
        except (ClientError, BotoCoreError, DeliveryFailed) as error:
            # The statement runs, and its event names the attempt: whatever could not be written or told, its end is.
            log.warning("attempt %s runs, which is not all on record: %s", run.attempt, error)

    def _record_submission(self, run: RunState, statement_id: str, own: Subscriber | None) -> None:
        alone = own and self._recorded_alone(run, statement_id, own)
        if alone:
            return
        latest = self.runs.submitted(run, statement_id)
        self._announce(run, statement_id, own)
        if latest.status == CANCELLED:
            self.abandon(latest)

    def _recorded_alone(self, run: RunState, statement_id: str, own: Subscriber) -> RunState | None:
        """The usual case in one write: nobody has joined, and nothing else has happened; else None."""
        write = self.connections.statement_write(own, statement_id)
        latest = self.runs.submitted_alone(run, statement_id, write)
        if latest:
            self.notify_accepted(own.with_statement(statement_id), statement_id, shared=False)
        return latest

    def _is_withdrawn(self, run: RunState, own: Subscriber, error: PushboardError) -> bool:
        """Whether a run that was not taken is off the table. If not, its subscribers stand and are told its end later.

        Else one would be told that nothing was started, and the run would be submitted by whoever looks after it.
        """
        try:
            self._fail(run, error, own)
            self.connections.remove_subscriber(own)
        except (ClientError, BotoCoreError) as failure:
            log.warning("attempt %s could not be withdrawn: %s", run.attempt, failure)
            return False
        return True

    def _taken(self, run: RunState) -> Submission | None:
        """The statement once the warehouse has taken it; None when it need not be submitted any more.

        Whoever submits an attempt sends the same request: what the Data API makes of another one with the same token is
        not documented.
        """
        wait_seconds = self.quick_seconds if self.deliveries.of(run).may_be_quick else 0
        refusal: PushboardError = TooBusy()
        has_slot, held_at = False, clock.now()
        for _ in RetryPolicy(min(self.queue_seconds, run.timeout_seconds), longest_wait=3).tries():
            try:
                if clock.now() - held_at >= _HOLD_SECONDS * 1000:
                    if not self._is_held(run):
                        return None
                    held_at = clock.now()
                has_slot = has_slot or self._has_slot(run)
                sqls, submitted_at = self.deliveries.statements(run), clock.now()
                taken = self.warehouse.submit(run.attempt, sqls, run.values, wait_seconds)
                log_events.run_started(replace(run, statement_id=taken.statement_id), submitted_at)
                return taken
            except WarehouseRefused:
                raise
            except (TooBusy, WarehouseUnavailable) as error:
                refusal = error
            except (ClientError, BotoCoreError) as error:
                log.warning("the limits could not be looked at for attempt %s: %s", run.attempt, error)
                refusal = TooBusy()
        raise refusal

    def _has_slot(self, run: RunState) -> bool:
        self.concurrency.take(run)
        return True

    def _is_held(self, run: RunState) -> bool:
        """Keeps the lease. A run that was cancelled while it queued is wanted again if somebody joined before that."""
        if self.runs.hold(run):
            return True
        latest = self.runs.get(run.key)
        if latest and latest.attempt == run.attempt and latest.status == CANCELLED:
            self.abandon(latest)
        return self.runs.hold(run)

    def _announce(self, run: RunState, statement_id: str, own: Subscriber | None) -> None:
        new = [
            subscriber for subscriber in self.connections.subscribers(run.attempt) if subscriber.statement_id is None
        ]
        is_own = [subscriber for subscriber in new if own and subscriber.run_id == own.run_id]
        self.notifier.each(
            new,
            lambda subscriber: self.notify_accepted(
                subscriber, statement_id, shared=own is not None and subscriber not in is_own
            ),
        )

    def _fail(self, run: RunState, error: PushboardError, own: Subscriber | None) -> None:
        """Ends an attempt that has no statement, unless it has ended otherwise; tells all but the caller's own."""
        aborted = self.runs.abort(run, FAILED, error.code)
        if aborted is None:
            return
        self.give_back(run)
        log_events.run_ended(aborted)
        self.deliveries.of(aborted).account_for(aborted)
        try:
            others = [one for one in self.connections.subscribers(run.attempt) if one != own]
            self.notifier.notify_all(others, lambda subscriber: [outcomes.failed(subscriber, error.code)])
        except (DeliveryFailed, ClientError, BotoCoreError) as failure:
            log.error("attempt %s was not started: %s", run.attempt, failure)
        self.history.note(aborted, 0)

    def give_back(self, run: RunState) -> None:
        """Best effort: a place that stays taken is found out by whoever is refused for it."""
        try:
            self.concurrency.give_back(run)
        except (ClientError, BotoCoreError) as error:
            log.warning("attempt %s still counts as under way: %s", run.attempt, error)
