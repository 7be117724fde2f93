"""The Data API's twelve operations, by name. Called by `edge` for every request, from many threads at once.

Statements go to `submissions`, questions about them to `statement_queries`, questions about the warehouse to `catalog`.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from infra.local.endpoint.awsjson import ServiceError
from infra.local.redshift_data.catalog import Catalog
from infra.local.redshift_data.execution.runner import Runner
from infra.local.redshift_data.execution.sessions import Sessions
from infra.local.redshift_data.execution.submissions import Publish, Submissions
from infra.local.redshift_data.identity import Caller
from infra.local.redshift_data.limits import DataApiLimits
from infra.local.redshift_data.request_checks import check_shape
from infra.local.redshift_data.statement_queries import StatementQueries
from infra.local.redshift_data.statements import StatementStore
from infra.local.redshift_data.targets import Targets
from infra.local.redshift_data.throttle import Throttle
from infra.warehouse.engine import Engine
from infra.warehouse.objects import Find, Objects, ReadOnly

ADMIN_USERS = frozenset({"awsuser"})
Operation = Callable[[dict[str, Any], Caller], dict[str, Any]]


class RedshiftData:
    """The service over one warehouse file. `objects` is S3, or only what finds files there for COPY."""

    def __init__(
        self,
        database: Path,
        *,
        publish: Publish,
        objects: Objects | Find,
        region: str = "us-east-1",
        account: str = "000000000000",
        limits: DataApiLimits | None = None,
        clock: Callable[[], float] = time.time,
        admin_users: frozenset[str] = ADMIN_USERS,
    ) -> None:
        self.limits = limits or DataApiLimits()
        self._clock = clock
        self._throttle = Throttle(clock)
        self.engine = Engine(database, admin_users)
        self._store = StatementStore(clock, self.limits)
        self._sessions = Sessions(clock, self.limits)
        bucket = ReadOnly(objects) if callable(objects) else objects
        runner = Runner(self.engine, self._store, bucket, self.limits)
        targets = Targets(region, account, self.limits, admin=min(admin_users, default=""))
        parts = (self.engine, self._store, self._sessions)
        self._submissions = Submissions(*parts, runner, targets, publish)
        self._following = StatementQueries(*parts, self._submissions, self.limits)
        self._operations = self._table(self._following, Catalog(self.engine, targets))

    def _table(self, following: StatementQueries, catalog: Catalog) -> dict[str, Operation]:
        return {
            "ExecuteStatement": self._submissions.execute,
            "BatchExecuteStatement": self._submissions.batch_execute,
            "DescribeStatement": following.describe,
            "CancelStatement": following.cancel,
            "GetStatementResult": following.get_result,
            "GetStatementResultV2": following.get_result_v2,
            "ListStatements": following.list_statements,
            "ListSessions": following.list_sessions,
            "ListDatabases": catalog.list_databases,
            "ListSchemas": catalog.list_schemas,
            "ListTables": catalog.list_tables,
            "DescribeTable": catalog.describe_table,
        }

    def call(self, operation: str, request: dict[str, Any], caller: str) -> dict[str, Any]:
        """Answer one operation for a principal's ARN, as a client reads it. Raises ServiceError."""
        answer = self.wire(operation, request, caller)
        return {name: msgspec.json.decode(one) if isinstance(one, msgspec.Raw) else one for name, one in answer.items()}

    def wire(self, operation: str, request: dict[str, Any], caller: str) -> dict[str, Any]:
        """The same with rows as the JSON that they are on the wire. Raises ServiceError."""
        run = self._operations.get(operation)
        if run is None:
            raise ServiceError("UnknownOperationException", f"Unknown operation {operation}")
        if self.limits.enforce_rates:
            self._throttle.take(operation)
        check_shape(operation, request)
        self._tidy()
        return run(request, Caller(caller))

    def close(self) -> None:
        """Stop what runs, send the last events, and write the warehouse to its file."""
        for submission in self._store.running():
            self._submissions.stop(submission)
        self._submissions.close()
        self._sessions.close()
        self._following.close()
        self.engine.close()

    def _tidy(self) -> None:
        """Let go of what has outlived its time: results, client tokens, sessions with what runs in them."""
        now = self._clock()
        self._store.purge(now - self.limits.result_seconds)
        self._submissions.forget_tokens(now - self.limits.token_seconds)
        overdue = self._sessions.expire()
        for submission in self._store.running() if overdue else []:
            if submission.id in overdue:
                self._submissions.stop_later(submission)
