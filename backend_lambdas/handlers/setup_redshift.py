"""The stack's custom resource that prepares the warehouse by the scripts `sql/setup/*.sql`, in order of name.

CloudFormation calls it. They run on create, and on update when they changed; on delete it touches nothing. It always
answers CloudFormation, also on failure: a stack that waits for an answer hangs for an hour. What was run last is told
by the physical id, which carries the scripts' digest: CloudFormation keeps it for us and hands it back on update.
Source: AWS CloudFormation, "Custom resource request and response reference".
"""

import functools
import hashlib
import json
import logging
import os
import re
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from backend_lambdas.aws import clients
from backend_lambdas.aws.warehouse import Target
from backend_lambdas.reports import sql_text
from backend_lambdas.settings import SetupRedshift

log = logging.getLogger(__name__)

_USER_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}|IAMR:[\w+=,.@-]{1,64}", re.ASCII)
_DATABASE = re.compile(r"[\w-]{1,127}", re.ASCII)
_ROLE = re.compile(r"default|arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_S3_PATH = re.compile(r"(s3://[a-z0-9.-]+/[\w./=-]*)?", re.ASCII)
_MARGIN_SECONDS = 20
_MAX_REASON_LENGTH = 500
"""CloudFormation takes an answer of 4 KB, and JSON may need six bytes for a character."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")


class SetupFailed(Exception):
    """A script could not be run; the sentence goes to CloudFormation as the Reason."""


class Script(Struct, frozen=True):
    """A setup file with its variables filled in."""

    name: str
    statements: tuple[str, ...]


class Setup(Struct, frozen=True):
    """Runs the scripts as the owner of the database."""

    s3: Any
    client: Any
    target: Target
    settings: SetupRedshift

    def scripts(self) -> list[Script]:
        """The files under the setup path in order of name; without data to load, one that loads is left out.

        One that holds nothing but comments is left out too: a batch of no statements is refused.
        """
        values = substitutions(self.settings)
        bucket, prefix = clients.s3_location(self.settings.setup_s3_path)
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = sorted(
            item["Key"] for page in pages for item in page.get("Contents", ()) if item["Key"].endswith(".sql")
        )
        texts = {key.removeprefix(prefix): self._read(bucket, key) for key in keys}
        scripts = [
            Script(name, _statements(name, text, values)) for name, text in texts.items() if _applies(text, values)
        ]
        return [script for script in scripts if script.statements]

    def ensure_reader(self, user: str, deadline: float) -> None:
        """Creates the reports' database user unless it exists; it has no password, so only IAM can sign it in."""
        parameters = [{"name": "name", "value": user}]
        statement_id = self._execute(
            "SELECT usename FROM pg_user WHERE usename = :name", deadline, Parameters=parameters
        )
        if not self.client.get_statement_result(Id=statement_id)["Records"]:
            self._execute(f'CREATE USER "{user}" PASSWORD DISABLE', deadline)

    def run(self, script: Script, deadline: float) -> None:
        """Runs a script's statements in one transaction and waits for its end."""
        answer = self.client.batch_execute_statement(
            **self.target.members(), Sqls=list(script.statements), StatementName=f"setup/{script.name}"
        )
        self._await(answer["Id"], script.name, deadline)

    def _execute(self, sql: str, deadline: float, **more: Any) -> str:
        answer = self.client.execute_statement(**self.target.members(), Sql=sql, StatementName="setup/reader", **more)
        self._await(answer["Id"], "the reports' user", deadline)
        return str(answer["Id"])

    def _await(self, statement_id: str, name: str, deadline: float) -> None:
        """Waits by the Data API's long polling; a statement that outlives the function is cancelled."""
        while time.monotonic() < deadline:
            wait = max(1, min(10, int(deadline - time.monotonic())))
            state = self.client.describe_statement(Id=statement_id, WaitTimeSeconds=wait)
            if state["Status"] == "FINISHED":
                return
            if state["Status"] in {"FAILED", "ABORTED"}:
                raise SetupFailed(f"{name}: {state.get('Error') or state['Status'].lower()}")
        self.client.cancel_statement(Id=statement_id)
        raise SetupFailed(f"{name}: not finished within the function's time limit")

    def _read(self, bucket: str, key: str) -> str:
        content = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        try:
            return str(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise SetupFailed(f"{key}: the file is not UTF-8 text") from error


def substitutions(settings: SetupRedshift) -> dict[str, str]:
    """What `${NAME}` stands for in scripts; each checked, since it becomes SQL text. Raises `SetupFailed`.

    The user and the database stand in quotes: a user that IAM derives from a role has a colon in its name.
    """
    checks = (
        ("DB_USERNAME", settings.db_username, _USER_NAME),
        ("DATABASE", settings.database, _DATABASE),
        ("REDSHIFT_IAM_ROLE", settings.redshift_iam_role, _ROLE),
        ("SAMPLE_DATA_S3_PATH", settings.sample_data_s3_path, _S3_PATH),
    )
    for name, value, form in checks:
        if not form.fullmatch(value):
            raise SetupFailed(f"{name} has a value that cannot stand in a script: {value!r}")
    role = settings.redshift_iam_role
    return {
        "DB_USERNAME": f'"{settings.db_username}"',
        "DATABASE": f'"{settings.database}"',
        "REDSHIFT_IAM_ROLE": role if role == "default" else f"'{role}'",
        "SAMPLE_DATA_S3_PATH": settings.sample_data_s3_path,
    }


def _statements(name: str, text: str, values: Mapping[str, str]) -> tuple[str, ...]:
    try:
        filled_in = _VARIABLE.sub(lambda variable: values[variable[1]], text)
    except KeyError as error:
        raise SetupFailed(f"{name}: a variable in it is not known: {error}") from error
    return tuple(sql_text.statements(filled_in))


def _applies(text: str, values: Mapping[str, str]) -> bool:
    return bool(values["SAMPLE_DATA_S3_PATH"]) or "${SAMPLE_DATA_S3_PATH}" not in text


def digest(scripts: list[Script], target: Target) -> str:
    """The physical id of these scripts in this warehouse: the same as long as they would run the same."""
    text = json.dumps([target.members(), *((script.name, script.statements) for script in scripts)])
    return f"setup-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


@functools.cache
def build() -> Setup:
    """The setup of this function's environment, kept while the function is warm."""
    settings = SetupRedshift.from_environ(os.environ)
    target = Target(
        settings.database,
        settings.cluster_identifier,
        settings.workgroup_name,
        settings.setup_db_username,
        settings.setup_secret_arn,
    )
    return Setup(clients.client("s3"), clients.client("redshift-data"), target, settings)


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
    scripts = setup.scripts()
    wanted_id = digest(scripts, setup.target)
    if wanted_id == previous_id:
        return previous_id
    setup.ensure_reader(setup.settings.db_username, deadline)
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
