"""Random walks of jobs: people start, agree to and cancel them, functions die, events come late, twice or not at all.

When everything has come to rest, each run has ended once and truly: what is called finished has done each step once,
what is not has done no step that it does not name; nothing is held any more; whoever started it was told; and the
tables that may have changed were told of.

WALKS=5000 walks that many new ways; else some dozens are walked, the same each time.
"""

import contextlib
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from backend_lambdas.errors import PushboardError
from backend_lambdas.handlers.run_jobs import STATEMENT_NAMES
from backend_lambdas.jobs import job_file, job_run
from backend_lambdas.jobs.job_file import Job
from backend_lambdas.jobs.job_run_table import JobRunTable
from backend_lambdas.jobs.job_runner import JobRunner
from backend_lambdas.messages import Start
from tests.backend_lambdas.lambda_fakes import Statement, World, principal
from tests.backend_lambdas.test_walks import one_at_a_time
from tests.backend_lambdas.walking import Deadly, Wrap, walked

__all__ = ["one_at_a_time"]

HEAD = (
    "/*---\ntitle: {name}\ngroups: [finance]\nwrites: [{writes}]\nparameters: {{n: {{type: integer}}}}\n{more}---*/\n"
)
STEPS = "-- step: One\nINSERT INTO {writes} SELECT :n;\n-- step: Two\nINSERT INTO {writes} SELECT :n + 1;\n"
MINUTE = 61_000
RETRIES = 2
USERS = ("ann", "bob")


def job(name: str, writes: str, more: str = "") -> Job:
    made = job_file.load(f"finance/{name}.sql", (HEAD + STEPS).format(name=name, writes=writes, more=more))
    assert isinstance(made, Job), made
    return made


JOBS = (
    job("whole", "a"),
    job("apart", "a", "transaction: each step\n"),
    job("refused", "a", "when_busy: refuse\n"),
    job("agreed", "b", "approve: [finance]\n"),
)


