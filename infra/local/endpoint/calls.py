"""Which AWS call an HTTP request is, and how its service answers with an error. Pure; used by `faults.calls`.

Source: the protocols of botocore's service models; the operations of S3 and `@connections` are told by their addresses.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from infra.local.endpoint.awsjson import ServiceError, service_model

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_CREDENTIAL = re.compile(r"Credential=([^/]+)/[0-9]+/[^/]+/([^/]+)/aws4_request")
_UNSIGNED = {"AWSCognitoIdentityProviderService": "cognito-idp"}  # some of its operations are for users
_SIGNED_AS = {"execute-api": "apigatewaymanagementapi"}

_OF_CONNECTIONS = {"POST": "PostToConnection", "GET": "GetConnection", "DELETE": "DeleteConnection"}
_OF_OBJECTS = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_OF_BUCKETS = {"GET": "ListObjectsV2", "HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
_ORDINARY = {
    "list-type",
    "prefix",
    "delimiter",
    "max-keys",
    "continuation-token",
    "start-after",
    "encoding-type",
    "x-id",
}


@dataclass(frozen=True)
class Call:
    """A service and an operation as boto3 names them, and the caller's access key; empty where not known."""

    service: str
    operation: str
    access_key: str


def call_of(environ: Environ) -> Call:
    """The call that a WSGI request is."""
    target, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
    credential = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    access_key, signed_as = credential.groups() if credential else ("", "")
    service = _UNSIGNED.get(target) or _SIGNED_AS.get(signed_as, signed_as)
    return Call(service, operation or _by_address(service, environ), access_key)


def refusal(service: str, code: str, status: int | None) -> Wsgi:
    """The error as that service answers it; without a status with that of its model, or else 400."""
    model = service_model(service)
    shape = model.shape_for_error_code(code)
    status = status or (shape.metadata.get("error", {}).get("httpStatusCode") if shape else None) or 400
    error = ServiceError(code, f"{code}, as asked for.", status)
    return _FORMS[model.resolved_protocol](error, model.metadata.get("jsonVersion", ""))


def _by_address(service: str, environ: Environ) -> str:
    method = environ["REQUEST_METHOD"]
    if service == "apigatewaymanagementapi":
        return _OF_CONNECTIONS.get(method, "")
    if service != "s3" or set(parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)) - _ORDINARY:
        return ""  # S3's many sub-resources are not told apart
    bucket, _, key = environ["PATH_INFO"].strip("/").partition("/")
    return (_OF_OBJECTS if key else _OF_BUCKETS if bucket else {"GET": "ListBuckets"}).get(method, "")


def _json(error: ServiceError, version: str) -> Wsgi:
    return Response(json.dumps(error.body()), error.status, content_type=f"application/x-amz-json-{version}")


def _rest_json(error: ServiceError, _version: str) -> Wsgi:
    """botocore reads the error's name from the header."""
    headers = {"x-amzn-ErrorType": error.code}
    return Response(json.dumps({"message": error.message}), error.status, headers, content_type="application/json")


def _rest_xml(error: ServiceError, _version: str) -> Wsgi:
    body = f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
    return Response(body, error.status, content_type="application/xml")


_FORMS: dict[str, Callable[[ServiceError, str], Wsgi]] = {"json": _json, "rest-json": _rest_json, "rest-xml": _rest_xml}
