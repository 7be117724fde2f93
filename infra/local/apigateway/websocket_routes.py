"""Which route a message takes. Pure; used by `websocket_api`.

Source: API Gateway developer guide, "Working with routes for WebSocket APIs".
"""

import json
from typing import Any

from infra.local.cloudformation.stack_resources import WebSocketApi


def select_route(api: WebSocketApi, body: str | bytes) -> str:
    """The route key of a message: the value `$request.body.<name>` points to where it is a route, else `$default`."""
    names = api.selection.removeprefix("$request.body.").split(".")
    try:
        value: Any = json.loads(body)
        for name in names:
            value = value[name]
    except (ValueError, TypeError, KeyError, IndexError):
        return "$default"
    key = value if isinstance(value, str) else json.dumps(value)
    return key if key in api.routes and not key.startswith("$") else "$default"
