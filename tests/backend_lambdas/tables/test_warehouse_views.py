"""What is behind the views of the warehouse, as the Data API tells it."""

from typing import Any

import pytest

from backend_lambdas.aws.warehouse import Target
from backend_lambdas.errors import WarehouseUnavailable
from backend_lambdas.tables.warehouse_views import ViewReader, with_what_is_behind
from tests.backend_lambdas.lambda_fakes import FakeDataApi


@pytest.fixture
def data_api() -> FakeDataApi:
    return FakeDataApi(outcome=lambda _: ("FINISHED", ""))


def reader(data_api: FakeDataApi) -> ViewReader:
    return ViewReader(data_api.client(), Target("dev", "analytics-1", db_user="reader"), "pushboard-views/pushboard")


def page(*rows: tuple[str, str, str], **more: str) -> dict[str, Any]:
    return {"ColumnMetadata": [], "Records": [[{"stringValue": text} for text in row] for row in rows], **more}


def test_each_view_is_told_with_what_its_definition_reads(data_api: FakeDataApi) -> None:
    late = "create view sales.late as select * from sales.by_day d, raw.towns with no schema binding;"
    data_api.pages = {
        None: page(("sales", "by_day", "SELECT t.d, sum(t.f) FROM trips t GROUP BY t.d;"), NextToken="more"),
        "more": page(("sales", "late", late), ("public", "one", "SELECT 1 AS one;")),
    }
    assert reader(data_api).read() == {
        "sales.by_day": ("public.trips",),
        "sales.late": ("raw.towns", "sales.by_day"),
        "public.one": (),
    }
    (asked,) = data_api.requests("ExecuteStatement")
    assert (asked["DbUser"], asked["StatementName"]) == ("reader", "pushboard-views/pushboard")
    assert not asked.get("WithEvent"), "nobody waits for its end"


@pytest.mark.parametrize("status", ["FAILED", "ABORTED", "STARTED"])
def test_an_answer_that_does_not_come_is_said(data_api: FakeDataApi, status: str) -> None:
    data_api.outcome = lambda _: (status, "")
    with pytest.raises(WarehouseUnavailable):
        reader(data_api).read()


@pytest.mark.parametrize("operation", ["ExecuteStatement", "GetStatementResult"])
def test_a_warehouse_that_refuses_is_said(data_api: FakeDataApi, operation: str) -> None:
    data_api.refusals[operation] = ["AccessDeniedException"]
    with pytest.raises(WarehouseUnavailable):
        reader(data_api).read()


def test_what_is_behind_views_is_found_however_deep_and_in_circles() -> None:
    views = {"a.top": ["a.middle", "b.one"], "a.middle": ["b.two", "a.top"], "a.other": ["b.three"]}
    assert with_what_is_behind(["a.top"], views) == ("a.middle", "a.top", "b.one", "b.two")
    assert with_what_is_behind(["b.one", "a.gone"], views) == ("a.gone", "b.one")
