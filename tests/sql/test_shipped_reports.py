"""Every shipped report: its header loads, its SQL is Redshift's, and on a laptop it answers fast, truly, drawably."""

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from backend_lambdas.reports import report_file, report_index
from backend_lambdas.reports.chart_keys import KEYS
from dashboard.charts import draw
from dashboard.gateway.results import Result
from infra.sample import Simulated, prepare
from tests import shipped_reports
from tests.sql.warehouse import SQL, Warehouse

SHIPPED = sorted((SQL / "reports").glob("*/*.sql"))
SOURCES = [path for path in SHIPPED if "\nhidden: true\n" in path.read_text(encoding="utf-8")]
"""Reports that have no panel: others take their rows as defaults."""
MONTHS = [path for path in SOURCES if path.stem == "newest_month"]
"""Those that pages open on."""
LOOK_UPS = [path for path in SHIPPED if path not in SOURCES and "month: shared" not in path.read_text(encoding="utf-8")]
"""Reports on pages of their own, which no month leads."""
FILES = [path for path in SHIPPED if path not in (*SOURCES, *LOOK_UPS)]
DEPARTMENTS = sorted({path.parent.name for path in FILES})
KINDS = set(KEYS)
RAW = {"scatter", "histogram", "box"}
"""Kinds of chart drawn from single trips, a sample of them; all others from sums."""
COLUMNS = {"quarter": 3, "third": 4, "half": 6, "two-thirds": 8, "full": 12}
"""How many of the page's twelve columns a size takes."""
WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

Run = Callable[..., Result]


load = functools.cache(shipped_reports.load)


def with_chart(kind: str) -> list[Path]:
    """By the text alone: a broken header must fail its own tests, not the collection of all."""
    return [path for path in FILES if f"chart: {{type: {kind}," in path.read_text(encoding="utf-8")]


def of(department: str) -> list[report_file.Report]:
    """A department's reports in their order on the page."""
    found = [load(path) for path in FILES if path.parent.name == department]
    return sorted(found, key=lambda report: report.header.order)


every_file = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
every_report = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
every_source = pytest.mark.parametrize("path", MONTHS, ids=lambda path: path.stem)
every_look_up = pytest.mark.parametrize("path", LOOK_UPS, ids=lambda path: path.stem)
every_card = pytest.mark.parametrize("path", with_chart("number"), ids=lambda path: path.stem)
every_heatmap = pytest.mark.parametrize("path", with_chart("heatmap"), ids=lambda path: path.stem)
every_department = pytest.mark.parametrize("department", DEPARTMENTS)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The simulated trips, loaded as `make run` loads them."""
    sample = prepare(Simulated(60_000), tmp_path_factory.mktemp("sample"))
    loaded = Warehouse(tmp_path_factory.mktemp("warehouse"), sample.files)
    yield loaded
    loaded.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A warehouse of its own for `empty`."""
    made = Warehouse(tmp_path_factory.mktemp("small"))
    yield made
    made.close()


@pytest.fixture
def empty(small: Warehouse) -> Warehouse:
    """The table without a row."""
    small.execute("DELETE FROM nyc_yellow_taxi")
    return small


@pytest.fixture(scope="module")
def default_result(warehouse: Warehouse) -> Callable[[Path, str], Result]:
    """A shipped report's rows of a month, read once for all tests."""
    return functools.cache(lambda path, month: warehouse.report(load(path), {"month": month}))


@pytest.fixture
def run(warehouse: Warehouse, default_result: Callable[[Path, str], Result]) -> Run:
    """Run a shipped report for a month, all other filters as they are when the page opens."""

    def result(path: Path, month: str = "2015-12", **sent: Any) -> Result:
        return warehouse.report(load(path), {"month": month, **sent}) if sent else default_result(path, month)

    return result


def insert(warehouse: Warehouse, *days: str) -> None:
    """An ordinary trip on each of these days."""
    trips = (f"('{day}', '{day} 12:00', '{day} 12:10', 1, 1, 2.0, 9.5, 10, 1, '1')" for day in days)
    warehouse.execute(f"INSERT INTO nyc_yellow_taxi VALUES {', '.join(trips)}")


def column(result: Result, name: str) -> list[Any]:
    position = [known.name for known in result.columns].index(name)
    return [record[position] for record in result.records]


def find(name: str) -> Path:
    return next(path for path in FILES if path.stem == name)


@every_department
def test_a_department_has_enough_to_show(department: str) -> None:
    """Each page has cards and at least six charts, and not more panels than a viewer takes in."""
    kinds = [report.header.chart.type for report in of(department)]
    assert kinds.count("number") >= 3
    assert 6 <= len(kinds) - kinds.count("number") <= 10


