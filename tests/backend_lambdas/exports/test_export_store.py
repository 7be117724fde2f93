"""Exports: asked for over the socket, written by the warehouse, and on record however they end."""

import functools
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.commands.query_spec import EXPORT_SECONDS
from backend_lambdas.exports.export_store import KEPT_SECONDS
from backend_lambdas.handlers import on_connect, send_message
from backend_lambdas.runs.run_service import LATE_SECONDS
from tests.backend_lambdas.lambda_fakes import REPORT, SUBMITTING, FakeClock, Interrupted, World, principal, report

CONNECTION = "BFHPhfCWIAMCKlQ="
USERNAME = "2f0c1a34-5d6e-4f70-8a91-b2c3d4e5f607"
MOMENTS = 5
"""How many calls, at the least, everything makes that is stopped before each of them."""

Record = Callable[[str], dict[str, Any]]
Send = Callable[..., int]


def states(world: World) -> list[str]:
    """How the exports on record stand."""
    return [record["state"] for record in world.records() if record["kind"] == "export"]


def written(world: World, *sizes: int) -> None:
    """The warehouse has written the only export, and says so."""
    world.unload(world.data_api.only, *sizes)
    world.complete()


# ----------------------------------------------------------------------------------------------- from asking to the end


def test_an_exporter_is_accepted_and_then_told_what_was_written(world: World) -> None:
    world.export("ann=")
    written(world, 5_000)
    accepted, exported = world.gateway.notified("ann=")
    assert (accepted["type"], accepted["statementId"]) == ("accepted", world.data_api.only.id)
    assert exported == {
        "type": "exported",
        "topicName": "topic of ann=",
        "runId": "run of ann=",
        "format": "csv",
        "rows": 2_000_000,
        "bytes": 5_000,
    }
    assert world.subscribers() == []


def test_an_export_is_one_batch_whose_values_are_bound(world: World) -> None:
    evil = "x'; DROP TABLE nyc_yellow_taxi; --"
    world.export("ann=", month=evil)
    request = world.data_api.only.request
    assert len(request["Sqls"]) == 4
    assert request["Parameters"] == [{"name": "month", "value": evil}]
    assert "DROP" not in " ".join(request["Sqls"])
    assert request["WithEvent"] is True


def test_several_files_count_together(world: World) -> None:
    """The warehouse begins another at some gigabytes."""
    world.export("ann=")
    written(world, 5_000, 5_000, 17)
    assert world.gateway.notified("ann=")[-1]["bytes"] == 10_017


def test_files_of_another_attempt_are_not_counted(world: World) -> None:
    world.export("ann=")
    written(world, 5_000)
    world.export("bob=", month="2015-11")
    other = list(world.data_api.statements.values())[-1]
    world.unload(other, 300)
    world.complete(other)
    assert world.gateway.notified("bob=")[-1]["bytes"] == 300


def test_it_is_on_record_from_the_asking_on(world: World) -> None:
    world.export("ann=")
    (record,) = world.records()
    assert (record["kind"], record["of"], record["format"]) == ("export", "run of ann=", "csv")
    assert (record["sub"], record["email"]) == ("sub of ann=", "ana@example.com")
    assert (record["report"], record["title"], record["department"]) == ("revenue_by_day", "Revenue by day", "finance")
    assert (record["parameters"], record["state"], record["rows"]) == ({"month": "2015-12"}, "started", 0)


def test_its_end_goes_on_record_with_rows_and_bytes(world: World) -> None:
    world.export("ann=")
    written(world, 5_000)
    (record,) = world.records()
    assert (record["state"], record["rows"], record["bytes"]) == ("completed", 2_000_000, 5_000)


def test_who_may_have_the_files_is_recorded(world: World) -> None:
    world.report = report(REPORT.replace("cache:", "groups: [finance, board]\ndownload: [board]\ncache:"))
    world.export("ann=")
    written(world)
    result = world.service.deliveries.exports.result(world.run_item()["attempt"])
    assert result is not None
    assert (result["groups"], result["downloaders"], result["claims"]) == (["finance", "board"], ["board"], {})
    assert (result["values"], result["format"], result["asOf"]) == ({"month": "2015-12"}, "csv", "2033-05-18T03:33:20Z")
    assert len(result["files"]) == 1


