"""Pages of a large result go on where the one before them ended, whoever reads what else."""

import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from infra.local.redshift_data import result_streams
from infra.local.redshift_data.result_streams import ResultStreams
from infra.warehouse.results import Result, described, write_result
from infra.warehouse.small_results import write_small

ROWS = 50_000
SQL = f"SELECT n::BIGINT AS n, 'row ' || n AS t FROM range({ROWS}) r(n)"


@pytest.fixture
def streams() -> Iterator[ResultStreams]:
    opened = ResultStreams()
    yield opened
    opened.close()


@pytest.fixture
def result(tmp_path: Path) -> Result:
    with duckdb.connect() as connection:
        return write_result(connection, SQL, described(connection, SQL), tmp_path / "result.parquet")


def read(streams: ResultStreams, result: Result, offset: int, count: int) -> list[int]:
    """The numbers of one page, of which all rows are taken."""
    rows = streams.rows(result, offset, count)
    streams.go_on(result, offset, len(rows))
    return [row[0] for row in rows]


def test_pages_one_after_another_are_all_rows(streams: ResultStreams, result: Result) -> None:
    found = [number for offset in range(0, ROWS, 999) for number in read(streams, result, offset, 999)]
    assert found == list(range(ROWS))


def test_a_page_of_which_a_part_was_taken_is_gone_on_with_behind_that(streams: ResultStreams, result: Result) -> None:
    assert len(streams.rows(result, 0, 1000)) == 1000
    streams.go_on(result, 0, 10)
    assert read(streams, result, 10, 5) == [10, 11, 12, 13, 14]
    assert streams.rows(result, 15, 1)[0] == (15, "row 15")


def test_a_page_that_is_asked_for_again_is_the_same(streams: ResultStreams, result: Result) -> None:
    for offset in (0, 1000, 1000, 0, 20_480, ROWS - 1, 3):
        assert read(streams, result, offset, 7) == list(range(offset, min(offset + 7, ROWS)))


def test_behind_the_end_is_nothing(streams: ResultStreams, result: Result) -> None:
    assert read(streams, result, ROWS, 10) == []


def test_only_the_last_few_stay_open(streams: ResultStreams, result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_streams, "MOST_OPEN", 2)
    for offset in range(0, 5000, 1000):
        read(streams, result, offset, 1)
    assert len(streams._open) == 2
    assert read(streams, result, 1, 2) == [1, 2]


def test_readers_at_the_same_time_get_their_own_rows(streams: ResultStreams, result: Result) -> None:
    found = dict[int, list[int]]()

    def reader(number: int) -> None:
        found[number] = [one for offset in range(0, 20_000, 500) for one in read(streams, result, offset, 500)]

    threads = [threading.Thread(target=reader, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert list(found.values()) == [list(range(20_000))] * 4


def test_a_file_that_is_gone_is_an_error(streams: ResultStreams, result: Result) -> None:
    result.delete()
    with pytest.raises(duckdb.IOException):
        streams.rows(result, 0, 10)


def test_a_small_result_is_read_as_it_is(streams: ResultStreams, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        sql = "SELECT n::BIGINT AS n FROM range(5) r(n)"
        small = write_small(connection, sql, described(connection, sql), tmp_path / "small")
    assert small is not None
    assert read(streams, small, 2, 10) == [2, 3, 4]


def test_rows_in_another_order_are_never_handed_out(streams: ResultStreams, result: Result) -> None:
    streams.rows(result, 0, 1)
    stream = streams._open[result.path, 0]
    stream.position = 5
    with pytest.raises(result_streams.OutOfOrder):
        stream.peek(10)
