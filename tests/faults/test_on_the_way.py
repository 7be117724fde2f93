"""What goes wrong on the way of a query, switched on while the laptop's AWS runs; the functions are the real ones."""

from collections.abc import Iterator

import pytest

from infra.local.cloudformation.deployment import CLUSTER
from tests.faults.kinds import Fault
from tests.infra.local.laptop import FaultyAws, Tab, client, running, sign_in, until

TARGET = {"ClusterIdentifier": "pushboard", "Database": "dev", "DbUser": "awsuser"}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyAws]:
    backend = CLUSTER | {"QuickSeconds": "0"}  # every end is told by its event
    with running(tmp_path_factory.mktemp("var"), backend=backend) as one:
        yield one


@pytest.fixture(autouse=True)
def _mended(aws: FaultyAws) -> Iterator[None]:
    yield
    aws.faults.mend()


@pytest.fixture
def tab(aws: FaultyAws) -> Iterator[Tab]:
    one = Tab(aws, sign_in(aws))
    yield one
    one.close()


def ask(tab: Tab, run_id: str, month: str) -> None:
    """Asks without waiting for the end; each test asks for months of its own, as results are kept."""
    tab.send(action="run", topicName=run_id, report="daily_totals", parameters={"month": month}, runId=run_id)


def ended(tab: Tab) -> list[str]:
    """The runs that have ended by now, as far as the tab was told."""
    tab.send(action="ping")
    said = iter(tab.receive, {"type": "pong"})
    return [message["runId"] for message in said if message["type"] != "accepted"]


def next_end(tab: Tab) -> str:
    """The next run to end."""
    said = iter(tab.receive, None)
    return next(message["runId"] for message in said if message["type"] == "finished")


def happened(fault: Fault, times: int = 1) -> None:
    until(lambda: fault.happened == times)


def test_a_lost_event_is_not_told_of(aws: FaultyAws, tab: Tab) -> None:
    fault = aws.faults.lose_events(times=1)
    ask(tab, "lost", "2015-01")
    happened(fault)
    assert ended(tab) == []


def test_a_late_event_is_told_of_later(aws: FaultyAws, tab: Tab) -> None:
    fault = aws.faults.delay_events(2.0, times=1)
    ask(tab, "late", "2015-02")
    happened(fault)
    assert ended(tab) == []
    assert next_end(tab) == "late"


def test_an_event_waits_for_another(aws: FaultyAws, tab: Tab) -> None:
    fault = aws.faults.reorder_events(2)
    ask(tab, "first", "2015-03")
    happened(fault)
    assert ended(tab) == []
    ask(tab, "second", "2015-04")
    assert {next_end(tab), next_end(tab)} == {"first", "second"}


def test_a_held_event_is_released(aws: FaultyAws, tab: Tab) -> None:
    fault = aws.faults.reorder_events(2)
    ask(tab, "held", "2015-08")
    happened(fault)
    aws.faults.release()
    assert next_end(tab) == "held"


def test_a_doubled_event_calls_the_function_twice(aws: FaultyAws, tab: Tab) -> None:
    """Both die, and are called again."""
    copied = aws.faults.copy_events(2, times=1)
    killed = aws.faults.kill("SendMessageFunction", times=2)
    ask(tab, "doubled", "2015-09")
    assert next_end(tab) == "doubled"
    assert (copied.happened, killed.happened) == (1, 2)


def test_a_throttled_function_tries_again_and_others_are_not_throttled(aws: FaultyAws, tab: Tab) -> None:
    fault = aws.faults.refuse(
        "redshift-data", "ExecuteStatement", "ThrottlingException", times=1, by="OnConnectFunction"
    )
    client(aws, "redshift-data").execute_statement(Sql="SELECT 1", **TARGET)
    assert fault.happened == 0
    assert tab.run("daily_totals", "throttled", month="2015-05")[-1]["type"] == "finished"
    assert fault.happened == 1


def test_a_function_that_dies_on_an_event_is_called_again(aws: FaultyAws, tab: Tab) -> None:
    fault = aws.faults.kill("SendMessageFunction", before_call=2)
    assert tab.run("daily_totals", "died", month="2015-06")[-1]["type"] == "finished"
    assert fault.happened == 1


def test_a_function_that_dies_on_a_message_is_an_error_to_the_client(aws: FaultyAws, tab: Tab) -> None:
    aws.faults.kill("OnConnectFunction")
    tab.send(action="run", topicName="t", report="daily_totals", parameters={"month": "2015-07"}, runId="killed")
    assert tab.receive()["message"] == "Internal server error"


def test_the_records_of_a_broken_socket_go_and_stay_when_nobody_is_told(aws: FaultyAws, tab: Tab) -> None:
    def connections() -> set[str]:
        items = client(aws, "dynamodb").scan(TableName="client_connections")["Items"]
        return {item["connectionId"]["S"] for item in items if "connectionId" in item}

    assert ended(tab) == []  # so it is recorded
    mine = connections()
    assert aws.faults.break_sockets() >= 1
    until(lambda: not mine & connections())
    other = Tab(aws, sign_in(aws))
    fault = aws.faults.lose_disconnects()
    assert ended(other) == []
    left = connections()
    assert aws.faults.break_sockets() == 1
    happened(fault)
    assert connections() == left != set()
    other.close()