def test_an_export_is_no_result_that_could_be_read_page_by_page(world: World) -> None:
    """What its statement gives is a number."""
    world.export("ann=")
    written(world)
    assert world.runs.statement(world.data_api.only.id) is None


def test_an_export_may_take_an_hour_whatever_its_reports_limit(world: World, fake_clock: FakeClock) -> None:
    world.export("ann=")
    fake_clock.forward(EXPORT_SECONDS - 1)
    world.reconcile()
    assert world.gateway.types("ann=") == ["accepted"]
    assert world.data_api.only.status == "STARTED"


def test_a_reports_longer_limit_holds_for_its_export(world: World) -> None:
    world.report = report(REPORT.replace("timeout: 60s", "timeout: 2h"))
    assert world.spec().as_export("csv").timeout_seconds == 7200


# -------------------------------------------------------------------------------------------------- who shares a file


def test_exports_of_the_same_rows_in_the_same_format_are_one_file(world: World) -> None:
    for connection_id in ("ann=", "bob="):
        world.export(connection_id)
    assert world.gateway.notified("bob=")[0]["shared"] is True
    written(world, 5_000)
    assert len(world.data_api.statements) == 1
    for connection_id in ("ann=", "bob="):
        assert world.gateway.types(connection_id) == ["accepted", "exported"]
    assert [(record["sub"], record["state"], record["bytes"]) for record in world.records()] == [
        ("sub of ann=", "completed", 5_000),
        ("sub of bob=", "completed", 5_000),
    ]


def test_another_format_is_another_file(world: World) -> None:
    world.export("ann=", format="csv")
    world.export("bob=", format="parquet")
    csv, parquet = (statement.request["Sqls"][-2] for statement in world.data_api.statements.values())
    assert (" CSV " in csv, " PARQUET " in parquet) == (True, True)


def test_an_export_and_a_chart_of_the_same_rows_are_two_statements(world: World) -> None:
    world.request_run("ann=")
    world.export("bob=")
    assert len(world.data_api.statements) == 2
    assert world.gateway.notified("bob=")[0]["shared"] is False


def test_who_asks_while_it_is_fresh_gets_the_same_file_at_once(world: World) -> None:
    world.export("ann=")
    written(world, 5_000)
    world.export("bob=")
    assert len(world.data_api.statements) == 1
    assert world.gateway.types("bob=") == ["accepted", "exported"]
    assert world.gateway.notified("bob=")[-1]["bytes"] == 5_000
    assert [(record["state"], record["rows"], record["bytes"]) for record in world.records()] == [
        ("completed", 2_000_000, 5_000)
    ] * 2


def test_who_asks_when_it_is_stale_gets_another(world: World, fake_clock: FakeClock) -> None:
    world.export("ann=")
    written(world)
    fake_clock.forward(15 * 60)
    world.export("bob=")
    assert len(world.data_api.statements) == 2


# --------------------------------------------------------------------------------------------------- however it ends


@pytest.mark.parametrize(
    ("state", "notified", "noted"), [("FAILED", "failed", "failed"), ("ABORTED", "cancelled", "cancelled")]
)
def test_an_export_that_gave_no_file_is_on_record_as_that(world: World, state: str, notified: str, noted: str) -> None:
    world.export("ann=")
    world.complete(state=state)
    assert world.gateway.types("ann=") == ["accepted", notified]
    (record,) = world.records()
    assert (record["state"], record["rows"], record["bytes"]) == (noted, 0, 0)


def test_an_export_whose_event_was_lost_is_settled_by_the_reconciler(world: World, fake_clock: FakeClock) -> None:
    world.export("ann=")
    world.unload(world.data_api.only, 5_000)
    world.data_api.only.status = "FINISHED"
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    exported = world.gateway.notified("ann=")[-1]
    assert (exported["type"], exported["rows"], exported["bytes"]) == ("exported", 2_000_000, 5_000)
    (record,) = world.records()
    assert (record["state"], record["rows"], record["bytes"]) == ("completed", 2_000_000, 5_000)


