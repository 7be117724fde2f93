"""The laptop's AWS as a whole: a query's way through it, step by step as other programs see it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket
from botocore.exceptions import ClientError

from infra.local.endpoint.identities import access_key_of
from infra.local.runtime import LocalAws, _warehouse_file
from infra.sample import Simulated
from tests.infra.local.laptop import Tab, client, copy_of_the_project, running, sign_in, until


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_project(tmp_path_factory.mktemp("repo") / "pushboard")


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Iterator[LocalAws]:
    with running(tmp_path_factory.mktemp("var"), repo, sample=Simulated(2_000)) as one:
        yield one


@pytest.fixture
def tab(aws: LocalAws) -> Iterator[Tab]:
    one = Tab(aws, sign_in(aws))
    yield one
    one.close()


def items(aws: LocalAws) -> list[dict[str, Any]]:
    return list(client(aws, "dynamodb").scan(TableName="client_connections")["Items"])


def test_the_cluster_is_described_and_no_workgroup_is_listed(aws: LocalAws) -> None:
    redshift = client(aws, "redshift")
    [cluster] = redshift.describe_clusters()["Clusters"]
    assert (cluster["ClusterIdentifier"], cluster["DBName"], cluster["ClusterStatus"]) == (
        "pushboard",
        "dev",
        "available",
    )
    assert redshift.describe_clusters(ClusterIdentifier="pushboard")["Clusters"] == [cluster]
    assert client(aws, "redshift-serverless").list_workgroups()["workgroups"] == []
    with pytest.raises(redshift.exceptions.ClusterNotFoundFault):
        redshift.describe_clusters(ClusterIdentifier="other")
    with pytest.raises(ClientError, match="The laptop does not imitate PauseCluster of Redshift"):
        redshift.pause_cluster(ClusterIdentifier="pushboard")


def test_the_warehouse_has_one_database_and_a_name_for_it(aws: LocalAws) -> None:
    data = client(aws, "redshift-data")
    place = {"ClusterIdentifier": "pushboard", "DbUser": "awsuser", "WaitTimeSeconds": 20}
    statement = data.execute_statement(Sql="select current_database()", Database="dev", **place)["Id"]
    assert data.get_statement_result(Id=statement)["Records"] == [[{"stringValue": "dev"}]]
    with pytest.raises(ClientError, match='database "warehouse" does not exist'):
        data.execute_statement(Sql="select 1", Database="warehouse", **place)


def test_a_warehouse_of_a_release_that_called_its_file_otherwise_is_kept(tmp_path: Path) -> None:
    former = tmp_path / "warehouse.duckdb"
    former.write_bytes(b"trips")
    file = _warehouse_file(tmp_path, "dev")
    assert (file.name, file.read_bytes(), former.exists()) == ("dev.duckdb", b"trips", False)
    former.write_bytes(b"older trips")
    assert _warehouse_file(tmp_path, "dev").read_bytes() == b"trips"


# ------------------------------------------------------------------------------------------------- the way of a query


def test_a_run_goes_over_socket_warehouse_and_event_and_its_rows_come_by_rest(aws: LocalAws, tab: Tab) -> None:
    *accepted, finished = tab.run("daily_totals", "run-1", month="2015-12")  # none where the event was quicker
    assert [(one["topicName"], one["runId"]) for one in accepted] in ([], [("topic", "run-1")])
    assert (finished["type"], finished["rows"]) == ("finished", 31)
    url = f"{aws.rest_url}/results/{finished['statementId']}"
    result = requests.get(url, headers={"Authorization": sign_in(aws)}, timeout=20).json()
    assert result["rowCount"] == len(result["records"]) == 31
    assert result["records"][0][0] == "2015-12-01"
    assert requests.get(url, timeout=20).status_code == 401
    assert requests.get(url, headers={"Authorization": sign_in(aws, "finance@example.com")}, timeout=20).ok is False


def test_the_statement_belongs_to_the_query_role_and_is_seen_by_the_laptops_user(aws: LocalAws, tab: Tab) -> None:
    statement = tab.run("daily_totals", "run-2", month="2015-11")[-1]["statementId"]
    described = client(aws, "redshift-data").list_statements(Status="ALL")["Statements"]
    assert statement in [one["Id"] for one in described]
    own_session = client(aws, "redshift-data").list_statements(Status="ALL", RoleLevel=False)["Statements"]
    assert statement not in [one["Id"] for one in own_session]


def test_functions_of_one_role_see_its_statements_and_others_do_not(aws: LocalAws, tab: Tab) -> None:
    statement = tab.run("daily_totals", "run-3", month="2015-10")[-1]["statementId"]

    def sees(function: str) -> bool:
        data = client(aws, "redshift-data", key=access_key_of(function))
        listed = data.list_statements(StatementName="pushboard/", Status="ALL")["Statements"]
        return statement in [one["Id"] for one in listed]

    assert [sees("OnConnectFunction"), sees("ReconcileFunction"), sees("SetupRedshiftFunction")] == [True, True, False]


def test_records_of_a_waiting_client_go_with_its_socket(aws: LocalAws) -> None:
    before = {item["sk"]["S"] for item in items(aws)}
    one = Tab(aws, sign_in(aws))
    one.send(action="ping")
    assert one.receive() == {"type": "pong"}
    connections = [item for item in items(aws) if item["sk"]["S"] not in before or "connectionId" in item]
    assert connections
    ids = {item["connectionId"]["S"] for item in connections if "connectionId" in item}
    one.close()
    until(lambda: not ids & {item.get("connectionId", {}).get("S") for item in items(aws)})


def test_a_wrong_token_opens_no_socket(aws: LocalAws) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        Tab(aws, "forged")
    assert refused.value.status_code == 401


def test_reports_are_those_of_ones_groups(aws: LocalAws, repo: Path) -> None:
    def departments(email: str) -> set[str]:
        headers = {"Authorization": sign_in(aws, email)}
        answer = requests.get(f"{aws.rest_url}/reports", headers=headers, timeout=20).json()
        listed = {department["id"] for department in answer["departments"]}
        assert {report["department"] for report in answer["reports"]} == listed
        return listed

    every = {folder.name for folder in (repo / "sql/reports").iterdir()}
    assert departments("ops@example.com") == {"operations"}
    assert departments("finance@example.com") == {"finance"}
    assert departments("admin@example.com") == every - {"shared"}


def test_the_addresses_are_found_in_ssm_with_their_schemes(aws: LocalAws) -> None:
    ssm = client(aws, "ssm")
    values = [
        ssm.get_parameter(Name=name)["Parameter"]["Value"]
        for name in ("REDSHIFT_WSS_ENDPOINT", "REDSHIFT_REST_API_ENDPOINT")
    ]
    assert values == [aws.websocket_url, aws.rest_url]
    assert values[0].startswith("ws://localhost:")
    assert values[1].startswith("http://localhost:")


HEADER = "/*---\ntitle: Announced\nchart: {type: table}\n---*/\n"


def test_an_open_page_is_told_of_new_broken_and_deleted_reports(aws: LocalAws, repo: Path, tab: Tab) -> None:
    """From the file through S3, its event and the rule to the socket; what is told, `GET /reports` shows at once."""
    headers = {"Authorization": sign_in(aws)}
    report = repo / "sql/reports/operations/announced.sql"

    def after(change: Callable[[], object]) -> tuple[list[str], list[str], list[str]]:
        """What the socket is told, then the ids of working and of broken reports."""
        change()
        message = tab.receive()
        assert message["type"] == "reports"
        answer = requests.get(f"{aws.rest_url}/reports", headers=headers, timeout=20).json()
        return message["changed"], *([one["id"] for one in answer[kind]] for kind in ("reports", "broken"))

    changed, working, broken = after(lambda: report.write_text(f"{HEADER}SELECT 1 AS one"))
    assert changed == ["announced"]
    assert "announced" in working
    changed, working, broken = after(lambda: report.write_text("/*---\ntilte: Broken\n---*/\nSELECT 1"))
    assert (changed, broken) == (["announced"], ["announced"])
    assert "announced" not in working
    changed, working, broken = after(report.unlink)
    assert (changed, broken) == ([], [])
    assert "announced" not in working


def test_others_are_not_told_of_a_departments_reports(aws: LocalAws, repo: Path, tab: Tab) -> None:
    """The department hears of its report; another's socket hears of the next thing first."""
    stranger = Tab(aws, sign_in(aws, "finance@example.com"))
    try:
        report = repo / "sql/reports/operations/secret.sql"
        report.write_text(f"{HEADER}SELECT 1 AS one")
        assert tab.receive() == {"type": "reports", "changed": ["secret"]}
        report.unlink()
        assert tab.receive()["type"] == "reports"
        stranger.send(action="ping")
        assert stranger.receive() == {"type": "pong"}
    finally:
        stranger.close()


def test_a_new_report_needs_no_restart(aws: LocalAws, repo: Path) -> None:
    token = sign_in(aws)

    def titles() -> list[str]:
        answer = requests.get(f"{aws.rest_url}/reports", headers={"Authorization": token}, timeout=20)
        return [report["title"] for report in answer.json()["reports"]]

    assert "Brand new" not in titles()
    header = "/*---\ntitle: Brand new\nchart: {type: table}\n---*/\n"
    report = repo / "sql/reports/operations/brand_new.sql"
    report.write_text(f"{header}SELECT count(*) AS trips FROM nyc_yellow_taxi")
    until(lambda: "Brand new" in titles())
