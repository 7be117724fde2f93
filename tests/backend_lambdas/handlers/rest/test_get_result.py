"""GET /results/{statementId}: pages of rows for those who may see them, and nothing for anybody else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from msgspec.structs import replace

from backend_lambdas import clock
from backend_lambdas.handlers.rest import get_result
from tests.backend_lambdas.lambda_fakes import World

Get = Callable[..., tuple[int, dict[str, Any]]]
Ask = Callable[..., dict[str, Any]]

COLUMNS = [
    {"name": "trip_date", "label": "trip_date", "typeName": "date"},
    {"name": "total_fare", "label": "total_fare", "typeName": "numeric", "precision": 38, "scale": 2},
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
    wire()
    world.connect("ann=")
    world.request_run("ann=")
    world.complete()
    world.data_api.pages = {None: FIRST, "page-2": SECOND}
    world.data_api.calls.clear()
    return world


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits, of a clock that only they move."""
    start, waited = clock.now(), list[float]()
    monkeypatch.setattr(clock, "now", lambda: start + int(sum(waited) * 1000))
    monkeypatch.setattr(clock, "sleep", waited.append)
    return waited


@pytest.fixture
def ask(world: World, recorded: Callable[[str], dict[str, Any]]) -> Ask:
    """The function's whole answer; `headers` are more of the request's, each with its lines."""

    def request(
        statement_id: str = "",
        name: str = "get_result",
        token: str | None = None,
        headers: dict[str, list[str]] | None = None,
        **claims: str,
    ) -> dict[str, Any]:
        event = recorded(name)
        event["pathParameters"]["statementId"] = statement_id or world.data_api.only.id
        event["requestContext"]["authorizer"]["claims"] |= claims
        if token is not None:
            event["queryStringParameters"] = {"nextToken": token}
        for header, lines in (headers or {}).items():
            event["headers"][header] = lines[-1]
            event["multiValueHeaders"][header] = lines
        answer = get_result.handler(event, None)
        assert answer["isBase64Encoded"] is False
        return answer

    return request


@pytest.fixture
def get(ask: Ask) -> Get:
    """Status and body of an answer that has one."""

    def request(*args: Any, **kwargs: Any) -> tuple[int, dict[str, Any]]:
        answer = ask(*args, **kwargs)
        assert answer["headers"]["Content-Type"] == "application/json"
        return answer["statusCode"], json.loads(answer["body"], parse_constant=pytest.fail)

    return request


def test_the_first_page_is_typed_and_tells_where_the_next_is(world: World, get: Get) -> None:
    status, body = get()
    assert body.pop("nextToken")
    assert (status, body) == (
        200,
        {
            "statementId": world.data_api.only.id,
            "report": "revenue_by_day",
            "asOf": "2033-05-18T03:33:20Z",
            "rowCount": 2,
            "columns": [
                {"name": "trip_date", "type": "date"},
                {"name": "total_fare", "type": "decimal", "precision": 38, "scale": 2},
                {"name": "share", "type": "number"},
            ],
            "records": [["2015-12-01", "4637463.10", 0.25]],
        },
    )


def test_the_last_page_has_nulls_and_no_next(get: Get) -> None:
    status, body = get(name="get_result_next_page", token=get()[1]["nextToken"])
    assert (status, body["records"], body["nextToken"]) == (200, [[None, None, None]], None)


@pytest.mark.parametrize(("number", "text"), [("nan", "NaN"), ("inf", "Infinity"), ("-inf", "-Infinity")])
def test_numbers_that_json_lacks_are_texts(world: World, get: Get, number: str, text: str) -> None:
    """They are no NULL: whoever reads the rows is told what the warehouse said."""
    row = [{"isNull": True}, {"isNull": True}, {"doubleValue": float(number)}]
    world.data_api.pages = {None: FIRST | {"Records": [row]}}
    assert get()[1]["records"] == [[None, None, text]]


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
    bind_claim(world)
    assert get(**{"custom:region": "emea"})[0] == 200
    assert get(**{"custom:region": "apac"})[0] == 403
    assert get()[0] == 403


