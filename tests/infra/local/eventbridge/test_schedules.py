"""Schedules call their functions at their rates, with the events EventBridge sends."""

import queue
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.cloudformation.stack_resources import Schedule
from infra.local.eventbridge.later import Later
from infra.local.eventbridge.schedules import Schedules, event_of

EVERY_MINUTE = Schedule("FTick", "F", 60, None)
EVERY_HOUR = Schedule("GTick", "G", 3600, None)

Delivered = queue.Queue[tuple[str, dict[str, Any]]]
Start = Callable[..., Delivered]


@pytest.fixture
def start() -> Iterator[Start]:
    later = Later("schedules")

    def run(*schedules: Schedule, minute: float) -> Delivered:
        delivered: Delivered = queue.Queue()
        Schedules(schedules, lambda function, event: delivered.put((function, event)), later, minute).start()
        return delivered

    yield run
    later.close()


def test_a_function_is_called_again_and_again(start: Start) -> None:
    delivered = start(EVERY_MINUTE, minute=0.02)
    calls = [delivered.get(timeout=5) for _ in range(3)]
    assert [function for function, _ in calls] == ["F"] * 3
    assert len({event["id"] for _, event in calls}) == 3


def test_each_schedule_has_its_own_rate(start: Start) -> None:
    delivered = start(EVERY_HOUR, EVERY_MINUTE, minute=0.02)
    assert delivered.get(timeout=5)[0] == "G", "what is due more seldom is due at the start as well"
    within_the_hour = list(iter(lambda: delivered.get(timeout=5)[0], "G"))
    assert set(within_the_hour) == {"F"}
    assert len(within_the_hour) > 1


def test_the_first_call_comes_after_a_whole_period(start: Start) -> None:
    delivered = start(EVERY_MINUTE, minute=3600)
    with pytest.raises(queue.Empty):
        delivered.get(timeout=0.1)


def test_a_rules_event_is_as_eventbridge_documents_it() -> None:
    event = event_of(EVERY_MINUTE)
    uuid.UUID(event.pop("id"))
    sent = datetime.strptime(event.pop("time"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - sent) < timedelta(minutes=1)
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:000000000000:rule/FTick"],
        "detail": {},
    }


def test_the_schedulers_event_names_the_schedule_and_has_its_detail_as_text() -> None:
    event = event_of(Schedule("hourly", "F", 3600, None, "aws.scheduler"))
    assert event["source"] == "aws.scheduler"
    assert event["resources"] == ["arn:aws:scheduler:us-east-1:000000000000:schedule/default/hourly"]
    assert event["detail"] == "{}"
