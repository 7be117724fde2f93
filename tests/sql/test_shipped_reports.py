"""Every shipped report: its header loads, its SQL is Redshift's, and on DuckDB it answers fast, truly and drawably."""

import datetime
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from backend_lambdas import reports, sqltext
from dashboard.charts import draw
from dashboard.results import Column, Result
from infra.local.sample import Simulated, prepare

SQL = Path(__file__).parents[2] / "sql"
FILES = sorted((SQL / "reports").glob("*/*.sql"))
WIRE_TYPES = {"VARCHAR": "string", "DATE": "date", "SMALLINT": "integer", "INTEGER": "integer", "BIGINT": "integer"}
WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

Run = Callable[..., Result]


def load(path: Path) -> reports.Report:
    report = reports.load(path.relative_to(SQL / "reports").as_posix(), path.read_text(encoding="utf-8"))
    assert isinstance(report, reports.Report), report
    return report


def with_chart(kind: str) -> list[Path]:
    """By the text alone: a broken header must fail its own tests, not the collection of all."""
    return [path for path in FILES if f"chart: {{type: {kind}," in path.read_text(encoding="utf-8")]


every_report = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
every_card = pytest.mark.parametrize("path", with_chart("number"), ids=lambda path: path.stem)
every_heatmap = pytest.mark.parametrize("path", with_chart("heatmap"), ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """DuckDB with the table of the setup script, filled from the simulated files."""
    sample = prepare(Simulated(60_000), tmp_path_factory.mktemp("sample"))
    with duckdb.connect(config={"threads": 2}) as connection:
        (create,) = sqltext.statements((SQL / "setup" / "10_tables.sql").read_text(encoding="utf-8"))
        columns = sqlglot.parse_one(create, read="redshift")
        columns.set("properties", None)  # where rows lie is Redshift's own affair
        connection.execute(columns.sql("duckdb"))
        connection.read_parquet([str(path) for path in sample.files]).insert_into("nyc_yellow_taxi")
        yield connection


@pytest.fixture
def run(warehouse) -> Run:
    """Run a shipped report for a month, as the Data API would: values bound, the answer in its wire types."""

    def of_month(path: Path, month: str = "2015-12") -> Result:
        report = load(path)
        (sql,) = sqlglot.transpile(report.sql, read="redshift", write="duckdb")
        answer = warehouse.execute(sql, {"month": month})
        columns = tuple(Column(name, WIRE_TYPES.get(str(kind), "decimal")) for name, kind, *_ in answer.description)
        records = tuple(tuple(map(wire, row)) for row in answer.fetchall())
        return Result("s", report.id, "", len(records), columns, records)

    return of_month


def wire(value: Any) -> Any:
    """Decimals and dates as text, as they travel."""
    return str(value) if isinstance(value, Decimal | datetime.date) else value


def column(result: Result, name: str) -> list[Any]:
    position = [known.name for known in result.columns].index(name)
    return [record[position] for record in result.records]


def find(name: str) -> Path:
    return next(path for path in FILES if path.stem == name)


@pytest.mark.parametrize("department", ["operations", "finance"])
def test_a_department_has_enough_to_show(department):
    """Each page has cards and at least six charts."""
    kinds = [load(path).header.chart.type for path in FILES if path.parent.name == department]
    assert kinds.count("number") >= 3
    assert len(kinds) - kinds.count("number") >= 6


def test_report_names_are_unique():
    """A report is asked for by its name alone."""
    names = [path.stem for path in FILES]
    assert len(names) == len(set(names))


@every_report
def test_the_month_is_the_same_parameter_everywhere(path):
    """One control on the page serves every report, and no report bounds its months."""
    assert {name: item.public() for name, item in load(path).header.parameters.items()} == {
        "month": {"type": "month", "label": "Trip month", "default": "2015-12", "required": False}
    }


@every_report
def test_the_header_tells_what_a_page_needs(path):
    """A title, a line of description, a cache time, a place, and what to say for no rows."""
    header = load(path).header
    assert header.description.endswith(".")
    assert len(header.description) <= 110
    assert header.cache == 900
    assert header.timeout == 60
    assert header.order < 100
    assert header.empty.startswith("No ")


@pytest.mark.parametrize("department", ["operations", "finance"])
def test_no_two_reports_of_a_page_want_the_same_place(department):
    """The order is decided by their authors, not by chance."""
    orders = [load(path).header.order for path in FILES if path.parent.name == department]
    assert len(orders) == len(set(orders))


@every_report
def test_the_sql_is_one_redshift_select(path):
    """sqlglot reads it in Redshift's grammar as exactly one SELECT over the one table."""
    (statement,) = sqlglot.parse(load(path).sql, read="redshift")
    assert isinstance(statement, exp.Select)
    assert {table.name for table in statement.find_all(exp.Table)} == {"nyc_yellow_taxi"}


@every_report
def test_placeholders_stand_for_values_only(path):
    """The placeholders that sqlglot finds are those the header declares."""
    statement = sqlglot.parse_one(load(path).sql, read="redshift")
    assert {item.name for item in statement.find_all(exp.Placeholder)} == set(load(path).header.parameters)


@every_report
def test_the_header_names_columns_that_exist(path, run):
    """A slip in a column's name would lose its label, or the chart."""
    header, names = load(path).header, {known.name for known in run(path).columns}
    chart = header.chart
    assert {*chart.y, *filter(None, [chart.x, chart.series, chart.value])} <= names
    assert set(header.columns) == names


@every_report
def test_december_has_rows_and_draws(path, run):
    """The default month shows something, in under a second, with few enough rows for a page."""
    started = time.monotonic()
    result = run(path)
    assert time.monotonic() - started < 1
    assert 0 < result.row_count <= 400
    header = load(path).header.model_dump()
    drawing = draw(header["chart"], header["columns"], result)
    assert (drawing.figure is None) == (header["chart"]["type"] == "table")


@every_report
@pytest.mark.parametrize("month", ["2016-01", "2014-12", "2019-03"])
def test_a_month_without_trips_gives_no_rows(path, month, run):
    """January 2016 must not show December's figures for its own."""
    assert run(path, month).row_count == 0


@every_report
def test_a_single_trip_is_enough(path):
    """One trip with nothing but its pick-up time breaks no report, and has at most one row to show."""
    with duckdb.connect() as connection:
        connection.execute((SQL / "setup" / "10_tables.sql").read_text(encoding="utf-8").split("DISTSTYLE")[0])
        connection.execute(
            "INSERT INTO nyc_yellow_taxi (pickup_date, pickup_datetime) VALUES ('2019-03-01', '2019-03-01')"
        )
        (sql,) = sqlglot.transpile(load(path).sql, read="redshift", write="duckdb")
        assert len(connection.execute(sql, {"month": "2019-03"}).fetchall()) <= 1


@every_card
def test_a_card_ends_with_its_month(path, run):
    """The last row is the chosen month and the one before it the month before; twelve make the sparkline."""
    months = column(run(path), "trip_month")
    assert months == [f"2015-{month:02}" for month in range(1, 13)]
    assert column(run(path, "2015-02"), "trip_month") == ["2015-01", "2015-02"]


@every_card
def test_a_card_is_not_compared_with_strays(path, run, warehouse):
    """Files of March hold a trip of February 28: that is no month to be sixty times better than."""
    warehouse.execute("BEGIN")
    try:
        warehouse.execute("DELETE FROM nyc_yellow_taxi WHERE pickup_date < '2015-02-25'")
        assert column(run(path, "2015-03"), "trip_month") == ["2015-03"]
    finally:
        warehouse.execute("ROLLBACK")


def test_a_card_compares_with_the_month_before(run):
    """The panel reads "vs Nov 2015"."""
    header = load(find("trips")).header.model_dump()
    drawing = draw(header["chart"], header["columns"], run(find("trips")))
    assert drawing.number is not None
    assert drawing.number.versus == "vs Nov 2015"


@every_heatmap
def test_heatmaps_begin_on_monday_at_midnight(path, run):
    """Weekdays in their order, hours in theirs."""
    result = run(path)
    assert list(dict.fromkeys(column(result, "weekday"))) == WEEK
    assert column(result, "hour_of_day")[:24] == list(range(24))


def test_daily_totals_are_the_published_query(run, warehouse):
    """Hours, miles and fares of each day of the month, checked against another way of adding them up."""
    expected = warehouse.execute(
        """
        SELECT pickup_date, sum(epoch(dropoff_datetime - pickup_datetime)) / 3600, sum(trip_distance), sum(fare_amount)
        FROM nyc_yellow_taxi WHERE year(pickup_date) = 2015 AND month(pickup_date) = 12 GROUP BY ALL ORDER BY 1
        """
    ).fetchall()
    records = run(find("daily_totals")).records
    assert [record[0] for record in records] == [str(row[0]) for row in expected]
    for record, row in zip(records, expected, strict=True):
        assert [float(value) for value in record[1:]] == pytest.approx([float(value) for value in row[1:]], abs=0.01)


def test_the_months_reports_agree_with_each_other(run):
    """The same money and the same trips, however they are cut."""
    revenue = Decimal(column(run(find("revenue")), "total_paid")[-1])
    days = run(find("revenue_by_day"))
    assert sum(map(Decimal, column(days, "total_fare") + column(days, "total_extras"))) == revenue
    assert sum(map(Decimal, column(run(find("revenue_by_distance")), "total_paid"))) == revenue
    trips = column(run(find("trips")), "trips")[-1]
    assert sum(column(run(find("payment_mix")), "trips")) == trips
    assert sum(column(run(find("vendors")), "trips")) == trips


def test_shares_are_fractions(run):
    """`percent` takes 0.62 for 62 per cent."""
    assert all(0.5 < float(share) < 0.75 for share in column(run(find("card_share")), "card_share"))
    assert all(0.01 < float(share) < 0.2 for share in column(run(find("long_trips")), "long_trip_share"))
    assert sum(map(Decimal, column(run(find("vendors")), "trip_share"))) == pytest.approx(1, abs=Decimal("0.001"))


def test_an_average_week_does_not_favour_the_fifth_thursday(run, warehouse):
    """December 2015 has five Thursdays: their hours add up to an average one."""
    result = run(find("trips_by_hour"))
    thursday = sum(float(trips) for day, _, trips in result.records if day == "Thu")
    (total,) = warehouse.execute(
        "SELECT count(*) FROM nyc_yellow_taxi WHERE isodow(pickup_date) = 4 AND month(pickup_date) = 12"
    ).fetchall()[0]
    assert thursday == pytest.approx(total / 5, abs=24 * 0.05)
