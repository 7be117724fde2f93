"""What became of a statement: DescribeStatement, CancelStatement, its rows, and the lists. Called by `service`."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import duckdb

from infra.local.endpoint.awsjson import ServiceError
from infra.local.redshift_data import answers
from infra.local.redshift_data.csv_pages import csv_page
from infra.local.redshift_data.errors import invalid, not_found
from infra.local.redshift_data.execution.sessions import Sessions
from infra.local.redshift_data.execution.submissions import Submissions
from infra.local.redshift_data.identity import Caller
from infra.local.redshift_data.limits import DataApiLimits
from infra.local.redshift_data.paging import json_page, page, page_by_number, position_of, token
from infra.local.redshift_data.result_streams import ResultStreams
from infra.local.redshift_data.statements import Statement, StatementStore, Status, SubStatement
from infra.local.redshift_data.targets import Target
from infra.warehouse.engine import Engine
from infra.warehouse.results import Result

Request = dict[str, Any]
Answer = dict[str, Any]


class StatementQueries:
    """Everything that is asked about submissions once they exist."""

    def __init__(
        self, engine: Engine, store: StatementStore, sessions: Sessions, submissions: Submissions, limits: DataApiLimits
    ) -> None:
        self._engine = engine
        self._store = store
        self._sessions = sessions
        self._submissions = submissions
        self._limits = limits
        self._streams = ResultStreams()

    def close(self) -> None:
        """Lets go of the results that are being read."""
        self._streams.close()

    def describe(self, request: Request, caller: Caller) -> Answer:
        """DescribeStatement, of a statement, a batch or a sub-statement."""
        submission, part = self._found(request, caller)
        return answers.sub_described(submission, part) if ":" in request["Id"] else answers.described(submission)

    def cancel(self, request: Request, caller: Caller) -> Answer:
        """CancelStatement: answered when it has stopped."""
        submission, _ = self._store.find(request["Id"], caller, self._limits.keep_apart(caller))
        _check_active(submission)
        if not self._submissions.stop(submission):
            raise ServiceError("QueryTimeoutException", "The statement could not be stopped in time.")
        if submission.status != Status.ABORTED:
            _check_active(submission)
        return {"Status": True}

    def get_result(self, request: Request, caller: Caller) -> Answer:
        """GetStatementResult: rows as Fields."""
        return self._paged(self._result(request, caller, "JSON"), request, partial(json_page, self._streams))

    def get_result_v2(self, request: Request, caller: Caller) -> Answer:
        """GetStatementResultV2: rows as CSV."""
        return {**self._paged(self._result(request, caller, "CSV"), request, self._csv_page), "ResultFormat": "CSV"}

    def list_statements(self, request: Request, caller: Caller) -> Answer:
        """ListStatements: the caller's, newest first; only finished ones unless a status is asked for."""
        _check_one_location(request)
        wanted, prefix = request.get("Status", "FINISHED"), request.get("StatementName", "")
        found = [
            submission
            for submission in self._store.newest_first()
            if wanted in ("ALL", submission.status)
            and (submission.name or "").startswith(prefix)
            and self._is_listed(submission.caller, submission.target, request, caller)
        ]
        shown, more = page_by_number(found, request, f"statements {wanted} {prefix}", lambda one: one.number)
        return {"Statements": [answers.listed(submission) for submission in shown], **more}

    def list_sessions(self, request: Request, caller: Caller) -> Answer:
        """ListSessions: the caller's open ones, unless a status or a session is asked for."""
        _check_one_location(request)
        if "SessionId" in request:
            if any(name in request for name in ("Status", "ClusterIdentifier", "WorkgroupName", "Database")):
                raise invalid("SessionId cannot be combined with other filters.")
            return {"Sessions": [self._sessions.known(request["SessionId"], caller).data()]}
        wanted = [request["Status"]] if "Status" in request else ["AVAILABLE", "BUSY"]
        found = [
            session.data()
            for session in self._sessions.newest_first()
            if session.status in wanted and self._is_listed(session.caller, session.target, request, caller)
        ]
        shown, more = page(found, request, f"sessions {wanted}")
        return {"Sessions": shown, **more}

    def _found(self, request: Request, caller: Caller) -> tuple[Statement, SubStatement]:
        """What an id names, after the long poll it may ask for."""
        submission, part = self._store.find(request["Id"], caller, self._limits.keep_apart(caller))
        self._store.long_poll(submission, request.get("WaitTimeSeconds"))
        return submission, part

    def _result(self, request: Request, caller: Caller, wanted: str) -> Result:
        submission, part = self._found(request, caller)
        if submission.result_format != wanted:
            other = "GetStatementResultV2" if wanted == "JSON" else "GetStatementResult"
            raise invalid(f"The statement's result format is {submission.result_format}; use {other}.")
        if submission.is_batch and ":" not in request["Id"]:
            raise invalid("Results of a batch are read by the id of a sub-statement.")
        if not answers.has_ended(submission, part) or part.result is None:
            message = "Query does not have result. Please check query status with DescribeStatement."
            raise not_found(message, request["Id"])
        return part.result

    def _paged(self, result: Result, request: Request, read: Callable[[Result, int], tuple[Any, int]]) -> Answer:
        offset = position_of(request.get("NextToken"), result.path.stem)
        try:
            records, end = read(result, offset)
        except (duckdb.IOException, FileNotFoundError) as gone:  # a day has passed between finding and reading it
            raise not_found("Query does not exist.", request["Id"]) from gone
        answer = {"Records": records, "ColumnMetadata": result.metadata(), "TotalNumRows": result.rows}
        return answer | ({"NextToken": token(result.path.stem, end)} if end < result.rows else {})

    def _csv_page(self, result: Result, offset: int) -> tuple[list[dict[str, str]], int]:
        with closing(self._engine.cursor()) as cursor:
            return csv_page(cursor, result, offset)

    def _is_listed(self, owner: Caller, target: Target, request: Request, caller: Caller) -> bool:
        """Whether the caller's role and filters let it see what another call made."""
        if not target.agrees(request):
            return False
        if not request.get("RoleLevel", True):
            return owner.arn == caller.arn
        return owner.owner == caller.owner or not self._limits.keep_apart(caller)


def _check_active(submission: Statement) -> None:
    """Raise ValidationException when there is nothing left to cancel."""
    if submission.status.is_final:
        message = f"Could not cancel a query that is already in {submission.status} state, ID: {submission.id}"
        raise invalid(message)


def _check_one_location(request: Request) -> None:
    if "ClusterIdentifier" in request and "WorkgroupName" in request:
        raise invalid("Only one of ClusterIdentifier and WorkgroupName can be given.")
