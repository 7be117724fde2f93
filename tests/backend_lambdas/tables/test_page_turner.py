"""A turn of pages: whoever may still see a report is told its new rows, for one statement, and nobody else is."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from backend_lambdas.access.group_membership import GroupMembership
from backend_lambdas.aws import clients
from backend_lambdas.errors import UnknownReport
from backend_lambdas.messages import Run
from backend_lambdas.reports.catalog import Catalog
from backend_lambdas.runs.run_service import RunService
from backend_lambdas.tables.page_turner import NotTurned, PageTurner
from backend_lambdas.tables.table_changes import CUT_OFF_SECONDS, TURN_SECONDS
from tests.backend_lambdas.lambda_fakes import REPORT, FakeClock, World

TABLE = "public.nyc_yellow_taxi"
FILE = "finance/revenue_by_day.sql"


@pytest.fixture
def turner(world: World) -> PageTurner:
    put_report(world, REPORT)
    world.user_pool.groups = {"ana": ["finance"]}
    membership = GroupMembership(world.user_pool.client(), "pool", fresh_seconds=0)
    return PageTurner(world.service, Catalog(world.s3, reports(world)), membership)


def reports(world: World) -> str:
    bucket, _ = clients.s3_location(world.exports_s3_path)
    return f"s3://{bucket}/reports/"


def put_report(world: World, text: str) -> None:
    bucket, prefix = clients.s3_location(reports(world))
    world.s3.put_object(Bucket=bucket, Key=prefix + FILE, Body=text.encode())


def watch(world: World, *connection_ids: str, batches: bool = False) -> None:
    """Each has its rows, and is to be told of others."""
    for connection_id in connection_ids:
        requester = replace(world.requester(connection_id), batches=batches)
        command = Run(f"topic of {connection_id}", "revenue_by_day", f"run of {connection_id}", {}, watch=True)
        world.service.watches.add(requester.connection_id, [(command, world.spec().tables)], requester.batches)
        world.service.request_run(requester, command, world.spec())
    world.complete()
    for told in world.gateway.posts:
        assert told[1]["type"] != "failed"
    world.gateway.posts.clear()


def change(world: World, fake_clock: FakeClock, table: str = TABLE) -> None:
    fake_clock.forward(60)
    world.service.changes.note(table, fake_clock.milliseconds, "dbt")


def watchers(world: World) -> list[str]:
    return sorted(one.connection_id for one in world.service.watches.on([TABLE]))


def test_all_who_watch_are_told_the_new_rows_of_one_statement(
    world: World, turner: PageTurner, fake_clock: FakeClock
) -> None:
    watch(world, "ann=", "bob=")
    change(world, fake_clock)
    turner.turn_due([TABLE])
    _, second = world.data_api.statements.values()
    world.complete(second)
    for connection_id in ("ann=", "bob="):
        assert world.gateway.types(connection_id) == ["changed", "accepted", "finished"]
        assert world.gateway.notified(connection_id)[-1]["statementId"] == second.id
    turner.turn_due([TABLE])
    assert len(world.data_api.statements) == 2


def test_who_takes_batches_is_told_of_a_change_once_for_all_panels(
    world: World, turner: PageTurner, fake_clock: FakeClock
) -> None:
    put_report(world, REPORT.replace("cache: 15m", "cache: 15m\nlive: false"))  # so nothing follows the change
    watch(world, "ann=", batches=True)
    requester = world.requester("ann=")
    other = Run("another topic", "revenue_by_day", "another run", {}, watch=True)
    world.service.watches.add(requester.connection_id, [(other, world.spec().tables)], batches=True)
    change(world, fake_clock)
    world.gateway.frames = 0
    turner.turn_due([TABLE])
    assert {message["runId"] for message in world.gateway.notified("ann=")} == {"run of ann=", "another run"}
    assert world.gateway.types("ann=") == ["changed", "changed"]
    assert world.gateway.frames == 1


class Meanwhile:
    """A gateway's client before whose first post something else happens."""

    def __init__(self, client: Any, happens: Callable[[], None]) -> None:
        self._client, self._happens = client, [happens]

    def post_to_connection(self, **message: Any) -> None:
        while self._happens:
            self._happens.pop()()
        self._client.post_to_connection(**message)


