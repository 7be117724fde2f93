"""Functions that run jobs die, and events come twice or not at all: a run is done once, and says how it ended."""

from typing import Any

import pytest

from tests.e2e.jobs.conftest import JobTab, count, get
from tests.infra.local.laptop import FaultyAws, until

CALLS = 24
"""At least as many AWS calls as the function makes from a start to its end; later ones are not reached."""


def run_of(aws: FaultyAws, job: str, run_id: str) -> dict[str, Any] | None:
    return next((run for run in get(aws, f"/jobs/runs?job={job}")["runs"] if run["runId"] == run_id), None)


def end_of(aws: FaultyAws, tab: JobTab, job: str, run_id: str, number: int) -> str:
    """How a run ends, looked after by the minutes; the tab sends it once more, as one that heard nothing would."""
    tab.start(job, run_id, number=number)

    def has_ended() -> bool:
        aws.lambdas.invoke("RunJobsFunction", {})
        run = run_of(aws, job, run_id)
        return run is not None and run["state"] in {"finished", "failed", "cancelled"}

    until(has_ended)
    run = run_of(aws, job, run_id)
    assert run is not None
    return str(run["state"])


@pytest.mark.parametrize("job", ["add", "steps"])
def test_a_function_that_dies_between_any_two_calls_runs_a_job_once(aws: FaultyAws, tab: JobTab, job: str) -> None:
    runs = {}
    for call in range(1, CALLS + 1):
        number = 1_000 * (1 + call) + (500 if job == "steps" else 0)
        death = aws.faults.kill("RunJobsFunction", before_call=call)
        runs[number] = tab.start(job, number=number)
        until(lambda death=death, number=number: death.happened > 0 or _is_over(aws, job, runs[number]))
        aws.faults.mend(death)
    for number, run_id in runs.items():
        assert end_of(aws, tab, job, run_id, number) == "finished"
        assert count(aws, number) == 1
        assert count(aws, number + 1) == (1 if job == "steps" else 0)
    held = aws.clients["dynamodb"].scan(TableName="client_connections")["Items"]
    assert not [item for item in held if item["pk"]["S"].startswith(("joblock#", "jobsame#", "jobactive"))]


def _is_over(aws: FaultyAws, job: str, run_id: str) -> bool:
    run = run_of(aws, job, run_id)
    return run is not None and run["state"] == "finished"


def test_ends_that_are_told_twice_do_no_step_twice(aws: FaultyAws, tab: JobTab) -> None:
    copies = aws.faults.copy_events(3)
    assert tab.run_job("steps", number=600)["type"] == "finished"
    aws.faults.mend(copies)
    assert (count(aws, 600), count(aws, 601)) == (1, 1)
