"""How many runs a user, or a department, may have under way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from msgspec import structs

from backend_lambdas.errors import TooBusy
from backend_lambdas.runs.concurrency_limits import ConcurrencyLimits, Limits
from backend_lambdas.runs.run_state import CANCELLED, FAILED, RunState
from backend_lambdas.runs.run_table import RunTable
from tests.backend_lambdas.lambda_fakes import DEADLINE, Atomic, FakeClock, World

AT_ONCE = 24

TIDY_SECONDS = 5
"""How soon the same function looks again whether those who hold slots need them."""

New = Callable[..., RunState]


@pytest.fixture
def new(world: World) -> New:
    """A run that has just been claimed, of a query that nobody else asks."""
    number = iter(range(10_000))

    def claim(sub: str = "ann", department: str = "finance") -> RunState:
        spec = structs.replace(world.spec(month=f"month {next(number)}"), department=department)
        run, is_mine = world.runs.claim(spec, sub, refresh=False)
        assert is_mine
        return run

    return claim


def concurrency(world: World, per_user: int = 25, per_department: int = 100, db: Any = None) -> ConcurrencyLimits:
    db = db or world.db
    return ConcurrencyLimits(db, world.table, RunTable(db, world.table), Limits(per_user, per_department))


def held(world: World, holder: str) -> set[str]:
    """The attempts that are counted for a user, in any department, or for a department."""
    kind, _, name = holder.partition("#")
    items = [item for item in world.items("slots#") if kind == "user" or item["pk"] == f"slots#{name}"]
    return {attempt for item in items for attempt in item.get(holder if kind == "user" else "attempts", ())}


def taken(limited: ConcurrencyLimits, run: RunState) -> bool:
    try:
        limited.take(run)
    except TooBusy:
        return False
    return True


def test_a_run_is_counted_for_its_user_and_its_department(world: World, new: New) -> None:
    run = new()
    concurrency(world).take(run)
    assert held(world, "user#ann") == held(world, "department#finance") == {run.attempt}


def test_a_user_has_no_more_than_the_limit(world: World, new: New) -> None:
    limited = concurrency(world, per_user=2)
    for _ in range(2):
        limited.take(new("ann"))
    with pytest.raises(TooBusy, match="You have as many reports running as you may"):
        limited.take(new("ann"))
    limited.take(new("bob"))


def test_a_department_has_no_more_than_the_limit(world: World, new: New) -> None:
    limited = concurrency(world, per_department=2)
    for sub in ("ann", "bob"):
        limited.take(new(sub))
    with pytest.raises(TooBusy, match="This department has as many reports running as it may"):
        limited.take(new("cid"))
    limited.take(new("cid", "operations"))


def test_who_is_refused_by_the_department_holds_no_slot_of_his_own(world: World, new: New) -> None:
    """Else a full department would use up its users' slots in others."""
    limited = concurrency(world, per_department=1)
    limited.take(new("ann"))
    with pytest.raises(TooBusy):
        limited.take(new("bob"))
    assert held(world, "user#bob") == set()
    assert len(held(world, "department#finance")) == 1


def test_who_is_refused_as_a_user_is_not_counted_for_the_department(world: World, new: New) -> None:
    limited = concurrency(world, per_user=1)
    first = new("ann")
    limited.take(first)
    with pytest.raises(TooBusy):
        limited.take(new("ann"))
    assert held(world, "department#finance") == held(world, "user#ann") == {first.attempt}


def test_a_run_that_is_given_back_makes_room(world: World, new: New) -> None:
    limited = concurrency(world, per_user=1, per_department=1)
    first, second = new(), new()
    limited.take(first)
    limited.give_back(first)
    assert held(world, "user#ann") == held(world, "department#finance") == set()
    limited.take(second)
    assert held(world, "user#ann") == held(world, "department#finance") == {second.attempt}


