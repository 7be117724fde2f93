"""`make destroy`: it asks first, empties what is full, removes the last stack first, and tells what outlives it."""

from typing import Any

import pytest

from tests.infra.deploy.account import BUCKET, LOGS, POOL, Program
from tests.infra.deploy.fakes.aws import Refusal
from tests.infra.deploy.fakes.s3 import FakeS3

STACKS = ["pushboard-artifacts", "pushboard-cognito", "pushboard-backend", "pushboard-webapp"]


@pytest.fixture
def deployed(run: Program, s3: FakeS3) -> Program:
    """Everything is there, and used."""
    for stack in STACKS:
        run.cloudformation.add(stack, "CREATE_COMPLETE")
    fill(s3)
    return run


def fill(s3: Any) -> None:
    """Two versions and a mark of deletion in each of two buckets."""
    for bucket in (BUCKET, LOGS):
        for body in (b"old", b"new"):
            s3.put_object(Bucket=bucket, Key="file", Body=body)
        s3.delete_object(Bucket=bucket, Key="file")


def removed(run: Program) -> list[str]:
    names = {stack.id: stack.name for stack in run.cloudformation.stacks.values()}
    return [names[asked["StackName"]] for asked in run.fake.asked("cloudformation", "delete_stack")]


def versions(s3: Any, bucket: str) -> int:
    found = s3.list_object_versions(Bucket=bucket)
    return len(found.get("Versions", ())) + len(found.get("DeleteMarkers", ()))


def test_the_last_stack_goes_first_and_what_was_full_is_empty(deployed: Program, s3: FakeS3) -> None:
    assert versions(s3, BUCKET) == 3
    status, _, err = deployed("destroy")
    assert (status, err) == (0, "")
    assert removed(deployed) == list(reversed(STACKS))
    assert [deployed.cloudformation.status(stack) for stack in STACKS] == [None] * 4
    assert versions(s3, BUCKET) == versions(s3, LOGS) == 0
    assert deployed.fake.services["ecr"].digests == []


def test_buckets_are_emptied_over_http(deployed: Program, s3_of_endpoint: Any) -> None:
    fill(s3_of_endpoint)
    assert versions(s3_of_endpoint, BUCKET) == 3
    assert deployed("destroy")[::2] == (0, "")
    assert versions(s3_of_endpoint, BUCKET) == versions(s3_of_endpoint, LOGS) == 0


def test_what_outlives_the_stacks_is_told_with_the_way_to_be_rid_of_it(deployed: Program) -> None:
    out = deployed("destroy")[1]
    assert f"Kept: The accounts, {POOL}: make destroy ARGS=--data-too deletes it for ever.\n" in out
    assert "Kept: Who took which rows away, pushboard-backend-audit: make destroy ARGS=--data-too" in out
    assert "Kept: The role by which API Gateway writes logs, pushboard-backend-logs: " in out
    assert deployed.fake.services["cognito-idp"].pools == {POOL: True}


def test_another_name_than_the_right_one_removes_nothing(deployed: Program, s3: FakeS3) -> None:
    deployed.typed = lambda question: "yes"
    status, out, err = deployed("destroy")
    assert (status, err) == (1, "Nothing was removed: that was not the name.")
    assert "  pushboard-backend (CREATE_COMPLETE)\n" in out
    assert removed(deployed) == []
    assert versions(s3, BUCKET) == 3


def test_where_nobody_can_be_asked_nothing_is_removed_unless_it_is_said(deployed: Program) -> None:
    def nobody(question: str) -> str:
        raise EOFError

    deployed.typed = nobody
    status, _, err = deployed("destroy")
    assert (status, err) == (1, "Nothing was removed: nobody is here to be asked. With --yes it does not ask.")
    assert deployed("destroy", "--yes")[0] == 0
    assert len(removed(deployed)) == 4


