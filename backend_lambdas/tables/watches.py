"""Who watches which query: a panel that stays subscribed after its run has ended, until its socket closes.

    pk                 sk                              one for each
    watch#<table>      <connection id>#<watch id>      message of runs, under each table that they read: what was asked
    connection#<id>    watch#<watch id>                the same of that socket: of which runs, under which tables

So the watchers of a table are one strongly consistent query, a page of many panels is two items for one table, and a
socket that closes takes its own with it (`connections`). Written by `run_batch` before it looks at runs, read by
`page_turner`.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from boto3.dynamodb.conditions import Attr, Key
from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.aws.tables import write_all
from backend_lambdas.messages import Run
from backend_lambdas.sockets.socket_slots import SOCKET_SECONDS

PREFIX = "watch#"

Asked = tuple[Run, Collection[str]]
"""A run, and the tables that its report reads."""


class Watch(Struct, frozen=True):
    """One panel of one socket, and the question that it asks again when a table changes.

    `batches` says whether its client takes several messages in one.
    """

    connection_id: str
    run_id: str
    topic_name: str
    report: str
    parameters: Mapping[str, Any]
    batches: bool = False

    @property
    def command(self) -> Run:
        """The question, as the client has sent it."""
        return Run(self.topic_name, self.report, self.run_id, self.parameters, watch=True)


class Watches:
    """The watches in the table."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def add(self, connection_id: str, asked: Iterable[Asked], batches: bool = False) -> None:
        """Writes the watches of one message's runs, each under its tables; of none, none. Twice is once."""
        read = [(command, tables) for command, tables in asked if tables]
        items = _items(connection_id, read, batches) if read else []
        write_all(self._db, self._table, [{"PutRequest": {"Item": item}} for item in items])

    def on(self, tables: Iterable[str]) -> list[Watch]:
        """Everyone who watches a report that reads one of the tables, each once."""
        items = (item for table in sorted(set(tables)) for item in self._found(f"{PREFIX}{table}"))
        found = (watch for item in items for watch in _watches(item))
        return list({(watch.connection_id, watch.run_id): watch for watch in found}.values())

    def of(self, runs: Iterable[tuple[str, str]], tables: Collection[str]) -> set[tuple[str, str]]:
        """Those of the runs that read these tables, each a connection's id and its own, that are watched.

        Of one socket by its own watches, of several by all of the tables.
        """
        wanted = set(runs)
        if len(connections := {connection_id for connection_id, _ in wanted}) > 1:
            return wanted & {(watch.connection_id, watch.run_id) for watch in self.on(tables)}
        pointers = ((connection_id, pointer) for connection_id in connections for pointer in self._own(connection_id))
        return wanted & {(connection_id, run_id) for connection_id, pointer in pointers for run_id in pointer["runs"]}

    def remove(self, connection_id: str, run_ids: Collection[str]) -> None:
        """Ends watches of a socket; of those that it does not have, nothing comes."""
        gone = set(run_ids)
        if not gone:
            return
        done: list[dict[str, str]] = []
        for pointer in self._own(connection_id):
            among, keys = sorted(gone.intersection(pointer["runs"])), keys_of(pointer)
            if len(among) == len(pointer["runs"]):
                done += keys
            elif among:
                done += [key for key in keys if not self._has_left(key, among)]
        write_all(self._db, self._table, [{"DeleteRequest": {"Key": key}} for key in done])

    def _own(self, connection_id: str) -> list[dict[str, Any]]:
        return list(self._found(f"connection#{connection_id}", PREFIX))

    def _has_left(self, key: Mapping[str, str], run_ids: Sequence[str]) -> bool:
        """Takes runs out of an item; whether others are left in it, which were not taken out meanwhile."""
        names = {f"#{number}": run_id for number, run_id in enumerate(run_ids)}
        try:
            answer = self._db.update_item(
                TableName=self._table,
                Key=key,
                UpdateExpression=f"REMOVE {', '.join(f'runs.{name}' for name in names)}",
                ConditionExpression=Attr("runs").exists(),
                ExpressionAttributeNames=names,
                ReturnValues="ALL_NEW",
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return False  # it is gone
        return bool(answer["Attributes"]["runs"])

    def _found(self, pk: str, sk_prefix: str = "") -> Iterator[dict[str, Any]]:
        condition = Key("pk").eq(pk) & Key("sk").begins_with(sk_prefix) if sk_prefix else Key("pk").eq(pk)
        pages = self._db.get_paginator("query").paginate(
            TableName=self._table, KeyConditionExpression=condition, ConsistentRead=True
        )
        now = clock.seconds()
        items = (item for page in pages for item in page["Items"])
        # Items that an earlier version wrote, one for each panel, have no `runs`.
        return (item for item in items if item["expiresAt"] > now and "runs" in item)


def keys_of(pointer: Mapping[str, Any]) -> list[dict[str, str]]:
    """All keys of a message's watches, from their item on the connection."""
    connection_id, watch_id = pointer["pk"].partition("#")[2], pointer["sk"].removeprefix(PREFIX)
    own = {"pk": pointer["pk"], "sk": pointer["sk"]}
    return [own, *(_key(table, connection_id, watch_id) for table in pointer["tables"])]


def _items(connection_id: str, asked: Sequence[Asked], batches: bool) -> list[dict[str, Any]]:
    """Of a message's runs: one on the connection, and one under each table with those that read it."""
    tables = sorted({table for _, read in asked for table in read})
    watch_id = hashlib.sha256("\n".join(sorted(command.run_id for command, _ in asked)).encode()).hexdigest()[:16]
    expiry = {"expiresAt": clock.seconds() + SOCKET_SECONDS}
    place = {"pk": f"connection#{connection_id}", "sk": f"{PREFIX}{watch_id}"}
    pointer: dict[str, Any] = place | {"tables": tables, "runs": {command.run_id: True for command, _ in asked}}
    own = {"connectionId": connection_id, "batches": batches}
    under = [
        _key(table, connection_id, watch_id)
        | own
        | {"runs": {one.run_id: _run(one) for one, read in asked if table in read}}
        for table in tables
    ]
    return [item | expiry for item in (pointer, *under)]


def _run(command: Run) -> dict[str, str]:
    parameters = json.dumps(command.parameters, default=dict)
    return {"topicName": command.topic_name, "report": command.report, "parameters": parameters}


def _watches(item: Mapping[str, Any]) -> Iterator[Watch]:
    for run_id, run in item["runs"].items():
        own = item["connectionId"], run_id, run["topicName"], run["report"], json.loads(run["parameters"])
        yield Watch(*own, item["batches"])


def _key(table: str, connection_id: str, watch_id: str) -> dict[str, str]:
    return {"pk": f"{PREFIX}{table}", "sk": f"{connection_id}#{watch_id}"}
