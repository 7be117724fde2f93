"""The handler of a function that makes one call by its role, and says how it went. `probes` deploys it."""

import os
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import ClientError


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The error's code, None if the call was allowed; and which process this is, of which parent."""
    client = boto3.client(event["service"])
    client.meta.events.register("before-sign", partial(_add_headers, event["headers"]))
    return {"refusal": _refusal(client, event), "process": os.getpid(), "parent": os.getppid()}


def _add_headers(headers: dict[str, str], request: Any, **_: Any) -> None:
    for name, value in headers.items():
        request.headers.add_header(name, value)


def _refusal(client: Any, event: dict[str, Any]) -> str | None:
    try:
        getattr(client, event["operation"])(**event["arguments"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None
