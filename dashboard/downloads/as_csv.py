"""CSV: RFC 4180 in UTF-8, one line a row, streamed block by block. Listed in `formats`.

- The file begins with a byte order mark. Without it Excel reads UTF-8 as the computer's own code page, and every accent
  is wrong. pandas, Arrow, DuckDB and R skip the mark; Python's csv module does with the encoding `utf-8-sig`.
  DuckDB 2.0 misreads a quote right after the mark, which is there if the first column's name needs quotes.
- NULL is an empty field, the empty text is `""`. A NULL in the only column is thus an empty line.
- Decimals are exact, dates ISO 8601, booleans `true` and `false`.
- Spreadsheets run a text that begins with = + - @ or a few other characters as a formula. Such a text gets a leading
  apostrophe. So does a text with apostrophes before such a character, so that removing one apostrophe always restores
  the text (`unguarded`). Numbers are not texts and keep their minus.

Sources: RFC 4180; OWASP, "CSV Injection".
"""

import codecs
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dashboard.downloads.pages import Chunks, Page, Provenance, Record
from dashboard.downloads.tables import as_text, open_table

_RISKY = r"=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"  # the last four are full-width = + - @
_TO_GUARD = re.compile(f"'*[{_RISKY}]")
_GUARDED = re.compile(f"'+[{_RISKY}]")
_SPECIAL = r"\",\r\n;\t"  # some spreadsheets separate cells at ; or tab
_TO_QUOTE = re.compile(f"[{_SPECIAL}]")
_PLAIN = re.compile(rf"[^'\s{_RISKY}{_SPECIAL}](?:[^{_SPECIAL}]*[^\s{_SPECIAL}])?")
"""A text that is written as it is: most are, and this tells it at once."""

_TEXT_TYPES = frozenset({str, type(None)})


def write(provenance: Provenance, pages: Iterable[Page]) -> Chunks:
    """Yields the file's bytes, a block of rows at a time; raises `Incomplete` at the end if rows are missing."""
    table = open_table(provenance, pages)
    names = ",".join(_text(column.name) for column in table.columns)
    yield codecs.BOM_UTF8 + f"{names}\r\n".encode()
    writers = [_WRITERS.get(column.type, _written) for column in table.columns]
    for block in table.blocks:
        yield _lines(writers, block).encode()


def unguarded(text: str) -> str:
    """Returns the warehouse's text for a text cell of such a file."""
    return text[1:] if _GUARDED.match(text) else text


def _lines(writers: Iterable[Callable[[Sequence[Any]], Iterable[str]]], block: Sequence[Record]) -> str:
    """Column by column, as that takes a fraction of the time that it takes value by value."""
    columns = zip(writers, zip(*block, strict=True), strict=True)
    lines = zip(*(write_column(values) for write_column, values in columns), strict=True)
    return "\r\n".join(map(",".join, lines)) + "\r\n"


def _written(values: Sequence[Any]) -> Iterable[str]:
    return map(str, values) if None not in values else ["" if value is None else str(value) for value in values]


def _booleans(values: Sequence[Any]) -> Iterable[str]:
    return ["" if value is None else "true" if value else "false" for value in values]


def _texts(values: Sequence[Any]) -> Iterable[str]:
    """Each text is looked at once, however often it stands in the column."""
    if not set(map(type, values)) <= _TEXT_TYPES:  # outside the wire contract, where 1 and true would be the same key
        return map(_cell, values)
    cells = {value: _cell(value) for value in set(values)}
    return map(cells.__getitem__, values)


def _cell(value: Any) -> str:
    return "" if value is None else _text(value)


def _text(value: Any) -> str:
    text = as_text(value)
    if _PLAIN.fullmatch(text):
        return text
    if _TO_GUARD.match(text):
        text = f"'{text}"
    # Readers may take an empty cell for NULL, and leave out spaces at the ends, unless there are quotes.
    if not text or _TO_QUOTE.search(text) or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


_WRITERS: dict[str, Callable[[Sequence[Any]], Iterable[str]]] = {"string": _texts, "boolean": _booleans}
"""By type, how a column's values are written; values of other types are written by `str`."""
