"""Filters in an address: what a link may ask for is exactly what the backend would take."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from backend_lambdas.errors import BadParameter
from backend_lambdas.reports import parameter_values, parameters
from dashboard.filters.query_codec import from_wire, to_query

ONE_VALUE = ("text", "integer", "number", "date", "month", "year")
NEARLY = st.from_regex(r"[+-]?[0-9]{0,19}([.eE-][0-9]{0,3})*", fullmatch=True) | st.dates().map(str)
ANY_TEXT = st.text(max_size=12) | NEARLY | st.text(min_size=999, max_size=1002)


def taken(declared: dict[str, Any], sent: Any) -> list[str] | None:
    """The texts that the backend binds; None when it refuses."""
    parameter = convert(declared, parameters.Parameter)
    try:
        return list(parameters.bind({"p": parameter}, {"p": sent}, {}).values())
    except BadParameter:
        return None


@pytest.mark.parametrize("kind", ONE_VALUE)
@given(text=ANY_TEXT)
def test_an_address_and_the_backend_agree_on_every_text(kind: str, text: str) -> None:
    """What is read here is what the backend would bind; what it would refuse is None."""
    value = from_wire({"type": kind}, text)
    assert ([value] if value is not None else None) == taken({"type": kind}, text)


BOUNDED = [
    ("integer", "-5", "12"),
    ("number", "-0.5", "2.25"),
    ("date", "2015-01-31", "2015-12-31"),
    ("month", "2015-02", "2015-11"),
    ("year", "2009", "2019"),
]


@pytest.mark.parametrize(("kind", "low", "high"), BOUNDED)
@given(data=st.data())
def test_bounds_hold_as_in_the_backend(kind: str, low: str, high: str, data: st.DataObject) -> None:
    edges = st.sampled_from([low, high, low + "0", high + "1"])
    days = st.dates(datetime.date(2008, 1, 1), datetime.date(2020, 12, 31)).map(str)
    text = data.draw(edges | NEARLY | days | days.map(lambda day: day[:7]) | days.map(lambda day: day[:4]))
    declared = {"type": kind, "min": low, "max": high}
    assert (from_wire(declared, text) is None) == (taken(declared, text) is None)


@given(
    st.lists(st.text(max_size=6), max_size=5) | st.lists(st.text(alphabet="a,\\", max_size=4), min_size=1, max_size=4)
)
def test_several_values_come_back_from_an_address(texts: list[str]) -> None:
    """Commas and backslashes inside of a value too; what the backend would refuse is None."""
    value = from_wire({"type": "several"}, to_query(texts))
    bound = taken({"type": "several"}, texts)
    assert (sorted(value) if value is not None else None) == bound


@given(st.text(alphabet="ab,\\", max_size=12))
def test_any_text_is_a_list_that_the_backend_takes_or_none(text: str) -> None:
    value = from_wire({"type": "several"}, text)
    if value is not None:
        assert from_wire({"type": "several"}, to_query(value)) == value
        assert taken({"type": "several"}, value) == sorted(value)


@given(st.dates(datetime.date(2014, 12, 1), datetime.date(2016, 1, 31)), st.integers(-3, 40))
def test_ranges_are_judged_as_in_the_backend(first: datetime.date, more: int) -> None:
    bounds = {"min": "2015-01-01", "max": "2015-12-31"}
    sent = [str(first), str(first + datetime.timedelta(days=more))]
    value = from_wire({"type": "daterange", "maxDays": 31, **bounds}, to_query(sent))
    assert value == taken({"type": "daterange", "max_days": 31, **bounds}, sent)


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        ({"type": "text"}, ""),
        ({"type": "several"}, ""),
        ({"type": "several"}, "1,,2"),
        ({"type": "several", "choices": ["1", "2"]}, "1,3"),
        ({"type": "several"}, ",".join(map(str, range(101)))),
        ({"type": "choice", "choices": ["1", "2"]}, "3"),
        ({"type": "choice", "choices": [{"value": "1", "label": "Card"}]}, "Card"),
        ({"type": "choice", "choices": []}, "1"),
        ({"type": "text", "pattern": "[A-Z]{2}"}, "DEU"),
        ({"type": "text", "pattern": "a+"}, "a" * 201),
        ({"type": "daterange"}, "2015-12-01"),
        ({"type": "daterange"}, "2015-12-01,2015-12-02,2015-12-03"),
        ({"type": "daterange"}, "2015-12-02,2015-12-01"),
        ({"type": "month"}, "last month"),
        ({"type": "number"}, "nan"),
    ],
)
def test_a_value_that_the_report_cannot_use_is_none(parameter: dict[str, Any], text: str) -> None:
    assert from_wire(parameter, text) is None


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        ({"type": "integer"}, "007", "7"),
        ({"type": "several", "choices": ["1", "2"]}, "2,1,2", ["2", "1"]),
        ({"type": "several", "choices": [{"value": "1", "label": "Card"}]}, "1", ["1"]),
        ({"type": "several", "choicesFrom": {"report": "r", "value": "v", "label": "l"}}, "x", ["x"]),
        ({"type": "choice", "choicesFrom": {"report": "r", "value": "v", "label": "l"}}, "a,b", "a,b"),
        ({"type": "daterange"}, "2015-12-01,2015-12-01", ["2015-12-01", "2015-12-01"]),
        ({"type": "text", "pattern": "[A-Z]{2}"}, "DE", "DE"),
    ],
)
def test_a_value_is_given_as_the_wire_has_it(parameter: dict[str, Any], text: str, value: Any) -> None:
    assert from_wire(parameter, text) == value


def test_every_type_of_the_backend_can_stand_in_an_address() -> None:
    written = {"integer": "1", "number": "1", "month": "2015-12", "year": "2015", "daterange": "2015-12-01,2015-12-02"}
    for kind in parameter_values.KINDS:
        assert from_wire({"type": kind}, written.get(kind, "2015-12-01")) is not None
