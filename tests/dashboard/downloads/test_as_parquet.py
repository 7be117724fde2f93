"""Parquet, read back by DuckDB and PyArrow."""

import datetime
import io
import json
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from dashboard.downloads import as_parquet, parquet_types
from dashboard.downloads.pages import Digits
from dashboard.downloads.tables import Incomplete
from tests.dashboard.downloads.download_rows import Rows, columns, pages, provenance, results, saved
from tests.dashboard.downloads.download_rows import written as written_as


def file_of(content: bytes) -> pq.ParquetFile:
    return pq.ParquetFile(io.BytesIO(content))


def values_of(content: bytes) -> list[tuple[Any, ...]]:
    return [tuple(record.values()) for record in file_of(content).read().to_pylist()]


@settings(max_examples=60)
@given(rows=results())
def test_pyarrow_reads_every_value_as_it_was(rows: Rows) -> None:
    """Where the gateway does not say how decimals are declared."""
    content = b"".join(as_parquet.write(provenance(len(rows.records)), rows.pages))
    assert values_of(content) == rows.python()


@settings(max_examples=60)
@given(rows=results())
def test_duckdb_reads_every_value_as_it_was(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where the gateway says how decimals are declared."""
    declared = pages(rows.columns, rows.records, rows.page_size, digits=rows.digits)
    content = b"".join(as_parquet.write(provenance(len(rows.records)), declared))
    path = saved(tmp_path_factory.getbasetemp(), "rows.parquet", content)
    with duckdb.connect() as connection:
        assert connection.execute("FROM read_parquet($path)", {"path": path}).fetchall() == rows.python()


def test_every_type_of_the_wire_has_its_own() -> None:
    described = columns(
        "a string", "b integer", "c number", "d decimal", "e boolean", "f date", "g timestamp", "h timestamp"
    )
    record = ["x", 1, 1, "1.50", True, "2015-12-01", "2015-12-01T08:00:00.25", "2015-12-01T08:00:00-05:00"]
    content = written_as(as_parquet.write, described, [record, [None] * 8])
    assert file_of(content).schema_arrow.types == [
        *(pa.string(), pa.int64(), pa.float64(), pa.decimal128(38, 2), pa.bool_(), pa.date32()),
        *(pa.timestamp("us"), pa.timestamp("us", "UTC")),
    ]
    first, second = values_of(content)
    moment = datetime.datetime.fromisoformat("2015-12-01T08:00:00.250")
    assert first[:7] == ("x", 1, 1.0, Decimal("1.50"), True, datetime.date(2015, 12, 1), moment)
    assert first[7] == datetime.datetime(2015, 12, 1, 13, tzinfo=datetime.UTC)
    assert second == (None,) * 8


def test_a_result_without_rows_keeps_its_columns() -> None:
    content = written_as(as_parquet.write, columns("n integer", "zone string"), [])
    assert file_of(content).schema_arrow.names == ["n", "zone"]
    assert file_of(content).metadata.num_rows == 0


def test_row_groups_have_some_65_thousand_rows() -> None:
    content = written_as(as_parquet.write, columns("n integer"), [[n] for n in range(140_000)], size=50_000)
    metadata = file_of(content).metadata
    sizes = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    assert sum(sizes) == 140_000
    assert all(65_536 <= size < 68_000 for size in sizes[:-1])


def test_rows_of_long_texts_make_smaller_row_groups() -> None:
    records = [["x" * 40_000] for _ in range(2_500)]
    content = written_as(as_parquet.write, columns("t string"), records, size=500)
    assert file_of(content).metadata.num_row_groups == 3


def test_a_row_group_leaves_before_the_next_page_is_asked_for() -> None:
    asked: list[int] = []

    def counted() -> Any:
        for number, page in enumerate(pages(columns("n integer"), [[n] for n in range(140_000)], size=70_000)):
            asked.append(number)
            yield page

    assert next(as_parquet.write(provenance(140_000), counted())).startswith(b"PAR1")
    assert asked == [0]


def test_the_file_says_where_its_rows_come_from() -> None:
    described = provenance(0, parameters={"month": "2015-12", "zones": ["Queens", "Bronx"]}, note="Simulated.")
    content = b"".join(as_parquet.write(described, pages(columns("n integer"), [])))
    metadata = {key.decode(): value.decode() for key, value in file_of(content).metadata.metadata.items()}
    ours = {key.partition(".")[2]: value for key, value in metadata.items() if key.startswith("pushboard.")}
    assert json.loads(ours.pop("parameters")) == {"month": "2015-12", "zones": ["Queens", "Bronx"]}
    assert ours == {
        "report": "revenue_by_day",
        "title": "Revenue by day",
        "department": "finance",
        "statement_id": "7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80",
        "as_of": "2026-11-20T09:31:07Z",
        "rows": "0",
        "user": "finance@example.com",
        "downloaded_at": "2026-11-20T09:40:00Z",
        "note": "Simulated.",
    }


def test_it_is_compressed_with_what_all_readers_know() -> None:
    column = file_of(written_as(as_parquet.write, columns("n integer"), [[1]])).metadata.row_group(0).column(0)
    assert column.compression == "ZSTD"


def test_columns_of_the_same_name_become_distinct() -> None:
    content = written_as(as_parquet.write, columns("n integer", "N integer"), [[1, 2]])
    assert file_of(content).schema_arrow.names == ["n", "N_2"]


def test_missing_rows_break_the_download_off() -> None:
    with pytest.raises(Incomplete):
        list(as_parquet.write(provenance(4), pages(columns("n integer"), [[1], [2], [3]])))


@pytest.mark.parametrize(
    ("described", "usual", "unexpected"),
    [
        ("fare decimal", "1.50", "1.505"),
        ("day date", "2015-12-01", "infinity"),
        ("at timestamp", "2015-12-01T00:00:00", "2015-12-01T00:00:00+01:00"),
    ],
)
def test_what_comes_too_late_for_the_types_breaks_it_off(described: str, usual: str, unexpected: str) -> None:
    """Rather than write something else than the warehouse said."""
    records = [[usual]] * 70_000 + [[unexpected]]
    column = described.split()[0]
    with pytest.raises(parquet_types.DoesNotFit, match=f"Column '{column}' has type"):
        written_as(as_parquet.write, columns(described), records, size=70_000)


def test_what_the_gateway_declares_holds_for_later_rows_too() -> None:
    records = [[None]] * 70_000 + [["1.505"]]
    content = written_as(as_parquet.write, columns("f decimal"), records, size=70_000, digits=(Digits(10, 3),))
    assert file_of(content).schema_arrow.types == [pa.decimal128(10, 3)]
    assert values_of(content)[-1] == (Decimal("1.505"),)