@every_department
def test_the_rows_of_a_page_are_full(department: str) -> None:
    """In their order the panels fill the page's twelve columns row by row, without a hole."""
    filled = 0
    for report in of(department):
        filled += COLUMNS[report.header.size]
        assert filled <= 12, f"{report.id} does not fit into its row"
        filled %= 12
    assert filled == 0


def test_every_kind_of_chart_is_used() -> None:
    """Each kind, bars in each of their ways, a target and a comparison stand on some page."""
    charts = [load(path).header.chart for path in FILES]
    assert {chart.type for chart in charts} == KINDS
    bars = [chart for chart in charts if chart.type == "bar"]
    assert any(chart.stacked for chart in bars)
    assert any(chart.horizontal for chart in bars)
    assert any(chart.series and not chart.stacked for chart in bars)
    assert any(chart.line and chart.right for chart in bars)
    assert any(chart.compare for chart in bars)
    assert any(chart.target and chart.type == "number" for chart in charts)


def test_report_names_are_unique() -> None:
    """A report is asked for by its name alone."""
    names = [path.stem for path in SHIPPED]
    assert len(names) == len(set(names))


@every_report
def test_every_report_asks_for_a_month(path: Path) -> None:
    """One control leads the page, which opens on the newest month with trips; no report bounds its months."""
    assert load(path).header.parameters["month"].public() == {
        "type": "month",
        "label": "Trip month",
        "defaultFrom": {"report": "newest_month", "column": "trip_month"},
        "required": True,
    }


def test_defaults_come_from_reports_that_are_there() -> None:
    """None refers to a report that is missing, broken, or closed to those who see the page."""
    files = {load(path).file: load(path) for path in SHIPPED}
    assert all(isinstance(report, report_file.Report) for report in report_index.by_id(files).values())


@every_source
def test_a_page_opens_on_the_newest_month(path: Path, warehouse: Warehouse) -> None:
    """The sample ends with December 2015."""
    assert column(warehouse.report(load(path)), "trip_month") == ["2015-12"]


@every_source
def test_a_page_does_not_open_on_strays(path: Path, empty: Warehouse) -> None:
    """A few trips of a month that was not loaded open no page, unless there is nothing else."""
    assert column(empty.report(load(path)), "trip_month") == []
    insert(empty, *(f"2019-03-{day:02}" for day in range(1, 8)), "2019-04-01")
    assert column(empty.report(load(path)), "trip_month") == ["2019-03"]
    empty.execute("DELETE FROM nyc_yellow_taxi WHERE pickup_date < '2019-04-01'")
    assert column(empty.report(load(path)), "trip_month") == ["2019-04"]


@every_department
def test_a_filter_means_the_same_on_all_panels_of_a_page(department: str) -> None:
    """Parameters of one name share one control, which is made from the first one."""
    declared = [item for report in of(department) for item in report.header.parameters.items()]
    shared = dict(declared)
    assert all(parameter == shared[name] for name, parameter in declared)


@every_department
def test_filters_beyond_the_month_serve_several_panels(department: str) -> None:
    """A control of a single panel would clutter the bar above all."""
    uses = Counter(name for report in of(department) for name in report.header.parameters)
    assert all(count > 1 for count in uses.values())


@every_report
def test_the_header_tells_what_a_page_needs(path: Path) -> None:
    """A title, a description that fits on a line, a cache time, a place, and what to say for no rows."""
    header = load(path).header
    assert header.description.endswith(".")
    assert len(header.title) <= 30
    assert len(header.description) <= (54 if header.size == "third" else 60)
    assert header.cache == 900
    assert header.timeout == 60
    assert header.order < 100
    assert header.empty.startswith("No ")


@every_department
def test_no_two_reports_of_a_page_want_the_same_place(department: str) -> None:
    """The order is decided by their authors, not by chance."""
    orders = [report.header.order for report in of(department)]
    assert len(orders) == len(set(orders))


@every_file
def test_the_sql_is_one_redshift_select(path: Path) -> None:
    """sqlglot reads it in Redshift's grammar as exactly one SELECT over the one table."""
    (statement,) = sqlglot.parse(load(path).sql, read="redshift")
    assert isinstance(statement, exp.Select)
    assert {table.name for table in statement.find_all(exp.Table)} == {"nyc_yellow_taxi"}


