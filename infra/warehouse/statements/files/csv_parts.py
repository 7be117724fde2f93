"""A CSV file cut into smaller ones, between rows and in their order. Used by `unload` for MAXFILESIZE."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


def split(file: Path, limit: int, header: bool) -> list[Path]:
    """The pieces, each of at most `limit` bytes unless a single row is longer; every one starts with the header."""
    pieces: list[Path] = []
    with file.open("rb") as whole:
        rows = _rows(whole)
        first = next(rows, b"") if header else b""
        row = next(rows, None)
        while row is not None:
            pieces.append(file.with_name(f"{file.name}-{len(pieces)}"))
            row = _fill(pieces[-1], first + row, rows, limit)
    file.unlink()
    return pieces


def _fill(piece: Path, start: bytes, rows: Iterator[bytes], limit: int) -> bytes | None:
    """Write one piece; gives the row that it had no room for, or None at the end."""
    size = len(start)
    with piece.open("wb") as output:
        output.write(start)
        for row in rows:
            size += len(row)
            if size > limit:
                return row
            output.write(row)
    return None


def _rows(whole: BinaryIO) -> Iterator[bytes]:
    """A line is a row unless it ends inside quotes."""
    row = b""
    for line in whole:
        row += line
        if row.count(b'"') % 2 == 0:
            yield row
            row = b""
