"""`GET /exports` and `GET /exports/{runId}`: a user's exports of the last week, and a link to the file of one.

API Gateway calls it after its Cognito authorizer. A link is made when it is asked for, is good for some minutes, and is
a secret: whoever has it gets the file. Source of how long it can be: Amazon S3, "Sharing objects with presigned URLs".
"""

import datetime
import os
import re
from typing import Any

from msgspec import Struct

from backend_lambdas import clock, log_events
from backend_lambdas.access import audit
from backend_lambdas.access.audit import Audit, AuditedItem
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.errors import DownloadForbidden, Forbidden, NotFound, NotReady, PushboardError
from backend_lambdas.exports.export_store import ExportStore
from backend_lambdas.exports.unload import Unloads
from backend_lambdas.messages import MAX_KEY_LENGTH
from backend_lambdas.runs import outcomes
from backend_lambdas.runs.requests import Requests
from backend_lambdas.runs.run_state import CANCELLED, FAILED, FINISHED, RUNNING, RunState, key_of
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.settings import GetExports

LINK_SECONDS = 300
"""The credentials that sign it live for hours; a browser that was given it needs seconds."""

_NO_EXPORT = "There is no such export, or it is kept no longer (7 days)."
_CANCELLED = "You cancelled this export."
_NO_FILE = "This export has no rows, so there is no file of it."
_UNSAFE = re.compile(r"[^\w.=-]+", re.ASCII)  # S3 refuses a header that ISO 8859-1 cannot write


class ExportList(Struct, frozen=True):
    """Where users find what they exported."""

    exports: ExportStore
    requests: Requests
    runs: RunTable

    def listing(self, principal: Principal) -> list[dict[str, Any]]:
        """The user's exports, the newest first."""
        found = sorted(self.exports.of_user(principal.sub), key=lambda item: -int(item["askedAt"]))
        return [self._listed(item) for item in found]

    def link(self, principal: Principal, run_id: str) -> dict[str, Any]:
        """Where the file is to be had now; raises `NotFound`, `NotReady`, `Forbidden` or `DownloadForbidden`."""
        attempt = self._attempt(principal, run_id)
        result = self.exports.result(attempt)
        if result is None:
            run = self._run(attempt)
            raise NotReady if run and run.status == RUNNING else NotFound(_NO_EXPORT)
        if not principal.may_read(result["groups"], result["claims"]):
            raise Forbidden
        if not principal.may_download(result["downloaders"]):
            raise DownloadForbidden
        if not result["files"]:
            raise NotFound(_NO_FILE)
        record = self.exports.audit.begin(
            principal, AuditedItem.of_record(audit.LINK, run_id, result, result["format"])
        )
        rows, size = int(result["rows"]), int(result["bytes"])
        self.exports.audit.finish(record, principal.sub, rows, size, audit.COMPLETED)
        log_events.link_given(run_id, attempt, principal.sub)
        links = [self.exports.link(key, name, LINK_SECONDS) for key, name in _named(result)]
        expires = datetime.datetime.fromtimestamp(clock.seconds() + LINK_SECONDS, datetime.UTC)
        return {
            "url": links[0],
            "urls": links,
            "expiresAt": expires.isoformat().replace("+00:00", "Z"),
            "rows": rows,
            "bytes": size,
        }

    def _attempt(self, principal: Principal, run_id: str) -> str:
        """Of the list; or, if it ended there before it was put on it, of the run that was asked for."""
        if len(run_id) > MAX_KEY_LENGTH:
            raise NotFound(_NO_EXPORT)
        listed = self.exports.of_user(principal.sub, run_id)
        if listed and listed[0].get("cancelled"):
            raise NotFound(_CANCELLED)
        if listed:
            return str(listed[0]["attempt"])
        requested = self.requests.of(principal.sub, [run_id]).get(run_id)
        run = self.runs.get(requested.key) if requested and requested.key else None
        if run is None:
            raise NotFound(_NO_EXPORT)
        return run.attempt

    def _run(self, attempt: str) -> RunState | None:
        run = self.runs.get(key_of(attempt))
        return run if run is not None and run.attempt == attempt else None

    def _listed(self, item: dict[str, Any]) -> dict[str, Any]:
        is_cancelled = item.get("cancelled", False)
        result = None if is_cancelled else self.exports.result(item["attempt"])
        run = None if result or is_cancelled else self._run(item["attempt"])
        state = CANCELLED if is_cancelled else FINISHED if result else run.status if run else FAILED
        own = {name: item[name] for name in ("runId", "report", "title", "department", "format")}
        kept_until = datetime.datetime.fromtimestamp(int((result or item)["expiresAt"]), datetime.UTC)
        return own | {
            "parameters": item["values"],
            "state": state,
            "message": outcomes.sentence(run.code) if run and run.status == FAILED else None,
            "askedAt": int(item["askedAt"]),
            "keptUntil": kept_until.isoformat().replace("+00:00", "Z"),
            "rows": int(result["rows"]) if result else None,
            "bytes": int(result["bytes"]) if result else None,
        }


def _named(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Each file's key with a name that says what it is."""
    values = " ".join(_UNSAFE.sub("_", str(value)) for value in result["values"].values())
    stem = " ".join(part for part in (result["report"], values[:60], f"as of {result['asOf'][:19]}") if part)
    stem = stem.replace(":", ".").replace("T", " ")
    files = result["files"]
    parts = [""] if len(files) == 1 else [f" part {number} of {len(files)}" for number in range(1, len(files) + 1)]
    return [(key, f"{stem}{part}.{result['format']}") for key, part in zip(files, parts, strict=True)]


@at_start
def build() -> ExportList:
    """The exports of this function's environment, kept while the function is warm."""
    settings, dynamodb = GetExports.from_environ(os.environ), clients.dynamodb()
    unloads = Unloads(settings.exports_s3_path, "")
    kept = Audit(dynamodb, settings.audit_table_name)
    exports = ExportStore(dynamodb, settings.table_name, kept, clients.signing_s3(), unloads)
    return ExportList(exports, Requests(dynamodb, settings.table_name), RunTable(dynamodb, settings.table_name))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """200 with the list or the link, or the error's status with its code and sentence."""
    principal = Principal.from_rest(event["requestContext"]["authorizer"]["claims"])
    run_id = (event.get("pathParameters") or {}).get("runId")
    try:
        if run_id is None:
            return clients.rest_answer({"exports": build().listing(principal)})
        return clients.rest_answer(build().link(principal, run_id))
    except PushboardError as error:
        return clients.rest_error(error)
