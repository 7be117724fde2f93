"""The laptop's AWS from start to end: what it says when it cannot, what survives, what is left."""

import threading
from pathlib import Path

import pytest
import requests

from infra.local.cloudformation.custom_resources import ResourceFailed
from infra.local.cloudformation.deployment import CLUSTER
from infra.local.endpoint.server import PortInUse
from infra.local.folder import FolderInUse, HeldFolder
from infra.local.runtime import LocalAws
from infra.local.sample import Simulated
from infra.local.sample.loading import LoadFailed
from tests.infra.local.endpoints import free_port
from tests.infra.local.laptop import PASSWORD, REPO, Tab, client, copy_of_the_project, running, sign_in, until


def test_warehouse_accounts_and_files_survive_a_restart(tmp_path: Path) -> None:
    def trips(aws: LocalAws) -> str:
        data = client(aws, "redshift-data")
        target = {"ClusterIdentifier": "pushboard", "Database": "dev", "DbUser": "awsuser"}
        statement = data.execute_statement(Sql="SELECT count(*) FROM nyc_yellow_taxi", WaitTimeSeconds=20, **target)
        return str(data.get_statement_result(Id=statement["Id"])["Records"][0][0]["longValue"])

    port = free_port()
    with running(tmp_path / "var", port=port, sample=Simulated(5_000)) as aws:
        client(aws, "s3").put_object(Bucket="pushboard-data", Key="mine", Body=b"kept")
        cognito = client(aws, "cognito-idp")
        cognito.admin_create_user(UserPoolId=aws.pool_id, Username="new@example.com", MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=aws.pool_id, Username="new@example.com", Password=PASSWORD, Permanent=True
        )
        loaded = trips(aws)
        token = sign_in(aws)
    with running(tmp_path / "var", port=port, sample=Simulated(5_000)) as aws:
        assert trips(aws) == loaded == "5000"
        assert sign_in(aws, "new@example.com")
        headers = {"Authorization": token}
        assert requests.get(f"{aws.rest_url}/reports", headers=headers, timeout=20).status_code == 200


SLOW = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000000000) SELECT count(*) FROM r"


def test_a_run_of_the_laptop_that_ended_in_mid_statement_leaves_the_next_one_whole(tmp_path: Path) -> None:
    """What DynamoDB held is then lost, and so is the statement; warehouse and port are there again."""
    port, target = free_port(), {"ClusterIdentifier": "pushboard", "Database": "dev", "DbUser": "awsuser"}
    with running(tmp_path / "var", port=port) as aws:
        tab = Tab(aws, sign_in(aws))
        data = client(aws, "redshift-data")
        statement = data.execute_statement(Sql=SLOW, StatementName="pushboard/x/1", WithEvent=True, **target)["Id"]
        until(lambda: data.describe_statement(Id=statement)["Status"] == "STARTED")
    tab.close()
    with running(tmp_path / "var", port=port) as aws:
        data = client(aws, "redshift-data")
        assert data.list_statements(Status="STARTED")["Statements"] == []
        with pytest.raises(data.exceptions.ResourceNotFoundException):
            data.describe_statement(Id=statement)
        assert client(aws, "dynamodb").scan(TableName="client_connections")["Items"] == []
        tab = Tab(aws, sign_in(aws))
        assert tab.run("daily_totals", "run-1", month="2015-12")[-1]["type"] == "finished"
        tab.close()


def test_another_sample_replaces_the_first(tmp_path: Path) -> None:
    for rows in (2_000, 3_000):
        with running(tmp_path / "var", sample=Simulated(rows)) as aws:
            keys = [item["Key"] for item in client(aws, "s3").list_objects_v2(Bucket="pushboard-data")["Contents"]]
            assert len({key.split("/")[1] for key in keys}) == 1


def test_a_broken_setup_script_stops_the_start_with_its_reason(tmp_path: Path) -> None:
    repo = copy_of_the_project(tmp_path / "repo")
    (repo / "sql/setup/05_broken.sql").write_text("CREATE TABLE broken (x nosuchtype);")
    before = set(threading.enumerate())
    with pytest.raises(ResourceFailed, match=r"05_broken\.sql"), running(tmp_path / "var", repo):
        pytest.fail("it started")
    assert_nothing_is_left_but(before)


