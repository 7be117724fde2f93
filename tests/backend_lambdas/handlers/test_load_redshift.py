"""The function that loads the trips: once for a path, whoever asks, and a failure is an answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from backend_lambdas.handlers import load_redshift
from tests.backend_lambdas.lambda_fakes import Context, FakeDataApi, World

SCRIPT = (
    "DELETE FROM t;\nCOPY t FROM '${SAMPLE_DATA_S3_PATH}' IAM_ROLE ${REDSHIFT_IAM_ROLE} FORMAT AS PARQUET;\n"
    "DELETE FROM trips_loaded;\nINSERT INTO trips_loaded SELECT '${SAMPLE_DATA_S3_PATH}', count(*), sysdate FROM t;\n"
)
ROLE = "arn:aws:iam::111122223333:role/service/Copy-Role"
PATH = "s3://data/sample/"


@dataclass
class Loads:
    """The function in a warehouse of which the Data API is a fake: what is loaded, and how a load ends."""

    data_api: FakeDataApi
    put: Any
    wire: Callable[..., None]
    loaded: dict[str, int] = field(default_factory=dict)
    ends: tuple[str, str] = ("FINISHED", "")

    def __post_init__(self) -> None:
        self.put("load/trips.sql", SCRIPT)
        self.data_api.outcome = self._outcome
        self.data_api.page_of = self._page
        self.configure()

    def configure(self, **changes: str) -> None:
        self.wire(
            **{
                "LOAD_SCRIPT_S3_PATH": f"s3://{self.put.bucket}/load/trips.sql",
                "CLUSTER_IDENTIFIER": "analytics-1",
                "WORKGROUP_NAME": "",
                "DATABASE": "dev",
                "SETUP_DB_USERNAME": "awsuser",
                "SETUP_SECRET_ARN": "",
                "SAMPLE_DATA_S3_PATH": PATH,
                "REDSHIFT_IAM_ROLE": ROLE,
            }
            | changes
        )
        load_redshift.build.cache_clear()

    def invoke(self, seconds: float = 50, **event: str) -> dict[str, Any]:
        return load_redshift.handler(event or None, Context(seconds))

    def batches(self) -> list[dict[str, Any]]:
        return self.data_api.requests("BatchExecuteStatement")

    def end(self, statement_id: str, status: str = "FINISHED", error: str = "") -> None:
        """Ends a load that runs."""
        statement = self.data_api.statements[statement_id]
        statement.status, statement.error = status, error
        if status == "FINISHED":
            self._commit(statement.request)

    def _outcome(self, request: dict[str, Any]) -> tuple[str, str]:
        if "Sqls" not in request:
            return "FINISHED", ""
        if self.ends[0] == "FINISHED":
            self._commit(request)
        return self.ends

    def _commit(self, request: dict[str, Any]) -> None:
        self.loaded = {request["Sqls"][1].split("'")[1]: 3_000_000}

    def _page(self, statement: Any) -> dict[str, Any]:
        assert statement.request["Sql"] == load_redshift._LOADED
        ((bound),) = statement.request["Parameters"]
        found = [trips for path, trips in self.loaded.items() if path == bound["value"]]
        return {"Records": [[{"longValue": trips}] for trips in found], "ColumnMetadata": []}


@pytest.fixture
def loads(world: World, put: Any, wire: Callable[..., None]) -> Loads:
    return Loads(world.data_api, put, wire)


def test_it_loads_in_one_transaction_and_tells_how_many(loads: Loads) -> None:
    assert loads.invoke() == {"state": "loaded", "trips": 3_000_000}
    (batch,) = loads.batches()
    assert (batch["ClusterIdentifier"], batch["Database"], batch["DbUser"]) == ("analytics-1", "dev", "awsuser")
    assert batch["Sqls"] == [
        "DELETE FROM t",
        f"COPY t FROM '{PATH}' IAM_ROLE '{ROLE}' FORMAT AS PARQUET",
        "DELETE FROM trips_loaded",
        f"INSERT INTO trips_loaded SELECT '{PATH}', count(*), sysdate FROM t",
    ]
    assert "ExecutionMode" not in batch, "a batch is one transaction unless it says otherwise"


def test_the_default_role_stands_without_quotes(loads: Loads) -> None:
    loads.configure(REDSHIFT_IAM_ROLE="default")
    loads.invoke()
    assert "IAM_ROLE default FORMAT" in loads.batches()[0]["Sqls"][1]


def test_in_a_workgroup_it_runs_by_the_administrators_secret(loads: Loads) -> None:
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:redshift!trips-admin-AbCdEf"
    workgroup = {"CLUSTER_IDENTIFIER": "", "WORKGROUP_NAME": "trips", "SETUP_DB_USERNAME": ""}
    loads.configure(**workgroup, SETUP_SECRET_ARN=secret)
    assert loads.invoke()["state"] == "loaded"
    (batch,) = loads.batches()
    assert (batch["WorkgroupName"], batch["SecretArn"]) == ("trips", secret)
    assert not {"ClusterIdentifier", "DbUser"} & set(batch)


def test_what_is_loaded_is_not_loaded_again(loads: Loads) -> None:
    loads.invoke()
    assert loads.invoke() == {"state": "unchanged", "trips": 3_000_000}
    assert len(loads.batches()) == 1


def test_other_trips_replace_them(loads: Loads) -> None:
    loads.invoke()
    loads.configure(SAMPLE_DATA_S3_PATH="s3://data/other/")
    assert loads.invoke()["state"] == "loaded"
    assert list(loads.loaded) == ["s3://data/other/"]
    assert len({batch["StatementName"] for batch in loads.batches()}) == 2


def test_without_a_path_nothing_is_loaded(loads: Loads) -> None:
    loads.configure(SAMPLE_DATA_S3_PATH="")
    assert loads.invoke() == {"state": "nothing"}
    assert loads.data_api.calls == []


def test_a_load_that_takes_longer_is_told_by_its_id_and_followed(loads: Loads) -> None:
    loads.ends = ("STARTED", "")
    answer = loads.invoke(seconds=10.2)
    assert answer["state"] == "loading"
    assert loads.invoke(seconds=10.2, statementId=answer["statementId"]) == answer
    loads.end(answer["statementId"])
    assert loads.invoke(statementId=answer["statementId"]) == {"state": "loaded", "trips": 3_000_000}
    assert len(loads.batches()) == 1
    assert not loads.data_api.requests("CancelStatement")


@pytest.mark.parametrize("status", ["SUBMITTED", "PICKED", "STARTED"])
def test_who_asks_while_it_runs_joins_it(loads: Loads, status: str) -> None:
    loads.ends = (status, "")
    first = loads.invoke(seconds=10.2)
    assert loads.invoke(seconds=10.2) == first
    assert len(loads.batches()) == 1


def test_a_load_of_other_trips_that_runs_is_not_joined(loads: Loads) -> None:
    loads.ends = ("STARTED", "")
    loads.invoke(seconds=10.2)
    loads.data_api.statements.clear()  # the fake lists statements of one name
    loads.configure(SAMPLE_DATA_S3_PATH="s3://data/other/")
    loads.invoke(seconds=10.2)
    first, second = loads.batches()
    assert first["StatementName"] != second["StatementName"]


def test_a_failure_is_told_and_the_next_one_tries_again(loads: Loads) -> None:
    loads.ends = ("FAILED", "Query #2 failed with ERROR: The specified S3 prefix 'sample/' does not exist")
    assert loads.invoke() == {"state": "failed", "reason": f"the load: {loads.ends[1]}"}
    loads.ends = ("FINISHED", "")
    assert loads.invoke()["state"] == "loaded"
    assert len(loads.batches()) == 2


def test_a_load_that_fails_later_is_told_too(loads: Loads) -> None:
    loads.ends = ("STARTED", "")
    statement_id = loads.invoke(seconds=10.2)["statementId"]
    loads.end(statement_id, "ABORTED")
    assert loads.invoke(statementId=statement_id) == {"state": "failed", "reason": "the load: aborted"}


def test_a_warehouse_that_does_not_answer_is_told_and_its_statement_cancelled(loads: Loads) -> None:
    loads.data_api.outcome = lambda _: ("STARTED", "")
    assert loads.invoke(seconds=5.2) == {
        "state": "failed",
        "reason": "what is loaded: not finished within the function's time limit",
    }
    assert loads.data_api.only.status == "ABORTED"


@pytest.mark.parametrize("operation", ["ExecuteStatement", "BatchExecuteStatement", "ListStatements"])
def test_a_refused_call_is_told(loads: Loads, operation: str) -> None:
    loads.data_api.refusals[operation] = ["ValidationException: Redshift endpoint doesn't exist in this region."]
    answer = loads.invoke()
    assert answer["state"] == "failed"
    assert "Redshift endpoint doesn't exist in this region." in answer["reason"]


def test_a_script_that_is_not_there_is_told(loads: Loads) -> None:
    loads.configure(LOAD_SCRIPT_S3_PATH=f"s3://{loads.put.bucket}/load/other.sql")
    assert "NoSuchKey" in loads.invoke()["reason"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REDSHIFT_IAM_ROLE", ""),
        ("REDSHIFT_IAM_ROLE", "default; DROP TABLE t"),
        ("REDSHIFT_IAM_ROLE", ROLE + "' FORMAT CSV; DROP TABLE t; --"),
        ("REDSHIFT_IAM_ROLE", "arn:aws:iam::1:role/x"),
        ("SAMPLE_DATA_S3_PATH", "http://data/sample/"),
        ("SAMPLE_DATA_S3_PATH", "s3://data/sample/'; DROP TABLE t; --"),
        ("SAMPLE_DATA_S3_PATH", "s3://data"),
        ("SAMPLE_DATA_S3_PATH", "s3://data/$$/"),
    ],
)
def test_a_value_that_could_be_sql_is_refused(loads: Loads, variable: str, value: str) -> None:
    loads.configure(**{variable: value})
    answer = loads.invoke()
    assert answer["state"] == "failed"
    assert f"{variable} has a value that cannot stand in a script" in answer["reason"]
    assert loads.data_api.calls == []