def test_taking_twice_takes_one_slot(world: World, new: New) -> None:
    """A submitter takes it with every try, and so does who submits in its place."""
    limited = concurrency(world, per_user=2, per_department=2)
    first = new()
    for _ in range(3):
        limited.take(first)
    second = new()
    limited.take(second)
    for _ in range(3):
        limited.take(first)
    assert held(world, "user#ann") == held(world, "department#finance") == {first.attempt, second.attempt}


def test_giving_back_twice_gives_one_slot(world: World, new: New) -> None:
    """The event of an end may come twice."""
    limited = concurrency(world, per_user=2)
    first, second, third = new(), new(), new()
    for run in (first, second):
        limited.take(run)
    for _ in range(2):
        limited.give_back(first)
    limited.take(third)
    with pytest.raises(TooBusy):
        limited.take(first)


def test_giving_back_what_was_never_taken_changes_nothing(world: World, new: New) -> None:
    concurrency(world).give_back(new())
    assert world.items("slots#") == []


@pytest.mark.parametrize("ended", [FAILED, CANCELLED])
def test_runs_that_ended_without_giving_back_are_found_out(world: World, new: New, ended: str) -> None:
    """Their functions died; whoever is refused looks."""
    limited = concurrency(world, per_user=2, per_department=2)
    dead, alive, next_one = new(), new(), new()
    for run in (dead, alive):
        limited.take(run)
    world.runs.abort(dead, ended)
    limited.take(next_one)
    assert held(world, "user#ann") == held(world, "department#finance") == {alive.attempt, next_one.attempt}


def test_runs_past_their_deadline_are_found_out(world: World, new: New, fake_clock: FakeClock) -> None:
    limited = concurrency(world, per_user=1)
    forgotten = new()
    limited.take(forgotten)
    fake_clock.milliseconds = forgotten.deadline
    limited.take(new())
    assert forgotten.attempt not in held(world, "user#ann")


def test_attempts_that_were_replaced_are_found_out(world: World, new: New) -> None:
    limited = concurrency(world, per_user=1)
    old = new()
    limited.take(old)
    world.runs.abort(old, CANCELLED)
    newer, is_mine = world.runs.claim(world.spec(month="month 0"), "ann", refresh=False)
    assert is_mine
    assert newer.key == old.key
    limited.take(newer)
    assert held(world, "user#ann") == {newer.attempt}


def test_runs_that_are_under_way_are_never_taken_for_ended(world: World, new: New) -> None:
    limited = concurrency(world, per_user=3)
    running = [new() for _ in range(3)]
    for run in running:
        limited.take(run)
    world.runs.submitted(running[0], "id-1")
    for _ in range(3):
        with pytest.raises(TooBusy):
            limited.take(new())
    assert held(world, "user#ann") == {run.attempt for run in running}


def test_more_attempts_than_one_read_takes_are_looked_at_a_hundred_at_a_time(world: World, new: New) -> None:
    """BatchGetItem takes no more; a department may hold several hundred."""
    limited = concurrency(world, per_user=1000, per_department=120)
    runs = [new() for _ in range(120)]
    for run in runs:
        limited.take(run)
        world.runs.abort(run, FAILED)
    limited.take(new())
    assert len(held(world, "department#finance")) == 1


class Counted:
    """DynamoDB that counts who looks at many runs."""

    def __init__(self, db: Any) -> None:
        self._db, self.looks = db, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def batch_get_item(self, **request: Any) -> Any:
        self.looks += 1
        return self._db.batch_get_item(**request)


def test_a_crowd_that_is_refused_looks_once_whether_anybody_has_ended(
    world: World, new: New, fake_clock: FakeClock
) -> None:
    """Each of them tries again and again: to look every time would cost more than the runs."""
    db = Counted(world.db)
    limited = concurrency(world, per_user=1, db=db)
    limited.take(new())
    refused = [taken(limited, new()) for _ in range(20)]
    assert not any(refused)
    assert db.looks == 1
    fake_clock.forward(TIDY_SECONDS)
    assert not taken(limited, new())
    assert db.looks == 2


