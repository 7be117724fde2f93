"""Pages that were read once: whoever reads them later needs no warehouse, and is judged all the same."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from backend_lambdas.aws import clients
from backend_lambdas.handlers.rest import get_result
from tests.backend_lambdas.lambda_fakes import REPORT, FakeClock, World, report

Get = Callable[..., tuple[int, dict[str, Any]]]

COLUMNS = [{"name": "fare", "label": "fare", "typeName": "numeric", "precision": 12, "scale": 2}]
PAGES: dict[str | None, dict[str, Any]] = {
    None: {
        "ColumnMetadata": COLUMNS,
        "Records": [[{"stringValue": "1.50"}], [{"isNull": True}]],
        "TotalNumRows": 3,
        "NextToken": "more",
    },
    "more": {"ColumnMetadata": COLUMNS, "Records": [[{"stringValue": "2.50"}]], "TotalNumRows": 3},
}
OTHER_READER = {"sub": "sub-2", "cognito:groups": "admins"}


@pytest.fixture
def world(world: World, wire: Callable[..., None]) -> World:
    """A world with one finished statement of two pages."""
    wire()
    finish(world)
    return world


def finish(world: World, keep: str = "1d") -> None:
    world.report = report(REPORT.replace("cache:", f"keep: {keep}\ncache:"))
    world.request_run("ann=")
    world.complete()
    world.data_api.pages = dict(PAGES)
    world.data_api.calls.clear()


@pytest.fixture
def get(world: World, recorded: Callable[[str], dict[str, Any]]) -> Get:
    def request(token: str | None = None, **claims: str) -> tuple[int, dict[str, Any]]:
        event = recorded("get_result")
        event["pathParameters"]["statementId"] = world.data_api.only.id
        event["requestContext"]["authorizer"]["claims"] |= claims
        event["queryStringParameters"] = {"nextToken": token} if token else None
        answer = get_result.handler(event, None)
        return answer["statusCode"], json.loads(answer["body"])

    return request


def read(get: Get, **claims: str) -> list[dict[str, Any]]:
    """Every page, from the first on."""
    pages = [get(**claims)[1]]
    while pages[-1]["nextToken"]:
        pages.append(get(pages[-1]["nextToken"], **claims)[1])
    return pages


def forget(world: World) -> None:
    """The Data API's day is over."""
    world.data_api.statements[world.data_api.only.id].status = "ABORTED"


def place(world: World, number: int = 0, keep: str = "1d") -> dict[str, str]:
    bucket, prefix = clients.s3_location(world.results_s3_path)
    return {"Bucket": bucket, "Key": f"{prefix}{keep}/{world.data_api.only.id}/{number}.json.gz"}


def told(caplog: pytest.LogCaptureFixture, metric: str) -> int:
    return sum(getattr(record, metric, 0) for record in caplog.records)


def test_the_first_reader_keeps_what_the_later_ones_get(world: World, get: Get) -> None:
    first = read(get)
    assert len(world.data_api.requests("GetStatementResult")) == 2
    world.data_api.calls.clear()
    assert read(get, **OTHER_READER) == first
    assert world.data_api.calls == []
    assert [row for page in first for row in page["records"]] == [["1.50"], [None], ["2.50"]]


@pytest.mark.parametrize("keep", ["1d", "7d", "30d", "90d"])
def test_a_page_lies_compressed_under_its_reports_time_and_its_statement(
    world: World, get: Get, s3: Any, keep: str
) -> None:
    world.reset()
    finish(world, keep)
    page = get()[1]
    kept = json.loads(gzip.decompress(s3.get_object(**place(world, 0, keep))["Body"].read()))
    assert (kept["columns"], kept["records"]) == (page["columns"], page["records"])


def test_kept_rows_are_read_after_the_warehouse_has_forgotten_them(world: World, get: Get) -> None:
    """So are those of a token that the Data API would not know any more."""
    first = read(get)
    forget(world)
    assert read(get) == first
    assert get(first[0]["nextToken"])[1] == first[1]


