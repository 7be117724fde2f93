"""Real trip files: any year's column names, CSV or Parquet; bad rows are counted, bad files refused in a sentence."""

import datetime as dt
import gzip
import os
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from infra.sample import Prepared, SampleError, TripFiles, prepare
from infra.sample.columns import TABLE_COLUMNS

REAL_TRIPS = (
    Path(os.environ.get("PUSHBOARD_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
    / "tlc_trips_march_2019.csv"
)
HEADER = (
    "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,RatecodeID,"
    "payment_type,fare_amount,total_amount"
)
GOOD = "2,2015-12-01 10:00:00,2015-12-01 10:12:30,1,2.4,1,1,10.5,13.56"
GOOD_ROW = (
    dt.date(2015, 12, 1),
    dt.datetime.fromisoformat("2015-12-01 10:00:00"),
    dt.datetime.fromisoformat("2015-12-01 10:12:30"),
    1,
    1,
    Decimal("2.40"),
    Decimal("10.50"),
    Decimal("13.56"),
    1,
    "2",
)


@pytest.fixture
def load(tmp_path):
    """Prepare the trips of one CSV file with this text."""

    def of_text(text: str, name: str = "trips.csv") -> Prepared:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return prepare(TripFiles(str(tmp_path / name)), tmp_path / "made")

    return of_text


def rows(prepared: Prepared) -> list[tuple]:
    with duckdb.connect() as connection:
        return connection.read_parquet([str(path) for path in prepared.files]).fetchall()


def test_a_row_arrives_with_the_tables_types(load):
    """Every one of the ten columns is found and typed."""
    prepared = load(f"{HEADER}\n{GOOD}\n")
    assert rows(prepared) == [GOOD_ROW]
    assert pyarrow.parquet.read_schema(prepared.files[0]).names == list(TABLE_COLUMNS)


@pytest.mark.parametrize(
    "header",
    [
        "vendor_id, pickup_datetime, dropoff_datetime, passenger_count, trip_distance,"
        " rate_code, payment_type, fare_amount, total_amount",
        "vendor_name,Trip_Pickup_DateTime,Trip_Dropoff_DateTime,Passenger_Count,Trip_Distance,"
        "Rate_Code,Payment_Type,Fare_Amt,Total_Amt",
        "VendorID,lpep_pickup_datetime,Lpep_dropoff_datetime,Passenger_count,Trip_distance,"
        "RateCodeID,Payment_type,Fare_amount,Total_amount",
        "\ufeff" + HEADER,
        HEADER.upper(),
    ],
    ids=["2013", "2009", "green 2015", "byte order mark", "upper case"],
)
def test_column_names_of_every_year_are_known(header, load):
    """Old names, green names, other case and leading blanks mean the same columns."""
    assert rows(load(f"{header}\n{GOOD}\n")) == [GOOD_ROW]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *[("CRD", 1), ("Credit", 1), ("CREDIT", 1), ("1.0", 1), ("CSH", 2), ("Cash", 2)],
        *[("NOC", 3), ("No Charge", 3), ("DIS", 4), ("4", 4)],
    ],
)
def test_ways_of_paying_become_numbers(written, code, load):
    """Words of the first years and numbers of later ones end as the same codes."""
    row = GOOD.replace(",1,1,10.5", f",1,{written},10.5")
    assert rows(load(f"{HEADER}\n{row}\n"))[0][8] == code


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("2015-12-01 10:00:00", "", "pick-up time missing"),
        ("2015-12-01 10:00:00", "yesterday", "pick-up time unreadable"),
        ("2015-12-01 10:00:00", "2015-02-30 10:00:00", "pick-up time unreadable"),
        ("2015-12-01 10:12:30", "soon", "drop-off time unreadable"),
        ("30,1,2.4", "30,many,2.4", "passenger count unreadable"),
        ("30,1,2.4", "30,1.5,2.4", "passenger count unreadable"),
        ("30,1,2.4", "30,40000,2.4", "passenger count unreadable"),
        ("2.4", "12345678901.5", "trip distance unreadable"),
        (",1,1,10.5", ",x,1,10.5", "rate code unreadable"),
        (",1,1,10.5", ",1,barter,10.5", "payment type unreadable"),
        ("10.5", "ten", "fare unreadable"),
        ("13.56", "1e12", "total amount unreadable"),
        ("2,2015-12-01 10:00", "a vendor of far too long a name,2015-12-01 10:00", "vendor too long"),
    ],
)
def test_a_row_that_breaks_a_type_is_counted_and_left_out(old, new, reason, load):
    """The bad row is reported by reason; the good one beside it is loaded."""
    assert old in GOOD
    prepared = load(f"{HEADER}\n{GOOD.replace(old, new)}\n{GOOD}\n")
    assert prepared.rejected == {reason: 1}
    assert rows(prepared) == [GOOD_ROW]
    assert prepared.rows == 1


