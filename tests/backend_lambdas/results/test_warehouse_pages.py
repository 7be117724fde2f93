"""Rows as they come out of the Data API's answers, which botocore does not parse value by value."""

from typing import Any

import pytest

from backend_lambdas.results import rows
from backend_lambdas.results.warehouse_pages import WarehousePages
from tests.backend_lambdas.lambda_fakes import World

COLUMNS = [
    {"name": "n", "typeName": "int8"},
    {"name": "x", "typeName": "float8"},
    {"name": "b", "typeName": "varbyte"},
    {"name": "t", "typeName": "varchar"},
]
RECORDS = [
    [{"longValue": 2**63 - 1}, {"doubleValue": 1e300}, {"blobValue": "AP8="}, {"stringValue": 'ß"\\\n'}],
    [{"isNull": True}, {"doubleValue": 5}, {"isNull": True}, {"stringValue": ""}],
]
ROWS = [[2**63 - 1, 1e300, "00ff", 'ß"\\\n'], [None, 5.0, None, ""]]


def page(world: World, records: list[list[dict[str, Any]]]) -> Any:
    world.request_run("ann=")
    world.complete()
    world.data_api.pages = {None: {"ColumnMetadata": COLUMNS, "Records": records, "TotalNumRows": len(records)}}
    return WarehousePages(world.data_api.client()).get(world.data_api.only.id, None)


def test_values_are_those_of_the_answer(world: World) -> None:
    found = page(world, RECORDS)
    assert found.records == ROWS
    assert found.row_count == 2
    assert [column["name"] for column in found.columns] == ["n", "x", "b", "t"]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_an_answer_that_only_python_takes_for_json_is_read_by_botocore(world: World, number: float) -> None:
    other = [[{"longValue": 1}, {"doubleValue": number}, *RECORDS[0][2:]]]
    assert page(world, other).records == [[1, rows.value({"doubleValue": number}, "number"), *ROWS[0][2:]]]


def test_no_rows_are_no_rows(world: World) -> None:
    assert page(world, []).records == []


def test_others_with_the_same_client_get_what_botocore_makes_of_an_answer(world: World) -> None:
    page(world, RECORDS)
    answer = world.data_api.client().get_statement_result(Id=world.data_api.only.id)
    assert answer["Records"][0][0] == {"longValue": 2**63 - 1}
    assert answer["Records"][0][2] == {"blobValue": b"\x00\xff"}
