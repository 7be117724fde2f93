"""Every kind of value, and very many rows, taken away through the dashboard and read by other programs.

What they read must be what DuckDB answers when it is asked directly. ROWS_OF_EVERY_KIND sets how many rows the large
result has, up to a million: `make test` takes fewer, fewest of those that travel through Python page by page.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from tests.dashboard.downloads.download_rows import wire_timestamp
from tests.dashboard.downloads.test_as_xlsx import in_excel, same
from tests.e2e.clients import Taker
from tests.e2e.conftest import OPS, Stack
from tests.e2e.every_kind import Asked, csv, report
from tests.e2e.reports import publishing

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

FEW = 400
MANY = int(os.environ.get("ROWS_OF_EVERY_KIND", "4000"))
MANY_EXPORTED = int(os.environ.get("ROWS_OF_EVERY_KIND", "200000"))

UNGUARDED = r"CASE WHEN regexp_matches({0}, '^''+[-=+@\t\r\n]') THEN {0}[2:] ELSE {0} END"
"""A text of a downloaded CSV file without the apostrophe that keeps a spreadsheet from running it."""

WIRE = {
    **{"SMALLINT": "BIGINT", "FLOAT": "DOUBLE"},  # the contract has one kind of integer and one of number
    "TIME": "VARCHAR",
}
"""What a type of the warehouse becomes on the wire, where that is another."""


@dataclass(frozen=True)
class Taken:
    """A result that can be taken away, and what must be in it."""

    taker: Taker
    name: str
    asked: Asked
    folder: Path

    def download(self, form: str) -> Path:
        """The file of a finished statement, which several programs may read."""
        file = self.folder / f"{self.name}.{form}"
        if not file.exists():
            self.taker.download(self.taker.run(self.name)["statementId"], form, file)
        return file

    def export(self, form: str) -> Path:
        """The file that the warehouse wrote."""
        run_id = self.taker.export(self.name, form)["runId"]
        return self.taker.fetch(run_id, self.folder / f"{self.name}.exported.{form}")


@pytest.fixture(scope="module")
def taker(stack: Stack) -> Iterator[Taker]:
    """Who takes rows away."""
    opened = Taker(stack, OPS, timeout=600)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def published(stack: Stack, taker: Taker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Taken]]:
    """Publishes the report of so many rows, once."""
    results, folder = {}, tmp_path_factory.mktemp("taken")

    def taken(rows: int) -> Taken:
        if rows not in results:
            name = f"every_kind_of_{rows}"
            publish(f"kinds/{name}", report(rows))
            stack.until(lambda: name in stack.reports(), 20, f"{name} to be listed")
            results[rows] = Taken(taker, name, Asked(rows), folder)
        return results[rows]

    with publishing(stack) as publish:
        yield taken
    for result in results.values():
        result.asked.close()


@pytest.fixture(params=[FEW, MANY], ids=["few", "many"])
def taken(request: pytest.FixtureRequest, published: Callable[[int], Taken]) -> Taken:
    """A result to download."""
    return published(request.param)


@pytest.fixture(params=[FEW, MANY_EXPORTED], ids=["few", "many"])
def exported(request: pytest.FixtureRequest, published: Callable[[int], Taken]) -> Taken:
    """A result to export."""
    return published(request.param)


def test_duckdb_reads_a_downloaded_csv_as_it_was_asked(taken: Taken) -> None:
    file, texts = taken.download("csv"), dict.fromkeys(("words", "zone"), UNGUARDED)
    read = csv(file, taken.asked.types)
    columns = ", ".join(texts.get(name, "{0}").format(name) + f" AS {name}" for name in taken.asked.types)
    assert taken.asked.in_order(read)
    assert taken.asked.differences(f"(SELECT {columns} FROM {read})") == []


def test_pandas_reads_a_downloaded_csv_as_it_was_asked(taken: Taken) -> None:
    """To pandas NULL and the empty text are one."""
    frame = pd.read_csv(taken.download("csv"), dtype=str, keep_default_na=False, skip_blank_lines=False)
    taken.asked.register("frame", frame)
    texts = ", ".join(
        {"words": UNGUARDED, "zone": UNGUARDED}.get(name, "nullif({0}, '')").format(name) + f" AS {name}"
        for name in taken.asked.types
    )
    assert taken.asked.differences(f"(SELECT {texts} FROM frame)", words="coalesce({}, '')") == []


def test_duckdb_reads_a_downloaded_parquet_file_as_it_was_asked(taken: Taken) -> None:
    read = f"read_parquet('{taken.download('parquet')}')"
    assert taken.asked.kinds(read) == {name: WIRE.get(kind, kind) for name, kind in taken.asked.types.items()}
    assert taken.asked.in_order(read)
    assert taken.asked.differences(read) == []


def test_pandas_reads_a_downloaded_parquet_file_as_it_was_asked(taken: Taken) -> None:
    frame = pd.read_parquet(taken.download("parquet"), dtype_backend="pyarrow")
    taken.asked.register("frame", pa.Table.from_pandas(frame))
    assert taken.asked.differences("frame") == []


def test_duckdb_reads_downloaded_json_as_it_was_asked(taken: Taken) -> None:
    types = {name: "VARCHAR" if kind.startswith("DECIMAL") else kind for name, kind in taken.asked.types.items()}
    read = f"read_json('{taken.download('json')}', format = 'array', columns = {types})"
    assert taken.asked.in_order(read)
    assert taken.asked.differences(read) == []


def test_downloaded_json_has_the_values_of_the_wire(published: Callable[[int], Taken]) -> None:
    taken = published(FEW)
    read = json.loads(taken.download("json").read_text("utf-8"))
    assert [list(record) for record in read[:1]] == [list(taken.asked.types)]
    assert [list(record.values()) for record in read] == [
        [on_wire(value) for value in row] for row in taken.asked.rows()
    ]


def test_openpyxl_reads_a_downloaded_workbook_as_it_was_asked(taken: Taken) -> None:
    book = openpyxl.load_workbook(taken.download("xlsx"), read_only=True)
    read = book.worksheets[0].iter_rows(values_only=True)
    assert list(next(read)) == list(taken.asked.types)
    for row, cells in zip(taken.asked.rows(), read, strict=True):
        expected = [in_excel(kind_of(value), on_wire(in_utc(value))) for value in row]
        assert all(same(*pair) for pair in zip(expected, cells, strict=True)), (expected, cells)
    book.close()


def test_duckdb_reads_an_exported_parquet_file_as_it_was_asked(exported: Taken) -> None:
    """UNLOAD writes no zone into a Parquet file: these moments are in UTC."""
    read = f"read_parquet('{exported.export('parquet')}')"
    expected = {name: "TIMESTAMP" if name == "zoned" else kind for name, kind in exported.asked.types.items()}
    assert exported.asked.kinds(read) == expected
    assert exported.asked.differences(read) == []


def test_duckdb_reads_an_exported_csv_as_it_was_asked(exported: Taken) -> None:
    """In the CSV of UNLOAD NULL and the empty text are one, which is why Parquet is offered beside it."""
    read = csv(exported.export("csv"), exported.asked.types)
    assert exported.asked.differences(read, words="nullif({}, '')") == []


def kind_of(value: Any) -> str:
    """The wire type of a value as Python has it."""
    kinds = {bool: "boolean", int: "integer", float: "number", Decimal: "decimal", datetime: "timestamp"}
    return kinds.get(type(value)) or ("date" if hasattr(value, "year") else "string")


def in_utc(value: Any) -> Any:
    """Excel knows no zones."""
    return value.astimezone(UTC).replace(tzinfo=None) if getattr(value, "tzinfo", None) else value


def on_wire(value: Any) -> Any:
    """A value as the wire contract has it."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return wire_timestamp(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
