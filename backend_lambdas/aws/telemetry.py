"""How a function tells what happened: one JSON line, which is a log entry and, where it counts something, a metric too.

Used by `log_events`, whose functions are the events themselves. The line is an ordinary record of Python's logging:
under Lambda's JSON log format its extra fields stand at the top level, beside the request's id, and what CloudWatch is
to count is described in `_aws`. No API is called and no permission is needed for it. Source: AWS Lambda, "Working with
JSON structured logs in Python"; CloudWatch, "Specification: Embedded metric format".
"""

import functools
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec

from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.settings import CommonSettings

log = logging.getLogger(__name__)

NAMESPACE = "Pushboard"
COUNT, MILLISECONDS = "Count", "Milliseconds"

_LONGEST = 500
"""Characters of one text in a line: what the warehouse says about a mistake may be long."""

Arguments = ParamSpec("Arguments")


class Metric(Struct, frozen=True):
    """What a number in a line is. Besides by stack it is counted by each field in `by`.

    Every value of such a field is a metric of its own, which CloudWatch charges for. So there are few: departments and
    codes come by the handful, and what is particular (a run, a user, a report) is a field of the line alone.
    """

    unit: str = COUNT
    by: tuple[str, ...] = ()


METRICS: Mapping[str, Metric] = {
    "SocketsOpened": Metric(),
    "SocketsClosed": Metric(),
    "SocketsRefused": Metric(),
    "RunsStarted": Metric(by=("department",)),
    "RunsShared": Metric(),
    "RunsCached": Metric(),
    "RunsFinished": Metric(),
    "RunsFailed": Metric(by=("department", "code")),
    "RunsTimedOut": Metric(),
    "RunsCancelled": Metric(),
    "RunsRejected": Metric(by=("code",)),
    "QueueTime": Metric(MILLISECONDS),
    "StatementTime": Metric(MILLISECONDS),
    "TimeToNotify": Metric(MILLISECONDS),
    "NotificationsSent": Metric(),
    "NotificationsFailed": Metric(),
    "SocketsGone": Metric(),
    "GroupsUnknown": Metric(),
    "MissedEvents": Metric(),
    "PagesTurned": Metric(),
    "RunsResubmitted": Metric(),
    "OrphanStatements": Metric(),
    "DownloadsStarted": Metric(),
    "ExportsAsked": Metric(),
    "LinksGiven": Metric(),
    "PagesNotKept": Metric(),
    "KeptPagesUnreadable": Metric(),
}


def harmless(tell: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Whatever goes wrong with telling of something is told in its place, and never ends what it tells of."""

    @functools.wraps(tell)
    def told(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            tell(*args, **kwargs)
        except Exception:
            log.exception("%s could not be told", tell.__name__)

    return told


def line(
    message: str, measured: Mapping[str, int] | None = None, *, level: int = logging.INFO, **fields: str | int | None
) -> None:
    """Writes a line. `measured` are values of `METRICS` by name; fields that are None are left out."""
    known = {name: _short(value) for name, value in fields.items() if value is not None}
    stack = {"stack": CommonSettings.from_environ(os.environ).stack_name}
    log.log(level, message, extra=stack | known | _embedded(dict(measured or {}), known))


def _embedded(measured: dict[str, int], known: Mapping[str, Any]) -> dict[str, Any]:
    """The values, and the directives by which CloudWatch finds them; metrics that are counted alike share one."""
    if not measured:
        return {}
    alike: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for name in measured:
        by = tuple(field for field in METRICS[name].by if known.get(field))
        alike.setdefault(by, []).append({"Name": name, "Unit": METRICS[name].unit})
    directives = [
        {"Namespace": NAMESPACE, "Dimensions": [["stack"], *(["stack", field] for field in by)], "Metrics": metrics}
        for by, metrics in alike.items()
    ]
    return measured | {"_aws": {"Timestamp": clock.now(), "CloudWatchMetrics": directives}}


def _short(value: str | int) -> str | int:
    return value[:_LONGEST] if isinstance(value, str) else value
