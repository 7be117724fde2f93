"""What was used last, within a bound."""

from typing import Any

import pytest

from dashboard.gateway.lru_cache import CHARACTERS, LRUCache, size_of


def test_what_is_put_is_there_until_it_is_dropped() -> None:
    kept: LRUCache[str, str] = LRUCache(10)
    kept.put("a", "first", 1)
    assert kept.get("a") == "first"
    kept.discard("a")
    assert kept.get("a") is None


def test_what_was_never_put_may_be_asked_for_and_dropped() -> None:
    kept: LRUCache[str, str] = LRUCache(10)
    kept.discard("a")
    assert kept.get("a") is None


def test_the_least_recently_used_goes_first() -> None:
    kept: LRUCache[str, str] = LRUCache(3)
    for key in "abc":
        kept.put(key, key, 1)
    kept.get("a")
    kept.put("d", "d", 1)
    assert [kept.get(key) for key in "abcd"] == ["a", None, "c", "d"]


def test_as_many_go_as_the_new_one_needs() -> None:
    kept: LRUCache[str, str] = LRUCache(10)
    for key in "abcd":
        kept.put(key, key, 2)
    kept.put("e", "e", 7)
    assert [kept.get(key) for key in "abcde"] == [None, None, None, "d", "e"]


def test_what_is_put_again_counts_once() -> None:
    kept: LRUCache[str, str] = LRUCache(3)
    for _ in range(5):
        kept.put("a", "a", 2)
    kept.put("b", "b", 1)
    assert (kept.get("a"), kept.get("b")) == ("a", "b")


def test_what_is_dropped_makes_room() -> None:
    kept: LRUCache[str, str] = LRUCache(2)
    kept.put("a", "a", 2)
    kept.discard("a")
    kept.put("b", "b", 1)
    kept.put("c", "c", 1)
    assert (kept.get("b"), kept.get("c")) == ("b", "c")


def test_what_alone_is_too_much_drives_nothing_out() -> None:
    kept: LRUCache[str, str] = LRUCache(3)
    kept.put("a", "a", 3)
    kept.put("b", "b", 4)
    assert (kept.get("a"), kept.get("b")) == ("a", None)


def test_what_grew_too_much_leaves_no_older_one_behind() -> None:
    kept: LRUCache[str, str] = LRUCache(3)
    kept.put("a", "short", 1)
    kept.put("a", "long", 4)
    assert kept.get("a") is None


@pytest.mark.parametrize(
    ("value", "cells"),
    [
        (None, 1),
        (1.5, 1),
        ("", 1),
        ("x" * (CHARACTERS - 1), 1),
        ("x" * CHARACTERS, 2),
        ("x" * 100 * CHARACTERS, 101),
        ((), 1),
        (((1, "a"), (2, None)), 7),
        ([1, [2, 3]], 5),
        ({"a": 1, "b": [2]}, 6),
    ],
)
def test_every_value_and_container_weighs_a_cell_and_a_long_text_more(value: Any, cells: int) -> None:
    assert size_of(value) == cells
