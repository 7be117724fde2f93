"""Exports: rows that the warehouse writes to S3, however many. Who asked for them, where they are, how they ended.

`on_connect` notes who asks, `run_service` and `submitter` record how it ended, `get_exports` gives links. Asking and
ending are runs like any others; files and records are kept for a week.

Whoever asked is on the index of all who wait until the end is on record: a tab may close meanwhile, and `reconcile`
still looks after the export.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas import clock
from backend_lambdas.access import audit
from backend_lambdas.access.audit import Audit, AuditedItem
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.tables import write_all
from backend_lambdas.aws.warehouse import Warehouse
from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.exports.unload import Unloads
from backend_lambdas.runs.run_state import FAILED, FINISHED, RunState, key_of
from backend_lambdas.sockets.connections import WAITING, waiting_key

KEPT_SECONDS = 7 * 24 * 3600
"""As long as the bucket's lifecycle keeps the files."""

_AT_ONCE = 1000
"""How many objects DeleteObjects takes."""

_ADDED = frozenset({"pk", "sk", WAITING})

_STATES: Mapping[str, str] = {FINISHED: audit.COMPLETED, FAILED: audit.FAILED}


class ExportStore(Struct, frozen=True):
    """The exports in the table and their files in S3."""

    db: Any
    table_name: str
    audit: Audit
    s3: Any
    unloads: Unloads

    def note(self, principal: Principal, run_id: str, attempt: str, spec: QuerySpec) -> None:
        """Puts an export on its user's list and on record, with its file if another took its place meanwhile.

        Asked for again it stays there as it is, but of the attempt that answers now.
        """
        if self._is_listed(principal.sub, run_id, attempt):
            return
        own = spec.report, spec.title, spec.department, spec.values, spec.export
        item = {
            "runId": run_id,
            "attempt": attempt,
            "sub": principal.sub,
            "record": self.audit.begin(principal, AuditedItem(audit.EXPORT, run_id, *own)),
            "report": spec.report,
            "title": spec.title,
            "department": spec.department,
            "values": dict(spec.values),
            "format": spec.export,
            "askedAt": clock.now(),
            "expiresAt": clock.seconds() + KEPT_SECONDS,
        }
        self._put(item)
        self._complete(attempt)

    def written(self, run: RunState, warehouse: Warehouse) -> RunState:
        """Records the files of an export that has ended well, and gives the run with its rows and bytes."""
        files = list(self._files(run.attempt))
        rows, size = warehouse.number_in(str(run.statement_id)), sum(size for _, size in files)
        item = {
            **_result_key(run.attempt),
            **run.provenance(),
            "format": run.export,
            "files": [key for key, _ in files],
            "rows": rows,
            "bytes": size,
            "asOf": run.as_of,
            "expiresAt": clock.seconds() + KEPT_SECONDS,
        }
        self.db.put_item(TableName=self.table_name, Item=item)
        return replace(run, rows=rows, bytes=size)

    def account_for(self, run: RunState) -> None:
        """Puts what became of an export on record, for each who asked for it; without a file it has no rows."""
        rows, size = (run.rows, run.bytes) if run.status == FINISHED else (0, 0)
        self._end(run.attempt, rows, size, _STATES.get(run.status, audit.CANCELLED))

    def lose(self, attempt: str) -> None:
        """Puts on record that of an attempt nothing is known any more, for each who still waits for its file."""
        self._complete(attempt)
        for item in self._unfinished(attempt):
            self._end_one(item, 0, 0, audit.FAILED)

    def reassign(self, attempt: str, newer: str) -> None:
        """Lets each who still waits for the file of an attempt wait for that of another at the same query."""
        self._complete(attempt)
        for item in self._unfinished(attempt):
            own = {name: value for name, value in item.items() if name not in _ADDED}
            self._put(own | {"attempt": newer}, instead_of=item)

    def withdraw(self, sub: str, run_id: str) -> None:
        """Ends an export for one who cancelled it, whoever else may wait for the same file."""
        for item in self.of_user(sub, run_id):
            self.audit.finish(item["record"], sub, 0, 0, audit.CANCELLED)
            gone = {"DeleteRequest": {"Key": _exporter_key(item)}}
            write_all(self.db, self.table_name, [{"PutRequest": {"Item": item | {"cancelled": True}}}, gone])

    def is_wanted(self, attempt: str) -> bool:
        """Whether anybody waits for the file of an attempt, with or without a tab."""
        return any(True for _ in self._unfinished(attempt))

    def discard(self, attempt: str) -> None:
        """Removes what an attempt that has failed left in S3: a part of a file that might be taken for the whole."""
        if self.result(attempt):
            return
        bucket, _ = clients.s3_location(self.unloads.s3_path)
        keys = [{"Key": key} for key, _ in self._files(attempt)]
        for start in range(0, len(keys), _AT_ONCE):
            batch = {"Objects": keys[start : start + _AT_ONCE], "Quiet": True}
            self.s3.delete_objects(Bucket=bucket, Delete=batch)

    def of_user(self, sub: str, run_id: str | None = None) -> list[dict[str, Any]]:
        """The exports a user asked for within the last week, or the one of a run id."""
        found = self._query(f"exporter#{sub}", f"run#{run_id or ''}")
        kept = [item for item in found if item["expiresAt"] > clock.seconds()]
        return [item for item in kept if item["runId"] == run_id] if run_id else kept

    def result(self, attempt: str) -> dict[str, Any] | None:
        """The record of an export that was written, or None."""
        answer = self.db.get_item(TableName=self.table_name, Key=_result_key(attempt), ConsistentRead=True)
        item: dict[str, Any] | None = answer.get("Item")
        return item if item and item["expiresAt"] > clock.seconds() else None

    def link(self, key: str, file_name: str, seconds: int) -> str:
        """A link that gives a file to whoever has it, for some seconds. Signed here; S3 is not asked."""
        bucket, _ = clients.s3_location(self.unloads.s3_path)
        shown = f'attachment; filename="{file_name}"'
        request = {"Bucket": bucket, "Key": key, "ResponseContentDisposition": shown}
        return str(self.s3.generate_presigned_url("get_object", Params=request, ExpiresIn=seconds))

    def _is_listed(self, sub: str, run_id: str, attempt: str) -> bool:
        """Whether an export is on its user's list, where it comes to be of this attempt if it waits for another."""
        for item in self.of_user(sub, run_id):
            if item["attempt"] != attempt and key_of(item["attempt"]) == key_of(attempt):
                self.reassign(item["attempt"], attempt)
        return any(item["attempt"] == attempt for item in self.of_user(sub, run_id))

    def _put(self, item: dict[str, Any], instead_of: Mapping[str, Any] | None = None) -> None:
        exporter = _exporter_key(item) | item | {WAITING: waiting_key(item["attempt"])}
        items = exporter, _listed_key(item["sub"], item["runId"]) | item
        gone = [{"DeleteRequest": {"Key": _key_of(instead_of)}}] if instead_of else []
        write_all(self.db, self.table_name, [*({"PutRequest": {"Item": whole}} for whole in items), *gone])

    def _complete(self, attempt: str) -> None:
        """Puts a file that is there on record, for each who asked for it."""
        written = self.result(attempt)
        if written:
            self._end(attempt, int(written["rows"]), int(written["bytes"]), audit.COMPLETED)

    def _end(self, attempt: str, rows: int, size: int, state: str) -> None:
        for item in self._query(f"attempt#{attempt}", "exporter#"):
            self._end_one(item, rows, size, state)

    def _end_one(self, item: dict[str, Any], rows: int, size: int, state: str) -> None:
        self.audit.finish(item["record"], item["sub"], rows, size, state)
        if WAITING not in item:
            return
        try:
            self.db.update_item(
                TableName=self.table_name,
                Key=_key_of(item),
                UpdateExpression=f"REMOVE {WAITING}",
                ConditionExpression="attribute_exists(pk)",
            )
        except self.db.exceptions.ConditionalCheckFailedException:
            return  # it was cancelled, or waits for another attempt, since it was read

    def _unfinished(self, attempt: str) -> Iterator[dict[str, Any]]:
        return (item for item in self._query(f"attempt#{attempt}", "exporter#") if WAITING in item)

    def _files(self, attempt: str) -> Iterator[tuple[str, int]]:
        bucket, prefix = clients.s3_location(self.unloads.folder(attempt))
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return ((item["Key"], int(item["Size"])) for page in pages for item in page.get("Contents", ()))

    def _query(self, pk: str, sk_prefix: str) -> Iterator[dict[str, Any]]:
        pages = self.db.get_paginator("query").paginate(
            TableName=self.table_name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": pk, ":prefix": sk_prefix},
            ConsistentRead=True,
        )
        return (item for page in pages for item in page["Items"])


def _result_key(attempt: str) -> dict[str, str]:
    return {"pk": f"attempt#{attempt}", "sk": "export"}


def _key_of(item: Mapping[str, Any]) -> dict[str, str]:
    return {"pk": item["pk"], "sk": item["sk"]}


def _exporter_key(item: Mapping[str, Any]) -> dict[str, str]:
    """Run ids are their clients' own: two users may have the same."""
    return {"pk": f"attempt#{item['attempt']}", "sk": f"exporter#{item['sub']}#{item['runId']}"}


def _listed_key(sub: str, run_id: str) -> dict[str, str]:
    return {"pk": f"exporter#{sub}", "sk": f"run#{run_id}"}