@pytest.mark.parametrize("seconds", [0, 2 * TURN_SECONDS, CUT_OFF_SECONDS - 1])
def test_a_minute_that_comes_while_pages_turn_tells_nobody_again(
    world: World, turner: PageTurner, fake_clock: FakeClock, seconds: int
) -> None:
    """Nor does an event that comes twice, however long the turn takes."""
    watch(world, "ann=", "bob=")
    change(world, fake_clock)

    def a_minute_turns() -> None:
        fake_clock.forward(seconds)
        turner.turn_due([TABLE])

    turner_over(world, a_minute_turns).turn_due([TABLE])
    turner.turn_due([TABLE])
    world.complete(list(world.data_api.statements.values())[-1])
    assert {tuple(world.gateway.types(one)) for one in ("ann=", "bob=")} == {("changed", "accepted", "finished")}


def test_a_change_that_comes_while_pages_turn_turns_them_once_more(
    world: World, turner: PageTurner, fake_clock: FakeClock
) -> None:
    watch(world, "ann=")
    change(world, fake_clock)

    def another() -> None:
        change(world, fake_clock)
        turner.turn_due([TABLE])

    turner_over(world, another).turn_due([TABLE])
    assert world.gateway.types("ann=").count("changed") == 2


def test_a_turn_that_was_cut_off_is_made_up_for(world: World, turner: PageTurner, fake_clock: FakeClock) -> None:
    watch(world, "ann=")
    change(world, fake_clock)

    def die() -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        turner_over(world, die).turn_due([TABLE])
    fake_clock.forward(CUT_OFF_SECONDS)
    turner.turn_due([TABLE])
    assert world.gateway.types("ann=") == ["changed", "accepted"]


def turner_over(world: World, happens: Callable[[], None]) -> PageTurner:
    """A turner in whose turn something happens before the first page is told."""

    def wrap(client: Any) -> Any:
        service = client.meta.service_model.service_name
        return Meanwhile(client, happens) if service == "apigatewaymanagementapi" else client

    membership = GroupMembership(world.user_pool.client(), "pool", fresh_seconds=0)
    return PageTurner(world.service_over(wrap), Catalog(world.s3, reports(world)), membership)


def ask(world: World, service: RunService) -> None:
    requester = world.requester("bob=")
    command = Run("topic of bob=", "revenue_by_day", "run of bob=", {}, watch=True)
    service.watches.add(requester.connection_id, [(command, world.spec().tables)], requester.batches)
    service.request_run(requester, command, world.spec())


def ask_before_the_event(world: World, service: RunService) -> None:
    ask(world, world.service)
    service.completer.complete(world.ended(list(world.data_api.statements.values())[-1]))


def come_back(world: World, service: RunService) -> None:
    ask(world, world.service)
    world.resume("bob=", "run of bob=", of="bob=", service=service)


@pytest.mark.parametrize(("answered", "before"), [(ask, True), (ask_before_the_event, False), (come_back, True)])
def test_who_is_told_old_rows_while_the_page_turns_is_told_the_new_ones_last(
    world: World,
    turner: PageTurner,
    fake_clock: FakeClock,
    answered: Callable[[World, RunService], None],
    before: bool,
) -> None:
    """His function has looked and goes on when all is over; the answer is kept `before` or not."""
    if before:
        watch(world, "ann=")

    def turn() -> None:
        change(world, fake_clock)
        turner.turn_due([TABLE])
        world.complete(list(world.data_api.statements.values())[-1])

    def wrap(client: Any) -> Any:
        service = client.meta.service_model.service_name
        return Meanwhile(client, turn) if service == "apigatewaymanagementapi" else client

    answered(world, world.service_over(wrap))
    first, newest = world.data_api.statements
    ends = [message["statementId"] for message in world.gateway.notified("bob=") if message["type"] == "finished"]
    assert first in ends
    assert ends[-1] == newest


