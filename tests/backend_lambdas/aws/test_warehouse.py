"""The Data API as this package uses it."""

import boto3
import pytest
from botocore.config import Config

from backend_lambdas.aws.warehouse import Target, Warehouse, attempt_of
from backend_lambdas.errors import StatementInvalid, TooBusy, WarehouseRefused, WarehouseUnavailable
from backend_lambdas.runs.outcomes import StatementEnded
from tests.backend_lambdas.lambda_fakes import FakeClock, FakeDataApi

ATTEMPT = "0" * 40 + "/" + "1" * 12
ENDED = {"FINISHED", "FAILED", "ABORTED"}


@pytest.fixture
def data_api() -> FakeDataApi:
    return FakeDataApi()


@pytest.fixture
def warehouse(data_api: FakeDataApi) -> Warehouse:
    return Warehouse(data_api.client(), "pushboard", Target("dev", "analytics-1", db_user="reader"))


@pytest.mark.parametrize(
    ("target", "members"),
    [
        (
            Target("dev", "analytics-1", db_user="reader"),
            {"Database": "dev", "ClusterIdentifier": "analytics-1", "DbUser": "reader"},
        ),
        (Target("dev", workgroup_name="trips"), {"Database": "dev", "WorkgroupName": "trips"}),
        (
            Target("dev", workgroup_name="trips", secret_arn="arn:secret"),
            {"Database": "dev", "WorkgroupName": "trips", "SecretArn": "arn:secret"},
        ),
    ],
)
def test_a_target_says_what_it_has_and_no_more(target: Target, members: dict[str, str]) -> None:
    """A workgroup takes no DbUser, and neither kind an empty member."""
    assert target.members() == members


