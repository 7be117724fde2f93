"""What each user requested in the last day, by the client's run id, whatever socket it came on.

A request is written together with the subscriber that it makes: so the same message again is known, a run can be
resumed however far it had come, and a cancel and its run meet here, whichever is handled first. Used by `run_service`
and `get_exports`.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws.tables import read_all, update, write_all, write_together
from backend_lambdas.commands import catalogue_version
from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.messages import Export, Run
from backend_lambdas.runs.run_state import RUNNING, RunState, item_key, state_of
from backend_lambdas.sockets.connections import RUN_SECONDS, Subscriber, connection_key
from backend_lambdas.tables import table_changes

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


class Requester(Struct, frozen=True):
    """Who asks, and on which socket; `batches` says whether its client takes several messages in one."""

    connection_id: str
    principal: Principal
    batches: bool = False

    def subscriber_of(self, run: RunState, run_id: str, topic_name: str, asked_at: int) -> Subscriber:
        """The subscriber that this requester becomes; `asked_at` is epoch milliseconds."""
        sub = self.principal.sub
        own = self.connection_id, run_id, topic_name, asked_at, sub
        return Subscriber(run.attempt, *own, run.statement_id, self.batches)


class RunRequest(Struct, frozen=True):
    """A command for a run of a query; `earlier` is what was on record of its run id before, if anything.

    `asked_at` is epoch milliseconds, and so is `changed_at`, since when the last change of its tables is known.
    """

    requester: Requester
    command: Run | Export
    spec: QuerySpec
    earlier: RequestedRun | None
    asked_at: int
    changed_at: int = 0

    @property
    def sub(self) -> str:
        """The user's subject."""
        return self.requester.principal.sub

    @property
    def refresh(self) -> bool:
        """Whether rows that are there already are no answer."""
        return isinstance(self.command, Run) and self.command.refresh

    def subscriber_of(self, run: RunState) -> Subscriber:
        """The subscriber that its requester becomes."""
        return self.requester.subscriber_of(run, self.command.run_id, self.command.topic_name, self.asked_at)


class Standing(Struct, frozen=True):
    """Whether a socket is still open, what is on record of a run id, and the run of its query.

    `catalogue` is the entity tag of the catalogue of reports that counts, None where it is not on record;
    `token_expires_at` is when the sign-in of an open socket ends, in epoch seconds; `changed_at` since when the last
    change of the query's tables is known, in epoch milliseconds.
    """

    is_open: bool
    earlier: RequestedRun | None
    run: RunState | None
    catalogue: str | None = None
    token_expires_at: int = 0
    changed_at: int = 0


class Lookup(Struct, frozen=True):
    """What a look is at: a client's run id, the key of its query, and the tables that the query reads."""

    run_id: str
    run_key: str
    tables: tuple[str, ...] = ()

    def keys(self, sub: str) -> list[dict[str, str]]:
        """Of the request, the run, and the last change of each table."""
        return [_key(sub, self.run_id), item_key(self.run_key), *map(table_changes.key_of, self.tables)]


