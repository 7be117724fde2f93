"""What happens to sockets and runs, each event a function: its line in the log, its numbers in CloudWatch.

Called where it happens, in one line. The fields by which a query's life is found are `runId` (the client's), `attempt`
(the statement's name in the warehouse), `statementId`, `connectionId` and `user` (the subject: never an e-mail). No
line has a parameter's value, SQL or a token. `docs/operations.md` shows how to follow one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backend_lambdas import clock
from backend_lambdas.aws.telemetry import harmless, line
from backend_lambdas.runs.run_state import CANCELLED, FINISHED, RunState
from backend_lambdas.sockets.connections import Subscriber

if TYPE_CHECKING:  # only the functions about jobs load what runs them
    from backend_lambdas.jobs.job_run import JobRun

TIMEOUT = "timeout"


@harmless
def socket_opened(connection_id: str, user: str) -> None:
    """A socket is on record."""
    line("socket opened", {"SocketsOpened": 1}, connectionId=connection_id, user=user)


@harmless
def socket_closed(connection_id: str) -> None:
    """The gateway told that a socket closed."""
    line("socket closed", {"SocketsClosed": 1}, connectionId=connection_id)


@harmless
def socket_refused(reason: str) -> None:
    """Somebody came without a good token."""
    line("socket refused", {"SocketsRefused": 1}, level=logging.WARNING, reason=reason)


@harmless
def socket_gone(connection_id: str) -> None:
    """A socket turned out to be closed when somebody was to be told."""
    line("socket gone", {"SocketsGone": 1}, connectionId=connection_id)


@harmless
def message_came(request: Mapping[str, Any], run_id: str | None) -> None:
    """A message is about to be handled; `request` is the gateway's context of it, whose id its access log has too."""
    connection, gateway = request["connectionId"], request.get("requestId")
    line("message came", connectionId=connection, route=request["routeKey"], gatewayRequestId=gateway, runId=run_id)


@harmless
def groups_unknown(reason: str) -> None:
    """The user pool did not say which groups a user is in."""
    line("groups unknown", {"GroupsUnknown": 1}, level=logging.WARNING, reason=reason)


@harmless
def run_rejected(connection_id: str, run_id: str | None, code: str) -> None:
    """A message was answered with what is wrong about it."""
    line("message rejected", {"RunsRejected": 1}, connectionId=connection_id, runId=run_id, code=code)


@harmless
def run_requested(run: RunState, subscriber: Subscriber) -> None:
    """Somebody waits for a run that is his to start."""
    line("run requested", **_of(run), **_who(subscriber))


@harmless
def run_shared(run: RunState, subscriber: Subscriber) -> None:
    """Somebody joined a run that another started."""
    line("run shared", {"RunsShared": 1}, **_of(run), **_who(subscriber))


@harmless
def run_cached(run: RunState, subscriber: Subscriber) -> None:
    """Somebody was answered from rows that are there."""
    line("run cached", {"RunsCached": 1}, **_of(run), **_who(subscriber))


@harmless
def run_started(run: RunState, submitted_at: int) -> None:
    """The warehouse took a statement, which was submitted at that time; until then the run had queued."""
    line("run started", {"RunsStarted": 1, "QueueTime": max(submitted_at - run.started_at, 0)}, **_of(run))


@harmless
def run_ended(run: RunState) -> None:
    """A run's end was noted for the first time."""
    if run.status == FINISHED:
        line("run finished", {"RunsFinished": 1, "StatementTime": run.elapsed_ms}, rows=run.rows, **_of(run))
    elif run.status == CANCELLED:
        line("run cancelled", {"RunsCancelled": 1}, **_of(run))
    else:
        late = {"RunsTimedOut": 1} if run.code == TIMEOUT else {}
        failed = {"RunsFailed": 1} | late
        line("run failed", failed, level=logging.ERROR, code=run.code, reason=run.reason or None, **_of(run))