def test_a_function_that_starts_anew_takes_the_tokens_of_another(world: World, get: Get) -> None:
    token = get()[1]["nextToken"]
    get_result.build.cache_clear()
    assert get(token)[0] == 200


def test_kept_rows_are_judged_like_any_others(world: World, get: Get) -> None:
    token = get()[1]["nextToken"]
    for asked in (None, token):
        assert get(asked, **{"cognito:groups": "operations"})[0] == 403
    run = world.run_item()
    world.db.put_item(TableName=world.table, Item=run)
    record = world.runs.statement(world.data_api.only.id)
    world.db.put_item(TableName=world.table, Item=record | {"claims": {"custom:region": "emea"}})
    assert get(**{"custom:region": "apac"})[0] == 403
    assert get(**{"custom:region": "emea"})[0] == 200


def test_kept_rows_are_forgotten_with_their_record(world: World, get: Get, fake_clock: FakeClock) -> None:
    world.reset()
    finish(world, "7d")
    read(get)
    forget(world)
    fake_clock.forward(7 * 24 * 3600)
    assert get()[0] == 200
    fake_clock.forward(3600)
    assert get()[0] == 404


def test_rows_that_nobody_read_in_time_are_gone_and_answer_nobody(world: World, get: Get) -> None:
    """Else whoever runs the report again would be led to them again, as long as its cache says."""
    token = get()[1]["nextToken"]
    forget(world)
    status, body = get(token)
    assert (status, body["error"]["code"]) == (404, "not_found")
    world.request_run("bob=")
    assert len(world.data_api.statements) == 2


def test_a_token_that_the_data_api_has_forgotten_is_not_the_clients_mistake(world: World, get: Get) -> None:
    token = get()[1]["nextToken"]
    del world.data_api.pages["more"]
    assert get(token)[0] == 404


# ---------------------------------------------------------------------------------------------- S3 does not do its part


def denied(**_: Any) -> Any:
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")


def silent(**_: Any) -> Any:
    raise ReadTimeoutError(endpoint_url="https://s3.invalid")


@pytest.mark.parametrize("fails", [denied, silent])
def test_a_page_that_cannot_be_kept_is_read_all_the_same(
    get: Get, world: World, s3: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fails: Any
) -> None:
    monkeypatch.setattr(s3, "put_object", fails)
    assert [len(page["records"]) for page in read(get)] == [2, 1]
    assert told(caplog, "PagesNotKept") == 2
    assert len(read(get)) == 2
    assert len(world.data_api.requests("GetStatementResult")) == 4


@pytest.mark.parametrize("fails", [denied, silent])
def test_without_s3_the_rows_come_from_the_warehouse(
    get: Get, s3: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fails: Any
) -> None:
    first = read(get)
    monkeypatch.setattr(s3, "get_object", fails)
    assert read(get) == first
    assert told(caplog, "KeptPagesUnreadable") == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"{}")[:-3], gzip.compress(b"no json"), gzip.compress(b"[]"), gzip.compress(b"{}")],
    ids=["empty", "no gzip", "cut off", "no json", "a list", "another object"],
)
def test_an_object_that_is_no_page_is_replaced(
    get: Get, world: World, s3: Any, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    first = read(get)
    s3.put_object(**place(world), Body=content)
    world.data_api.calls.clear()
    assert read(get) == first
    assert told(caplog, "KeptPagesUnreadable") == 1
    assert read(get) == first
    assert len(world.data_api.requests("GetStatementResult")) == 1


def test_that_a_page_is_not_there_yet_is_no_fault(get: Get, caplog: pytest.LogCaptureFixture) -> None:
    read(get)
    assert told(caplog, "KeptPagesUnreadable") == told(caplog, "PagesNotKept") == 0
