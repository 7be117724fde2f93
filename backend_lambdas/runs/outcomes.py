"""How runs end, and the events that say so. Pure; used by `run_service`, `submitter` and `reconcile`."""

import datetime
from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas.errors import StatementInvalid, Timeout, TooBusy, WarehouseUnavailable
from backend_lambdas.messages import Event, RunAccepted, RunCancelled, RunExported, RunFailed, RunFinished
from backend_lambdas.runs import error_classification
from backend_lambdas.runs.run_state import CANCELLED, FAILED, FINISHED, RunState
from backend_lambdas.sockets.connections import Subscriber

_SENTENCES: Mapping[str, str] = {
    StatementInvalid.code: StatementInvalid.sentence,
    Timeout.code: Timeout.sentence,
    TooBusy.code: TooBusy.sentence,
    WarehouseUnavailable.code: WarehouseUnavailable.sentence,
    **{cause.code: cause.sentence for cause in error_classification.CAUSES},
}

_STATUSES: Mapping[str, str] = {"FINISHED": FINISHED, "FAILED": FAILED, "ABORTED": CANCELLED}

EventsFor = Callable[[Subscriber], list[Event]]


class StatementEnded(Struct, frozen=True):
    """The end of a statement, as its event or the warehouse tells it.

    Times are epoch milliseconds: `at` is when it was heard of or, where the warehouse tells, when it was; `event_at` is
    what the event says, which counts in seconds and leaves out the fraction. `error` is the warehouse's own reason for
    a failure, None where it has not been asked.
    """

    attempt: str
    statement_id: str
    state: str
    rows: int
    at: int
    event_at: int | None = None
    error: str | None = None

    @property
    def since(self) -> int:
        """From when on its subscribers wait to be told."""
        return self.at if self.event_at is None else self.event_at


def ended(run: RunState, end: StatementEnded) -> RunState:
    """The run, ended as its statement has."""
    as_of = datetime.datetime.fromtimestamp(end.at / 1000, datetime.UTC).isoformat(timespec="seconds")
    status = _STATUSES[end.state]
    return replace(
        run,
        attempt=end.attempt,
        status=status,
        statement_id=end.statement_id,
        rows=max(end.rows, 0),
        elapsed_ms=max(end.at - run.started_at, 0),
        as_of=as_of.replace("+00:00", "Z"),
        code=error_classification.SQL_ERROR if status == FAILED else "",
    )


def accepted(subscriber: Subscriber, *, shared: bool) -> RunAccepted:
    """What a subscriber whose statement is known is told first."""
    return RunAccepted(subscriber.topic_name, subscriber.run_id, subscriber.statement_id, shared)


def finished(run: RunState, subscriber: Subscriber, *, cached: bool) -> RunFinished | RunExported:
    """Where the rows are; `cached` when they were there before he asked."""
    if run.export:
        return RunExported(subscriber.topic_name, subscriber.run_id, run.export, run.rows, run.bytes)
    statement_id = str(run.statement_id)
    return RunFinished(
        subscriber.topic_name, subscriber.run_id, statement_id, run.rows, run.elapsed_ms, run.as_of, cached
    )


def answer_of(run: RunState, subscriber: Subscriber) -> list[Event]:
    """What who asks for a run that is fresh is told: its rows, or for a moment its failure."""
    events: list[Event] = [accepted(subscriber, shared=True)] if run.statement_id else []
    end = finished(run, subscriber, cached=True) if run.status == FINISHED else failed(subscriber, run.code)
    return [*events, end]


def failed(subscriber: Subscriber, code: str) -> RunFailed:
    """Why there are no rows, in a sentence fit for a viewer."""
    return RunFailed(subscriber.topic_name, subscriber.run_id, code, sentence(code))


def sentence(code: str) -> str:
    """What a viewer is told of a run that failed with this code."""
    return _SENTENCES[code]


def end_of(run: RunState) -> EventsFor:
    """What each subscriber of a run that has ended is told."""
    if run.status == FINISHED:
        return lambda subscriber: [finished(run, subscriber, cached=False)]
    if run.status == FAILED:
        return lambda subscriber: [failed(subscriber, run.code)]
    return lambda subscriber: [RunCancelled(subscriber.topic_name, subscriber.run_id)]


def acceptance_and_end_of(run: RunState, own: Subscriber) -> EventsFor:
    """The same of a run that ended at once, behind what nobody had the time to tell; it is `own` subscriber's run."""
    end = end_of(run)

    def events_for(subscriber: Subscriber) -> list[Event]:
        known = subscriber.with_statement(run.statement_id)
        is_own = (subscriber.connection_id, subscriber.run_id) == (own.connection_id, own.run_id)
        return [accepted(known, shared=not is_own), *end(subscriber)]

    return events_for