def test_an_export_that_its_user_cancels_is_on_record_as_that(world: World) -> None:
    world.export("ann=")
    world.cancel("ann=")
    assert world.data_api.only.status == "ABORTED"
    world.complete(state="ABORTED")
    assert states(world) == ["cancelled"]


def test_an_export_that_one_of_two_cancels_is_written_for_the_other(world: World) -> None:
    for connection_id in ("ann=", "bob="):
        world.export(connection_id)
    world.cancel("ann=")
    written(world)
    assert world.gateway.types("bob=") == ["accepted", "exported"]
    assert world.gateway.types("ann=") == ["accepted", "cancelled"]


def test_an_export_over_its_limit_is_on_record_as_failed(world: World, fake_clock: FakeClock) -> None:
    world.export("ann=")
    fake_clock.forward(EXPORT_SECONDS)
    world.reconcile()
    assert world.gateway.notified("ann=")[-1]["code"] == "timeout"
    world.complete(state="ABORTED")
    assert states(world) == ["failed"]


def test_an_event_that_comes_twice_changes_nothing(world: World) -> None:
    world.export("ann=")
    written(world, 5_000)
    before = world.items(), world.records()
    world.complete()
    assert (world.items(), world.records()) == before
    assert world.gateway.types("ann=") == ["accepted", "exported"]


def test_an_end_that_could_not_be_noted_whole_is_noted_by_the_next_try(world: World) -> None:
    """Lambda tries an event again; the warehouse may not tell the count the first time."""
    world.export("ann=")
    world.unload(world.data_api.only, 5_000)
    world.data_api.refusals["GetStatementResult"] = ["ThrottlingException"]
    with pytest.raises(Exception, match="ThrottlingException"):
        world.complete()
    assert world.gateway.types("ann=") == ["accepted"], "nobody is told of what is not there"
    world.complete()
    assert world.gateway.types("ann=") == ["accepted", "exported"]
    assert states(world) == ["completed"]


def test_an_end_that_was_noted_but_not_recorded_is_recorded_by_the_next_try(world: World) -> None:
    """Whatever call the first try died before."""
    for before in itertools.count(1):
        world.reset()
        world.export("ann=")
        world.unload(world.data_api.only, 5_000)
        world.data_api.only.status = "FINISHED"
        counter = [0]
        service = world.service_over(functools.partial(Interrupted, before=before, happen=_dies, counter=counter))
        try:
            service.completer.complete(world.ended(world.data_api.only))
        except _Died:
            world.complete()
        assert world.records()[0]["bytes"] == 5_000, f"it died before call {before}"
        assert set(world.gateway.types("ann=")[1:]) == {"exported"}
        if counter[0] < before:
            assert before > MOMENTS, "else hardly anything was tried"
            return


class _Died(RuntimeError):
    """The function's time was over."""


def _dies() -> None:
    raise _Died


# ---------------------------------------------------------------------------------- whatever happens between two calls


def test_an_end_that_comes_while_it_is_noted_who_asks_is_on_record(world: World) -> None:
    """The end comes before each call of the asking in turn."""
    for before in itertools.count(1):
        world.reset()
        counter = [0]
        service = world.service_over(
            functools.partial(Interrupted, before=before, happen=functools.partial(_ends, world), counter=counter)
        )
        world.export("ann=", service)
        _ends(world)
        _check_one_completed(world, f"the end came before call {before}")
        if counter[0] < before:
            assert before > MOMENTS, "else hardly anything was tried"
            return


def test_who_asks_while_an_end_is_noted_is_on_record(world: World) -> None:
    """Bob joins before each call of the settling in turn."""
    for before in itertools.count(1):
        world.reset()
        world.export("ann=")
        world.unload(world.data_api.only, 5_000)
        world.data_api.only.status = "FINISHED"
        counter = [0]
        happen = functools.partial(world.export, "bob=")
        service = world.service_over(functools.partial(Interrupted, before=before, happen=happen, counter=counter))
        service.completer.complete(world.ended(world.data_api.only))
        if counter[0] < before:
            assert before > MOMENTS, "else hardly anything was tried"
            return
        assert [(item["state"], item["rows"], item["bytes"]) for item in world.records()] == [
            ("completed", 2_000_000, 5_000)
        ] * 2, f"bob came before call {before}"
        assert world.gateway.types("bob=")[-1] == "exported"


