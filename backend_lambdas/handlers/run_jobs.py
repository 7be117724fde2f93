"""Jobs: their starts and approvals from sockets, the ends of their statements, cancels, and every minute what is due.

API Gateway calls it for the messages `start` and `approve`; EventBridge for the end of each statement of a job, and
for a cancel, which `on_connect` passes on; the Scheduler every minute, for jobs with a schedule and for what somebody
who died has left over. What it tells goes to sockets; that tables have changed goes over the bus to `turn_pages`.
Source of the statement's event: Amazon Redshift, "Monitoring events for the Data API in EventBridge".
"""

import datetime
import json
import logging
import os
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas import clock, log_events, messages
from backend_lambdas.access.group_membership import GroupMembership
from backend_lambdas.access.principal import ADMINS, Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.aws.warehouse import Target, Warehouse, attempt_of
from backend_lambdas.commands.answering import answered, refused
from backend_lambdas.errors import BadMessage, Expired, PushboardError
from backend_lambdas.jobs import job_schedule
from backend_lambdas.jobs.job_catalog import JobCatalog
from backend_lambdas.jobs.job_file import Job
from backend_lambdas.jobs.job_news import JobNews
from backend_lambdas.jobs.job_run_table import JobRunTable
from backend_lambdas.jobs.job_runner import JobRunner
from backend_lambdas.jobs.table_news import TableNews
from backend_lambdas.messages import Approve, Start
from backend_lambdas.settings import RunJobs
from backend_lambdas.sockets.connections import Connections
from backend_lambdas.sockets.notifier import Notifier

log = logging.getLogger(__name__)

STATEMENT_NAMES = "pushboard-jobs/"
"""Statements of jobs are named `pushboard-jobs/<stack>/<run>/<step>`, so that no other rule hears of them."""

CANCEL_SOURCE = "pushboard.jobs"
SCHEDULER = Principal("schedule", "the schedule", frozenset({ADMINS}), 0, {}, "schedule")
"""Who starts a job when its time has come."""


class Jobs(Struct, frozen=True):
    """Everything a message or an event about jobs needs."""

    catalog: JobCatalog
    membership: GroupMembership
    runner: JobRunner
    connections: Connections
    notifier: Notifier

    def receive(self, connection_id: str, text: str, claims: Mapping[str, Any] | None) -> int:
        """Answers one message and gives an HTTP status; what is wrong with it is answered too, and changes nothing."""
        return answered(self.notifier, connection_id, text, lambda: self._dispatch(connection_id, text, claims))

    def cancel(self, connection_id: str, run_id: str) -> None:
        """Stops a run for the user of a socket, whom its opening has recorded; he is told if it is not his to stop."""
        try:
            self.runner.cancel(run_id, self._user(connection_id, None))
        except PushboardError as error:
            refused(self.notifier, connection_id, [(None, run_id)], error)

    def tick(self) -> None:
        """Starts what is due by its schedule, and looks after every run. Raises when something could not be done."""
        now = datetime.datetime.fromtimestamp(clock.seconds(), datetime.UTC)
        for job in self.catalog.all().values():
            if isinstance(job, Job) and job.header.schedule is not None:
                for minute in job_schedule.due_minutes(job.header.schedule, now):
                    self._start_by_schedule(job, minute)
        self.runner.tick()

    def _start_by_schedule(self, job: Job, minute: datetime.datetime) -> None:
        """Once a minute of the schedule, however often it is looked at: the id of the run says which."""
        run_id = f"schedule-{job.id}-{minute:%Y-%m-%dT%H:%M}"
        if self.runner.runs.get(run_id) is None:
            try:
                self.runner.start(job, Start(job.id, job.id, run_id), SCHEDULER)
            except PushboardError as error:
                log.error("job %s could not be started by its schedule: %s", job.id, error.message)

    def _dispatch(self, connection_id: str, text: str, claims: Mapping[str, Any] | None) -> None:
        try:
            command = messages.parse(text)
        except messages.MalformedMessage as error:
            raise BadMessage(str(error)) from None
        principal = self._user(connection_id, claims)
        if isinstance(command, Start):
            self.runner.start(self.catalog.runnable(command.job, principal), command, principal, connection_id)
        elif isinstance(command, Approve):
            self.runner.approve(command.run_id, principal)
        else:
            raise BadMessage("This message is not about jobs.")

    def _user(self, connection_id: str, claims: Mapping[str, Any] | None) -> Principal:
        """The user of a socket, without groups that were taken away while it was open.

        Raises `Expired` when the sign-in has ended, or the socket is not known.
        """
        principal = Principal.from_token(claims) if claims else self.connections.principal(connection_id)
        if principal is None or principal.token_expires_at <= clock.seconds():
            raise Expired
        return self.membership.as_of_now(principal)


@at_start
def build() -> Jobs:
    """Everything it takes, from this function's environment; kept while the function is warm."""
    settings = RunJobs.from_environ(os.environ)
    dynamodb = clients.dynamodb()
    connections = Connections(dynamodb, settings.table_name)
    notifier = Notifier(clients.client("apigatewaymanagementapi", settings.callback_url, attempts=2), connections)
    target = Target(settings.database, settings.cluster_identifier, settings.workgroup_name, settings.jobs_db_username)
    data_api = clients.client("redshift-data", attempts=1)
    role = settings.redshift_iam_role
    deployment = {
        "JOBS_DATA_S3_PATH": settings.jobs_data_s3_path,
        "REDSHIFT_IAM_ROLE": role if role == "default" else f"'{role}'",
    }
    runner = JobRunner(
        JobRunTable(dynamodb, settings.table_name),
        Warehouse(data_api, settings.stack_name, target, STATEMENT_NAMES),
        JobNews(connections, notifier),
        TableNews(clients.client("events")),
        deployment,
    )
    membership = GroupMembership(
        clients.client("cognito-idp", attempts=1), settings.user_pool_id, settings.groups_fresh_seconds
    )
    return Jobs(JobCatalog(clients.client("s3"), settings.jobs_s3_path), membership, runner, connections, notifier)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A message of a socket, or an event. Of an event it raises when something failed, so that Lambda calls again."""
    jobs = build()
    if "requestContext" in event:
        request = event["requestContext"]
        claims = request.get("authorizer", {}).get("claims")
        text = event.get("body") or ""
        log_events.message_came(request, messages.address(text)[1])
        return {"statusCode": jobs.receive(request["connectionId"], text, json.loads(claims) if claims else None)}
    if event.get("source") == CANCEL_SOURCE:
        jobs.cancel(str(event["detail"]["connectionId"]), str(event["detail"]["runId"]))
    elif event.get("source") == "aws.redshift-data":
        _ended(jobs, event["detail"])
    else:
        jobs.tick()
    return {}


def _ended(jobs: Jobs, detail: Mapping[str, Any]) -> None:
    key, _, index = attempt_of(detail["statementName"]).partition("/")
    try:
        jobs.runner.statement_ended(key, int(index), detail["state"], detail["statementId"])
    except (PushboardError, ClientError, BotoCoreError):
        log.warning("the end of statement %s is left to the next try", detail["statementId"])
        raise
