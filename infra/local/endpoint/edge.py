"""The one endpoint: tells by each request which service is meant. `server` serves it.

Sockets go to `websocket_api`. HTTP goes to the REST API, to `@connections`, to the Redshift Data API and Cognito (by
`X-Amz-Target`), to Cognito's pages (by path), and everything else to moto.
Only this computer may call: a name that a web page made point here is refused, as is a page from elsewhere.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from a2wsgi import WSGIMiddleware
from flask import Blueprint, Flask, Response, jsonify, request
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from infra.local.apigateway.connection import ClientTooSlow, Gone, TooLarge
from infra.local.apigateway.event_parts import header_name
from infra.local.apigateway.rest_api import RestGateway
from infra.local.apigateway.rest_events import Request
from infra.local.apigateway.websocket_api import WebSocketGateway
from infra.local.endpoint import awsjson, direct_calls
from infra.local.endpoint.calls import form_of, signed_for
from infra.local.hooks import Hooks, Wsgi

# Functions behind the REST API call services at this same endpoint, so those have workers of their own: however many
# requests wait in front, what they wait for can still be served. Long polls of the Data API hold workers, too.
FRONT_WORKERS = 64
BACK_WORKERS = 256
IMITATED = frozenset({"dynamodb", "execute-api", "s3", "sqs", "ssm", "sts"})
"""Services, by the names that requests are signed with, whose calls come here and are no JSON of ours."""

APIS = "/_aws/execute-api/"
ANSWERS = "/_aws/cloudformation/"

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_ACCESS_KEY = re.compile(r"Credential=([^/]+)/")
ConnectionCall = Callable[[WebSocketGateway, str], Response | None]
"""Does something to an open socket of a gateway, by its id; its answer is an empty one where it returns None."""

_CONNECTION = re.compile(r"/(?P<api>[^/]+)/(?P<stage>[^/]+)/@connections/(?P<id>.+)")

JsonCall = Callable[[str, dict[str, Any], "Signature"], dict[str, Any]]
QueryCall = Callable[[Mapping[str, str]], tuple[int, str]]


@dataclass(frozen=True)
class Signature:
    """Who signed a request, as far as a laptop cares: nothing is verified."""

    authorization: str

    @property
    def access_key(self) -> str:
        """The access key in the Authorization header; empty in an unsigned request."""
        match = _ACCESS_KEY.search(self.authorization)
        return match[1] if match else ""


@dataclass(frozen=True)
class JsonService:
    """A service of the AWS JSON protocol: its botocore name, and what answers its operations."""

    name: str
    call: JsonCall


@dataclass(frozen=True)
class Services:
    """Everything behind the endpoint. `json` by X-Amz-Target, or its first part; `answers` takes what custom resources
    tell CloudFormation; `redshift` answers the form of a call to Redshift's own API; `pages` are the hosted sign-in
    pages; `wired` takes calls of all other services than moto has here."""

    websocket_apis: Mapping[str, WebSocketGateway]
    rest_apis: Mapping[str, RestGateway]
    json: Mapping[str, JsonService]
    answers: Callable[[str, bytes], None]
    moto: Wsgi
    pages: Blueprint | None = None
    redshift: QueryCall | None = None
    wired: Wsgi | None = None


class Edge:
    """The ASGI application of the endpoint."""

    def __init__(self, services: Services, hooks: Hooks | None = None) -> None:
        self._services = services
        hooks = hooks or Hooks()
        back = hooks.wrapped(_Back(services))
        self.direct = direct_calls.Services(back, lambda: hooks.is_quiet)
        self._front = WSGIMiddleware(_Front(services.rest_apis), workers=FRONT_WORKERS)  # type: ignore[arg-type]
        self._back = WSGIMiddleware(back, workers=BACK_WORKERS)  # type: ignore[arg-type]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request or socket."""
        if scope["type"] == "websocket":
            await self._socket(WebSocket(scope, receive, send))
        elif not _from_here(scope):
            await JSONResponse({"message": "This endpoint is for this computer only."}, 403)(scope, receive, send)
        elif scope["path"].startswith(APIS) and not _CONNECTION.fullmatch(scope["path"], len(APIS) - 1):
            await self._front(scope, receive, send)
        else:
            await self._back(scope, receive, send)

    async def _socket(self, socket: WebSocket) -> None:
        api_id, _, stage = socket.scope["path"].removeprefix(APIS).strip("/").partition("/")
        gateway = self._services.websocket_apis.get(api_id)
        if gateway is None or not _from_here(socket.scope):
            await socket.send_denial_response(JSONResponse({"message": "Forbidden"}, 403))
        else:
            await gateway.serve(socket, stage)

    def close(self) -> None:
        """Ends the workers."""
        for middleware in (self._front, self._back):
            middleware.executor.shutdown(wait=True, cancel_futures=True)


