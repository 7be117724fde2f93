"""Passes on the cancel of a job's run: one message is for both, and only `run_jobs` may stop a statement of a job.

Used by `on_connect`. Next: EventBridge gives the event to `run_jobs`, which looks whose socket it was.
"""

from typing import Any

import msgspec
from msgspec import Struct

from backend_lambdas.errors import WarehouseUnavailable

SOURCE, DETAIL_TYPE = "pushboard.jobs", "Job Cancel"


class JobCancels(Struct, frozen=True):
    """The table that tells which runs are of jobs, and the bus."""

    dynamodb: Any
    table_name: str
    events: Any

    def is_of_job(self, run_id: str) -> bool:
        """Whether a run id is that of a job's run."""
        key = {"pk": f"jobrun#{run_id}", "sk": "run"}
        return "Item" in self.dynamodb.get_item(
            TableName=self.table_name, Key=key, ConsistentRead=True, ProjectionExpression="pk"
        )

    def pass_on(self, connection_id: str, run_id: str) -> None:
        """Puts on the bus that a socket's user wants a run stopped; raises `WarehouseUnavailable` if it is refused."""
        detail = msgspec.json.encode({"connectionId": connection_id, "runId": run_id}).decode()
        entry = {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": detail}
        if self.events.put_events(Entries=[entry])["FailedEntryCount"]:
            raise WarehouseUnavailable