def test_missing_values_are_null_and_not_errors(load):
    """An empty count or fare is unknown; so is one that another program wrote as NaN."""
    prepared = load(f"{HEADER}\n,2015-12-01 10:00:00,,,NaN,,null,,\n")
    assert rows(prepared) == [(GOOD_ROW[0], GOOD_ROW[1], *[None] * 8)]
    assert prepared.rejected == {}


def test_columns_a_file_lacks_are_null(load):
    """Only the pick-up time is needed."""
    prepared = load("pickup_datetime\n2015-12-01 10:00:00\n")
    assert rows(prepared) == [(GOOD_ROW[0], GOOD_ROW[1], *[None] * 8)]


def test_american_dates_are_read(load):
    """Files from the city's data portal write 12/01/2015 10:00:00 AM."""
    row = GOOD.replace("2015-12-01 10:00:00", "12/01/2015 10:00:00 AM")
    assert rows(load(f"{HEADER}\n{row}\n")) == [GOOD_ROW]


def test_lines_wider_than_the_header_and_an_empty_line_below_it_do_no_harm(load):
    """Green files of 2013 to 2016 look like this."""
    prepared = load(f"{HEADER}\n\n{GOOD},,\n{GOOD},,\n")
    assert rows(prepared) == [GOOD_ROW, GOOD_ROW]
    assert prepared.rejected == {}


def test_a_stray_quote_costs_its_own_line_only(load):
    """It must not swallow the rest of the file."""
    prepared = load(f'{HEADER}\n{GOOD}\n2,"2015-12-01\n{GOOD}\n')
    assert rows(prepared) == [GOOD_ROW, GOOD_ROW]
    assert sum(prepared.rejected.values()) == 1


def test_a_line_that_is_no_text_is_counted(tmp_path):
    """Bytes that are not UTF-8 break one line, not the load."""
    (tmp_path / "trips.csv").write_bytes(f"{HEADER}\n{GOOD}\n".encode() + b"\xff\xfe,\xff\n" + f"{GOOD}\n".encode())
    prepared = prepare(TripFiles(str(tmp_path / "trips.csv")), tmp_path / "made")
    assert rows(prepared) == [GOOD_ROW, GOOD_ROW]
    assert prepared.rejected == {"line broken": 1}


def test_quoted_fields_are_unquoted(load):
    """Some programs quote everything."""
    quoted = "\n".join(",".join(f'"{field}"' for field in line.split(",")) for line in (HEADER, GOOD))
    assert rows(load(f"{quoted}\n")) == [GOOD_ROW]


def test_a_packed_file_is_read(tmp_path):
    """`.csv.gz` is read without unpacking it first."""
    (tmp_path / "trips.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n{GOOD}\n".encode()))
    assert rows(prepare(TripFiles(str(tmp_path / "*.gz")), tmp_path / "made")) == [GOOD_ROW]


