"""NaN and infinities, which JSON carries as text, in each kind of file."""

import io
import json
import math
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from dashboard.downloads import as_csv, as_json, as_parquet, as_xlsx
from tests.dashboard.downloads.download_rows import columns, written

SPEEDS = columns("speed number")
RECORDS: list[list[Any]] = [[1.5], ["NaN"], ["Infinity"], ["-Infinity"], [None]]


def test_csv_has_them_as_the_warehouse_writes_them() -> None:
    content = written(as_csv.write, SPEEDS, RECORDS).decode("utf-8-sig")
    assert content.split("\r\n") == ["speed", "1.5", "NaN", "Infinity", "-Infinity", "", ""]


def test_json_has_them_as_texts() -> None:
    content = json.loads(written(as_json.write, SPEEDS, RECORDS), parse_constant=pytest.fail)
    assert [row["speed"] for row in content] == [1.5, "NaN", "Infinity", "-Infinity", None]


def test_parquet_has_the_real_ones() -> None:
    values = pq.read_table(io.BytesIO(written(as_parquet.write, SPEEDS, RECORDS)))["speed"].to_pylist()
    assert math.isnan(values[1])
    assert [values[0], *values[2:]] == [1.5, math.inf, -math.inf, None]


def test_excel_has_them_as_texts_and_says_so() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(written(as_xlsx.write, SPEEDS, RECORDS)))
    sheet, about = workbook.worksheets
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [1.5, "NaN", "Infinity", "-Infinity", None]
    told = " ".join(str(cell.value) for row in about.iter_rows() for cell in row)
    assert "speed: 3 values stand as text, as Excel has no NaN and no infinities." in told
