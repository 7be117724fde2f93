"""A shorter way to moto's DynamoDB: from a client's call straight to moto's handler of it, without HTTP in between.

Signing, sending, routing and answering take most of a call's time in process, and the tests here make hundreds of
thousands of calls. A refusal is read by botocore's own parser, so that errors are those of a real client; what moto
refuses outside of its protocol goes the long way.
"""

import functools
import json
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel
from botocore.parsers import create_parser
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import S3Backend, s3_backends

from infra.local.dynamodb import tables
from infra.local.dynamodb.items import ITEM_CALLS, Answer, answer

REGION = "us-east-1"
_PARSER = create_parser("json")
_DESERIALIZER = TypeDeserializer()


def shorten(client: Any) -> None:
    """Has these calls of a client answered in the short way, from tables that are not walked for each."""
    tables.install()
    lighten(client)
    for operation in ITEM_CALLS:
        client.meta.events.register(f"before-call.dynamodb.{operation}", _answer)


def lighten(client: Any) -> None:
    """Spares a client what it makes anew for each call and is always the same: its endpoint, and its own name."""
    client._ruleset_resolver = None
    client._user_agent_creator.to_string = functools.cache(client._user_agent_creator.to_string)


def items(table: str) -> list[dict[str, Any]]:
    """All items of a table as a client reads them, without a client."""
    found = [item.attrs for item in _moto_table(table).all_items()]
    plain = json.loads(json.dumps(found, default=lambda value: value.to_json()))
    return [{name: _DESERIALIZER.deserialize(value) for name, value in attributes.items()} for attributes in plain]


def clear(table: str) -> None:
    """Leave a table as it was when it was made."""
    kept = _moto_table(table)
    kept.items.clear()
    kept._by_attribute.clear()


def s3() -> S3Backend:
    """moto's S3, for what a test puts there itself."""
    return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]


def clear_bucket(name: str) -> None:
    """Delete all objects of a bucket."""
    for key in list(s3().get_bucket(name).keys):
        s3().delete_object(name, key)


def _moto_table(name: str) -> Any:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].get_table(name)


def _answer(model: OperationModel, params: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
    told = answer(model.name, params["body"], DEFAULT_ACCOUNT_ID, REGION)
    if told is None:
        return None
    metadata = {"ResponseMetadata": {"HTTPStatusCode": told.status}}
    parsed = json.loads(told.body) if told.status == 200 else _refusal(model, told)
    return AWSResponse("", told.status, {}, None), parsed | metadata


def _refusal(model: OperationModel, told: Answer) -> dict[str, Any]:
    """An error and the fields that the service's model gives it, as botocore's endpoint reads them."""
    response = {"status_code": told.status, "headers": {}, "body": told.body}
    parsed: dict[str, Any] = _PARSER.parse(response, model.output_shape)
    shape = model.service_model.shape_for_error_code(parsed["Error"]["Code"])
    return parsed if shape is None else parsed | _PARSER.parse(response, shape)
