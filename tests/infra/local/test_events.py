"""Events reach the functions whose rules they match."""

from typing import Any

import pytest

from infra.local.events import EventBus
from infra.local.later import Later
from infra.local.wiring import EventRule

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


def delivered(event: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    calls: list[tuple[str, dict[str, Any]]] = []
    EventBus([RULE], lambda function, given: calls.append((function, given)), Later("unused")).publish(event)
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
