"""DynamoDB's calls of items, by moto's handlers of them. Used by `moto_services`, and by tests without HTTP.

moto's own application spends most of a call on routing and on an answer that may be in any of AWS's protocols; what it
refuses goes that way all the same, so that errors are DynamoDB's.
"""

import base64
import io
import json
import threading
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

ITEM_CALLS = frozenset(
    {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactWriteItems",
        "UpdateItem",
    }
)
_TARGET = "DynamoDB_20120810."

_STATUS = {200: "200 OK", 400: "400 Bad Request"}

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


@dataclass(frozen=True)
class Answer:
    """An HTTP status and a JSON text."""

    status: int
    body: bytes


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
        headers = [("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", uuid.uuid4().hex)]
        start_response(_STATUS[told.status], headers)
        return [told.body]


def concerns(environ: Environ) -> bool:
    """Whether a request is for DynamoDB."""
    return str(environ.get("HTTP_X_AMZ_TARGET", "")).startswith(_TARGET)


def answer(operation: str, body: bytes, account: str, region: str) -> Answer | None:
    """What one of `ITEM_CALLS` is answered with; None when moto's application is to refuse it, and nothing was done."""
    from moto.core.exceptions import JsonRESTError, ServiceException
    from moto.dynamodb.models.dynamo_type import Item
    from werkzeug.exceptions import HTTPException

    try:
        request = json.loads(body)
        return Answer(200, json.dumps(_result(operation, request, account, region), default=_plain).encode())
    except JsonRESTError as error:
        return Answer(error.code, str(error.description).encode())
    except (ValueError, ServiceException, HTTPException):
        return None
    finally:
        Item.instances_tracked.clear()  # type: ignore[attr-defined] # moto keeps a reference to each item that it ever made, copies included


def _result(operation: str, request: dict[str, Any], account: str, region: str) -> Any:
    from moto.core.utils import camelcase_to_underscores
    from moto.dynamodb.responses import DynamoHandler

    from infra.local.dynamodb import transactions
    from infra.local.dynamodb import updates as dynamodb_updates

    handler = DynamoHandler()
    handler.region, handler.current_account = region, account
    handler.body = handler.params = request
    if operation == "TransactWriteItems":
        return transactions.write(handler, request)
    if operation == "UpdateItem":
        with suppress(dynamodb_updates.NotSimple):
            return dynamodb_updates.answer(handler.dynamodb_backend.get_table(request["TableName"]), request)
    return getattr(handler, camelcase_to_underscores(operation))().result


def _plain(value: Any) -> Any:
    """What moto keeps as an object, such as the attributes of an item; bytes as the protocol has them."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.to_json()
