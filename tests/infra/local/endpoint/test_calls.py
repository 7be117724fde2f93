"""Which AWS call a request is, as boto3 really sends it, and how services answer with errors."""

from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from werkzeug.test import EnvironBuilder, run_wsgi_app

from infra.local.endpoint.calls import Call, call_of, refusal

KEY = {"pk": {"S": "x"}}
STATEMENT = "01234567-0123-0123-0123-0123456789ab"
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("dynamodb", "PutItem", {"TableName": "t", "Item": KEY}),
    ("dynamodb", "Query", {"TableName": "t"}),
    ("redshift-data", "DescribeStatement", {"Id": STATEMENT}),
    ("ssm", "GetParameter", {"Name": "x"}),
    ("sqs", "SendMessage", {"QueueUrl": "http://localhost:1/0/q", "MessageBody": "x"}),
    ("cognito-idp", "AdminListGroupsForUser", {"UserPoolId": "us-east-1_x", "Username": "x"}),
    ("cognito-idp", "InitiateAuth", {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "x"}),
    ("apigatewaymanagementapi", "PostToConnection", {"ConnectionId": "a=", "Data": b"x"}),
    ("apigatewaymanagementapi", "GetConnection", {"ConnectionId": "a="}),
    ("apigatewaymanagementapi", "DeleteConnection", {"ConnectionId": "a="}),
    ("s3", "GetObject", {"Bucket": "bucket", "Key": "a/b c"}),
    ("s3", "HeadObject", {"Bucket": "bucket", "Key": "a"}),
    ("s3", "PutObject", {"Bucket": "bucket", "Key": "a", "Body": b"x"}),
    ("s3", "DeleteObject", {"Bucket": "bucket", "Key": "a"}),
    ("s3", "ListObjectsV2", {"Bucket": "bucket", "Prefix": "a/", "Delimiter": "/", "MaxKeys": 3}),
    ("s3", "CreateBucket", {"Bucket": "bucket"}),
    ("s3", "ListBuckets", {}),
]


def client(service: str) -> Any:
    """Of an endpoint that does not exist: tests answer in its place."""
    session = boto3.Session("local", "local", region_name="us-east-1")
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    stage = "/api/prod" if service == "apigatewaymanagementapi" else ""
    return session.client(service, endpoint_url=f"http://localhost:1{stage}", config=config)


def environ_of(request: Any) -> dict[str, Any]:
    builder = EnvironBuilder(
        path=request.url.split("localhost:1", 1)[1],
        method=request.method,
        headers={
            name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
        },
    )
    return builder.get_environ()


def asked(service: str, operation: str, arguments: dict[str, Any], answer: Any) -> Any:
    """Makes the call; `answer` gets the WSGI request and gives a WSGI application that answers it."""
    made = client(service)

    def sent(request: Any, **_: Any) -> AWSResponse:
        environ = environ_of(request)
        body, status, headers = run_wsgi_app(answer(environ), environ, buffered=True)
        raw = type("Raw", (), {"stream": lambda self, **_: iter([b"".join(body)])})()
        return AWSResponse(request.url, int(status.split()[0]), dict(headers), raw)

    made.meta.events.register("before-send", sent)
    return made._make_api_call(operation, arguments)


@pytest.mark.parametrize(
    ("service", "operation", "arguments"), REQUESTS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_boto3s_requests_are_known_by_service_operation_and_caller(
    service: str, operation: str, arguments: dict[str, Any]
) -> None:
    calls: list[Call] = []

    def refuse(environ: dict[str, Any]) -> Any:
        calls.append(call_of(environ))
        return refusal(service, "Refused", 403)

    with pytest.raises(ClientError):
        asked(service, operation, arguments, refuse)
    signed = "" if operation == "InitiateAuth" else "local"
    assert calls == [Call(service, operation, signed)]


def test_a_sub_resource_of_s3_has_no_name() -> None:
    environ = EnvironBuilder(path="/bucket", query_string="notification", method="GET").get_environ()
    environ["HTTP_AUTHORIZATION"] = "AWS4-HMAC-SHA256 Credential=local/20261123/us-east-1/s3/aws4_request"
    assert call_of(environ) == Call("s3", "", "local")


@pytest.mark.parametrize(
    ("service", "operation", "code", "asked_for", "status"),
    [
        ("dynamodb", 0, "ProvisionedThroughputExceededException", None, 400),
        ("dynamodb", 0, "ThrottlingException", None, 400),
        ("dynamodb", 0, "InternalServerError", 500, 500),
        ("redshift-data", 2, "ThrottlingException", None, 400),
        ("redshift-data", 2, "InternalServerException", 500, 500),
        ("ssm", 3, "ThrottlingException", None, 400),
        ("sqs", 4, "AWS.SimpleQueueService.NonExistentQueue", None, 400),
        ("cognito-idp", 5, "TooManyRequestsException", None, 400),
        ("apigatewaymanagementapi", 7, "GoneException", None, 410),
        ("apigatewaymanagementapi", 7, "LimitExceededException", None, 429),
        ("apigatewaymanagementapi", 7, "InternalServerError", 500, 500),
        ("s3", 10, "NoSuchKey", 404, 404),
        ("s3", 12, "SlowDown", 503, 503),
    ],
)
def test_an_error_reaches_boto3_by_name_and_status(
    service: str, operation: int, code: str, asked_for: int | None, status: int
) -> None:
    _, name, arguments = REQUESTS[operation]
    with pytest.raises(ClientError) as error:
        asked(service, name, arguments, lambda environ: refusal(service, code, asked_for))
    assert error.value.response["Error"]["Code"] == code
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize(
    ("request_number", "code"),
    [(0, "ConditionalCheckFailedException"), (2, "ResourceNotFoundException"), (7, "GoneException")],
)
def test_a_modelled_error_is_boto3s_own_class(request_number: int, code: str) -> None:
    service, name, arguments = REQUESTS[request_number]
    with pytest.raises(ClientError) as error:
        asked(service, name, arguments, lambda environ: refusal(service, code, None))
    assert type(error.value).__name__ == code
