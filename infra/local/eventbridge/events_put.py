"""PutEvents: what anybody puts on the bus, as EventBridge checks and delivers it. Used by `runtime`; next: `bus`.

An entry that is wrong is answered by its own error, and the others are delivered all the same.
Source: Amazon EventBridge API reference, "PutEvents" and "PutEventsResultEntry"; user guide, "Event structure".
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from infra.local.cloudformation.stack import ACCOUNT, REGION
from infra.local.endpoint.awsjson import ServiceError
from infra.local.hooks import Event

MAX_ENTRY_BYTES = 1_048_576
_NEEDED = ("Source", "DetailType", "Detail")


def answer(request: Mapping[str, Any], publish: Callable[[Event], None]) -> dict[str, Any]:
    """Publishes the entries of a request, and answers for each what became of it."""
    results = [_put(entry, publish) for entry in request["Entries"]]
    return {"FailedEntryCount": sum("ErrorCode" in result for result in results), "Entries": results}


def _put(entry: Mapping[str, Any], publish: Callable[[Event], None]) -> dict[str, Any]:
    try:
        event = _event_of(entry)
    except ServiceError as error:
        return {"ErrorCode": error.code, "ErrorMessage": error.message}
    publish(event)
    return {"EventId": event["id"]}


def _event_of(entry: Mapping[str, Any]) -> Event:
    for name in _NEEDED:
        if not entry.get(name):
            raise ServiceError(
                "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument."
            )
    if entry["Source"].startswith("aws."):
        raise ServiceError("NotAuthorizedForSourceException", "Not authorized for the source.")
    if entry.get("EventBusName", "default").rpartition("/")[2] != "default":
        raise ServiceError("InternalFailure", "The laptop has the bus named default, and no other.")
    if sum(len(str(entry[name]).encode()) for name in _NEEDED) > MAX_ENTRY_BYTES:
        raise ServiceError("InvalidArgument", "Total size of the entries in the request is over the limit.")
    at = float(entry.get("Time", time.time()))
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": ACCOUNT,
        "time": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": entry.get("Resources", []),
        "detail": _detail(entry["Detail"]),
    }


def _detail(text: str) -> dict[str, Any]:
    try:
        detail = json.loads(text)
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        raise ServiceError("MalformedDetail", "Detail is malformed.")
    return detail
