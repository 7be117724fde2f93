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
from collections.abc import Callable, Iterable
from typing import Any

from dashboard.downloads.pages import Chunks, Page, Provenance
from dashboard.downloads.tables import as_text, open_table

_RISKY = r"[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]"  # the last four are full-width = + - @
_TO_GUARD = re.compile(f"'*{_RISKY}")
_GUARDED = re.compile(f"'+{_RISKY}")
_TO_QUOTE = re.compile(r'[",\r\n;\t]')  # some spreadsheets separate cells at ; or tab


def write(provenance: Provenance, pages: Iterable[Page]) -> Chunks:
    """Yields the file's bytes, a block of rows at a time; raises `Incomplete` at the end if rows are missing."""
    table = open_table(provenance, pages)
    names = ",".join(_text(column.name) for column in table.columns)
    yield codecs.BOM_UTF8 + f"{names}\r\n".encode()
    cells = [_CELLS.get(column.type, str) for column in table.columns]
    for block in table.blocks:
        lines = (_line(cells, record) for record in block)
        yield "".join(lines).encode()


def unguarded(text: str) -> str:
    """Returns the warehouse's text for a text cell of such a file."""
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
"""By type, how a value is written; values of other types are written by `str`."""
