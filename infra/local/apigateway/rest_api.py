"""An API Gateway REST API with a Cognito authorizer: a request in, a function's answer or the gateway's own error out.

`edge` calls `answer`; the function of the route gets the request next (for `GET /results/...` that is
`backend_lambdas.handlers.rest.get_result`).
Source: API Gateway developer guide, "Lambda proxy integrations", "Gateway response types".
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.apigateway import rest_events
from infra.local.apigateway.event_parts import ApiStage
from infra.local.apigateway.rest_events import Request
from infra.local.cloudformation.stack_resources import RestApi, RestRoute
from infra.local.cognito import TokenExpired, TokenInvalid
from infra.local.lambda_.errors import CallerGaveUp, FunctionError

INTEGRATION_SECONDS = 29
MAX_REQUEST = 10 * 1024 * 1024

Invoke = Callable[[str, Any, float], Any]
Verify = Callable[[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Response:
    """What the client gets."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class GatewayError(Exception):
    """The gateway answers by itself, with one of its response types."""

    def __init__(self, kind: str, status: int, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status
        self.message = message


# The status and text of each response type where the template says nothing else.
_UNAUTHORIZED = ("UNAUTHORIZED", 401, "Unauthorized")
_EXPIRED = ("EXPIRED_TOKEN", 401, "The incoming token has expired")
_UNKNOWN = ("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token")
_TOO_LARGE = ("REQUEST_TOO_LARGE", 413, "Request Too Long")
_TIMED_OUT = ("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out")
_BAD_ANSWER = ("DEFAULT_5XX", 502, "Internal server error")
_FALLBACK = {4: "DEFAULT_4XX", 5: "DEFAULT_5XX"}


class RestGateway:
    """One REST API. `verify(pool_id, token)` gives an ID token's claims or raises TokenInvalid or TokenExpired."""

    def __init__(self, api: RestApi, invoke: Invoke, verify: Verify) -> None:
        self._api = api
        self._invoke = invoke
        self._verify = verify
        self._stage = ApiStage(api.api_id, api.stage)
        self._routes = [(route, _pattern(route.path)) for route in api.routes]

    def answer(self, stage: str, request: Request) -> Response:
        """Any request's answer; never raises."""
        try:
            return self._answered(stage, request)
        except GatewayError as error:
            return self._own_response(error)

    def _answered(self, stage: str, request: Request) -> Response:
        if stage != self._api.stage:
            raise GatewayError("ACCESS_DENIED", 403, "Forbidden")
        route, parameters = self._match(request)
        claims = self._claims(request) if route.authorized else None
        if len(request.body) > MAX_REQUEST:
            raise GatewayError(*_TOO_LARGE)
        event = rest_events.proxy(self._stage, request, route.path, parameters, claims)
        try:
            return _response(self._invoke(route.function, event, INTEGRATION_SECONDS))
        except CallerGaveUp:
            raise GatewayError(*_TIMED_OUT) from None
        except FunctionError:
            raise GatewayError(*_BAD_ANSWER) from None

    def _match(self, request: Request) -> tuple[RestRoute, dict[str, str]]:
        for route, pattern in self._routes:
            match = pattern.fullmatch(request.path)
            if match and route.method in (request.method, "ANY"):
                return route, match.groupdict()
        raise GatewayError(*_UNKNOWN)

    def _claims(self, request: Request) -> Mapping[str, Any] | None:
        if self._api.user_pool_id is None:
            return None
        token = request.header("Authorization").removeprefix("Bearer ").strip()
        if not token:
            raise GatewayError(*_UNAUTHORIZED)
        try:
            return self._verify(self._api.user_pool_id, token)
        except TokenExpired:
            raise GatewayError(*_EXPIRED) from None
        except TokenInvalid:
            raise GatewayError(*_UNAUTHORIZED) from None

    def _own_response(self, error: GatewayError) -> Response:
        """By the template's response of this type, or else its default for 4xx or 5xx, or else API Gateway's own."""
        responses = self._api.gateway_responses
        written = responses.get(error.kind) or responses.get(_FALLBACK[error.status // 100])
        status = (written.status if written else None) or error.status
        body = (written.body if written else None) or '{"message":$context.error.messageString}'
        texts = {"$context.error.messageString": json.dumps(error.message), "$context.error.message": error.message}
        for name, text in texts.items():
            body = body.replace(name, text)
        return Response(status, (("Content-Type", "application/json"),), body.encode())


def _pattern(path: str) -> re.Pattern[str]:
    """A path template as a regular expression: `{name}` is one segment, `{name+}` the rest."""
    parts = re.split(r"\{(\w+)(\+?)\}", path)
    pieces = [re.escape(parts[0])]
    for name, greedy, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pieces.append(f"(?P<{name}>{'.+' if greedy else '[^/]+'}){re.escape(literal)}")
    return re.compile("".join(pieces))


def _response(answer: Any) -> Response:
    """A function's answer as HTTP; an answer of any other shape is the gateway's 502."""
    try:
        status = int(answer["statusCode"])
        body = answer.get("body") or ""
        headers = [(name, _header_text(value)) for name, value in (answer.get("headers") or {}).items()]
        for name, values in (answer.get("multiValueHeaders") or {}).items():
            headers.extend((name, _header_text(value)) for value in values)
        content = base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode()
    except (TypeError, KeyError, ValueError, AttributeError, binascii.Error):
        raise GatewayError(*_BAD_ANSWER) from None
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return Response(status, tuple(headers), content)


def _header_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
