"""Calls by the roles of the functions: as each other role trusts Lambda alone, a function makes them."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.elsewhere.cloud import ACCOUNT, Cloud

_HANDLER = Path(__file__).with_name("inside") / "probe.py"


class Probe:
    """A function that has the role of one of the backend's."""

    def __init__(self, cloud: Cloud, role: str) -> None:
        self._lambda = cloud.client("lambda")
        self._name = f"probe-{role}"
        self._lambda.create_function(
            FunctionName=self._name,
            Runtime="python3.13",
            Handler="probe.handler",
            Timeout=60,
            Role=f"arn:aws:iam::{ACCOUNT}:role/{cloud.physical('backend', role)}",
            Code={"ZipFile": _zipped()},
        )

    def refusal(
        self, service: str, operation: str, headers: Mapping[str, str] | None = None, **arguments: Any
    ) -> str | None:
        """The code of the error that a call ends with; None if it is allowed."""
        found: str | None = self._called(service, operation, headers or {}, arguments)["refusal"]
        return found

    def processes(self) -> tuple[int, int]:
        """The function's process and its parent, of a call that everybody may make."""
        answer = self._called("sts", "get_caller_identity", {}, {})
        return answer["process"], answer["parent"]

    def remove(self) -> None:
        """Takes it away."""
        self._lambda.delete_function(FunctionName=self._name)

    def _called(
        self, service: str, operation: str, headers: Mapping[str, str], arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        event = {"service": service, "operation": operation, "headers": headers, "arguments": arguments}
        answer = self._lambda.invoke(FunctionName=self._name, Payload=json.dumps(event))
        told: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, told
        return told


def _zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.write(_HANDLER, _HANDLER.name)
    return content.getvalue()
