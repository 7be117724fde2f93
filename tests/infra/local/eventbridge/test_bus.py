"""Events reach the functions whose rules they match, as the hooks have them delivered."""

from typing import Any

import pytest

from infra.local.cloudformation.stack_resources import EventRule
from infra.local.eventbridge.bus import EventBus
from infra.local.hooks import Deliver, Event, Hooks

RULE = EventRule(
    name="StatementEnded",
    pattern={
        "source": ["aws.redshift-data"],
        "detail-type": ["Redshift Data Statement Status Change"],
        "detail": {"statementName": [{"prefix": "pushboard/"}], "state": ["FINISHED", "FAILED", "ABORTED"]},
    },
    function="SendMessageFunction",
    dead_letters_to=None,
)
EVENT: dict[str, Any] = {
    "source": "aws.redshift-data",
    "detail-type": "Redshift Data Statement Status Change",
    "detail": {"statementName": "pushboard/key", "state": "FINISHED", "rows": 3},
}


def delivered(event: dict[str, Any], hooks: Hooks | None = None) -> list[tuple[str, dict[str, Any]]]:
    calls: list[tuple[str, dict[str, Any]]] = []
    EventBus([RULE], lambda function, given: calls.append((function, given)), hooks).publish(event)
    return calls


def test_a_matching_event_goes_to_the_function_as_it_is() -> None:
    assert delivered(EVENT) == [("SendMessageFunction", EVENT)]


@pytest.mark.parametrize(
    "change",
    [
        {"source": "aws.s3"},
        {"detail-type": "AWS API Call via CloudTrail"},
        {"detail": {"statementName": "setup/10_tables.sql", "state": "FINISHED"}},
        {"detail": {"statementName": "pushboard/key", "state": "STARTED"}},
        {"detail": {"state": "FINISHED"}},
    ],
)
def test_any_other_event_goes_nowhere(change: dict[str, Any]) -> None:
    assert delivered(EVENT | change) == []


class Often(Hooks):
    """Has every event delivered so many times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def on_event(self, event: Event, deliver: Deliver) -> None:
        for _ in range(self.times):
            deliver()


@pytest.mark.parametrize("times", [0, 1, 3])
def test_an_event_comes_as_often_as_the_hooks_have_it_delivered(times: int) -> None:
    assert delivered(EVENT, Often(times)) == [("SendMessageFunction", EVENT)] * times
