"""What the laptop runs, as plain data: `template` reads it from the CloudFormation templates, the others run it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Function:
    """A Lambda function. `retries` and `failures_to` (a queue's name) are about asynchronous invocations."""

    name: str
    handler: str
    environment: Mapping[str, str]
    timeout: float
    memory: int
    role: str
    retries: int = 2
    failures_to: str | None = None


@dataclass(frozen=True)
class WebSocketAuthorizer:
    """The function that lets connections in, and the request values without which it is not even asked."""

    function: str
    identity_sources: tuple[str, ...]


@dataclass(frozen=True)
class WebSocketApi:
    """A WebSocket API: route key to function name."""

    api_id: str
    stage: str
    selection: str
    routes: Mapping[str, str]
    authorizer: WebSocketAuthorizer | None


@dataclass(frozen=True)
class RestRoute:
    """A method and a path such as `/results/{statementId}`, and the function behind it."""

    method: str
    path: str
    function: str
    authorized: bool


@dataclass(frozen=True)
class GatewayResponse:
    """What the gateway itself answers instead of a function; None leaves the status or body as it is."""

    status: int | None
    body: str | None


@dataclass(frozen=True)
class RestApi:
    """A REST API whose authorizer, if any, is a user pool."""

    api_id: str
    stage: str
    routes: tuple[RestRoute, ...]
    user_pool_id: str | None
    gateway_responses: Mapping[str, GatewayResponse]


@dataclass(frozen=True)
class EventRule:
    """An event pattern and the function that hears of what matches: the event, or what `input_transformer` makes of it.

    That is EventBridge's: `InputPathsMap` and `InputTemplate`.
    """

    name: str
    pattern: Mapping[str, Any]
    function: str
    dead_letters_to: str | None
    input_transformer: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Schedule:
    """A function that is called at a regular rate; `source` tells EventBridge's rules from its Scheduler."""

    name: str
    function: str
    every_seconds: float
    dead_letters_to: str | None
    source: str = "aws.events"


@dataclass(frozen=True)
class Table:
    """A DynamoDB table: the arguments that create it, and its expiry attribute."""

    name: str
    definition: Mapping[str, Any]
    expires_by: str | None


@dataclass(frozen=True)
class Expiry:
    """A rule of a bucket's lifecycle: what lies under a prefix goes after some days."""

    bucket: str
    prefix: str
    days: int


@dataclass(frozen=True)
class CustomResource:
    """A resource that a function makes."""

    logical_id: str
    type: str
    function: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class UserPool:
    """A user pool with everything in it, as resolved properties; `clients` by client id."""

    pool_id: str
    properties: Mapping[str, Any]
    clients: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    groups: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class StackResources:
    """Everything the laptop runs."""

    functions: Mapping[str, Function]
    websocket_apis: tuple[WebSocketApi, ...]
    rest_apis: tuple[RestApi, ...]
    rules: tuple[EventRule, ...]
    schedules: tuple[Schedule, ...]
    tables: tuple[Table, ...]
    buckets: tuple[str, ...]
    expiries: tuple[Expiry, ...]
    queues: tuple[str, ...]
    parameters: Mapping[str, str]
    custom_resources: tuple[CustomResource, ...]
    user_pools: tuple[UserPool, ...]
