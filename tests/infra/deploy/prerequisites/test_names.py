"""A name that something else has is told; one that our own stack has is not."""

from collections.abc import Callable

import pytest

from tests.infra.deploy.account import POOL
from tests.infra.deploy.prerequisites.conftest import Checked


def take_table(checked: Checked) -> None:
    checked["dynamodb"].tables.add("client_connections")


def take_parameter(checked: Checked) -> None:
    checked["ssm"].names.add("REDSHIFT_REST_API_ENDPOINT")


def take_domain(checked: Checked) -> None:
    checked["cognito-idp"].domains["dashboards-example"] = POOL


TAKEN = [
    (
        take_table,
        "A table client_connections is in eu-west-1 already, and not of pushboard-backend: write another [backend] "
        "DDBTableName.",
    ),
    (
        take_parameter,
        "A parameter REDSHIFT_REST_API_ENDPOINT of Systems Manager is in eu-west-1 already, and not of "
        "pushboard-backend: write another [backend] RestApiEndpointSSMParameterName.",
    ),
    (
        take_domain,
        "A sign-in address dashboards-example is in eu-west-1 already, and not of pushboard-cognito: write another "
        "[cognito] DomainPrefix.",
    ),
]


@pytest.mark.parametrize(("take", "sentence"), TAKEN)
def test_a_name_that_something_else_has_is_told(
    checked: Checked, take: Callable[[Checked], None], sentence: str
) -> None:
    take(checked)
    assert checked()[0] == [sentence]


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_IN_PROGRESS"]
)
@pytest.mark.parametrize("take", [take for take, _ in TAKEN])
def test_a_name_that_our_own_stack_has_is_not(checked: Checked, take: Callable[[Checked], None], status: str) -> None:
    take(checked)
    for stack in ("cognito", "backend"):
        checked["cloudformation"].add(f"pushboard-{stack}", status)
    assert checked() == ([], [])


def test_what_a_stack_that_is_being_made_has_is_not_known_yet(checked: Checked) -> None:
    """CloudFormation lists a resource some moments after it is there."""
    take_table(checked)
    checked["cloudformation"].things = {}
    checked["cloudformation"].add("pushboard-backend", "CREATE_IN_PROGRESS")
    assert checked() == ([], [])
    checked["cloudformation"].stacks.clear()
    checked["cloudformation"].add("pushboard-backend", "CREATE_COMPLETE")
    assert len(checked()[0]) == 1
