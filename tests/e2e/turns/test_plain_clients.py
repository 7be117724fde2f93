"""A table changes and pages turn: on the laptop's AWS, by plain clients of the socket and of the bus."""

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from infra.sample import Simulated
from tests.aws_cli import aws as aws_cli
from tests.infra.local.laptop import FaultyAws, Tab, copy_of_the_project, execute, is_turned, running, sign_in, until

TABLE = "public.nyc_yellow_taxi"
CACHED = (
    "/*---\ntitle: Kept\ncache: 1h\nparameters:\n  least: {type: integer, default: 0}\nchart: {type: table}\n---*/\n"
)
COUNT = "SELECT count(*) AS trips FROM nyc_yellow_taxi WHERE passenger_count >= :least"
REPORTS = {
    "kept": CACHED + COUNT,
    "quiet": CACHED.replace("title: Kept", "title: Quiet\nlive: false") + COUNT,
    "behind": "/*---\ntitle: Behind a view\ncache: 1h\nchart: {type: table}\n---*/\nSELECT ones FROM apart.counted",
    "apart": "/*---\ntitle: Apart\ncache: 1h\nchart: {type: table}\n---*/\nSELECT one FROM apart.ones",
}


OTHER_TABLE = (
    "CREATE SCHEMA apart",
    "CREATE TABLE apart.ones AS SELECT 1 AS one",
    "GRANT USAGE ON SCHEMA apart TO pushboard_reader",
    "GRANT SELECT ON apart.ones TO pushboard_reader",
    "CREATE VIEW apart.all_ones AS SELECT one FROM apart.ones",
    "CREATE VIEW apart.counted AS SELECT count(*) AS ones FROM apart.all_ones WITH NO SCHEMA BINDING",
    "GRANT SELECT ON apart.counted TO pushboard_reader",
)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyAws]:
    repo = copy_of_the_project(tmp_path_factory.mktemp("repo") / "pushboard", "none/none")
    for name, text in REPORTS.items():
        (repo / "sql/reports/operations" / f"{name}.sql").write_text(text)
    with running(tmp_path_factory.mktemp("var"), repo, sample=Simulated(2_000)) as aws:
        for sql in OTHER_TABLE:
            execute(aws, sql)
        yield aws


@pytest.fixture(autouse=True)
def calm(aws: FaultyAws) -> None:
    """Begins when no turn of the test before is to come."""
    until(lambda: is_turned(aws, TABLE))


@pytest.fixture
def tab(aws: FaultyAws) -> Iterator[Tab]:
    tab = Tab(aws, sign_in(aws))
    yield tab
    tab.close()


def put(aws: FaultyAws, *tables: str, at: str = "", **more: Any) -> None:
    moment = at or datetime.datetime.now(datetime.UTC).isoformat()
    entry = {"Source": "pushboard.tables", "DetailType": "Tables Changed"}
    detail = {"tables": list(tables), "at": moment, **more}
    answer = aws.clients["events"].put_events(Entries=[entry | {"Detail": json.dumps(detail)}])
    assert answer["FailedEntryCount"] == 0, answer


def watch(tab: Tab, report: str, run_id: str, **more: Any) -> dict[str, Any]:
    """The end of a watched run."""
    tab.send(action="run", topicName=report, report=report, parameters={}, runId=run_id, watch=True, **more)
    return end(tab, run_id)


def end(tab: Tab, run_id: str) -> dict[str, Any]:
    while (message := tab.receive(run_id))["type"] == "accepted":
        pass
    assert message["type"] == "finished", message
    return message


def change(tab: Tab, run_id: str) -> dict[str, Any]:
    """The next word of a change; the end before it may have come twice."""
    while (message := tab.receive(run_id))["type"] in {"accepted", "finished"}:
        pass
    return message


