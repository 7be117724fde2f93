"""The Redshift Data API as this package uses it: submit with an event, describe, cancel, list.

Used by `run_service`, `submitter` and `reconcile`. After `submit` the statement runs in the warehouse; its end comes
back to `send_message` as an event.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas.aws import clients
from backend_lambdas.aws.retry import RetryPolicy
from backend_lambdas.errors import PushboardError, StatementInvalid, TooBusy, WarehouseRefused, WarehouseUnavailable
from backend_lambdas.runs.outcomes import StatementEnded

log = logging.getLogger(__name__)

STATEMENT_NAMES = "pushboard/"
"""Statements are named `pushboard/<stack>/<attempt>`; the event rule of a stack matches those of its own."""

_BUSY = frozenset({"ThrottlingException", "ActiveStatementsExceededException", "ActiveSessionsExceededException"})
_REFUSED = frozenset({"ResourceNotFoundException", "AccessDeniedException"})
_INVALID = "ValidationException"
_ENDS = frozenset({"FINISHED", "FAILED", "ABORTED"})
_UNDER_WAY = ("SUBMITTED", "PICKED", "STARTED")

_CANCEL_SECONDS = 6.0
"""Three cancels a second are everybody's; what is not cancelled in this time, `reconcile` finds."""


class Target(Struct, frozen=True):
    """A database of a cluster or of a Serverless workgroup, and who acts in it; what is empty is not said.

    In a workgroup no user is named: whoever has no secret acts as the user that IAM derives from his role, `IAMR:Role`.
    Source: Amazon Redshift, "Choosing database authentication credentials when calling the Data API".
    """

    database: str
    cluster_identifier: str = ""
    workgroup_name: str = ""
    db_user: str = ""
    secret_arn: str = ""

    def members(self) -> dict[str, str]:
        """The connection members of a Data API request."""
        named = {
            "ClusterIdentifier": self.cluster_identifier,
            "WorkgroupName": self.workgroup_name,
            "Database": self.database,
            "DbUser": self.db_user,
            "SecretArn": self.secret_arn,
        }
        return {name: value for name, value in named.items() if value}


class Submission(Struct, frozen=True):
    """A statement that the warehouse has taken, and whether it has ended already."""

    statement_id: str
    has_ended: bool


class Part(Struct, frozen=True):
    """A statement with a result, by the id that its rows are read by, and how many they are."""

    statement_id: str
    rows: int


class StatementPart(Struct, frozen=True):
    """A statement of a batch: its state, the rows it changed or gave (0 where that is not told), and how long it took.

    `error` is the warehouse's own reason for a failure.
    """

    state: str
    rows: int
    elapsed_ms: int
    error: str