def test_who_may_not_see_a_report_any_more_is_told_so_and_forgotten(
    world: World, turner: PageTurner, fake_clock: FakeClock
) -> None:
    """The group was taken away since the token was signed."""
    watch(world, "ann=")
    world.user_pool.groups = {"ana": ["operations"]}
    change(world, fake_clock)
    turner.turn_due([TABLE])
    (told,) = world.gateway.notified("ann=")
    assert (told["type"], told["code"]) == ("failed", UnknownReport.code)
    assert len(world.data_api.statements) == 1
    assert watchers(world) == []


def test_a_report_that_is_withdrawn_is_not_asked_again(world: World, turner: PageTurner, fake_clock: FakeClock) -> None:
    watch(world, "ann=")
    bucket, prefix = clients.s3_location(reports(world))
    world.s3.delete_object(Bucket=bucket, Key=prefix + FILE)
    change(world, fake_clock)
    turner.turn_due([TABLE])
    assert world.gateway.types("ann=") == ["failed"]
    assert len(world.data_api.statements) == 1


def test_a_report_is_asked_as_it_is_now(world: World, turner: PageTurner, fake_clock: FakeClock) -> None:
    watch(world, "ann=")
    put_report(world, REPORT.replace("sum(fare_amount)", "sum(total_amount)"))
    change(world, fake_clock)
    turner.turn_due([TABLE])
    _, second = world.data_api.statements.values()
    assert "sum(total_amount)" in second.request["Sql"]


def test_a_change_that_could_not_be_told_is_told_by_the_next_turn(
    world: World, turner: PageTurner, fake_clock: FakeClock
) -> None:
    """Nobody counts an end as new that comes without its change."""
    watch(world, "ann=", "bob=")
    change(world, fake_clock)
    world.gateway.throttled = {"bob="}
    with pytest.raises(NotTurned):
        turner.turn_due([TABLE])
    world.gateway.throttled = set()
    world.gateway.posts.clear()
    fake_clock.forward(60)
    turner.turn_due([TABLE])
    world.complete(list(world.data_api.statements.values())[-1])
    assert world.gateway.types("bob=")[0] == "changed"
    assert world.gateway.types("bob=")[-1] == "finished"


def test_a_report_that_is_not_live_is_only_told_of(world: World, turner: PageTurner, fake_clock: FakeClock) -> None:
    put_report(world, REPORT.replace("cache: 15m", "cache: 15m\nlive: false"))
    watch(world, "ann=")
    change(world, fake_clock)
    turner.turn_due([TABLE])
    assert world.gateway.types("ann=") == ["changed"]
    assert len(world.data_api.statements) == 1


def test_a_turn_that_the_warehouse_refuses_is_made_up_for(
    world: World, turner: PageTurner, fake_clock: FakeClock
) -> None:
    watch(world, "ann=")
    change(world, fake_clock)
    world.data_api.refusals["ExecuteStatement"] = ["InternalServerException"]
    with pytest.raises(NotTurned):
        turner.turn_due([TABLE])
    assert watchers(world) == ["ann="]
    fake_clock.forward(60)
    turner.turn_due([TABLE])
    world.complete(list(world.data_api.statements.values())[-1])
    assert world.gateway.types("ann=")[-1] == "finished"


def test_a_socket_that_has_closed_is_passed_over(world: World, turner: PageTurner, fake_clock: FakeClock) -> None:
    watch(world, "ann=", "bob=")
    world.connections.remove("ann=")
    change(world, fake_clock)
    turner.turn_due([TABLE])
    assert world.gateway.notified("ann=") == []
    assert world.gateway.types("bob=") == ["changed", "accepted"]
