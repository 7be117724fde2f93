"""A shorter way to moto's DynamoDB: from a client's call straight to moto's handler of it, without HTTP in between.

Signing, sending, routing and answering take most of a call's time in process, and the tests here make hundreds of
thousands of calls. What moto refuses goes the long way, so that errors are those of a real client.
"""

import json
from typing import Any

from botocore.awsrequest import AWSResponse
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

GOOD = AWSResponse("", 200, {}, None)
SHORT = ("BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")


def shorten(client: Any) -> None:
    """Has these calls of a client answered in the short way."""
    for operation in SHORT:
        client.meta.events.register(f"before-call.dynamodb.{operation}", _answer)


def _answer(model: Any, params: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
    handler = DynamoHandler()
    handler.region, handler.current_account = "us-east-1", DEFAULT_ACCOUNT_ID
    handler.body = handler.params = json.loads(params["body"])
    try:
        result = getattr(handler, camelcase_to_underscores(model.name))()
    except (ServiceException, HTTPException):
        return None  # the long way refuses it just so, and raises what a real client does
    told = result.result if isinstance(result, ActionResult) else json.loads(result)
    return GOOD, json.loads(json.dumps(told, default=_plain)) | {"ResponseMetadata": {"HTTPStatusCode": 200}}


def _plain(value: Any) -> Any:
    if isinstance(value, DynamoType):
        return value.to_json()
    raise TypeError(f"{type(value)} is no part of an answer")
