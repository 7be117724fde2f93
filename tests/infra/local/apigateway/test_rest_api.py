"""The REST API: who gets in, what a function gets, what a client gets."""

import base64
from typing import Any

import pytest

from infra.local.apigateway.rest_api import MAX_REQUEST, Response, RestGateway
from infra.local.apigateway.rest_events import Request
from infra.local.cloudformation.stack_resources import GatewayResponse, RestApi, RestRoute
from infra.local.cognito import TokenExpired, TokenInvalid
from infra.local.lambda_.errors import CallerGaveUp, FunctionError, FunctionTimeout

ROUTES = (
    RestRoute("GET", "/reports", "Reports", True),
    RestRoute("GET", "/results/{statementId}", "Result", True),
    RestRoute("GET", "/open/{rest+}", "Open", False),
)
CLAIMS = {
    "sub": "u-1",
    "cognito:groups": ["analysts", "editors"],
    "email_verified": True,
    "auth_time": 1795166000,
    "exp": 1795169600,
    "iat": 1795166000,
}


def verify(pool_id: str, token: str) -> dict[str, Any]:
    if token == "old":
        raise TokenExpired
    if token != "good":
        raise TokenInvalid
    return CLAIMS | {"pool": pool_id}


class Functions:
    """Remembers calls and answers or raises."""

    def __init__(self, answer: Any = None, error: Exception | None = None) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answer = {"statusCode": 200, "body": "{}"} if answer is None else answer
        self.error = error

    def __call__(self, function: str, event: dict[str, Any], seconds: float) -> Any:
        self.calls.append((function, event))
        if self.error:
            raise self.error
        return self.answer


def ask(
    path: str,
    functions: Functions | None = None,
    *,
    token: str | None = "good",
    responses: dict[str, GatewayResponse] | None = None,
    stage: str = "prod",
    **request: Any,
) -> Response:
    api = RestApi("restapi", "prod", ROUTES, "pool-1", responses or {})
    headers = [("Authorization", token)] if token is not None else []
    given = {"method": "GET", "path": path, "headers": tuple(headers + request.pop("headers", []))} | request
    return RestGateway(api, functions or Functions(), verify).answer(stage, Request(**given))


def test_the_event_tells_path_parameters_query_and_claims() -> None:
    functions = Functions()
    ask("/results/a b", functions, query="nextToken=x%20y&n=1&n=2", headers=[("Accept", "a"), ("Accept", "b")])
    ((function, event),) = functions.calls
    assert function == "Result"
    assert event["resource"] == "/results/{statementId}"
    assert event["path"] == "/results/a b"
    assert event["pathParameters"] == {"statementId": "a b"}
    assert event["queryStringParameters"] == {"nextToken": "x y", "n": "2"}
    assert event["multiValueQueryStringParameters"] == {"nextToken": ["x y"], "n": ["1", "2"]}
    assert event["headers"]["Accept"] == "b"
    assert event["multiValueHeaders"]["Accept"] == ["a", "b"]
    assert event["body"] is None
    assert event["requestContext"]["resourcePath"] == "/results/{statementId}"
    assert event["requestContext"]["path"] == "/prod/results/a b"


def test_absent_query_and_parameters_are_null() -> None:
    functions = Functions()
    ask("/reports", functions)
    event = functions.calls[0][1]
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert event["pathParameters"] is None


def test_claims_are_texts_with_joined_groups_and_dates() -> None:
    functions = Functions()
    ask("/reports", functions)
    assert functions.calls[0][1]["requestContext"]["authorizer"]["claims"] == {
        "sub": "u-1",
        "cognito:groups": "analysts,editors",
        "email_verified": "true",
        "auth_time": "1795166000",
        "exp": "Fri Nov 20 10:13:20 UTC 2026",
        "iat": "Fri Nov 20 09:13:20 UTC 2026",
        "pool": "pool-1",
    }


@pytest.mark.parametrize("token", ["good", "Bearer good"])
def test_the_token_may_stand_with_or_without_bearer(token: str) -> None:
    assert ask("/reports", token=token).status == 200


