"""One stack brought to what it is to be, from whatever state it is found in."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from infra.deploy.errors import DeployError, sentence
from infra.deploy.stacks.events import Events
from infra.deploy.stacks.stacks import Stack, Stacks, Wanted, by_text
from tests.infra.deploy.account import FakeTime
from tests.infra.deploy.fakes.aws import FakeAws, denied
from tests.infra.deploy.fakes.cloudformation import FakeCloudFormation, Thing

NAME = "pushboard-backend"
THINGS = [Thing("Table", "AWS::DynamoDB::Table"), Thing("SetupRedshift", "Custom::RedshiftSetup")]
WANTED = Wanted(NAME, by_text("Resources: {}"), {"DbUsername": "reader"})
OTHERWISE = Wanted(NAME, by_text("Resources: {}"), {"DbUsername": "other"})


@pytest.fixture
def cloudformation() -> FakeCloudFormation:
    return FakeCloudFormation({NAME: THINGS}, {NAME: {"RestApiUrl": "https://api"}})


@pytest.fixture
def fake(cloudformation: FakeCloudFormation) -> FakeAws:
    return FakeAws({"cloudformation": cloudformation})


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def stacks(fake: FakeAws, said: list[str]) -> Iterator[Stacks]:
    aws = fake.aws()
    yield Stacks(aws.client("cloudformation"), said.append, FakeTime().polling())
    aws.close()


def test_a_new_stack_is_made_and_gives_its_outputs(stacks: Stacks, said: list[str]) -> None:
    made = stacks.deploy(WANTED, stacks.settled(NAME))
    assert (made.status, made.outputs) == ("CREATE_COMPLETE", {"RestApiUrl": "https://api"})
    assert said[0] == f"{NAME}: making 2 resources ..."
    assert "  CREATE_COMPLETE      Table" in said
    assert said[-1] == f"{NAME}: made."


def test_what_is_given_reaches_cloudformation(stacks: Stacks, fake: FakeAws) -> None:
    stacks.deploy(WANTED, None)
    (asked,) = fake.asked("cloudformation", "create_change_set")
    assert asked["ChangeSetType"] == "CREATE"
    assert asked["Parameters"] == [{"ParameterKey": "DbUsername", "ParameterValue": "reader"}]
    assert asked["TemplateBody"] == "Resources: {}"
    assert asked["Capabilities"] == ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]


def test_a_changed_stack_tells_its_changes(stacks: Stacks, said: list[str]) -> None:
    stacks.deploy(WANTED, None)
    said.clear()
    changed = stacks.deploy(OTHERWISE, stacks.settled(NAME))
    assert changed.status == "UPDATE_COMPLETE"
    assert said[:2] == [f"{NAME}: changing", "  ~ Table (AWS::DynamoDB::Table)"]
    assert said[-1] == f"{NAME}: changed."
    assert not [line for line in said if "CREATE" in line], "what happened before is not told again"


def test_nothing_to_change_is_success_and_leaves_no_plan(stacks: Stacks, fake: FakeAws, said: list[str]) -> None:
    stacks.deploy(WANTED, None)
    same = stacks.deploy(WANTED, stacks.settled(NAME))
    assert same.outputs == {"RestApiUrl": "https://api"}
    assert said[-1] == f"{NAME}: nothing to change."
    assert len(fake.asked("cloudformation", "delete_change_set")) == 1


@pytest.mark.parametrize("lag", [1, 3])
def test_an_order_that_shows_late_is_waited_for(
    stacks: Stacks, cloudformation: FakeCloudFormation, said: list[str], lag: int
) -> None:
    """Just after it, CloudFormation may still tell the status before."""
    cloudformation.lag = lag
    assert stacks.deploy(WANTED, None).status == "CREATE_COMPLETE"
    assert stacks.deploy(OTHERWISE, stacks.settled(NAME)).status == "UPDATE_COMPLETE"
    assert said[-1] == f"{NAME}: changed."


def test_a_failure_names_the_resource_that_failed_first(stacks: Stacks, cloudformation: FakeCloudFormation) -> None:
    cloudformation.failures[NAME] = ("SetupRedshift", "SetupFailed: 01_tables.sql:\n permission denied.")
    with pytest.raises(DeployError) as caught:
        stacks.deploy(WANTED, None)
    assert str(caught.value) == (
        f"{NAME} could not be made. SetupRedshift (Custom::RedshiftSetup): SetupFailed: 01_tables.sql: permission "
        "denied. docs/warehouse.md tells what the setup of the warehouse needs. "
        "Mend that, then deploy again; what is left of it is removed first."
    )


def test_a_failed_change_says_that_all_is_as_before(stacks: Stacks, cloudformation: FakeCloudFormation) -> None:
    stacks.deploy(WANTED, None)
    cloudformation.failures[NAME] = ("Table", "Throttled")
    with pytest.raises(
        DeployError, match=r"could not be changed and is as it was\. Table \(AWS::DynamoDB::Table\): Throttled"
    ):
        stacks.deploy(OTHERWISE, stacks.settled(NAME))
    back = stacks.settled(NAME)
    assert back is not None
    assert back.status == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.deploy(OTHERWISE, back).status == "UPDATE_COMPLETE"


def test_what_another_run_began_is_waited_for(
    stacks: Stacks, cloudformation: FakeCloudFormation, said: list[str]
) -> None:
    cloudformation.under_way(NAME, "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    settled = stacks.settled(NAME)
    assert settled is not None
    assert settled.status == "UPDATE_COMPLETE"
    assert said[0] == f"{NAME}: UPDATE_IN_PROGRESS, begun before; waiting for its end ..."


def test_what_another_run_removes_is_gone_in_the_end(stacks: Stacks, cloudformation: FakeCloudFormation) -> None:
    cloudformation.under_way(NAME, "DELETE_IN_PROGRESS", "DELETE_COMPLETE")
    assert stacks.settled(NAME) is None


def test_a_plan_that_was_never_carried_out_holds_nothing_up(stacks: Stacks, cloudformation: FakeCloudFormation) -> None:
    cloudformation.add(NAME, "REVIEW_IN_PROGRESS")
    assert stacks.deploy(WANTED, stacks.settled(NAME)).status == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("status", "command"),
    [
        ("UPDATE_ROLLBACK_FAILED", f"aws cloudformation continue-update-rollback --stack-name {NAME}"),
        ("UPDATE_FAILED", f"aws cloudformation rollback-stack --stack-name {NAME}"),
        ("DELETE_FAILED", "make destroy"),
    ],
)
def test_a_stack_that_only_a_person_can_help_says_how(
    stacks: Stacks, cloudformation: FakeCloudFormation, fake: FakeAws, status: str, command: str
) -> None:
    cloudformation.under_way(NAME, "UPDATE_IN_PROGRESS", status, ("Table", "Access denied"))
    with pytest.raises(DeployError) as caught:
        stacks.deploy(WANTED, stacks.settled(NAME))
    assert str(caught.value).startswith(f"{NAME} is {status}: ")
    assert command in str(caught.value)
    assert "Table (AWS::DynamoDB::Table): Access denied." in str(caught.value)
    assert not fake.asked("cloudformation", "create_change_set")


def test_a_way_back_that_failed_is_told_by_what_is_in_the_way_now(
    stacks: Stacks, cloudformation: FakeCloudFormation
) -> None:
    """Not by why the way was taken."""
    stack = cloudformation.under_way(NAME, "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", ("Table", "Throttled"))
    cloudformation.note(stack, NAME, "AWS::CloudFormation::Stack", "UPDATE_ROLLBACK_IN_PROGRESS")
    cloudformation.note(stack, "SetupRedshift", "Custom::RedshiftSetup", "UPDATE_FAILED", "The cluster is paused")
    with pytest.raises(DeployError) as caught:
        stacks.deploy(WANTED, stacks.settled(NAME))
    assert str(caught.value).endswith("SetupRedshift (Custom::RedshiftSetup): The cluster is paused.")


def test_a_change_that_would_leave_data_behind_is_not_made_unless_that_is_meant(
    stacks: Stacks, cloudformation: FakeCloudFormation, fake: FakeAws
) -> None:
    pool = Thing("UserPool", "AWS::Cognito::UserPool", "eu-west-1_abc", policy_action="ReplaceAndRetain")
    role = Thing("Role", "AWS::IAM::Role", "logs", policy_action="ReplaceAndRetain")
    cloudformation.things = {NAME: [role, pool]}
    before = stacks.deploy(WANTED, None)
    with pytest.raises(DeployError) as caught:
        stacks.deploy(OTHERWISE, before)
    assert str(caught.value) == (
        f"{NAME} is not changed: UserPool (AWS::Cognito::UserPool, eu-west-1_abc) would be no part of it any more, and "
        "what is in it left behind. Take back what you changed there or, if that is meant, deploy with "
        "ARGS=--replace-data."
    )
    assert len(fake.asked("cloudformation", "execute_change_set")) == 1
    assert len(fake.asked("cloudformation", "delete_change_set")) == 1
    meant = Stacks(stacks.client, stacks.say, stacks.polling, replace_data=True)
    assert meant.deploy(OTHERWISE, before).status == "UPDATE_COMPLETE"


def test_what_never_ends_ends_the_waiting(fake: FakeAws, cloudformation: FakeCloudFormation) -> None:
    cloudformation.endless = True
    aws, time = fake.aws(), FakeTime()
    stacks = Stacks(aws.client("cloudformation"), lambda line: None, time.polling(600))
    with pytest.raises(
        DeployError, match=f"What is being done to {NAME} has not ended within 10 minutes: run this again"
    ):
        stacks.deploy(WANTED, None)
    assert 600 <= time.now < 700
    aws.close()


def test_a_long_silence_is_broken_by_what_is_awaited(
    stacks: Stacks, cloudformation: FakeCloudFormation, said: list[str]
) -> None:
    """As by a distribution, which takes minutes. Once it is there, nothing is awaited any more."""
    stack = cloudformation.under_way(NAME, "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    last = stack.events.pop()
    assert last["ResourceStatus"] == "UPDATE_COMPLETE"
    looks = iter(range(40))
    cloudformation.meanwhile = lambda: stack.events.append(last) if next(looks) == 30 else None
    cloudformation.endless = True
    with pytest.raises(DeployError):
        Stacks(stacks.client, said.append, FakeTime().polling(180)).settled(NAME)
    assert said.count(f"  waiting for {last['LogicalResourceId']} ...") == 2
    assert said[-1] == f"  UPDATE_COMPLETE      {last['LogicalResourceId']}"


def test_a_template_that_is_not_taken_says_why(stacks: Stacks, fake: FakeAws) -> None:
    """Such as for what the transform finds in it."""
    taken = FakeCloudFormation.describe_change_set

    class Refusing(FakeCloudFormation):
        def describe_change_set(self, ChangeSetName: str, **more: object) -> dict[str, object]:  # noqa: N803
            answer = taken(self, ChangeSetName, **more)
            return answer | {"Status": "FAILED", "StatusReason": "Transform AWS::Serverless-2016-10-31 failed"}

    fake.services["cloudformation"] = Refusing({NAME: THINGS})
    with pytest.raises(DeployError, match="does not take the template of pushboard-backend: Transform AWS::Serverless"):
        stacks.deploy(WANTED, None)
    assert len(fake.asked("cloudformation", "delete_change_set")) == 1


def test_a_right_that_is_missing_is_named(stacks: Stacks, fake: FakeAws) -> None:
    fake.refusals["cloudformation", "create_change_set"] = denied("cloudformation:CreateChangeSet", f"stack/{NAME}/*")
    with pytest.raises(ClientError) as caught:
        stacks.deploy(WANTED, None)
    assert sentence(caught.value) == (
        f"These AWS credentials may not do cloudformation:CreateChangeSet on stack/{NAME}/*: have it allowed, and run "
        "this again."
    )


def test_not_being_allowed_to_look_is_not_taken_for_no_stack(stacks: Stacks, fake: FakeAws) -> None:
    fake.refusals["cloudformation", "describe_stacks"] = denied("cloudformation:DescribeStacks")
    with pytest.raises(ClientError):
        stacks.find(NAME)


def test_only_the_last_operation_is_searched_for_failures(stacks: Stacks, cloudformation: FakeCloudFormation) -> None:
    cloudformation.failures[NAME] = ("Table", "First")
    with pytest.raises(DeployError):
        stacks.deploy(WANTED, None)
    found = stacks.find(NAME)
    assert isinstance(found, Stack)
    first = Events(stacks.client, found.id).first_failure()
    assert first is not None
    assert first.reason == "First"
    stacks.client.delete_stack(StackName=found.id)
    assert stacks.settled(NAME) is None
    assert Events(stacks.client, found.id).first_failure() is None
