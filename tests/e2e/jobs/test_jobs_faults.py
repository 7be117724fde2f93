"""Functions that run jobs die, and events come twice or not at all: a run is done once, and says how it ended."""

import json
from typing import Any

import pytest

from tests.e2e.jobs.conftest import JobTab, count
from tests.infra.local.laptop import FaultyAws, execute, until

CALLS = 22
"""At least as many AWS calls as the function makes from a start to its end; later ones are not reached."""

TABLE = "client_connections"


def state_of(aws: FaultyAws, run_id: str) -> str:
    """How far a run is, as it stands on record."""
    key = {"pk": {"S": f"jobrun#{run_id}"}, "sk": {"S": "run"}}
    found = aws.clients["dynamodb"].get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    return str(json.loads(found["run"]["S"])["status"]) if found else ""


def look_after(aws: FaultyAws, run_id: str) -> bool:
    """One minute's work; whether the run has ended by then."""
    aws.lambdas.invoke("RunJobsFunction", {})
    return state_of(aws, run_id) in {"finished", "failed", "cancelled"}


def numbers(aws: FaultyAws) -> dict[int, int]:
    """How often each number of these tests stands in the table."""
    statement = execute(aws, "SELECT one, count(*) FROM jobs.ones WHERE one >= 1000 GROUP BY one")
    records: list[list[dict[str, Any]]] = aws.clients["redshift-data"].get_statement_result(Id=statement)["Records"]
    return {one["longValue"]: rows["longValue"] for one, rows in records}


@pytest.mark.parametrize("job", ["add", "steps"])
def test_a_function_that_dies_between_any_two_calls_runs_a_job_once(aws: FaultyAws, tab: JobTab, job: str) -> None:
    """Its client sends the start once more, as one that heard nothing would; minutes do the rest."""
    first = 1_000 if job == "add" else 50_000
    runs, deaths = {}, 0
    for call in range(1, CALLS + 1):
        number = first + 10 * call
        death = aws.faults.kill("RunJobsFunction", before_call=call)
        runs[number] = tab.start(job, number=number)
        until(lambda death=death, run=runs[number]: death.happened > 0 or state_of(aws, run) == "finished")
        aws.faults.mend(death)
        deaths += death.happened
        tab.start(job, runs[number], number=number)
        until(lambda run=runs[number]: look_after(aws, run), every=0.2)
    assert deaths > CALLS // 2
    assert {state_of(aws, run_id) for run_id in runs.values()} == {"finished"}
    there = {number: rows for number, rows in numbers(aws).items() if first <= number < first + 10 * CALLS + 10}
    assert there == {number + more: 1 for number in runs for more in range(2 if job == "steps" else 1)}
    until(lambda: not held(aws))  # what comes behind an end is done by whoever has brought it


def held(aws: FaultyAws) -> list[str]:
    """What runs hold that have not ended, or of which not all is done."""
    keys = [item["pk"]["S"] for item in aws.clients["dynamodb"].scan(TableName=TABLE)["Items"]]
    return [key for key in keys if key.startswith(("joblock#", "jobsame#", "jobactive"))]


def test_ends_that_are_told_twice_do_no_step_twice(aws: FaultyAws, tab: JobTab) -> None:
    copies = aws.faults.copy_events(3)
    assert tab.run_job("steps", number=600)["type"] == "finished"
    aws.faults.mend(copies)
    assert (count(aws, 600), count(aws, 601)) == (1, 1)
