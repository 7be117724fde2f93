"""The stack's custom resource that prepares the warehouse by the scripts `sql/setup/*.sql`, in order of name.

CloudFormation calls it. They run on create, and on update when they changed; on delete it touches nothing. It always
answers CloudFormation, also on failure: a stack that waits for an answer hangs for an hour. What was run last is told
by the physical id, which carries the scripts' digest: CloudFormation keeps it for us and hands it back on update.
Whatever a run made stays when it fails, so each statement has to do no harm when it runs again. Nothing is loaded here:
`load_redshift` does that, apart from the stack.
Source: AWS CloudFormation, "Custom resource request and response reference".
"""

import functools
import hashlib
import json
import logging
import os
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from backend_lambdas.aws import clients
from backend_lambdas.aws.warehouse import Target
from backend_lambdas.scripts import script_values
from backend_lambdas.scripts.administrator import Administrator
from backend_lambdas.scripts.new_rights import once_rights_hold
from backend_lambdas.scripts.script_files import Script, ScriptFailed, scripts_under
from backend_lambdas.settings import SetupRedshift

log = logging.getLogger(__name__)

_MARGIN_SECONDS = 20
_MAX_REASON_LENGTH = 500
"""CloudFormation takes an answer of 4 KB, and JSON may need six bytes for a character."""

_FIND_USER = "SELECT usename FROM pg_user WHERE lower(usename) = lower(:name)"
"""Redshift stores names in lower case, in quotes or not, unless it is set to tell case apart."""

_NAME = "setup/users"


class Setup(Struct, frozen=True):
    """Runs the scripts as the owner of the database."""

    s3: Any
    administrator: Administrator
    settings: SetupRedshift

    def scripts(self) -> list[Script]:
        """The files under the setup path in order of name."""
        return scripts_under(self.s3, self.settings.setup_s3_path, script_values.of_setup(self.settings))

    def ensure_user(self, user: str, what: str, deadline: float) -> None:
        """Creates a database user unless it exists; it has no password, so only IAM can sign it in.

        Somebody else may create it meanwhile: then the statement fails, and the user is there all the same.
        """
        if self._exists(user, what, deadline):
            return
        try:
            self.administrator.execute(f'CREATE USER "{user}" PASSWORD DISABLE', _NAME, what, deadline)
        except ScriptFailed:
            if not self._exists(user, what, deadline):
                raise

    def run(self, script: Script, deadline: float) -> None:
        """Runs a script's statements in one transaction and waits for its end."""
        self.administrator.run(script, f"setup/{script.name}", deadline)

    def _exists(self, user: str, what: str, deadline: float) -> bool:
        return bool(self.administrator.rows(_FIND_USER, _NAME, what, deadline, {"name": user}))


def digest(scripts: list[Script], target: Target) -> str:
    """The physical id of these scripts in this warehouse: the same as long as they would run the same."""
    text = json.dumps([target.members(), *((script.name, script.statements) for script in scripts)])
    return f"setup-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


@functools.cache
def build() -> Setup:
    """The setup of this function's environment, kept while the function is warm."""
    settings = SetupRedshift.from_environ(os.environ)
    return Setup(clients.client("s3"), Administrator.from_settings(settings), settings)


def handler(event: dict[str, Any], context: Any) -> None:
    """Does what the request type asks for and answers `ResponseURL`, whatever happened."""
    physical_id = event.get("PhysicalResourceId", "setup-none")
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _MARGIN_SECONDS
    try:
        physical_id = _REQUESTS[event["RequestType"]](physical_id, deadline)
        answer = {"Status": "SUCCESS"}
    except Exception as error:
        log.exception("setup failed")
        answer = {"Status": "FAILED", "Reason": f"{type(error).__name__}: {error}"[:_MAX_REASON_LENGTH]}
    respond(event, {**answer, "PhysicalResourceId": physical_id})


def apply(previous_id: str, deadline: float) -> str:
    """Runs the scripts unless `previous_id` says that just these were run; gives the id for these."""
    setup = build()
    scripts = once_rights_hold(setup.scripts)
    wanted_id = digest(scripts, setup.administrator.target)
    if wanted_id == previous_id:
        return previous_id
    users = {"the reports' user": setup.settings.db_username, "the jobs' user": setup.settings.jobs_db_username}
    for what, user in users.items():
        once_rights_hold(functools.partial(setup.ensure_user, user, what, deadline))
    for script in scripts:
        setup.run(script, deadline)
    return wanted_id


def _leave(previous_id: str, _: float) -> str:
    return previous_id


_REQUESTS: dict[str, Callable[[str, float], str]] = {"Create": apply, "Update": apply, "Delete": _leave}


def respond(event: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """PUTs the answer to the presigned `ResponseURL`, which wants an empty content type."""
    same = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    request = urllib.request.Request(event["ResponseURL"], json.dumps({**same, **answer}).encode(), method="PUT")  # noqa: S310
    request.add_header("Content-Type", "")
    with urllib.request.urlopen(request, timeout=15) as response:  # noqa: S310 - CloudFormation gives the address
        log.info("CloudFormation was told: %s", response.status)
