"""What all formats share: names, blocks, turns for others, and that rows are all there."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.downloads import tables
from dashboard.downloads.pages import Digits, Page
from dashboard.downloads.tables import Incomplete, open_table
from dashboard.gateway.results import Column
from tests.dashboard.downloads.download_rows import columns, pages, provenance


def names_of(*names: str) -> list[str]:
    page = Page(tuple(Column(name, "integer") for name in names), [])
    return [column.name for column in open_table(provenance(0), [page]).columns]


def test_all_rows_of_all_pages_come_in_their_order() -> None:
    table = open_table(provenance(5), pages(columns("n integer"), [[n] for n in range(5)], size=2))
    assert [record for block in table.blocks for record in block] == [[0], [1], [2], [3], [4]]


def test_a_large_page_comes_in_blocks_of_a_thousand_rows() -> None:
    table = open_table(provenance(2001), pages(columns("n integer"), [[n] for n in range(2001)], size=9999))
    assert [len(block) for block in table.blocks] == [1000, 1000, 1]


def test_the_sample_is_the_beginning_of_the_first_page() -> None:
    table = open_table(provenance(5), pages(columns("n integer"), [[n] for n in range(5)], size=3))
    assert table.sample == [[0], [1], [2]]


def test_only_the_first_page_is_asked_for_at_once() -> None:
    asked: list[int] = []

    def counted() -> Iterator[Page]:
        for number, page in enumerate(pages(columns("n integer"), [[1], [2]], size=1)):
            asked.append(number)
            yield page

    open_table(provenance(2), counted())
    assert asked == [0]


@pytest.mark.parametrize("rows", [0, 2, 4])
def test_another_number_of_rows_than_the_statement_has_is_an_error(rows: int) -> None:
    table = open_table(provenance(rows), pages(columns("n integer"), [[1], [2], [3]]))
    with pytest.raises(Incomplete, match=f"has {rows} rows, but its pages had 3"):
        list(table.blocks)


def test_a_result_without_any_page_is_an_error() -> None:
    with pytest.raises(Incomplete):
        open_table(provenance(0), [])


def test_each_column_has_its_digits_known_or_not() -> None:
    described = columns("fare decimal", "n integer")
    assert open_table(provenance(0), pages(described, [])).digits == (None, None)
    declared = (Digits(12, 2), None)
    assert open_table(provenance(0), pages(described, [], digits=declared)).digits == declared


@pytest.mark.parametrize(
    ("names", "unique"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a", "A"], ["a", "A_2"]),
        (["a", "a", "a_2"], ["a", "a_3", "a_2"]),
        (["", "x", ""], ["column_1", "x", "column_3"]),
        (["", "column_1"], ["column_1_2", "column_1"]),
        (["?column?", "?column?"], ["?column?", "?column?_2"]),
    ],
)
def test_names_become_unique_and_those_that_were_so_stay(names: list[str], unique: list[str]) -> None:
    assert names_of(*names) == unique


@given(names=st.lists(st.sampled_from(["a", "A", "a_2", "a_2_2", "", "column_1", "b"]), min_size=1, max_size=8))
def test_names_always_differ_in_any_case(names: list[str]) -> None:
    unique = names_of(*names)
    assert len({name.lower() for name in unique}) == len(names)
    assert all(unique)


@pytest.mark.parametrize(("value", "text"), [("a", "a"), ("", ""), (5, "5"), (True, "true"), (1.5, "1.5")])
def test_a_value_of_a_text_column_is_text_whatever_came(value: Any, text: str) -> None:
    assert tables.as_text(value) == text


TURNS = """
from gevent import monkey
monkey.patch_all()
import gevent, socket
from tests.dashboard.downloads.download_rows import columns, pages, provenance
from dashboard.downloads.tables import open_table

one, other = socket.socketpair()
answers = []

def ask():
    while True:
        one.send(b"?")
        answers.append(one.recv(1))

def answer():
    while other.recv(1):
        other.send(b"!")

talking = [gevent.spawn(ask), gevent.spawn(answer)]
records = [[n] for n in range(50_000)]
blocks = list(open_table(provenance(50_000), pages(columns("n integer"), records, size=50_000)).blocks)
gevent.killall(talking)
print(len(blocks), len(answers))
"""


def test_others_can_talk_between_two_blocks() -> None:
    """Under gevent one thread serves all tabs, so code that computes must let it poll their sockets."""
    done = subprocess.run([sys.executable, "-c", TURNS], capture_output=True, text=True, timeout=60, check=True)
    blocks, answers = map(int, done.stdout.split())
    assert blocks == 50
    assert answers >= 10
