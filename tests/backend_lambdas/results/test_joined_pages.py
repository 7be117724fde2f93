"""Downloads join the Data API's pages; who reads them, in whatever order, gets all rows, each once."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.handlers.rest import get_result
from backend_lambdas.results import page_reader
from tests.backend_lambdas.lambda_fakes import REPORT, World, report

Get = Callable[..., tuple[int, dict[str, Any]]]

PAGE, ROWS, LIMIT = 2, 40, 7
COLUMNS = [{"name": "n", "label": "n", "typeName": "int4"}]
DOWNLOAD = {"download": "csv"}


def page_of(start: int) -> dict[str, Any]:
    records = [[{"longValue": number}] for number in range(start, start + PAGE)]
    more = {"NextToken": f"from-{start + PAGE}"} if start + PAGE < ROWS else {}
    return {"ColumnMetadata": COLUMNS, "Records": records, "TotalNumRows": ROWS} | more


@pytest.fixture
def world(world: World, wire: Callable[..., None]) -> World:
    """A world with one finished statement of twenty pages of two rows, of which its report shows seven rows."""
    wire()
    world.report = report(REPORT.replace("cache:", f"limit: {LIMIT}\ncache:"))
    world.request_run("ann=")
    world.complete()
    world.data_api.pages = {f"from-{start}" if start else None: page_of(start) for start in range(0, ROWS, PAGE)}
    world.data_api.calls.clear()
    return world


@pytest.fixture
def get(world: World, recorded: Callable[[str], dict[str, Any]]) -> Get:
    def request(query: dict[str, str], groups: str = "finance") -> tuple[int, dict[str, Any]]:
        event = recorded("get_result")
        event["pathParameters"]["statementId"] = world.data_api.only.id
        event["requestContext"]["authorizer"]["claims"] |= {"cognito:groups": groups}
        event["queryStringParameters"] = query or None
        answer = get_result.handler(event, None)
        return answer["statusCode"], json.loads(answer["body"])

    return request


def next_of(page: dict[str, Any]) -> dict[str, str]:
    """What asks for the page behind it."""
    return DOWNLOAD | {"nextToken": page["nextToken"], "record": page["record"]}


def read(get: Get, query: dict[str, str]) -> list[list[int]]:
    """The rows of each answer, from the first to the last."""
    pages = [get(query)[1]]
    while pages[-1]["nextToken"]:
        pages.append(get(next_of(pages[-1]) if query else {"nextToken": pages[-1]["nextToken"]})[1])
    return [[row[0] for row in page["records"]] for page in pages]


def numbers(answers: list[list[int]]) -> list[int]:
    return [number for answer in answers for number in answer]


def test_answers_of_a_download_hold_ever_more_pages_in_order(world: World, get: Get) -> None:
    """The first one page, as it is what somebody waits for; then as many as were read before."""
    answers = read(get, DOWNLOAD)
    assert [len(answer) // PAGE for answer in answers] == [1, 1, 2, 4, 8, 4]
    assert numbers(answers) == list(range(ROWS))
    assert len(world.data_api.requests("GetStatementResult")) == ROWS // PAGE
    (record,) = world.records()
    assert (record["state"], record["rows"]) == ("completed", ROWS)


def test_joined_pages_are_kept_and_read_without_the_warehouse(world: World, get: Get) -> None:
    first = read(get, DOWNLOAD)
    world.data_api.calls.clear()
    assert read(get, DOWNLOAD) == first
    assert world.data_api.calls == []


@pytest.mark.parametrize(("name", "value", "most"), [("JOINED_PAGES", 3, 3), ("JOINED_BYTES", 1, 1)])
def test_they_are_no_more_than_the_bounds_say(
    get: Get, monkeypatch: pytest.MonkeyPatch, name: str, value: int, most: int
) -> None:
    monkeypatch.setattr(page_reader, name, value)
    answers = read(get, DOWNLOAD)
    assert max(len(answer) for answer in answers) == most * PAGE
    assert numbers(answers) == list(range(ROWS))


def test_without_time_a_page_comes_alone(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_reader, "JOINING_SECONDS", -1)
    assert {len(answer) for answer in read(get, DOWNLOAD)} == {PAGE}


def test_who_looks_at_rows_gets_single_pages(get: Get) -> None:
    answers = read(get, {})
    assert {len(answer) for answer in answers} == {PAGE}
    assert numbers(answers) == list(range(ROWS))


def test_a_look_at_rows_behind_a_download_is_no_record_up_to_the_limit(world: World, get: Get) -> None:
    """What a download joined is cut where the report ends; what is beyond goes on record, as it ever did."""
    read(get, DOWNLOAD)
    token, found = None, list[int]()
    while len(found) < LIMIT:
        page = get({"nextToken": token} if token else {})[1]
        found += [row[0] for row in page["records"]]
        token = page["nextToken"]
    assert found == list(range(LIMIT))
    assert [record["kind"] for record in world.records()] == ["download"]
    rest = get({"nextToken": token})[1]
    assert rest["records"][0] == [LIMIT]
    assert [record["kind"] for record in world.records()] == ["download", "read"]


def test_a_download_behind_a_look_takes_the_kept_pages(world: World, get: Get) -> None:
    read(get, {})
    world.data_api.calls.clear()
    assert numbers(read(get, DOWNLOAD)) == list(range(ROWS))
    assert world.data_api.calls == []


def test_tokens_of_downloads_and_of_looks_are_good_for_each_other(get: Get) -> None:
    first = get(DOWNLOAD)[1]
    second = get(next_of(first))[1]
    third = get({"nextToken": second["nextToken"]})[1]
    assert third["records"] == [[4], [5]]
    assert get(next_of(first | {"nextToken": third["nextToken"]}))[1]["records"][0] == [6]


def test_a_page_that_cannot_be_had_fails_the_answer_that_begins_with_it(world: World, get: Get) -> None:
    """Not the one before it, whose rows are there."""
    pages = [get(DOWNLOAD)[1]]
    pages.append(get(next_of(pages[-1]))[1])
    lost = world.data_api.pages.pop("from-6")
    pages.append(get(next_of(pages[-1]))[1])
    assert pages[-1]["records"] == [[4], [5]]
    assert get(next_of(pages[-1]))[0] == 404
    world.data_api.pages["from-6"] = lost


def test_each_answer_is_judged(world: World, get: Get) -> None:
    page = get(DOWNLOAD)[1]
    assert get(next_of(page), groups="operations")[0] == 403
    world.report = report(REPORT.replace("cache:", "download: false\ncache:"))
    assert get(next_of(page))[0] == 200, "the right is that of the run"
