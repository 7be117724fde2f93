"""An endpoint made of real parts and fake functions, for the tests of this folder."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local.apigateway.rest_api import RestGateway
from infra.local.apigateway.websocket_api import Limits, WebSocketGateway
from infra.local.cloudformation.stack_resources import (
    Function,
    GatewayResponse,
    RestApi,
    RestRoute,
    WebSocketApi,
    WebSocketAuthorizer,
)
from infra.local.endpoint import identities
from infra.local.endpoint.edge import Edge, JsonService, Services
from infra.local.endpoint.moto_services import MotoServices
from infra.local.endpoint.server import Server
from infra.local.lambda_.functions import Lambdas
from tests.faults.switches import Faults

Handler = Callable[[dict[str, Any], Any], Any]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def function(name: str, **changes: Any) -> Function:
    given = {"environment": {}, "timeout": 5.0, "memory": 128, "role": f"{name}Role"}
    return Function(name=name, handler=name, **(given | changes))


WEBSOCKET_API = WebSocketApi(
    api_id="websocketapi",
    stage="prod",
    selection="$request.body.action",
    routes={"$connect": "Connect", "$disconnect": "Disconnect", "run": "Run", "$default": "Default"},
    authorizer=WebSocketAuthorizer("Authorize", ("route.request.header.Authorization",)),
)
REST_API = RestApi(
    api_id="restapi",
    stage="prod",
    routes=(RestRoute("GET", "/reports", "Reports", True), RestRoute("GET", "/results/{statementId}", "Result", True)),
    user_pool_id="pool",
    gateway_responses={"UNAUTHORIZED": GatewayResponse(401, '{"error":{"code":"unauthorized"}}')},
)


def allow(event: dict[str, Any], context: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": event["methodArn"]}
    return {"principalId": "ana", "policyDocument": {"Statement": [statement]}, "context": {"email": "ana@example.com"}}


def ok(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return {"statusCode": 200}


def claims_of(pool_id: str, token: str) -> dict[str, Any]:
    return {"sub": token}


DEFAULTS: dict[str, Handler] = {
    **dict.fromkeys(("Connect", "Disconnect", "Run", "Default", "Reports", "Result"), ok),
    "Authorize": allow,
}


@dataclass
class Endpoint:
    """A running endpoint; `handlers` may be changed while it runs."""

    url: str
    handlers: dict[str, Handler]
    websocket: WebSocketGateway
    faults: Faults
    logged: list[str] = field(default_factory=list)

    def settle(self) -> None:
        """Mends what was broken, waits until no socket is open and no function runs for one, and makes all as new."""
        self.faults.mend()
        deadline = time.monotonic() + 30
        while self.websocket.is_busy() and time.monotonic() < deadline:
            time.sleep(0.005)
        self.handlers.update(DEFAULTS)
        self.logged.clear()

    @property
    def websocket_url(self) -> str:
        return self.url.replace("http://", "ws://") + "/_aws/execute-api/websocketapi/prod"

    @property
    def rest_url(self) -> str:
        return f"{self.url}/_aws/execute-api/restapi/prod"

    def client(self, service: str, url: str | None = None, key: str = "local", read_timeout: float = 10) -> Any:
        session = boto3.Session(key, "local", region_name="us-east-1")
        retries = {"mode": "standard", "total_max_attempts": 1}
        config = Config(connect_timeout=5, read_timeout=read_timeout, retries=retries, s3={"addressing_style": "path"})
        return session.client(service, endpoint_url=url or self.url, config=config)

    def management(self) -> Any:
        return self.client("apigatewaymanagementapi", f"{self.url}/_aws/execute-api/websocketapi/prod")


@contextmanager
def endpoint(
    folder: Path,
    handlers: dict[str, Handler] | None = None,
    *,
    limits: Limits | None = None,
    verify: Callable[[str, str], dict[str, Any]] = claims_of,
    json_services: dict[str, JsonService] | None = None,
    timeout: float = 5.0,
    publish: Callable[[dict[str, Any]], None] | None = None,
) -> Iterator[Endpoint]:
    running = DEFAULTS | (handlers or {})
    logged: list[str] = []
    faults = Faults()
    lambdas = Lambdas(
        {name: function(name, timeout=timeout) for name in running},
        variables=lambda one: identities.client_variables("http://localhost", identities.access_key(one)),
        failed=lambda queue, record: None,
        load=lambda path: lambda event, context: running[path](event, context),
        log=logged.append,
        hooks=faults,
    )
    gateway = WebSocketGateway(WEBSOCKET_API, lambdas.invoke, limits=limits, hooks=faults)
    rest = RestGateway(REST_API, lambdas.invoke, verify)
    services = Services(
        {"websocketapi": gateway},
        {"restapi": rest},
        json_services or {},
        lambda token, body: None,
        MotoServices(folder, publish or (lambda event: None)),
    )
    edge, port = Edge(services, faults), free_port()
    server = Server(edge, port, limits or Limits())
    server.start()
    try:
        yield Endpoint(f"http://localhost:{port}", running, gateway, faults, logged)
    finally:
        for stop in (faults.on_stop, gateway.close, lambdas.close, server.stop, edge.close):
            stop()
