"""Pages of a CSV result, as GetStatementResultV2 gives them. Used by `statement_queries`.

Chunks of up to 1 MB, about 15 MB a call; rows end in CR LF; the header is the first line of the whole result, once.
Source: "Getting the results" in the Data API's guide, RFC 4180.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb

from infra.warehouse.results import Result

CHUNK_BYTES = 1_000_000
CALL_BYTES = 15_000_000
_SPECIAL = frozenset('",\r\n')


def csv_page(cursor: duckdb.DuckDBPyConnection, result: Result, offset: int) -> tuple[list[dict[str, str]], int]:
    """The chunks from a row number on, and the row number after them."""
    page = _Page()
    for line in _lines(cursor, result, offset):
        if not page.add(line):
            break
    header = 1 if offset == 0 else 0
    return page.records(), offset + page.lines - header


@dataclass
class _Page:
    """Chunks being filled, up to a call's worth."""

    lines: int = 0
    total: int = 0
    size: int = 0
    chunks: list[list[str]] = field(default_factory=lambda: [[]])

    def add(self, line: str) -> bool:
        """Take a line, in a new chunk when the last is full; False when the call's worth is reached."""
        length = len(line.encode())
        if self.lines and self.total + length > CALL_BYTES:
            return False
        if self.size and self.size + length > CHUNK_BYTES:
            self.chunks.append([])
            self.size = 0
        self.chunks[-1].append(line)
        self.size, self.total, self.lines = self.size + length, self.total + length, self.lines + 1
        return True

    def records(self) -> list[dict[str, str]]:
        return [{"CSVRecords": "".join(chunk)} for chunk in self.chunks if chunk]


def _lines(cursor: duckdb.DuckDBPyConnection, result: Result, offset: int) -> Iterator[str]:
    if offset == 0:
        yield ",".join(_written(column.label) for column in result.columns) + "\r\n"
    for values in result.read(cursor, offset, result.rows):
        yield ",".join(_written(value) for value in values) + "\r\n"


def _written(value: Any) -> str:
    """One value: NULL is nothing, an empty text is quoted, so that they differ."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.hex()
    text = str(value)
    if text == "" or not _SPECIAL.isdisjoint(text):
        return '"' + text.replace('"', '""') + '"'
    return text
