"""Downloads of many rows: a finished statement's CSV, Parquet and Excel, streamed through function and dashboard.

The alternatives write the same file: DuckDB's COPY of the same SELECT and pandas from rows that are in memory already,
neither of which has pages, rights or a record to keep; and boto3 as its guide has it, which reads the same statement
page by page and writes CSV. Where one writes fewer rows, because it takes too long, costs are compared by the row.
"""

import csv
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pyarrow.parquet as pq

from tests.bench import bounds, requirements
from tests.bench.measuring import seconds
from tests.bench.memory import Growth, growth_of_site
from tests.bench.outcome.measures import COUNT, Measure
from tests.bench.site import site
from tests.bench.tables import Table
from tests.bench.volume import plain_boto3, row_source
from tests.bench.volume.processes import processor_of_site
from tests.e2e.clients import Taker
from tests.e2e.conftest import OPS, Stack

REPORTS = {"few_trips": row_source.WARM_UP, "some_trips": bounds.SLOW_ROWS}
FORMS = ("csv", "parquet", "xlsx")


@dataclass(frozen=True)
class Go:
    """What wrote how many rows, in how many seconds, of which so many of processor, to how many bytes."""

    name: str
    rows: int
    seconds: float
    processor: float
    bytes: int

    @property
    def microseconds_per_row(self) -> float:
        return self.seconds / self.rows * 1e6


def suite(count: int) -> Iterator[object]:
    """So many rows of ours. Ours goes once in each format: what comes behind the first finds its pages kept."""
    requirements.memory(bounds.DOWNLOADS_MEMORY)
    requirements.disk(bounds.DOWNLOADS_BYTES_PER_ROW * count)
    reports = {name: row_source.report(rows) for name, rows in {**REPORTS, "many_trips": count}.items()}
    with site(reports) as (stack, taker, folder):
        statements = {name: taker.run(name)["statementId"] for name in reports}
        for form in FORMS:
            taker.download(statements["few_trips"], form, folder / f"few.{form}")
        with growth_of_site(stack.pid) as growth:
            ours = _ours(stack, taker, statements["many_trips"], count, folder)
        others, pages = _others(stack, statements["some_trips"], count, folder)
        yield _table(count, {**ours, **others})
        yield from _measures(ours, others, growth)
        yield Measure("data_api_pages_of_100000_rows", pages, COUNT)
        yield Measure("answers_of_100000_rows", _answers(stack, statements["some_trips"]), COUNT)


def _ours(stack: Stack, taker: Taker, statement_id: str, count: int, folder: Path) -> Mapping[str, Go]:
    names = {"csv": "csv", "csv, kept": "csv", "parquet": "parquet", "xlsx": "xlsx"}

    def download(form: str) -> Callable[[Path], object]:
        return lambda file: taker.download(statement_id, form, file)

    def processor() -> float:
        return processor_of_site(stack.pid)

    return {
        name: _gone(f"ours, {name}", download(form), count, folder / f"ours.{form}", processor)
        for name, form in names.items()
    }


def _answers(stack: Stack, statement_id: str) -> int:
    """In how many answers of the gateway the rows of a statement come, when they are downloaded."""
    path, token = f"/results/{statement_id}", stack.id_token(OPS)
    answer = stack.rest(f"{path}?download=csv", token).json()
    count = 1
    while answer["nextToken"]:
        query = urlencode({"download": "csv", "nextToken": answer["nextToken"], "record": answer["record"]})
        answer, count = stack.rest(f"{path}?{query}", token).json(), count + 1
    return count


