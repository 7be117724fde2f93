"""The events a WebSocket API gives to its functions. Pure; used by `websocket_api`.

Source: API Gateway developer guide, "WebSocket APIs", and captured events.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
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

Event = dict[str, Any]


@dataclass(frozen=True)
class Handshake:
    """A client's request to open a connection."""

    headers: Pairs
    query: str
    source_ip: str
    connection_id: str = field(default_factory=new_id)
    connected_at: int = field(default_factory=now_ms)

    def header(self, name: str) -> str:
        """A header's last value, whatever the case of its name; empty without one."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), "")

    def value(self, source: str) -> str:
        """What an identity source such as `route.request.header.Authorization` has in this request."""
        kind, _, name = source.removeprefix("route.request.").partition(".")
        if kind == "header":
            return self.header(name)
        if kind == "querystring":
            return dict(query_pairs(self.query)).get(name, "")
        raise ValueError(f"The identity source {source} is not supported here.")


def connect(stage: ApiStage, handshake: Handshake, authorizer: Mapping[str, Any] | None) -> Event:
    """The `$connect` event."""
    context = _context(stage, handshake, authorizer, "$connect", "CONNECT")
    query = query_pairs(handshake.query)
    return {
        **single_and_multiple("headers", handshake.headers + _forwarded(handshake)),
        **(single_and_multiple("queryStringParameters", query) if query else {}),
        "requestContext": context,
        "isBase64Encoded": False,
    }


def authorize(stage: ApiStage, handshake: Handshake) -> Event:
    """What a REQUEST authorizer gets before `$connect`."""
    return {
        **connect(stage, handshake, None),
        "type": "REQUEST",
        "methodArn": stage.arn("$connect"),
        "stageVariables": {},
    }


def message(
    stage: ApiStage, handshake: Handshake, authorizer: Mapping[str, Any] | None, route: str, body: str | bytes
) -> Event:
    """The event of one message; it has no headers."""
    context = _context(stage, handshake, authorizer, route, "MESSAGE") | {"messageId": new_id()}
    binary = isinstance(body, bytes)
    text = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    return {"requestContext": context, "body": text, "isBase64Encoded": binary}


def disconnect(
    stage: ApiStage, handshake: Handshake, authorizer: Mapping[str, Any] | None, code: int, reason: str
) -> Event:
    """The `$disconnect` event; its headers are blank stubs."""
    context = _context(stage, handshake, authorizer, "$disconnect", "DISCONNECT")
    stubs = [("Host", stage.domain), ("x-api-key", ""), ("X-Forwarded-For", ""), ("x-restapi", "")]
    return {
        **single_and_multiple("headers", stubs),
        "requestContext": context | {"disconnectStatusCode": code, "disconnectReason": reason or _UNSAID},
        "isBase64Encoded": False,
    }


_UNSAID = "Client-side close frame status not set"


def _context(
    stage: ApiStage, handshake: Handshake, authorizer: Mapping[str, Any] | None, route: str, kind: str
) -> dict[str, Any]:
    request_id, now = new_id(), now_ms()
    context = {
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": request_id,
        "requestTime": request_time(now),
        "messageDirection": "IN",
        "stage": stage.name,
        "connectedAt": handshake.connected_at,
        "requestTimeEpoch": now,
        "identity": {"sourceIp": handshake.source_ip, "userAgent": handshake.header("User-Agent")},
        "requestId": request_id,
        "domainName": stage.domain,
        "connectionId": handshake.connection_id,
        "apiId": stage.api_id,
    }
    return context if authorizer is None else context | {"authorizer": dict(authorizer)}


def _forwarded(handshake: Handshake) -> Pairs:
    return [
        ("X-Forwarded-For", handshake.source_ip),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ]
