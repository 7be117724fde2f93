"""Simulated trips: the same every time, as many as asked for, and of the shape of a year of cab rides."""

import datetime

import duckdb
import pyarrow.parquet
import pytest

from infra.sample import Prepared, SampleError, Simulated, prepare
from infra.sample.columns import TABLE_COLUMNS
from infra.sample.simulated import MONTHLY_VOLUMES, monthly_rows

ROWS = 120_000


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Prepared:
    return prepare(Simulated(ROWS), tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def trips(sample):
    """A query function over the sample's table `trips`; it returns the only value of the only row."""
    with duckdb.connect() as connection:
        connection.read_parquet([str(path) for path in sample.files]).create("trips")
        yield lambda sql: connection.sql(sql).fetchall()[0][0]


def day(trips, date: datetime.date) -> int:
    return trips(f"SELECT count(*) FROM trips WHERE pickup_date = DATE '{date}'")


def test_the_same_choice_gives_the_same_bytes(sample, tmp_path):
    """Another run, in another process's place, writes the very same files."""
    again = prepare(Simulated(ROWS), tmp_path)
    assert [path.read_bytes() for path in again.files] == [path.read_bytes() for path in sample.files]


@pytest.mark.parametrize("rows", [1, 11, 12, 999, 1_000_001, 3_000_000])
def test_months_add_up_to_the_rows_asked_for(rows):
    """Thinning loses no row and invents none."""
    assert sum(monthly_rows(rows)) == rows


def test_months_have_the_published_proportions(trips):
    """March is the busiest month and August the quietest; every month has its published share."""
    for month, volume in enumerate(MONTHLY_VOLUMES, start=1):
        share = trips(f"SELECT count(*) / {ROWS} FROM trips WHERE month(pickup_date) = {month}")
        assert share == pytest.approx(volume / sum(MONTHLY_VOLUMES), abs=1 / ROWS * 2)


def test_the_sample_has_exactly_the_rows_it_says(sample, trips):
    """`rows` is what the files hold."""
    assert sample.rows == ROWS == trips("SELECT count(*) FROM trips")


def test_a_tiny_sample_leaves_months_out_rather_than_rows(tmp_path):
    """Five rows give five rows in at most five files."""
    sample = prepare(Simulated(5), tmp_path)
    assert sample.rows == 5
    assert 1 <= len(sample.files) <= 5


@pytest.mark.parametrize("rows", [0, -3])
def test_no_rows_is_an_error_with_a_sentence(rows, tmp_path):
    """Nobody gets an empty warehouse by a slip."""
    with pytest.raises(SampleError, match=f"at least one row, not {rows}"):
        prepare(Simulated(rows), tmp_path)


def test_files_have_the_tables_columns_in_order(sample):
    """COPY of Parquet goes by position, so another Parquet reader looks at names and types."""
    schema = pyarrow.parquet.read_schema(sample.files[0])
    assert {field.name: str(field.type) for field in schema} == {
        "pickup_date": "date32[day]",
        "pickup_datetime": "timestamp[ns]",
        "dropoff_datetime": "timestamp[ns]",
        "ratecode": "int16",
        "passenger_count": "int16",
        "trip_distance": "decimal128(9, 2)",
        "fare_amount": "decimal128(10, 2)",
        "total_amount": "decimal128(10, 2)",
        "payment_type": "int16",
        "vendorid": "string",
    }
    assert schema.names == list(TABLE_COLUMNS)


def test_every_file_is_one_month_of_2015(sample):
    """A month's file holds that month and no other."""
    for month, path in enumerate(sample.files, start=1):
        dates = pyarrow.parquet.read_table(path, columns=["pickup_date"])["pickup_date"].to_pylist()
        assert {(date.year, date.month) for date in dates} == {(2015, month)}


def test_no_value_is_missing(trips):
    """Simulated trips are complete."""
    assert trips(f"SELECT count(*) FROM trips WHERE {' OR '.join(f'{name} IS NULL' for name in TABLE_COLUMNS)}") == 0


def test_the_blizzard_emptied_the_streets(trips):
    """The night of the travel ban and the day after it carry a fraction of a Tuesday."""
    assert day(trips, datetime.date(2015, 1, 27)) < 0.5 * day(trips, datetime.date(2015, 1, 20))


@pytest.mark.parametrize(("holiday", "ordinary"), [((12, 25), (12, 18)), ((11, 26), (11, 19)), ((7, 4), (7, 11))])
def test_holidays_are_quiet(holiday, ordinary, trips):
    """A holiday carries clearly less than the same weekday one week away."""
    assert day(trips, datetime.date(2015, *holiday)) < 0.85 * day(trips, datetime.date(2015, *ordinary))


def test_new_years_eve_runs_late(trips):
    """The first hours of the year are busier than the same hours a week later."""
    night = "SELECT count(*) FROM trips WHERE hour(pickup_datetime) < 4 AND pickup_date = DATE '2015-01-{}'"
    assert trips(night.format("01")) > 1.5 * trips(night.format("08"))


def test_the_week_has_its_rhythm(trips):
    """Saturday nights outdo Tuesday nights, and the weekday morning rush outdoes Sunday's."""
    hour = "SELECT count(*) FROM trips WHERE isodow(pickup_date) = {} AND hour(pickup_datetime) = {}"
    assert trips(hour.format(7, 1)) > 3 * trips(hour.format(2, 1))
    assert trips(hour.format(2, 8)) > 2 * trips(hour.format(7, 8))


def test_fares_distances_and_times_look_like_2015(trips):
    """The averages lie where the year's published ones do."""
    assert 2.6 < trips("SELECT avg(trip_distance) FROM trips") < 3.3
    assert 11.5 < trips("SELECT avg(fare_amount) FROM trips") < 13.5
    assert 14 < trips("SELECT avg(total_amount) FROM trips") < 17
    assert 12 < trips("SELECT avg(epoch(dropoff_datetime - pickup_datetime)) / 60 FROM trips") < 15


def test_jfk_is_a_flat_fare(trips):
    """Rate code 2 costs $52 on the meter, plus or, when booked back, minus."""
    assert trips("SELECT list(DISTINCT abs(fare_amount)) FROM trips WHERE ratecode = 2") == [52]


def test_cards_win_ground_over_the_year(trips):
    """Around 62 per cent pay by card, more in December than in January."""
    share = "SELECT avg(CAST(payment_type = 1 AS INTEGER)) FROM trips WHERE month(pickup_date) {}"
    assert 0.60 < trips(share.format("> 0")) < 0.64
    assert trips(share.format(">= 11")) > trips(share.format("<= 2")) + 0.02


def test_only_card_tips_are_known(trips):
    """A cash rider's total is fare, surcharges and tolls; a card rider's holds about a fifth more."""
    extras = "SELECT sum(total_amount - fare_amount) / sum(fare_amount) FROM trips WHERE fare_amount > 0 AND {}"
    assert 0.15 < trips(extras.format("payment_type = 1")) - trips(extras.format("payment_type = 2")) < 0.25


def test_night_trips_pay_the_night_surcharge(trips):
    """A cash trip without tolls at midnight costs fifty cents more than its fare, tax and improvement surcharge."""
    extras = "SELECT mode(total_amount - fare_amount) FROM trips WHERE payment_type = 2 AND hour(pickup_datetime) = {}"
    assert trips(extras.format(0)) - trips(extras.format(11)) == pytest.approx(0.5)


def test_some_trips_are_messy_as_in_life(trips):
    """There are refunds with a minus sign and trips of no distance, and few of both."""
    for mess in ("total_amount < 0", "trip_distance = 0", "dropoff_datetime = pickup_datetime"):
        assert 0 < trips(f"SELECT count(*) FROM trips WHERE {mess}") < 0.01 * ROWS


def test_the_page_is_told_that_trips_are_simulated(sample):
    """Nobody should take the sample for the TLC's records."""
    assert sample.label == "Simulated trips of 2015, not real ones (120,000 rows)"
    assert sample.rejected == {}
