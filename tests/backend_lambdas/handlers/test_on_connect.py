"""What comes in over a socket: opening it, and every message, good or bad."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec import structs

from backend_lambdas.commands.catalogue_version import CatalogueVersion
from backend_lambdas.handlers import on_connect
from backend_lambdas.reports.catalog import Catalog
from tests.backend_lambdas.lambda_fakes import REPORT, SUBMITTING, World

CONNECTION = "BFHPhfCWIAMCKlQ="
USERNAME = "2f0c1a34-5d6e-4f70-8a91-b2c3d4e5f607"
CLAIMED = REPORT.replace("{type: month, label: Trip month, default: 2015-12}", "{type: text, claim: custom:region}")
RANGED = REPORT.replace("default: 2015-12}", "min: 2015-01, max: 2015-12}")

Record = Callable[[str], dict[str, Any]]


@pytest.fixture
def world(world: World, put: Any, wire: Callable[..., None]) -> World:
    put("reports/finance/revenue_by_day.sql", REPORT)
    put("reports/finance/by_region.sql", CLAIMED)
    put("reports/finance/ranged.sql", RANGED)
    put("reports/finance/broken.sql", "SELECT 1")
    put("reports/operations/trips.sql", REPORT)
    wire(
        **SUBMITTING,
        REPORTS_S3_PATH=f"s3://{put.bucket}/reports/",
        USER_POOL_ID="us-east-1_abc",
        MAX_SOCKETS_PER_USER="3",
        GROUPS_FRESH_SECONDS="0",
    )
    world.user_pool.groups = {USERNAME: ["finance", "editors"], "ana": ["finance"]}
    return world


@pytest.fixture
def opened(world: World, recorded: Record) -> World:
    """A world in which the recorded connection is open, of a user of `finance` in `emea`."""
    assert on_connect.handler(recorded("connect"), None) == {"statusCode": 200}
    return world


@pytest.fixture(params=["a run by itself", "a run in a list"])
def send(recorded: Record, request: pytest.FixtureRequest) -> Callable[[str], int]:
    """Sends a text over the recorded connection, each run in both ways; gives the status for the gateway's log."""

    def send_text(text: str) -> int:
        event = recorded("message_run")
        event["body"] = _in_a_list(text) if request.param == "a run in a list" else text
        return on_connect.handler(event, None)["statusCode"]

    return send_text