def statements(aws: FaultyAws) -> set[str]:
    pages = aws.clients["redshift-data"].get_paginator("list_statements").paginate(Status="ALL")
    return {
        one["Id"]
        for page in pages
        for one in page["Statements"]
        if one.get("StatementName", "").startswith("pushboard/")
    }


def test_who_watches_is_told_of_a_change_and_then_of_new_rows(aws: FaultyAws, tab: Tab) -> None:
    first = watch(tab, "kept", "told")
    put(aws, "NYC_Yellow_Taxi")
    changed = change(tab, "told")
    second = end(tab, "told")
    assert (changed["type"], changed["tables"], changed["topicName"]) == ("changed", [TABLE], "kept")
    assert second["statementId"] != first["statementId"]
    assert not second["cached"]


def test_one_statement_turns_the_pages_of_all_who_watch_the_same(aws: FaultyAws) -> None:
    tabs = [Tab(aws, sign_in(aws, email)) for email in ["ops@example.com", "admin@example.com", "ops@example.com"]]
    for number, one in enumerate(tabs):
        watch(one, "kept", f"many-{number}")
    before = statements(aws)
    put(aws, TABLE)
    ends = []
    for number, one in enumerate(tabs):
        assert change(one, f"many-{number}")["type"] == "changed"
        ends.append(end(one, f"many-{number}")["statementId"])
        one.close()
    assert len(set(ends)) == 1
    assert statements(aws) - before == set(ends)


def test_what_was_read_before_a_change_answers_nobody_after_it(aws: FaultyAws, tab: Tab) -> None:
    before = tab.run("kept", "before")[-1]
    assert tab.run("kept", "still-fresh")[-1]["statementId"] == before["statementId"]
    put(aws, TABLE)
    until(lambda: tab.run("kept", f"after-{len(statements(aws))}")[-1]["statementId"] != before["statementId"])


def test_the_aws_cli_turns_a_page(aws: FaultyAws, tab: Tab) -> None:
    watch(tab, "kept", "by-the-cli")
    detail = json.dumps({"tables": [TABLE], "at": datetime.datetime.now(datetime.UTC).isoformat(), "by": "a person"})
    entry = json.dumps([{"Source": "pushboard.tables", "DetailType": "Tables Changed", "Detail": detail}])
    (answer,) = aws_cli(aws.endpoint_url, ["events", "put-events", "--entries", entry])
    assert answer["FailedEntryCount"] == 0
    assert change(tab, "by-the-cli")["type"] == "changed"
    end(tab, "by-the-cli")


def test_a_report_on_another_table_is_left_alone(aws: FaultyAws, tab: Tab) -> None:
    watch(tab, "apart", "left-alone")
    watch(tab, "kept", "also")
    before = statements(aws)
    put(aws, TABLE)
    assert change(tab, "")["runId"] == "also"
    end(tab, "also")
    assert len(statements(aws) - before) == 1


def test_a_report_on_views_turns_by_the_table_behind_them(aws: FaultyAws) -> None:
    key = "sql/reports/operations/behind.sql"  # once more, now that there are views
    aws.clients["s3"].put_object(Bucket="pushboard", Key=key, Body=(REPORTS["behind"] + "\n").encode())
    behind = ["apart.all_ones", "apart.counted", "apart.ones"]
    until(lambda: read_by(aws, "behind") == behind)
    tab = Tab(aws, sign_in(aws))
    first = watch(tab, "behind", "behind")
    execute(aws, "INSERT INTO apart.ones VALUES (1)")
    put(aws, "apart.ones")
    assert change(tab, "behind")["tables"] == ["apart.ones"]
    assert end(tab, "behind")["statementId"] != first["statementId"]
    tab.close()
    changed = {one["table"]: one["changedAt"] for one in get(aws, "/tables", "admin@example.com")["tables"]}
    assert changed["apart.counted"] == changed["apart.ones"] is not None
    until(lambda: is_turned(aws, "apart.ones"))


