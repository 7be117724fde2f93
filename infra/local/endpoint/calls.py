"""Which AWS call an HTTP request is. Used by `edge`, by `wired`, by `s3.reading`, and by tests to let calls fail.

Source: the protocols of botocore's service models; the operations of S3 and `@connections` are told by their addresses.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl

Environ = dict[str, Any]

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


def signed_for(environ: Environ) -> str:
    """The service whose name a WSGI request is signed with; empty when it is not signed in its headers."""
    credential = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    return credential[2] if credential else ""


def form_of(environ: Environ) -> dict[str, str]:
    """The members of a call of the `query` and `ec2` protocols; empty for one of another. Takes the body in."""
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return {}
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _by_address(service: str, environ: Environ) -> str:
    method = environ["REQUEST_METHOD"]
    if service == "apigatewaymanagementapi":
        return _OF_CONNECTIONS.get(method, "")
    if service != "s3" or set(parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)) - _ORDINARY:
        return ""  # S3's many sub-resources are not told apart
    bucket, _, key = environ["PATH_INFO"].strip("/").partition("/")
    return (_OF_OBJECTS if key else _OF_BUCKETS if bucket else {"GET": "ListBuckets"}).get(method, "")