@pytest.mark.parametrize(
    ("token", "body"),
    [
        (None, b'{"message":"Unauthorized"}'),
        ("", b'{"message":"Unauthorized"}'),
        ("forged", b'{"message":"Unauthorized"}'),
        ("old", b'{"message":"The incoming token has expired"}'),
    ],
)
def test_without_a_current_token_it_is_401_and_no_function_is_called(token: str | None, body: bytes) -> None:
    functions = Functions()
    answer = ask("/reports", functions, token=token)
    assert (answer.status, answer.body) == (401, body)
    assert functions.calls == []


def test_a_route_without_authorizer_needs_no_token() -> None:
    functions = Functions()
    assert ask("/open/a/b", functions, token=None).status == 200
    assert functions.calls[0][1]["pathParameters"] == {"rest": "a/b"}
    assert "authorizer" not in functions.calls[0][1]["requestContext"]


@pytest.mark.parametrize(("path", "method"), [("/nosuch", "GET"), ("/reports", "POST"), ("/results/", "GET")])
def test_an_unknown_path_or_method_is_403_missing_authentication_token(path: str, method: str) -> None:
    answer = ask(path, method=method)
    assert (answer.status, answer.body) == (403, b'{"message":"Missing Authentication Token"}')


def test_an_unknown_stage_is_403() -> None:
    assert ask("/reports", stage="test").status == 403


def test_the_templates_gateway_responses_replace_status_and_body() -> None:
    responses = {
        "MISSING_AUTHENTICATION_TOKEN": GatewayResponse(404, '{"error":"nothing there"}'),
        "DEFAULT_5XX": GatewayResponse(None, '{"said":$context.error.messageString}'),
    }
    unknown = ask("/nosuch", responses=responses)
    assert (unknown.status, unknown.body) == (404, b'{"error":"nothing there"}')
    failed = ask("/reports", Functions(answer="no"), responses=responses)
    assert (failed.status, failed.body) == (502, b'{"said":"Internal server error"}')


def test_a_function_answer_is_passed_on() -> None:
    answer = {
        "statusCode": 429,
        "headers": {"Retry-After": 3, "X-Yes": True},
        "multiValueHeaders": {"X-Many": ["a", "b"]},
        "body": "später",
    }
    got = ask("/reports", Functions(answer))
    assert got.status == 429
    assert got.body == "später".encode()
    assert set(got.headers) == {
        ("Retry-After", "3"),
        ("X-Yes", "true"),
        ("X-Many", "a"),
        ("X-Many", "b"),
        ("Content-Type", "application/json"),
    }


def test_a_base64_body_becomes_bytes() -> None:
    body = base64.b64encode(b"\x00\x01").decode()
    assert ask("/reports", Functions({"statusCode": 200, "body": body, "isBase64Encoded": True})).body == b"\x00\x01"


@pytest.mark.parametrize(
    "answer",
    [
        [],
        "text",
        {"body": "x"},
        {"statusCode": "many"},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "headers": "x"},
        {"statusCode": 200, "body": "!", "isBase64Encoded": True},
    ],
)
def test_an_answer_of_another_shape_is_502(answer: Any) -> None:
    assert ask("/reports", Functions(answer)).status == 502


ERROR = {"errorType": "X", "errorMessage": "y"}


@pytest.mark.parametrize(
    ("error", "status"),
    [(FunctionError(ERROR), 502), (FunctionTimeout(ERROR), 502), (CallerGaveUp(ERROR), 504)],
    ids=["raises", "times out", "takes longer than the gateway waits"],
)
def test_a_failing_function_is_a_5xx_without_its_text(error: Exception, status: int) -> None:
    answer = ask("/reports", Functions(error=error))
    assert answer.status == status
    assert b"y" not in answer.body.replace(b"Internal server error", b"").replace(b"Endpoint request timed out", b"")


def test_a_body_above_10_mb_is_413() -> None:
    assert ask("/reports", body=b"x" * (MAX_REQUEST + 1)).status == 413
