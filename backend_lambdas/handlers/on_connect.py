"""What comes in over a socket: the opening itself, and every message after it.

API Gateway calls it for `$connect` (after `authorize`) and for each message. A `run` is checked (sign-in, report,
group, parameters), its subscriber recorded and its statement submitted by `run_service`; the statement's end goes to
`send_message`.
"""

import json
import logging
import os
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas import clock, log_events, messages
from backend_lambdas.access.group_membership import GroupMembership
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.commands.admission import Admission
from backend_lambdas.commands.answering import answered
from backend_lambdas.commands.run_batch import RunBatch
from backend_lambdas.errors import (
    BadMessage,
    Expired,
    PushboardError,
    TooBusy,
)
from backend_lambdas.jobs.job_cancels import JobCancels
from backend_lambdas.messages import BATCHES, Cancel, Command, Export, Ping, Pong, Resume, Run, Runs, Unwatch
from backend_lambdas.reports.catalog import Catalog
from backend_lambdas.runs.assembly import run_service
from backend_lambdas.runs.requests import Requester
from backend_lambdas.runs.run_service import RunService
from backend_lambdas.settings import OnConnect
from backend_lambdas.sockets.connections import Connections
from backend_lambdas.sockets.notifier import Notifier

log = logging.getLogger(__name__)

_PROTOCOL = "Sec-WebSocket-Protocol"


class MessageHandler(Struct, frozen=True):
    """Receives the messages of every socket."""

    connections: Connections
    admission: Admission
    service: RunService
    notifier: Notifier
    max_sockets: int
    job_cancels: JobCancels

    def open(self, connection_id: str, claims: dict[str, Any]) -> None:
        """Records a new socket with the user its authorizer verified; raises `TooBusy` when that user has too many."""
        principal = Principal.from_token(claims)
        if not self.connections.open_within(connection_id, principal, self.max_sockets):
            log_events.socket_refused("too many sockets")
            raise TooBusy("You have as many pages open as you may. Close one of them.")
        log_events.socket_opened(connection_id, principal.sub)

    def receive(self, connection_id: str, text: str, principal: Principal | None = None) -> int:
        """Answers one message and gives an HTTP status; what is wrong with it is answered too, and changes nothing.

        The principal is the socket's user, where the gateway tells it; else, and where it has to be known whether the
        socket is still open, it is the one that the opening recorded.
        """
        return answered(self.notifier, connection_id, text, lambda: self._dispatch(connection_id, text, principal))

    def _dispatch(self, connection_id: str, text: str, principal: Principal | None) -> int | None:
        command = _command(text)
        if principal is None or not isinstance(command, Run | Runs | Export):  # whose service looks itself
            principal = self.connections.principal(connection_id)
        if principal is None:
            log.info("a message came from connection %s, which has closed", connection_id)
            return None
        if principal.token_expires_at <= clock.seconds():
            raise Expired
        if isinstance(command, BadMessage):
            raise command
        status: int | None = _ACTIONS[type(command)](self, Requester(connection_id, principal), command)
        return status

    def _run(self, requester: Requester, command: Run) -> int:
        return RunBatch(self.admission, self.service).request(requester, Runs((command,)))

    def _runs(self, requester: Requester, batch: Runs) -> int:
        return RunBatch(self.admission, self.service).request(replace(requester, batches=True), batch)

    def _export(self, requester: Requester, command: Export) -> None:
        """The report is the one that counts now, which the look at what there is may tell to be another."""
        try:
            now, spec = self.admission.query_of(requester, command)
        except PushboardError:  # by a catalogue that may not be the one that counts
            self.admission.catalog.current()
            now, spec = self.admission.query_of(requester, command)
        found = self.service.look(now, command, spec)
        if found.is_open and found.token_expires_at <= clock.seconds():
            raise Expired
        if self.admission.catalog.is_older_than(found.catalogue):
            self.admission.catalog.current()
            now, spec = self.admission.query_of(requester, command)
            found = self.service.look(now, command, spec)
        if attempt := self.service.request_run(now, command, spec, found):
            self.service.note_export(now, command.run_id, attempt, spec)

    def _resume(self, requester: Requester, command: Resume) -> None:
        self.service.resume(self.admission.as_of_now(requester), command.run_ids)

    def _unwatch(self, requester: Requester, command: Unwatch) -> None:
        self.service.unwatch(requester.connection_id, command.run_ids)

    def _cancel(self, requester: Requester, command: Cancel) -> None:
        if self.job_cancels.is_of_job(command.run_id):
            self.job_cancels.pass_on(requester.connection_id, command.run_id)
            return
        self.service.unwatch(requester.connection_id, [command.run_id])
        if not self.service.cancel(requester, command.run_id):
            raise BadMessage("This run has ended already.")

    def _ping(self, requester: Requester, _: Ping) -> None:
        self.notifier.notify(requester.connection_id, Pong())


_ACTIONS: dict[type[Command], Any] = {
    Run: MessageHandler._run,
    Runs: MessageHandler._runs,
    Export: MessageHandler._export,
    Resume: MessageHandler._resume,
    Unwatch: MessageHandler._unwatch,
    Cancel: MessageHandler._cancel,
    Ping: MessageHandler._ping,
}


@at_start
def build() -> MessageHandler:
    """Everything a message needs, from this function's environment; kept while the function is warm."""
    settings = OnConnect.from_environ(os.environ)
    service = run_service(settings)
    catalog = Catalog(clients.client("s3"), settings.reports_s3_path)
    membership = GroupMembership(
        clients.client("cognito-idp", attempts=1), settings.user_pool_id, settings.groups_fresh_seconds
    )
    return MessageHandler(
        service.connections,
        Admission(catalog, membership),
        service,
        service.notifier,
        settings.max_sockets_per_user,
        JobCancels(clients.dynamodb(), settings.table_name, clients.client("events")),
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Opens or answers; clients are answered over the socket, the status is for the gateway's log."""
    request = event["requestContext"]
    if request["routeKey"] == "$connect":
        status = _opened(request["connectionId"], json.loads(request["authorizer"]["claims"]))
        return {"statusCode": status} | _agreed(event.get("headers") or {})
    text = event.get("body") or ""
    for _, run_id in messages.addresses(text):
        log_events.message_came(request, run_id)
    return {"statusCode": build().receive(request["connectionId"], text, _principal(request))}


def _principal(request: dict[str, Any]) -> Principal | None:
    """The user whom the authorizer verified when the socket was opened.

    API Gateway repeats what the authorizer said with each message, which is seen in practice and not promised.
    """
    claims = request.get("authorizer", {}).get("claims")
    return Principal.from_token(json.loads(claims)) if claims else None


def _opened(connection_id: str, claims: dict[str, Any]) -> int:
    try:
        build().open(connection_id, claims)
    except PushboardError as error:
        return error.status
    return 200


def _agreed(headers: Mapping[str, str]) -> dict[str, Any]:
    """The sub-protocol that a client asks for, if it is known here."""
    wanted = ",".join(text for name, text in headers.items() if name.lower() == _PROTOCOL.lower())
    return {"headers": {_PROTOCOL: BATCHES}} if BATCHES in [each.strip() for each in wanted.split(",")] else {}


def _command(text: str) -> Command | BadMessage:
    try:
        return messages.parse(text)
    except messages.MalformedMessage as error:
        return BadMessage(str(error))
