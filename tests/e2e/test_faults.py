"""Everything that goes wrong on AWS now and then, and that each run ends visibly all the same, having run once.

Plain WebSocket clients of the laptop's gateway; `aws.faults` breaks things. A scheduled minute lasts seconds here.
Ends are told by events here, however quick a statement is, but where a test is of quick ends as well.
"""

import errno
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.cloudformation.deployment import CLUSTER
from infra.local.s3.mirror import S3Mirror
from infra.sample import Simulated
from tests.faults.expiry import delete_expired
from tests.infra.local.laptop import FaultyAws, Tab, client, copy_of_the_project, free_port, running, sign_in, until

TERMINAL = {"finished", "exported", "failed", "cancelled", "rejected"}
PATIENCE = 75
"""Seconds after which a run is lost: more than the reconciler's 20 s, less than the report's limit and a minute."""

ON_CONNECT_CALLS, SEND_MESSAGE_CALLS = 13, 9
"""At the least as many AWS calls as each makes for a run; later ones are not reached."""

NUMBERED = """/*---
title: Numbered
parameters:
  number: {type: integer, label: Number, default: 1, min: 1, max: 100000}
chart: {type: number, value: trips}
cache: 15m
timeout: 60s
---*/
SELECT count(*) + :number::integer AS trips FROM nyc_yellow_taxi
"""

ENDLESS = """/*---
title: Endless
chart: {type: number, value: pairs}
timeout: 2s
---*/
SELECT count(*) AS pairs
FROM nyc_yellow_taxi a CROSS JOIN nyc_yellow_taxi b CROSS JOIN nyc_yellow_taxi c
WHERE a.fare_amount + b.fare_amount > c.fare_amount
"""

