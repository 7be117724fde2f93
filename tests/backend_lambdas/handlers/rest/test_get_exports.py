"""GET /exports and GET /exports/{runId}: one's own exports, and links to their files."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config

from backend_lambdas.aws import clients
from backend_lambdas.errors import DiskFull
from backend_lambdas.exports.export_store import KEPT_SECONDS, ExportStore
from backend_lambdas.handlers.rest import get_exports
from backend_lambdas.messages import Export
from tests.backend_lambdas.lambda_fakes import REPORT, FakeClock, World, report

Get = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def world(world: World, wire: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose links are signed as `aws` signs them, by a key of no account."""
    wire()
    signing = boto3.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="secret",
        config=Config(signature_version=clients.signing_s3().meta.config.signature_version),
    )
    monkeypatch.setattr(clients, "signing_s3", lambda: signing)
    return world


@pytest.fixture
def get(world: World, recorded: Callable[[str], dict[str, Any]]) -> Get:
    """Status and body of the list, or with a run's id of its link, for the user of a socket."""

    def request(user: str = "ann=", run_id: str | None = None, groups: str = "finance", **claims: str) -> Any:
        event = recorded("get_result")
        event["pathParameters"] = {"runId": run_id} if run_id is not None else None
        own = {"sub": f"sub of {user}", "cognito:groups": groups}
        event["requestContext"]["authorizer"]["claims"] |= own | claims
        answer = get_exports.handler(event, None)
        assert answer["headers"]["Cache-Control"] == "no-store"
        return answer["statusCode"], json.loads(answer["body"])

    return request


def exported(world: World, connection_id: str = "ann=", *sizes: int, **changes: Any) -> None:
    """An export that has been written."""
    world.export(connection_id, **changes)
    statement = list(world.data_api.statements.values())[-1]
    world.unload(statement, *sizes)
    world.complete(statement)


def listed(get: Get, user: str = "ann=") -> list[dict[str, Any]]:
    status, body = get(user)
    assert status == 200
    exports: list[dict[str, Any]] = body["exports"]
    return exports


def parts(url: str) -> dict[str, str]:
    """What the query of a link says."""
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}


# ------------------------------------------------------------------------------------------------------------- the list


def test_a_finished_export_is_listed_with_what_was_written(world: World, get: Get, fake_clock: FakeClock) -> None:
    asked_at = fake_clock.now()
    exported(world, "ann=", 5_000)
    assert listed(get) == [
        {
            "runId": "run of ann=",
            "report": "revenue_by_day",
            "title": "Revenue by day",
            "department": "finance",
            "format": "csv",
            "parameters": {"month": "2015-12"},
            "state": "finished",
            "message": None,
            "askedAt": asked_at,
            "keptUntil": "2030-03-24T17:46:40Z",
            "rows": 2_000_000,
            "bytes": 5_000,
        }
    ]


def test_an_export_under_way_has_no_rows_yet(world: World, get: Get) -> None:
    world.export("ann=")
    (export,) = listed(get)
    assert (export["state"], export["rows"], export["bytes"]) == ("running", None, None)


@pytest.mark.parametrize(("state", "shown"), [("FAILED", "failed"), ("ABORTED", "cancelled")])
def test_an_export_that_gave_no_file_is_listed_as_that(world: World, get: Get, state: str, shown: str) -> None:
    world.export("ann=")
    world.complete(state=state)
    assert [(export["state"], export["rows"]) for export in listed(get)] == [(shown, None)]


def test_an_export_that_failed_is_listed_with_why(world: World, get: Get) -> None:
    """Its tab may have been closed when it was told."""
    world.export("ann=")
    world.data_api.only.error = "ERROR: Disk Full"
    world.complete(state="FAILED")
    assert [export["message"] for export in listed(get)] == [DiskFull.sentence]


def test_who_cancelled_has_no_file_though_another_has(world: World, get: Get) -> None:
    for connection_id in ("ann=", "bob="):
        world.export(connection_id)
    world.cancel("ann=")
    world.unload()
    world.complete()
    assert [(export["state"], export["rows"]) for export in listed(get)] == [("cancelled", None)]
    assert [export["state"] for export in listed(get, "bob=")] == ["finished"]
    status, body = get("ann=", "run of ann=")
    assert (status, body["error"]["code"]) == (404, "not_found")


def test_the_newest_comes_first(world: World, get: Get, fake_clock: FakeClock) -> None:
    for run_id, month in (("b", "2015-10"), ("c", "2015-11"), ("a", "2015-12")):
        world.export("ann=", run_id=run_id, month=month)
        fake_clock.forward(1)
    assert [export["runId"] for export in listed(get)] == ["a", "c", "b"]