def read_by(aws: FaultyAws, report: str) -> list[str]:
    """What a report reads, as `GET /reports` tells it."""
    return next(one["tables"] for one in get(aws, "/reports")["reports"] if one["id"] == report)


def get(aws: FaultyAws, path: str, email: str = "ops@example.com") -> dict[str, Any]:
    headers = {"Authorization": sign_in(aws, email)}
    return dict(requests.get(f"{aws.rest_url}{path}", headers=headers, timeout=20).json())


def test_a_report_that_is_not_live_is_only_told_of(aws: FaultyAws, tab: Tab) -> None:
    first = watch(tab, "quiet", "offered")
    put(aws, TABLE)
    assert change(tab, "offered")["type"] == "changed"
    again = tab.run("quiet", "pressed")[-1]
    assert again["statementId"] != first["statementId"]


def test_nobody_who_ended_the_watch_is_told(aws: FaultyAws, tab: Tab) -> None:
    watch(tab, "kept", "ended")
    watch(tab, "kept", "goes-on")
    tab.send(action="unwatch", runIds=["ended"])
    tab.send(action="ping")
    assert change(tab, "")["type"] == "pong"
    put(aws, TABLE)
    assert change(tab, "")["runId"] == "goes-on"
    end(tab, "goes-on")


def test_nothing_is_asked_for_whom_nobody_watches(aws: FaultyAws) -> None:
    tab = Tab(aws, sign_in(aws))
    watch(tab, "kept", "closed")
    tab.close()
    before, other = statements(aws), Tab(aws, sign_in(aws))
    watch(other, "quiet", "looks-on")
    until(lambda: not _watches_of_closed(aws))
    put(aws, TABLE)
    assert change(other, "looks-on")["type"] == "changed"
    until(lambda: is_turned(aws, TABLE))
    other.close()
    assert len(statements(aws) - before) == 1  # that of `quiet`, when it was asked for


def _watches_of_closed(aws: FaultyAws) -> list[Any]:
    table = aws.clients["dynamodb"].scan(TableName="client_connections")
    return [item for item in table["Items"] if item["pk"]["S"].startswith("watch#") and "closed" in item["runs"]["M"]]


def test_a_change_that_is_told_again_or_late_turns_nothing(aws: FaultyAws, tab: Tab) -> None:
    now = datetime.datetime.now(datetime.UTC)
    first = watch(tab, "kept", "once")
    put(aws, TABLE, at=now.isoformat())
    assert change(tab, "once")["type"] == "changed"
    second = end(tab, "once")
    assert first["statementId"] != second["statementId"]
    for at in (now, now - datetime.timedelta(hours=1)):
        put(aws, TABLE, at=at.isoformat())
    put(aws, "public.unknown", *(f"t{number}" for number in range(10_000)))
    assert tab.run("kept", "not-turned")[-1]["statementId"] == second["statementId"]


def test_a_storm_of_changes_is_a_few_turns(aws: FaultyAws, tab: Tab) -> None:
    watch(tab, "kept", "storm")
    before = statements(aws)
    for _ in range(40):
        put(aws, TABLE)
    until(lambda: is_turned(aws, TABLE))
    assert 1 <= len(statements(aws) - before) <= 6


@pytest.mark.parametrize(
    "detail",
    [{}, {"tables": None}, {"tables": [1, None, "", {}]}, {"tables": "x" * 5_000}, {"tables": ["';--"], "at": "never"}],
    ids=["empty", "none", "no-names", "long", "no-time"],
)
def test_an_event_without_sense_changes_nothing(aws: FaultyAws, tab: Tab, detail: dict[str, Any]) -> None:
    first = tab.run("kept", f"first-{hash(str(detail))}")[-1]
    aws.lambdas.invoke(
        "TurnPagesFunction", {"source": "pushboard.tables", "detail": detail, "time": "2026-01-01T00:00:00Z"}
    )
    assert tab.run("kept", f"second-{hash(str(detail))}")[-1]["statementId"] == first["statementId"]