class Requests:
    """The requests in the table."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def look(self, sub: str, connection_id: str, run_id: str, run_key: str, tables: Collection[str] = ()) -> Standing:
        """What there is, as of now, in one call, before a command for the run of a query is done."""
        return self.look_at(sub, connection_id, [Lookup(run_id, run_key, tuple(tables))])[0]

    def look_at(self, sub: str, connection_id: str, lookups: Sequence["Lookup"]) -> list[Standing]:
        """The same for several commands on one socket, in as few calls as a hundred keys a call allow."""
        wanted = [connection_key(connection_id), catalogue_version.KEY]
        wanted += [key for lookup in lookups for key in lookup.keys(sub)]
        keys = list({(key["pk"], key["sk"]): key for key in wanted}.values())
        found = {(item["pk"], item["sk"]): item for item in read_all(self._db, self._table, keys)}
        return [_standing(found, sub, connection_id, lookup) for lookup in lookups]

    def write(self, sub: str, command: Run | Export, key: str, known: RequestedRun | None = None) -> dict[str, Any]:
        """The put of a request for the query of this key, for a transaction.

        It is refused unless what is on record of its run id still is what is `known` of it.
        """
        item = _key(sub, command.run_id) | {
            "runId": command.run_id,
            "sub": sub,
            "topicName": command.topic_name,
            "key": key,
            "askedAt": max(clock.now(), known.asked_at + 1 if known else 0),
            "refresh": isinstance(command, Run) and command.refresh,
            "content": content_of(command),
            "expiresAt": clock.seconds() + RUN_SECONDS,
        }
        return {"Put": {"TableName": self._table, "Item": item, **_unchanged(known)}}

    def check(self, sub: str, known: RequestedRun) -> dict[str, Any]:
        """The check, for a transaction, that a request is still what is known of it: nobody has cancelled it."""
        key = _key(sub, known.run_id)
        return {"ConditionCheck": {"TableName": self._table, "Key": key, **_unchanged(known)}}

    def add(self, sub: str, command: Run | Export, key: str, known: RequestedRun | None = None) -> None:
        """Records a request on its own; raises `WriteRefused` as a transaction with `write` does."""
        write_together(self._db, [self.write(sub, command, key, known)])

    def add_all(self, requests: Sequence[RunRequest]) -> None:
        """Records up to 100 together: all of them, or none and `WriteRefused`."""
        write_together(self._db, [self.write(one.sub, one.command, one.spec.key, one.earlier) for one in requests])

    def of(self, sub: str, run_ids: Collection[str]) -> dict[str, RequestedRun]:
        """Those of at most 100 runs that a user requested within the last day, by their ids."""
        keys = [_key(sub, run_id) for run_id in run_ids]
        found = (item for item in read_all(self._db, self._table, keys) if item["expiresAt"] > clock.seconds())
        return {item["runId"]: _requested(item) for item in found}

    def is_cancelled(self, sub: str, run_id: str) -> bool:
        """Whether a request was cancelled, as of now."""
        found = self._db.get_item(TableName=self._table, Key=_key(sub, run_id), ConsistentRead=True).get("Item", {})
        return bool(found.get("cancelled", False))

    def cancel(self, sub: str, run_id: str) -> RequestedRun | None:
        """Marks a request as cancelled, also one that is still to come. What was on record before, if anything."""
        answer = update(
            self._db,
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
        update(self._db, TableName=self._table, Key=_key(sub, run_id), UpdateExpression="REMOVE cancelled")

    def withdraw(self, sub: str, run_id: str) -> None:
        """Forgets a request of which nothing came; its run id may be used again."""
        write_all(self._db, self._table, [{"DeleteRequest": {"Key": _key(sub, run_id)}}])


def _standing(
    found: Mapping[tuple[str, str], dict[str, Any]], sub: str, connection_id: str, lookup: Lookup
) -> Standing:
    """Of what a look has found, that which is about one command."""
    socket, catalogue = (
        found.get((key["pk"], key["sk"])) for key in (connection_key(connection_id), catalogue_version.KEY)
    )
    asked, there, *changes = (found.get((key["pk"], key["sk"])) for key in lookup.keys(sub))
    is_kept = asked is not None and asked["expiresAt"] > clock.seconds()
    return Standing(
        is_open=socket is not None,
        earlier=_requested(asked) if asked and is_kept else None,
        run=state_of(there) if there else None,
        catalogue=catalogue["tag"] if catalogue else None,
        token_expires_at=int(socket.get("tokenExpiresAt", 0)) if socket else 0,
        changed_at=max((int(change["since"]) for change in changes if change), default=0),
    )


def _unchanged(known: RequestedRun | None) -> dict[str, Any]:
    if known is None:
        condition, values = "attribute_not_exists(pk) OR expiresAt <= :now", {":now": clock.seconds()}
    else:
        condition, values = "askedAt = :askedAt AND attribute_not_exists(cancelled)", {":askedAt": known.asked_at}
    return {"ConditionExpression": condition, "ExpressionAttributeValues": values}


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