def _in_a_list(text: str) -> str:
    """The same message, with its run as one of several; all others stay as they are."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return text
    is_run = isinstance(message, dict) and message.get("action") == "run"
    return json.dumps({"action": "run", "runs": [message]}) if is_run else text


Claims = dict[str, Any]


@pytest.fixture(params=["the gateway tells the user", "the gateway tells nothing"])
def send_as(opened: World, recorded: Record, request: pytest.FixtureRequest) -> Callable[[Claims, str], int]:
    """Sends a text over the recorded connection, opened by a user of these claims, with or without his name on it."""

    def send_text(claims: Claims, text: str) -> int:
        for name in ("connect", "message_run"):
            event = recorded(name)
            authorizer = event["requestContext"]["authorizer"]
            authorizer["claims"] = json.dumps(json.loads(authorizer["claims"]) | claims)
            if name == "connect":
                on_connect.handler(event, None)
        event["body"] = text
        if request.param.endswith("nothing"):
            del event["requestContext"]["authorizer"]
        return int(on_connect.handler(event, None)["statusCode"])

    return send_text


def run(**changes: Any) -> str:
    message = {"action": "run", "topicName": "revenue", "report": "revenue_by_day", "runId": "run-1"}
    return json.dumps(message | changes)


def test_an_opened_connection_is_remembered_with_its_user(opened: World) -> None:
    user = opened.connections.principal(CONNECTION)
    assert user is not None
    assert (user.sub, user.groups) == ("2f0c1a34-5d6e-4f70-8a91-b2c3d4e5f607", {"finance", "editors"})
    assert user.claims == {"custom:region": "emea"}


def test_a_recorded_run_is_submitted_and_accepted(opened: World, recorded: Record) -> None:
    assert on_connect.handler(recorded("message_run"), None) == {"statusCode": 200}
    (accepted,) = opened.gateway.notified(CONNECTION)
    assert accepted["type"] == "accepted"
    assert accepted["runId"] == "4c1f6a0e-50a8-4d38-9d0f-1f0c6f2f7d10"
    assert opened.subscribers() == [CONNECTION]
    request = opened.data_api.only.request
    assert (request["ClusterIdentifier"], request["Database"], request["DbUser"]) == ("analytics-1", "dev", "reader")
    assert request["Parameters"] == [{"name": "month", "value": "2015-12"}]


def test_a_ping_is_answered(opened: World, send: Callable[[str], int]) -> None:
    assert send('{"action":"ping"}') == 200
    assert opened.gateway.types(CONNECTION) == ["pong"]


def test_a_cancel_ends_the_wait(opened: World, send: Callable[[str], int]) -> None:
    send(run())
    assert send('{"action":"cancel","runId":"run-1"}') == 200
    assert opened.gateway.types(CONNECTION) == ["accepted", "cancelled"]
    assert opened.data_api.only.status == "ABORTED"


RESUME = '{"action":"resume","runIds":["run-1"]}'


def reconnected(world: World, recorded: Record, connection_id: str) -> None:
    """The same user, on a socket of this id."""
    event = recorded("connect")
    event["requestContext"]["connectionId"] = connection_id
    on_connect.handler(event, None)


def test_a_run_is_resumed_on_another_socket(opened: World, recorded: Record, send: Callable[[str], int]) -> None:
    send(run())
    opened.connections.remove(CONNECTION)
    reconnected(opened, recorded, "new=")
    event = recorded("message_run")
    event["requestContext"]["connectionId"], event["body"] = "new=", RESUME
    assert on_connect.handler(event, None) == {"statusCode": 200}
    opened.complete()
    assert opened.gateway.types("new=") == ["accepted", "finished"]
    assert opened.gateway.types(CONNECTION) == ["accepted"]


def test_to_resume_what_is_not_known_is_answered(opened: World, send: Callable[[str], int]) -> None:
    """It is no refusal of the message: each of its runs has its own answer."""
    assert send('{"action":"resume","runIds":["a","b"]}') == 200
    assert [
        (notified["type"], notified["runId"], notified["code"]) for notified in opened.gateway.notified(CONNECTION)
    ] == [
        ("failed", "a", "expired"),
        ("failed", "b", "expired"),
    ]


def test_the_same_run_message_twice_is_one_run(opened: World, send: Callable[[str], int]) -> None:
    for _ in range(2):
        assert send(run(refresh=True)) == 200
    assert len(opened.data_api.statements) == 1
    assert opened.subscribers() == [CONNECTION]


def test_a_run_of_a_group_that_was_taken_away_is_forbidden(opened: World, send: Callable[[str], int]) -> None:
    """Though the token, of an hour ago, still has the group."""
    opened.user_pool.groups[USERNAME] = ["editors"]
    before = opened.items()
    assert send(run()) == 403
    (rejected,) = opened.gateway.notified(CONNECTION)
    assert (rejected["type"], rejected["code"]) == ("rejected", "forbidden")
    assert opened.items() == before
    assert opened.data_api.calls == []


def test_a_resume_of_a_group_that_was_taken_away_is_forbidden(opened: World, send: Callable[[str], int]) -> None:
    send(run())
    opened.complete()
    opened.user_pool.groups[USERNAME] = ["editors"]
    send(RESUME)
    failed = opened.gateway.notified(CONNECTION)[-1]
    assert (failed["type"], failed["code"], failed["runId"]) == ("failed", "forbidden", "run-1")


def test_a_deleted_user_runs_nothing_on_an_open_socket(opened: World, send: Callable[[str], int]) -> None:
    del opened.user_pool.groups[USERNAME]
    assert send(run()) == 403
    assert opened.data_api.calls == []


def test_a_group_that_came_after_the_token_needs_a_new_sign_in(opened: World, send: Callable[[str], int]) -> None:
    opened.user_pool.groups[USERNAME] = ["finance", "operations", "admins"]
    assert send(run(report="trips")) == 404


def test_a_report_of_others_is_answered_as_one_that_does_not_exist(opened: World, send: Callable[[str], int]) -> None:
    """Else whoever guesses would learn the names of other departments' reports."""
    others, nobodys = (json.loads(run(report=name, runId="run-1")) for name in ("trips", "trips_2"))
    for message in (others, nobodys):
        send(json.dumps(message))
    first, second = opened.gateway.notified(CONNECTION)
    assert first == second
    assert opened.user_pool.calls == []


