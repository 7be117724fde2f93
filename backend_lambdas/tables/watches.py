"""Who watches which query: a panel that stays subscribed after its run has ended, until its socket closes.

    pk                 sk                            one for each
    watch#<table>      <connection id>#<run id>      watch, under each table that its report reads: what it asked
    connection#<id>    watch#<run id>                watch of that socket: under which tables it stands

So the watchers of a table are one strongly consistent query, and a socket that closes takes its own with it
(`connections`). Written by `run_service` together with the request of a run, read by `page_turner`.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from boto3.dynamodb.conditions import Key
from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.aws.tables import read_all, write_all
from backend_lambdas.messages import Run
from backend_lambdas.sockets.socket_slots import SOCKET_SECONDS

PREFIX = "watch#"


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

    def add(self, connection_id: str, asked: Iterable[tuple[Run, Collection[str]]], batches: bool = False) -> None:
        """Writes watches of runs, each with the tables that it reads, of which none means none. Twice is once."""
        items = (
            item for command, tables in asked if tables for item in _items(connection_id, command, tables, batches)
        )
        write_all(self._db, self._table, [{"PutRequest": {"Item": item}} for item in items])

    def on(self, tables: Iterable[str]) -> list[Watch]:
        """Everyone who watches a report that reads one of the tables, each once."""
        found = (item for table in sorted(set(tables)) for item in self._under(table))
        return list({(item["connectionId"], item["runId"]): _watch(item) for item in found}.values())

    def of(self, runs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of the runs, each a connection's id and its own, that are watched."""
        keys = {tuple(_pointer_key(*run).values()): run for run in runs}
        found = read_all(self._db, self._table, [{"pk": pk, "sk": sk} for pk, sk in keys])
        return {keys[item["pk"], item["sk"]] for item in found}

    def remove(self, connection_id: str, run_ids: Collection[str]) -> None:
        """Ends watches of a socket; of those that it does not have, nothing comes."""
        pointers = read_all(self._db, self._table, [_pointer_key(connection_id, run_id) for run_id in run_ids])
        keys = [key for pointer in pointers for key in keys_of(pointer)]
        write_all(self._db, self._table, [{"DeleteRequest": {"Key": key}} for key in keys])

    def _under(self, table: str) -> Iterator[dict[str, Any]]:
        pages = self._db.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=Key("pk").eq(f"{PREFIX}{table}"),
            ConsistentRead=True,
        )
        now = clock.seconds()
        return (item for page in pages for item in page["Items"] if item["expiresAt"] > now)


def keys_of(pointer: Mapping[str, Any]) -> list[dict[str, str]]:
    """All keys of a watch, from its item on the connection."""
    connection_id, run_id = pointer["pk"].partition("#")[2], pointer["sk"].removeprefix(PREFIX)
    own = {"pk": pointer["pk"], "sk": pointer["sk"]}
    return [own, *(_key(table, connection_id, run_id) for table in pointer["tables"])]


def _items(connection_id: str, command: Run, tables: Collection[str], batches: bool) -> list[dict[str, Any]]:
    expiry = {"expiresAt": clock.seconds() + SOCKET_SECONDS}
    values = {
        "connectionId": connection_id,
        "runId": command.run_id,
        "topicName": command.topic_name,
        "report": command.report,
        "parameters": json.dumps(command.parameters, default=dict),
        "batches": batches,
    }
    pointer = _pointer_key(connection_id, command.run_id) | {"tables": sorted(tables)} | expiry
    return [pointer, *(_key(table, connection_id, command.run_id) | values | expiry for table in tables)]


def _key(table: str, connection_id: str, run_id: str) -> dict[str, str]:
    return {"pk": f"{PREFIX}{table}", "sk": f"{connection_id}#{run_id}"}


def _pointer_key(connection_id: str, run_id: str) -> dict[str, str]:
    return {"pk": f"connection#{connection_id}", "sk": f"{PREFIX}{run_id}"}


def _watch(item: Mapping[str, Any]) -> Watch:
    asked = json.loads(item["parameters"])
    own = item["connectionId"], item["runId"], item["topicName"], item["report"]
    return Watch(*own, asked, item.get("batches", False))
