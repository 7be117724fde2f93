"""The size of a file before it is written, for a progress bar, as a stream has no length. Pure; used by `routes`."""

from collections.abc import Sequence
from dataclasses import replace

from dashboard.downloads.formats import Format
from dashboard.downloads.pages import Page, Provenance, Record

_SAMPLE_ROWS = 2000


def estimated_bytes(form: Format, provenance: Provenance, first: Page) -> int:
    """Returns about how many bytes the file will have, if all rows are like those of the first page.

    It writes up to 2,000 of those, which takes some milliseconds. For CSV and JSON the estimate is as good as the
    sample; files of compressed formats are smaller the more their rows repeat.
    """
    sample = first.records[:_SAMPLE_ROWS]
    empty = _written(form, provenance, first, ())
    if not sample:
        return empty
    per_row = (_written(form, provenance, first, sample) - empty) / len(sample)
    return empty + round(per_row * provenance.row_count)


def _written(form: Format, provenance: Provenance, page: Page, records: Sequence[Record]) -> int:
    small = replace(provenance, row_count=len(records))
    return sum(map(len, form.write(small, [replace(page, records=records)])))