@harmless
def subscriber_notified(subscriber: Subscriber) -> None:
    """Somebody who waited was told of the end."""
    line("subscriber notified", attempt=subscriber.attempt, statementId=subscriber.statement_id, **_who(subscriber))


@harmless
def all_notified(run: RunState, notified: int, unnotified: int, since: int | None) -> None:
    """So many who waited were told of an end, and so many could not be; `since` is when the statement had ended."""
    if not notified + unnotified:
        return
    took = {"TimeToNotify": max(clock.now() - since, 0)} if notified and since is not None else {}
    counted = {"NotificationsSent": notified, "NotificationsFailed": unnotified} | took
    line("all notified", counted, level=logging.WARNING if unnotified else logging.INFO, **_of(run))


@harmless
def pages_turned(tables: Sequence[str], questions: int, watchers: int) -> None:
    """Tables have changed: so many distinct questions were asked again, for so many panels that show them."""
    line("pages turned", {"PagesTurned": 1}, tables=", ".join(tables), questions=questions, panels=watchers)


@harmless
def job_changed(event: str, run: JobRun) -> None:
    """A run of a job was requested, or has ended."""
    of: dict[str, Any] = {"runId": run.run_id, "job": run.job, "department": run.department, "user": run.sub}
    line(event, state=run.status, code=run.code or None, reason=run.reason or None, **of)


@harmless
def missed_event_found(run: RunState) -> None:
    """A statement had ended, and its event had not come."""
    line("missed event", {"MissedEvents": 1}, level=logging.WARNING, **_of(run))


@harmless
def run_resubmitted(run: RunState) -> None:
    """Who was to submit a run is silent, and another does so in his place."""
    line("run resubmitted", {"RunsResubmitted": 1}, level=logging.WARNING, **_of(run))


@harmless
def orphan_found(attempt: str, statement_id: str) -> None:
    """A statement runs for nobody, and is cancelled."""
    line("orphan statement", {"OrphanStatements": 1}, level=logging.WARNING, attempt=attempt, statementId=statement_id)


@harmless
def rows_read(statement_id: str, record: Mapping[str, Any], user: str) -> None:
    """A page of rows was asked for, by somebody who may see them."""
    line("rows read", statementId=statement_id, user=user, **_from(record))


@harmless
def download_started(statement_id: str, record: Mapping[str, Any], user: str) -> None:
    """Somebody takes a result away as a file."""
    line("download started", {"DownloadsStarted": 1}, statementId=statement_id, user=user, **_from(record))


@harmless
def page_not_kept(statement_id: str, page: int, reason: str) -> None:
    """A page of rows was read, and S3 did not take it: the next reader asks the Data API again."""
    failed = {"PagesNotKept": 1}
    line("page not kept", failed, level=logging.WARNING, statementId=statement_id, page=page, reason=reason)


@harmless
def kept_page_unreadable(statement_id: str, page: int, reason: str) -> None:
    """A kept page of rows could not be had from S3, or is no page: the Data API is asked instead."""
    failed = {"KeptPagesUnreadable": 1}
    line("kept page unreadable", failed, level=logging.WARNING, statementId=statement_id, page=page, reason=reason)


@harmless
def export_requested(run_id: str, attempt: str, user: str) -> None:
    """Somebody asked for an export, and is on record for it."""
    line("export requested", {"ExportsAsked": 1}, runId=run_id, attempt=attempt, user=user)


@harmless
def link_given(run_id: str, attempt: str, user: str) -> None:
    """Somebody was given a link to an export's file."""
    line("link given", {"LinksGiven": 1}, runId=run_id, attempt=attempt, user=user)


def _of(run: RunState) -> dict[str, Any]:
    own = {"attempt": run.attempt, "statementId": run.statement_id}
    return own | {"report": run.report, "department": run.department}


def _who(subscriber: Subscriber) -> dict[str, Any]:
    return {"runId": subscriber.run_id, "connectionId": subscriber.connection_id, "user": subscriber.sub}


def _from(record: Mapping[str, Any]) -> dict[str, Any]:
    return {"report": record["report"], "department": record["department"]}
