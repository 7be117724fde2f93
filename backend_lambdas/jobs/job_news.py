"""Tells of runs of jobs: to every open socket whose user may see the run, on whatever page he is.

Those who start and agree to jobs are few, so no record is kept of who waits: whoever may see a run is told of each
step. Who has started it a second time is told under the id that he gave. Used by `job_runner`.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.access.principal import Principal
from backend_lambdas.jobs.job_run import APPROVAL, CANCELLED, FINISHED, JobRun
from backend_lambdas.messages import JobAccepted, JobCancelled, JobEvent, JobFailed, JobFinished, JobStep
from backend_lambdas.sockets.connections import Connections
from backend_lambdas.sockets.notifier import Notifier

Name = tuple[str, str]
"""A topic and a run id, under which somebody knows a run."""


class JobNews(Struct, frozen=True):
    """The sockets, and how they are reached."""

    connections: Connections
    notifier: Notifier

    def tell_request(self, run: JobRun, connection_id: str) -> None:
        """Tells of a new run all but the socket that has asked for it. Raises `DeliveryFailed`."""
        self._tell(run, [lambda name: accepted(run, name)], but=connection_id)

    def tell_steps(self, before: JobRun, after: JobRun) -> None:
        """Tells each step that is in another state than before. Raises `DeliveryFailed`."""
        self._tell(after, list(_steps(before, after)))

    def tell_end(self, run: JobRun) -> None:
        """Tells the end, as often as it takes. Raises `DeliveryFailed`."""
        self._tell(run, [lambda name: end_of(run, name)])

    def _tell(self, run: JobRun, makers: list[Callable[[Name], JobEvent]], but: str = "") -> None:
        if not makers:
            return
        opened = self.connections.open()
        listeners = [(socket, user) for socket, user in opened if socket != but and run.may_be_seen_by(user)]

        def tell(listener: tuple[str, Principal]) -> None:
            events = [make(name) for name in _names(run, listener[1]) for make in makers]
            self.notifier.notify(listener[0], *events)

        self.notifier.each(listeners, tell)


def accepted(run: JobRun, name: Name, *, shared: bool = False) -> JobAccepted:
    """A run is on record, under the name that somebody gave it."""
    of = run.run_id if name[1] != run.run_id else None
    approve = run.approve if run.status == APPROVAL else None
    return JobAccepted(name[0], name[1], run.job, shared, run.status, of, approve)


def end_of(run: JobRun, name: Name) -> JobEvent:
    """How a run has ended."""
    topic_name, run_id = name
    if run.status == FINISHED:
        rows, elapsed = sum(step.rows for step in run.steps if step.kind == "step"), run.ended_at - run.started_at
        return JobFinished(topic_name, run_id, run.job, rows, elapsed, clock.iso(run.ended_at), run.done)
    if run.status == CANCELLED:
        return JobCancelled(topic_name, run_id, run.job, run.message, run.done)
    return JobFailed(topic_name, run_id, run.job, run.code, run.message, run.done)


def _steps(before: JobRun, after: JobRun) -> Iterator[Callable[[Name], JobEvent]]:
    """For each step that is in another state than before, what tells of it."""
    for index, (was, step) in enumerate(zip(before.steps, after.steps, strict=True)):
        if step.state != was.state:
            told = index, step.name, step.state, step.rows, step.elapsed_ms
            yield lambda name, told=told: JobStep(name[0], name[1], after.job, *told)  # type: ignore[misc]


def _names(run: JobRun, user: Principal) -> list[Name]:
    own = [(other.topic_name, other.run_id) for other in run.others if other.sub == user.sub]
    return own if own and user.sub != run.sub else [(run.topic_name, run.run_id), *own]
