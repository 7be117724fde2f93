"""Exports: rows that the warehouse writes to S3, however many. Who asked for them, where they are, how they ended.

`on_connect` notes who asks, `runs` records what was written when the statement has ended, `get_exports` gives links.
Asking and ending are runs like any others; files and records are kept for a week.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from backend_lambdas import audit, aws, clock
from backend_lambdas.audit import Audit, Taken
from backend_lambdas.identity import Principal
from backend_lambdas.questions import Question
from backend_lambdas.run_table import FAILED, FINISHED, RunState
from backend_lambdas.unloads import COUNT_PART, Unloads
from backend_lambdas.warehouse import Warehouse

KEPT_SECONDS = 7 * 24 * 3600
"""As long as the bucket's lifecycle keeps the files."""

_STATES: Mapping[str, str] = {FINISHED: audit.COMPLETED, FAILED: audit.FAILED}


@dataclass(frozen=True)
class Exports:
    """The exports in the table and their files in S3."""

    db: Any
    table_name: str
    audit: Audit
    s3: Any
    unloads: Unloads

    def note(self, principal: Principal, run_id: str, attempt: str, question: Question) -> None:
        """Puts an export on its user's list and on record, with its file if another took its place meanwhile."""
        if self.of_user(principal.sub, run_id):
            return
        own = question.report, question.title, question.department, question.values, question.export
        record = self.audit.begin(principal, Taken(audit.EXPORT, run_id, *own))
        item = {
            "runId": run_id,
            "attempt": attempt,
            "sub": principal.sub,
            "record": record,
            "report": question.report,
            "title": question.title,
            "department": question.department,
            "values": dict(question.values),
            "format": question.export,
            "askedAt": clock.now(),
            "expiresAt": clock.seconds() + KEPT_SECONDS,
        }
        for key in (_exporter_key(attempt, run_id), _listed_key(principal.sub, run_id)):
            self.db.put_item(TableName=self.table_name, Item=key | item)
        written = self.result(attempt)
        if written:
            self.audit.finish(record, principal.sub, int(written["rows"]), int(written["bytes"]), audit.COMPLETED)

    def written(self, run: RunState, warehouse: Warehouse) -> RunState:
        """Records the files of an export that has ended well, and gives the run with its rows and bytes."""
        files = list(self._files(run.attempt))
        rows, size = warehouse.number_in(f"{run.statement_id}{COUNT_PART}"), sum(size for _, size in files)
        item = {
            **_result_key(run.attempt),
            "report": run.report,
            "title": run.title,
            "department": run.department,
            "values": dict(run.values),
            "groups": list(run.groups),
            "downloaders": list(run.downloaders),
            "claims": dict(run.claims),
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
        state = _STATES.get(run.status, audit.CANCELLED)
        for item in self._query(f"attempt#{run.attempt}", "exporter#"):
            self.audit.finish(item["record"], item["sub"], rows, size, state)

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
        bucket, _ = aws.s3_location(self.unloads.s3_path)
        shown = f'attachment; filename="{file_name}"'
        request = {"Bucket": bucket, "Key": key, "ResponseContentDisposition": shown}
        return str(self.s3.generate_presigned_url("get_object", Params=request, ExpiresIn=seconds))

    def _files(self, attempt: str) -> Iterator[tuple[str, int]]:
        bucket, prefix = aws.s3_location(self.unloads.folder(attempt))
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


def _exporter_key(attempt: str, run_id: str) -> dict[str, str]:
    return {"pk": f"attempt#{attempt}", "sk": f"exporter#{run_id}"}


def _listed_key(sub: str, run_id: str) -> dict[str, str]:
    return {"pk": f"exporter#{sub}", "sk": f"run#{run_id}"}