def test_a_user_has_so_many_sockets_and_no_more(world: World, recorded: Record) -> None:
    """Others are not concerned, and a socket that closes makes room."""

    def opens(connection_id: str, sub: str) -> int:
        event = recorded("connect")
        claims = json.loads(event["requestContext"]["authorizer"]["claims"])
        event["requestContext"]["authorizer"]["claims"] = json.dumps(claims | {"sub": sub})
        event["requestContext"]["connectionId"] = connection_id
        return int(on_connect.handler(event, None)["statusCode"])

    assert [opens(f"ann-{number}=", "ann") for number in range(5)] == [200, 200, 200, 429, 429]
    assert opens("bob=", "bob") == 200
    assert {item["connectionId"] for item in world.items("connection#")} == {"ann-0=", "ann-1=", "ann-2=", "bob="}
    world.connections.remove("ann-1=")
    assert opens("ann-5=", "ann") == 200
    assert opens("ann-6=", "ann") == 429
    for connection_id in ("ann-0=", "ann-2=", "ann-5=", "bob="):
        world.connections.remove(connection_id)
    assert world.items() == []


def test_a_user_pool_under_load_keeps_nobody_from_running(opened: World, send: Callable[[str], int]) -> None:
    opened.user_pool.refusals = ["TooManyRequestsException"]
    assert send(run()) == 200
    assert opened.gateway.types(CONNECTION) == ["accepted"]


def test_a_user_without_groups_may_still_cancel(opened: World, send: Callable[[str], int]) -> None:
    """To stop what one has started needs no rights, and a ping no call of the user pool."""
    send(run())
    opened.user_pool.groups[USERNAME], opened.user_pool.calls = [], []
    assert send('{"action":"cancel","runId":"run-1"}') == 200
    assert send('{"action":"ping"}') == 200
    assert opened.gateway.types(CONNECTION) == ["accepted", "cancelled", "pong"]
    assert opened.user_pool.calls == []


BAD: list[tuple[str, str]] = [
    ("", "bad_message"),
    ("{", "bad_message"),
    ("[]", "bad_message"),
    ('"run"', "bad_message"),
    ("[" * 60_000, "bad_message"),
    ('{"a":' * 900 + "1" + "}" * 900, "bad_message"),
    (run(action="explode"), "bad_message"),
    (run(action=[[[]]]), "bad_message"),
    (run(action="export"), "bad_message"),
    (run(parameters=[]), "bad_message"),
    (run(refresh="yes"), "bad_message"),
    (run(report=None), "bad_message"),
    (run(parameters={"month": "\ud800"}), "bad_message"),
    (run(parameters={"month": "x" * 200_000}), "bad_message"),
    ('{"action":"cancel"}', "bad_message"),
    ('{"action":"resume"}', "bad_message"),
    ('{"action":"resume","runIds":[]}', "bad_message"),
    ('{"action":"resume","runIds":"run-1"}', "bad_message"),
    (json.dumps({"action": "resume", "runIds": [f"run-{number}" for number in range(101)]}), "bad_message"),
    (run(report="nothing"), "unknown_report"),
    (run(report="finance/revenue_by_day"), "unknown_report"),
    (run(report="broken"), "unknown_report"),
    (run(report="trips"), "unknown_report"),
    (run(parameters={"month": "2015-13"}), "bad_parameter"),
    (run(parameters={"month": 201512}), "bad_parameter"),
    (run(parameters={"month": None}), "bad_parameter"),
    (run(parameters={"month": ""}), "bad_parameter"),
    (run(parameters={"month": {"$ne": ""}}), "bad_parameter"),
    (run(parameters={"month": "2015-12' OR '1'='1"}), "bad_parameter"),
    (run(parameters={"month": "2015-12", "limit": 1}), "bad_parameter"),
    (run(report="ranged"), "bad_parameter"),
    (run(report="ranged", parameters={"month": "2014-12"}), "bad_parameter"),
    (run(report="ranged", parameters={"month": "2016-01"}), "bad_parameter"),
    (run(report="by_region", parameters={"month": "apac"}), "bad_parameter"),
]


