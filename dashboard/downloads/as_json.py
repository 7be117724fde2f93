"""JSON: one array of objects, a line each, streamed block by block. Listed in `formats`.

Values are those of the gateway's wire contract: decimals stay exact text, since nearly every reader would make a binary
fraction of a JSON number; dates are ISO 8601 text; NULL is null. Integers are numbers, exact to the last digit in the
file; JavaScript and other readers that use binary fractions round those beyond 2^53.

The closing bracket is written after the last row, so a truncated file is not valid JSON.
"""

import json
from collections.abc import Iterable

from dashboard.downloads.pages import Chunks, Page, Provenance
from dashboard.downloads.tables import open_table

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write(provenance: Provenance, pages: Iterable[Page]) -> Chunks:
    """Yields the file's bytes, a block of rows at a time; raises `Incomplete` at the end if rows are missing."""
    table = open_table(provenance, pages)
    names = [column.name for column in table.columns]
    before = "[\n"
    for block in table.blocks:
        objects = (_ENCODER.encode(dict(zip(names, record, strict=True))) for record in block)
        yield (before + ",\n".join(objects)).encode()
        before = ",\n"
    yield b"\n]\n" if before == ",\n" else b"[]\n"