def test_files_of_different_years_and_kinds_mix(tmp_path):
    """Each file is read by its own names; the months come from the data."""
    (tmp_path / "a_yellow_2015.csv").write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    (tmp_path / "b_old_2009.csv").write_text(
        "vendor_name,Trip_Pickup_DateTime\nVTS,2009-01-04 02:52:00\n", encoding="utf-8"
    )
    with duckdb.connect() as connection:
        modern = connection.sql(
            "SELECT TIMESTAMP '2024-05-01 08:00' AS tpep_pickup_datetime, 2.0 AS passenger_count, 2 AS VendorID"
        )
        modern.write_parquet(str(tmp_path / "c_new_2024.parquet"))
    prepared = prepare(TripFiles(str(tmp_path / "?_*")), tmp_path / "made")
    assert [(row[0].year, row[4], row[9]) for row in rows(prepared)] == [
        (2015, 1, "2"),
        (2009, None, "VTS"),
        (2024, 2, "2"),
    ]
    assert prepared.label == "a_yellow_2015.csv, b_old_2009.csv, c_new_2024.parquet"


def test_many_files_have_a_short_label(tmp_path):
    """The page names three files and counts the others."""
    for number in range(5):
        (tmp_path / f"trips_{number}.csv").write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    prepared = prepare(TripFiles(str(tmp_path / "*.csv")), tmp_path / "made")
    assert prepared.label == "trips_0.csv, trips_1.csv, trips_2.csv and 2 more"
    assert prepared.rows == 5


def test_no_matching_file_is_an_error_with_a_sentence(tmp_path):
    """A slip in the pattern says so."""
    with pytest.raises(SampleError, match=r"No file matches .*nothing\.csv\."):
        prepare(TripFiles(str(tmp_path / "nothing.csv")), tmp_path / "made")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("zones.csv", b"LocationID,Borough\n1,Queens\n", "zones.csv has no column of pick-up times"),
        ("empty.csv", b"", "empty.csv is empty"),
        ("torn.parquet", b"PAR1 and no more", "torn.parquet cannot be read"),
        ("bad.csv", f"{HEADER}\n2,never,,,,,,,\n".encode(), "no usable trip among 1 rows of bad.csv"),
    ],
)
def test_a_file_without_trips_is_refused_in_a_sentence(name, content, message, tmp_path):
    """The message names the file and what is wrong with it."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SampleError, match=message) as raised:
        prepare(TripFiles(str(tmp_path / name)), tmp_path / "made")
    assert "\n" not in str(raised.value)


@pytest.fixture(scope="module")
def real_trips(tmp_path_factory) -> Prepared:
    if not REAL_TRIPS.is_file():
        pytest.skip(f"the TLC's trip file is not at {REAL_TRIPS}; set PUSHBOARD_TEST_DATA to its folder")
    return prepare(TripFiles(str(REAL_TRIPS)), tmp_path_factory.mktemp("real"))


def test_the_tlcs_own_file_loads_completely(real_trips):
    """Yellow and green trips of March 2019, none of them bad."""
    assert real_trips.rows == 6500
    assert real_trips.rejected == {}
    in_march = [row for row in rows(real_trips) if (row[0].year, row[0].month) == (2019, 3)]
    assert len(in_march) > 6450


def test_the_tlcs_sums_survive(real_trips):
    """Fares and distances add up as in the file, read by another program."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(REAL_TRIPS)
    assert float(sum(row[6] for row in rows(real_trips))) == pytest.approx(frame["fare_amount"].sum())
    assert float(sum(row[5] for row in rows(real_trips))) == pytest.approx(frame["trip_distance"].sum())


def test_csv_and_parquet_of_the_same_trips_are_equal(real_trips, tmp_path):
    """The same records as Parquet with typed columns give the same rows."""
    with duckdb.connect() as connection:
        connection.read_csv(str(REAL_TRIPS)).write_parquet(str(tmp_path / "trips.parquet"))
    assert rows(prepare(TripFiles(str(tmp_path / "trips.parquet")), tmp_path / "made")) == rows(real_trips)
