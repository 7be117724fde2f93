"""What a download holds in memory does not grow with its rows."""

import subprocess
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.downloads.formats import FORMATS
from dashboard.downloads.pages import Page
from tests.dashboard.downloads.download_rows import columns, pages, provenance

MANY = """
import random, resource, sys
from dashboard.downloads.formats import FORMATS
from dashboard.downloads.pages import Page
from tests.dashboard.downloads.download_rows import columns, provenance

DESCRIBED = columns("note string", "fare decimal")
NOISE = random.Random(1).randbytes(3_000_000).hex()  # no format packs it well
POOL = [[NOISE[n * 60 : n * 60 + 60], f"{n % 60}.{n % 100:02}"] for n in range(100_000)]

def pages(rows, size=5_000):
    for start in range(0, rows, size):
        first = start % len(POOL)
        yield Page(DESCRIBED, [record.copy() for record in POOL[first : first + size]])

def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "linux" else 1024) / 1024

def download(form, rows):
    return sum(map(len, form.write(provenance(rows), pages(rows)))) / 1e6

form = FORMATS[sys.argv[1]]
download(form, 100_000)
before = megabytes()
print(download(form, 240_000), megabytes() - before)
"""


@pytest.mark.parametrize("name", FORMATS)
def test_many_rows_take_no_more_than_a_hundred_thousand(name: str) -> None:
    """Megabytes, measured in a process of its own, as its peak. Each format has a deadline of its own."""
    command = [sys.executable, "-c", MANY, name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=True)
    size, growth = map(float, done.stdout.split())
    assert size > 5
    assert growth <= 12


class Records(list[Any]):
    """A page's records; a plain list cannot be watched."""


@pytest.mark.parametrize("name", FORMATS)
def test_pages_are_let_go_once_they_are_written(name: str) -> None:
    watched: list[weakref.ref[Records]] = []
    held: list[int] = []

    def watching() -> Iterator[Page]:
        for page in pages(columns("n integer", "zone string"), [[n, "Queens"] for n in range(1_000)], size=10):
            records = Records(page.records)
            watched.append(weakref.ref(records))
            yield Page(page.columns, records)
            held.append(sum(kept() is not None for kept in watched))

    for _ in FORMATS[name].write(provenance(1_000), watching()):
        pass
    assert len(held) == 100
    assert max(held) <= 2
