"""What each user requested in the last day, by the client's run id, whatever socket it came on.

A request is written before anything else is done for it: so the same message again is known, a run can be resumed
however far it had come, and a cancel and its run meet here, whichever is handled first. Used by `run_service` and
`get_exports`.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.aws import clients
from backend_lambdas.aws.tables import read_all, write_all
from backend_lambdas.messages import Export, Run
from backend_lambdas.runs.connections import RUN_SECONDS
from backend_lambdas.runs.run_table import RUNNING, RunState, item_key, state_of

UNSENT_SECONDS = 120
"""How long a cancel waits for the run that it has overtaken."""

_SKEW_MS = 1000
"""By how much the clocks of two functions may differ."""


class RequestedRun(Struct, frozen=True):
    """A run that a user requested: the key of its query, and whether it was cancelled.

    A cancel that came before its run has neither key nor topic. `content` tells two commands with one run id apart.
    """

    run_id: str
    topic_name: str | None
    key: str
    asked_at: int
    refresh: bool
    content: str
    cancelled: bool

    def is_answered_by(self, run: RunState) -> bool:
        """Whether a run that has ended is an answer: it ended after the request, or was fresh then."""
        if run.status == RUNNING:
            return False
        is_later = run.ended_at + _SKEW_MS >= self.asked_at
        return is_later or (not self.refresh and run.fresh_until > self.asked_at)


class Requests:
    """The requests in the table."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def add(self, sub: str, command: Run | Export, key: str) -> RequestedRun | None:
        """Records a request for the query of this key. The one that is on record by its run id already, if any."""
        item = _key(sub, command.run_id) | {
            "runId": command.run_id,
            "sub": sub,
            "topicName": command.topic_name,
            "key": key,
            "askedAt": clock.now(),
            "refresh": isinstance(command, Run) and command.refresh,
            "content": content_of(command),
            "expiresAt": clock.seconds() + RUN_SECONDS,
        }
        try:
            self._db.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(pk) OR expiresAt <= :now",
                ExpressionAttributeValues={":now": clock.seconds()},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._db.exceptions.ConditionalCheckFailedException as error:
            return _requested(clients.item_before(error) or item)
        return None

    def of(self, sub: str, run_ids: Collection[str]) -> dict[str, RequestedRun]:
        """Those of at most 100 runs that a user requested within the last day, by their ids."""
        keys = [_key(sub, run_id) for run_id in run_ids]
        found = (item for item in read_all(self._db, self._table, keys) if item["expiresAt"] > clock.seconds())
        return {item["runId"]: _requested(item) for item in found}

    def is_cancelled(self, sub: str, run_id: str) -> bool:
        """Whether a request was cancelled, as of now."""
        found = self._db.get_item(TableName=self._table, Key=_key(sub, run_id), ConsistentRead=True).get("Item", {})
        return bool(found.get("cancelled", False))

    def with_run(self, sub: str, run_id: str, run_key: str) -> tuple[bool, RunState | None]:
        """Whether a request was cancelled, and the run of its query, both as of now, in one call."""
        own, run = _key(sub, run_id), item_key(run_key)
        found = {item["pk"]: item for item in read_all(self._db, self._table, [own, run])}
        there = found.get(run["pk"])
        return bool(found.get(own["pk"], {}).get("cancelled", False)), state_of(there) if there else None

    def cancel(self, sub: str, run_id: str) -> RequestedRun | None:
        """Marks a request as cancelled, also one that is still to come. What was on record before, if anything."""
        answer = self._db.update_item(
            TableName=self._table,
            Key=_key(sub, run_id),
            UpdateExpression="SET cancelled = :yes, runId = :id, expiresAt = if_not_exists(expiresAt, :soon)",
            ExpressionAttributeValues={":yes": True, ":id": run_id, ":soon": clock.seconds() + UNSENT_SECONDS},
            ReturnValues="ALL_OLD",
        )
        before = answer.get("Attributes")
        return _requested(before) if before else None

    def reopen(self, sub: str, run_id: str) -> None:
        """Takes back a cancellation that came after the end."""
        self._db.update_item(TableName=self._table, Key=_key(sub, run_id), UpdateExpression="REMOVE cancelled")

    def withdraw(self, sub: str, run_id: str) -> None:
        """Forgets a request of which nothing came; its run id may be used again."""
        write_all(self._db, self._table, [{"DeleteRequest": {"Key": _key(sub, run_id)}}])


def content_of(command: Run | Export) -> str:
    """The same for the same report, parameters and format, and different for anything else."""
    file_format = command.format if isinstance(command, Export) else ""
    text = json.dumps([command.report, command.parameters, file_format], sort_keys=True, default=dict)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _key(sub: str, run_id: str) -> dict[str, str]:
    return {"pk": f"requester#{sub}", "sk": f"run#{run_id}"}


def _requested(item: Mapping[str, Any]) -> RequestedRun:
    return RequestedRun(
        item["runId"],
        item.get("topicName"),
        item.get("key", ""),
        int(item.get("askedAt", 0)),
        item.get("refresh", False),
        item.get("content", ""),
        item.get("cancelled", False),
    )
