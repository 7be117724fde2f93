"""How the columns of the trips' files are stored, which COPY of Redshift looks at: it converts nothing."""

from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from infra.sample import Prepared, Simulated, TripFiles, parquet_files, prepare

CSV = (
    "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,RatecodeID,payment_type,"
    "fare_amount,total_amount\n"
    "2,2015-12-01 10:00:00,2015-12-01 10:12:30,1,2.4,1,1,10.5,13.56\n"
)
STORED = [
    ("pickup_date", "INT32", 0, "Date"),
    ("pickup_datetime", "INT96", 0, "None"),
    ("dropoff_datetime", "INT96", 0, "None"),
    ("ratecode", "INT32", 0, "Int(bitWidth=16, isSigned=true)"),
    ("passenger_count", "INT32", 0, "Int(bitWidth=16, isSigned=true)"),
    ("trip_distance", "FIXED_LEN_BYTE_ARRAY", 4, "Decimal(precision=9, scale=2)"),
    ("fare_amount", "FIXED_LEN_BYTE_ARRAY", 5, "Decimal(precision=10, scale=2)"),
    ("total_amount", "FIXED_LEN_BYTE_ARRAY", 5, "Decimal(precision=10, scale=2)"),
    ("payment_type", "INT32", 0, "Int(bitWidth=16, isSigned=true)"),
    ("vendorid", "BYTE_ARRAY", 0, "String"),
]


def simulated(folder: Path) -> Prepared:
    return prepare(Simulated(2), folder / "made")


def real(folder: Path) -> Prepared:
    (folder / "trips.csv").write_text(CSV)
    return prepare(TripFiles(str(folder / "*.csv")), folder / "made")


@pytest.mark.parametrize("choice", [simulated, real])
def test_every_column_is_stored_as_copy_takes_it(choice, tmp_path):
    """Decimals in the bytes that their precision needs, moments as INT96: whichever trips they are."""
    for file in choice(tmp_path).files:
        schema = pyarrow.parquet.read_metadata(file).schema
        columns = [schema.column(number) for number in range(len(schema))]
        stored = [(one.name, one.physical_type, max(one.length, 0), str(one.logical_type)) for one in columns]
        assert stored == STORED


def test_a_file_is_read_by_several_threads(tmp_path):
    """DuckDB gives each thread a group of rows."""
    with duckdb.connect() as connection:
        parquet_files.write(connection.sql("SELECT range AS trip FROM range(130_000)"), tmp_path / "trips.parquet")
    metadata = pyarrow.parquet.read_metadata(tmp_path / "trips.parquet")
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [122_880, 7_120]
