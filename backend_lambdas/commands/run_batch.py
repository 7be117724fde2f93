"""The runs of one message, one or as many as a page has panels: each ends as if it had come alone.

Their watches are one write and their standings one look. Those whose rows are fresh are one transaction and one
message. The others go on at the same time, each by itself: a statement may take a second before anything is told of it.
Used by `on_connect`.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from msgspec import Struct

from backend_lambdas import clock, log_events
from backend_lambdas.aws.tables import WriteRefused
from backend_lambdas.commands import answering
from backend_lambdas.commands.admission import Admission
from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.errors import BadMessage, Expired, PushboardError
from backend_lambdas.messages import Event, Run, Runs
from backend_lambdas.runs import outcomes
from backend_lambdas.runs.requests import Lookup, Requester, RunRequest, Standing
from backend_lambdas.runs.run_service import RunService
from backend_lambdas.runs.run_state import RUNNING, RunState


class Admitted(Struct, frozen=True):
    """A run that its user may have: the query, and the user as of now."""

    command: Run
    requester: Requester
    spec: QuerySpec


class Refused(Struct, frozen=True):
    """A run that its user may not have, and why."""

    command: Run
    error: PushboardError


class RunBatch(Struct, frozen=True):
    """Does what the runs of one message ask for."""

    admission: Admission
    service: RunService

    def request(self, requester: Requester, batch: Runs) -> int:
        """Starts, joins or answers each; what is wrong with one is told and holds up no other.

        Gives the highest HTTP status that one of them would have by itself. Raises `Expired` when the sign-in of the
        socket has ended; then none was started.
        """
        if batch.refused:
            self.service.notifier.notify(requester.connection_id, *batch.refused, together=True)
        admitted, refused = self._admitted(requester, batch.runs)
        standings = self._watched(requester, admitted)
        if standings and self.admission.catalog.is_older_than(standings[0].catalogue):
            self.admission.catalog.current()
            admitted, refused = self._admitted(requester, batch.runs)
            standings = self._watched(requester, admitted)
        if standings and standings[0].is_open and standings[0].token_expires_at <= clock.seconds():
            self._unwatch(requester, [one.command for one in admitted])
            raise Expired
        statuses = [self._refuse(requester, one) for one in refused]
        statuses += [BadMessage.status for _ in batch.refused]
        return max([*statuses, *self._go_on(requester, list(zip(admitted, standings, strict=True)))], default=200)

    def _admitted(self, requester: Requester, runs: Sequence[Run]) -> tuple[list[Admitted], list[Refused]]:
        """Those that may go on and the others, which were judged by the catalogue that counts."""
        judged = [self._judged(requester, run) for run in runs]
        if any(isinstance(one, Refused) for one in judged):
            self.admission.catalog.current()
            judged = [self._judged(requester, one.command) if isinstance(one, Refused) else one for one in judged]
        admitted = [one for one in judged if isinstance(one, Admitted)]
        return admitted, [one for one in judged if isinstance(one, Refused)]

    def _judged(self, requester: Requester, run: Run) -> Admitted | Refused:
        try:
            return Admitted(run, *self.admission.query_of(requester, run))
        except PushboardError as error:
            return Refused(run, error)

    def _watched(self, requester: Requester, admitted: Sequence[Admitted]) -> list[Standing]:
        """What there is of each, after the watches of those that want one were written: no change is overlooked."""
        if not admitted:
            return []
        asked = [(one.command, one.spec.tables) for one in admitted if one.command.watch]
        self.service.watches.add(requester.connection_id, asked, requester.batches)
        lookups = [Lookup(one.command.run_id, one.spec.key, one.spec.tables) for one in admitted]
        return self.service.requests.look_at(requester.principal.sub, requester.connection_id, lookups)

    def _go_on(self, requester: Requester, asked: Sequence[tuple[Admitted, Standing]]) -> list[int]:
        """Answers what is fresh, and goes on with the others; gives their statuses.

        Those of one query come after one another: the second joins the first.
        """
        fresh = [each for each in asked if _is_fresh(*each)]
        rest = [each for each in asked if not _is_fresh(*each)]
        if fresh and not self._are_answered(requester, fresh):
            rest = list(asked)
        by_query: dict[str, list[tuple[Admitted, Standing]]] = {}
        for each in rest:
            by_query.setdefault(each[0].spec.key, []).append(each)

        def request(same: Sequence[tuple[Admitted, Standing]]) -> int:
            return max(self._request(requester, each) for each in same)

        if len(by_query) < 2:
            return list(map(request, by_query.values()))
        with ThreadPoolExecutor(len(by_query)) as pool:  # one that waits for its statement holds up no other
            return list(pool.map(request, by_query.values()))

    def _are_answered(self, requester: Requester, fresh: Sequence[tuple[Admitted, Standing]]) -> bool:
        """Whether all of these were answered; False when something has happened to one of them since the look."""
        answered = [(_request_of(one, standing), run) for one, standing in fresh if (run := standing.run)]
        try:
            self.service.requests.add_all([request for request, _ in answered])
        except WriteRefused:
            return False
        addresses = [(one.command.topic_name, one.command.run_id) for one, _ in fresh]
        do = partial(self._answer, requester, answered)
        answering.done(self.service.notifier, requester.connection_id, addresses, do)
        return True

    def _answer(self, requester: Requester, answered: Sequence[tuple[RunRequest, RunState]]) -> None:
        waiting = [(run, request.subscriber_of(run)) for request, run in answered]
        events: list[Event] = [event for run, one in waiting for event in outcomes.answer_of(run, one)]
        self.service.notifier.notify(requester.connection_id, *events, together=requester.batches)
        self.service.completer.tell_newer_of(waiting)
        for run, subscriber in waiting:
            log_events.run_cached(run, subscriber)
            self.service.history.note_answer(run)

    def _request(self, requester: Requester, asked: tuple[Admitted, Standing]) -> int:
        """Goes on with one, and gives its status; an error is told, and raises nothing."""
        one, standing = asked

        def request() -> None:
            try:
                self.service.request_run(one.requester, one.command, one.spec, standing)
            except PushboardError:
                self._unwatch(requester, [one.command])
                raise

        address = one.command.topic_name, one.command.run_id
        return answering.done(self.service.notifier, requester.connection_id, [address], request)

    def _refuse(self, requester: Requester, refused: Refused) -> int:
        command = refused.command
        self._unwatch(requester, [command])
        address = command.topic_name, command.run_id
        return answering.refused(self.service.notifier, requester.connection_id, [address], refused.error)

    def _unwatch(self, requester: Requester, runs: Sequence[Run]) -> None:
        """What was never started is not asked again."""
        if watched := [run.run_id for run in runs if run.watch]:
            self.service.unwatch(requester.connection_id, watched)


def _is_fresh(one: Admitted, standing: Standing) -> bool:
    """Whether there is an end that answers at once a run that has not been asked for before."""
    run = standing.run
    if not standing.is_open or standing.earlier or run is None or run.status == RUNNING:
        return False
    return run.answers(one.command.refresh, standing.changed_at)


def _request_of(one: Admitted, standing: Standing) -> RunRequest:
    return RunRequest(one.requester, one.command, one.spec, standing.earlier, clock.now(), standing.changed_at)