@every_file
def test_placeholders_stand_for_values_only(path: Path) -> None:
    """The placeholders that sqlglot finds are those the header declares."""
    statement = sqlglot.parse_one(load(path).sql, read="redshift")
    declared = load(path).header.parameters.items()
    expected = {placeholder for name, parameter in declared for placeholder in parameter.written(name)}
    assert {item.name for item in statement.find_all(exp.Placeholder)} == expected


@every_look_up
def test_a_report_on_a_page_of_its_own_answers_what_it_begins_with(path: Path, warehouse: Warehouse) -> None:
    """It names the columns that there are, and its filters' defaults find rows that can be drawn."""
    header, result = load(path).header, warehouse.report(load(path))
    assert set(header.columns) == {known.name for known in result.columns}
    assert result.row_count > 0
    public = load(path).public()
    assert draw(public["chart"], public["columns"], result).note is None


@pytest.mark.parametrize("company", ["All companies", "VeriFone"])
def test_the_rates_of_a_company_begin_with_all_of_them(company: str, warehouse: Warehouse) -> None:
    (path,) = (path for path in SOURCES if path.stem == "rates_of_company")
    rates = column(warehouse.report(load(path), {"company": company}), "rate")
    assert rates[:2] == ["All rates", "Standard"]
    assert len(rates) == len(set(rates)) > 3


@every_report
def test_the_header_names_columns_that_exist(path: Path, run: Run) -> None:
    """A slip in a column's name would lose its label, or the chart."""
    header, names = load(path).header, {known.name for known in run(path).columns}
    chart = header.chart
    assert {
        *chart.y,
        *chart.line,
        *filter(None, [chart.x, chart.series, chart.value, chart.compare, chart.area]),
    } <= names
    assert set(header.columns) == names


@every_report
def test_december_has_rows_and_draws(path: Path, run: Run) -> None:
    """The page opens on something, with few enough rows for a page and nothing to apologize for."""
    result = run(path)
    header = load(path).public()
    kind = header["chart"]["type"]
    assert 0 < result.row_count <= (2_000 if kind in RAW else 400)
    drawing = draw(header["chart"], header["columns"], result, shipped_reports.areas(header["chart"]))
    assert (drawing.figure is None) == (kind in ("table", "pivot", "number"))
    assert (drawing.number is None) == (kind != "number")
    assert drawing.note in {None, "Values beyond the whiskers are not drawn."}


@every_report
@pytest.mark.parametrize("month", ["2016-01", "2014-12", "2019-03"])
def test_a_month_without_trips_gives_no_rows(path: Path, month: str, run: Run) -> None:
    """January 2016 must not show December's figures for its own."""
    assert run(path, month).row_count == 0


def test_a_single_trip_is_enough(empty: Warehouse) -> None:
    """One trip with nothing but its pick-up time breaks no report, and has at most one row to show."""
    empty.execute(
        "INSERT INTO nyc_yellow_taxi (pickup_date, pickup_datetime) VALUES ('2019-03-01', '2019-03-01 12:00:00')"
    )
    rows = {path.stem: empty.report(load(path), {"month": "2019-03"}).row_count for path in FILES}
    assert max(rows.values()) == 1, rows


@every_card
def test_a_card_ends_with_its_month(path: Path, run: Run) -> None:
    """The last row is the chosen month and the one before it the month before; twelve make the sparkline."""
    months = column(run(path), "trip_month")
    assert months == [f"2015-{month:02}" for month in range(1, 13)]
    assert column(run(path, "2015-02"), "trip_month") == ["2015-01", "2015-02"]


def test_a_card_is_not_compared_with_strays(empty: Warehouse) -> None:
    """Files of March hold a trip of February 28: that is no month to be sixty times better than."""
    insert(empty, "2015-02-28", "2015-03-01")
    cards = {path.stem: empty.report(load(path), {"month": "2015-03"}) for path in with_chart("number")}
    assert {name: column(result, "trip_month") for name, result in cards.items()} == {
        name: ["2015-03"] for name in cards
    }


def test_a_card_compares_with_the_month_before(run: Run) -> None:
    """The panel reads "vs Nov 2015"."""
    header = load(find("trips")).public()
    drawing = draw(header["chart"], header["columns"], run(find("trips")))
    assert drawing.number is not None
    assert drawing.number.versus == "vs Nov 2015"


@every_heatmap
def test_heatmaps_begin_on_monday_at_midnight(path: Path, run: Run) -> None:
    """Weekdays in their order, hours in theirs."""
    result = run(path)
    assert list(dict.fromkeys(column(result, "weekday"))) == WEEK
    assert column(result, "hour_of_day")[:24] == list(range(24))


