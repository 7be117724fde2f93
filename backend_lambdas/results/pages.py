"""A page of rows, and which part of it one answer holds. Pure; used by `page_reader` and `get_result`.

A page is what one GetStatementResult gave, or, for a download, several that follow one another. One may be larger than
what a function may answer: Lambda takes 6 MB, the JSON of the body counted as the text that it is within the answer's
own JSON. Then an answer is a part of the page.
"""

import itertools
import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Struct

ROWS_BYTES = 4_000_000
"""The most that the rows of one answer take; the rest of the 6 MB is for columns and parameters, however wide."""


class Page(Struct, frozen=True, dict=True):
    """Rows typed as the wire says, in the form in which they are kept.

    `row_count` is that of the whole result, None where the Data API does not tell; `warehouse_token` is the Data API's
    token of the next page, None for the last; `count` is how many of the Data API's pages it holds.
    """

    columns: list[dict[str, Any]]
    records: list[list[Any]]
    row_count: int | None
    warehouse_token: str | None
    count: int = 1

    @cached_property
    def text(self) -> bytes:
        """Its rows as JSON, written once."""
        return encoded(self.records)


class Rows(Struct, frozen=True):
    """Rows of an answer, and the same as JSON."""

    records: list[list[Any]]
    text: bytes

    def first(self, count: int) -> "Rows":
        """So many of them."""
        if count >= len(self.records):
            return self
        records = self.records[:count]
        return Rows(records, encoded(records))


def joined(pages: Sequence[Page]) -> Page:
    """Pages that follow one another as one, whose JSON is made of theirs."""
    first, last = pages[0], pages[-1]
    records = list(itertools.chain.from_iterable(page.records for page in pages))
    whole = Page(first.columns, records, last.row_count, last.warehouse_token, sum(page.count for page in pages))
    whole.__dict__["text"] = b"[%b]" % b",".join(page.text[1:-1] for page in pages if page.records)
    return whole


class Position(Struct, frozen=True):
    """Where an answer begins: in which of the Data API's pages (from 0), and how many of its rows came before.

    `rows_before` are those of the whole result; `warehouse_token` asks the Data API for the page, None for the first.
    """

    page: int = 0
    skipped: int = 0
    rows_before: int = 0
    warehouse_token: str | None = None

    def after(self, rows: int, page: Page) -> "Position | None":
        """Where the next answer begins, after so many rows of a page; None when those were the last."""
        skipped, rows_before = self.skipped + rows, self.rows_before + rows
        if skipped < len(page.records):
            return Position(self.page, skipped, rows_before, self.warehouse_token)
        return Position(self.page + page.count, 0, rows_before, page.warehouse_token) if page.warehouse_token else None


def part(page: Page, skipped: int, most: int = ROWS_BYTES) -> Rows:
    """The rows of a page behind those that were skipped, as many as one answer can hold."""
    if not skipped and size(page.text) <= most:
        return Rows(page.records, page.text)
    left = page.records[skipped:]
    records = left[: fitting(left, most)]
    return Rows(records, encoded(records))


def fitting(records: Sequence[Any], most: int = ROWS_BYTES) -> int:
    """How many of these rows, from the first on, one answer can hold; at least one: the Data API gives 64 KB a row."""
    if size(encoded(records)) <= most:
        return len(records)
    sum_of_sizes = count = 0
    for row in records:
        sum_of_sizes += size(encoded(row)) + len(", ")
        if count and sum_of_sizes > most:
            break
        count += 1
    return count


def size(text: bytes) -> int:
    """The most bytes that a JSON text takes within JSON, where each quote and backslash takes one more.

    A letter that is not ASCII may be escaped in both, as `\\\\u00e9`: each byte of its UTF-8 takes at most 3.5 then.
    """
    beyond_ascii = 0 if text.isascii() else len(text) - len(text.decode("ascii", "ignore"))
    return len(text) + text.count(b'"') + text.count(b"\\") + 3 * beyond_ascii


def encoded(value: Any) -> bytes:
    """JSON text in UTF-8; in ASCII where a text holds half a surrogate pair, which UTF-8 does not have."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, default=lambda raw: json.loads(bytes(raw))).encode()
