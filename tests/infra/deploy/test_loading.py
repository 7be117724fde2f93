"""The trips are loaded last, apart from the stacks: a load that fails takes nothing with it."""

import json

import pytest

from infra.deploy.stacks.templates import document
from tests.infra.deploy.account import FILE, OUTPUTS, URL, Program
from tests.infra.deploy.fakes.aws import ACCOUNT, FakeLambda, denied
from tests.infra.deploy.fakes.s3 import FakeS3
from tests.infra.deploy.test_deploying import STACKS, keys

SAMPLE = FILE.replace("[cognito]", "sample_rows = 2\n[cognito]")
OWN = FILE + 'SampleDataS3Path = "s3://trips-of-ours/2015/"\n'
AFTER = "Everything else is made; docs/warehouse.md tells what a load needs, and the next run tries again."


@pytest.fixture
def load(run: Program) -> FakeLambda:
    """The function, of an account where there are trips to load."""
    run.file.write_text(SAMPLE)
    found: FakeLambda = run.fake.services["lambda"]
    return found


def test_the_trips_are_loaded_when_everything_else_is_made(run: Program, load: FakeLambda, s3: FakeS3) -> None:
    status, out, err = run("deploy")
    assert (status, err) == (0, "")
    assert load.events == [{}]
    assert out.endswith("Loading the trips into the warehouse ...\n  1,000 trips loaded\n")
    assert out.index(URL) < out.index("Loading the trips")
    asked = [(service, method) for service, method, _ in run.fake.calls if service in {"cloudformation", "lambda"}]
    assert asked[-1] == ("lambda", "invoke")
    assert keys(s3, "sql/load/") == {"sql/load/trips.sql"}
    path = run.parameters("pushboard-backend")["LoadScriptS3Path"]
    assert path == "s3://pushboard-artifacts-bucket/sql/load/trips.sql"


def test_a_load_that_takes_longer_than_a_function_is_followed(run: Program, load: FakeLambda) -> None:
    load.answers = [{"state": "loading", "statementId": "s-1"}] * 30 + [{"state": "loaded", "trips": 3_000_000}]
    status, out, _ = run("deploy")
    assert status == 0
    assert load.events == [{}] + [{"statementId": "s-1"}] * 30
    assert out.endswith("  3,000,000 trips loaded\n")


def test_what_is_loaded_already_is_told(run: Program, load: FakeLambda) -> None:
    load.answers = [{"state": "unchanged", "trips": 1000}]
    assert run("deploy")[1].endswith("  1,000 trips are loaded already\n")


def test_a_failed_load_is_one_sentence_after_all_that_was_made(run: Program, load: FakeLambda) -> None:
    load.answers = [
        {"state": "loading", "statementId": "s-1"},
        {"state": "failed", "reason": "the load: ERROR: no right\n to read  the files."},
        {"state": "loaded", "trips": 1000},
    ]
    status, out, err = run("deploy")
    assert status == 1
    assert err == f"The trips could not be loaded: the load: ERROR: no right to read the files. {AFTER}"
    assert f"Pushboard is at {URL}\n" in out
    assert run.cloudformation.deployed == [*STACKS, "pushboard-cognito"]
    assert {run.cloudformation.status(name) for name in STACKS} == {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    status, out, err = run("deploy")
    assert (status, err) == (0, "")
    assert out.endswith("  1,000 trips loaded\n")


def test_an_error_in_the_function_is_told_as_a_failed_load(run: Program, load: FakeLambda) -> None:
    load.error, load.answers = True, [{"errorMessage": "2026-11-28 Task timed out after 50.00 seconds"}]
    status, _, err = run("deploy")
    assert (status, err) == (
        1,
        f"The trips could not be loaded: 2026-11-28 Task timed out after 50.00 seconds. {AFTER}",
    )


def test_a_load_without_an_end_can_be_waited_for_again(run: Program, load: FakeLambda) -> None:
    load.answers = [{"state": "loading", "statementId": "s-1"}] * 1000
    status, _, err = run("deploy")
    assert (status, err) == (
        1,
        "Loading the trips has not ended within 60 minutes: run this again, it goes on from there.",
    )


def test_who_may_not_invoke_it_is_told_the_right(run: Program, load: FakeLambda) -> None:
    run.fake.refusals["lambda", "invoke"] = denied("lambda:InvokeFunction", "arn:aws:x")
    status, out, err = run("deploy")
    assert (status, URL in out) == (1, True)
    assert err == (
        "These AWS credentials may not do lambda:InvokeFunction on arn:aws:x: have it allowed, and run this again."
    )


def test_trips_of_ones_own_are_loaded_as_well(run: Program, load: FakeLambda, s3: FakeS3) -> None:
    s3.regions["trips-of-ours"] = "eu-west-1"
    run.file.write_text(OWN)
    assert run("deploy")[0] == 0
    assert load.events == [{}]


def test_without_trips_nothing_is_loaded(run: Program, load: FakeLambda) -> None:
    run.file.write_text(FILE)
    status, out, _ = run("deploy")
    assert (status, load.events) == (0, [])
    assert "trips" not in out


def test_the_plan_tells_it_where_there_are_trips(run: Program, load: FakeLambda) -> None:
    told = "and the trips loaded into the warehouse, unless they are: a load that fails leaves the rest as it is"
    assert told in run("deploy", "--dry-run")[1]
    run.file.write_text(OWN)
    assert told in run("deploy", "--dry-run")[1]
    run.file.write_text(FILE)
    assert told not in run("deploy", "--dry-run")[1]


def test_the_stack_names_the_function_and_has_nothing_that_waits_for_it() -> None:
    template = document("backend")
    assert template["Outputs"]["LoadFunctionName"]["Value"] == {"Ref": "LoadRedshiftFunction"}
    others = {name: one for name, one in template["Resources"].items() if name != "LoadRedshiftFunction"}
    assert "LoadRedshiftFunction" not in json.dumps(others)


def test_trips_wait_for_the_role_by_which_the_warehouse_reads_them(run: Program, load: FakeLambda) -> None:
    """The role that the stack made has to be attached by hand, once: no failure, and the next run loads them."""
    role = f"arn:aws:iam::{ACCOUNT}:role/pushboard-backend-WarehouseRole"
    backend = OUTPUTS["pushboard-backend"] | {"WarehouseRoleArn": role}
    run.cloudformation.outputs = OUTPUTS | {"pushboard-backend": backend}
    run.file.write_text(SAMPLE + 'RedshiftCopyRoleArn = "stack"\nRedshiftUnloadRoleArn = "stack"\n')
    status, out, err = run("deploy")
    assert (status, err, load.events) == (0, "", [])
    assert out.endswith("The trips are loaded by the next run: by that role the warehouse reads them.\n")