@pytest.mark.parametrize(("text", "code"), BAD, ids=[f"{code}-{number}" for number, (_, code) in enumerate(BAD)])
def test_bad_input_gets_its_code_and_changes_nothing(
    opened: World, send: Callable[[str], int], text: str, code: str
) -> None:
    before = opened.items()
    assert 400 <= send(text) < 500
    (rejected,) = opened.gateway.notified(CONNECTION)
    assert (rejected["type"], rejected["code"]) == ("rejected", code)
    assert rejected["message"].endswith(".")
    assert len(json.dumps(rejected)) < 1000
    assert opened.items() == before
    assert opened.data_api.calls == []


def test_after_bad_input_the_socket_and_its_other_runs_go_on(opened: World, send: Callable[[str], int]) -> None:
    send(run())
    for text, _ in BAD:
        send(text)
    assert opened.subscribers() == [CONNECTION]
    opened.complete()
    send('{"action":"ping"}')
    types = opened.gateway.types(CONNECTION)
    assert types[-2:] == ["finished", "pong"]


def test_a_refusal_names_the_panel_that_asked(opened: World, send: Callable[[str], int]) -> None:
    send(run(report="nothing"))
    (rejected,) = opened.gateway.notified(CONNECTION)
    assert (rejected["topicName"], rejected["runId"]) == ("revenue", "run-1")


def test_a_refusal_of_gibberish_names_nothing(opened: World, send: Callable[[str], int]) -> None:
    send("gibberish")
    (rejected,) = opened.gateway.notified(CONNECTION)
    assert set(rejected) == {"type", "code", "message"}


def test_sql_in_a_text_parameter_is_bound(opened: World, send: Callable[[str], int], put: Any) -> None:
    put(
        "reports/finance/by_vendor.sql",
        REPORT.replace("{type: month, label: Trip month, default: 2015-12}", "{type: text}"),
    )
    evil = "x'; DROP TABLE nyc_yellow_taxi; --"
    assert send(run(report="by_vendor", parameters={"month": evil})) == 200
    request = opened.data_api.only.request
    assert request["Parameters"] == [{"name": "month", "value": evil}]
    assert "DROP" not in request["Sql"]


def test_a_claim_is_bound_from_the_token(opened: World, send: Callable[[str], int]) -> None:
    assert send(run(report="by_region")) == 200
    assert opened.data_api.only.request["Parameters"] == [{"name": "month", "value": "emea"}]
    opened.complete()
    record = opened.runs.statement(opened.data_api.only.id)
    assert record is not None
    assert record["claims"] == {"custom:region": "emea"}


def test_users_of_other_claims_share_no_run(opened: World, send_as: Callable[[Claims, str], int]) -> None:
    for number, region in enumerate(["emea", "apac"]):
        send_as({"custom:region": region}, run(report="by_region", runId=f"run-{number}"))
    values = [statement.request["Parameters"][0]["value"] for statement in opened.data_api.statements.values()]
    assert values == ["emea", "apac"]


def test_a_token_without_the_claim_is_forbidden(opened: World, send_as: Callable[[Claims, str], int]) -> None:
    assert send_as({"custom:region": ""}, run(report="by_region")) == 403
    assert opened.gateway.notified(CONNECTION)[0]["code"] == "forbidden"
    assert opened.data_api.calls == []


@pytest.mark.parametrize(
    "text", [run(), RESUME, '{"action":"ping"}', '{"action":"cancel","runId":"run-1"}', "gibberish"]
)
def test_a_token_that_expires_on_an_open_socket_ends_its_use(
    opened: World, send_as: Callable[[Claims, str], int], text: str
) -> None:
    """API Gateway checks only once."""
    assert send_as({"exp": int(time.time())}, text) == 401
    (rejected,) = opened.gateway.notified(CONNECTION)
    assert (rejected["type"], rejected["code"]) == ("rejected", "expired")
    assert opened.items("requester#") == opened.items("run#") == []