def _from_here(scope: Any) -> bool:
    """Whether the request names this computer, and no page from elsewhere sent it."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    addresses = [f"//{headers.get(b'host', '')}"]
    if b"origin" in headers:
        addresses.append(headers[b"origin"])
    try:
        return all(urlsplit(address).hostname in _LOCAL for address in addresses)
    except ValueError:  # no address at all, such as an unclosed bracket
        return False


class _Front:
    """WSGI: the REST APIs."""

    def __init__(self, apis: Mapping[str, RestGateway]) -> None:
        self._apis = apis
        self._app = Flask("rest-apis")
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
        for path in ("<api_id>/<stage>", "<api_id>/<stage>/", "<api_id>/<stage>/<path:rest>"):
            self._app.add_url_rule(APIS + path, view_func=self._view, methods=methods, provide_automatic_options=False)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._app(environ, start_response)

    def _view(self, api_id: str, stage: str, rest: str = "") -> Response:
        gateway = self._apis.get(api_id)
        if gateway is None:
            return Response('{"message":"Forbidden"}', 403, mimetype="application/json")
        answer = gateway.answer(stage, _rest_request(rest))
        return Response(answer.body, answer.status, list(answer.headers))


def _rest_request(path: str) -> Request:
    return Request(
        method=request.method,
        path=f"/{path}",
        query=request.query_string.decode(),
        headers=tuple((header_name(name), value) for name, value in request.headers.items()),
        body=request.get_data(),
        source_ip=request.remote_addr or "",
    )


class _Back:
    """WSGI: the services that functions and clients call."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._own = Flask("endpoint")
        self._own.add_url_rule(f"{APIS}<path:path>", view_func=self._connection, methods=["GET", "DELETE"])
        self._own.add_url_rule(f"{ANSWERS}<path:token>", view_func=self._custom_resource, methods=["PUT"])
        if services.pages is not None:
            self._own.register_blueprint(services.pages)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        _complete(environ)
        return self._choose(environ)(environ, start_response)

    def _choose(self, environ: dict[str, Any]) -> Wsgi:
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        service = target.split(".")[0]
        if service in self._services.json or target in self._services.json:
            return self._json
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].startswith(APIS):
            return self._message  # of these there are many: Flask's way to them costs more than all the rest of it
        if environ["PATH_INFO"].startswith("/moto-api"):
            return NotFound()  # moto's switches are not AWS's
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        redshift = self._services.redshift
        if redshift is not None and "/redshift/aws4_request" in authorization:
            return partial(_query_call, redshift)
        signed = authorization.startswith("AWS4-")
        if self._services.wired is not None and signed and signed_for(environ) not in IMITATED:
            return self._services.wired
        ours = environ["PATH_INFO"].startswith("/_aws/")
        return self._own if ours or (not signed and not service and self._has_page(environ)) else self._services.moto

    def _has_page(self, environ: dict[str, Any]) -> bool:
        try:
            self._own.url_map.bind_to_environ(environ).match()
        except MethodNotAllowed:
            return True
        except HTTPException as error:
            return not isinstance(error, NotFound)  # a redirect to the right spelling counts
        return True

    def _json(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        target = environ["HTTP_X_AMZ_TARGET"]
        prefix, _, operation = target.partition(".")
        service = self._services.json.get(target) or self._services.json[prefix]
        signature = Signature(environ.get("HTTP_AUTHORIZATION", ""))
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, text = awsjson.answer(service.name, operation, body, lambda op, req: service.call(op, req, signature))
        return Response(text, status, content_type="application/x-amz-json-1.1")(environ, start_response)

    def _message(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """A message for a client."""
        body = environ["wsgi.input"].read()

        def post(gateway: WebSocketGateway, connection_id: str) -> Response | None:
            gateway.post(connection_id, body)
            return None

        refusal = self._called(environ["PATH_INFO"].removeprefix(APIS), post)
        if refusal is not None:
            return refusal(environ, start_response)
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    def _connection(self, path: str) -> Response:
        """A client is described or sent away."""
        return self._called(path, _CONNECTION_CALLS[request.method]) or Response(status=200)

    def _called(self, path: str, call: ConnectionCall) -> Response | None:
        """Source: the service model of `apigatewaymanagementapi`; botocore reads the error's name from the header."""
        match = _CONNECTION.fullmatch(f"/{path}")
        gateway = self._services.websocket_apis.get(match["api"]) if match else None
        if match is None or gateway is None:
            return _refusal(403, "ForbiddenException", "Forbidden")
        try:
            return call(gateway, unquote(match["id"]))
        except Gone:
            return _refusal(410, "GoneException", "Gone")
        except TooLarge:
            return _refusal(413, "PayloadTooLargeException", "The message is larger than 128 KB.")
        except ClientTooSlow:
            return _refusal(429, "LimitExceededException", "The client does not take its messages.")

    def _custom_resource(self, token: str) -> Response:
        self._services.answers(token, request.get_data())
        return Response(status=200)


def _query_call(call: QueryCall, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Source: the `query` protocol of botocore's service models: a form in, XML out."""
    status, text = call(form_of(environ))
    return Response(text, status, content_type="text/xml")(environ, start_response)


def _get(gateway: WebSocketGateway, connection_id: str) -> Response:
    return jsonify(gateway.describe(connection_id))


def _delete(gateway: WebSocketGateway, connection_id: str) -> Response:
    gateway.delete(connection_id)
    return Response(status=204)


_CONNECTION_CALLS: dict[str, ConnectionCall] = {"GET": _get, "HEAD": _get, "DELETE": _delete}


def _refusal(status: int, kind: str, message: str) -> Response:
    response = Response(f'{{"message":"{message}"}}', status, mimetype="application/json")
    response.headers["x-amzn-ErrorType"] = kind
    return response


def _complete(environ: dict[str, Any]) -> None:
    """Adds what moto wants and the ASGI bridge leaves out: the path as it was sent, and the end of a chunked body."""
    scope = environ["asgi.scope"]
    raw = scope.get("raw_path", b"").decode("latin-1") or scope["path"]
    query = environ.get("QUERY_STRING", "")
    environ["REQUEST_URI"] = environ["RAW_URI"] = f"{raw}?{query}" if query else raw
    environ["wsgi.input_terminated"] = True
