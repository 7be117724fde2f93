"""The life of a query, an export and a changed report, walked through the deployed stacks."""

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import websocket

from tests.elsewhere.cloud import Cloud
from tests.elsewhere.viewer import PASSWORD, PATIENCE, Socket, Viewer

MONTH = {"month": "2015-12"}


@pytest.fixture(scope="module", autouse=True)
def without_reconciler(cloud: Cloud) -> Iterator[None]:
    """Else, after a minute, it would tell what an event should have told."""
    rule, events = cloud.physical("backend", "ReconcileFunctionEveryMinute"), cloud.client("events")
    events.disable_rule(Name=rule)
    yield
    events.enable_rule(Name=rule)


class TestSigningUp:
    def test_asks_the_function_about_the_domain(self, cloud: Cloud) -> None:
        client = cloud.client("cognito-idp")
        with pytest.raises(client.exceptions.UserLambdaValidationException):
            client.sign_up(
                ClientId=cloud.outputs("cognito")["UserPoolClientId"],
                Username="eve@elsewhere.org",
                Password=PASSWORD,
                UserAttributes=[{"Name": "email", "Value": "eve@elsewhere.org"}],
            )


class TestConnecting:
    @pytest.mark.parametrize("token", [None, "none"])
    def test_without_a_token_is_refused(self, cloud: Cloud, token: str | None) -> None:
        """With which status, ministack does not model: a function's `Unauthorized` is 500 there."""
        with pytest.raises(websocket.WebSocketBadStatusException):
            Socket(cloud, token)

    def test_with_the_token_of_somebody_who_signed_in_is_answered(self, ana: Viewer) -> None:
        with ana.connect() as socket:
            socket.ask("ping")
            socket.until("pong")


class TestRunning:
    def test_ends_by_the_event_and_gives_its_rows(self, ana: Viewer) -> None:
        with ana.connect() as socket:
            run_id = socket.ask("run", "revenue_by_day", MONTH)
            accepted = socket.until("accepted", "rejected")
            finished = socket.until("finished", "failed")
        assert (finished["type"], finished["runId"]) == ("finished", run_id)
        answer = ana.get(f"/results/{accepted['statementId']}")
        assert answer.status_code == 200
        assert len(answer.json()["records"]) == finished["rows"] == 31

    def test_of_somebody_elses_report_is_refused(self, bob: Viewer) -> None:
        with bob.connect() as socket:
            socket.ask("run", "revenue_by_day", MONTH)
            assert socket.until("accepted", "rejected")["code"] == "unknown_report"

    def test_lets_nobody_else_read_the_rows(self, ana: Viewer, bob: Viewer) -> None:
        with ana.connect() as socket:
            socket.ask("run", "revenue_by_day", MONTH)
            statement = socket.until("finished")["statementId"]
        assert bob.get(f"/results/{statement}").status_code == 403
        assert "revenue_by_day" not in bob.get("/reports").text

    def test_needs_a_token_for_the_rows(self, ana: Viewer) -> None:
        signed_in, ana.token = ana.token, "none"
        try:
            assert ana.get("/reports").status_code == 401
        finally:
            ana.token = signed_in


class TestExporting:
    def test_leads_to_a_file(self, ana: Viewer) -> None:
        with ana.connect() as socket:
            run_id = socket.ask("export", "revenue_by_day", MONTH, format="csv")
            exported = socket.until("exported", "failed", "rejected")
        assert exported["type"] == "exported", exported
        link = ana.get(f"/exports/{run_id}").json()
        file = requests.get(link["url"], timeout=30)
        assert file.status_code == 200
        assert len(file.text.splitlines()) == 1 + link["rows"]

    def test_gives_nobody_else_the_link(self, ana: Viewer, bob: Viewer) -> None:
        with ana.connect() as socket:
            run_id = socket.ask("export", "revenue_by_day", MONTH, format="csv")
            socket.until("exported")
        assert bob.get(f"/exports/{run_id}").status_code == 404


class TestChangingAReport:
    def test_is_told_to_open_sockets_that_it_concerns(self, cloud: Cloud, ana: Viewer, bob: Viewer) -> None:
        name = f"new_{uuid.uuid4().hex[:8]}"
        text = f"/*---\ntitle: {name}\n---*/\nSELECT count(*) AS trips FROM nyc_yellow_taxi"
        bucket = cloud.outputs("artifacts")["BucketName"]
        with ana.connect() as hers, bob.connect() as his:
            key = f"sql/reports/finance/{name}.sql"
            cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode())
            assert hers.until("reports")["changed"] == [name]
            his.ask("ping")
            assert his.until("reports", "pong")["type"] == "pong"
        assert name in ana.get("/reports").text


class TestDisconnecting:
    def test_forgets_its_own_records_and_no_others(self, cloud: Cloud, ana: Viewer) -> None:
        """Two sockets wait for one statement; one of them closes, and the other is told of the end."""
        before = sockets(cloud)
        with ana.connect() as stays:
            with cloud.warehouse.silence():
                (other,) = waiting(cloud, stays) - before
                with ana.connect() as goes:
                    (own,) = waiting(cloud, goes) - before - {other}
                    kept = records(cloud, other)
                    assert {kind for _, kind in records(cloud, own)} == {"connection", "subscriber"}
                until(lambda: not records(cloud, own))
                assert records(cloud, other) == kept
            assert stays.until("finished", "failed")["type"] == "finished"


def waiting(cloud: Cloud, socket: Socket) -> set[str]:
    """Has the socket wait for a run; the ids of all sockets then."""
    socket.ask("run", "revenue_by_day", {"month": "2015-11"})
    socket.until("accepted")
    return sockets(cloud)


def sockets(cloud: Cloud) -> set[str]:
    """The ids of the sockets on record."""
    return {item["connectionId"]["S"] for item in items(cloud) if item["sk"]["S"] == "connection"}


def records(cloud: Cloud, connection_id: str) -> set[tuple[str, str]]:
    """The items about a socket: under which key, and of which kind."""
    keys = [(item["pk"]["S"], item["sk"]["S"]) for item in items(cloud)]
    return {(pk, sk.partition("#")[0]) for pk, sk in keys if connection_id in f"{pk}#{sk}".split("#")}


def items(cloud: Cloud) -> list[dict[str, Any]]:
    pages = cloud.client("dynamodb").get_paginator("scan")
    table = cloud.physical("backend", "ClientConnectionsTable")
    return [item for page in pages.paginate(TableName=table) for item in page["Items"]]


def until(condition: Callable[[], bool]) -> None:
    """Waits for what comes true some time after somebody's act."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.1)
