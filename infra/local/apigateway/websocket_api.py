"""An API Gateway WebSocket API: sockets on one side, functions on the other, `@connections` for the way back.

`edge` hands sockets and `@connections` requests over. A message goes to the function of its route (for `run` that is
`backend_lambdas.handlers.on_connect`); what functions post comes back here and goes to the client.
Source: API Gateway developer guide, "WebSocket APIs"; what a client sees in each case was observed on AWS.
"""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from infra.local.apigateway import websocket_events
from infra.local.apigateway.admission import Refused, admitted, authorizer_failed, let_in
from infra.local.apigateway.connection import ClientTooSlow, Connection, Gone, TooLarge
from infra.local.apigateway.event_parts import ApiStage, header_name, new_id
from infra.local.apigateway.handshake_turns import HandshakeTurns
from infra.local.apigateway.websocket_events import Handshake
from infra.local.apigateway.websocket_routes import select_route
from infra.local.cloudformation.stack_resources import WebSocketApi
from infra.local.hooks import Hooks
from infra.local.lambda_.errors import FunctionError

Invoke = Callable[[str, Any, float], Any]

INTEGRATION_SECONDS = 29
WORKERS = 32


@dataclass(frozen=True)
class Limits:
    """API Gateway's quotas, none of them adjustable. Bytes and seconds."""

    message: int = 128 * 1024
    frame: int = 32 * 1024
    idle: float = 600
    age: float = 7200
    sending: float = 10


@dataclass(frozen=True)
class Admission:
    """A client that may come in: what the authorizer said about it, and the sub-protocol `$connect` chose."""

    authorizer: Mapping[str, Any] | None
    subprotocol: str | None


