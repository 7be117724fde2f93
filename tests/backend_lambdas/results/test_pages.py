"""Which part of a page an answer holds, and where the next one begins."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.handlers.rest import get_result
from backend_lambdas.results.pages import ROWS_BYTES, Page, Position, fitting
from tests.backend_lambdas.lambda_fakes import World

LAMBDA_BYTES = 6 * 1024 * 1024
COLUMNS = [{"name": f"column {number}", "typeName": "varchar"} for number in range(3)]
ROW_BYTES = 64 * 1024
WORST = {"x": 130, '"': 70, "\\": 70, "é": 70, "\x01": 30, "\U0001f695": 70}
"""Plain, and all that takes more room as JSON, in the answer's own JSON once more; and how many rows are enough."""


def wide_row(text: str) -> list[dict[str, str]]:
    """As much of a text as the Data API gives in a row."""
    cell = text * (ROW_BYTES // len(COLUMNS) // len(text.encode()))
    return [{"stringValue": cell}] * len(COLUMNS)


def test_rows_that_fit_are_one_answer() -> None:
    assert fitting([]) == 0
    assert fitting([["a"], ["b"]], most=1000) == 2


def test_rows_that_do_not_fit_are_several() -> None:
    rows = [["a" * 8], ["b" * 8], ["c" * 8]]
    assert [fitting(rows, most) for most in (1, 20, 30, 60)] == [1, 1, 1, 3]


def test_many_small_rows_are_counted_with_what_stands_between_them() -> None:
    rows = [[1]] * 1000
    count = fitting(rows, most=2000)
    assert count > 300
    assert len(json.dumps(rows[:count])) <= 2000


def test_positions_lead_through_parts_and_pages_to_the_end() -> None:
    page = Page([], [[1], [2], [3]], 5, "more")
    part = Position().after(2, page)
    assert part == Position(0, 2, 2, None)
    following = part.after(1, page)
    assert following == Position(1, 0, 3, "more")
    assert following.after(2, Page([], [[4], [5]], 5, None)) is None


def test_a_page_without_rows_leads_on() -> None:
    assert Position().after(0, Page([], [], None, "more")) == Position(1, 0, 0, "more")


@pytest.mark.parametrize("text", WORST)
def test_an_answer_is_never_larger_than_lambda_takes(
    world: World, wire: Callable[..., None], recorded: Callable[[str], dict[str, Any]], text: str
) -> None:
    """A page of many wide rows comes in parts, which together are all of its rows, each once."""
    wire()
    world.request_run("ann=")
    world.complete()
    records = [[{"longValue": number}, *wide_row(text)] for number in range(WORST[text])]
    metadata = [{"name": "number", "typeName": "int4"}, *COLUMNS]
    pages = [records[:-10], records[-10:]]
    world.data_api.pages = {
        None: {"ColumnMetadata": metadata, "Records": pages[0], "NextToken": "more"},
        "more": {"ColumnMetadata": metadata, "Records": pages[1]},
    }
    event = recorded("get_result")
    event["pathParameters"]["statementId"] = world.data_api.only.id
    found, token, answers = list[int](), None, 0
    while token or not answers:
        event["queryStringParameters"] = {"nextToken": token} if token else None
        answer = get_result.handler(event, None)
        assert len(json.dumps(answer, ensure_ascii=False).encode()) <= LAMBDA_BYTES
        assert answer["statusCode"] == 200
        body = json.loads(answer["body"])
        found += [row[0] for row in body["records"]]
        token, answers = body["nextToken"], answers + 1
    assert found == list(range(WORST[text]))
    assert answers > 2
    assert ROWS_BYTES < LAMBDA_BYTES
    assert len(world.data_api.requests("GetStatementResult")) == 2, "each part of a page is of the kept one"