def test_a_file_that_others_ask_for_later_is_kept_as_long_as_it_is(
    world: World, get: Get, fake_clock: FakeClock
) -> None:
    """Until a week after it was written, whenever it was asked for."""
    exported(world)
    fake_clock.forward(10 * 60)
    world.export("bob=")
    assert listed(get, "bob=")[0]["keptUntil"] == listed(get, "ann=")[0]["keptUntil"] == "2030-03-24T17:46:40Z"


def test_nobody_sees_anothers_list(world: World, get: Get) -> None:
    exported(world)
    assert listed(get, "bob=") == []


def test_after_a_week_the_list_is_empty(world: World, get: Get, fake_clock: FakeClock) -> None:
    exported(world)
    fake_clock.forward(KEPT_SECONDS)
    assert listed(get) == []


# ------------------------------------------------------------------------------------------------------------- the link


def test_a_link_is_signed_for_some_minutes_as_every_region_takes_it(
    world: World, get: Get, fake_clock: FakeClock
) -> None:
    exported(world, "ann=", 5_000)
    status, body = get("ann=", "run of ann=")
    assert (status, body["rows"], body["bytes"]) == (200, 2_000_000, 5_000)
    said = parts(body["url"])
    assert (said["X-Amz-Algorithm"], said["X-Amz-Expires"]) == ("AWS4-HMAC-SHA256", "300")
    assert "X-Amz-Signature" in said
    assert "AWSAccessKeyId" not in said, "the old way"
    assert body["expiresAt"] == "2030-03-17T17:51:40Z"


def test_a_link_leads_to_the_file_of_the_attempt(world: World, get: Get) -> None:
    exported(world)
    attempt = world.run_item()["attempt"]
    path = urlsplit(get("ann=", "run of ann=")[1]["url"]).path
    assert path.endswith(f"/exports/{attempt}/revenue_by_day-000.csv")


