"""How this package makes AWS clients and answers REST: timeouts and retries in one place.

Locally the standard `AWS_ENDPOINT_URL` points every client elsewhere; nothing here knows.
"""

import functools
import json
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore
from boto3.dynamodb.transform import TransformationInjector, copy_dynamodb_params
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import OperationModel

from backend_lambdas.errors import PushboardError

READ_SECONDS = 10.0
"""How long any answer may take: with the longest queue before it, less than the 29 s that API Gateway gives."""

_ATTEMPTS = 3
_USER_AGENT = f"Pushboard Boto3/{boto3.__version__} Botocore/{botocore.__version__}"
"""Set, as botocore else puts its own together twice a call: a fifth of the processor time of a small one."""

_MANY_SMALL_CALLS = frozenset({"dynamodb", "apigatewaymanagementapi"})
"""Services that validate each member themselves. To have botocore do so before is a twelfth of a call."""

_CONFIG = Config(
    user_agent=_USER_AGENT,
    connect_timeout=2,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    max_pool_connections=128,  # `notifier` has 32 threads, and a runtime may serve many invocations in one process
)
_making = threading.Lock()
_DESERIALIZER = TypeDeserializer()


def client(
    service: str, endpoint_url: str | None = None, *, attempts: int = _ATTEMPTS, read_seconds: float = READ_SECONDS
) -> Any:
    """A thread-safe client of a service; one attempt is for callers that try again themselves, or elsewhere."""
    retries = {"mode": "standard", "total_max_attempts": attempts}
    config = _config(service).merge(Config(retries=retries, read_timeout=read_seconds))
    with _making:
        return _session().client(service, endpoint_url=endpoint_url, config=config)


def signing_s3() -> Any:
    """An S3 client whose links every Region takes: signed by version 4, for the bucket's own host in its Region.

    By default boto3 signs by version 2, and for `bucket.s3.amazonaws.com`. Outside us-east-1 that host redirects to one
    for which the signature is not valid.
    Source: Amazon S3 User Guide, "Virtual hosting of buckets" and "Request routing".
    """
    virtual = {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}
    with _making:
        return _session().client("s3", config=_CONFIG.merge(Config(signature_version="s3v4", s3=virtual)))


def dynamodb() -> Any:
    """A DynamoDB client that takes and gives plain Python values, and conditions by `Attr` and `Key`. Thread-safe.

    boto3's resource has one, in which all threads number the values of their conditions with one counter: of two that
    ask at the same moment, one may ask with a value of its own in the place of another.
    """
    with _making:
        made = _session().client("dynamodb", config=_config("dynamodb"))
    made.meta.events.register("provide-client-params.dynamodb", copy_dynamodb_params)
    made.meta.events.register("before-parameter-build.dynamodb", _take_plain_values)
    made.meta.events.register("after-call.dynamodb", TransformationInjector().inject_attribute_value_output)
    return made


def _take_plain_values(params: dict[str, Any], model: OperationModel, **_: Any) -> None:
    """Writes a request's conditions and values as DynamoDB has them."""
    injector = TransformationInjector()  # numbers the values of this request only
    injector.inject_condition_expressions(params, model)
    injector.inject_attribute_value_input(params, model)


def _config(service: str) -> Config:
    return _CONFIG.merge(Config(parameter_validation=service not in _MANY_SMALL_CALLS))


@functools.cache
def _session() -> boto3.session.Session:
    """Unlike the clients it makes, a session may not be shared between threads: `_making` guards it."""
    return boto3.session.Session()


def error_code(error: ClientError) -> str:
    """The AWS error code, such as `ThrottlingException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """The HTTP status of an AWS error."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def item_before(error: ClientError) -> dict[str, Any] | None:
    """The item that a condition refused to change, in plain values, or None if there is none.

    It is there when the request asked for ALL_OLD on failure; the client leaves it in DynamoDB's own notation.
    """
    return plain(error.response.get("Item"))


def plain(item: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An item in plain values, from DynamoDB's own notation; None if there is none."""
    return {name: _DESERIALIZER.deserialize(value) for name, value in item.items()} if item else None


def s3_location(uri: str) -> tuple[str, str]:
    """Bucket and key prefix of `s3://bucket/prefix/`; the prefix ends with a slash unless it is empty."""
    parts = urlsplit(uri)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError(f"Not an S3 path: {uri!r}")
    prefix = parts.path.strip("/")
    return parts.netloc, f"{prefix}/" if prefix else ""


def rest_answer(body: dict[str, Any], status: int = 200) -> dict[str, Any]:
    """A Lambda proxy response with a JSON body."""
    return rest_text(json.dumps(body), status)


def rest_text(text: str, status: int = 200) -> dict[str, Any]:
    """The same with a body that is JSON text already."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": text, "isBase64Encoded": False}


def rest_error(error: PushboardError) -> dict[str, Any]:
    """The one shape of every REST error."""
    return rest_answer({"error": {"code": error.code, "message": error.message}}, error.status)