def test_accounts_and_audit_go_if_they_are_to(deployed: Program) -> None:
    status, out, err = deployed("destroy", "--data-too")
    assert (status, err) == (0, "")
    assert "  the accounts, and the record of who took which rows away, for ever\n" in out
    assert f"Deleted: The accounts, {POOL}.\n" in out
    assert deployed.fake.services["cognito-idp"].pools == {}
    assert deployed.fake.services["dynamodb"].tables == set()
    assert "Kept: The role" in out
    deployed.typed = lambda question: pytest.fail("it asked, though nothing is left that it may delete")
    assert deployed("destroy", "--data-too")[0] == 0


def test_what_was_kept_can_go_later(deployed: Program) -> None:
    assert deployed("destroy")[0] == 0
    status, out, err = deployed("destroy", "--data-too")
    assert (status, err) == (0, "")
    assert out.index(f"  what an earlier removal kept: The accounts, {POOL}\n") < out.index("Deleted: The accounts")
    assert "Deleted: Who took which rows away, pushboard-backend-audit.\n" in out
    _, out, _ = deployed("destroy")
    assert out.startswith("No stack of pushboard is in eu-west-1 and account 123456789012.\n")
    assert "accounts" not in out.lower().replace("account 123456789012", "")


def test_where_nothing_is_there_is_nothing_to_ask(run: Program) -> None:
    run.typed = lambda question: pytest.fail("it asked")
    assert run("destroy") == (0, "No stack of pushboard is in eu-west-1 and account 123456789012.\n", "")


def test_a_removal_that_failed_names_the_resource_and_can_be_run_again(deployed: Program) -> None:
    reason = "resource sg-1 has a dependent object"
    fail = deployed.cloudformation.failures

    class Stubborn(dict[str, tuple[str, str]]):
        """Fails each time."""

        def pop(self, name: str, default: Any = None) -> Any:
            return self.get(name, default)

    deployed.cloudformation.failures = Stubborn({"pushboard-webapp": ("Service", reason)})
    status, _, err = deployed("destroy")
    assert (status, err) == (
        1,
        f"pushboard-webapp could not be removed. Service (AWS::ECS::Service): {reason}. Mend that, and run this again.",
    )
    assert removed(deployed) == ["pushboard-webapp"] * 3
    deployed.cloudformation.failures = fail
    assert deployed("destroy")[0] == 0
    assert deployed.cloudformation.status("pushboard-artifacts") is None


def test_a_bucket_that_was_filled_again_meanwhile_is_emptied_again(deployed: Program, s3: FakeS3) -> None:
    """The load balancer writes its log as long as it is there."""
    deployed.cloudformation.failures["pushboard-webapp"] = ("AccessLogsBucket", "The bucket is not empty")
    status, out, err = deployed("destroy")
    assert (status, err) == (0, "")
    assert out.count(f"emptying the bucket {LOGS} ...") == 2


def test_a_removal_that_was_interrupted_goes_on(deployed: Program) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    deployed.meanwhile = interrupt
    status, _, err = deployed("destroy")
    assert (status, len(err.splitlines())) == (130, 1)
    deployed.meanwhile = lambda: None
    status, _, err = deployed("destroy")
    assert (status, err) == (0, "")
    assert removed(deployed) == list(reversed(STACKS))


def test_a_plan_that_was_never_carried_out_goes_as_well(run: Program) -> None:
    run.cloudformation.add("pushboard-cognito", "REVIEW_IN_PROGRESS")
    assert run("destroy")[0] == 0
    assert run.cloudformation.status("pushboard-cognito") is None


def test_the_bucket_of_somebody_else_is_not_emptied(deployed: Program, s3: FakeS3) -> None:
    deployed.fake.refusals["s3", "list_object_versions"] = Refusal("AccessDenied", "Access Denied", 403)
    status, _, err = deployed("destroy")
    assert (status, err) == (
        1,
        "These AWS credentials may not do ListObjectVersions: have it allowed, and run this again.",
    )
    assert removed(deployed) == []
