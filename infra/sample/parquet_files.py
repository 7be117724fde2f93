"""Parquet files that COPY of Redshift takes, written by pyarrow; `simulated` and `tripfiles` make theirs by it.

Redshift's COPY converts nothing and looks at how a column is stored. A decimal has to be a byte array of the fewest
bytes that its precision needs: it says "has an invalid type length" of a longer one, and "has an incompatible Parquet
schema" of DuckDB's integers. A moment is an INT96, as the AWS SDK for pandas stores what it has COPY load; integers
of microseconds without a time zone carry no mark that older readers know. None of it was run on a real cluster.
Source: Redshift developer guide, "COPY from columnar data formats"; `awswrangler.s3.to_parquet`.
"""

from pathlib import Path

import duckdb
from pyarrow import parquet

ROWS_IN_A_GROUP = 122_880
"""DuckDB reads as many groups at a time as it has threads; this is its own size of one."""

OFTEN_DISTINCT = {"pickup_datetime", "dropoff_datetime"}
"""A dictionary of these would hold nearly every value."""


def write(rows: duckdb.DuckDBPyRelation, path: Path) -> None:
    """Write the rows in their order, a group in memory at a time."""
    batches = rows.to_arrow_reader(ROWS_IN_A_GROUP)
    with parquet.ParquetWriter(
        path,
        batches.schema,
        version="1.0",
        compression="snappy",
        use_dictionary=[name for name in batches.schema.names if name not in OFTEN_DISTINCT],
        use_deprecated_int96_timestamps=True,
        store_decimal_as_integer=False,
        store_schema=False,
    ) as writer:
        for batch in batches:
            writer.write_batch(batch, row_group_size=ROWS_IN_A_GROUP)
