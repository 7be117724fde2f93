"""JSON, read back by Python, pandas and DuckDB."""

import io
import json

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings

from dashboard.downloads import as_json
from dashboard.downloads.tables import Incomplete
from tests.dashboard.downloads.download_rows import Rows, columns, pages, provenance, results, saved
from tests.dashboard.downloads.download_rows import written as written_as

DUCKDB_TYPES = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}


@settings(max_examples=60)
@given(rows=results())
def test_every_value_is_read_as_it_was_on_the_wire(rows: Rows) -> None:
    content = b"".join(as_json.write(provenance(len(rows.records)), rows.pages))
    assert [list(record.values()) for record in json.loads(content)] == rows.records


@settings(max_examples=60)
@given(rows=results())
def test_duckdb_reads_every_value_as_it_was(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> None:
    content = b"".join(as_json.write(provenance(len(rows.records)), rows.pages))
    path = saved(tmp_path_factory.getbasetemp(), "rows.json", content)
    names = list(json.loads(content)[0]) if rows.records else ["a"]
    types = {name: DUCKDB_TYPES.get(column.type, "VARCHAR") for name, column in zip(names, rows.columns, strict=False)}
    described = ", ".join(f"'{name.replace(chr(39), chr(39) * 2)}': '{kind}'" for name, kind in types.items())
    with duckdb.connect() as connection:
        query = f"FROM read_json($path, format = 'array', columns = {{{described}}})"
        read = connection.execute(query, {"path": path}).fetchall()
    assert [list(record) for record in read] == rows.records


def test_pandas_reads_it_as_a_table() -> None:
    content = written_as(as_json.write, columns("zone string", "trips integer"), [["Queens", 5], ["Bronx", None]])
    frame = pd.read_json(io.BytesIO(content))
    assert frame["zone"].tolist() == ["Queens", "Bronx"]
    assert frame["trips"].isna().tolist() == [False, True]


def test_the_file_of_a_small_result_byte_by_byte() -> None:
    records = [["é", "1.50", None, True, 2**60], ["", "-0.10", 0.1, False, -1]]
    described = columns("zone string", "fare decimal", "speed number", "ok boolean", "n integer")
    assert written_as(as_json.write, described, records, size=1).decode() == (
        "[\n"
        '{"zone":"é","fare":"1.50","speed":null,"ok":true,"n":1152921504606846976},\n'
        '{"zone":"","fare":"-0.10","speed":0.1,"ok":false,"n":-1}\n'
        "]\n"
    )


def test_a_result_without_rows_is_an_empty_array() -> None:
    assert json.loads(written_as(as_json.write, columns("n integer"), [])) == []


def test_columns_of_one_name_are_all_there() -> None:
    content = written_as(as_json.write, columns("n integer", "N integer", "n integer"), [[1, 2, 3]])
    assert json.loads(content) == [{"n": 1, "N_2": 2, "n_3": 3}]


def test_no_part_of_the_file_is_json() -> None:
    """A download that breaks off anywhere leaves no valid file."""
    came = b""
    for chunk in as_json.write(provenance(3), pages(columns("n integer"), [[1], [2], [3]], size=1)):
        with pytest.raises(json.JSONDecodeError):
            json.loads(came)
        came += chunk
    assert json.loads(came) == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_missing_rows_break_the_download_off() -> None:
    with pytest.raises(Incomplete):
        list(as_json.write(provenance(4), pages(columns("n integer"), [[1], [2], [3]])))