def test_a_statement_carries_its_attempt_and_asks_for_an_event(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    statement_id = warehouse.submit(ATTEMPT, ["SELECT :month"], {"month": "2015-12"}).statement_id
    request = data_api.only.request
    assert statement_id == data_api.only.id
    assert request == {
        "ClusterIdentifier": "analytics-1",
        "Database": "dev",
        "DbUser": "reader",
        "Sql": "SELECT :month",
        "Parameters": [{"name": "month", "value": "2015-12"}],
        "StatementName": f"pushboard/pushboard/{ATTEMPT}",
        "ClientToken": request["ClientToken"],
        "WithEvent": True,
    }
    assert attempt_of(request["StatementName"]) == ATTEMPT
    assert 1 <= len(request["ClientToken"]) <= 64


def test_several_texts_are_one_batch_with_one_name_and_one_event(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    sqls = ["CREATE TEMP TABLE t AS SELECT :month", "SELECT 1"]
    assert warehouse.submit(ATTEMPT, sqls, {"month": "2015-12"}).statement_id == data_api.only.id
    request = data_api.only.request
    assert request == {
        "ClusterIdentifier": "analytics-1",
        "Database": "dev",
        "DbUser": "reader",
        "Sqls": sqls,
        "Parameters": [{"name": "month", "value": "2015-12"}],
        "StatementName": f"pushboard/pushboard/{ATTEMPT}",
        "ClientToken": request["ClientToken"],
        "WithEvent": True,
    }
    assert data_api.requests("ExecuteStatement") == []


def test_the_same_batch_starts_one_statement(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    first, second = (warehouse.submit(ATTEMPT, ["SELECT 1", "SELECT 2"], {}) for _ in range(2))
    assert first == second
    assert first.statement_id == data_api.only.id


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ActiveSessionsExceededException", TooBusy),
        ("BatchExecuteStatementException", WarehouseUnavailable),
        ("ValidationException", StatementInvalid),
    ],
)
def test_a_batch_that_is_not_taken_is_told_as_a_statement_is(
    warehouse: Warehouse, data_api: FakeDataApi, code: str, error: type[Exception]
) -> None:
    data_api.refusals["BatchExecuteStatement"] = [code]
    with pytest.raises(error):
        warehouse.submit(ATTEMPT, ["SELECT 1", "SELECT 2"], {})


def test_the_number_in_a_part_of_a_batch_is_read(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    statement_id = warehouse.submit(ATTEMPT, ["SELECT 1", "SELECT 2", "SELECT pg_last_unload_count()"], {}).statement_id
    data_api.only.status, data_api.unloaded = "FINISHED", 2**40
    assert warehouse.number_in(f"{statement_id}:3") == 2**40


def test_without_values_no_parameters_are_sent(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    """The Data API refuses an empty list."""
    warehouse.submit(ATTEMPT, ["SELECT 1"], {})
    assert "Parameters" not in data_api.only.request


def test_a_value_full_of_sql_is_bound_not_pasted(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    evil = "'; DROP TABLE nyc_yellow_taxi; --"
    warehouse.submit(ATTEMPT, ["SELECT :name"], {"name": evil})
    assert data_api.only.request["Sql"] == "SELECT :name"
    assert data_api.only.request["Parameters"] == [{"name": "name", "value": evil}]


def test_the_same_attempt_starts_one_statement(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    first, second = (warehouse.submit(ATTEMPT, ["SELECT 1"], {}) for _ in range(2))
    other = warehouse.submit(ATTEMPT + "x", ["SELECT 1"], {})
    assert first == second != other
    assert len(data_api.statements) == 2


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ActiveStatementsExceededException", "ActiveSessionsExceededException"]
)
def test_a_full_warehouse_is_too_busy(warehouse: Warehouse, data_api: FakeDataApi, code: str) -> None:
    data_api.refusals["ExecuteStatement"] = [code]
    with pytest.raises(TooBusy):
        warehouse.submit(ATTEMPT, ["SELECT 1"], {})


@pytest.mark.parametrize("code", ["ExecuteStatementException", "InternalServerException"])
def test_a_warehouse_in_trouble_is_unavailable_for_now(warehouse: Warehouse, data_api: FakeDataApi, code: str) -> None:
    data_api.refusals["ExecuteStatement"] = [code]
    with pytest.raises(WarehouseUnavailable) as raised:
        warehouse.submit(ATTEMPT, ["SELECT 1"], {})
    assert not isinstance(raised.value, WarehouseRefused)


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_what_the_warehouse_will_never_take_is_refused(warehouse: Warehouse, data_api: FakeDataApi, code: str) -> None:
    """Wrong settings; to a viewer it is a warehouse that is unavailable."""
    data_api.refusals["ExecuteStatement"] = [code]
    with pytest.raises(WarehouseRefused):
        warehouse.submit(ATTEMPT, ["SELECT 1"], {})
    assert WarehouseRefused.code == "warehouse_unavailable"


def test_a_warehouse_that_does_not_answer_is_unavailable() -> None:
    client = boto3.client(
        "redshift-data",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:1",
        config=Config(connect_timeout=1, retries={"total_max_attempts": 1}),
    )
    with pytest.raises(WarehouseUnavailable):
        Warehouse(client, "pushboard", Target("dev", "analytics-1", db_user="reader")).submit(ATTEMPT, ["SELECT 1"], {})


def test_without_a_target_nothing_can_be_submitted(data_api: FakeDataApi) -> None:
    with pytest.raises(ValueError, match="no target"):
        Warehouse(data_api.client(), "pushboard").submit(ATTEMPT, ["SELECT 1"], {})


def test_a_running_statement_is_cancelled(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    warehouse.cancel(warehouse.submit(ATTEMPT, ["SELECT 1"], {}).statement_id)
    assert data_api.only.status == "ABORTED"


def test_a_statement_that_has_ended_is_left_as_it_is(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    statement_id = warehouse.submit(ATTEMPT, ["SELECT 1"], {}).statement_id
    data_api.only.status = "FINISHED"
    warehouse.cancel(statement_id)
    assert data_api.only.status == "FINISHED"


def test_a_cancel_that_the_warehouse_refuses_is_no_error(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    """And it is not tried again: the same would be refused again."""
    statement_id = warehouse.submit(ATTEMPT, ["SELECT 1"], {}).statement_id
    data_api.refusals["CancelStatement"] = ["InternalServerException"]
    warehouse.cancel(statement_id)
    assert data_api.only.status == "STARTED"


def test_a_cancel_for_which_the_warehouse_is_too_busy_is_tried_again(
    warehouse: Warehouse, data_api: FakeDataApi, fake_clock: FakeClock
) -> None:
    """Three a second are allowed, to everybody together."""
    statement_id = warehouse.submit(ATTEMPT, ["SELECT 1"], {}).statement_id
    data_api.refusals["CancelStatement"] = ["ThrottlingException"] * 3
    warehouse.cancel(statement_id)
    assert data_api.only.status == "ABORTED"
    assert len(fake_clock.waits) == 3


def test_a_cancel_is_given_up_after_a_few_seconds(
    warehouse: Warehouse, data_api: FakeDataApi, fake_clock: FakeClock
) -> None:
    """Somebody waits for the function; the statement, which runs for nobody, is found later."""
    statement_id = warehouse.submit(ATTEMPT, ["SELECT 1"], {}).statement_id
    data_api.refusals["CancelStatement"] = ["ThrottlingException"] * 1000
    warehouse.cancel(statement_id)
    assert data_api.only.status == "STARTED"
    assert 1 < sum(fake_clock.waits) <= 6


def test_why_a_statement_failed_is_told(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    statement_id = warehouse.submit(ATTEMPT, ["SELECT 1"], {}).statement_id
    data_api.only.error = 'relation "trips" does not exist'
    assert warehouse.error_of(statement_id) == 'relation "trips" does not exist'


def test_that_the_reason_is_not_known_is_no_error(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    """Those who wait are told that it failed, whether or not the log says why."""
    data_api.refusals["DescribeStatement"] = ["ThrottlingException"]
    assert "not known" in warehouse.error_of("7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80")


@pytest.mark.parametrize("status", ["SUBMITTED", "PICKED", "STARTED"])
def test_a_statement_under_way_has_no_end(warehouse: Warehouse, data_api: FakeDataApi, status: str) -> None:
    statement_id = warehouse.submit(ATTEMPT, ["SELECT 1"], {}).statement_id
    data_api.only.status = status
    assert warehouse.end_of(ATTEMPT, statement_id) is None


@pytest.mark.parametrize("state", ["FINISHED", "FAILED", "ABORTED"])
def test_the_end_of_a_statement_is_what_its_event_would_have_told(
    warehouse: Warehouse, data_api: FakeDataApi, state: str
) -> None:
    statement_id = warehouse.submit(ATTEMPT, ["SELECT 1"], {}).statement_id
    data_api.only.status = state
    data_api.only.error = "why" if state == "FAILED" else ""
    assert warehouse.end_of(ATTEMPT, statement_id) == StatementEnded(
        ATTEMPT, statement_id, state, 31, 2_000_000_000_000, error=data_api.only.error
    )


def test_a_statement_that_is_kept_no_longer_has_failed(warehouse: Warehouse) -> None:
    """A day after it ended there are no rows to tell anybody of."""
    gone = "7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80"
    assert warehouse.end_of(ATTEMPT, gone) == StatementEnded(ATTEMPT, gone, "FAILED", 0, 0)


@pytest.mark.parametrize(
    ("code", "error"),
    [("ThrottlingException", TooBusy), ("InternalServerException", WarehouseUnavailable)],
)
def test_an_end_that_cannot_be_asked_for_is_no_end(
    warehouse: Warehouse, data_api: FakeDataApi, code: str, error: type[Exception]
) -> None:
    statement_id = warehouse.submit(ATTEMPT, ["SELECT 1"], {}).statement_id
    data_api.refusals["DescribeStatement"] = [code]
    with pytest.raises(error):
        warehouse.end_of(ATTEMPT, statement_id)


@pytest.mark.parametrize("listed_at_once", [1, 2, 100])
def test_what_is_under_way_is_listed_to_the_last_page(
    warehouse: Warehouse, data_api: FakeDataApi, listed_at_once: int
) -> None:
    """In each state before the end, and nothing that has ended."""
    data_api.listed_at_once = listed_at_once
    for number, status in enumerate(["SUBMITTED", "PICKED", "STARTED", "STARTED", "STARTED", "FINISHED", "ABORTED"]):
        statement_id = warehouse.submit(f"key/{number}", ["SELECT 1"], {}).statement_id
        data_api.statements[statement_id].status = status
    found = dict(warehouse.under_way())
    assert sorted(found) == [f"key/{number}" for number in range(5)]
    assert set(found.values()) == {one.id for one in data_api.statements.values() if one.status not in ENDED}


def test_only_statements_of_ours_are_asked_for(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    """Others may use the same role."""
    list(warehouse.under_way())
    names = {request["StatementName"] for request in data_api.requests("ListStatements")}
    assert names == {"pushboard/pushboard/"}


def test_a_list_that_cannot_be_had_is_an_error(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    data_api.refusals["ListStatements"] = ["ThrottlingException"]
    with pytest.raises(TooBusy):
        list(warehouse.under_way())


# ------------------------------------------------------------------------------------------------------- a quick end


@pytest.mark.parametrize(("status", "has_ended"), [("FINISHED", True), ("FAILED", True), ("STARTED", False)])
def test_who_waits_learns_whether_a_statement_has_ended(
    warehouse: Warehouse, data_api: FakeDataApi, status: str, has_ended: bool
) -> None:
    data_api.during["ExecuteStatement"] = lambda statement: setattr(statement, "status", status)
    taken = warehouse.submit(ATTEMPT, ["SELECT 1"], {}, wait_seconds=2)
    assert (taken.statement_id, taken.has_ended) == (data_api.only.id, has_ended)
    assert data_api.only.request["WaitTimeSeconds"] == 2


def test_who_does_not_wait_asks_for_no_end(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    data_api.during["ExecuteStatement"] = lambda statement: setattr(statement, "status", "FINISHED")
    assert not warehouse.submit(ATTEMPT, ["SELECT 1"], {}).has_ended
    assert "WaitTimeSeconds" not in data_api.only.request
