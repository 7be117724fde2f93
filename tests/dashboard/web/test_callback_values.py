"""What our scripts send is read by type; whatever else is sent is refused, not stumbled over."""

from typing import Any

import pytest

from dashboard.errors import UserError
from dashboard.web.callback_values import FilterSource, FinishedRun, OwnOpened, ReportsChanged, TableWanted, checked

RUN = {"topicName": "trips", "runId": "r-1", "statementId": "s-1"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([RUN], list[FinishedRun] | None),
        (None, list[FinishedRun] | None),
        ({"answer": "r-1 s-1", "statementId": "s-1", "inPlace": "server"}, TableWanted | None),
        ({"values": {"month": "2015-12", "zones": ["a"], "days": [None, None], "top": 3}}, OwnOpened | None),
        ({"report": "a", "page": "b", "statementId": "s", "runId": "r"}, FilterSource | None),
        ({"changed": ["trips"], "query": "?month=2015-12"}, ReportsChanged),
    ],
)
def test_what_our_scripts_send_is_taken_as_it_is(value: Any, expected: Any) -> None:
    assert checked(value, expected) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", list[FinishedRun] | None),
        ([1], list[FinishedRun] | None),
        ([{"topicName": "trips"}], list[FinishedRun] | None),
        ([RUN | {"statementId": {}}], list[FinishedRun] | None),
        ([], TableWanted | None),
        ({"values": []}, OwnOpened | None),
        ({"values": {"month": {}}}, OwnOpened | None),
        ({}, ReportsChanged),
        (None, ReportsChanged),
        ({"changed": "trips", "query": ""}, ReportsChanged),
        (7, str),
    ],
)
def test_anything_else_is_a_bad_request(value: Any, expected: Any) -> None:
    with pytest.raises(UserError) as refused:
        checked(value, expected)
    assert (refused.value.code, refused.value.status) == ("bad_request", 400)
