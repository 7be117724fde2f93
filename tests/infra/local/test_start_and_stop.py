"""The laptop's AWS from start to end: what it says when it cannot, what survives, what is left."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from infra.local.cloudformation.custom_resources import ResourceFailed
from infra.local.cloudformation.deployment import CLUSTER
from infra.local.endpoint.server import PortInUse
from infra.local.folder import FolderInUse, HeldFolder
from infra.local.loading import LoadFailed
from infra.local.runtime import LocalAws
from infra.sample import Simulated
from tests.infra.local.endpoints import free_port
from tests.infra.local.laptop import (
    DAILY_TOTALS,
    PASSWORD,
    REPO,
    Tab,
    client,
    copy_of_the_project,
    running,
    sign_in,
    until,
)

TARGET = {"ClusterIdentifier": "pushboard", "Database": "dev", "DbUser": "awsuser"}
FEW, FEWER = Simulated(2), Simulated(1)
SLOW = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000000000) SELECT count(*) FROM r"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with few reports, which nobody changes."""
    return copy_of_the_project(tmp_path_factory.mktemp("repo") / "pushboard", *DAILY_TOTALS)


@dataclass(frozen=True)
class Restarted:
    """The second run of a laptop, and what the first one began: it ended in the middle of a statement."""

    aws: LocalAws
    statement: str
    token: str


