"""GET /results/{statementId}?download=: rows for a file, a right of its own, on record page by page."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from backend_lambdas.handlers.rest import get_result
from tests.backend_lambdas.lambda_fakes import REPORT, World, report

Get = Callable[..., tuple[int, dict[str, Any]]]

COLUMNS = [{"name": "trip_date", "label": "trip_date", "typeName": "date"}]
DAYS = [[{"stringValue": f"2015-12-{day:02}"}] for day in range(1, 6)]
PAGES: dict[str | None, dict[str, Any]] = {
    None: {"ColumnMetadata": COLUMNS, "Records": DAYS[:2], "TotalNumRows": 5, "NextToken": "page-2"},
    "page-2": {"ColumnMetadata": COLUMNS, "Records": DAYS[2:4], "TotalNumRows": 5, "NextToken": "page-3"},
    "page-3": {"ColumnMetadata": COLUMNS, "Records": DAYS[4:], "TotalNumRows": 5},
}
OTHERS_RECORD = "2030-03-17T17:46:40.000Z#0123456789ab"


@pytest.fixture
def world(world: World, wire: Callable[..., None]) -> World:
    """A world with one finished statement of `finance`, of three pages."""
    wire()
    finished(world, "ann=")
    return world


def finished(world: World, connection_id: str, download: str = "") -> str:
    """A statement that has finished, of a report whose header has this line."""
    world.report = report(REPORT.replace("cache:", f"{download}\ncache:") if download else REPORT)
    world.request_run(connection_id)
    statement = list(world.data_api.statements.values())[-1]
    world.complete(statement)
    world.data_api.pages = dict(PAGES)
    world.data_api.calls.clear()
    return statement.id


@pytest.fixture
def get(world: World, recorded: Callable[[str], dict[str, Any]]) -> Get:
    """Status and body of an answer; `query` is the request's."""

    def request(
        query: dict[str, str], groups: str = "finance", sub: str = "sub-1", statement_id: str = "", **headers: str
    ) -> tuple[int, dict[str, Any]]:
        event = recorded("get_result")
        event["pathParameters"]["statementId"] = statement_id or world.data_api.only.id
        event["requestContext"]["authorizer"]["claims"] |= {"sub": sub, "cognito:groups": groups}
        event["queryStringParameters"] = query or None
        for name, value in headers.items():
            event["multiValueHeaders"][name.replace("_", "-")] = [value]
        answer = get_result.handler(event, None)
        if query:
            assert "ETag" not in answer["headers"]
            assert answer["headers"]["Cache-Control"] == "no-store"
        return answer["statusCode"], json.loads(answer["body"])

    return request


def downloaded(get: Get, file_format: str = "csv", **user: str) -> list[dict[str, Any]]:
    """Every page, as a client goes from each to the next."""
    query = {"download": file_format}
    pages = [get(query, **user)[1]]
    while pages[-1]["nextToken"]:
        pages.append(get(query | {"nextToken": pages[-1]["nextToken"], "record": pages[-1]["record"]}, **user)[1])
    return pages


