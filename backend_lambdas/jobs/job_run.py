"""A run of a job, as a value: who started it with which values, how far it has come, and what it may become next.

Pure, but for the clock: each function gives the run as it is after something has happened, or the same where that
changes nothing. `job_run_table` keeps it, `job_runner` does what is due.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas import clock
from backend_lambdas.access.principal import ADMINS, Principal
from backend_lambdas.aws.warehouse import StatementPart
from backend_lambdas.errors import CheckFailed, JobBusy, Timeout
from backend_lambdas.jobs.job_file import Job, Statement
from backend_lambdas.messages import Start
from backend_lambdas.runs import error_classification

APPROVAL, QUEUED, RUNNING = "approval", "queued", "running"
FINISHED, FAILED, CANCELLED = "finished", "failed", "cancelled"
ENDED = frozenset({FINISHED, FAILED, CANCELLED})
WAITING, UNDONE = "waiting", "undone"

WHOLE = "whole"
_DIVISION = "divi"
"""In what the warehouse says of a division by zero, which is how a check fails that is not true."""

_STATES = {"FINISHED": FINISHED, "FAILED": FAILED}
"""Of the Data API; a statement of a batch that never came to its turn is aborted."""

_KEPT_AS_IT_WAS = "Everything is as it was before."
_MOST_MESSAGE = 500


class StepRun(Struct, frozen=True):
    """A step of a run: `waiting`, `running`, `finished`, `failed`, or `undone`."""

    name: str
    kind: str
    state: str = WAITING
    rows: int = 0
    elapsed_ms: int = 0


class Alias(Struct, frozen=True):
    """Another start of the same job with the same values at the same time: it is this run under another id."""

    run_id: str
    topic_name: str
    sub: str


class JobRun(Struct, frozen=True):
    """A run. Times are epoch milliseconds, 0 where something has not happened.

    `groups` may start the job, `approve` may agree. `index` is the step that runs, or is the next to. `stopping` is why
    its statement is being cancelled, which may come too late. `cancelled_by` is the e-mail of who did so.
    """

    run_id: str
    job: str
    title: str
    department: str
    version: str
    topic_name: str
    sub: str
    email: str
    groups: tuple[str, ...]
    approve: tuple[str, ...]
    parameters: dict[str, Any]
    values: dict[str, str]
    statements: tuple[Statement, ...]
    transaction: Literal["whole", "each step"]
    when_busy: Literal["wait", "refuse"]
    writes: tuple[str, ...]
    timeout_seconds: int
    requested_at: int
    steps: tuple[StepRun, ...]
    status: str = QUEUED
    index: int = 0
    statement_id: str = ""
    submitted_at: int = 0
    started_at: int = 0
    ended_at: int = 0
    approved_by: str = ""
    waits_for: str = ""
    stopping: str = ""
    cancelled_by: str = ""
    code: str = ""
    message: str = ""
    reason: str = ""
    others: tuple[Alias, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether nothing more can become of it."""
        return self.status in ENDED

    @property
    def is_whole(self) -> bool:
        """Whether all steps are one transaction."""
        return self.transaction == WHOLE

    @property
    def question(self) -> str:
        """The same for the same job with the same values, whoever starts it."""
        text = json.dumps([self.job, sorted(self.values.items())])
        return f"{self.job}#{hashlib.sha256(text.encode()).hexdigest()[:32]}"

    @property
    def attempt(self) -> str:
        """What names the statement of the step that runs: the run's key and the step's number."""
        return f"{key_of(self.run_id)}/{self.index}"

    @property
    def comment(self) -> str:
        """What stands before each of its SQL texts, by which the warehouse's own log tells whose it was."""
        return f"/* pushboard job {self.department}/{self.job} */ "

    @property
    def to_submit(self) -> tuple[list[str], dict[str, str]]:
        """The SQL texts of the statement that is due, and the values to bind in them."""
        due = self.statements if self.is_whole else self.statements[self.index : self.index + 1]
        values = {name: value for statement in due for name, value in statement.values.items()}
        return [self.comment + statement.sql for statement in due], values

    @property
    def done(self) -> tuple[str, ...]:
        """The names of the steps that are done and stay."""
        return tuple(step.name for step in self.steps if step.state == FINISHED and step.kind == "step")

    @property
    def has_changed_tables(self) -> bool:
        """Whether rows may have changed: some step is done that is not taken back."""
        return self.has_ended and bool(self.done)

    @property
    def changed_by(self) -> str:
        """Who has changed its tables, in words."""
        return f"{self.job} ({self.email})"

    @property
    def limit_at(self) -> int:
        """When its time is over."""
        return self.started_at + self.timeout_seconds * 1000

    def may_be_seen_by(self, principal: Principal) -> bool:
        """Whether it is a user's to look at: who may start the job, who may agree, and who has started it."""
        return principal.may_see({*self.groups, *self.approve}) or principal.sub == self.sub

    def may_be_cancelled_by(self, principal: Principal) -> bool:
        """Whether it is a user's to stop: who has started it, and admins."""
        return ADMINS in principal.groups or principal.sub in {self.sub, *(other.sub for other in self.others)}


def key_of(run_id: str) -> str:
    """A run's id as it stands in the name of a statement: of fixed length and alphabet, whatever the client chose."""
    return hashlib.sha256(run_id.encode()).hexdigest()[:40]


