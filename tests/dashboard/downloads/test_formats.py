"""The list of formats."""

from collections.abc import Iterator

import pytest

from dashboard.downloads.formats import FORMATS
from dashboard.downloads.pages import Page
from tests.dashboard.downloads.download_rows import columns, pages, provenance

MAGIC = {"csv": b"\xef\xbb\xbf", "json": b"[", "parquet": b"PAR1", "xlsx": b"PK\x03\x04"}


def test_there_are_four() -> None:
    assert set(FORMATS) == set(MAGIC)


@pytest.mark.parametrize("name", FORMATS)
def test_each_writes_what_its_name_says(name: str) -> None:
    chunks = list(FORMATS[name].write(provenance(1), pages(columns("n integer"), [[1]])))
    assert chunks[0].startswith(MAGIC[name])
    assert FORMATS[name].ending == name


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("rows", [0, 1, 5_000])
def test_no_chunk_is_empty(name: str, rows: int) -> None:
    """An empty chunk would end a chunked answer."""
    assert all(FORMATS[name].write(provenance(rows), pages(columns("n integer"), [[1]] * rows, size=1_000)))


@pytest.mark.parametrize("name", FORMATS)
def test_closing_a_download_ends_the_fetching_of_pages(name: str) -> None:
    """As when the client goes away."""
    ended: list[bool] = []

    def endless() -> Iterator[Page]:
        try:
            while True:
                yield Page(columns("n integer"), [[1]] * 10_000)
        finally:
            ended.append(True)

    chunks = FORMATS[name].write(provenance(1_000_000), endless())
    next(chunks)
    assert ended == []
    chunks.close()
    assert ended == [True]
