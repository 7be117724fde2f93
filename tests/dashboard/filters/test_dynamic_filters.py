"""Filters that another report's rows fill, and a panel's own ones."""

import pytest

from dashboard.filters import dynamic_filters as filter_rows
from dashboard.gateway.results import Column, Result

MONTHS = Result(
    "s", "newest", "now", 3, (Column("trip_month", "date"), Column("label", "string")),
    (("2015-12-01", "December"), ("2015-11-01", "November"), (None, "never")),
)  # fmt: skip


def test_the_first_row_becomes_the_default() -> None:
    """A date column gives a month its year and month."""
    parameter = {"name": "month", "type": "month", "defaultFrom": {"report": "newest", "column": "trip_month"}}
    assert filter_rows.filled(parameter, "newest", MONTHS) == {"name": "month", "type": "month", "default": "2015-12"}


def test_rows_become_choices_with_labels() -> None:
    wanted = {"report": "newest", "value": "label", "label": "label"}
    known = filter_rows.filled({"name": "m", "type": "choice", "choicesFrom": wanted}, "newest", MONTHS)
    assert known["choices"][0] == {"value": "December", "label": "December"}
    assert "choicesFrom" not in known


def test_another_source_fills_nothing() -> None:
    """With two sources each fills its own part, in either order."""
    parameter = {"name": "m", "type": "month", "defaultFrom": {"report": "newest", "column": "trip_month"}}
    assert filter_rows.filled(parameter, "other", MONTHS) == parameter


@pytest.mark.parametrize("column", ["no_such_column", "trip_month"])
def test_without_rows_there_is_no_default(column: str) -> None:
    empty = Result("s", "newest", "now", 0, MONTHS.columns, ())
    parameter = {"name": "m", "type": "month", "defaultFrom": {"report": "newest", "column": column}}
    assert filter_rows.filled(parameter, "newest", empty) == {"name": "m", "type": "month"}


@pytest.mark.parametrize("kind", ["month", "year", "date", "daterange", "integer", "number", "text", "several"])
def test_an_own_control_is_empty_until_it_is_set(kind: str) -> None:
    """Empty means that the page's value counts, also where the report has a default."""
    control = filter_rows.own({"name": "p", "type": kind}, "revenue", None)
    assert control.id == {"type": "own", "topic": "revenue", "name": "p", "kind": kind}
    assert control.value in (None, "", [], [None, None])


def test_an_own_control_shows_what_the_address_says() -> None:
    assert filter_rows.own({"name": "month", "type": "month"}, "revenue", "2015-11").value == "2015-11-01"
