"""GET /results/{statementId}: pages of rows for those who may see them, and nothing for anybody else."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas import get_result
from backend_lambdas.run_table import Question
from tests.backend_lambdas.lambda_fakes import REPORT, World, principal, report

Get = Callable[..., tuple[int, dict[str, Any]]]

COLUMNS = [
    {"name": "trip_date", "label": "trip_date", "typeName": "date"},
    {"name": "total_fare", "label": "total_fare", "typeName": "numeric"},
    {"name": "share", "label": "share", "typeName": "float8"},
]
FIRST = {
    "ColumnMetadata": COLUMNS,
    "Records": [[{"stringValue": "2015-12-01"}, {"stringValue": "4637463.10"}, {"doubleValue": 0.25}]],
    "TotalNumRows": 2,
    "NextToken": "page-2",
}
SECOND = {
    "ColumnMetadata": COLUMNS,
    "Records": [[{"isNull": True}, {"isNull": True}, {"isNull": True}]],
    "TotalNumRows": 2,
}


@pytest.fixture
def world(world: World, wire: Callable[..., None]) -> World:
    """A world with one finished statement of `finance`."""
    wire(TABLE_NAME=world.table)
    world.connect("ann=")
    world.ask("ann=")
    world.settle()
    world.data_api.pages = {None: FIRST, "page-2": SECOND}
    world.data_api.calls.clear()
    return world


@pytest.fixture
def get(world: World, recorded: Callable[[str], dict[str, Any]]) -> Get:
    def request(statement_id: str = "", name: str = "get_result", token: str | None = None, **claims: str) -> Any:
        event = recorded(name)
        event["pathParameters"]["statementId"] = statement_id or world.data_api.only.id
        event["requestContext"]["authorizer"]["claims"] |= claims
        if token is not None:
            event["queryStringParameters"] = {"nextToken": token}
        answer = get_result.handler(event, None)
        assert answer["headers"]["Content-Type"] == "application/json"
        assert answer["isBase64Encoded"] is False
        return answer["statusCode"], json.loads(answer["body"], parse_constant=pytest.fail)

    return request


def test_the_first_page_is_typed_and_tells_where_the_next_is(world: World, get: Get) -> None:
    assert get() == (
        200,
        {
            "statementId": world.data_api.only.id,
            "report": "revenue_by_day",
            "asOf": "2033-05-18T03:33:20Z",
            "rowCount": 2,
            "columns": [
                {"name": "trip_date", "type": "date"},
                {"name": "total_fare", "type": "decimal"},
                {"name": "share", "type": "number"},
            ],
            "records": [["2015-12-01", "4637463.10", 0.25]],
            "nextToken": "page-2",
        },
    )


def test_the_last_page_has_nulls_and_no_next(get: Get) -> None:
    status, body = get(name="get_result_next_page")
    assert (status, body["records"], body["nextToken"]) == (200, [[None, None, None]], None)


def test_numbers_that_json_lacks_are_null(world: World, get: Get) -> None:
    row = [{"isNull": True}, {"isNull": True}, {"doubleValue": float("nan")}]
    world.data_api.pages = {None: FIRST | {"Records": [row]}}
    assert get()[1]["records"] == [[None, None, None]]


def test_without_a_total_the_events_count_is_told(world: World, get: Get) -> None:
    world.data_api.pages = {None: {"ColumnMetadata": COLUMNS, "Records": []}}
    assert get()[1]["rowCount"] == 31


def test_admins_read_everything(get: Get) -> None:
    assert get(**{"cognito:groups": "admins"})[0] == 200


@pytest.mark.parametrize("groups", ["operations", "", "operations,editors", "authors", "finance-leads"])
def test_another_departments_result_is_forbidden(world: World, get: Get, groups: str) -> None:
    status, body = get(**{"cognito:groups": groups})
    assert status == 403
    assert body == {"error": {"code": "forbidden", "message": "You do not have access to this report."}}
    assert world.data_api.calls == [], "the warehouse is not even asked"


def test_a_result_of_another_claim_is_forbidden(world: World, get: Get) -> None:
    """Row-level security: colleagues of another region do not read it, nor does one without a region."""
    text = REPORT.replace("{type: month, label: Trip month, default: 2015-12}", "{type: text, claim: custom:region}")
    emea = principal("finance", **{"custom:region": "emea"})
    run, _ = world.runs.claim(Question.of(report(text), {"month": "emea"}, emea), refresh=False)
    statement = world.data_api.only
    world.runs.add_statement(type(run)(**{**vars(run), "statement_id": statement.id}))
    assert get(**{"custom:region": "emea"})[0] == 200
    assert get(**{"custom:region": "apac"})[0] == 403
    assert get()[0] == 403


@pytest.mark.parametrize(
    "statement_id",
    [
        "x",
        "7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80",
        "7A6C0D52-3B1E-4F7C-8D5E-2F9B6A1C4E80",
        "7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80:1",
        "7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80\n",
        "../reports",
        "' OR 1=1",
        "x" * 5000,
    ],
)
def test_an_unknown_or_malformed_statement_is_not_found(world: World, get: Get, statement_id: str) -> None:
    status, body = get(statement_id)
    assert (status, body["error"]["code"]) == (404, "not_found")
    assert world.data_api.calls == []


def test_a_statement_that_has_not_finished_is_not_found(world: World, get: Get) -> None:
    world.ask("ann=", refresh=True)
    running = list(world.data_api.statements)[1]
    assert get(running)[0] == 404


@pytest.mark.parametrize("token", ["", "x" * 2049, "page-3", "\x00"])
def test_a_next_token_that_no_page_gave_is_a_bad_parameter(get: Get, token: str) -> None:
    status, body = get(token=token)
    assert (status, body["error"]["code"]) == (400, "bad_parameter")
    assert "nextToken" in body["error"]["message"]


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        ("ResourceNotFoundException", 404, "not_found"),
        ("ThrottlingException", 429, "too_busy"),
        ("InternalServerException", 503, "warehouse_unavailable"),
        ("AccessDeniedException", 503, "warehouse_unavailable"),
    ],
)
def test_a_refusal_of_the_warehouse_has_its_code(world: World, get: Get, refusal: str, status: int, code: str) -> None:
    world.data_api.refusals["GetStatementResult"] = [refusal]
    answered, body = get()
    assert (answered, body["error"]["code"]) == (status, code)
    assert "refused" not in body["error"]["message"], "its own words are for the log"
