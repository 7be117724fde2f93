"""What happens to a run of a job in the moments between two calls, which no client can choose."""

import pytest

from backend_lambdas.errors import BadMessage
from backend_lambdas.jobs import job_file
from backend_lambdas.jobs.job_file import Job
from backend_lambdas.jobs.job_run import JobRun, key_of
from backend_lambdas.messages import Start
from tests.backend_lambdas.lambda_fakes import FakeClock, Statement, World, principal

HEADER = "/*---\ntitle: Add\ngroups: [finance]\nwrites: [t]\n---*/\n"
TEXT = f"{HEADER}-- step: One\nINSERT INTO t SELECT 1;\n-- step: Two\nANALYZE t;\n"
ANN = principal("finance")


@pytest.fixture
def job() -> Job:
    loaded = job_file.load("finance/add.sql", TEXT)
    assert isinstance(loaded, Job), loaded
    return loaded


def start(world: World, job: Job, run_id: str = "run-1") -> JobRun:
    return world.job_runner_over().start(job, Start("jobs", job.id, run_id), ANN)


def now(world: World, run_id: str = "run-1") -> JobRun:
    run = world.job_runner_over().runs.get(run_id)
    assert run is not None
    return run


def end(world: World) -> None:
    """The event of the only statement, as it has ended."""
    statement = world.data_api.only
    world.job_runner_over().statement_ended(key_of("run-1"), 0, statement.status, statement.id)


def test_a_cancel_that_comes_while_a_statement_is_submitted_reaches_it(world: World, job: Job) -> None:
    def cancel(_: Statement) -> None:
        world.data_api.during.clear()
        world.job_runner_over().cancel("run-1", ANN)

    world.data_api.during["BatchExecuteStatement"] = cancel
    start(world, job)
    assert world.data_api.only.status == "ABORTED"
    end(world)
    assert (now(world).status, now(world).done) == ("cancelled", ())


def test_a_cancel_that_the_warehouse_has_not_taken_is_tried_again(
    world: World, job: Job, fake_clock: FakeClock
) -> None:
    start(world, job)
    world.data_api.refusals["CancelStatement"] = ["InternalServerException"]
    world.job_runner_over().cancel("run-1", ANN)
    assert world.data_api.only.status == "STARTED"
    fake_clock.forward(60)
    world.job_runner_over().tick()
    assert world.data_api.only.status == "ABORTED"


def test_a_cancel_that_comes_too_late_is_told_as_what_it_was(world: World, job: Job) -> None:
    start(world, job)
    world.data_api.only.status = "FINISHED"
    world.job_runner_over().cancel("run-1", ANN)
    end(world)
    assert (now(world).status, now(world).done) == ("finished", ("One", "Two"))
    with pytest.raises(BadMessage, match="ended already"):
        world.job_runner_over().cancel("run-1", ANN)