def test_trips_that_cannot_be_loaded_stop_the_start_and_the_next_one_loads_them(tmp_path: Path) -> None:
    """The setup is not done again for that."""
    repo = copy_of_the_project(tmp_path / "repo")
    script = repo / "sql/load/trips.sql"
    right = script.read_text()
    script.write_text(right.replace("COPY nyc_yellow_taxi", "COPY no_such_table"))
    before = set(threading.enumerate())
    failure = r"The trips could not be loaded: the load: Query #2 failed with ERROR: relation \"no_such_table\""
    with pytest.raises(LoadFailed, match=failure), running(tmp_path / "var", repo, sample=Simulated(2_000)):
        pytest.fail("it started")
    assert_nothing_is_left_but(before)
    script.write_text(right)
    with running(tmp_path / "var", repo, sample=Simulated(2_000)) as aws:
        listed = client(aws, "redshift-data").list_statements(Status="ALL")["Statements"]
        assert {one["StatementName"].partition("/")[0] for one in listed} == {"load"}


def test_trips_that_are_loaded_are_not_loaded_again(tmp_path: Path) -> None:
    def batches(aws: LocalAws) -> list[list[str]]:
        listed = client(aws, "redshift-data").list_statements(StatementName="load/", Status="ALL")["Statements"]
        return [one["QueryStrings"] for one in listed if one["IsBatchStatement"]]

    for rows, loads in ((2_000, 1), (2_000, 0), (3_000, 1)):
        with running(tmp_path / "var", sample=Simulated(rows)) as aws:
            assert len(batches(aws)) == loads


def test_a_port_in_use_stops_the_start(tmp_path: Path) -> None:
    with running(tmp_path / "one") as first:
        port = int(first.endpoint_url.rsplit(":", 1)[1])
        second = LocalAws(tmp_path / "two", port=port, app_url="http://localhost:8050", repo=REPO)
        with pytest.raises(PortInUse):
            second.start()


def test_stopping_leaves_no_thread_even_with_a_socket_open(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with running(tmp_path / "var") as aws:
        tab = Tab(aws, sign_in(aws))
        assert tab.run("daily_totals", "run-1", month="2015-12")[-1]["rows"] == 0  # no sample was asked for
    tab.close()
    assert_nothing_is_left_but(before)


def test_what_the_template_schedules_is_called_again_and_again(tmp_path: Path) -> None:
    with running(tmp_path / "var", minute=0.2) as aws:
        for _ in range(2):
            fault = aws.faults.kill("ReconcileFunction")
            until(lambda fault=fault: fault.happened == 1)


def test_stopping_leaves_no_thread_of_a_function_that_waits_for_its_next_look(tmp_path: Path) -> None:
    def reconciling() -> int:
        return [thread.name for thread in threading.enumerate()].count("lambda-ReconcileFunction")

    before = set(threading.enumerate())
    backend = CLUSTER | {"QuickSeconds": "0"}
    with running(tmp_path / "var", minute=0.2, backend=backend) as aws:
        tab = Tab(aws, sign_in(aws))
        lost = aws.faults.lose_events()
        tab.send(action="run", topicName="t", report="daily_totals", parameters={"month": "2015-12"}, runId="run-1")
        until(lambda: lost.happened == 1)
        until(lambda: reconciling() > 2)
    tab.close()
    assert_nothing_is_left_but(before)


def assert_nothing_is_left_but(before: set[threading.Thread]) -> None:
    def ours() -> list[str]:
        names = ("endpoint", "eventbridge", "lambda", "websocket-api", "WSGI", "report-watcher", "warm-up", "redshift")
        return [thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith(names)]

    until(lambda: not ours())


def test_a_folder_belongs_to_one_run_at_a_time(tmp_path: Path) -> None:
    held = HeldFolder(tmp_path / "var")
    with pytest.raises(FolderInUse, match="in use by another run"):
        HeldFolder(tmp_path / "var")
    held.release()
    HeldFolder(tmp_path / "var").release()