def test_a_run_that_dies_after_a_look_is_found_out_by_the_next(world: World, new: New, fake_clock: FakeClock) -> None:
    limited = concurrency(world, per_user=1)
    dead, waiting = new(), new()
    limited.take(dead)
    assert not taken(limited, waiting)
    world.runs.abort(dead, FAILED)
    fake_clock.forward(TIDY_SECONDS)
    assert taken(limited, waiting)


def test_a_look_at_one_user_is_none_at_another(world: World, new: New, fake_clock: FakeClock) -> None:
    limited = concurrency(world, per_user=1)
    for sub in ("ann", "bob"):
        limited.take(new(sub))
    assert not taken(limited, new("ann"))
    dead = next(iter(held(world, "user#bob")))
    state = world.runs.get(dead.partition("/")[0])
    assert state is not None
    world.runs.abort(state, FAILED)
    assert taken(limited, new("bob"))


def test_a_lowered_limit_holds_at_once(world: World, new: New) -> None:
    """Nobody is thrown out for it."""
    for _ in range(3):
        concurrency(world, per_user=3).take(new())
    with pytest.raises(TooBusy):
        concurrency(world, per_user=2).take(new())
    assert len(held(world, "user#ann")) == 3


def test_slots_of_who_asks_no_more_are_forgotten_by_the_table(world: World, new: New) -> None:
    concurrency(world).take(new())
    assert all("expiresAt" in item for item in world.items("slots#"))


def at_once(do: Callable[[int], Any]) -> list[Any]:
    """What many did who began at the same moment."""
    barrier = Barrier(AT_ONCE, timeout=DEADLINE)

    def begin(number: int) -> Any:
        barrier.wait()
        return do(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(begin, range(AT_ONCE)))


def test_the_limit_of_a_user_is_strict_when_many_ask_at_once(world: World, new: New) -> None:
    limited = concurrency(world, per_user=5, db=Atomic(world.db))
    runs = [new() for _ in range(AT_ONCE)]
    took = at_once(lambda number: taken(limited, runs[number]))
    assert took.count(True) == 5
    assert held(world, "user#ann") == {run.attempt for run, one in zip(runs, took, strict=True) if one}
    assert held(world, "department#finance") == held(world, "user#ann")


def test_the_limit_of_a_department_is_strict_when_many_ask_at_once(world: World, new: New) -> None:
    """Each of them a user of his own: none of those refused keeps a slot."""
    limited = concurrency(world, per_department=5, db=Atomic(world.db))
    runs = [new(f"user {number}") for number in range(AT_ONCE)]
    took = at_once(lambda number: taken(limited, runs[number]))
    assert took.count(True) == 5
    assert held(world, "department#finance") == {run.attempt for run, one in zip(runs, took, strict=True) if one}
    assert [bool(held(world, f"user#{run.sub}")) for run in runs] == took


def test_many_who_find_dead_runs_at_once_take_no_more_than_those_leave(
    world: World, new: New, fake_clock: FakeClock
) -> None:
    """One of them looks for all; whoever is refused meanwhile and tries again has what is left, and no more."""
    limited = concurrency(world, per_user=5, db=Atomic(world.db))
    for _ in range(5):
        dead = new()
        limited.take(dead)
        world.runs.abort(dead, FAILED)
    runs = [new() for _ in range(AT_ONCE)]
    took = at_once(lambda number: taken(limited, runs[number]))
    assert 1 <= took.count(True) <= 5
    fake_clock.forward(TIDY_SECONDS)
    took = at_once(lambda number: taken(limited, runs[number]))
    assert took.count(True) == 5
    assert held(world, "user#ann") == {run.attempt for run, one in zip(runs, took, strict=True) if one}


def test_who_takes_and_gives_back_at_once_leaves_nothing(world: World, new: New) -> None:
    limited = concurrency(world, db=Atomic(world.db))
    runs = [new() for _ in range(AT_ONCE)]

    def take_and_give_back(number: int) -> None:
        limited.take(runs[number])
        limited.give_back(runs[number])

    at_once(take_and_give_back)
    assert held(world, "user#ann") == held(world, "department#finance") == set()
