"""The lines that functions log, as Lambda writes them and CloudWatch reads them."""

import ast
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend_lambdas import log_events
from backend_lambdas.aws import telemetry
from infra.local.lambda_ import sandboxes, stand_ins
from infra.local.lambda_.logs import FunctionLogs, within
from tests.backend_lambdas import emf
from tests.backend_lambdas.lambda_fakes import World, principal

PACKAGE = Path(telemetry.__file__).parents[1]


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What one invocation logs, line by line, as Lambda's JSON log format has it."""
    written: list[str] = []
    logs = FunctionLogs({"backend_lambdas"}, written.append, lambda _: None)
    stand_ins.install()
    with within("OnConnectFunction", "request-1"), sandboxes.entered(sandboxes.Sandbox(lambda _: False)):
        yield written
    stand_ins.remove()
    logs.close()


def notified(lines: list[str], message: str) -> dict[str, Any]:
    """The only line of that message."""
    (line,) = (line for line in lines if json.loads(line)["message"] == message)
    return json.loads(line)


def metrics(lines: list[str]) -> dict[str, list[int]]:
    """The values of every metric in the lines, each checked against the specification."""
    found: dict[str, list[int]] = {}
    for line in lines:
        if "_aws" in json.loads(line):
            for name, metric in emf.check(line).items():
                found.setdefault(name, []).append(metric["value"])
    return found


def test_a_line_has_lambdas_fields_and_ours_side_by_side(lines: list[str], world: World) -> None:
    world.connect("ann=")
    world.request_run("ann=")
    asked, run = notified(lines, "run requested"), world.run_item()
    assert (asked["level"], asked["requestId"], asked["stack"]) == ("INFO", "request-1", "pushboard")
    assert asked["attempt"] == run["attempt"]
    assert (asked["runId"], asked["connectionId"]) == ("run of ann=", "ann=")
    assert (asked["user"], asked["report"], asked["department"]) == ("sub of ann=", "revenue_by_day", "finance")


def test_a_run_that_two_ask_for_is_started_once_shared_once_and_told_twice(lines: list[str], world: World) -> None:
    world.connect("ann=", "bob=", "cid=")
    world.request_run("ann=")
    world.request_run("bob=")
    world.complete()
    world.request_run("cid=")
    found = metrics(lines)
    once = {"RunsStarted", "RunsShared", "RunsCached", "RunsFinished"}
    assert [found[name] for name in sorted(once)] == [[1]] * len(once)
    assert found["NotificationsSent"] == [2]
    assert {"QueueTime", "StatementTime", "TimeToNotify"} <= set(found)
    assert "RunsFailed" not in found


def test_a_run_that_fails_is_counted_by_department_and_code(lines: list[str], world: World) -> None:
    world.connect("ann=")
    world.request_run("ann=")
    world.data_api.only.error = "Divide by zero"
    world.complete(state="FAILED")
    line = notified(lines, "run failed")
    failed = emf.check(json.dumps(line))["RunsFailed"]
    assert failed == {
        "value": 1,
        "unit": "Count",
        "dimensions": [["stack"], ["stack", "department"], ["stack", "code"]],
        "of": "Pushboard",
    }
    assert (line["department"], line["code"], line["reason"]) == ("finance", "sql_error", "Divide by zero")


def test_a_second_event_of_the_same_end_counts_nothing(lines: list[str], world: World) -> None:
    world.connect("ann=")
    world.request_run("ann=")
    world.complete()
    before = metrics(lines)
    world.complete()
    assert metrics(lines) == before


def test_a_cancelled_run_and_one_at_its_limit_are_counted_as_such(
    lines: list[str], world: World, fake_clock: Any
) -> None:
    world.connect("ann=", "bob=")
    world.request_run("ann=")
    world.cancel("ann=")
    world.request_run("bob=", month="2015-11")
    fake_clock.forward(61)
    world.reconcile()
    found = metrics(lines)
    assert (found["RunsCancelled"], found["RunsTimedOut"], found["RunsFailed"]) == ([1], [1], [1])