def bind_claim(world: World) -> None:
    """Lets the only statement be of a report that binds the user's region."""
    run = world.runs.get(world.run_item()["pk"].removeprefix("run#"))
    assert run is not None
    key = {"pk": f"statement#{run.statement_id}", "sk": "statement"}
    world.db.delete_item(TableName=world.table, Key=key)  # the first record of a statement stays
    world.runs.add_statement(replace(run, claims={"custom:region": "emea"}))


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
    world.connect("bob=")
    world.request_run("bob=", refresh=True)
    _, running = world.data_api.statements
    assert get(running)[0] == 404


@pytest.mark.parametrize("token", ["", "x" * 4097, "page-2", "\x00", "\ud800", "é", "AAAA" * 20])
def test_a_next_token_that_no_page_gave_is_a_bad_parameter(world: World, get: Get, token: str) -> None:
    status, body = get(token=token)
    assert (status, body["error"]["code"]) == (400, "bad_parameter")
    assert "nextToken" in body["error"]["message"]
    assert world.data_api.calls == []


# ----------------------------------------------------------------------------------- the warehouse says no


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        ("ResourceNotFoundException", 404, "not_found"),
        ("AccessDeniedException", 503, "warehouse_unavailable"),
    ],
)
def test_a_refusal_that_will_not_change_is_told_at_once(
    world: World, get: Get, waits: list[float], refusal: str, status: int, code: str
) -> None:
    world.data_api.refusals["GetStatementResult"] = [refusal] * 2
    answered, body = get()
    assert (answered, body["error"]["code"]) == (status, code)
    assert "refused" not in body["error"]["message"], "its own words are for the log"
    assert waits == []


@pytest.mark.parametrize("refusal", ["ThrottlingException", "InternalServerException"])
def test_what_passes_is_tried_again(world: World, get: Get, waits: list[float], refusal: str) -> None:
    world.data_api.refusals["GetStatementResult"] = [refusal] * 3
    assert get()[0] == 200
    assert len(waits) == 3


def test_a_warehouse_that_cannot_be_reached_is_tried_again(
    world: World, get: Get, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    read, unreachable = world._data_client.get_statement_result, [ConnectTimeoutError(endpoint_url="x")]

    def reads_at_last(**request: Any) -> Any:
        if unreachable:
            raise unreachable.pop()
        return read(**request)

    monkeypatch.setattr(world._data_client, "get_statement_result", reads_at_last)
    assert get()[0] == 200
    assert len(waits) == 1


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [("ThrottlingException", 429, "too_busy"), ("InternalServerException", 503, "warehouse_unavailable")],
)
def test_what_does_not_pass_is_told_in_time(
    world: World, get: Get, waits: list[float], refusal: str, status: int, code: str
) -> None:
    world.data_api.refusals["GetStatementResult"] = [refusal] * 1000
    answered, body = get()
    assert (answered, body["error"]["code"]) == (status, code)
    assert 5 < sum(waits) <= 10


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ("Database response exceeded size limit", 409, "result_too_large"),
        ("Packet for query is too large", 409, "row_too_large"),
    ],
)
def test_a_limit_of_the_warehouse_is_told_with_the_way_past_it(
    world: World, get: Get, waits: list[float], words: str, status: int, code: str
) -> None:
    world.data_api.refusals["GetStatementResult"] = [f"ValidationException: {words}"]
    answered, body = get()
    assert (answered, body["error"]["code"]) == (status, code)
    assert "An export has no such limit" in body["error"]["message"]
    assert waits == [], "to ask again would change nothing"


def test_a_result_that_is_kept_no_longer_is_told_with_how_long_it_is(world: World, get: Get) -> None:
    world.data_api.refusals["GetStatementResult"] = ["ResourceNotFoundException"]
    status, body = get()
    assert (status, body["error"]["code"]) == (404, "not_found")
    for words in ("kept for a day", "Run the report again", "an export is kept for seven days"):
        assert words in body["error"]["message"]


def test_a_busy_answer_says_when_to_ask_again(world: World, ask: Ask, waits: list[float]) -> None:
    world.data_api.refusals["GetStatementResult"] = ["ThrottlingException"] * 1000
    answer = ask()
    assert answer["statusCode"] == 429
    assert int(answer["headers"]["Retry-After"]) >= 1
    assert answer["headers"]["Content-Type"] == "application/json"


# ----------------------------------------------------------------------------------- what the requester has already


