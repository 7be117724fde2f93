"""DynamoDB's calls of items, by moto's handlers of them. Used by `moto_services`, and by tests without HTTP.

moto's own application spends most of a call on routing and on an answer that may be in any of AWS's protocols; what it
refuses goes that way all the same, so that errors are DynamoDB's.
"""

import io
import json
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import Any

ITEM_CALLS = frozenset(
    {"BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"}
)
_TARGET = "DynamoDB_20120810."

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


class DynamoDb:
    """A WSGI application for DynamoDB's requests in front of moto's: one after the other, as items on AWS have them.

    moto looks at a condition and then writes; DynamoDB does both at once.
    """

    def __init__(self, moto: Wsgi, account: str, region: str) -> None:
        self._moto = moto
        self._account = account
        self._region = region
        self._one_at_a_time = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        operation = environ["HTTP_X_AMZ_TARGET"].removeprefix(_TARGET)
        with self._one_at_a_time:
            told = answer(operation, body, self._account, self._region) if operation in ITEM_CALLS else None
            if told is None:
                return self._moto(environ, start_response)
        start_response(
            "200 OK", [("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", uuid.uuid4().hex)]
        )
        return [told]


def concerns(environ: Environ) -> bool:
    """Whether a request is for DynamoDB."""
    return str(environ.get("HTTP_X_AMZ_TARGET", "")).startswith(_TARGET)


def answer(operation: str, body: bytes, account: str, region: str) -> bytes | None:
    """The JSON that one of `ITEM_CALLS` is answered with; None when it is refused, and nothing was done."""
    from moto.core.exceptions import ServiceException
    from moto.core.responses import ActionResult
    from moto.core.utils import camelcase_to_underscores
    from moto.dynamodb.responses import DynamoHandler
    from werkzeug.exceptions import HTTPException

    handler = DynamoHandler()
    handler.region, handler.current_account = region, account
    try:
        handler.body = handler.params = json.loads(body)
        result = getattr(handler, camelcase_to_underscores(operation))()
    except (ValueError, ServiceException, HTTPException):
        return None
    if isinstance(result, ActionResult):
        return json.dumps(result.result, default=_plain).encode()
    return result.encode()


def _plain(value: Any) -> Any:
    """What moto keeps as an object, such as the attributes of an item."""
    return value.to_json()
