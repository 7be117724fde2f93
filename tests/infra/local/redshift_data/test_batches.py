"""BatchExecuteStatement: one transaction, or each statement for itself."""

import pytest

from infra.local.endpoint.awsjson import ServiceError

TARGET = {"ClusterIdentifier": "analytics-1", "Database": "dev"}


def statuses(described):
    return [part["Status"] for part in described["SubStatements"]]


def test_each_statement_has_its_own_id_and_result(warehouse):
    described = warehouse.batch("select 1", "select 2, 3")
    first, second = (part["Id"] for part in described["SubStatements"])
    assert (first, second) == (f"{described['Id']}:1", f"{described['Id']}:2")
    assert warehouse.page(second)["Records"] == [[{"longValue": 2}, {"longValue": 3}]]
    assert described["HasResultSet"] is True


def test_a_sub_statement_is_described_by_its_id(warehouse):
    described = warehouse.batch("select 1", "select 2")
    part = warehouse.call("DescribeStatement", Id=described["Id"] + ":2")
    assert (part["QueryString"], part["Status"], part["ResultRows"]) == ("select 2", "FINISHED", 1)


def test_a_sub_statement_that_is_not_there(warehouse):
    described = warehouse.batch("select 1")
    with pytest.raises(ServiceError) as error:
        warehouse.call("DescribeStatement", Id=described["Id"] + ":2")
    assert error.value.code == "ResourceNotFoundException"


def test_the_batch_itself_has_no_rows_to_read(warehouse):
    described = warehouse.batch("select 1")
    with pytest.raises(ServiceError) as error:
        warehouse.page(described["Id"])
    assert error.value.code == "ValidationException"


def test_a_failure_rolls_everything_back(warehouse):
    warehouse.ok("create table t (a int)")
    described = warehouse.batch("insert into t values (1)", "select nope", "insert into t values (2)")
    assert described["Status"] == "FAILED"
    assert described["Error"].startswith('Query #2 failed with ERROR: column "nope" does not exist')
    assert statuses(described) == ["FINISHED", "FAILED", "ABORTED"]
    assert warehouse.rows("select count(*) from t") == [[0]]


def test_grants_and_users_roll_back_too(warehouse):
    warehouse.batch("create user reporter password disable", "select nope")
    assert warehouse.rows("select count(*) from pg_user where usename = 'reporter'") == [[0]]


def test_auto_commit_keeps_what_succeeded(warehouse):
    warehouse.ok("create table t (a int)")
    described = warehouse.batch(
        "insert into t values (1)", "select nope", "insert into t values (2)", ExecutionMode="AUTO_COMMIT"
    )
    assert (described["ExecutionMode"], statuses(described)) == ("AUTO_COMMIT", ["FINISHED", "FAILED", "FINISHED"])
    assert warehouse.rows("select count(*) from t") == [[2]]


def test_statements_of_a_batch_see_each_other(warehouse):
    described = warehouse.batch("create temp table x as select 7 as a", "select a from x")
    assert warehouse.page(described["Id"] + ":2")["Records"] == [[{"longValue": 7}]]


@pytest.mark.parametrize(
    "sql",
    [
        "select floor(fare / 5) as band, count(*) as n from t group by 1",
        "select (select max(o.fare / i.fare) from t as i where i.fare = o.fare) as x from t as o",
    ],
)
def test_a_quotient_whose_type_cannot_be_told_does_not_break_the_transaction_off(warehouse, sql):
    warehouse.ok("create table t (fare decimal(10, 2))")
    warehouse.ok("insert into t values (12.5)")
    described = warehouse.batch(f"create temp table x as {sql}", "select count(*) from x")
    assert (described["Status"], described.get("Error")) == ("FINISHED", None)


def test_quotients_of_the_batchs_own_tables_are_typed_too(warehouse):
    described = warehouse.batch("create temp table x as select 1.00::decimal(10, 2) as a", "select a / 3 as b from x")
    [column] = warehouse.page(described["Id"] + ":2")["ColumnMetadata"]
    assert column["typeName"] == "numeric"


def test_what_is_wrong_with_a_quotient_is_said_in_a_batch_too(warehouse):
    described = warehouse.batch("select nope / 3 from pg_user", "select 1")
    assert 'column "nope" does not exist' in described["Error"]


def test_parameters_are_shared(warehouse):
    parameters = [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    described = warehouse.batch("select :a::int", "select :b::int", Parameters=parameters)
    assert warehouse.page(described["Id"] + ":2")["Records"] == [[{"longValue": 2}]]


def test_readers_see_the_old_rows_until_the_batch_commits(warehouse):
    warehouse.ok("create table t (a int)")
    warehouse.ok("insert into t values (1)")
    slow = "with recursive r(n) as (select 1 union all select n + 1 from r where n < 1000000000) select count(*) from r"
    identifier = warehouse.call("BatchExecuteStatement", Sqls=["delete from t", slow], **TARGET)["Id"]
    warehouse.started(identifier)
    assert warehouse.rows("select count(*) from t") == [[1]]
    warehouse.call("CancelStatement", Id=identifier)


@pytest.mark.parametrize("sqls", [["select 1"] * 41, ["select 1; select 2"], [""]])
def test_bad_batches_are_refused(warehouse, sqls):
    with pytest.raises(ServiceError) as error:
        warehouse.call("BatchExecuteStatement", Sqls=sqls, **TARGET)
    assert error.value.code == "ValidationException"
