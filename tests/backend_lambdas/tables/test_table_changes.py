"""A change of a table: which answers it makes void, and which news of it count."""

import pytest

from backend_lambdas.errors import RunNotFound
from backend_lambdas.tables.table_changes import TURN_SECONDS, TableChange, TableChanges
from tests.backend_lambdas.lambda_fakes import FakeClock, World

TABLE = "public.nyc_yellow_taxi"


@pytest.fixture
def changes(world: World) -> TableChanges:
    return world.service.changes


def the_change(changes: TableChanges) -> TableChange:
    return changes.of([TABLE])[TABLE]


# ---------------------------------------------------------------------------------------- which answers it makes void


def test_rows_from_before_a_change_are_no_answer(world: World, changes: TableChanges, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    world.complete()
    world.request_run("bob=")
    assert len(world.data_api.statements) == 1
    fake_clock.forward(1)
    changes.note(TABLE, fake_clock.milliseconds, "dbt")
    world.request_run("cid=")
    first, second = world.data_api.statements.values()
    world.complete(second)
    assert [message["statementId"] for message in world.gateway.notified("cid=")] == [second.id, second.id]
    assert {message["statementId"] for message in world.gateway.notified("bob=")} == {first.id}


def test_a_statement_from_before_a_change_is_not_joined_but_superseded(
    world: World, changes: TableChanges, fake_clock: FakeClock
) -> None:
    world.request_run("ann=")
    fake_clock.forward(1)
    changes.note(TABLE, fake_clock.milliseconds, "dbt")
    world.request_run("bob=")
    first, second = world.data_api.statements.values()
    assert first.status == "ABORTED"
    world.complete(second)
    assert world.gateway.notified("ann=")[-1]["statementId"] == second.id
    assert world.gateway.notified("bob=")[-1]["statementId"] == second.id


def test_the_end_of_a_statement_that_was_replaced_long_before_a_change_is_told_to_nobody(
    world: World, changes: TableChanges, fake_clock: FakeClock
) -> None:
    """Its time was over and another asked anew; whoever waited for it has not been looked after when its end comes."""
    world.request_run("ann=")
    fake_clock.milliseconds = int(world.run_item()["deadline"]) + 1
    world.request_run("bob=")
    changes.note(TABLE, fake_clock.milliseconds, "dbt")
    world.request_run("cid=")
    first, _, newest = world.data_api.statements.values()
    world.complete(newest)
    world.complete(first)
    ends = [message for message in world.gateway.notified("ann=") if message["type"] == "finished"]
    assert [message["statementId"] for message in ends] == [newest.id]


def test_rows_from_after_a_change_answer_whoever_asks(
    world: World, changes: TableChanges, fake_clock: FakeClock
) -> None:
    changes.note(TABLE, fake_clock.milliseconds, "dbt")
    fake_clock.forward(1)
    world.request_run("ann=")
    world.complete()
    world.request_run("bob=")
    assert world.gateway.notified("bob=")[-1]["cached"]
    assert len(world.data_api.statements) == 1


@pytest.mark.parametrize("ended", [True, False])
def test_a_run_from_before_a_change_is_not_taken_up_on_a_new_socket(
    world: World, changes: TableChanges, fake_clock: FakeClock, ended: bool
) -> None:
    world.request_run("ann=")
    if ended:
        world.complete()
    fake_clock.forward(1)
    changes.note(TABLE, fake_clock.milliseconds, "dbt")
    world.resume("ann again=", of="ann=")
    (told,) = world.gateway.notified("ann again=")
    assert (told["type"], told["code"]) == ("failed", RunNotFound.code)


def test_another_tables_change_leaves_rows_fresh(world: World, changes: TableChanges, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    world.complete()
    fake_clock.forward(1)
    changes.note("public.fares", fake_clock.milliseconds, "dbt")
    world.request_run("bob=")
    assert world.gateway.notified("bob=")[-1]["cached"]


# ---------------------------------------------------------------------------------------- which news of it count


@pytest.mark.parametrize("earlier", [0, 1])
def test_what_is_told_again_or_late_changes_nothing(changes: TableChanges, fake_clock: FakeClock, earlier: int) -> None:
    at = fake_clock.milliseconds
    assert changes.note(TABLE, at, "dbt")
    known = the_change(changes)
    fake_clock.forward(1)
    assert not changes.note(TABLE, at - earlier, "a crawler")
    assert the_change(changes) == known


def test_a_storm_is_one_turn_and_one_more_after_it(changes: TableChanges, fake_clock: FakeClock) -> None:
    start = fake_clock.milliseconds
    planned = []
    for moment in range(4):
        changes.note(TABLE, start + moment, "dbt")
        planned.append(changes.plan_turn(the_change(changes)))
        fake_clock.forward(1)
    assert planned == [start, start + TURN_SECONDS * 1000, None, None]


def test_a_change_that_comes_during_a_turn_is_still_to_be_turned_for(
    changes: TableChanges, fake_clock: FakeClock
) -> None:
    changes.note(TABLE, fake_clock.milliseconds, "dbt")
    turned = the_change(changes)
    fake_clock.forward(1)
    changes.note(TABLE, fake_clock.milliseconds, "dbt")
    changes.note_turned(turned)
    assert not the_change(changes).is_turned
    changes.note_turned(the_change(changes))
    assert the_change(changes).is_turned
