"""EventBridge's schedules: functions called at the rates the template gives. Used by `runtime`.

A tick goes to `Lambdas.invoke_later`, hence to the function, such as `backend_lambdas.handlers.reconcile`.
Source: Amazon EventBridge user guide, "Creating a scheduled rule"; the Scheduler's event was observed on AWS.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from infra.local.cloudformation.stack import ACCOUNT, REGION
from infra.local.cloudformation.stack_resources import Schedule
from infra.local.eventbridge.later import Later

ONE_MINUTE = 60  # seconds

Deliver = Callable[[str, dict[str, Any]], None]


class Schedules:
    """Some schedules. `deliver` takes a function's name and the event, and must not block.

    `minute` is how many seconds a scheduled minute lasts; functions keep their timeouts, so with a short one several
    invocations of a slow function run side by side.
    """

    def __init__(self, schedules: Sequence[Schedule], deliver: Deliver, later: Later, minute: float = 60.0) -> None:
        self._schedules = schedules
        self._deliver = deliver
        self._later = later
        self._minute = minute

    def start(self) -> None:
        """Lets the first periods begin; they end with `later`.

        A laptop is seldom on for long: what is due less than once a minute is due at its start as well.
        """
        now = time.monotonic()
        for schedule in self._schedules:
            if schedule.every_seconds > ONE_MINUTE:
                self._deliver(schedule.function, event_of(schedule))
            self._plan(schedule, now)

    def _plan(self, schedule: Schedule, last: float) -> None:
        """The next tick, a whole number of periods after the last: what a sleeping computer missed is not made up."""
        period = schedule.every_seconds * self._minute / 60
        now = time.monotonic()
        due = last + period * (1 + (now - last) // period)
        self._later.call(due - now, lambda: self._tick(schedule, due))

    def _tick(self, schedule: Schedule, due: float) -> None:
        self._deliver(schedule.function, event_of(schedule))
        self._plan(schedule, due)


def event_of(schedule: Schedule) -> dict[str, Any]:
    """What the function gets: EventBridge's rules and its Scheduler differ in the ARN, and in an empty detail."""
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{schedule.name}"
    by_scheduler = schedule.source == "aws.scheduler"
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": schedule.source,
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [
            f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{schedule.name}" if by_scheduler else rule
        ],
        "detail": "{}" if by_scheduler else {},
    }
