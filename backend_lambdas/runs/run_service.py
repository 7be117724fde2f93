"""The life of a run: one statement for everybody who requests it, and a notification of its end to each of them.

`on_connect` calls `request_run`, `resume` and `cancel`; `reconcile` calls `inspect`. A look tells what there is; one
transaction then records the request, its subscriber and, where nobody runs the query, the run.
`submitter` brings it into the warehouse, and `completer` to its end.

Order keeps a subscriber from being lost: it is written before the statement is submitted, and a run is marked as ended
before its subscribers are read. A subscriber that is added after that read sees the run's status and is notified by its
own call.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas import clock, log_events
from backend_lambdas.aws.tables import WriteRefused
from backend_lambdas.aws.warehouse import Warehouse
from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.errors import BadMessage, Forbidden, PushboardError, RunNotFound, TooBusy
from backend_lambdas.messages import Export, Run, RunCancelled, RunFailed
from backend_lambdas.runs import outcomes
from backend_lambdas.runs.completer import RunCompleter
from backend_lambdas.runs.deliveries import Deliveries
from backend_lambdas.runs.history import History
from backend_lambdas.runs.requests import RequestedRun, Requester, Requests, RunRequest, Standing, content_of
from backend_lambdas.runs.run_state import CANCELLED, FINISHED, RUNNING, RunState, key_of
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.runs.submitter import Submitter
from backend_lambdas.sockets.connections import Connections, Subscriber
from backend_lambdas.sockets.notifier import DeliveryFailed, Notifier
from backend_lambdas.tables.table_changes import TableChanges
from backend_lambdas.tables.watches import Watches

log = logging.getLogger(__name__)

_ROUNDS = 4
"""How often an requester may find that the run it joined ended in just that moment, before it is told to come back."""

LATE_SECONDS = 20
"""After this time it is worth a look whether a statement has ended unnoticed."""


class RunService(Struct, frozen=True):
    """The life of runs, over the table, the warehouse and the sockets."""

    connections: Connections
    runs: RunTable
    warehouse: Warehouse
    notifier: Notifier
    submitter: Submitter
    completer: RunCompleter
    deliveries: Deliveries
    history: History
    requests: Requests
    changes: TableChanges
    watches: Watches

    def look(self, requester: Requester, command: Run | Export, spec: QuerySpec) -> Standing:
        """What there is, before a run is requested."""
        sub, connection_id = requester.principal.sub, requester.connection_id
        return self.requests.look(sub, connection_id, command.run_id, spec.key, spec.tables)

    def unwatch(self, connection_id: str, run_ids: Collection[str]) -> None:
        """Ends the watch of runs."""
        self.watches.remove(connection_id, run_ids)

    def request_run(
        self, requester: Requester, command: Run | Export, spec: QuerySpec, found: Standing | None = None
    ) -> str | None:
        """Starts the query's statement, joins the one that runs, or answers from the one that is fresh.

        `found` is what a look at this query has found just now, if there was one.
        Returns the attempt that answers; None when the run was cancelled, or the socket has closed. The same command
        again changes nothing.
        Raises `TooBusy`, `WarehouseUnavailable` or `StatementInvalid` when the warehouse takes no statement; then
        nothing is left behind.
        """
        standing = found or self.look(requester, command, spec)
        for _ in range(_ROUNDS):
            if not standing.is_open:
                log.info("a run was asked for on connection %s, which has closed", requester.connection_id)
                return None
            if standing.earlier:
                attempt = self._taken_up_again(requester, command, standing.earlier, standing.changed_at)
                if attempt or standing.earlier.cancelled:
                    return attempt
            request = RunRequest(requester, command, spec, standing.earlier, clock.now(), standing.changed_at)
            attempt = self._asked(request, standing.run)
            if attempt:
                return attempt
            standing = self.look(requester, command, spec)
        self.requests.withdraw(requester.principal.sub, command.run_id)
        raise TooBusy

    def resume(self, requester: Requester, run_ids: Collection[str]) -> None:
        """Takes up runs that were asked for on another connection; nothing is started for it.

        What has ended is told at once, what runs is waited for, and what is lost fails.
        """
        found = self.requests.of(requester.principal.sub, run_ids)
        failure: Exception | None = None
        for run_id in run_ids:
            try:
                self._resume(requester, found.get(run_id))
            except PushboardError as error:
                topic_name = found[run_id].topic_name if run_id in found else None
                self.notifier.notify(requester.connection_id, RunFailed(topic_name, run_id, error.code, error.message))
            except (ClientError, BotoCoreError, DeliveryFailed) as error:
                failure = error  # nothing is known of this run now; the others are taken up all the same
        if failure:
            raise failure

    def cancel(self, requester: Requester, run_id: str) -> bool:
        """Ends one's own wait; the statement only when nobody else waits. False when the run has ended already.

        A run that this overtakes, or whose function is still at work, finds the mark and does not go on.
        """
        sub = requester.principal.sub
        request = self.requests.cancel(sub, run_id)
        waits = [wait for wait in self.connections.subscriptions_of(requester.connection_id) if wait.run_id == run_id]
        if not waits and request and request.key:
            run = self.runs.get(request.key)
            if run is not None and request.is_answered_by(run) and not request.cancelled:
                self.requests.reopen(sub, run_id)
                return False
            waits = self._elsewhere(sub, run_id, run)
        self._end_waits(requester.connection_id, run_id, request, waits)
        return True

    def _elsewhere(self, sub: str, run_id: str, run: RunState | None) -> list[Subscriber]:
        """Where the same user waits for a run on other sockets, which may be gone."""
        subscribers = self.connections.subscribers(run.attempt) if run else []
        return [one for one in subscribers if (one.sub, one.run_id) == (sub, run_id)]

    def _end_waits(
        self, connection_id: str, run_id: str, request: RequestedRun | None, waits: Sequence[Subscriber]
    ) -> None:
        for wait in waits:
            self.connections.remove_subscriber(wait)
        topic_name = request.topic_name if request else None
        try:
            self.notifier.notify(connection_id, RunCancelled(waits[0].topic_name if waits else topic_name, run_id))
        finally:
            for wait in waits:
                self._release(wait)

    def inspect(self, run: RunState) -> None:
        """Does what is due for a run of which nothing was heard: submits it, settles it, or ends it at its limit."""
        if run.status != RUNNING:
            self.deliveries.of(run).account_for(run)
            self.completer.notify_all(run)
            return
        end = self.warehouse.end_of(run.attempt, run.statement_id) if run.statement_id else None
        if end:
            log_events.missed_event_found(run)
            self.completer.complete(end)
        elif run.limit_at <= clock.now():
            self.completer.time_out(run)
        elif taken := self.runs.take_over(run):
            log_events.run_resubmitted(taken)
            self.submitter.submit_again(taken)

    def note_export(self, requester: Requester, run_id: str, attempt: str, spec: QuerySpec) -> None:
        """Puts an export on its user's list and on record; an end that came meanwhile is accounted for here."""
        self.deliveries.exports.note(requester.principal, run_id, attempt, spec)
        log_events.export_requested(run_id, attempt, requester.principal.sub)
        run = self.runs.get(key_of(attempt))
        if run is not None and run.attempt == attempt and run.status != RUNNING:
            self.deliveries.of(run).account_for(run)
        if self.requests.is_cancelled(requester.principal.sub, run_id):
            self.deliveries.exports.withdraw(requester.principal.sub, run_id)

    def _asked(self, request: RunRequest, run: RunState | None) -> str | None:
        """The attempt that answers a request; None when something has happened since the look, which is to be repeated.

        A request of which nothing came is forgotten.
        """
        try:
            return self._subscribed(request, run)
        except WriteRefused:
            return None  # the same message, or its cancel, was handled meanwhile
        except PushboardError:
            self.requests.withdraw(request.sub, request.command.run_id)
            raise

    def _subscribed(self, request: RunRequest, run: RunState | None) -> str | None:
        """The attempt that answers a request, from the run that was there; None when that ended in just this moment.

        Raises `WriteRefused` when what is on record of the request has changed.
        """
        if run is None or not run.answers(request.refresh, request.changed_at):
            before, (run, is_mine) = run, self._claimed(request)
            if is_mine:
                self._supersede(before, run, request.changed_at)
                self._submit(run, request.subscriber_of(run))
                return run.attempt
        if run.status != RUNNING:
            self.requests.add(request.sub, request.command, request.spec.key, request.earlier)
            self._answer(run, request.subscriber_of(run))
            return run.attempt
        latest = self._joined(run, request.subscriber_of(run), self._write_of(request))
        if latest and (taken := self.runs.take_over(latest)):
            self._submit(taken, request.subscriber_of(taken))
        elif latest:
            log_events.run_shared(latest, request.subscriber_of(latest))
        return latest.attempt if latest else None

    def _claimed(self, request: RunRequest) -> tuple[RunState, bool]:
        """A new attempt that is recorded together with its request and subscriber, or the one that came first."""

        def beside(run: RunState) -> list[dict[str, Any]]:
            return [self._write_of(request), *self.connections.subscriber_writes(request.subscriber_of(run))]

        return self.runs.claim(request.spec, request.sub, request.refresh, beside, request.changed_at)

    def _write_of(self, request: RunRequest) -> dict[str, Any]:
        return self.requests.write(request.sub, request.command, request.spec.key, request.earlier)

    def _supersede(self, before: RunState | None, run: RunState, changed_at: int) -> None:
        """Brings those who still wait for an attempt from before a change to the one in its place, and cancels it.

        One whose time was over is left to `reconcile`.
        """
        if before is None or before.status != RUNNING or before.started_at > changed_at:
            return
        self.completer.reassign(before.attempt, run)
        self.submitter.give_back(before)
        if before.statement_id:
            self.warehouse.cancel(before.statement_id)

    def _submit(self, run: RunState, subscriber: Subscriber) -> None:
        log_events.run_requested(run, subscriber)
        statement_id = self.submitter.submit(run, subscriber)
        if statement_id:
            self.completer.complete_own(run, statement_id, subscriber)

    def _answer(self, run: RunState, subscriber: Subscriber) -> None:
        self.notifier.notify(subscriber.connection_id, *outcomes.answer_of(run, subscriber))
        self.completer.tell_newer(run, [subscriber])
        log_events.run_cached(run, subscriber)
        self.history.note_answer(run)

    def _joined(self, run: RunState, subscriber: Subscriber, request: Mapping[str, Any]) -> RunState | None:
        """A run that has one more subscriber, as it is since; None when it had ended without rows, and has not.

        The subscriber is written together with the `request` that it is of, or the check of that: a cancel finds both,
        or is found. Raises `WriteRefused` then.
        """
        self.connections.subscribe(subscriber, request)
        latest = self._since_joined(run)
        if latest is None or latest.attempt != run.attempt or latest.status not in {RUNNING, FINISHED}:
            self.connections.remove_subscriber(subscriber)
            return None
        if latest.statement_id:
            self.submitter.notify_accepted(subscriber, latest.statement_id, shared=True)
        if latest.status == FINISHED:
            try:
                self.completer.tell_end(latest, [subscriber])
            except DeliveryFailed as error:
                log.warning("run %s has ended and still waits to be told: %s", subscriber.run_id, error)
        return latest

    def _since_joined(self, run: RunState) -> RunState | None:
        """The run as it is since it was joined.

        Where that cannot be known now, the run is taken to go on: the subscriber stands, and the event finds it, or
        else the reconciler.
        """
        try:
            return self.runs.note_joined(run)
        except (ClientError, BotoCoreError) as error:
            log.warning("attempt %s was joined and could not be looked at: %s", run.attempt, error)
            return run

    def ask_again(self, requests: Sequence[RunRequest]) -> None:
        """Runs a query once for all who watch it, as after the last change of its tables, and has them told.

        A run that was begun since then answers them. Raises what `request_run` raises of the warehouse, of which the
        first is told here.
        """
        first = requests[0]
        for _ in range(_ROUNDS):
            before = self.runs.get(first.spec.key)
            is_asked = before and before.tells_of(first.changed_at)
            run, is_mine = (before, False) if before and is_asked else self._claimed_again(first)
            rest = [request.subscriber_of(run) for request in (requests[1:] if is_mine else requests)]
            if self._are_joined(run, rest):
                break
        else:
            raise TooBusy
        if is_mine:
            self._supersede(before, run, first.changed_at)
            try:
                self._submit(run, first.subscriber_of(run))
            except PushboardError as error:
                own = first.command
                failure = RunFailed(own.topic_name, own.run_id, error.code, error.message)
                self.notifier.try_to_notify(first.requester.connection_id, failure)
                raise

    def _claimed_again(self, first: RunRequest) -> tuple[RunState, bool]:
        def beside(run: RunState) -> list[dict[str, Any]]:
            return self.connections.subscriber_writes(first.subscriber_of(run))

        return self.runs.claim(first.spec, first.sub, False, beside, first.changed_at)

    def _are_joined(self, run: RunState, subscribers: Sequence[Subscriber]) -> bool:
        """Whether these wait for an attempt, or have been told its end; False when another took its place."""
        if not subscribers:
            return True
        self.connections.add_subscribers(subscribers)
        latest = self.runs.note_joined(run)
        if latest is None or latest.attempt != run.attempt or latest.status == CANCELLED:
            for subscriber in subscribers:
                self.connections.remove_subscriber(subscriber)
            return False
        if latest.status != RUNNING:
            self.completer.tell_end(latest, subscribers)
        elif latest.statement_id:
            statement_id = latest.statement_id
            self.notifier.each(subscribers, lambda one: self.submitter.notify_accepted(one, statement_id, shared=True))
        return True

    def _resume(self, requester: Requester, earlier: RequestedRun | None) -> None:
        if earlier and earlier.cancelled:
            self.notifier.notify(requester.connection_id, RunCancelled(earlier.topic_name, earlier.run_id))
        elif earlier is None or not self._taken_up(requester, earlier):
            raise RunNotFound

    def _taken_up_again(
        self, requester: Requester, command: Run | Export, earlier: RequestedRun, changed_at: int
    ) -> str | None:
        """The attempt that answers a command whose run id is known; raises `BadMessage` when it says something else."""
        if earlier.content not in ("", content_of(command)):
            raise BadMessage("This runId was used for another run.")
        if earlier.cancelled:
            self.notifier.notify(requester.connection_id, RunCancelled(command.topic_name, command.run_id))
            return None
        return self._taken_up(requester, earlier, changed_at)

    def _taken_up(self, requester: Requester, earlier: RequestedRun, changed_at: int | None = None) -> str | None:
        """The attempt at a run asked for before that has told its end or is waited for again; None: there is none.

        Another attempt at the same query will do as well as the one it waited for; one from before a change of its
        tables, since when `changed_at` is known (None: to be looked at), will not. Raises `Forbidden`.
        """
        for _ in range(_ROUNDS):
            run = self.runs.get(earlier.key)
            if run is None or run.status == CANCELLED or self._is_stale(run, changed_at):
                return None
            if not requester.principal.may_read(run.groups, run.claims):
                raise Forbidden
            subscriber = requester.subscriber_of(run, earlier.run_id, str(earlier.topic_name), clock.now())
            if run.status != RUNNING:
                if not earlier.is_answered_by(run):
                    return None
                self.deliveries.of(run).reassign_own(subscriber.sub, subscriber.run_id, run)
                self.notifier.notify(requester.connection_id, *outcomes.end_of(run)(subscriber))
                self.completer.tell_newer(run, [subscriber])
                return run.attempt
            try:
                joined = self._joined(run, subscriber, self.requests.check(subscriber.sub, earlier))
            except WriteRefused:
                return self._taken_up_since(requester, earlier, run)
            if joined:
                self.deliveries.of(run).reassign_own(subscriber.sub, subscriber.run_id, run)
                self._inspect_if_late(run)
                return run.attempt
        raise TooBusy

    def _is_stale(self, run: RunState, changed_at: int | None) -> bool:
        """Whether an attempt was begun before a change of its tables was known."""
        if changed_at is None:
            changes = self.changes.of(run.tables) if run.tables else {}
            changed_at = max((change.since for change in changes.values()), default=0)
        return run.started_at <= changed_at

    def _taken_up_since(self, requester: Requester, earlier: RequestedRun, run: RunState) -> str | None:
        """The same for a request that changed while it was taken up: it was cancelled, or came again."""
        now = self.requests.of(requester.principal.sub, [earlier.run_id]).get(earlier.run_id)
        if now and now.cancelled:
            self.notifier.notify(requester.connection_id, RunCancelled(earlier.topic_name, earlier.run_id))
            return run.attempt
        return self._taken_up(requester, now) if now else None

    def _inspect_if_late(self, run: RunState) -> None:
        """One of those who resume a run looks, for all of them.

        A look that fails is no end of the run: its subscriber is recorded, and the event or `reconcile` finds it.
        """
        if run.started_at + LATE_SECONDS * 1000 > clock.now():
            return
        try:
            if self.runs.admit_look(run):
                self.inspect(run)
        except (PushboardError, DeliveryFailed) as error:
            log.warning("attempt %s could not be looked at: %s", run.attempt, error)

    def _release(self, wait: Subscriber) -> None:
        """Cancels the statement of an attempt that nobody waits for any more; whoever joins at this moment keeps it."""
        run = self.runs.get(key_of(wait.attempt))
        if run is None:
            return
        self.deliveries.of(run).withdraw(wait.sub, wait.run_id)
        if run.attempt != wait.attempt or run.status != RUNNING or self.submitter.is_wanted(run):
            return
        cancelled = self.runs.abort(run, CANCELLED)
        if cancelled:
            log_events.run_ended(cancelled)
            if self.submitter.abandon(cancelled):
                self.deliveries.of(run).account_for(cancelled)
            self.history.note(cancelled, 0)
