"""Watches of a message's panels: one item for all of them under each table, and what is left when some end."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backend_lambdas.messages import Run
from backend_lambdas.tables.watches import Asked, Watches

TRIPS, ZONES = "public.trips", "public.zones"
ME, YOU = "me=", "you="


@pytest.fixture
def watches(db: Any, table: str) -> Watches:
    return Watches(db, table)


@pytest.fixture
def items(db: Any, table: str) -> Callable[[], list[dict[str, Any]]]:
    """All of the table."""
    return lambda: list(db.scan(TableName=table, ConsistentRead=True)["Items"])


def asked(*run_ids: str, tables: Collection[str] = (TRIPS,)) -> list[Asked]:
    """Runs of one message, each of a report of its name."""
    return [(Run(f"topic {name}", name, name, {"month": "2015-11"}, watch=True), tables) for name in run_ids]


def on(watches: Watches, *tables: str) -> Sequence[str]:
    return sorted(watch.run_id for watch in watches.on(tables))


def test_a_page_is_one_item_for_each_table_and_one_on_its_socket(
    watches: Watches, items: Callable[[], list[dict[str, Any]]]
) -> None:
    watches.add(ME, asked("a", "b", "c"), batches=True)
    assert [item["pk"] for item in sorted(items(), key=lambda item: item["pk"])] == [
        f"connection#{ME}",
        f"watch#{TRIPS}",
    ]
    first = min(watches.on([TRIPS]), key=lambda watch: watch.run_id)
    assert (first.connection_id, first.topic_name, first.report, first.batches) == (ME, "topic a", "a", True)
    assert first.command.parameters == {"month": "2015-11"}


def test_twice_is_once(watches: Watches, items: Callable[[], list[dict[str, Any]]]) -> None:
    for runs in (("a", "b"), ("b", "a")):
        watches.add(ME, asked(*runs))
    assert len(items()) == 2
    watches.add(ME, asked("a"))
    assert on(watches, TRIPS) == ["a", "b"]


def test_a_panel_stands_under_the_tables_that_it_reads(watches: Watches) -> None:
    both = asked("both", tables=(TRIPS, ZONES))
    watches.add(ME, [*asked("a"), *asked("z", tables=(ZONES,)), *both, *asked("none", tables=())])
    assert on(watches, TRIPS) == ["a", "both"]
    assert on(watches, ZONES) == ["both", "z"]
    assert on(watches, TRIPS, ZONES) == ["a", "both", "z"]


def test_what_is_watched_is_told_of_one_socket_and_of_many(watches: Watches) -> None:
    watches.add(ME, asked("a", "b"))
    watches.add(YOU, asked("c"))
    assert watches.of([(ME, "a"), (ME, "x")], [TRIPS]) == {(ME, "a")}
    assert watches.of([(ME, "b"), (YOU, "c"), (YOU, "b")], [TRIPS]) == {(ME, "b"), (YOU, "c")}


def test_one_that_ends_leaves_the_others_of_its_message(watches: Watches) -> None:
    watches.add(ME, asked("a", "b", tables=(TRIPS, ZONES)))
    watches.remove(ME, ["a", "unknown"])
    assert on(watches, TRIPS) == on(watches, ZONES) == ["b"]
    assert watches.of([(ME, "a"), (ME, "b")], [TRIPS]) == {(ME, "b")}


def test_of_those_that_have_all_ended_nothing_is_left(
    watches: Watches, items: Callable[[], list[dict[str, Any]]]
) -> None:
    watches.add(ME, asked("a", "b"))
    watches.add(ME, asked("c"))
    watches.remove(ME, ["a", "b", "c"])
    assert items() == []


def test_those_that_end_at_the_same_time_leave_nothing(
    watches: Watches, items: Callable[[], list[dict[str, Any]]]
) -> None:
    """Each sees the others still there, and takes itself out; who is the last takes the item away."""
    names = [f"run {number}" for number in range(8)]
    watches.add(ME, asked(*names))
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: watches.remove(ME, [name]), names))
    assert items() == []


def test_another_sockets_watches_stay(watches: Watches) -> None:
    watches.add(ME, asked("a"))
    watches.add(YOU, asked("a"))
    watches.remove(ME, ["a"])
    assert [watch.connection_id for watch in watches.on([TRIPS])] == [YOU]
