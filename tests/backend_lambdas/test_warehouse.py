"""The Data API as this package uses it."""

import boto3
import pytest
from botocore.config import Config

from backend_lambdas.errors import TooBusy, WarehouseUnavailable
from backend_lambdas.warehouse import STATEMENT_NAME_PREFIX, Target, Warehouse, attempt_of
from tests.backend_lambdas.lambda_fakes import FakeDataApi

ATTEMPT = "0" * 40 + "/" + "1" * 12


@pytest.fixture
def data_api() -> FakeDataApi:
    return FakeDataApi()


@pytest.fixture
def warehouse(data_api: FakeDataApi) -> Warehouse:
    return Warehouse(data_api.client(), Target("analytics-1", "dev", "reader"))


def test_a_statement_carries_its_attempt_and_asks_for_an_event(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    statement_id = warehouse.submit(ATTEMPT, "SELECT :month", {"month": "2015-12"})
    request = data_api.only.request
    assert statement_id == data_api.only.id
    assert request == {
        "ClusterIdentifier": "analytics-1",
        "Database": "dev",
        "DbUser": "reader",
        "Sql": "SELECT :month",
        "Parameters": [{"name": "month", "value": "2015-12"}],
        "StatementName": STATEMENT_NAME_PREFIX + ATTEMPT,
        "ClientToken": request["ClientToken"],
        "WithEvent": True,
    }
    assert attempt_of(request["StatementName"]) == ATTEMPT
    assert 1 <= len(request["ClientToken"]) <= 64


def test_without_values_no_parameters_are_sent(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    """The Data API refuses an empty list."""
    warehouse.submit(ATTEMPT, "SELECT 1", {})
    assert "Parameters" not in data_api.only.request


def test_a_value_full_of_sql_is_bound_not_pasted(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    evil = "'; DROP TABLE nyc_yellow_taxi; --"
    warehouse.submit(ATTEMPT, "SELECT :name", {"name": evil})
    assert data_api.only.request["Sql"] == "SELECT :name"
    assert data_api.only.request["Parameters"] == [{"name": "name", "value": evil}]


def test_the_same_attempt_starts_one_statement(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    first, second = (warehouse.submit(ATTEMPT, "SELECT 1", {}) for _ in range(2))
    other = warehouse.submit(ATTEMPT + "x", "SELECT 1", {})
    assert first == second != other
    assert len(data_api.statements) == 2


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ActiveStatementsExceededException", "ActiveSessionsExceededException"]
)
def test_a_full_warehouse_is_too_busy(warehouse: Warehouse, data_api: FakeDataApi, code: str) -> None:
    data_api.refusals["ExecuteStatement"] = [code]
    with pytest.raises(TooBusy):
        warehouse.submit(ATTEMPT, "SELECT 1", {})


@pytest.mark.parametrize(
    "code", ["ExecuteStatementException", "InternalServerException", "ValidationException", "AccessDeniedException"]
)
def test_any_other_refusal_is_unavailable(warehouse: Warehouse, data_api: FakeDataApi, code: str) -> None:
    data_api.refusals["ExecuteStatement"] = [code]
    with pytest.raises(WarehouseUnavailable):
        warehouse.submit(ATTEMPT, "SELECT 1", {})


def test_a_warehouse_that_does_not_answer_is_unavailable() -> None:
    client = boto3.client(
        "redshift-data",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:1",
        config=Config(connect_timeout=1, retries={"total_max_attempts": 1}),
    )
    with pytest.raises(WarehouseUnavailable):
        Warehouse(client, Target("analytics-1", "dev", "reader")).submit(ATTEMPT, "SELECT 1", {})


def test_without_a_target_nothing_can_be_submitted(data_api: FakeDataApi) -> None:
    with pytest.raises(ValueError, match="no target"):
        Warehouse(data_api.client()).submit(ATTEMPT, "SELECT 1", {})


def test_a_running_statement_is_cancelled(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    warehouse.cancel(warehouse.submit(ATTEMPT, "SELECT 1", {}))
    assert data_api.only.status == "ABORTED"


def test_a_statement_that_has_ended_is_left_as_it_is(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    statement_id = warehouse.submit(ATTEMPT, "SELECT 1", {})
    data_api.only.status = "FINISHED"
    warehouse.cancel(statement_id)
    assert data_api.only.status == "FINISHED"


def test_a_cancel_that_the_warehouse_refuses_is_no_error(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    """Three a second are allowed; the statement then runs to its end and nobody is told."""
    statement_id = warehouse.submit(ATTEMPT, "SELECT 1", {})
    data_api.refusals["CancelStatement"] = ["ThrottlingException"]
    warehouse.cancel(statement_id)
    assert data_api.only.status == "STARTED"


def test_why_a_statement_failed_is_told(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    statement_id = warehouse.submit(ATTEMPT, "SELECT 1", {})
    data_api.only.error = 'relation "trips" does not exist'
    assert warehouse.error_of(statement_id) == 'relation "trips" does not exist'


def test_that_the_reason_is_not_known_is_no_error(warehouse: Warehouse, data_api: FakeDataApi) -> None:
    """Those who wait are told that it failed, whether or not the log says why."""
    data_api.refusals["DescribeStatement"] = ["ThrottlingException"]
    assert "not known" in warehouse.error_of("7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80")
