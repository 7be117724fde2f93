"""The runs of jobs in the table: each an item that is replaced as a whole, if it has not changed since it was read.

    pk                    sk                        one for each
    jobrun#<run id>       run                       run, for 90 days; or the id of another start of the same run
    jobhistory#<job>      <asked at>#<run id>       run, by its job: what `GET /jobs/runs` lists
    jobactive             <asked at>#<run id>       run that has not ended, or of which not all has been done since
    jobsame#<question>    run                       run under way of this job with these values: a second start joins it
    joblock#<table>       lock                      table that a run writes: no other may begin

What belongs together is one transaction: so a function that dies leaves a run that the next minute finds. Used by
`job_runner`, and by `get_jobs` to read.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from boto3.dynamodb.conditions import Key

from backend_lambdas import clock
from backend_lambdas.aws.tables import WriteRefused, read_all, write_all, write_together
from backend_lambdas.errors import TooBusy
from backend_lambdas.jobs.job_run import JobRun, from_text, to_text

KEPT_SECONDS = 90 * 24 * 3600
_ROUNDS = 10
"""How often another function may change a run just before."""

Change = Callable[[JobRun], JobRun]


class JobRunTable:
    """Runs of jobs."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def add(self, run: JobRun) -> JobRun | None:
        """Puts a new run on record; gives the one that is there instead: of this id, or under way with these values.

        None when there is nothing in its way any more, which is worth another try.
        """
        at = _at(run)
        puts = [
            self._put(_run_key(run.run_id), {"run": to_text(run), "revision": 1}, new=True),
            self._put({"pk": f"jobsame#{run.question}", "sk": "run"}, {"runId": run.run_id}, new=True),
            self._put({"pk": "jobactive", "sk": at}, {"runId": run.run_id}),
            self._put({"pk": f"jobhistory#{run.job}", "sk": at}, {"runId": run.run_id}),
        ]
        try:
            write_together(self._db, puts)
        except WriteRefused as refused:
            same = refused.found.get(1)
            return self.get(run.run_id) if 0 in refused.found else self.get(same["runId"]) if same else None
        return run

    def get(self, run_id: str) -> JobRun | None:
        """A run as it is now, also by the id of another start of it."""
        found = self._item(run_id)
        return from_text(found["run"]) if found else None

    def change(self, run_id: str, change: Change, locks: Sequence[str] = ()) -> tuple[JobRun, JobRun]:
        """A run before and after a change; the two are the same where there was nothing to change.

        With `locks` it takes these tables, all or none, in the same write: raises `WriteRefused` when another has one.
        """
        for _ in range(_ROUNDS):
            found = self._item(run_id)
            if found is None:
                raise LookupError(run_id)
            before = from_text(found["run"])
            after = change(before)
            if after == before:
                return before, after
            try:
                taken = [self._lock(table, before.run_id) for table in locks]
                write_together(self._db, [self._replacement(after, int(found["revision"])), *taken])
            except WriteRefused as refused:
                if 0 not in refused.found:
                    raise
                continue
            return before, after
        raise TooBusy

    def add_alias(self, run_id: str, of: str) -> None:
        """Lets a run be found by the id of another start of it."""
        write_together(self._db, [self._put(_run_key(run_id), {"of": of})])

    def holders(self, tables: Sequence[str]) -> set[str]:
        """The runs that have these tables for themselves."""
        return {item["runId"] for item in read_all(self._db, self._table, [_lock_key(table) for table in tables])}

    def active(self) -> list[JobRun]:
        """The runs for which something may be due, the oldest first."""
        found = (self.get(item["runId"]) for item in self._query("jobactive"))
        return [run for run in found if run]

    def release(self, run: JobRun) -> None:
        """Frees what an ended run has held: its tables, and its values for another start; twice does no harm."""
        held = [_lock_key(table) for table in run.writes] + [{"pk": f"jobsame#{run.question}", "sk": "run"}]
        own = [key for key in held if self._holds(key, run.run_id)]
        for key in own:
            self._delete(key, run.run_id)

    def forget_active(self, run: JobRun) -> None:
        """Nothing is due for a run any more."""
        write_all(self._db, self._table, [{"DeleteRequest": {"Key": {"pk": "jobactive", "sk": _at(run)}}}])

    def history(self, job: str, before: str, most: int) -> list[JobRun]:
        """The newest runs of a job, older than `before` (epoch milliseconds as `_at` writes them; empty: all)."""
        items = list(self._query(f"jobhistory#{job}", before=before, most=most))
        keys = [_run_key(item["runId"]) for item in items]
        found = {item["pk"]: item for item in read_all(self._db, self._table, keys) if "run" in item}
        ordered = (found.get(key["pk"]) for key in keys)
        return [from_text(item["run"]) for item in ordered if item]

    def _item(self, run_id: str) -> dict[str, Any] | None:
        found = self._read(_run_key(run_id))
        if found and "of" in found:
            found = self._read(_run_key(found["of"]))
        return found if found and "run" in found else None

    def _read(self, key: dict[str, str]) -> dict[str, Any] | None:
        item: dict[str, Any] | None = self._db.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return item

    def _put(self, key: dict[str, str], values: dict[str, Any], *, new: bool = False) -> dict[str, Any]:
        item = key | values | {"expiresAt": clock.seconds() + KEPT_SECONDS}
        condition = {"ConditionExpression": "attribute_not_exists(pk)"} if new else {}
        return {"Put": {"TableName": self._table, "Item": item, **condition, **(_ALL_OLD if new else {})}}

    def _replacement(self, run: JobRun, revision: int) -> dict[str, Any]:
        put = self._put(_run_key(run.run_id), {"run": to_text(run), "revision": revision + 1})["Put"]
        condition = {"ConditionExpression": "#rev = :rev", "ExpressionAttributeNames": {"#rev": "revision"}}
        return {"Put": put | condition | {"ExpressionAttributeValues": {":rev": revision}}}

    def _lock(self, table: str, run_id: str) -> dict[str, Any]:
        put = self._put(_lock_key(table), {"runId": run_id})["Put"]
        condition = {"ConditionExpression": "attribute_not_exists(pk) OR runId = :own", **_ALL_OLD}
        return {"Put": put | condition | {"ExpressionAttributeValues": {":own": run_id}}}

    def _holds(self, key: dict[str, str], run_id: str) -> bool:
        found = self._read(key)
        return found is not None and found["runId"] == run_id

    def _delete(self, key: dict[str, str], run_id: str) -> None:
        try:
            self._db.delete_item(
                TableName=self._table,
                Key=key,
                ConditionExpression="runId = :own",
                ExpressionAttributeValues={":own": run_id},
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return  # it is another's by now

    def _query(self, pk: str, *, before: str = "", most: int = 0) -> Iterator[dict[str, Any]]:
        condition = Key("pk").eq(pk) & Key("sk").lt(before) if before else Key("pk").eq(pk)
        found = self._db.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=condition,
            ConsistentRead=True,
            ScanIndexForward=not most,
            PaginationConfig={"MaxItems": most} if most else {},
        )
        return (item for page in found for item in page["Items"])


_ALL_OLD = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _run_key(run_id: str) -> dict[str, str]:
    return {"pk": f"jobrun#{run_id}", "sk": "run"}


def _lock_key(table: str) -> dict[str, str]:
    return {"pk": f"joblock#{table}", "sk": "lock"}


def _at(run: JobRun) -> str:
    """Where a run stands in time, as text that sorts as it does."""
    return f"{run.requested_at:014d}#{run.run_id}"