class WebSocketGateway:
    """One WebSocket API. `invoke(function, event, seconds)` gives a function's result or raises `FunctionError`."""

    def __init__(
        self, api: WebSocketApi, invoke: Invoke, *, limits: Limits | None = None, hooks: Hooks | None = None
    ) -> None:
        self._api = api
        self._invoke = invoke
        self.limits = limits or Limits()
        self._hooks = hooks or Hooks()
        self._hooks.on_gateway(self._end_some)
        self._stage = ApiStage(api.api_id, api.stage)
        self._connections: dict[str, Connection] = {}
        self._turns = HandshakeTurns()
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="websocket-api")
        self._serving: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    async def serve(self, socket: WebSocket, stage: str) -> None:
        """The whole life of one socket, from handshake to `$disconnect`."""
        handshake = _handshake(socket)
        try:
            async with self._turns.turn_of(self._account(handshake)):
                admission = await self._admit(handshake, stage)
        except Refused as refusal:
            response = JSONResponse({"message": refusal.message, "requestId": new_id()}, refusal.status)
            await socket.send_denial_response(response)
            return
        connection = Connection(socket, asyncio.get_running_loop(), handshake, admission.authorizer)
        code, reason = 1006, "Connection closed abnormally"
        try:
            code, reason = await self._converse(connection, admission.subprotocol)
        finally:
            self._connections.pop(connection.id, None)
            self._start(self._say_goodbye(connection, code, reason))

    # ------------------------------------------------------------------------------------------------- @connections

    def post(self, connection_id: str, data: bytes) -> None:
        """Sends a message to a client; called from other threads. Raises Gone, TooLarge or ClientTooSlow."""
        if len(data) > self.limits.message:
            raise TooLarge
        connection = self._open(connection_id)
        self._from_outside(connection, connection.send(data.decode(errors="replace")))

    def describe(self, connection_id: str) -> dict[str, Any]:
        """What GET `@connections` answers."""
        return self._open(connection_id).describe()

    def delete(self, connection_id: str) -> None:
        """Closes a client's socket."""
        connection = self._open(connection_id)
        self._from_outside(connection, connection.close(1000, "Connection Closed Normally"))

    def close(self, patience: float = 5.0) -> None:
        """Closes every socket and lets their `$disconnect`s run, for a while."""
        deadline = time.monotonic() + patience
        for connection in list(self._connections.values()):
            asyncio.run_coroutine_threadsafe(connection.close(1001, "Going away"), connection.loop)
        while self.is_busy() and time.monotonic() < deadline:
            time.sleep(0.01)
        self._is_closed = True
        self._workers.shutdown(wait=False, cancel_futures=True)

    def is_busy(self) -> bool:
        """Whether a socket is open, or a function runs for one."""
        return bool(self._connections or self._serving)

    def _end_some(self, share: float, politely: bool) -> int:
        """Ends a share of the open sockets, chosen by chance; gives how many."""
        there = list(self._connections.values())
        chosen = random.sample(there, round(share * len(there)))
        for connection in chosen:
            if politely:
                asyncio.run_coroutine_threadsafe(connection.close(1001, "Going away"), connection.loop)
            else:
                connection.loop.call_soon_threadsafe(connection.break_off)
        return len(chosen)

    def _open(self, connection_id: str) -> Connection:
        try:
            return self._connections[connection_id]
        except KeyError:
            raise Gone from None

    def _from_outside(self, connection: Connection, action: Any) -> None:
        future = asyncio.run_coroutine_threadsafe(action, connection.loop)
        try:
            future.result(self.limits.sending)
        except TimeoutError:
            future.cancel()
            raise ClientTooSlow from None

    # -------------------------------------------------------------------------------------------------- the handshake

    async def _admit(self, handshake: Handshake, stage: str) -> Admission:
        """Asks authorizer and `$connect` function; raises `Refused` unless both let the client in."""
        if stage != self._api.stage:
            raise Refused(403, "Forbidden")
        authorizer = await self._authorized(handshake)
        event = websocket_events.connect(self._stage, handshake, authorizer)
        try:
            answer = await self._call("$connect", event)
        except FunctionError:
            raise Refused(502, "Internal server error") from None
        return Admission(authorizer, let_in(answer))

    def _account(self, handshake: Handshake) -> str:
        """Whose handshake it is, as far as one can tell before the authorizer has: of one token, or of nobody."""
        sources = self._api.authorizer.identity_sources if self._api.authorizer else ()
        return "\n".join(map(handshake.value, sources)) or handshake.connection_id

    async def _authorized(self, handshake: Handshake) -> Mapping[str, Any] | None:
        authorizer = self._api.authorizer
        if authorizer is None:
            return None
        if not all(handshake.value(source) for source in authorizer.identity_sources):
            raise Refused(401, "Unauthorized")
        started = time.monotonic()
        try:
            verdict = await self._in_thread(authorizer.function, websocket_events.authorize(self._stage, handshake))
        except FunctionError as error:
            raise authorizer_failed(error) from None
        latency = int((time.monotonic() - started) * 1000)
        return admitted(verdict, latency)

    # ----------------------------------------------------------------------------------------------------- messages

    async def _converse(self, connection: Connection, subprotocol: str | None) -> tuple[int, str]:
        """Takes messages until the socket closes; gives the close code and reason."""
        try:
            await connection.socket.accept(subprotocol)
        except (WebSocketDisconnect, RuntimeError):
            return 1006, "Client left during the handshake"
        self._connections[connection.id] = connection
        while True:
            message = await self._next(connection)
            if message["type"] == "websocket.disconnect":
                return connection.closed or (message.get("code", 1005), message.get("reason") or "")
            connection.active_at = time.time()
            body = message["text"] if message.get("text") is not None else message["bytes"]
            self._start(self._dispatch(connection, body))

    async def _next(self, connection: Connection) -> Any:
        """The next thing from the client; an idle or aged connection is closed from this side."""
        receiving = asyncio.ensure_future(connection.socket.receive())
        while connection.closed is None:
            left = self._time_left(connection)
            done, _ = await asyncio.wait([receiving], timeout=max(0.0, left))
            if done:
                return receiving.result()
            if self._time_left(connection) <= 0:
                await connection.close(1001, "Going away")
        return await receiving

    def _time_left(self, connection: Connection) -> float:
        now = time.time()
        idle = connection.active_at + self.limits.idle - now
        age = connection.handshake.connected_at / 1000 + self.limits.age - now
        return min(idle, age)

    async def _dispatch(self, connection: Connection, body: str | bytes) -> None:
        """One message to its function. The route is one-way: only a failure is answered."""
        route = select_route(self._api, body)
        event = websocket_events.message(self._stage, connection.handshake, connection.authorizer, route, body)
        if route not in self._api.routes:
            await _complain(connection, "Forbidden", event)
            return
        try:
            await self._call(route, event)
        except FunctionError:
            await _complain(connection, "Internal server error", event)

    def _start(self, work: Awaitable[None]) -> None:
        """Messages of one connection run side by side, as on AWS."""
        task = asyncio.ensure_future(work)
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _say_goodbye(self, connection: Connection, code: int, reason: str) -> None:
        if not self._hooks.tells_disconnect():
            return
        stage, handshake, authorizer = self._stage, connection.handshake, connection.authorizer
        try:
            async with self._turns.turn_of(self._account(handshake)):
                await self._call("$disconnect", websocket_events.disconnect(stage, handshake, authorizer, code, reason))
        except FunctionError:
            return  # it is in the log, and nobody is left to be told

    async def _call(self, route: str, event: Any) -> Any:
        """The answer of a route's function; an API without that route answers as if all were well."""
        function = self._api.routes.get(route)
        return {"statusCode": 200} if function is None else await self._in_thread(function, event)

    async def _in_thread(self, function: str, event: Any) -> Any:
        if self._is_closed:  # while it waited for its turn
            raise FunctionError({"errorMessage": "The gateway has closed", "errorType": "Runtime.ExitError"})
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._workers, self._invoke, function, event, INTEGRATION_SECONDS)


async def _complain(connection: Connection, text: str, event: Mapping[str, Any]) -> None:
    frame = {"message": text, "connectionId": connection.id, "requestId": event["requestContext"]["requestId"]}
    try:
        await connection.send(json.dumps(frame))
    except Gone:
        return  # `$disconnect` follows


def _handshake(socket: WebSocket) -> Handshake:
    headers = [
        (header_name(name.decode("latin-1")), value.decode("latin-1")) for name, value in socket.scope["headers"]
    ]
    return Handshake(headers, socket.scope["query_string"].decode(), socket.client.host if socket.client else "")
