"""The events a REST API gives to its functions. Pure; used by `rest_api`.

Source: API Gateway developer guide, "Set up Lambda proxy integrations", and captured events.
"""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.apigateway.event_parts import (
    ApiStage,
    Pairs,
    new_id,
    now_ms,
    query_pairs,
    request_time,
    single_and_multiple,
)

_DATES = frozenset({"exp", "iat"})
_IDENTITY = (
    "cognitoIdentityPoolId",
    "accountId",
    "cognitoIdentityId",
    "caller",
    "principalOrgId",
    "accessKey",
    "cognitoAuthenticationType",
    "cognitoAuthenticationProvider",
    "userArn",
    "user",
)


@dataclass(frozen=True)
class Request:
    """An HTTP request to the API; `path` is decoded and starts after the stage."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"

    def header(self, name: str) -> str:
        """A header's last value; empty without one."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), "")


def proxy(
    stage: ApiStage,
    request: Request,
    resource: str,
    parameters: Mapping[str, str],
    claims: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The Lambda proxy event of a request that matched the path template `resource`."""
    return {
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        **single_and_multiple("headers", _headers(stage, request)),
        **_or_null(single_and_multiple("queryStringParameters", query_pairs(request.query))),
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": _context(stage, request, resource, claims),
        "body": request.body.decode() if request.body else None,
        "isBase64Encoded": False,
    }


def claim_texts(claims: Mapping[str, Any]) -> dict[str, str]:
    """Claims as the Cognito authorizer gives them: texts all, groups joined by commas, `exp` and `iat` as dates."""
    return {name: _date(value) if name in _DATES else _text(value) for name, value in claims.items()}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _date(epoch: int) -> str:
    return time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(epoch))


def _headers(stage: ApiStage, request: Request) -> Pairs:
    forwarded = [
        ("Host", stage.domain),
        ("X-Forwarded-For", request.source_ip),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ]
    return [(name, value) for name, value in request.headers if name.lower() != "host"] + forwarded


def _or_null(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value or None for name, value in members.items()}


def _context(stage: ApiStage, request: Request, resource: str, claims: Mapping[str, Any] | None) -> dict[str, Any]:
    now = now_ms()
    identity = dict.fromkeys(_IDENTITY) | {"sourceIp": request.source_ip, "userAgent": request.header("User-Agent")}
    context = {
        "resourceId": "local",
        "resourcePath": resource,
        "httpMethod": request.method,
        "extendedRequestId": new_id(),
        "requestTime": request_time(now),
        "requestTimeEpoch": now,
        "path": f"/{stage.name}{request.path}",
        "accountId": stage.account,
        "protocol": "HTTP/1.1",
        "stage": stage.name,
        "domainPrefix": stage.api_id,
        "domainName": stage.domain,
        "requestId": str(uuid.uuid4()),
        "apiId": stage.api_id,
        "identity": identity,
    }
    return context if claims is None else context | {"authorizer": {"claims": claim_texts(claims)}}
