"""The filter bar: each type's control, and what it shows."""

from typing import Any

import dash_mantine_components as dmc
import pytest

from backend_lambdas.reports.parameter_values import KINDS
from dashboard.filters import controls as filters

CHOICES_FROM = {"report": "payment_types", "value": "id", "label": "name"}


def control(kind: str, value: Any = None, **keys: Any) -> Any:
    return filters.control({"name": "p", "type": kind, "required": False, **keys}, value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_of_the_backend_has_a_control(kind: str) -> None:
    drawn = control(kind, label="Payment", help="As the meter has it", choices=["1"])
    assert drawn.id == {"type": "filter", "name": "p", "kind": kind}
    assert (drawn.label, drawn.description) == ("Payment", "As the meter has it")
    assert drawn.to_plotly_json()["namespace"] == "dash_mantine_components"


@pytest.mark.parametrize(
    ("kind", "wire", "shown"),
    [
        ("month", "2015-12", "2015-12-01"),
        ("year", "2015", "2015-01-01"),
        ("date", "2015-12-31", "2015-12-31"),
        ("daterange", ["2015-12-01", "2015-12-31"], ["2015-12-01", "2015-12-31"]),
        ("integer", "3", 3),
        ("integer", "-3", -3),
        ("number", "2.50", 2.5),
        ("number", 2, 2),
        ("text", "a", "a"),
        ("choice", "2", "2"),
        ("several", ["2", "1", "2"], ["2", "1"]),
    ],
)
def test_a_default_is_shown_and_a_value_goes_before_it(kind: str, wire: Any, shown: Any) -> None:
    assert control(kind, default=wire, choices=["1", "2"]).value == shown
    other = {"month": "2014-01", "year": "2014", "date": "2014-01-01", "daterange": ["2014-01-01", "2014-01-02"]}
    default = other.get(kind, ["1"] if kind == "several" else "1")
    assert control(kind, wire, default=default, choices=["1", "2"]).value == shown


@pytest.mark.parametrize(("kind", "nothing"), [("text", ""), ("several", []), ("integer", None), ("month", None)])
def test_without_a_default_a_control_is_empty(kind: str, nothing: Any) -> None:
    """So it is while the default's report has not answered."""
    assert control(kind, defaultFrom={"report": "newest", "column": "m"}).value == nothing


@pytest.mark.parametrize(
    ("kind", "low", "high", "first", "last"),
    [
        ("month", "2015-02", "2015-11", "2015-02-01", "2015-11-01"),
        ("year", "2009", "2019", "2009-01-01", "2019-01-01"),
        ("date", "2015-01-31", "2015-12-31", "2015-01-31", "2015-12-31"),
        ("daterange", "2015-01-31", "2015-12-31", "2015-01-31", "2015-12-31"),
    ],
)
def test_a_picker_ends_at_the_bounds(kind: str, low: str, high: str, first: str, last: str) -> None:
    drawn = control(kind, min=low, max=high)
    assert (drawn.minDate, drawn.maxDate) == (first, last)


def test_a_number_has_its_bounds() -> None:
    drawn = control("number", min="-0.5", max="10")
    assert (drawn.min, drawn.max, drawn.allowDecimal) == (-0.5, 10, True)
    assert control("integer").allowDecimal is False


def test_a_range_is_picked_from_one_calendar() -> None:
    drawn = control("daterange")
    assert isinstance(drawn, dmc.DatePickerInput)
    assert drawn.type == "range"


def test_several_are_chosen_from_what_is_offered() -> None:
    drawn = control("several", choices=["1", "2"])
    assert isinstance(drawn, dmc.MultiSelect)
    assert (drawn.data, drawn.searchable, drawn.clearable) == (["1", "2"], True, True)


def test_several_free_texts_are_typed() -> None:
    assert isinstance(control("several"), dmc.TagsInput)


@pytest.mark.parametrize("kind", ["choice", "several"])
def test_choices_of_another_report_are_filled_in_later(kind: str) -> None:
    """A value of the address stays chosen meanwhile."""
    chosen = "2" if kind == "choice" else ["2"]
    drawn = control(kind, chosen, choicesFrom=CHOICES_FROM)
    assert (drawn.data, drawn.searchable, drawn.value) == ([], True, chosen)


def test_choices_may_have_labels() -> None:
    options = [{"value": "1", "label": "Card"}]
    assert control("choice", choices=options).data == options


def test_a_long_list_of_choices_can_be_searched() -> None:
    assert control("choice", choices=[str(number) for number in range(20)]).searchable
    assert not control("choice", choices=["1", "2"]).searchable


def test_a_parameter_of_many_reports_has_one_control() -> None:
    month = {"name": "month", "type": "month", "default": "2015-12"}
    reports = [
        {"parameters": [month]},
        {"parameters": [month | {"default": "2015-11"}, {"name": "month", "type": "text"}]},
    ]
    assert filters.shared(reports) == [month, {"name": "month", "type": "text"}]


def test_choices_are_read_by_their_labels() -> None:
    choices = [{"value": "Card", "label": "Karte"}, {"value": "Cash", "label": "Bar"}]
    for kind in ("choice", "several"):
        assert control(kind, "Card" if kind == "choice" else ["Card"], choices=choices).data == choices
    assert filters.choice_labels({"choices": choices}) == {"Card": "Karte", "Cash": "Bar"}
    assert filters.choice_labels({"choices": ["Card"]}) == filters.choice_labels({}) == {}