def test_daily_totals_are_the_published_query(run: Run, warehouse: Warehouse) -> None:
    """Hours, miles and fares of each day of the month, checked against another way of adding them up."""
    expected = warehouse.rows(
        """
        SELECT pickup_date, sum(extract(epoch FROM dropoff_datetime) - extract(epoch FROM pickup_datetime)) / 3600.0,
            sum(trip_distance), sum(fare_amount)
        FROM nyc_yellow_taxi WHERE to_char(pickup_date, 'YYYY-MM') = '2015-12' GROUP BY pickup_date ORDER BY pickup_date
        """
    ).records
    records = run(find("daily_totals")).records
    assert [record[0] for record in records] == [row[0] for row in expected]
    for record, row in zip(records, expected, strict=True):
        assert [float(value) for value in record[1:]] == pytest.approx([float(value) for value in row[1:]], abs=0.01)


def test_the_months_reports_agree_with_each_other(run: Run) -> None:
    """The same money and the same trips, however they are cut."""
    revenue = Decimal(column(run(find("revenue")), "total_paid")[-1])
    days = run(find("revenue_by_day"))
    assert sum(map(Decimal, column(days, "total_fare") + column(days, "total_extras"))) == revenue
    assert sum(map(Decimal, column(run(find("revenue_by_distance")), "total_paid"))) == revenue
    assert sum(map(Decimal, column(run(find("trip_cost")), "total_paid"))) >= revenue
    *steps, total = map(Decimal, column(run(find("revenue_steps")), "amount"))
    assert sum(steps) == total == revenue
    trips = column(run(find("trips")), "trips")[-1]
    assert sum(column(run(find("payment_mix")), "trips")) == trips
    assert sum(column(run(find("vendors")), "trips")) == trips
    assert column(run(find("trip_reach")), "trips")[0] == trips
    assert column(run(find("paid_trips")), "trips")[-1] == trips


def test_the_month_before_is_the_one_that_is_compared_with(run: Run) -> None:
    """November's own figures stand beside December's."""
    before = column(run(find("revenue_by_distance")), "paid_before")
    assert before == column(run(find("revenue_by_distance"), "2015-11"), "total_paid")
    assert set(column(run(find("revenue_by_distance"), "2015-01"), "paid_before")) == {None}


def test_a_payment_that_is_booked_back_is_a_step_down(empty: Warehouse) -> None:
    insert(empty, "2015-03-01", "2015-03-02")
    back = "('2015-03-02', '2015-03-02 13:00', '2015-03-02 13:10', 1, 1, 2.0, -9.5, -10, 4, '1')"
    empty.execute(f"INSERT INTO nyc_yellow_taxi VALUES {back}")
    result = empty.report(load(find("revenue_steps")), {"month": "2015-03"})
    steps = dict(zip(column(result, "step"), map(float, column(result, "amount")), strict=True))
    assert steps == {"Fares": 19.0, "Extras by card": 1.0, "Booked back": -10.0, "Revenue": 10.0}


def test_payments_add_up(run: Run) -> None:
    """The filter parts the revenue: by card, in cash and in other ways together are all of it."""
    parts = ("Card", "Cash", "Other")
    paid = [Decimal(column(run(find("revenue"), payments=[part]), "total_paid")[-1]) for part in parts]
    assert sum(paid) == Decimal(column(run(find("revenue")), "total_paid")[-1])
    assert all(paid)


def test_companies_add_up(run: Run) -> None:
    """In the sample each trip is one company's or the other's."""
    counts = [
        column(run(find("free_rides"), company=company), "free_rides")[-1]
        for company in ("Creative Mobile", "VeriFone", "All companies")
    ]
    assert counts[0] + counts[1] == counts[2]
    assert counts[0] > 0 < counts[1]


def test_shares_are_fractions(run: Run) -> None:
    """`percent` takes 0.62 for 62 per cent."""
    assert all(0.5 < float(share) < 0.75 for share in column(run(find("card_share")), "card_share"))
    assert all(0.01 < float(share) < 0.2 for share in column(run(find("long_trips")), "long_trip_share"))


def test_an_average_week_does_not_favour_the_fifth_thursday(run: Run, warehouse: Warehouse) -> None:
    """December 2015 has five Thursdays: their hours add up to an average one."""
    result = run(find("trips_by_hour"))
    thursday = sum(float(trips) for day, _, trips in result.records if day == "Thu")
    ((total,),) = warehouse.rows(
        """
        SELECT count(*) FROM nyc_yellow_taxi
        WHERE extract(dow FROM pickup_date) = 4 AND to_char(pickup_date, 'YYYY-MM') = '2015-12'
        """
    ).records
    assert thursday == pytest.approx(total / 5, abs=24 * 0.05)