def refused(world: World, answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    """Status and code of a refusal, which leaves nothing on record."""
    assert world.records() == []
    assert set(answer[1]) == {"error"}
    return answer[0], answer[1]["error"]["code"]


def test_a_page_for_a_file_says_what_the_file_says_of_itself(world: World, get: Get) -> None:
    status, page = get({"download": "csv"})
    assert status == 200
    assert (page["title"], page["department"], page["parameters"]) == (
        "Revenue by day",
        "finance",
        {"month": "2015-12"},
    )
    assert (page["records"], page["rowCount"]) == ([["2015-12-01"], ["2015-12-02"]], 5)


def test_all_pages_together_are_all_rows_and_one_record(world: World, get: Get) -> None:
    pages = downloaded(get)
    assert [row for page in pages for row in page["records"]] == [[f"2015-12-0{day}"] for day in range(1, 6)]
    assert len({page["record"] for page in pages}) == 1
    (record,) = world.records()
    assert (record["state"], record["rows"]) == ("completed", 5)
    assert record["bytes"] == sum(len(msgspec.json.encode(page["records"])) for page in pages)


def test_until_its_last_page_a_download_has_only_started(world: World, get: Get) -> None:
    """So does a broken one stay on record: with what was handed out."""
    page = get({"download": "csv"})[1]
    get({"download": "csv", "nextToken": page["nextToken"], "record": page["record"]})
    (record,) = world.records()
    assert (record["state"], record["rows"]) == ("started", 4)


def test_the_record_tells_who_took_what_as_what(world: World, get: Get) -> None:
    get({"download": "xlsx"})
    (record,) = world.records()
    assert (record["kind"], record["of"], record["format"]) == ("download", world.data_api.only.id, "xlsx")
    assert (record["sub"], record["email"]) == ("sub-1", "ana@example.com")
    assert (record["report"], record["title"], record["department"], record["parameters"]) == (
        "revenue_by_day",
        "Revenue by day",
        "finance",
        {"month": "2015-12"},
    )


def test_each_download_is_a_record_of_its_own(world: World, get: Get) -> None:
    for _ in range(2):
        downloaded(get)
    assert [(record["rows"], record["state"]) for record in world.records()] == [(5, "completed")] * 2


def test_to_look_at_rows_is_not_on_record(world: World, get: Get) -> None:
    assert get({"nextToken": get({})[1]["nextToken"]})[0] == 200
    assert world.records() == []


@pytest.mark.parametrize("file_format", sorted(get_result.FORMATS))
def test_each_format_of_the_dashboard_can_be_named(get: Get, file_format: str) -> None:
    assert get({"download": file_format})[0] == 200


@pytest.mark.parametrize("file_format", ["", "CSV", "pdf", "csv ", "exe", "csv,json"])
def test_a_format_that_is_not_known_is_a_bad_parameter(world: World, get: Get, file_format: str) -> None:
    answer = get({"download": file_format})
    assert refused(world, answer) == (400, "bad_parameter")
    assert "csv, json, parquet, workbook, xlsx" in answer[1]["error"]["message"]
    assert world.data_api.calls == []


# ------------------------------------------------------------------------------------------------------------ the right


@pytest.mark.parametrize("download", ["download: false", "download: []", "download: [board]"])
def test_who_may_see_rows_but_not_take_them_is_refused(world: World, get: Get, download: str) -> None:
    statement_id = finished(world, "bob=", download)
    answer = get({"download": "csv"}, statement_id=statement_id)
    assert refused(world, answer) == (403, "forbidden")
    assert "not download" in answer[1]["error"]["message"]
    assert world.data_api.calls == [], "the warehouse is not even asked"
    assert get({}, statement_id=statement_id)[0] == 200


def test_who_is_of_the_downloaders_takes_them(world: World, get: Get) -> None:
    statement_id = finished(world, "bob=", "download: [board]")
    assert get({"download": "csv"}, groups="finance,board", statement_id=statement_id)[0] == 200
    assert get({"download": "csv"}, groups="admins", statement_id=statement_id)[0] == 200


def test_what_nobody_may_take_not_even_an_admin_takes(world: World, get: Get) -> None:
    statement_id = finished(world, "bob=", "download: false")
    assert refused(world, get({"download": "csv"}, groups="admins", statement_id=statement_id)) == (403, "forbidden")


def test_to_be_of_the_downloaders_is_not_enough_to_see_the_rows(world: World, get: Get) -> None:
    statement_id = finished(world, "bob=", "download: [board]")
    assert refused(world, get({"download": "csv"}, groups="board", statement_id=statement_id)) == (403, "forbidden")


def test_a_right_that_ends_between_two_pages_has_ended(world: World, get: Get) -> None:
    page = get({"download": "csv"})[1]
    query = {"download": "csv", "nextToken": page["nextToken"], "record": page["record"]}
    assert get(query, groups="operations")[0] == 403
    (record,) = world.records()
    assert record["rows"] == 2


# ----------------------------------------------------------------------------------------------------------- the record


def test_another_users_record_is_refused_and_stays_as_it_is(world: World, get: Get) -> None:
    page = get({"download": "csv"})[1]
    answer = get({"download": "csv", "nextToken": page["nextToken"], "record": page["record"]}, sub="sub-2")
    assert (answer[0], answer[1]["error"]["code"]) == (403, "forbidden")
    assert sorted((record["sub"], record["state"], record["rows"]) for record in world.records()) == [
        ("sub-1", "started", 2),
        ("sub-2", "refused", 0),
    ]


def test_ones_own_record_of_another_statement_is_refused(world: World, get: Get) -> None:
    """Else rows of one report would go on record as those of another."""
    page = get({"download": "csv"})[1]
    other = finished(world, "bob=", "download: [finance]")
    token = get({}, statement_id=other)[1]["nextToken"]
    answer = get({"download": "csv", "nextToken": token, "record": page["record"]}, statement_id=other)
    assert (answer[0], answer[1]["error"]["code"]) == (403, "forbidden")
    assert "records" not in answer[1]
    assert sorted((record["of"] == other, record["state"], record["rows"]) for record in world.records()) == [
        (False, "started", 2),
        (True, "refused", 0),
    ]


def test_a_page_that_is_asked_for_again_counts_once(world: World, get: Get) -> None:
    """A connection that breaks off is tried again, and a download may go on where it was left."""
    first = get({"download": "csv"})[1]
    query = {"download": "csv", "record": first["record"]}
    second = first["nextToken"]
    third = get(query | {"nextToken": second})[1]["nextToken"]
    for token in (second, third, second, third):
        assert get(query | {"nextToken": token})[0] == 200
    (record,) = world.records()
    assert (record["state"], record["rows"]) == ("completed", 5)


@pytest.mark.parametrize("record", [OTHERS_RECORD, "", "x", "2030-03-17", "x" * 2000, "2030-03-17#\x00", "é" * 10])
def test_a_record_that_no_first_page_gave_is_a_bad_parameter(world: World, get: Get, record: str) -> None:
    """Whatever it is: no text of a client's makes a key that DynamoDB would not take."""
    token = get({})[1]["nextToken"]
    assert refused(world, get({"download": "csv", "nextToken": token, "record": record})) == (400, "bad_parameter")


@pytest.mark.parametrize("query", [{"nextToken": "page-2"}, {"record": OTHERS_RECORD}])
def test_a_page_but_the_first_needs_its_record_and_the_first_has_none(
    world: World, get: Get, query: dict[str, str]
) -> None:
    """Else rows could be taken in pages that no record is of."""
    assert refused(world, get({"download": "csv"} | query)) == (400, "bad_parameter")
    assert world.data_api.calls == []


def test_a_page_that_cannot_be_had_begins_no_record(world: World, get: Get) -> None:
    world.data_api.refusals["GetStatementResult"] = ["ResourceNotFoundException"]
    assert refused(world, get({"download": "csv"})) == (404, "not_found")


@pytest.mark.parametrize("match", ["*", "{tag}"])
def test_who_has_the_rows_already_is_given_them_again_for_a_file(world: World, get: Get, match: str) -> None:
    """To be told that nothing has changed makes no file, and nothing would go on record."""
    tag = f'"{world.data_api.only.id}"'
    status, page = get({"download": "csv"}, If_None_Match=match.format(tag=tag))
    assert (status, len(page["records"])) == (200, 2)
    assert len(world.records()) == 1
