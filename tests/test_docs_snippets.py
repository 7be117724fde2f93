"""The snippets of `docs/jobs.md` run as they stand, against clients that keep what is sent: Python, Step Functions.

What they put on the bus is read as the backend reads it; what they send to the gateway is a message that it takes.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import websocket
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from backend_lambdas import messages
from backend_lambdas.handlers import turn_pages

PAGE = Path(__file__).resolve().parents[1] / "docs" / "jobs.md"

RUN_RESULTS = {
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "dbt_version": "1.10.0"},
    "results": [
        {"status": "success", "unique_id": "model.taxi.fares", "relation_name": '"dev"."finance"."fares"'},
        {"status": "success", "unique_id": "model.taxi.of_the_moment", "relation_name": None},
        {"status": "error", "unique_id": "model.taxi.tips", "relation_name": '"dev"."finance"."tips"'},
        {"status": "success", "unique_id": "test.taxi.not_null_fares", "relation_name": None},
    ],
}
"""As `dbt build` leaves it; an ephemeral model has no relation. Source: dbt, "Run results JSON file"."""

OBJECT_CREATED = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "time": "2026-01-05T06:30:00Z",
    "detail": {"bucket": {"name": "lake"}, "object": {"key": "trips/2026-01.parquet", "size": 5, "etag": "x"}},
}


def snippets(language: str) -> list[str]:
    """The blocks of the page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def snippet(language: str, marked: str) -> str:
    """The only block that holds these words."""
    (found,) = (text for text in snippets(language) if marked in text)
    return found


class Bus:
    """What clients of EventBridge put, after botocore has validated and written it."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def client(self, service: str) -> Any:
        made = boto3.session.Session("key", "secret", region_name="us-east-1").client(service)
        made.meta.events.register("before-send.events.PutEvents", self._receive)
        return made

    def _receive(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        self.entries += json.loads(request.body)["Entries"]
        answer = AWSResponse(request.url, 200, {"Content-Type": "application/x-amz-json-1.1"}, None)
        answer._content = json.dumps({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}).encode()
        return answer

    def told(self) -> tuple[set[str], str]:
        """The tables and who changed them, as the backend reads the only event."""
        (entry,) = self.entries
        assert (entry["Source"], entry["DetailType"]) == (turn_pages.SOURCE, "Tables Changed")
        event = {"source": entry["Source"], "detail": json.loads(entry["Detail"])}
        return set(turn_pages.tables_of(event)), turn_pages.changed_by(event)


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    bus = Bus()
    monkeypatch.setattr(boto3, "client", bus.client)
    return bus


def run(text: str, **names: Any) -> dict[str, Any]:
    exec(compile(text, str(PAGE), "exec"), names)
    return names


def test_dbt_tells_the_tables_that_it_has_built(bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "run_results.json").write_text(json.dumps(RUN_RESULTS))
    monkeypatch.chdir(tmp_path)
    run(snippet("python", "run_results.json"))
    assert bus.told() == ({"finance.fares"}, "dbt")


def test_a_script_of_glue_tells_its_table(bus: Bus) -> None:
    run(snippet("python", 'args["JOB_NAME"]'), args={"JOB_NAME": "fares-nightly"}, json=json, boto3=boto3)
    assert bus.told() == ({"finance.fares"}, "fares-nightly")


def test_a_function_tells_of_a_file_of_a_lake(bus: Bus) -> None:
    defined = run(snippet("python", "def handler(event, context)"), json=json, boto3=boto3)
    defined["handler"](OBJECT_CREATED, None)
    assert bus.told() == ({"lake.trips"}, "trips/2026-01.parquet")


def test_a_state_of_step_functions_is_an_event_of_the_bus(bus: Bus) -> None:
    """Step Functions writes the detail as text. Source: its guide, "Add EventBridge events"."""
    state = json.loads(snippet("json", "states:::events:putEvents"))
    entries = [{**entry, "Detail": json.dumps(entry["Detail"])} for entry in state["Parameters"]["Entries"]]
    bus.client("events").put_events(Entries=entries)
    assert bus.told() == ({"finance.fares"}, "nightly load")


class Socket:
    """A gateway's socket that tells a step and an end of whatever is started."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.received = [
            {"type": "accepted", "runId": "1"},
            {"type": "step", "name": "Clear the month", "state": "finished"},
            {"type": "finished", "runId": "1"},
        ]

    def send(self, text: str) -> None:
        self.sent.append(text)

    def recv(self) -> str:
        return json.dumps(self.received.pop(0))


def test_a_client_starts_a_job_and_hears_of_its_steps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    socket = Socket()
    opened: Callable[..., Socket] = lambda url, header: socket  # noqa: E731
    monkeypatch.setattr(websocket, "create_connection", opened)
    run(snippet("python", "websocket.create_connection"), url="wss://gateway", id_token="a.b.c")
    (sent,) = socket.sent
    started = messages.parse(sent)
    assert isinstance(started, messages.Start)
    assert (started.job, dict(started.parameters)) == ("load_month", {"month": "2015-12"})
    assert "step Clear the month finished" in capsys.readouterr().out
    assert not socket.received


def test_no_snippet_is_left_out() -> None:
    assert (len(snippets("python")), len(snippets("json"))) == (4, 1)