@pytest.mark.parametrize(("state", "noted"), [("FAILED", "failed"), ("ABORTED", "cancelled")])
def test_an_end_without_a_file_that_comes_while_it_is_noted_who_asks_is_on_record(
    world: World, state: str, noted: str
) -> None:
    """The end comes before each call of the asking in turn, once there is a statement to end."""
    for before in itertools.count(1):
        world.reset()
        counter = [0]
        happen = functools.partial(_ends, world, state)
        service = world.service_over(functools.partial(Interrupted, before=before, happen=happen, counter=counter))
        world.export("ann=", service)
        _ends(world, state)
        assert states(world) == [noted], f"the end came before call {before}"
        if counter[0] < before:
            assert before > MOMENTS, "else hardly anything was tried"
            return


def _ends(world: World, state: str = "FINISHED") -> None:
    """The statement ends, if there is one that runs, and its event comes."""
    for statement in world.data_api.statements.values():
        if statement.status == "STARTED":
            statement.status = state
            if state == "FINISHED":
                world.unload(statement, 5_000)
            world.service.completer.complete(world.ended(statement, state))


def _check_one_completed(world: World, when: str) -> None:
    found = [(item["state"], item["rows"], item["bytes"]) for item in world.records()]
    assert found == [("completed", 2_000_000, 5_000)], when
    assert world.gateway.types("ann=").count("exported") == 1, when
    assert world.subscribers() == [], when


# ----------------------------------------------------------------------------------------------------- over the socket


@pytest.fixture
def opened(world: World, put: Any, wire: Callable[..., None], recorded: Record) -> World:
    """A world in which the recorded connection is open, of a user of `finance`."""
    put("reports/finance/revenue_by_day.sql", REPORT)
    put("reports/finance/seen.sql", REPORT.replace("cache:", "download: false\ncache:"))
    put("reports/finance/for_the_board.sql", REPORT.replace("cache:", "download: [board]\ncache:"))
    put("reports/operations/trips.sql", REPORT)
    wire(
        **SUBMITTING,
        REPORTS_S3_PATH=f"s3://{put.bucket}/reports/",
        MAX_SOCKETS_PER_USER="3",
        GROUPS_FRESH_SECONDS="0",
        USER_POOL_ID="us-east-1_abc",
    )
    world.user_pool.groups = {USERNAME: ["finance", "editors"], "ana": ["finance"]}
    on_connect.handler(recorded("connect"), None)
    return world


@pytest.fixture
def send(recorded: Record) -> Send:
    """Asks for an export over the recorded connection; gives the status for the gateway's log."""

    def request_run(connection_id: str = CONNECTION, **changes: Any) -> int:
        event = recorded("message_run")
        event["requestContext"] |= {"connectionId": connection_id, "routeKey": "export"}
        if connection_id != CONNECTION:
            del event["requestContext"]["authorizer"]  # who it is, is on record
        message = {"action": "export", "topicName": "revenue", "report": "revenue_by_day", "runId": "run-1"}
        event["body"] = json.dumps(message | {"format": "csv"} | changes)
        status: int = on_connect.handler(event, None)["statusCode"]
        return status

    return request_run


def test_an_export_message_is_accepted_and_its_event_tells_the_file(
    opened: World, send: Send, recorded: Record
) -> None:
    assert send() == 200
    statement = opened.data_api.only
    opened.unload(statement, 5_000)
    statement.status = "FINISHED"
    event = recorded("statement_finished")
    event["detail"] |= {"statementId": statement.id, "statementName": statement.request["StatementName"], "rows": 1}
    send_message.handler(event, None)
    accepted, exported = opened.gateway.notified(CONNECTION)
    assert (accepted["type"], exported["type"]) == ("accepted", "exported")
    assert (exported["runId"], exported["rows"], exported["bytes"]) == ("run-1", 2_000_000, 5_000)
    assert states(opened) == ["completed"]


def test_the_same_message_twice_is_one_export_on_record_once(opened: World, send: Send) -> None:
    for _ in range(2):
        assert send() == 200
    assert len(opened.data_api.statements) == 1
    assert len(opened.records()) == 1