def _others(stack: Stack, statement_id: str, count: int, folder: Path) -> tuple[Mapping[str, Go], int]:
    """Each alternative, and in how many pages boto3 got its rows."""
    pages: list[int] = []
    frame, slow = row_source.frame(count), row_source.frame(bounds.SLOW_ROWS)
    slow_rows = bounds.SLOW_ROWS
    writers: dict[str, tuple[Callable[[Path], object], int]] = {
        "pandas.csv": (lambda file: frame.to_csv(file, index=False), count),
        "pandas.parquet": (lambda file: frame.to_parquet(file, index=False), count),
        "pandas.xlsx": (lambda file: slow.to_excel(file, index=False), slow_rows),
        "copy.csv": (lambda file: row_source.copy(count, file, "HEADER"), count),
        "copy.parquet": (lambda file: row_source.copy(count, file, "FORMAT parquet"), count),
        "boto3.csv": (lambda file: pages.append(plain_boto3.download(stack, statement_id, file)), slow_rows),
    }
    goes = {name: _gone(name, write, rows, folder / name) for name, (write, rows) in writers.items()}
    return goes, pages[0]


def _gone(
    name: str,
    write: Callable[[Path], object],
    rows: int,
    file: Path,
    processor: Callable[[], float] = time.process_time,
) -> Go:
    before = processor()
    took = seconds(lambda: write(file))
    spent, found = processor() - before, _ROWS[file.suffix](file)
    assert found == rows, f"{file.name} of {name} has {found:,} rows, not {rows:,}"
    return Go(name, rows, took, spent, file.stat().st_size)


def _lines(file: Path) -> int:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return sum(1 for _ in csv.reader(lines)) - 1


def _sheet_rows(file: Path) -> int:
    """Of the first sheet, without its heading."""
    with zipfile.ZipFile(file) as archive, archive.open("xl/worksheets/sheet1.xml") as sheet:
        count, rest = 0, b""
        while piece := sheet.read(2**20):
            count += (rest + piece).count(b"<row ")
            rest = (rest + piece)[-4:]
        return count - 1


_ROWS: Mapping[str, Callable[[Path], int]] = {
    ".csv": _lines,
    ".parquet": lambda file: pq.read_metadata(file).num_rows,
    ".xlsx": _sheet_rows,
}
"""How many rows a file has, so that no figure is that of half a file."""


def _table(count: int, goes: Mapping[str, Go]) -> Table:
    told = [
        (
            go.name,
            f"{go.rows:,}",
            f"{go.seconds:.1f} s",
            f"{go.processor:.1f} s",
            f"{go.rows / go.seconds:,.0f}",
            f"{go.bytes / 1e6:.0f} MB",
        )
        for go in goes.values()
    ]
    notes = [
        "Kept: the pages were read before, as by the first download. pandas has its rows in memory at the start.",
        "Processor: of ours, that of function, services and dashboard together; of boto3, its own.",
    ]
    head = ("", "rows", "time", "processor", "rows/s", "size")
    return Table(f"Downloads of {count:,} rows x 8 columns", head, told, notes)


def _measures(ours: Mapping[str, Go], others: Mapping[str, Go], growth: Growth) -> Iterator[Measure]:
    def cost(name: str, mine: str, other: str, **targets: float) -> Measure:
        beside = others[other].microseconds_per_row
        return Measure(name, ours[mine].microseconds_per_row, "us/row", beside=beside, **targets)

    yield cost("csv_beside_pandas", "csv", "pandas.csv", at_most=1e6 / bounds.CSV_ROWS_A_SECOND, ratio_at_most=4)
    yield cost("csv_beside_copy", "csv", "copy.csv")
    yield cost("csv_beside_boto3", "csv", "boto3.csv", ratio_at_most=1)
    yield cost("kept_csv_beside_pandas", "csv, kept", "pandas.csv", ratio_at_most=4)
    yield cost("parquet_beside_pandas", "parquet", "pandas.parquet")
    yield cost("parquet_beside_copy", "parquet", "copy.parquet")
    yield cost("xlsx_beside_pandas", "xlsx", "pandas.xlsx", ratio_at_most=1)
    mine, pandas = ours["csv"], others["pandas.csv"]
    spent, beside = (go.processor / go.rows * 1e6 for go in (mine, pandas))
    yield Measure("csv_processor_beside_pandas", spent, "us/row", beside=beside)
    for process in ("dashboard", "runtime"):
        yield Measure(f"{process}_growth", growth.megabytes(process), "MB", at_most=bounds.MOST_GROWTH)