def test_the_first_page_has_a_tag_and_is_asked_for_each_time(world: World, ask: Ask) -> None:
    headers = ask()["headers"]
    assert headers["ETag"] == f'"{world.data_api.only.id}"'
    assert headers["Cache-Control"] == "private, no-cache"


OTHER = '"7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80"'
NAMING = [
    ["{tag}"],
    ["W/{tag}"],
    [f"{OTHER}, {{tag}}"],
    [f'"a,b",W/{OTHER} ,W/{{tag}}, "c"'],
    [OTHER, "{tag}"],
    ["*"],
    [" * "],
]
NOT_NAMING = [
    [OTHER],
    ["{id}"],
    ['"{id}'],
    ['"{id} "'],
    ["w/{id}"],
    [f"{OTHER}, *"],
    ['"*"'],
    [""],
]


@pytest.mark.parametrize("lines", NAMING)
def test_who_has_it_is_told_that_it_has_not_changed(world: World, ask: Ask, lines: list[str]) -> None:
    answer = ask(headers={"If-None-Match": written(lines, world)})
    tag = f'"{world.data_api.only.id}"'
    assert answer == {
        "statusCode": 304,
        "headers": {"ETag": tag, "Cache-Control": "private, no-cache"},
        "body": "",
        "isBase64Encoded": False,
    }
    assert world.data_api.calls == [], "the warehouse is not asked"


@pytest.mark.parametrize("lines", NOT_NAMING)
def test_who_has_something_else_gets_the_rows(world: World, get: Get, lines: list[str]) -> None:
    assert get(headers={"If-None-Match": written(lines, world)})[0] == 200


def written(lines: list[str], world: World) -> list[str]:
    statement_id = world.data_api.only.id
    return [line.format(id=statement_id, tag=f'"{statement_id}"') for line in lines]


@pytest.mark.parametrize("name", ["if-none-match", "IF-NONE-MATCH", "If-None-match"])
def test_the_headers_name_may_be_spelled_in_any_case(world: World, ask: Ask, name: str) -> None:
    assert ask(headers={name: [f'"{world.data_api.only.id}"']})["statusCode"] == 304


def test_a_request_without_headers_gets_the_rows(
    world: World, ask: Ask, recorded: Callable[[str], dict[str, Any]]
) -> None:
    """So does API Gateway's console send its tests."""
    event = recorded("get_result") | {"headers": None, "multiValueHeaders": None}
    event["pathParameters"]["statementId"] = world.data_api.only.id
    assert get_result.handler(event, None)["statusCode"] == 200


@pytest.mark.parametrize("match", ["{tag}", "*"])
def test_who_has_it_and_may_not_see_it_any_more_is_refused(world: World, ask: Ask, match: str) -> None:
    headers = {"If-None-Match": written([match], world)}
    answer = ask(headers=headers, **{"cognito:groups": "operations"})
    assert answer["statusCode"] == 403
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert "ETag" not in answer["headers"]


def test_who_has_it_and_is_of_another_region_now_is_refused(world: World, ask: Ask) -> None:
    bind_claim(world)
    headers = {"If-None-Match": written(["{tag}"], world)}
    assert ask(headers=headers, **{"custom:region": "emea"})["statusCode"] == 304
    assert ask(headers=headers, **{"custom:region": "apac"})["statusCode"] == 403


@pytest.mark.parametrize("match", ["{tag}", "*"])
def test_what_is_kept_no_longer_is_not_found_by_who_has_it(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch, match: str
) -> None:
    headers = {"If-None-Match": written([match], world)}
    tomorrow = clock.seconds() + 25 * 3600 + 1
    monkeypatch.setattr(clock, "now", lambda: tomorrow * 1000)
    assert ask(headers=headers)["statusCode"] == 404


def test_a_later_page_is_always_given_whole(world: World, ask: Ask) -> None:
    """The tag is the first page's."""
    token = json.loads(ask()["body"])["nextToken"]
    answer = ask(token=token, headers={"If-None-Match": written(["{tag}"], world)})
    assert answer["statusCode"] == 200
    assert "ETag" not in answer["headers"]
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert ask(token="page-3", headers={"If-None-Match": ["*"]})["statusCode"] == 400