numbers = itertools.count(1)
"""Every run asks something new."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = copy_of_the_project(tmp_path_factory.mktemp("project"))
    for name, text in {"numbered": NUMBERED, "endless": ENDLESS}.items():
        (repo / "sql" / "reports" / "operations" / f"{name}.sql").write_text(text)
    return repo


@pytest.fixture(scope="module", params=["0"])
def laptop(
    tmp_path_factory: pytest.TempPathFactory, project: Path, request: pytest.FixtureRequest
) -> Iterator[FaultyAws]:
    """`param` is for how many seconds a submitter waits for the end."""
    backend = CLUSTER | {"GroupsFreshSeconds": "0", "QuickSeconds": request.param}
    options = {"sample": Simulated(20_000), "minute": 5.0, "backend": backend}
    with running(tmp_path_factory.mktemp("var"), project, **options) as aws:
        yield aws


QUICK_AND_BY_EVENT = pytest.mark.parametrize("laptop", ["0", "1"], indirect=True, ids=["by event", "quick"])


@pytest.fixture
def aws(laptop: FaultyAws) -> Iterator[FaultyAws]:
    yield laptop
    laptop.faults.mend()


class Client:
    """A tab that asks numbered questions, and keeps what it is told of each."""

    def __init__(self, aws: FaultyAws) -> None:
        self._aws = aws
        self._tab = Tab(aws, sign_in(aws), PATIENCE)
        self.ends: dict[str, list[dict[str, Any]]] = {}

    def ask(self, report: str = "numbered") -> str:
        number = next(numbers)
        run_id = f"run-{number}"
        self.ends[run_id] = []
        parameters = {"number": str(number)} if report == "numbered" else {}
        self._tab.send(action="run", topicName="t", report=report, parameters=parameters, runId=run_id)
        return run_id

    def send(self, **message: Any) -> None:
        self._tab.send(**message)

    def hear(self) -> dict[str, Any]:
        message = self._tab.receive()
        if message.get("type") in TERMINAL and message.get("runId") in self.ends:
            self.ends[message["runId"]].append(message)
        return message

    def hear_ends(self, *run_ids: str, patience: float = PATIENCE) -> list[dict[str, Any]]:
        """The end of each run; what is not told in time fails the test."""
        deadline = time.monotonic() + patience
        while missing := [run_id for run_id in run_ids if not self.ends[run_id]]:
            assert time.monotonic() < deadline, f"no end of {missing}"
            self.hear()
        return [self.ends[run_id][0] for run_id in run_ids]

    def hear_until_quiet(self, *run_ids: str) -> None:
        """All that is said of these runs before a ping is answered."""
        self.hear_ends(*run_ids)
        self.send(action="ping")
        while self.hear().get("type") != "pong":
            pass

    def reconnect(self) -> None:
        self._tab.close()
        self._tab = Tab(self._aws, sign_in(self._aws), PATIENCE)

    def close(self) -> None:
        self._tab.close()


@pytest.fixture
def tab(aws: FaultyAws) -> Iterator[Client]:
    opened = Client(aws)
    yield opened
    opened.close()


def statements(aws: FaultyAws, status: str = "ALL") -> Counter[str]:
    """How many statements there were of each numbered question."""
    pages = (
        client(aws, "redshift-data")
        .get_paginator("list_statements")
        .paginate(StatementName="pushboard/", Status=status)
    )
    asked = [one.get("QueryParameters", []) for page in pages for one in page["Statements"]]
    return Counter(values[0]["value"] for values in asked if values)


def number_of(run_id: str) -> str:
    return run_id.removeprefix("run-")


def types(ends: list[dict[str, Any]]) -> list[str]:
    return [end["type"] for end in ends]


# -------------------------------------------------------------------------------------------------------------- events


@QUICK_AND_BY_EVENT
def test_a_lost_event_is_made_up_for(aws: FaultyAws, tab: Client) -> None:
    aws.faults.lose_events()
    run_ids = [tab.ask() for _ in range(3)]
    assert types(tab.hear_ends(*run_ids)) == ["finished"] * 3
    assert {statements(aws)[number_of(run_id)] for run_id in run_ids} == {1}


def test_a_late_event_is_told_when_it_comes(aws: FaultyAws, tab: Client) -> None:
    aws.faults.delay_events(2.0, times=1)
    assert types(tab.hear_ends(tab.ask())) == ["finished"]


@QUICK_AND_BY_EVENT
def test_an_event_that_comes_three_times_changes_nothing(aws: FaultyAws, tab: Client) -> None:
    """Three at once may each tell, at least once being what is promised; but all of them the same."""
    copies = aws.faults.copy_events(3)
    run_id = tab.ask()
    tab.hear_until_quiet(run_id)
    assert copies.happened == 1
    assert types(tab.ends[run_id])[0] == "finished"
    assert all(end == tab.ends[run_id][0] for end in tab.ends[run_id])
    assert statements(aws)[number_of(run_id)] == 1


def test_events_in_the_wrong_order_tell_each_its_own(aws: FaultyAws, tab: Client) -> None:
    held = aws.faults.reorder_events(3)
    run_ids = [tab.ask() for _ in range(3)]
    ends = tab.hear_ends(*run_ids)
    assert types(ends) == ["finished"] * 3
    assert held.happened == 3
    assert len({end["statementId"] for end in ends}) == 3


def test_without_any_event_a_run_over_its_limit_ends_and_is_stopped(aws: FaultyAws, tab: Client) -> None:
    aws.faults.lose_events()
    (end,) = tab.hear_ends(tab.ask("endless"))
    assert (end["type"], end["code"]) == ("failed", "timeout")
    until(lambda: not any(running_names(aws)))


def running_names(aws: FaultyAws) -> list[str]:
    api = client(aws, "redshift-data")
    found = [api.list_statements(StatementName="pushboard/", Status=status) for status in ("SUBMITTED", "STARTED")]
    return [one["StatementName"] for page in found for one in page["Statements"]]


# ----------------------------------------------------------------------------------------------------- dying functions


@QUICK_AND_BY_EVENT
def test_a_function_that_dies_before_any_of_its_calls_loses_no_run(aws: FaultyAws, tab: Client) -> None:
    """Its client may have to ask what became of it; nothing is run twice for it, by anybody."""
    run_ids = []
    for call in range(1, ON_CONNECT_CALLS + 1):
        death = aws.faults.kill("OnConnectFunction", before_call=call)
        run_ids.append(tab.ask())
        until(lambda death=death, run_id=run_ids[-1]: death.happened > 0 or heard_of(tab, run_id))
        aws.faults.mend(death)
    time_to_be_found = time.monotonic() + PATIENCE
    while silent := [run_id for run_id in run_ids if not tab.ends[run_id]]:
        assert time.monotonic() < time_to_be_found, f"no end of {silent}"
        tab.send(action="resume", runIds=silent)
        tab.send(action="ping")
        while tab.hear().get("type") != "pong":
            pass
        time.sleep(0.5)  # as a tab would: those who ask all the time keep the functions from what they ask for
    for run_id in run_ids:
        end = tab.ends[run_id][0]
        assert end["type"] == "finished" or end.get("code") in {"expired", "warehouse_unavailable"}, end
        assert statements(aws)[number_of(run_id)] <= 1


def heard_of(tab: Client, run_id: str) -> bool:
    """Whether its end has been told; listens for one message."""
    if not tab.ends[run_id]:
        tab.hear()
    return bool(tab.ends[run_id])


def test_a_teller_that_dies_before_any_of_its_calls_is_called_again(aws: FaultyAws, tab: Client) -> None:
    run_ids = []
    for call in range(1, SEND_MESSAGE_CALLS + 1):
        death = aws.faults.kill("SendMessageFunction", before_call=call)
        run_ids.append(tab.ask())
        tab.hear_ends(run_ids[-1])
        aws.faults.mend(death)
    assert types(tab.hear_ends(*run_ids)) == ["finished"] * SEND_MESSAGE_CALLS
    assert {statements(aws)[number_of(run_id)] for run_id in run_ids} == {1}


def test_a_reconciler_that_dies_is_made_up_for_by_the_next_minute(aws: FaultyAws, tab: Client) -> None:
    aws.faults.lose_events()
    deaths = aws.faults.kill("ReconcileFunction", before_call=6, times=3)
    assert types(tab.hear_ends(tab.ask())) == ["finished"]
    assert deaths.happened > 0


# ------------------------------------------------------------------------------------------ services that do not answer


@QUICK_AND_BY_EVENT
@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("dynamodb", "*", "ProvisionedThroughputExceededException", 400),
        ("dynamodb", "*", "InternalServerError", 500),
        ("redshift-data", "ExecuteStatement", "ThrottlingException", 400),
        ("redshift-data", "ExecuteStatement", "ActiveStatementsExceededException", 400),
        ("redshift-data", "ExecuteStatement", "InternalServerException", 500),
        ("redshift-data", "*", "ThrottlingException", 400),
        ("apigatewaymanagementapi", "PostToConnection", "LimitExceededException", 429),
        ("cognito-idp", "AdminListGroupsForUser", "TooManyRequestsException", 400),
        ("s3", "*", "SlowDown", 503),
    ],
)
def test_a_service_that_refuses_some_calls_costs_nobody_his_result(
    aws: FaultyAws, tab: Client, service: str, operation: str, code: str, status: int
) -> None:
    refused = aws.faults.refuse(service, operation, code, status, times=2)
    run_id = tab.ask()
    assert types(tab.hear_ends(run_id)) == ["finished"]
    assert refused.happened > 0 or service == "s3"  # whose listing may have been fresh
    assert statements(aws)[number_of(run_id)] == 1


@pytest.mark.parametrize(("code", "answered"), [("ThrottlingException", "too_busy"), ("InternalServerException", None)])
def test_a_warehouse_that_takes_nothing_is_told_after_the_wait(
    aws: FaultyAws, tab: Client, code: str, answered: str | None
) -> None:
    aws.faults.refuse("redshift-data", "ExecuteStatement", code, 400 if answered else 500)
    run_id = tab.ask()
    (end,) = tab.hear_ends(run_id)
    assert (end["type"], end["code"]) == ("rejected", answered or "warehouse_unavailable")
    assert statements(aws)[number_of(run_id)] == 0


def test_a_gone_client_holds_up_nobody(aws: FaultyAws, tab: Client) -> None:
    """Two wait for one statement, and the first to be told turns out to be gone."""
    held = aws.faults.reorder_events(2)
    other = Client(aws)
    run_id = tab.ask()
    until(lambda: tab.hear().get("type") == "accepted")
    question = {"topicName": "t", "report": "numbered", "parameters": {"number": number_of(run_id)}}
    other.send(action="run", **question, runId="other")
    until(lambda: other.hear().get("type") == "accepted")
    gone = aws.faults.refuse("apigatewaymanagementapi", "PostToConnection", "GoneException", 410, times=1)
    aws.faults.mend(held)
    until(lambda: gone.happened == 1 and not waiters(aws))
    for client_of_one, its_run in ((tab, run_id), (other, "other")):
        client_of_one.reconnect()
        client_of_one.ends[its_run] = []
        client_of_one.send(action="resume", runIds=[its_run])
        assert types(client_of_one.hear_ends(its_run)) == ["finished"]
    other.close()


def waiters(aws: FaultyAws) -> list[str]:
    """Everyone who waits, from the table."""
    items = client(aws, "dynamodb").scan(TableName="client_connections")["Items"]
    return [item["sk"]["S"] for item in items if item["pk"]["S"].startswith("attempt#")]


# ------------------------------------------------------------------------------------------------------------- DynamoDB


def test_a_run_that_the_index_does_not_know_yet_is_found_by_a_later_minute(aws: FaultyAws, tab: Client) -> None:
    lag = aws.faults.lag_indexes()
    aws.faults.lose_events()
    run_id = tab.ask()
    until(lambda: lag.happened > 0)
    assert not tab.ends[run_id]
    aws.faults.mend(lag)
    assert types(tab.hear_ends(run_id)) == ["finished"]
    assert statements(aws)[number_of(run_id)] == 1


def test_a_run_that_the_index_knows_for_too_long_is_told_once(aws: FaultyAws, tab: Client) -> None:
    """It has ended and been told, and those who look after runs still find that somebody waits for it."""
    aws.faults.reorder_events(2)
    run_id = tab.ask()
    until(lambda: tab.hear().get("type") == "accepted")
    bring_index_up_to_date(aws)
    lag = aws.faults.lag_indexes()
    aws.faults.release()
    tab.hear_ends(run_id)
    looked = lag.happened
    until(lambda: lag.happened > looked + 2)
    tab.hear_until_quiet(run_id)
    assert all(end == tab.ends[run_id][0] for end in tab.ends[run_id])
    assert statements(aws)[number_of(run_id)] == 1


def bring_index_up_to_date(aws: FaultyAws) -> None:
    """It follows when it is asked, whichever of its keys."""
    client(aws, "dynamodb").query(
        TableName="client_connections",
        IndexName="waiting",
        KeyConditionExpression="waiting = :key",
        ExpressionAttributeValues={":key": {"S": "0"}},
    )


@pytest.mark.parametrize("deleted", [False, True], ids=["still there", "deleted"])
def test_what_has_expired_counts_for_nothing_whether_it_is_deleted_or_not(
    aws: FaultyAws, tab: Client, deleted: bool
) -> None:
    run_id = tab.ask()
    tab.hear_ends(run_id)
    dynamodb = client(aws, "dynamodb")
    for item in dynamodb.scan(TableName="client_connections")["Items"]:
        if "expiresAt" in item:
            past = str(int(time.time()) - 60)
            dynamodb.put_item(TableName="client_connections", Item=item | {"expiresAt": {"N": past}})
    assert not deleted or delete_expired(dynamodb) > 0
    tab.reconnect()
    tab.ends[run_id] = []
    tab.send(action="resume", runIds=[run_id])
    (end,) = tab.hear_ends(run_id)
    assert (end["type"], end["code"]) == ("failed", "expired")
    assert types(tab.hear_ends(tab.ask())) == ["finished"]


# -------------------------------------------------------------------------------------------------------------- sockets


@pytest.mark.parametrize("goodbye", [True, False])
def test_a_broken_socket_is_taken_up_where_it_broke(aws: FaultyAws, tab: Client, goodbye: bool) -> None:
    aws.faults.delay_events(2.0)
    if not goodbye:
        aws.faults.lose_disconnects()
    run_id = tab.ask()
    until(lambda: tab.hear().get("type") == "accepted")
    assert aws.faults.break_sockets() > 0
    tab.reconnect()
    tab.send(action="resume", runIds=[run_id])
    assert types(tab.hear_ends(run_id)) == ["finished"]
    assert statements(aws)[number_of(run_id)] == 1


def test_a_run_that_ended_while_its_socket_was_broken_is_told_at_once(aws: FaultyAws, tab: Client) -> None:
    run_id = tab.ask()
    until(lambda: tab.hear().get("type") in {"accepted", "finished"})  # whichever is quicker
    aws.faults.break_sockets()
    until(lambda: statements(aws, "FINISHED")[number_of(run_id)] == 1)
    tab.reconnect()
    tab.ends[run_id] = []
    tab.send(action="resume", runIds=[run_id])
    assert types(tab.hear_ends(run_id)) == ["finished"]


def test_a_group_taken_away_ends_what_its_member_may_ask(aws: FaultyAws, tab: Client) -> None:
    tab.hear_ends(tab.ask())
    admin = client(aws, "cognito-idp")
    member = {"UserPoolId": aws.pool_id, "Username": "ops@example.com", "GroupName": "operations"}
    admin.admin_remove_user_from_group(**member)
    try:
        (end,) = tab.hear_ends(tab.ask())
        assert (end["type"], end["code"]) == ("rejected", "forbidden")
    finally:
        admin.admin_add_user_to_group(**member)


# ---------------------------------------------------------------------------------------------- limits and full disks


class Exporter:
    """Exports by a tab, and the list of them that its user finds later."""

    def __init__(self, aws: FaultyAws, tab: Client) -> None:
        self._aws, self._tab, self._token = aws, tab, sign_in(aws)

    def ask(self) -> str:
        number = next(numbers)
        run_id = f"export-{number}"
        self._tab.ends[run_id] = []
        asked = {"report": "numbered", "parameters": {"number": str(number)}, "format": "csv", "runId": run_id}
        self._tab.send(action="export", topicName="t", **asked)
        return run_id

    def listed(self, run_id: str) -> dict[str, Any]:
        answer = requests.get(f"{self._aws.rest_url}/exports", headers={"Authorization": self._token}, timeout=20)
        return next((one for one in answer.json()["exports"] if one["runId"] == run_id), {})

    def files(self) -> set[str]:
        path = self._aws.stacks.backend.functions["GetExportsFunction"].environment["EXPORTS_S3_PATH"]
        found = client(self._aws, "s3").list_objects_v2(Bucket=path.split("/")[2])
        return {one["Key"] for one in found.get("Contents", ())}


@pytest.fixture
def exporter(aws: FaultyAws, tab: Client) -> Exporter:
    return Exporter(aws, tab)


def test_a_result_beyond_the_warehouses_limit_is_told_with_the_way_past_it(
    aws: FaultyAws, tab: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws.warehouse.limits, "max_result_bytes", 1)
    (end,) = tab.hear_ends(tab.ask())
    assert (end["type"], end["code"]) == ("failed", "result_too_large")
    assert "500 MB" in end["message"]
    assert "An export has no such limit" in end["message"]


def test_a_full_disk_fails_an_export_as_that_and_leaves_no_part_of_a_file(
    tab: Client, exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = exporter.files()
    monkeypatch.setattr(S3Mirror, "take", _no_room)
    run_id = exporter.ask()
    (end,) = tab.hear_ends(run_id)
    assert (end["type"], end["code"]) == ("failed", "disk_full")
    assert exporter.listed(run_id)["state"] == "failed"
    assert exporter.files() == before


def _no_room(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_an_export_whose_event_is_lost_and_whose_tab_has_gone_is_found(
    aws: FaultyAws, tab: Client, exporter: Exporter
) -> None:
    aws.faults.lose_events()
    run_id = exporter.ask()
    until(lambda: tab.hear().get("type") == "accepted")
    until(lambda: exporter.listed(run_id).get("state") == "running")
    tab.reconnect()
    deadline = time.monotonic() + PATIENCE
    while exporter.listed(run_id)["state"] != "finished":
        assert time.monotonic() < deadline, "nobody looks after it"
        time.sleep(0.2)


def test_a_runtime_that_was_restarted_says_what_it_forgot(tmp_path: Path, project: Path) -> None:
    """The table is gone with it: the run is lost, visibly, and asked again it gives its rows."""
    port, backend = free_port(), CLUSTER | {"QuickSeconds": "0"}
    with running(tmp_path, project, port, sample=Simulated(20_000), backend=backend) as aws:
        aws.faults.lose_events()
        tab = Client(aws)
        run_id = tab.ask()
        until(lambda: tab.hear().get("type") == "accepted")
    with running(tmp_path, project, port, sample=Simulated(20_000)) as aws:
        tab._aws = aws
        tab.reconnect()
        tab.send(action="resume", runIds=[run_id])
        (end,) = tab.hear_ends(run_id)
        assert (end["type"], end["code"]) == ("failed", "expired")
        assert types(tab.hear_ends(tab.ask())) == ["finished"]
        tab.close()
