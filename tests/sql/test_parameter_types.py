"""Each type of parameter in the warehouse: its texts compare with columns as Redshift's implicit casts have it."""

from collections.abc import Iterator
from typing import Any

import pytest

from backend_lambdas.reports.report_file import Report, load
from tests.sql.warehouse import Warehouse

ROWS = [("2015-12-01", 1, "CMT"), ("2015-12-31", 2, "VTS"), ("2016-01-01", 3, "O'Hara, Inc"), ("2016-02-29", 4, "CMT")]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    made = Warehouse(tmp_path_factory.mktemp("parameter_types"))
    for day, kind, vendor in ROWS:
        insert = "INSERT INTO nyc_yellow_taxi (pickup_date, payment_type, vendorid) VALUES (:day, :kind, :vendor)"
        made.execute(insert, {"day": day, "kind": str(kind), "vendor": vendor})
    yield made
    made.close()


def days(warehouse: Warehouse, parameters: str, where: str, **sent: Any) -> list[str]:
    """The pick-up days of the rows that a report with these parameters finds."""
    text = f"SELECT pickup_date FROM nyc_yellow_taxi WHERE {where} ORDER BY 1"
    report = load("finance/days.sql", f"/*---\ntitle: Days\nparameters:\n  {parameters}\n---*/\n{text}")
    assert isinstance(report, Report), report
    return [record[0] for record in warehouse.report(report, sent).records]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [(["1"], ["2015-12-01"]), (["3", "1", "3"], ["2015-12-01", "2016-01-01"]), (["9"], [])],
)
def test_a_list_finds_the_rows_of_its_values(warehouse: Warehouse, chosen: list[str], found: list[str]) -> None:
    """A list of texts compares with a column of numbers."""
    assert days(warehouse, "kinds: {type: several}", "payment_type IN (:kinds)", kinds=chosen) == found


def test_a_list_may_exclude(warehouse: Warehouse) -> None:
    found = days(warehouse, "kinds: {type: several}", "payment_type NOT IN (:kinds)", kinds=["1", "2", "4"])
    assert found == ["2016-01-01"]


def test_a_hundred_values_each_keep_their_own_place(warehouse: Warehouse) -> None:
    """`:vendors_1` is no beginning of `:vendors_10`."""
    vendors = [f"vendor {number}" for number in range(98)] + ["CMT", "O'Hara, Inc"]
    found = days(warehouse, "vendors: {type: several}", "vendorid IN (:vendors)", vendors=vendors)
    assert found == ["2015-12-01", "2016-01-01", "2016-02-29"]


def test_a_list_with_sql_in_it_is_only_text(warehouse: Warehouse) -> None:
    evil = ["x') OR 1=1 --", ":vendors_2", "CMT'; DELETE FROM nyc_yellow_taxi; --"]
    assert days(warehouse, "vendors: {type: several}", "vendorid IN (:vendors)", vendors=evil) == []
    assert len(warehouse.rows("SELECT 1 FROM nyc_yellow_taxi").records) == len(ROWS)


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2015-12-01", "2015-12-31", ["2015-12-01", "2015-12-31"]),
        ("2015-12-31", "2015-12-31", ["2015-12-31"]),
        ("2016-02-29", "2016-12-31", ["2016-02-29"]),
    ],
)
def test_a_range_finds_its_first_and_last_day_too(
    warehouse: Warehouse, first: str, last: str, found: list[str]
) -> None:
    where = "pickup_date BETWEEN :days_from AND :days_to"
    assert days(warehouse, "days: {type: daterange}", where, days=[first, last]) == found


def test_a_moving_default_is_bound_as_dates(warehouse: Warehouse) -> None:
    where = "pickup_date NOT BETWEEN :days_from AND :days_to"
    assert len(days(warehouse, "days: {type: daterange, default: last 30 days}", where)) == len(ROWS)
