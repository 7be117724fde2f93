"""Runs in the query group of their department: a batch whose last part has the rows."""

from typing import Any

import pytest

from backend_lambdas.results.pages import Position
from backend_lambdas.runs.run_service import LATE_SECONDS
from tests.backend_lambdas.lambda_fakes import FakeClock, Statement, World

GROUP = "/* pushboard finance/revenue_by_day */ SET LOCAL query_group TO 'finance'"


@pytest.fixture
def grouped(world: World) -> World:
    world.query_groups = True
    world.service = world.service_over(lambda client: client)
    return world


def record_of(world: World) -> dict[str, Any]:
    record = world.runs.statement(world.data_api.only.id)
    assert record is not None
    return record


def test_a_run_is_submitted_behind_its_group(grouped: World) -> None:
    grouped.request_run("ann=")
    [request] = grouped.data_api.requests("BatchExecuteStatement")
    first, second = request["Sqls"]
    assert first == GROUP
    assert second == f"/* pushboard finance/revenue_by_day */ {grouped.report.sql}"
    assert request["Parameters"] == [{"name": "month", "value": "2015-12"}]
    assert "ExecutionMode" not in request, "one transaction: it ends with the group"


def test_its_rows_are_counted_and_read_by_the_part_that_has_them(grouped: World) -> None:
    """What the event of a batch says of rows is not documented."""
    grouped.request_run("ann=")
    grouped.complete()
    finished = grouped.gateway.notified("ann=")[-1]
    statement_id = grouped.data_api.only.id
    assert (finished["statementId"], finished["rows"]) == (statement_id, 31)
    grouped.data_api.pages = {None: {"ColumnMetadata": [], "Records": [], "TotalNumRows": 0}}
    reader = grouped.page_reader_over(lambda client: client)
    reader.read(statement_id, record_of(grouped), Position(0, None))
    [read] = grouped.data_api.requests("GetStatementResult")
    assert read == {"Id": f"{statement_id}:2"}


def test_one_that_ends_at_once_is_told_at_once(grouped: World) -> None:
    def ends(statement: Statement) -> None:
        statement.status = "FINISHED"

    grouped.data_api.during["BatchExecuteStatement"] = ends
    grouped.service = grouped.service_over(lambda client: client, quick_seconds=1)
    grouped.request_run("ann=")
    accepted, finished = grouped.gateway.notified("ann=")
    assert (accepted["type"], finished["type"], finished["rows"]) == ("accepted", "finished", 31)
    assert record_of(grouped)["part"] == f"{grouped.data_api.only.id}:2"


def test_one_whose_event_was_lost_is_settled_by_the_reconciler(grouped: World, fake_clock: FakeClock) -> None:
    grouped.request_run("ann=")
    grouped.data_api.only.status = "FINISHED"
    fake_clock.forward(LATE_SECONDS)
    grouped.reconcile()
    assert grouped.gateway.notified("ann=")[-1]["rows"] == 31


def test_an_export_is_of_the_group_as_well(grouped: World) -> None:
    grouped.export("ann=")
    sqls = grouped.data_api.only.request["Sqls"]
    assert (sqls[0], len(sqls)) == (GROUP, 5)
    grouped.unload(grouped.data_api.only, 5_000)
    grouped.complete()
    assert grouped.gateway.notified("ann=")[-1]["rows"] == 2_000_000


def test_without_groups_a_run_is_one_statement_read_by_its_own_id(world: World) -> None:
    world.request_run("ann=")
    world.complete()
    assert not world.data_api.requests("BatchExecuteStatement")
    assert record_of(world)["part"] == ""
