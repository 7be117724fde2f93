"""Presigned S3 links: only whole and fresh ones open anything. Used by `moto_services`, as moto looks at neither.

Also without any signature nothing opens: all buckets are private. Source: "Authenticating requests: using query
parameters" and "Error responses" in the S3 API reference.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from botocore.auth import HmacV1QueryAuth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.wrappers import Response

from infra.local.endpoint.identities import SECRET

LONGEST_SECONDS = 7 * 24 * 3600
SIGNATURE = frozenset(
    {
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "AWSAccessKeyId",
        "Expires",
        "Signature",
        "x-amz-security-token",
    }
)
_TIME = "%Y%m%dT%H%M%SZ"
_INCOMPLETE = "Query-string authentication requires its parameters complete and well formed."

Environ = dict[str, Any]


class Refused(Exception):
    """A link that opens nothing: the status, and S3's code, sentence and further members."""

    def __init__(self, status: int, code: str, message: str, **members: str) -> None:
        super().__init__(message)
        self.status = status
        self.members = {"Code": code, "Message": message} | members

    def response(self) -> Response:
        """S3's error document."""
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in self.members.items())
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
        return Response(body, self.status, content_type="application/xml")


def check(environ: Environ, now: datetime) -> None:
    """Raises `Refused` unless the request is signed in its headers, or by a link that is whole and fresh.

    A form that a browser posts carries its signature in its body, where moto has it.
    """
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    if "HTTP_AUTHORIZATION" in environ or "HTTP_X_AMZ_TARGET" in environ:
        return
    if "X-Amz-Signature" in query or "X-Amz-Algorithm" in query:
        _check_version_4(environ, query, now)
    elif "Signature" in query:
        _check_version_2(environ, query, now)
    elif environ["REQUEST_METHOD"] not in ("POST", "OPTIONS"):
        raise Refused(403, "AccessDenied", "Access Denied")


def _check_version_4(environ: Environ, query: Mapping[str, str], now: datetime) -> None:
    try:
        key, _, region, service, _ = query["X-Amz-Credential"].split("/")
        signed_at = datetime.strptime(query["X-Amz-Date"], _TIME).replace(tzinfo=UTC)
        seconds, names, signature = int(query["X-Amz-Expires"]), query["X-Amz-SignedHeaders"], query["X-Amz-Signature"]
    except (KeyError, ValueError) as error:
        raise Refused(400, "AuthorizationQueryParametersError", _INCOMPLETE) from error
    if not 0 <= seconds <= LONGEST_SECONDS:
        raise Refused(400, "AuthorizationQueryParametersError", "X-Amz-Expires must be less than a week (in seconds)")
    _check_fresh(signed_at + timedelta(seconds=seconds), now, {"X-Amz-Expires": str(seconds)})
    auth = S3SigV4QueryAuth(Credentials(key, SECRET), service, region, seconds)
    request = AWSRequest(environ["REQUEST_METHOD"], _url(environ, "X-Amz-Signature"), _headers(environ, names))
    request.context["timestamp"] = query["X-Amz-Date"]
    _check_equal(auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request), signature)


def _check_version_2(environ: Environ, query: Mapping[str, str], now: datetime) -> None:
    """boto3's default unless `signature_version` says s3v4."""
    try:
        expires = datetime.fromtimestamp(int(query["Expires"]), UTC)
        auth = HmacV1QueryAuth(Credentials(query["AWSAccessKeyId"], SECRET))
    except (KeyError, ValueError) as error:
        raise Refused(403, "AccessDenied", _INCOMPLETE) from error
    _check_fresh(expires, now, {})
    headers = [environ.get(_variable(name)) or query.get(name, "") for name in ("content-md5", "content-type")]
    resource = auth.canonical_resource(urlsplit(_url(environ)))
    text = "\n".join([environ["REQUEST_METHOD"], *headers, query["Expires"], resource])
    _check_equal(auth.sign_string(text), query["Signature"])


def _check_fresh(expires: datetime, now: datetime, members: Mapping[str, str]) -> None:
    if now >= expires:
        times = {"Expires": f"{expires:%Y-%m-%dT%H:%M:%SZ}", "ServerTime": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
        raise Refused(403, "AccessDenied", "Request has expired", **members, **times)


def _check_equal(expected: str, given: str) -> None:
    if not hmac.compare_digest(expected.encode(), given.encode()):
        message = (
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method."
        )
        raise Refused(403, "SignatureDoesNotMatch", message)


def _url(environ: Environ, without: str = "") -> str:
    """The address as it was sent, less the parameter that holds its signature."""
    path, _, query = environ["REQUEST_URI"].partition("?")
    parts = [part for part in query.split("&") if part.partition("=")[0] != without]
    return f"http://{environ['HTTP_HOST']}{path}?{'&'.join(parts)}"


def _headers(environ: Environ, names: str) -> dict[str, str]:
    values = {name: environ.get(_variable(name)) for name in names.split(";")}
    return {name: value for name, value in values.items() if value is not None}


def _variable(name: str) -> str:
    plain = name.upper().replace("-", "_")
    return plain if plain in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{plain}"