class Warehouse:
    """The Data API of one target, for the runs of one stack; without a target it does everything but submit."""

    def __init__(
        self, client: Any, stack_name: str, target: Target | None = None, names: str = STATEMENT_NAMES
    ) -> None:
        self._client = client
        self._names = f"{names}{stack_name}/"
        self._target = target

    def submit(self, attempt: str, sqls: Sequence[str], values: Mapping[str, str], wait_seconds: int = 0) -> Submission:
        """Starts the statement of an attempt; asking again for the same attempt starts no second one.

        Returns at the statement's end or after `wait_seconds` (0: at once; at most 30), whichever is first. Several SQL
        texts are one statement too, a batch in one transaction. Values are bound by the Data API. Raises
        `TooBusy` or `WarehouseUnavailable`, after which to ask again may help, or `WarehouseRefused`; and
        `StatementInvalid`, which is no fault of the warehouse.
        """
        if self._target is None:
            raise ValueError("this warehouse has no target to submit to")
        request: dict[str, Any] = {
            **self._target.members(),
            "StatementName": self._names + attempt,
            "ClientToken": attempt.replace("/", "-"),
            "WithEvent": True,
        }
        if wait_seconds:
            request["WaitTimeSeconds"] = wait_seconds
        if values:
            request["Parameters"] = [{"name": name, "value": value} for name, value in values.items()]
        try:
            if len(sqls) == 1:
                taken = self._client.execute_statement(Sql=sqls[0], **request)
            else:
                taken = self._client.batch_execute_statement(Sqls=list(sqls), **request)
        except (ClientError, BotoCoreError) as error:
            raise _translated(error) from error
        return Submission(str(taken["Id"]), bool(wait_seconds) and taken.get("Status") in _ENDS)

    def error_of(self, statement_id: str) -> str:
        """Why a statement failed, in the warehouse's words, as far as it tells: for logs, not for viewers."""
        try:
            return str(self._client.describe_statement(Id=statement_id).get("Error", ""))
        except (ClientError, BotoCoreError) as error:
            return f"not known ({error})"

    def end_of(self, attempt: str, statement_id: str) -> StatementEnded | None:
        """How a statement ended, or None while it runs; a statement that is kept no longer has failed.

        Raises `TooBusy` or `WarehouseUnavailable`.
        """
        try:
            found = self._client.describe_statement(Id=statement_id)
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and clients.error_code(error) == "ResourceNotFoundException":
                return StatementEnded(attempt, statement_id, "FAILED", 0, 0)
            raise _translated(error) from error
        if found["Status"] not in _ENDS:
            return None
        at, rows = int(found["UpdatedAt"].timestamp() * 1000), int(found.get("ResultRows", 0))
        return StatementEnded(attempt, statement_id, found["Status"], rows, at, error=str(found.get("Error", "")))

    def parts_of(self, statement_id: str) -> list[StatementPart]:
        """Each statement of a batch, or the one that it is, as far as it has come.

        Raises `TooBusy` or `WarehouseUnavailable`.
        """
        try:
            found = self._client.describe_statement(Id=statement_id)
        except (ClientError, BotoCoreError) as error:
            raise _translated(error) from error
        return [_part(part) for part in found.get("SubStatements") or [found]]

    def last_part(self, statement_id: str) -> Part:
        """The last statement of a batch that has ended, whose result is the batch's; a botocore error if it fails."""
        found = self._client.describe_statement(Id=statement_id)
        last = (found.get("SubStatements") or [found])[-1]
        return Part(str(last["Id"]), max(int(last.get("ResultRows", 0)), 0))

    def number_in(self, statement_id: str) -> int:
        """The only number in the result of a batch's last statement; a botocore error when it cannot be had."""
        part = self.last_part(statement_id).statement_id
        return int(self._client.get_statement_result(Id=part)["Records"][0][0]["longValue"])

    def under_way(self) -> Iterator[tuple[str, str]]:
        """Attempt and id of this stack's statements that have not ended; raises `TooBusy` or `WarehouseUnavailable`."""
        listing = self._client.get_paginator("list_statements")
        try:
            for status in _UNDER_WAY:
                pages = listing.paginate(StatementName=self._names, Status=status)
                for statement in (found for page in pages for found in page["Statements"]):
                    yield attempt_of(statement["StatementName"]), statement["Id"]
        except (ClientError, BotoCoreError) as error:
            raise _translated(error) from error

    def cancel(self, statement_id: str) -> None:
        """Cancels a statement, best effort: one that has ended, or cannot be cancelled now, is left as it is."""
        for _ in RetryPolicy(_CANCEL_SECONDS).tries():
            try:
                self._client.cancel_statement(Id=statement_id)
                return
            except (ClientError, BotoCoreError) as error:
                log.info("statement %s was not cancelled: %s", statement_id, error)
                if not isinstance(_translated(error), TooBusy):
                    return


def _part(found: Mapping[str, Any]) -> StatementPart:
    """Durations come in nanoseconds, and -1 where they are not known."""
    rows, elapsed = int(found.get("ResultRows", 0)), int(found.get("Duration", 0)) // 1_000_000
    return StatementPart(found["Status"], max(rows, 0), max(elapsed, 0), str(found.get("Error", "")))


def attempt_of(statement_name: str) -> str:
    """The attempt in a statement's name: `<key>/<number>`, behind the stack's own part."""
    return "/".join(statement_name.split("/")[-2:])


def _translated(error: ClientError | BotoCoreError) -> PushboardError:
    code = clients.error_code(error) if isinstance(error, ClientError) else ""
    if code in _BUSY:
        return TooBusy()
    log.error("the warehouse does not do what it is asked: %s", error)
    if code == _INVALID:
        return StatementInvalid()
    return WarehouseRefused() if code in _REFUSED else WarehouseUnavailable()