@pytest.fixture(scope="class")
def restarted(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restarted]:
    port, var = free_port(), tmp_path_factory.mktemp("restart") / "var"
    with running(var, repo, port=port, sample=FEW) as aws:
        client(aws, "s3").put_object(Bucket="pushboard-data", Key="mine", Body=b"kept")
        for item in ({"pk": {"S": "viewer#ann"}}, {"pk": {"S": "run#1"}, "expiresAt": {"N": "99999999999"}}):
            client(aws, "dynamodb").put_item(TableName="client_connections", Item=item | {"sk": {"S": "mine"}})
        cognito, user = client(aws, "cognito-idp"), {"UserPoolId": aws.pool_id, "Username": "new@example.com"}
        cognito.admin_create_user(**user, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
        token = sign_in(aws)
        tab = Tab(aws, token)
        data = client(aws, "redshift-data")
        statement = data.execute_statement(Sql=SLOW, StatementName="pushboard/x/1", WithEvent=True, **TARGET)["Id"]
        until(lambda: data.describe_statement(Id=statement)["Status"] == "STARTED")
    tab.close()
    with running(var, repo, port=port, sample=FEW) as aws:
        yield Restarted(aws, statement, token)


class TestRestart:
    """Runs of one folder, the first of which ended while a statement ran and a socket was open."""

    def test_warehouse_accounts_and_files_survive(self, restarted: Restarted) -> None:
        data = client(restarted.aws, "redshift-data")
        count = data.execute_statement(Sql="SELECT count(*) FROM nyc_yellow_taxi", WaitTimeSeconds=20, **TARGET)["Id"]
        assert data.get_statement_result(Id=count)["Records"] == [[{"longValue": FEW.rows}]]
        assert sign_in(restarted.aws, "new@example.com")
        file = client(restarted.aws, "s3").get_object(Bucket="pushboard-data", Key="mine")
        assert file["Body"].read() == b"kept"
        headers = {"Authorization": restarted.token}
        assert requests.get(f"{restarted.aws.rest_url}/reports", headers=headers, timeout=20).status_code == 200

    def test_trips_that_are_loaded_are_not_loaded_again(self, restarted: Restarted) -> None:
        assert loads(restarted.aws) == 0

    def test_what_ran_is_lost_and_the_next_run_is_whole(self, restarted: Restarted) -> None:
        """What DynamoDB held of runs is lost as well; what people saved, warehouse and port are there again."""
        aws = restarted.aws
        data = client(aws, "redshift-data")
        assert data.list_statements(Status="STARTED")["Statements"] == []
        with pytest.raises(data.exceptions.ResourceNotFoundException):
            data.describe_statement(Id=restarted.statement)
        items = client(aws, "dynamodb").scan(TableName="client_connections")["Items"]
        assert {one["pk"]["S"] for one in items} - {"catalogue"} == {"viewer#ann"}
        tab = Tab(aws, sign_in(aws))
        assert tab.run("daily_totals", "run-1", month="2015-12")[-1]["type"] == "finished"
        tab.close()


def loads(aws: LocalAws) -> int:
    """How often this run loaded trips."""
    listed = client(aws, "redshift-data").list_statements(StatementName="load/", Status="ALL")["Statements"]
    return [one["IsBatchStatement"] for one in listed].count(True)


def test_another_sample_replaces_the_first(repo: Path, tmp_path: Path) -> None:
    for sample in (FEWER, FEW):
        with running(tmp_path / "var", repo, sample=sample) as aws:
            keys = [item["Key"] for item in client(aws, "s3").list_objects_v2(Bucket="pushboard-data")["Contents"]]
            assert len({key.split("/")[1] for key in keys}) == 1
            assert len(keys) == sample.rows
            assert loads(aws) == 1


def test_a_broken_setup_script_stops_the_start_with_its_reason(tmp_path: Path) -> None:
    repo = copy_of_the_project(tmp_path / "repo", *DAILY_TOTALS)
    (repo / "sql/setup/05_broken.sql").write_text("CREATE TABLE broken (x nosuchtype);")
    before = set(threading.enumerate())
    with pytest.raises(ResourceFailed, match=r"05_broken\.sql"), running(tmp_path / "var", repo):
        pytest.fail("it started")
    assert_nothing_is_left_but(before)


def test_trips_that_cannot_be_loaded_stop_the_start_and_the_next_one_loads_them(tmp_path: Path) -> None:
    """The setup is not done again for that."""
    repo = copy_of_the_project(tmp_path / "repo", *DAILY_TOTALS)
    script = repo / "sql/load/trips.sql"
    right = script.read_text()
    script.write_text(right.replace("COPY nyc_yellow_taxi", "COPY no_such_table"))
    before = set(threading.enumerate())
    failure = r"The trips could not be loaded: the load: Query #2 failed with ERROR: relation \"no_such_table\""
    with pytest.raises(LoadFailed, match=failure), running(tmp_path / "var", repo, sample=FEW):
        pytest.fail("it started")
    assert_nothing_is_left_but(before)
    script.write_text(right)
    with running(tmp_path / "var", repo, sample=FEW) as aws:
        listed = client(aws, "redshift-data").list_statements(Status="ALL")["Statements"]
        assert {one["StatementName"].partition("/")[0] for one in listed} == {"load"}


def test_a_port_in_use_stops_the_start(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        aws = LocalAws(tmp_path / "var", port=listener.getsockname()[1], app_url="http://localhost:8050", repo=REPO)
        with pytest.raises(PortInUse):
            aws.start()
    assert_nothing_is_left_but(before)


def test_stopping_leaves_no_thread_even_with_a_socket_open(repo: Path, tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with running(tmp_path / "var", repo) as aws:
        tab = Tab(aws, sign_in(aws))
        assert tab.run("daily_totals", "run-1", month="2015-12")[-1]["rows"] == 0  # no sample was asked for
    tab.close()
    assert_nothing_is_left_but(before)


def test_what_is_scheduled_is_called_again_and_again_and_leaves_no_thread_while_it_waits(
    repo: Path, tmp_path: Path
) -> None:
    """A reconciler that has found something to watch waits for its next look."""

    def reconciling() -> int:
        return [thread.name for thread in threading.enumerate()].count("lambda-ReconcileFunction")

    before = set(threading.enumerate())
    backend = CLUSTER | {"QuickSeconds": "0"}
    with running(tmp_path / "var", repo, minute=0.2, backend=backend) as aws:
        for _ in range(2):
            fault = aws.faults.kill("ReconcileFunction")
            until(lambda fault=fault: fault.happened == 1)
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
