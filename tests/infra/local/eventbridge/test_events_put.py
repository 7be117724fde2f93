"""PutEvents: each entry is judged by itself, as on AWS."""

import json
from typing import Any

import pytest

from infra.local.eventbridge import events_put

GOOD = {"Source": "pushboard.tables", "DetailType": "Tables Changed", "Detail": '{"tables": ["trips"]}'}


def put(*entries: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    published: list[dict[str, Any]] = []
    return events_put.answer({"Entries": list(entries)}, published.append), published


def test_an_event_has_its_envelope() -> None:
    answer, (event,) = put(GOOD | {"Time": 1796031000.0, "Resources": ["arn:aws:s3:::b"]})
    assert answer == {"FailedEntryCount": 0, "Entries": [{"EventId": event["id"]}]}
    assert (event["source"], event["detail-type"]) == ("pushboard.tables", "Tables Changed")
    assert (event["time"], event["resources"]) == ("2026-11-30T09:30:00Z", ["arn:aws:s3:::b"])
    assert event["detail"] == {"tables": ["trips"]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Source": "aws.s3"}, "NotAuthorizedForSourceException"),
        ({"Source": ""}, "InvalidArgument"),
        ({"Detail": ""}, "InvalidArgument"),
        ({"Detail": "no json"}, "MalformedDetail"),
        ({"Detail": "[1]"}, "MalformedDetail"),
        ({"EventBusName": "other"}, "InternalFailure"),
        ({"Detail": json.dumps({"tables": ["x" * events_put.MAX_ENTRY_BYTES]})}, "InvalidArgument"),
    ],
)
def test_a_bad_entry_fails_alone(change: dict[str, str], code: str) -> None:
    answer, published = put(GOOD | change, GOOD)
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == code
    assert answer["Entries"][1] == {"EventId": published[0]["id"]}
    assert len(published) == 1