def test_who_cannot_be_told_is_counted_and_a_closed_socket_is_not_told(lines: list[str], world: World) -> None:
    world.connect("ann=", "bob=")
    world.request_run("ann=")
    world.request_run("bob=")
    world.gateway.gone.add("ann=")
    world.gateway.throttled.add("bob=")
    with pytest.raises(RuntimeError):
        world.complete()
    found = metrics(lines)
    assert (found["SocketsGone"], found["NotificationsFailed"]) == ([1], [1])
    assert not [line for line in lines if json.loads(line)["message"] == "subscriber notified"]


def test_an_end_that_was_not_heard_of_is_a_find(lines: list[str], world: World, fake_clock: Any) -> None:
    world.connect("ann=")
    world.request_run("ann=")
    world.data_api.only.status = "FINISHED"
    fake_clock.forward(30)
    world.reconcile()
    assert metrics(lines)["MissedEvents"] == [1]


def test_whatever_is_counted_is_one_of_the_metrics_and_each_of_them_is_counted_somewhere() -> None:
    """Which the dashboard and the alarms rely on."""
    tree = ast.parse((PACKAGE / "log_events.py").read_text())
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert {text for text in texts if text[:1].isupper() and text.isalpha()} == set(telemetry.METRICS)


def test_everything_that_can_happen_does_somewhere() -> None:
    """An event that nobody tells of would be a metric that is always missing."""
    tree = ast.parse((PACKAGE / "log_events.py").read_text())
    events = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}
    code = "".join(file.read_text() for file in PACKAGE.rglob("*.py"))
    assert {event for event in events if f"log_events.{event}(" not in code} == set()


@pytest.mark.parametrize(
    "broken", [lambda: log_events.socket_opened(None, None), lambda: log_events.rows_read("s", {}, "u")]
)
def test_what_cannot_be_told_ends_nothing(
    broken: Callable[[], None], lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STACK_NAME")
    broken()
    assert "could not be told" in json.loads(lines[-1])["message"]


def test_a_run_goes_on_when_nothing_can_be_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STACK_NAME")
    world.connect("ann=")
    world.request_run("ann=")
    world.complete()
    assert world.gateway.types("ann=") == ["accepted", "finished"]


def test_no_line_has_an_email_a_value_or_sql(lines: list[str], world: World) -> None:
    """Of a run that is asked for, shared, finished, cached and one that fails."""
    world.connect("ann=", "bob=")
    for connection in ("ann=", "bob="):
        world.request_run(connection, month="1815-12")
    world.complete()
    world.request_run("bob=", month="1815-12", run_id="again")
    world.request_run("ann=", month="1815-11", run_id="other")
    world.complete(next(one for one in world.data_api.statements.values() if one.status == "STARTED"), "FAILED")
    assert len(lines) > 10
    told_of = "\n".join(lines)
    for secret in (principal("finance").email, "1815-1", "SELECT", "nyc_yellow_taxi"):
        assert secret not in told_of


def test_a_text_too_long_is_cut(lines: list[str], world: World) -> None:
    world.connect("ann=")
    world.request_run("ann=")
    world.data_api.only.error = "x" * 100_000
    world.complete(state="FAILED")
    assert len(notified(lines, "run failed")["reason"]) == 500


def test_departments_and_codes_are_all_that_metrics_are_counted_by_besides_the_stack() -> None:
    """Each value of such a field is a metric that CloudWatch charges for."""
    assert {field for metric in telemetry.METRICS.values() for field in metric.by} == {"department", "code"}
    assert sum("department" in metric.by for metric in telemetry.METRICS.values()) <= 3


def test_levels_tell_what_needs_somebody(lines: list[str], world: World) -> None:
    world.connect("ann=")
    world.request_run("ann=")
    world.complete()
    assert {json.loads(line)["level"] for line in lines} == {logging.getLevelName(logging.INFO)}