class JobRules(Deadly):
    """A world in which jobs are run, whatever else happens in it."""

    jobs: tuple[Job, ...] = JOBS

    def __init__(self) -> None:
        super().__init__()
        self.started_by: dict[str, tuple[Job, int, str]] = {}  # run id -> job, value, user
        self.ends_of_steps: list[tuple[Statement, str, int]] = []
        self.answered: set[str] = set()  # runs whose start was handled to its end

    @initialize()
    def everyone_who_starts_jobs_connects(self) -> None:
        for user in USERS:
            self.world.connections.add(f"{user}=", self.user(user))

    def user(self, name: str) -> Any:
        return type(principal())(name, f"{name}@example.com", frozenset({"finance"}), 4_000_000_000, {}, name)

    def runner(self, wrap: Wrap) -> JobRunner:
        return self.world.job_runner_over(wrap)

    # ---------------------------------------------------------------------------------------------------------- rules

    @rule(data=st.data(), value=st.integers(1, 2), user=st.sampled_from(USERS), at_once=st.booleans())
    def somebody_starts_a_job(self, data: st.DataObject, value: int, user: str, at_once: bool) -> None:
        run_id = f"job-{len(self.started_by)}"
        self.started_by[run_id] = (data.draw(st.sampled_from(self.jobs)), value, user)
        self.send_start(run_id, at_once)

    @precondition(lambda self: self.started_by)
    @rule(data=st.data(), at_once=st.booleans())
    def the_same_start_comes_again(self, data: st.DataObject, at_once: bool) -> None:
        self.send_start(data.draw(st.sampled_from(sorted(self.started_by))), at_once)

    def send_start(self, run_id: str, at_once: bool) -> None:
        which, value, user = self.started_by[run_id]
        command = Start("jobs", which.id, run_id, {"n": value})

        def start(runner: JobRunner) -> None:
            runner.start(which, command, self.user(user), f"{user}=")
            self.answered.add(run_id)

        self.do(f"start {run_id}", start, at_once)

    @precondition(lambda self: self.started_by)
    @rule(data=st.data(), user=st.sampled_from(USERS), at_once=st.booleans(), agrees=st.booleans())
    def somebody_agrees_or_cancels(self, data: st.DataObject, user: str, at_once: bool, agrees: bool) -> None:
        run_id = data.draw(st.sampled_from(sorted(self.started_by)))
        do = JobRunner.approve if agrees else JobRunner.cancel
        self.do(f"decide {run_id}", lambda runner: do(runner, run_id, self.user(user)), at_once)

    @rule(at_once=st.booleans())
    def a_minute_comes(self, at_once: bool) -> None:
        self.now += MINUTE
        self.do("minute", lambda runner: runner.tick(), at_once)

    @precondition(lambda self: self.steps())
    @rule(data=st.data(), state=st.sampled_from(["FINISHED", "FINISHED", "FAILED"]), is_lost=st.booleans())
    def a_step_ends(self, data: st.DataObject, state: str, is_lost: bool) -> None:
        statement = data.draw(st.sampled_from(self.steps()))
        self.end_step(statement, state)
        if not is_lost:
            self.ends_of_steps.append((statement, state, RETRIES))

    def end_step(self, statement: Statement, state: str) -> None:
        """Lets the warehouse have done a step, or not."""
        statement.status = state

    @precondition(lambda self: self.ends_of_steps)
    @rule(data=st.data(), twice=st.booleans(), at_once=st.booleans())
    def the_end_of_a_step_comes(self, data: st.DataObject, twice: bool, at_once: bool) -> None:
        position = data.draw(st.integers(0, len(self.ends_of_steps) - 1))
        event = self.ends_of_steps[position]
        if not twice:
            del self.ends_of_steps[position]
        self.tell_end(*event, at_once)

    def tell_end(self, statement: Statement, state: str, retries: int, at_once: bool) -> None:
        key, _, index = statement.request["StatementName"].rpartition("/")
        name, again = key.rpartition("/")[2], (statement, state, retries - 1)

        def hear(runner: JobRunner) -> None:
            runner.statement_ended(name, int(index), state, statement.id)

        self.do(
            f"step {statement.id[:4]}", hear, at_once, (lambda: self.ends_of_steps.append(again)) if retries else None
        )

    def do(self, name: str, do: Any, at_once: bool, again: Any = None) -> None:
        """Calls something of the runner; what it refuses in a sentence is an answer."""

        def called(wrap: Wrap) -> None:
            with contextlib.suppress(PushboardError):
                do(self.runner(wrap))

        before = list(self.invocations)
        self.begin(name, called, again)
        for invocation in [one for one in self.invocations if at_once and one not in before]:
            self.finish(invocation)

    # ----------------------------------------------------------------------------------------------------- properties

    def steps(self) -> list[Statement]:
        """Statements of jobs that go on."""
        return [one for one in self.world.data_api.statements.values() if one.status == "STARTED" and is_step(one)]

    def rest_from_jobs(self) -> None:
        """Statements end, and minutes find what no event has told."""
        for _ in range(12):
            self.now += MINUTE
            for statement in self.steps():
                self.end_step(statement, "FINISHED")
            self.agree_to_all()
            self.runner(lambda client: client).tick()
            if not self.world.items("jobactive"):
                break

    def agree_to_all(self) -> None:
        """What waits for somebody else does so no longer."""
        for run_id, (_, _, user) in self.started_by.items():
            (other,) = set(USERS) - {user}
            with contextlib.suppress(PushboardError):
                self.runner(lambda client: client).approve(run_id, self.user(other))

    def check_jobs(self) -> None:
        statements = [one for one in self.world.data_api.statements.values() if is_step(one)]
        names = Counter(one.request["StatementName"] for one in statements)
        assert set(names.values()) <= {1}, "a step has two statements"
        done = {name: one.status for one in statements for name in [one.request["StatementName"]]}
        runs = JobRunTable(self.world.db, self.world.table)
        for run_id, (_, _, user) in self.started_by.items():
            run = runs.get(run_id)
            if run is not None:  # else its function died before anything was on record
                self.check_that_it_is_true(run, done)
            if run_id in self.answered:
                self.check_that_it_was_told(run_id, user)
        held = [item["pk"] for item in self.world.items("job")]
        assert not [pk for pk in held if pk.startswith(("joblock#", "jobsame#", "jobactive"))], held

    def check_that_it_is_true(self, run: job_run.JobRun, done: dict[str, str]) -> None:
        assert run.has_ended, f"{run.run_id} of {run.job} is {run.status}"
        key = f"{STATEMENT_NAMES}pushboard/{job_run.key_of(run.run_id)}/"
        finished = {
            int(name.removeprefix(key)) for name, state in done.items() if name.startswith(key) and state == "FINISHED"
        }
        if run.is_whole:
            assert (run.status == "finished") == (finished == {0}), "what was done is not what is said"
        else:
            assert finished == set(range(len(run.done))), "what was done is not what is said"
        if run.done:
            told = [json.loads(entry["Detail"]) for entry in self.world.bus.entries]
            assert any(one["tables"] == list(run.writes) for one in told), "the tables were not told of"

    def check_that_it_was_told(self, run_id: str, user: str) -> None:
        told = [message for message in self.world.gateway.notified(f"{user}=") if message.get("runId") == run_id]
        assert any(message["type"] in {"finished", "failed", "cancelled"} for message in told), f"{run_id} was not told"


def is_step(statement: Statement) -> bool:
    """Whether a statement is a job's, by its name."""
    return str(statement.request["StatementName"]).startswith(STATEMENT_NAMES)


class JobWalk(JobRules):
    """Nothing but jobs."""

    def teardown(self) -> None:
        """Everything comes to rest."""
        try:
            self.finish_everything()
            self.rest_from_jobs()
            self.check_jobs()
        finally:
            self.end_everything()


@pytest.mark.timeout(0)
def test_whatever_happens_a_job_is_run_once_and_says_how_it_ended(world: World, one_at_a_time: None) -> None:
    walked(world, JobWalk, few=4)  # `test_walks_of_everything` does the same and more
