"""A laptop's AWS for tests, and a plain client of it."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import websocket
from botocore.config import Config

from infra.local.runtime import LocalAws
from infra.sample import Simulated
from tests.faults.switches import Faults
from tests.infra.local.endpoints import free_port
from tests.samples import lay

REPO = Path(__file__).resolve().parents[3]
PASSWORD = "Taxi-2015!"
DAILY_TOTALS = ("operations/daily_totals", "shared/newest_month")
"""A report, and the one that it takes a default from."""


class FaultyAws(LocalAws):
    """A laptop's AWS in which things go wrong as a test says: `faults` has the switches."""

    def __init__(self, var: Path, **options: Any) -> None:
        self.faults = Faults()
        super().__init__(var, hooks=self.faults, **options)


@contextmanager
def running(var: Path, repo: Path = REPO, port: int | None = None, **options: Any) -> Iterator[FaultyAws]:
    given = {"warm": False} | options
    if isinstance(sample := given.get("sample"), Simulated):
        lay(sample.rows, var)
    aws = FaultyAws(
        var, port=port or free_port(), app_url="http://localhost:8050", repo=repo, announce=lambda line: None, **given
    )
    aws.start()
    try:
        yield aws
    finally:
        aws.stop()


def client(aws: LocalAws, service: str, key: str = "local") -> Any:
    config = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1})
    return boto3.Session(key, "local", region_name="us-east-1").client(
        service, endpoint_url=aws.endpoint_url, config=config
    )


def sign_in(aws: LocalAws, email: str = "ops@example.com") -> str:
    answer = client(aws, "cognito-idp").initiate_auth(
        ClientId=aws.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
    )
    return str(answer["AuthenticationResult"]["IdToken"])


class Tab:
    """A plain WebSocket client with an ID token."""

    def __init__(self, aws: LocalAws, token: str, timeout: float = 60) -> None:
        header, url = [f"Authorization: Bearer {token}"], aws.websocket_url
        self._socket = websocket.create_connection(url, timeout=timeout, header=header, suppress_origin=True)

    def send(self, **message: Any) -> None:
        self._socket.send(json.dumps(message))

    def receive(self, run_id: str = "") -> dict[str, Any]:
        """The next message; with a run's id the next that is of no other run, whose end may have come twice."""
        while True:
            message = dict(json.loads(self._socket.recv()))
            if not run_id or message.get("runId", run_id) == run_id:
                return message

    def run(self, report: str, run_id: str, **parameters: str) -> list[dict[str, Any]]:
        """Every message about the run, to its end."""
        self.send(action="run", topicName="topic", report=report, parameters=parameters, runId=run_id)
        said = [self.receive(run_id)]
        while said[-1]["type"] == "accepted":
            said.append(self.receive(run_id))
        return said

    def close(self) -> None:
        self._socket.close()


def execute(aws: LocalAws, sql: str) -> str:
    """Runs a statement as the warehouse's administrator, to its end; gives its id."""
    data, target = aws.clients["redshift-data"], {"ClusterIdentifier": "pushboard", "Database": "dev"}
    statement = data.execute_statement(Sql=sql, DbUser="awsuser", **target)["Id"]
    until(lambda: data.describe_statement(Id=statement)["Status"] == "FINISHED")
    return str(statement)


def is_turned(aws: LocalAws, table: str) -> bool:
    """Whether the pages on a table show its last change: no turn of it is to come."""
    key = {"pk": {"S": f"table#{table}"}, "sk": {"S": "table"}}
    found = aws.clients["dynamodb"].get_item(TableName="client_connections", Key=key, ConsistentRead=True)
    item = {name: value.get("N") for name, value in found.get("Item", {}).items()}
    return int(item.get("turned") or 0) >= int(item.get("since") or 0)


def until(condition: Callable[[], bool], every: float = 0.02) -> None:
    """Looks every so many seconds, for a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(every)


def copy_of_the_project(folder: Path, *reports: str) -> Path:
    """The templates and the SQL, to be changed at will; of the reports all, or those named, as `operations/trips`.

    Each report is uploaded, fetched and read at a start.
    """
    for name in ("infra", "sql"):
        shutil.copytree(REPO / name, folder / name, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    files = (folder / "sql" / "reports").rglob("*.sql")
    for file in [one for one in files if reports and f"{one.parent.name}/{one.stem}" not in reports]:
        file.unlink()
    return folder
