"""Requests as boto3 really sends them, answered by a test."""

from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from werkzeug.test import EnvironBuilder, run_wsgi_app

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
