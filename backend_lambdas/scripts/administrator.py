"""The warehouse's administrator, as whom scripts run by the Data API. Used by `setup_redshift` and `load_redshift`.

A statement runs in the warehouse whether a function waits for it or not, and belongs to the role that submitted it.
"""

import time
from collections.abc import Mapping
from typing import Any, Self

from msgspec import Struct

from backend_lambdas.aws import clients
from backend_lambdas.aws.warehouse import Target
from backend_lambdas.scripts.script_files import Script, ScriptFailed
from backend_lambdas.settings import AdministratorSettings

Row = list[dict[str, Any]]
"""The fields of the Data API."""

_UNDER_WAY = ("SUBMITTED", "PICKED", "STARTED")
_ENDED_OTHERWISE = frozenset({"FAILED", "ABORTED"})
_WAIT_SECONDS = 20
_READ_SECONDS = _WAIT_SECONDS + 10.0
"""An answer to a call that waits comes later than others."""


class Administrator(Struct, frozen=True):
    """Submits as the administrator, and waits by the Data API's long polling."""

    client: Any
    target: Target

    @classmethod
    def from_settings(cls, settings: AdministratorSettings) -> Self:
        """The administrator that a function's environment names."""
        target = Target(
            settings.database,
            settings.cluster_identifier,
            settings.workgroup_name,
            settings.setup_db_username,
            settings.setup_secret_arn,
        )
        return cls(clients.client("redshift-data", read_seconds=_READ_SECONDS), target)

    def run(self, script: Script, name: str, deadline: float) -> None:
        """Runs a script to its end."""
        self.require_end(self.submit(script, name), script.name, deadline)

    def submit(self, script: Script, name: str) -> str:
        """Submits a script's statements as one transaction, under a name; returns the statement's id."""
        answer = self.client.batch_execute_statement(
            **self.target.members(), Sqls=list(script.statements), StatementName=name
        )
        return str(answer["Id"])

    def execute(self, sql: str, name: str, what: str, deadline: float, values: Mapping[str, str] | None = None) -> str:
        """Runs one statement to its end; returns its id. `what` begins the sentence of a failure."""
        bound = [{"name": key, "value": value} for key, value in (values or {}).items()]
        more = {"Parameters": bound} if bound else {}
        answer = self.client.execute_statement(**self.target.members(), Sql=sql, StatementName=name, **more)
        self.require_end(str(answer["Id"]), what, deadline)
        return str(answer["Id"])

    def rows(
        self, sql: str, name: str, what: str, deadline: float, values: Mapping[str, str] | None = None
    ) -> list[Row]:
        """The first rows of a query."""
        statement_id = self.execute(sql, name, what, deadline, values)
        return list(self.client.get_statement_result(Id=statement_id)["Records"])

    def require_end(self, statement_id: str, what: str, deadline: float) -> None:
        """Waits for a statement's end; one that outlives the deadline is cancelled. Raises `ScriptFailed`."""
        if not self.has_ended(statement_id, what, deadline):
            self.client.cancel_statement(Id=statement_id)
            raise ScriptFailed(f"{what}: not finished within the function's time limit")

    def has_ended(self, statement_id: str, what: str, deadline: float) -> bool:
        """Whether a statement has finished by the deadline. Raises `ScriptFailed` when it has ended otherwise."""
        while time.monotonic() < deadline:
            wait = max(1, min(_WAIT_SECONDS, int(deadline - time.monotonic())))
            state = self.client.describe_statement(Id=statement_id, WaitTimeSeconds=wait)
            if state["Status"] == "FINISHED":
                return True
            if state["Status"] in _ENDED_OTHERWISE:
                raise ScriptFailed(f"{what}: {state.get('Error') or state['Status'].lower()}")
        return False

    def under_way(self, name: str) -> str | None:
        """The id of a statement of this name that has not ended."""
        listing = self.client.get_paginator("list_statements")
        pages = (page for status in _UNDER_WAY for page in listing.paginate(StatementName=name, Status=status))
        return next((str(found["Id"]) for page in pages for found in page["Statements"]), None)
