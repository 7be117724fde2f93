"""Which AWS call a request is, as boto3 really sends it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from infra.local.endpoint.calls import Call, call_of
from tests.infra.local.endpoint.boto3_requests import REQUESTS, asked


@pytest.mark.parametrize(
    ("service", "operation", "arguments"), REQUESTS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_boto3s_requests_are_known_by_service_operation_and_caller(
    service: str, operation: str, arguments: dict[str, Any]
) -> None:
    calls: list[Call] = []

    def refuse(environ: dict[str, Any]) -> Any:
        calls.append(call_of(environ))
        return Response(status=403)

    with pytest.raises(ClientError):
        asked(service, operation, arguments, refuse)
    signed = "" if operation == "InitiateAuth" else "local"
    assert calls == [Call(service, operation, signed)]


def test_a_sub_resource_of_s3_has_no_name() -> None:
    environ = EnvironBuilder(path="/bucket", query_string="notification", method="GET").get_environ()
    environ["HTTP_AUTHORIZATION"] = "AWS4-HMAC-SHA256 Credential=local/20261123/us-east-1/s3/aws4_request"
    assert call_of(environ) == Call("s3", "", "local")
