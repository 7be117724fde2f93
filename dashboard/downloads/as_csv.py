"""CSV: RFC 4180 in UTF-8, one line a row, streamed block by block. Listed in `formats`.

- It begins with a byte order mark. Without one Excel takes UTF-8 for the computer's own code page, and breaks every
  name with an accent silently; pandas, DuckDB and R skip it, and others can be told to (`utf-8-sig` in Python).
- NULL is nothing at all, the empty text is `""`. A NULL in the only column is thus an empty line.
- Decimals are exact, dates ISO 8601, booleans `true` and `false`.
- Spreadsheets run a text that begins with = + - @ or a few others as a formula, whoever wrote it. Such a text gets a
  leading apostrophe; so does one that has apostrophes before such a character already, so that it can be undone:
  `unguarded` takes one away. Numbers are no texts, and keep their minus.

Sources: RFC 4180; OWASP, "CSV Injection".
"""

import codecs
import re
from collections.abc import Callable, Iterable
from typing import Any

from dashboard.downloads.pages import Chunks, Page, Provenance
from dashboard.downloads.tables import as_text, open_table

_RISKY = r"[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]"  # the last four are full-width: = + - @ to an East Asian Excel
_TO_GUARD = re.compile(f"'*{_RISKY}")
_GUARDED = re.compile(f"'+{_RISKY}")
_TO_QUOTE = re.compile(r'[",\r\n;\t]')  # ; and tab, as some spreadsheets part cells there


def write(provenance: Provenance, pages: Iterable[Page]) -> Chunks:
    """The file's bytes, a block of rows at a time; raises `Incomplete` at the end if rows are missing."""
    table = open_table(provenance, pages)
    names = ",".join(_text(column.name) for column in table.columns)
    yield codecs.BOM_UTF8 + f"{names}\r\n".encode()
    cells = [_CELLS.get(column.type, str) for column in table.columns]
    for block in table.blocks:
        lines = (_line(cells, record) for record in block)
        yield "".join(lines).encode()


def unguarded(text: str) -> str:
    """A text cell of such a file as it is in the warehouse."""
    return text[1:] if _GUARDED.match(text) else text


def _line(cells: Iterable[Callable[[Any], str]], record: Iterable[Any]) -> str:
    written = ["" if value is None else cell(value) for cell, value in zip(cells, record, strict=True)]
    return ",".join(written) + "\r\n"


def _text(value: Any) -> str:
    text = as_text(value)
    if _TO_GUARD.match(text):
        text = f"'{text}"
    # Readers may take an empty cell for NULL, and leave out spaces at the ends, unless there are quotes.
    if not text or _TO_QUOTE.search(text) or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def _boolean(value: Any) -> str:
    return "true" if value else "false"


_CELLS: dict[str, Callable[[Any], str]] = {"string": _text, "boolean": _boolean}
"""How a value of a type is written, where it is not simply as it is."""
