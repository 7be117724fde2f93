"""Stacks that only a person can go on with are told before the others are touched."""

import pytest

from tests.infra.deploy.prerequisites.conftest import Checked

ENDED = [
    "CREATE_COMPLETE",
    "CREATE_FAILED",
    "CREATE_IN_PROGRESS",
    "DELETE_IN_PROGRESS",
    "REVIEW_IN_PROGRESS",
    "ROLLBACK_COMPLETE",
    "ROLLBACK_FAILED",
    "ROLLBACK_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
]


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        ("DELETE_FAILED", "End it by make destroy, then deploy again."),
        ("UPDATE_FAILED", "Run aws cloudformation rollback-stack --stack-name pushboard-webapp, then deploy again."),
        (
            "UPDATE_ROLLBACK_FAILED",
            "run aws cloudformation continue-update-rollback --stack-name pushboard-webapp, then deploy again.",
        ),
    ],
)
def test_a_stack_that_waits_for_a_person_is_told(checked: Checked, status: str, remedy: str) -> None:
    checked["cloudformation"].add("pushboard-webapp", status)
    (sentence,) = checked()[0]
    assert sentence.startswith(f"pushboard-webapp is {status}: ")
    assert remedy in sentence


@pytest.mark.parametrize("status", ENDED)
def test_every_other_state_is_gone_on_with(checked: Checked, status: str) -> None:
    checked["cloudformation"].add("pushboard-webapp", status)
    assert checked() == ([], [])


def test_a_stack_of_something_else_is_left_alone(checked: Checked) -> None:
    checked["cloudformation"].add("pushboard-webapp", "CREATE_COMPLETE", description="A shop")
    assert checked()[0] == ["pushboard-webapp is a stack of something else: write another [deploy] name."]