@pytest.mark.parametrize(
    ("code", "answered", "status"),
    [("ThrottlingException", "too_busy", 429), ("InternalServerException", "warehouse_unavailable", 503)],
)
def test_a_warehouse_that_takes_nothing_is_told(
    opened: World, send: Callable[[str], int], code: str, answered: str, status: int
) -> None:
    opened.data_api.refusals["ExecuteStatement"] = [code]
    assert send(run()) == status
    (rejected,) = opened.gateway.notified(CONNECTION)
    assert (rejected["type"], rejected["code"], rejected["runId"]) == ("rejected", answered, "run-1")
    assert opened.subscribers() == []
    assert send(run()) == 200


def test_a_fault_of_ours_is_told_without_its_details(
    opened: World, send: Callable[[str], int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(on_connect.build().service.runs, "claim", fail)
    assert send(run()) == 503
    (rejected,) = opened.gateway.notified(CONNECTION)
    assert rejected["code"] == "warehouse_unavailable"
    assert "secret" not in str(rejected)
    assert "secret detail" in caplog.text


@pytest.mark.parametrize("text", [run(), RESUME])
def test_a_message_of_a_connection_that_has_closed_does_nothing(
    world: World, send: Callable[[str], int], text: str
) -> None:
    assert send(text) == 200
    assert world.items() == world.gateway.posts == world.data_api.calls == []


def test_a_message_without_a_body_is_answered(opened: World, recorded: Record) -> None:
    event = recorded("message_run")
    event["body"] = None
    assert on_connect.handler(event, None)["statusCode"] == 400
    assert opened.gateway.notified(CONNECTION)[0]["code"] == "bad_message"


def test_a_client_that_has_gone_is_forgotten_while_it_is_answered(opened: World, send: Callable[[str], int]) -> None:
    opened.gateway.gone = {CONNECTION}
    assert send("gibberish") == 400
    assert opened.items() == []


def test_a_changed_report_is_another_question(
    opened: World, send: Callable[[str], int], put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warm function notices it, and does not answer from the old one's rows."""
    send(run())
    opened.complete()
    put("reports/finance/revenue_by_day.sql", REPORT + "ORDER BY 1\n")
    monkeypatch.setattr(on_connect.build().admission.catalog, "_read_at", float("-inf"))
    send(run(runId="run-2"))
    assert [statement.request["Sql"][-10:] for statement in opened.data_api.statements.values()] == [
        "GROUP BY 1",
        "ORDER BY 1",
    ]


BY_KIND = """/*---
title: By kind
parameters:
  kinds: {type: several}
  days: {type: daterange, default: last 7 days}
---*/
SELECT count(*) FROM nyc_yellow_taxi WHERE payment_type IN (:kinds) AND pickup_date BETWEEN :days_from AND :days_to
"""


def test_the_values_of_a_list_are_bound_one_by_one(opened: World, send: Callable[[str], int], put: Any) -> None:
    """What reaches the warehouse has a placeholder for each, and no value in its text."""
    put("reports/finance/by_kind.sql", BY_KIND)
    days = ["2015-12-01", "2015-12-31"]
    assert send(run(report="by_kind", parameters={"kinds": ["2", "1", "2"], "days": days})) == 200
    request = opened.data_api.only.request
    assert "payment_type IN (:kinds_1, :kinds_2) AND" in request["Sql"]
    assert {item["name"]: item["value"] for item in request["Parameters"]} == {
        "kinds_1": "1",
        "kinds_2": "2",
        "days_from": "2015-12-01",
        "days_to": "2015-12-31",
    }


def test_the_same_values_in_another_order_share_a_run(opened: World, send: Callable[[str], int], put: Any) -> None:
    put("reports/finance/by_kind.sql", BY_KIND)
    send(run(report="by_kind", parameters={"kinds": ["1", "2"]}))
    send(run(report="by_kind", parameters={"kinds": ["2", "1", "1"]}, runId="run-2"))
    assert len(opened.data_api.statements) == 1
    send(run(report="by_kind", parameters={"kinds": ["2"]}, runId="run-3"))
    assert len(opened.data_api.statements) == 2


def test_a_default_of_another_report_must_be_sent(opened: World, send: Callable[[str], int], put: Any) -> None:
    put(
        "reports/finance/newest.sql", REPORT.replace("default: 2015-12", "default: {report: revenue_by_day, column: m}")
    )
    assert send(run(report="newest")) == 400
    (rejected,) = opened.gateway.notified(CONNECTION)
    assert (rejected["code"], rejected["message"]) == ("bad_parameter", "Trip month: this filter needs a value.")
    assert opened.data_api.calls == []


# ------------------------------------------------------------------------------------------- which catalogue counts


def published(world: World, s3: Any, put: Any) -> None:
    """As `announce_reports` does."""
    catalog = Catalog(s3, f"s3://{put.bucket}/reports/")
    catalog.publish()
    catalog.current()
    CatalogueVersion(world.db, world.table).note(catalog.tag)


@pytest.fixture
def asked(s3: Any) -> Iterator[list[str]]:
    """What S3 was asked for."""
    calls: list[str] = []

    def note(model: Any, **_: Any) -> None:
        calls.append(model.name)

    s3.meta.events.register("before-call.s3", note)
    yield calls
    s3.meta.events.unregister("before-call.s3", note)


def test_a_run_asks_nothing_of_s3_while_the_same_catalogue_counts(
    opened: World, send: Callable[[str], int], s3: Any, put: Any, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long ago it was read."""
    published(opened, s3, put)
    send(run(runId="first"))
    asked.clear()
    monkeypatch.setattr(on_connect.build().admission.catalog, "_clock", lambda: time.monotonic() + 3600)
    assert send(run(runId="second")) == 200
    assert asked == []


def test_a_run_uses_the_catalogue_that_counts_now(
    opened: World, send: Callable[[str], int], s3: Any, put: Any, asked: list[str]
) -> None:
    published(opened, s3, put)
    send(run(runId="first"))
    put("reports/finance/revenue_by_day.sql", REPORT + "ORDER BY 1\n")
    published(opened, s3, put)
    asked.clear()
    send(run(runId="second"))
    assert asked == ["GetObject"]
    old, new = opened.data_api.statements.values()
    assert (old.request["Sql"].endswith("ORDER BY 1"), new.request["Sql"].endswith("ORDER BY 1")) == (False, True)


def test_who_may_see_a_report_no_more_by_the_catalogue_that_counts_is_refused(
    opened: World, send: Callable[[str], int], s3: Any, put: Any
) -> None:
    published(opened, s3, put)
    send(run(runId="first"))
    put("reports/finance/revenue_by_day.sql", REPORT.replace("cache:", "groups: [leads]\ncache:"))
    published(opened, s3, put)
    send(run(runId="second"))
    assert opened.gateway.notified(CONNECTION)[-1]["code"] == "unknown_report"
    assert len(opened.data_api.statements) == 1


def test_a_report_that_was_mended_runs_at_once(opened: World, send: Callable[[str], int], s3: Any, put: Any) -> None:
    """A refusal by the catalogue that was read last is none before the one that counts was read."""
    published(opened, s3, put)
    assert send(run(report="broken")) == 404
    put("reports/finance/broken.sql", REPORT)
    published(opened, s3, put)
    assert send(run(report="broken", runId="second")) == 200
    assert opened.gateway.types(CONNECTION)[-1] == "accepted"


def test_a_new_parameter_is_known_at_once(opened: World, send: Callable[[str], int], s3: Any, put: Any) -> None:
    published(opened, s3, put)
    send(run())
    more = "  month: {type: month, label: Trip month, default: 2015-12}\n  least: {type: number, default: 1}\n"
    text = REPORT.replace("  month: {type: month, label: Trip month, default: 2015-12}\n", more)
    put("reports/finance/revenue_by_day.sql", text.replace("GROUP BY", "AND fare_amount > :least GROUP BY"))
    published(opened, s3, put)
    assert send(run(runId="second", parameters={"least": 5})) == 200


def test_what_is_on_record_of_a_socket_ends_its_use_as_well(opened: World, send: Callable[[str], int]) -> None:
    """Whatever the gateway repeats of its opening."""
    user = opened.connections.principal(CONNECTION)
    assert user is not None
    opened.connections.add(CONNECTION, structs.replace(user, token_expires_at=int(time.time())))
    assert send(run()) == 401
    assert opened.gateway.notified(CONNECTION)[-1]["code"] == "expired"
    assert opened.data_api.calls == []