def requested(
    job: Job, command: Start, principal: Principal, values: dict[str, str], statements: Sequence[Statement]
) -> JobRun:
    """A run that somebody has just asked for."""
    return JobRun(
        run_id=command.run_id,
        job=job.id,
        title=job.header.title,
        department=job.department,
        version=job.version,
        topic_name=command.topic_name,
        sub=principal.sub,
        email=principal.email,
        groups=job.groups,
        approve=tuple(job.header.approve),
        parameters=dict(command.parameters),
        values=values,
        statements=tuple(statements),
        transaction=job.header.transaction,
        when_busy=job.header.when_busy,
        writes=job.writes,
        timeout_seconds=int(job.header.timeout),
        requested_at=clock.now(),
        steps=tuple(StepRun(statement.name, statement.kind) for statement in statements),
        status=APPROVAL if job.header.approve else QUEUED,
    )


def approved(run: JobRun, email: str) -> JobRun:
    """Somebody has agreed."""
    return replace(run, status=QUEUED, approved_by=email) if run.status == APPROVAL else run


def begun(run: JobRun) -> JobRun:
    """It has its tables for itself."""
    return replace(run, status=RUNNING, started_at=clock.now(), waits_for="") if run.status == QUEUED else run


def waiting(run: JobRun, holder: str) -> JobRun:
    """Another run has its tables; a job that says so does not wait for it."""
    if run.status != QUEUED:
        return run
    return failed(run, JobBusy.code, JobBusy.sentence) if run.when_busy == "refuse" else replace(run, waits_for=holder)


def submitted(run: JobRun, index: int, statement_id: str) -> JobRun:
    """The warehouse has taken the statement of that step, or of all of them."""
    if run.status != RUNNING or run.statement_id or run.index != index:
        return run
    state = replace(run.steps[run.index], state=RUNNING)
    return replace(run, statement_id=statement_id, submitted_at=clock.now(), steps=_with(run.steps, run.index, state))


def stopped(run: JobRun, code: str, email: str = "") -> JobRun:
    """It is to end: at once where nothing runs, else when its statement has, which may still come to its end."""
    if run.has_ended:
        return run
    now = replace(run, stopping=run.stopping or code, cancelled_by=run.cancelled_by or email)
    return _ended_by(now) if run.status in {APPROVAL, QUEUED} else now


def statement_ended(run: JobRun, index: int, state: str, parts: Sequence[StatementPart]) -> JobRun:
    """The statement of a step, or of the whole, has ended."""
    if run.status != RUNNING or run.index != index:
        return run
    now = replace(run, steps=_told(run, parts), statement_id="")
    if state != "FINISHED":
        return _broken(now, state, parts)
    if run.is_whole or run.index + 1 == len(run.steps):
        return replace(now, status=FINISHED, ended_at=clock.now(), index=len(run.steps))
    following = replace(now, index=run.index + 1)
    return _ended_by(following) if following.stopping else following


def failed(run: JobRun, code: str, message: str, reason: str = "") -> JobRun:
    """It has ended without having done all its steps."""
    return replace(run, status=FAILED, code=code, message=message[:_MOST_MESSAGE], reason=reason, ended_at=clock.now())


def _told(run: JobRun, parts: Sequence[StatementPart]) -> tuple[StepRun, ...]:
    """The steps with what the warehouse tells of them."""
    steps, first = run.steps, 0 if run.is_whole else run.index
    for at, part in enumerate(parts[: len(steps) - first], start=first):
        state = _STATES.get(part.state, WAITING)
        steps = _with(steps, at, replace(steps[at], state=state, rows=part.rows, elapsed_ms=part.elapsed_ms))
    return steps


def _broken(run: JobRun, state: str, parts: Sequence[StatementPart]) -> JobRun:
    """A statement has failed or was cancelled: what the transaction had done is taken back."""
    if run.is_whole:
        undone = [replace(step, state=UNDONE) if step.state == FINISHED else step for step in run.steps]
        run = replace(run, steps=tuple(undone))
    if state == "ABORTED" or run.stopping:
        return _ended_by(replace(run, stopping=run.stopping or CANCELLED))
    at = next((at for at, step in enumerate(run.steps) if step.state == FAILED), run.index)
    step, reason = run.steps[at], next((part.error for part in parts if part.error), "")
    if step.kind == "check" and _DIVISION in reason.lower():
        return failed(run, CheckFailed.code, f"The check “{step.name}” is not true. {_what_stays(run)}", reason)
    code = error_classification.code_of(reason)
    return failed(run, code, f"The step “{step.name}” failed: {_words(reason)} {_what_stays(run)}", reason)


def _ended_by(run: JobRun) -> JobRun:
    """A run that was stopped, with the words for it."""
    if run.stopping == Timeout.code:
        message = f"It did not end within {run.timeout_seconds} seconds, and was stopped. {_what_stays(run)}"
        return failed(run, Timeout.code, message)
    who = f"{run.cancelled_by} has cancelled it." if run.cancelled_by else "It was cancelled."
    return replace(run, status=CANCELLED, code=CANCELLED, message=f"{who} {_what_stays(run)}", ended_at=clock.now())


def _what_stays(run: JobRun) -> str:
    if not run.done:
        return _KEPT_AS_IT_WAS
    return f"Done, and not taken back: {', '.join(run.done)}."


def _words(reason: str) -> str:
    """The first line of the warehouse's reason, as a sentence: whoever starts a job changes tables, and may know."""
    line = reason.strip().partition("\n")[0].removeprefix("ERROR:").strip()
    return (line[:200] or "the warehouse gives no reason").rstrip(".") + "."


def _with(steps: tuple[StepRun, ...], at: int, step: StepRun) -> tuple[StepRun, ...]:
    return (*steps[:at], step, *steps[at + 1 :])


_RUNS = msgspec.json.Decoder(JobRun)


def to_text(run: JobRun) -> str:
    """The run as it is kept."""
    return msgspec.json.encode(run).decode()


def from_text(text: str) -> JobRun:
    """The run that was kept."""
    return _RUNS.decode(text)