def test_the_same_message_after_the_end_is_answered_and_changes_nothing(opened: World, send: Send) -> None:
    send()
    written(opened, 5_000)
    before = opened.items(), opened.records()
    assert send() == 200
    assert (opened.items(), opened.records()) == before
    assert opened.gateway.types(CONNECTION) == ["accepted", "exported", "exported"]


@pytest.mark.parametrize("name", ["seen", "for_the_board"])
def test_who_may_see_a_report_but_not_take_its_rows_is_refused(opened: World, send: Send, name: str) -> None:
    before = opened.items()
    assert send(report=name) == 403
    (rejected,) = opened.gateway.notified(CONNECTION)
    assert (rejected["type"], rejected["code"], rejected["runId"]) == ("rejected", "forbidden", "run-1")
    assert "not download" in rejected["message"]
    assert (opened.items(), opened.records(), opened.data_api.calls) == (before, [], [])


def test_not_even_an_admin_takes_what_nobody_may(opened: World, send: Send) -> None:
    opened.connections.add("root=", principal("admins"))
    opened.user_pool.groups["ana"] = ["admins"]
    assert send("root=", report="seen") == 403
    assert send("root=", report="for_the_board", runId="run-2") == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"format": "xlsx"}, "bad_message"),
        ({"format": None}, "bad_message"),
        ({"format": "csv'; DROP TABLE x"}, "bad_message"),
        ({"report": "trips"}, "unknown_report"),
        ({"report": "nothing"}, "unknown_report"),
        ({"parameters": {"month": "2015-13"}}, "bad_parameter"),
        ({"parameters": {"month": "2015-12' OR '1'='1"}}, "bad_parameter"),
    ],
)
def test_a_bad_export_gets_its_code_and_changes_nothing(
    opened: World, send: Send, changes: dict[str, Any], code: str
) -> None:
    before = opened.items()
    assert 400 <= send(**changes) < 500
    (rejected,) = opened.gateway.notified(CONNECTION)
    assert (rejected["type"], rejected["code"]) == ("rejected", code)
    assert (opened.items(), opened.records(), opened.data_api.calls) == (before, [], [])


def test_an_export_of_a_group_that_was_taken_away_is_forbidden(opened: World, send: Send) -> None:
    """Though the token, of an hour ago, still has the group."""
    opened.user_pool.groups[USERNAME] = ["editors"]
    assert send() == 403
    assert opened.records() == []


def test_an_export_that_the_warehouse_does_not_take_leaves_nothing_on_any_list(opened: World, send: Send) -> None:
    opened.data_api.refusals["BatchExecuteStatement"] = ["ActiveStatementsExceededException"] * 10
    assert send() == 429
    assert opened.gateway.notified(CONNECTION)[-1]["code"] == "too_busy"
    assert opened.service.deliveries.exports.of_user(USERNAME) == []
    assert opened.records() == []


# ------------------------------------------------------------------------------------------------ what is kept how long


def test_a_users_list_has_their_exports_and_nobody_elses(world: World) -> None:
    world.export("ann=")
    world.export("bob=", month="2015-11")
    assert [item["runId"] for item in world.service.deliveries.exports.of_user("sub of ann=")] == ["run of ann="]
    assert world.service.deliveries.exports.of_user("sub of ann=", "run of bob=") == []


def test_an_export_is_not_taken_for_another_whose_id_begins_alike(world: World) -> None:
    world.export("ann=", run_id="run-10")
    assert world.service.deliveries.exports.of_user("sub of ann=", "run-1") == []
    assert len(world.service.deliveries.exports.of_user("sub of ann=", "run-10")) == 1


def test_after_a_week_there_is_neither_list_nor_file(world: World, fake_clock: FakeClock) -> None:
    """The table deletes days late, and the bucket may, too."""
    world.export("ann=")
    attempt = world.run_item()["attempt"]
    written(world)
    fake_clock.forward(KEPT_SECONDS - 1)
    assert world.service.deliveries.exports.of_user("sub of ann=") != []
    assert world.service.deliveries.exports.result(attempt) is not None
    fake_clock.forward(1)
    assert world.service.deliveries.exports.of_user("sub of ann=") == []
    assert world.service.deliveries.exports.result(attempt) is None
