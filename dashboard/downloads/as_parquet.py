"""Parquet: typed columns, row group by row group, with where the rows come from in the file's metadata.

Listed in `formats`. `parquet_types` chooses the columns' types from the first row group.
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.downloads import parquet_types
from dashboard.downloads.byte_buffer import ByteBuffer
from dashboard.downloads.pages import Chunks, Page, Provenance, Record
from dashboard.downloads.tables import Table, open_table

GROUP_ROWS = 65_536
GROUP_BYTES = 32_000_000
"""Memory that a group may take until it is written: rows of long texts make smaller groups."""

_PREFIX = "pushboard."


def write(provenance: Provenance, pages: Iterable[Page]) -> Chunks:
    """Yields the file's bytes, a row group at a time; raises `Incomplete` at the end if rows are missing.

    Raises `parquet_types.DoesNotFit` when a later row group has a value that the types of the first cannot hold.
    """
    table = open_table(provenance, pages)
    groups = _groups(table)
    first = next(groups, [_untyped(table, ())])
    schema = parquet_types.schema(table.columns, table.digits, _whole(first)).with_metadata(_metadata(provenance))
    buffer = ByteBuffer()
    with pq.ParquetWriter(buffer, schema, compression="zstd") as writer:
        for group in itertools.chain([first], groups):
            writer.write_table(parquet_types.typed(_whole(group), schema))
            yield buffer.drain()
    yield buffer.drain()


def _groups(table: Table) -> Iterator[list[pa.RecordBatch]]:
    """Yields row groups: lists of Arrow blocks, each list as large as the limits allow."""
    group: list[pa.RecordBatch] = []
    for block in table.blocks:
        group.append(_untyped(table, block))
        if sum(map(len, group)) >= GROUP_ROWS or sum(batch.nbytes for batch in group) >= GROUP_BYTES:
            yield group
            group = []
    if group:
        yield group


def _untyped(table: Table, block: Sequence[Record]) -> pa.RecordBatch:
    """A block's columns with the types of the wire, on which decimals and dates are text."""
    values: Iterable[Sequence[Any]] = zip(*block, strict=True) if block else ((),) * len(table.columns)
    names = [column.name for column in table.columns]
    arrays = [parquet_types.array(column, of) for column, of in zip(table.columns, values, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=names)


def _whole(group: Sequence[pa.RecordBatch]) -> pa.Table:
    return pa.Table.from_batches(group)


def _metadata(provenance: Provenance) -> dict[str, str]:
    metadata = {
        "report": provenance.report,
        "title": provenance.title,
        "department": provenance.department,
        "parameters": json.dumps(dict(provenance.parameters), ensure_ascii=False),
        "statement_id": provenance.statement_id,
        "as_of": provenance.as_of,
        "rows": str(provenance.row_count),
        "user": provenance.user,
        "downloaded_at": provenance.downloaded_at,
        "note": provenance.note,
    }
    return {f"{_PREFIX}{key}": text for key, text in metadata.items()}
