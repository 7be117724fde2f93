"""Whoever may not download a report's rows reads as many of them as the report shows, however he asks."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.handlers.rest import get_result
from backend_lambdas.results import page_tokens
from backend_lambdas.results.pages import Position
from tests.backend_lambdas.lambda_fakes import REPORT, World, report

Get = Callable[..., tuple[int, dict[str, Any]]]

LIMIT, PAGE, ROWS = 5, 3, 9
NO_DOWNLOAD = {"cognito:groups": "finance"}
MAY_DOWNLOAD = {"cognito:groups": "finance,board"}
COLUMNS = [{"name": "n", "label": "n", "typeName": "int4"}]


def page_of(start: int) -> dict[str, Any]:
    records = [[{"longValue": number}] for number in range(start, min(start + PAGE, ROWS))]
    more = {"NextToken": f"from-{start + PAGE}"} if start + PAGE < ROWS else {}
    return {"ColumnMetadata": COLUMNS, "Records": records, "TotalNumRows": ROWS} | more


@pytest.fixture
def world(world: World, wire: Callable[..., None]) -> World:
    """A world with one finished statement of nine rows, of which its report shows five."""
    wire()
    world.report = report(REPORT.replace("cache:", f"limit: {LIMIT}\ndownload: [board]\ncache:"))
    world.request_run("ann=")
    world.complete()
    world.data_api.pages = {f"from-{start}" if start else None: page_of(start) for start in range(0, ROWS, PAGE)}
    return world


@pytest.fixture
def get(world: World, recorded: Callable[[str], dict[str, Any]]) -> Get:
    def request(
        token: str | None = None, known: str = "", statement_id: str = "", **claims: str
    ) -> tuple[int, dict[str, Any]]:
        event = recorded("get_result")
        event["pathParameters"]["statementId"] = statement_id or world.data_api.only.id
        event["requestContext"]["authorizer"]["claims"] |= claims
        event["queryStringParameters"] = {"nextToken": token} if token is not None else None
        event["multiValueHeaders"]["If-None-Match"] = [known] if known else []
        answer = get_result.handler(event, None)
        return answer["statusCode"], json.loads(answer["body"] or "{}") | {"tag": answer["headers"].get("ETag")}

    return request


def read(get: Get, **claims: str) -> tuple[int, list[int]]:
    """The status that reading page by page ends with, and the rows that it gave."""
    token, found = None, list[int]()
    while True:
        status, body = get(token, **claims)
        found += [row[0] for row in body.get("records", ())]
        token = body.get("nextToken")
        if token is None:
            return status, found


def test_without_the_right_only_what_the_report_shows_is_read(get: Get, world: World) -> None:
    assert read(get, **NO_DOWNLOAD) == (200, [0, 1, 2, 3, 4])
    assert world.records() == []


def test_with_the_right_all_is_read_and_what_is_more_than_shown_is_on_record(get: Get, world: World) -> None:
    assert read(get, **MAY_DOWNLOAD) == (200, list(range(ROWS)))
    assert [(one["kind"], one["state"], one["rows"]) for one in world.records()] == [("read", "completed", 3)] * 2
    assert {one["of"] for one in world.records()} == {world.data_api.only.id}


def test_a_page_beyond_is_refused_and_that_is_on_record(get: Get, world: World) -> None:
    """Somebody who may download has named the token; or two pages end at the limit."""
    second = get(**MAY_DOWNLOAD)[1]["nextToken"]
    beyond = get(second, **MAY_DOWNLOAD)[1]["nextToken"]
    status, body = get(beyond, **NO_DOWNLOAD)
    assert (status, body["error"]["code"]) == (403, "forbidden")
    assert (world.records()[-1]["kind"], world.records()[-1]["state"]) == ("read", "refused")


@pytest.mark.parametrize("kept", [False, True])
def test_a_token_that_no_page_gave_is_no_way_in(get: Get, world: World, kept: bool) -> None:
    """Neither the Data API's own, nor one that says that fewer rows came before it, or another page's number."""
    if kept:
        read(get, **MAY_DOWNLOAD)
    beyond = Position(2, 0, 0, "from-6")
    tokens = ["from-6", page_tokens.written(beyond, "another key"), page_tokens.written(beyond, "")]
    signed = base64.urlsafe_b64decode(get(**NO_DOWNLOAD)[1]["nextToken"])
    for old, new in ((b'"page":1', b'"page":2'), (b'"rows_before":3', b'"rows_before":0')):
        assert old in signed
        tokens.append(base64.urlsafe_b64encode(signed.replace(old, new)).decode())
    for token in tokens:
        status, body = get(token, **NO_DOWNLOAD)
        assert (status, body["error"]["code"]) == (400, "bad_parameter")


def test_a_token_of_another_statement_is_no_way_in(get: Get, world: World) -> None:
    token = get(**NO_DOWNLOAD)[1]["nextToken"]
    world.request_run("bob=", refresh=True)
    _, second = world.data_api.statements.values()
    world.complete(second)
    status, body = get(token, statement_id=second.id, **NO_DOWNLOAD)
    assert (status, body["error"]["code"]) == (400, "bad_parameter")


def test_of_kept_rows_those_without_the_right_read_no_more(get: Get, world: World) -> None:
    read(get, **MAY_DOWNLOAD)
    world.data_api.calls.clear()
    assert read(get, **NO_DOWNLOAD) == (200, [0, 1, 2, 3, 4])
    assert get(**{"cognito:groups": "operations"})[0] == 403
    assert world.data_api.calls == []


def test_who_has_it_all_and_lost_the_right_is_not_told_that_it_has_not_changed(get: Get) -> None:
    whole, less = get(**MAY_DOWNLOAD)[1]["tag"], get(**NO_DOWNLOAD)[1]["tag"]
    assert get(known=whole, **MAY_DOWNLOAD)[0] == get(known=less, **NO_DOWNLOAD)[0] == 304
    assert get(known=whole, **NO_DOWNLOAD)[0] == 200


def test_a_result_within_the_limit_makes_no_record_of_its_pages(get: Get, world: World) -> None:
    record = world.runs.statement(world.data_api.only.id)
    world.db.put_item(TableName=world.table, Item=record | {"rows": LIMIT})
    before = world.items()
    get(**NO_DOWNLOAD)
    assert world.items() == before
    assert world.records() == []
