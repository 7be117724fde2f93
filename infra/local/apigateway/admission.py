"""Whether a client may open a socket, by what the authorizer and the `$connect` function said. Pure; used by
`websocket_api`.

Source: API Gateway developer guide, "Output from an API Gateway Lambda authorizer".
"""

from collections.abc import Mapping
from typing import Any

from infra.local.lambda_.errors import FunctionError


class Refused(Exception):
    """The handshake ends with an HTTP status instead of a socket."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def let_in(answer: Any) -> str | None:
    """The sub-protocol in a `$connect` function's answer; `Refused` with its status unless that is 2xx."""
    status = answer.get("statusCode") if isinstance(answer, dict) else None
    if not isinstance(status, int):
        raise Refused(502, "Internal server error")
    if not 200 <= status < 300:
        raise Refused(status, str(answer.get("body") or "Forbidden"))
    headers = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
    return headers.get("sec-websocket-protocol")


def authorizer_failed(error: FunctionError) -> Refused:
    """The one message an authorizer can choose its status by."""
    if error.message == "Unauthorized":
        return Refused(401, "Unauthorized")
    return Refused(500, "Internal server error")


def admitted(verdict: Any, latency: int) -> Mapping[str, Any]:
    """The context of a policy that allows; a refusal for one that denies or cannot be read."""
    try:
        effects = {statement["Effect"] for statement in verdict["policyDocument"]["Statement"]}
        context = dict(verdict.get("context") or {})
        principal = verdict["principalId"]
    except (KeyError, TypeError):
        raise Refused(500, "Internal server error") from None
    if effects != {"Allow"}:
        raise Refused(403, "User is not authorized to access this resource with an explicit deny")
    if not all(isinstance(value, str | int | float | bool) for value in context.values()):
        raise Refused(500, "Internal server error")  # AWS takes no lists or objects here
    return {"principalId": principal, "integrationLatency": latency, **context}
