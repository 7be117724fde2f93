"""The size of a file, estimated from its first page."""

from typing import Any

import pytest

from dashboard.downloads.estimate import estimated_bytes
from dashboard.downloads.formats import FORMATS
from dashboard.downloads.pages import Page
from tests.dashboard.downloads.download_rows import columns, pages, provenance

DESCRIBED = columns("id integer", "zone string", "fare decimal", "day date", "ok boolean")


def records(rows: int) -> list[list[Any]]:
    return [
        [n, f"zone {n % 97}", f"{n % 60}.{n % 100:02}", f"2015-12-{n % 28 + 1:02}", n % 3 == 0] for n in range(rows)
    ]


def estimated(name: str, rows: int, first: int) -> int:
    return estimated_bytes(FORMATS[name], provenance(rows), Page(DESCRIBED, records(first)))


def real(name: str, rows: int) -> int:
    return sum(map(len, FORMATS[name].write(provenance(rows), pages(DESCRIBED, records(rows), size=5_000))))


@pytest.mark.parametrize(("name", "factor"), [("csv", 1.1), ("json", 1.1), ("xlsx", 1.5), ("parquet", 4)])
def test_it_is_near_the_truth(name: str, factor: float) -> None:
    """The estimate of a text format is close; that of Parquet may be too large, as it compresses repeated rows."""
    estimate, truth = estimated(name, 60_000, 1_000), real(name, 60_000)
    assert truth / 1.1 <= estimate <= truth * factor


@pytest.mark.parametrize("name", ["csv", "json"])
def test_it_is_the_size_if_there_is_no_other_page(name: str) -> None:
    assert estimated(name, 500, 500) == real(name, 500)


@pytest.mark.parametrize("name", FORMATS)
def test_a_result_without_rows_is_as_large_as_it_is(name: str) -> None:
    assert estimated(name, 0, 0) == real(name, 0)
