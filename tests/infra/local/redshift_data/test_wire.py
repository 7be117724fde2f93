"""boto3 and the AWS CLI understand every answer."""

import datetime

import botocore.exceptions
import pytest

from tests.aws_cli import aws

TARGET = {"ClusterIdentifier": "analytics-1", "Database": "dev"}
SLOW = "with recursive r(n) as (select 1 union all select n + 1 from r where n < 1000000000) select count(*) from r"


def test_a_statement_from_submission_to_rows(client):
    parameters = [{"name": "month", "value": "2015-12"}]
    sql = "select to_date(:month, 'YYYY-MM') as first, 1.50::decimal(10, 2) as fare, null as nothing"
    answer = client.execute_statement(Sql=sql, Parameters=parameters, WaitTimeSeconds=30, **TARGET)
    assert isinstance(answer["CreatedAt"], datetime.datetime)
    described = client.describe_statement(Id=answer["Id"])
    assert (described["Status"], described["ResultRows"]) == ("FINISHED", 1)
    result = client.get_statement_result(Id=answer["Id"])
    assert result["Records"] == [[{"stringValue": "2015-12-01"}, {"stringValue": "1.50"}, {"isNull": True}]]
    assert [column["name"] for column in result["ColumnMetadata"]] == ["first", "fare", "nothing"]


def test_paginators(client):
    sql = "with recursive r(n) as (select 1 union all select n + 1 from r where n < 2500) select n from r order by n"
    for form, name, members in (("JSON", "get_statement_result", 2500), ("CSV", "get_statement_result_v2", 1)):
        answer = client.execute_statement(Sql=sql, ResultFormat=form, WaitTimeSeconds=30, **TARGET)
        pages = client.get_paginator(name).paginate(Id=answer["Id"])
        assert sum(len(page["Records"]) for page in pages) == members
    for name, member in (
        ("list_tables", "Tables"),
        ("list_schemas", "Schemas"),
        ("list_databases", "Databases"),
        ("describe_table", "ColumnList"),
    ):
        pages = client.get_paginator(name).paginate(**TARGET, PaginationConfig={"PageSize": 2})
        assert isinstance(pages.build_full_result()[member], list)
    assert client.get_paginator("list_statements").paginate().build_full_result()["Statements"]
    assert client.get_paginator("list_sessions").paginate().build_full_result() == {"Sessions": []}


def test_a_batch_and_a_session(client):
    answer = client.batch_execute_statement(
        Sqls=["create temp table x as select 1 as a", "select a from x"],
        SessionKeepAliveSeconds=60,
        WaitTimeSeconds=30,
        **TARGET,
    )
    described = client.describe_statement(Id=answer["Id"])
    assert [part["Status"] for part in described["SubStatements"]] == ["FINISHED", "FINISHED"]
    again = client.execute_statement(Sql="select a from x", SessionId=answer["SessionId"], WaitTimeSeconds=30)
    assert client.get_statement_result(Id=again["Id"])["Records"] == [[{"longValue": 1}]]
    [session] = client.list_sessions()["Sessions"]
    assert isinstance(session["SessionTtl"], datetime.datetime)


def test_cancelling(client):
    identifier = client.execute_statement(Sql=SLOW, **TARGET)["Id"]
    assert client.cancel_statement(Id=identifier)["Status"] is True
    assert client.describe_statement(Id=identifier, WaitTimeSeconds=30)["Status"] == "ABORTED"
    with pytest.raises(client.exceptions.ValidationException, match="already in ABORTED state"):
        client.cancel_statement(Id=identifier)


def test_errors_are_boto3s_own_classes(client):
    unknown = "00000000-0000-0000-0000-000000000000"
    with pytest.raises(client.exceptions.ResourceNotFoundException) as error:
        client.describe_statement(Id=unknown)
    assert error.value.response["ResourceId"] == unknown
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(client.exceptions.ValidationException, match="Unused parameters: \\[id\\]"):
        client.execute_statement(Sql="select ':id'", Parameters=[{"name": "id", "value": "1"}], **TARGET)


def test_throttling_is_a_client_error(client, warehouse):
    warehouse.limits.enforce_rates = True
    for _ in range(3):
        client.list_statements()
    with pytest.raises(botocore.exceptions.ClientError) as error:
        client.list_statements()
    assert error.value.response["Error"]["Code"] == "ThrottlingException"


def test_the_aws_cli_follows_a_statement(endpoint, warehouse):
    place = ("--cluster-identifier", "analytics-1", "--database", "dev")
    [identifier] = [
        said["Id"] for said in aws(endpoint, ("redshift-data", "execute-statement", "--sql", "select 1 as a", *place))
    ]
    warehouse.described(identifier)
    slow = warehouse.submit(SLOW)
    described, result, listed, cancelled = aws(
        endpoint,
        ("redshift-data", "describe-statement", "--id", identifier),
        ("redshift-data", "get-statement-result", "--id", identifier),
        ("redshift-data", "list-statements", "--status", "FINISHED"),
        ("redshift-data", "cancel-statement", "--id", slow),
    )
    assert described["Status"] == "FINISHED"
    assert result["Records"] == [[{"longValue": 1}]]
    assert [one["Id"] for one in listed["Statements"]] == [identifier]
    assert cancelled["Status"] is True
