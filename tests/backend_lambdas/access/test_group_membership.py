"""Whether a user still belongs to the groups of the token."""

import logging

import boto3
import pytest
from botocore.config import Config
from msgspec import structs

from backend_lambdas.access.group_membership import UNKNOWN_SECONDS, GroupMembership
from backend_lambdas.access.principal import Principal
from tests.backend_lambdas.lambda_fakes import FakeClock, FakeUserPool, principal

POOL = "us-east-1_abc"


@pytest.fixture
def pool() -> FakeUserPool:
    return FakeUserPool(groups={"ana": ["finance", "board"]})


def as_of_now(pool: FakeUserPool, user: Principal) -> Principal:
    return GroupMembership(pool.client(), POOL, 0).as_of_now(user)


def test_a_user_who_is_still_in_all_groups_is_the_same(pool: FakeUserPool) -> None:
    user = principal("finance", "board", **{"custom:region": "emea"})
    assert as_of_now(pool, user) == user


def test_the_user_is_asked_for_by_the_name_the_pool_knows(pool: FakeUserPool) -> None:
    """In one call, which lists 60 groups at most."""
    as_of_now(pool, principal("finance"))
    assert pool.calls == [{"UserPoolId": POOL, "Username": "ana", "Limit": 60}]


def test_a_group_that_was_taken_away_is_gone(pool: FakeUserPool) -> None:
    pool.groups["ana"] = ["board"]
    assert as_of_now(pool, principal("finance", "board")).groups == {"board"}


def test_who_is_no_admin_any_more_sees_no_more_than_others(pool: FakeUserPool) -> None:
    user = as_of_now(pool, principal("admins", "finance"))
    assert not user.may_see(["operations"])
    assert user.may_see(["finance"])


def test_a_group_that_came_after_the_token_is_not_added(pool: FakeUserPool) -> None:
    """Never widened: the token is what was signed, its next one has the group."""
    pool.groups["ana"] = ["finance", "board", "admins"]
    assert as_of_now(pool, principal("finance")).groups == {"finance"}


def test_a_deleted_user_sees_nothing(pool: FakeUserPool) -> None:
    del pool.groups["ana"]
    user = as_of_now(pool, principal("finance", "admins"))
    assert user.groups == frozenset()
    assert not user.may_see(["finance"])


def test_nothing_else_of_the_user_changes(pool: FakeUserPool) -> None:
    pool.groups["ana"] = []
    user = principal("finance", **{"custom:region": "emea"})
    assert as_of_now(pool, user) == structs.replace(user, groups=frozenset())


@pytest.mark.parametrize(
    "code", ["TooManyRequestsException", "InternalErrorException", "ResourceNotFoundException", "AccessDeniedException"]
)
def test_while_the_pool_does_not_answer_the_token_stands(
    pool: FakeUserPool, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    """It was signed within the last hour; a log of the cause is left."""
    pool.refusals = [code]
    with caplog.at_level(logging.WARNING):
        assert as_of_now(pool, principal("finance")) == principal("finance")
    assert code in caplog.records[-1].reason


def test_while_the_pool_cannot_be_reached_the_token_stands() -> None:
    client = boto3.client(
        "cognito-idp",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:1",
        config=Config(connect_timeout=1, retries={"total_max_attempts": 1}),
    )
    assert GroupMembership(client, POOL, 0).as_of_now(principal("finance")) == principal("finance")


def test_a_list_that_goes_on_takes_nothing_away(pool: FakeUserPool) -> None:
    """The group may stand on the next page; nobody is in more than 60 by mistake."""
    pool.groups["ana"], pool.more = ["board"], True
    assert as_of_now(pool, principal("finance")) == principal("finance")


# ------------------------------------------------------------------------------------------ how often the pool is asked


def test_a_user_is_asked_for_once_a_minute_whatever_he_runs(pool: FakeUserPool, fake_clock: FakeClock) -> None:
    """The user pool answers fifty a second, for everybody in the Region."""
    membership = GroupMembership(pool.client(), POOL, 60)
    for _ in range(5):
        assert membership.as_of_now(principal("finance", "board")).groups == {"finance", "board"}
    assert len(pool.calls) == 1
    pool.groups["ana"] = ["board"]
    fake_clock.forward(60)
    assert membership.as_of_now(principal("finance", "board")).groups == {"board"}


def test_each_user_is_asked_for(pool: FakeUserPool, fake_clock: FakeClock) -> None:
    membership = GroupMembership(pool.client(), POOL, 60)
    pool.groups["bob"] = []
    assert membership.as_of_now(principal("finance")).groups == {"finance"}
    assert membership.as_of_now(structs.replace(principal("finance"), username="bob")).groups == frozenset()


def test_what_was_known_stands_while_the_pool_does_not_answer(pool: FakeUserPool, fake_clock: FakeClock) -> None:
    """A group that was taken away does not come back because the pool is busy."""
    membership = GroupMembership(pool.client(), POOL, 60)
    pool.groups["ana"] = ["board"]
    membership.as_of_now(principal("finance", "board"))
    fake_clock.forward(61)
    pool.refusals = ["TooManyRequestsException"]
    assert membership.as_of_now(principal("finance", "board")).groups == {"board"}


def test_a_pool_that_does_not_answer_is_left_alone_for_a_moment_and_counted(
    pool: FakeUserPool, fake_clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    membership = GroupMembership(pool.client(), POOL, 60)
    pool.refusals = ["TooManyRequestsException"] * 9
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert membership.as_of_now(principal("finance")).groups == {"finance"}
    assert len(pool.calls) == 1
    assert "groups unknown" in caplog.text
    fake_clock.forward(UNKNOWN_SECONDS)
    membership.as_of_now(principal("finance"))
    assert len(pool.calls) == 2
