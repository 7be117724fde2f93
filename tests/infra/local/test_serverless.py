"""A Serverless workgroup in the cluster's place, on the laptop's Data API: its setup, a report, an export.

Each run is of its department's query group here, so a batch.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from infra.local.endpoint.identities import access_key_of
from infra.local.runtime import LocalAws
from infra.sample import Simulated
from tests.infra.local.laptop import DAILY_TOTALS, Tab, client, copy_of_the_project, running, sign_in

SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:redshift!trips-admin-AbCdEf"
WORKGROUP = {
    "RedshiftWorkgroupName": "trips",
    "RedshiftWorkgroupId": "0f3d1c2b-1111-2222-3333-444455556666",
    "RedshiftDatabase": "taxi",
    "SetupSecretArn": SECRET,
    "QueryGroups": "true",
}
READER = "IAMR:QueryRole"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    repo = copy_of_the_project(tmp_path_factory.mktemp("repo") / "pushboard", *DAILY_TOTALS)
    with running(tmp_path_factory.mktemp("var"), repo, sample=Simulated(2_000), backend=WORKGROUP) as one:
        yield one


@pytest.fixture
def tab(aws: LocalAws) -> Iterator[Tab]:
    one = Tab(aws, sign_in(aws, "admin@example.com"))
    yield one
    one.close()


def described(aws: LocalAws, statement: str) -> dict[str, Any]:
    return dict(client(aws, "redshift-data").describe_statement(Id=statement))


def outcome(aws: LocalAws, sql: str, key: str) -> dict[str, Any]:
    """How a statement ends in the workgroup, for whom the access key stands for."""
    data = client(aws, "redshift-data", key=key)
    request = {"WorkgroupName": "trips", "Database": "taxi", "Sql": sql, "WaitTimeSeconds": 20}
    return dict(data.describe_statement(Id=data.execute_statement(**request)["Id"]))


def test_the_setup_ran_by_the_administrators_secret(aws: LocalAws) -> None:
    listed = client(aws, "redshift-data").list_statements(StatementName="setup/", Status="ALL")["Statements"]
    assert {one["Status"] for one in listed} == {"FINISHED"}
    assert {one["StatementName"] for one in listed} >= {"setup/users", "setup/10_tables.sql", "setup/30_grants.sql"}
    for one in listed:
        statement = described(aws, one["Id"])
        assert (statement["WorkgroupName"], statement["Database"]) == ("trips", "taxi")
        assert (statement["SecretArn"], statement["DbUser"]) == (SECRET, "awsuser")
        assert "ClusterIdentifier" not in statement


def admins_rows(aws: LocalAws, sql: str) -> list[list[Any]]:
    data = client(aws, "redshift-data")
    admin = {"WorkgroupName": "trips", "Database": "taxi", "SecretArn": SECRET, "WaitTimeSeconds": 20}
    records = data.get_statement_result(Id=data.execute_statement(Sql=sql, **admin)["Id"])["Records"]
    return [[next(iter(field.values())) for field in record] for record in records]


def test_the_reports_user_has_a_limit_and_the_trips_a_note(aws: LocalAws) -> None:
    users = admins_rows(aws, "SELECT usename, useconfig FROM pg_user WHERE usename LIKE 'iamr:%' ORDER BY 1")
    assert users == [["iamr:queryrole", "{statement_timeout=4200000}"], ["iamr:runjobsrole", True]]
    [[path, trips]] = admins_rows(aws, "SELECT s3_path, trips FROM trips_loaded")
    assert path == aws.stacks.backend.functions["LoadRedshiftFunction"].environment["SAMPLE_DATA_S3_PATH"]
    assert trips == 2_000


def test_setting_up_again_finds_the_user_whose_name_redshift_keeps_in_lower_case(aws: LocalAws) -> None:
    """The scripts have changed, so each runs again."""
    client(aws, "s3").put_object(Bucket="pushboard", Key="sql/setup/60_more.sql", Body=b"SELECT 1;")
    for resource in aws.stacks.backend.custom_resources:
        aws.custom_resources.apply(resource)
    ran = client(aws, "redshift-data").list_statements(StatementName="setup/60_more.sql", Status="ALL")["Statements"]
    assert [one["Status"] for one in ran] == ["FINISHED"]
    assert admins_rows(aws, "SELECT count(*) FROM pg_user WHERE usename ILIKE 'iamr:%'") == [[2]]


def test_the_workgroup_is_listed_and_no_cluster_is(aws: LocalAws) -> None:
    serverless = client(aws, "redshift-serverless")
    [workgroup] = serverless.list_workgroups()["workgroups"]
    assert (workgroup["workgroupName"], workgroup["status"]) == ("trips", "AVAILABLE")
    assert serverless.get_workgroup(workgroupName="trips")["workgroup"] == workgroup
    assert serverless.list_tags_for_resource(resourceArn=workgroup["workgroupArn"])["tags"] == []
    assert client(aws, "redshift").describe_clusters()["Clusters"] == []
    with pytest.raises(ClientError, match=r"ResourceNotFoundException.*Workgroup other not found"):
        serverless.get_workgroup(workgroupName="other")
    with pytest.raises(ClientError, match="The laptop does not imitate ListNamespaces of Redshift Serverless"):
        serverless.list_namespaces()


def test_a_report_runs_in_the_workgroup_as_the_user_of_its_functions_role(aws: LocalAws, tab: Tab) -> None:
    finished = tab.run("daily_totals", "run-1", month="2015-12")[-1]
    assert (finished["type"], finished["rows"]) == ("finished", 31)
    statement = described(aws, finished["statementId"])
    assert (statement["WorkgroupName"], statement["DbUser"]) == ("trips", READER)
    assert not {"ClusterIdentifier", "SecretArn"} & set(statement)
    group, _ = (part["QueryString"] for part in statement["SubStatements"])
    assert group == "/* pushboard operations/daily_totals */ SET LOCAL query_group TO 'operations'"


def test_its_rows_are_read(aws: LocalAws, tab: Tab) -> None:
    finished = tab.run("daily_totals", "run-2", month="2015-11")[-1]
    headers = {"Authorization": sign_in(aws, "admin@example.com")}
    page = requests.get(f"{aws.rest_url}/results/{finished['statementId']}", headers=headers, timeout=20).json()
    assert (len(page["records"]), page["rowCount"], finished["rows"]) == (30, 30, 30)


def test_that_user_can_read_and_no_more(aws: LocalAws) -> None:
    key = access_key_of("OnConnectFunction")
    assert outcome(aws, "SELECT count(*) FROM nyc_yellow_taxi", key)["Status"] == "FINISHED"
    for sql in ("DELETE FROM nyc_yellow_taxi", "CREATE TABLE mine (a int)", 'DROP USER "IAMR:QueryRole"'):
        refused = outcome(aws, sql, key)
        assert (refused["Status"], refused["DbUser"]) == ("FAILED", READER)


def test_an_export_needs_no_right_that_public_has(aws: LocalAws, tab: Tab) -> None:
    """Many take temporary tables away from PUBLIC."""
    data = client(aws, "redshift-data")
    admin = {"WorkgroupName": "trips", "Database": "taxi", "SecretArn": SECRET, "WaitTimeSeconds": 20}
    data.execute_statement(Sql="REVOKE TEMP ON DATABASE taxi FROM PUBLIC", **admin)
    parameters = {"month": "2015-12"}
    tab.send(
        action="export", topicName="t", report="daily_totals", parameters=parameters, format="csv", runId="export-1"
    )
    said = [tab.receive()]
    while said[-1]["type"] == "accepted":
        said.append(tab.receive())
    assert (said[-1]["type"], said[-1].get("rows")) == ("exported", 31)