def test_a_links_file_is_kept_under_a_name_that_says_what_it_is(world: World, get: Get) -> None:
    exported(world)
    said = parts(get("ann=", "run of ann=")[1]["url"])
    name = "revenue_by_day 2015-12 as of 2033-05-18 03.33.20.csv"
    assert said["response-content-disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize("value", ['"; evil="', "a\r\nSet-Cookie: x", "../../etc", "東京", "x" * 500, "Zürich"])
def test_a_value_in_a_name_cannot_break_the_header(world: World, get: Get, value: str) -> None:
    """S3 answers with it, and refuses what ISO 8859-1 has no letter for."""
    exported(world, month=value)
    said = parts(get("ann=", "run of ann=")[1]["url"])["response-content-disposition"]
    assert said.startswith('attachment; filename="revenue_by_day ')
    assert (said.count('"'), said.count("/"), said.isascii(), said.isprintable()) == (2, 0, True, True)
    assert len(said) < 200


def test_each_of_several_files_has_its_link_and_its_name(world: World, get: Get) -> None:
    exported(world, "ann=", 5_000, 5_000, 17)
    _, body = get("ann=", "run of ann=")
    assert body["url"] == body["urls"][0]
    assert body["bytes"] == 10_017
    names = [parts(url)["response-content-disposition"].split(" as of ")[1] for url in body["urls"]]
    assert names == [f'2033-05-18 03.33.20 part {number} of 3.csv"' for number in (1, 2, 3)]
    assert [urlsplit(url).path[-7:] for url in body["urls"]] == ["000.csv", "001.csv", "002.csv"]


def test_a_link_goes_on_record(world: World, get: Get) -> None:
    exported(world, "ann=", 5_000)
    for _ in range(2):
        get("ann=", "run of ann=", email="ann@example.com")
    links = [record for record in world.records() if record["kind"] == "link"]
    assert len(links) == 2, "each that is given out"
    assert (links[0]["of"], links[0]["sub"], links[0]["email"]) == ("run of ann=", "sub of ann=", "ann@example.com")
    assert (links[0]["report"], links[0]["parameters"], links[0]["format"]) == (
        "revenue_by_day",
        {"month": "2015-12"},
        "csv",
    )
    assert (links[0]["state"], links[0]["rows"], links[0]["bytes"]) == ("completed", 2_000_000, 5_000)


def test_an_export_is_there_for_its_user_before_it_is_on_the_list(world: World, get: Get) -> None:
    """Its end may be told before the asking is over."""
    attempt = world.service.request_run(world.requester("ann="), *_command(world))
    world.unload()
    world.complete()
    assert world.service.deliveries.exports.result(attempt) is not None
    assert get("ann=", "run of ann=")[0] == 200


def _command(world: World) -> tuple[Any, Any]:
    command = Export("topic of ann=", "revenue_by_day", "run of ann=", "csv")
    return command, world.spec().as_export("csv")


# ------------------------------------------------------------------------------------------------------------ refusals


def refused(world: World, get: Get, *args: Any, **kwargs: Any) -> tuple[int, str]:
    """Status and code of a refusal, which gives no link and leaves nothing on record."""
    before = world.records()
    status, body = get(*args, **kwargs)
    assert set(body) == {"error"}
    assert world.records() == before
    return status, body["error"]["code"]


@pytest.mark.parametrize("run_id", ["run of ann=", "run of", "", "nothing", "x" * 129, "x" * 5000, "#", "run of bob=/"])
def test_anothers_or_an_unknown_run_is_not_found(world: World, get: Get, run_id: str) -> None:
    exported(world)
    assert refused(world, get, "bob=", run_id) == (404, "not_found")


def test_the_table_is_not_asked_for_an_id_that_is_too_long_for_a_key(
    world: World, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DynamoDB would refuse the query itself."""
    monkeypatch.setattr(ExportStore, "of_user", lambda *_: pytest.fail("it was asked"))
    assert refused(world, get, "ann=", "x" * 129) == (404, "not_found")


def test_an_export_under_way_is_not_ready(world: World, get: Get) -> None:
    world.export("ann=")
    assert refused(world, get, "ann=", "run of ann=") == (409, "not_ready")


@pytest.mark.parametrize("state", ["FAILED", "ABORTED"])
def test_of_an_export_that_gave_no_file_there_is_no_link(world: World, get: Get, state: str) -> None:
    world.export("ann=")
    world.complete(state=state)
    assert refused(world, get, "ann=", "run of ann=") == (404, "not_found")


def test_a_run_that_was_for_a_chart_is_no_export(world: World, get: Get) -> None:
    world.request_run("ann=")
    world.complete()
    assert refused(world, get, "ann=", "run of ann=") == (404, "not_found")


def test_a_week_later_there_is_no_link(world: World, get: Get, fake_clock: FakeClock) -> None:
    exported(world)
    fake_clock.forward(KEPT_SECONDS)
    assert refused(world, get, "ann=", "run of ann=") == (404, "not_found")


@pytest.mark.parametrize("groups", ["", "operations", "finance-leads"])
def test_who_lost_the_group_gets_no_link(world: World, get: Get, groups: str) -> None:
    exported(world)
    assert refused(world, get, "ann=", "run of ann=", groups=groups) == (403, "forbidden")


def test_who_may_see_the_report_but_not_take_it_away_gets_no_link(world: World, get: Get) -> None:
    """The right to take it is one of its own, and may end before the right to see."""
    world.report = report(REPORT.replace("cache:", "download: [board]\ncache:"))
    exported(world)
    assert refused(world, get, "ann=", "run of ann=", groups="finance") == (403, "forbidden")
    assert get("ann=", "run of ann=", groups="finance,board")[0] == 200


def test_not_even_an_admin_gets_a_link_to_what_nobody_may_take(world: World, get: Get) -> None:
    world.report = report(REPORT.replace("cache:", "download: false\ncache:"))
    exported(world)
    assert refused(world, get, "ann=", "run of ann=", groups="admins") == (403, "forbidden")


def test_who_is_of_another_region_now_gets_no_link(world: World, get: Get) -> None:
    """Row-level security holds for files, too."""
    exported(world)
    item = world.db.get_item(
        TableName=world.table, Key={"pk": f"attempt#{world.run_item()['attempt']}", "sk": "export"}
    )["Item"]
    world.db.put_item(TableName=world.table, Item=item | {"claims": {"custom:region": "emea"}})
    assert refused(world, get, "ann=", "run of ann=", **{"custom:region": "apac"}) == (403, "forbidden")
    assert refused(world, get, "ann=", "run of ann=") == (403, "forbidden")
    assert get("ann=", "run of ann=", **{"custom:region": "emea"})[0] == 200


def test_an_export_without_a_file_is_not_found(world: World, get: Get) -> None:
    """Of no rows at all the warehouse may write nothing."""
    world.export("ann=")
    world.data_api.unloaded = 0
    world.complete()
    assert listed(get)[0]["rows"] == 0
    assert refused(world, get, "ann=", "run of ann=") == (404, "not_found")
