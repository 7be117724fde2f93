"""Parameters: what a value must be to be bound, and as which text it is."""

import datetime
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambdas import parameter_checks, parameters
from backend_lambdas.errors import BadParameter, Forbidden
from backend_lambdas.mistakes import HeaderMistake
from backend_lambdas.parameters import Parameter

TYPES = ("text", "integer", "number", "date", "month", "year")


def bind(parameter: Parameter, sent: Mapping[str, Any], **claims: str) -> str:
    return parameters.bind({"p": parameter}, sent, claims)["p"]


GOOD = [
    ("text", "'; DROP TABLE nyc_yellow_taxi; --", "'; DROP TABLE nyc_yellow_taxi; --"),
    ("text", "é" * 1000, "é" * 1000),
    ("text", "null", "null"),
    ("integer", 3, "3"),
    ("integer", "3", "3"),
    ("integer", "-007", "-7"),
    ("integer", "+5", "5"),
    ("integer", 10**18 - 1, "9" * 18),
    ("number", 3, "3"),
    ("number", 2.5, "2.5"),
    ("number", "1e3", "1000"),
    ("number", "-0.000001", "-0.000001"),
    ("date", "2016-02-29", "2016-02-29"),
    ("month", "2015-12", "2015-12"),
    ("year", "2015", "2015"),
    ("year", 2015, "2015"),
]


@pytest.mark.parametrize(("kind", "value", "text"), GOOD)
def test_a_good_value_is_bound_as_its_plain_text(kind: Any, value: Any, text: str) -> None:
    assert bind(Parameter(type=kind), {"p": value}) == text


BAD = [
    ("text", ""),
    ("text", "x" * 1001),
    ("text", "a\x00b"),
    ("text", 5),
    ("integer", ""),
    ("integer", "1.0"),
    ("integer", 1.0),
    ("integer", "1; DROP TABLE t"),
    ("integer", "٣"),
    ("integer", " 1"),
    ("integer", "1\n"),
    ("integer", 10**18),
    ("number", ""),
    ("number", "nan"),
    ("number", "Infinity"),
    ("number", float("nan")),
    ("number", float("inf")),
    ("number", "1e31"),
    ("number", "1e-40"),
    ("number", "1,5"),
    ("number", "9" * 41),
    ("date", "2015-02-29"),
    ("date", "2015-1-1"),
    ("date", "0000-01-01"),
    ("date", "2015-12-31 "),
    ("date", 20151231),
    ("month", "2015-13"),
    ("month", "2015-00"),
    ("month", "12/2015"),
    ("month", "2015-12-01"),
    ("month", "٢٠١٥-١٢"),
    ("year", "15"),
    ("year", 20155),
    ("year", 2015.0),
]


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_a_bad_value_is_refused_with_a_sentence(kind: Any, value: Any) -> None:
    with pytest.raises(BadParameter, match=r"^p: .+ expected\.$"):
        bind(Parameter(type=kind), {"p": value})


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("value", [True, False, [], ["2015-12"], {}, {"p": 1}])
def test_no_type_takes_a_boolean_a_list_or_an_object(kind: Any, value: Any) -> None:
    with pytest.raises(BadParameter):
        bind(Parameter(type=kind), {"p": value})


def test_a_deeply_nested_value_is_refused() -> None:
    """A message may nest as deep as its size allows."""
    with pytest.raises(BadParameter):
        bind(Parameter(type="integer"), {"p": json.loads("[" * 900 + "]" * 900)})


def test_an_integer_too_long_to_print_is_refused() -> None:
    with pytest.raises(BadParameter):
        bind(Parameter(type="number"), {"p": 10**5000})


def test_a_missing_value_is_the_default() -> None:
    assert bind(Parameter(type="month", default="2015-12"), {}) == "2015-12"


@pytest.mark.parametrize("sent", [{}, {"p": None}])
def test_without_a_default_a_missing_value_is_refused_by_its_label(sent: dict[str, Any]) -> None:
    with pytest.raises(BadParameter, match=r"^Trip month: this filter needs a value\.$"):
        bind(Parameter(type="month", label="Trip month"), sent)


def test_an_unknown_parameter_is_refused_and_named_in_short() -> None:
    with pytest.raises(BadParameter, match=r"no filter named '<script>x{32}…'\.$"):
        parameters.bind({}, {"<script>" + "x" * 9000: 1}, {})


@pytest.mark.parametrize(
    ("kind", "low", "high", "below", "above"),
    [
        ("integer", "-5", "10", -6, "11"),
        ("number", "0.5", "9.5", 0.4999, "9.50001"),
        ("date", "2015-01-31", "2015-12-31", "2015-01-30", "2016-01-01"),
        ("month", "2015-02", "2015-11", "2015-01", "2015-12"),
        ("year", "2009", "2019", 2008, 2020),
    ],
)
def test_minimum_and_maximum_hold(kind: Any, low: str, high: str, below: Any, above: Any) -> None:
    parameter = Parameter(type=kind, min=low, max=high)
    assert [bind(parameter, {"p": edge}) for edge in (low, high)] == [low, high]
    with pytest.raises(BadParameter, match=f"must be {low} or more"):
        bind(parameter, {"p": below})
    with pytest.raises(BadParameter, match=f"must be {high} or less"):
        bind(parameter, {"p": above})


def test_a_choice_is_one_of_those_offered() -> None:
    parameter = Parameter(type="choice", choices=["1", "2"])
    assert bind(parameter, {"p": "2"}) == "2"
    for value in ("3", "", 1):
        with pytest.raises(BadParameter):
            bind(parameter, {"p": value})


def test_a_pattern_must_match_all_of_the_text() -> None:
    parameter = Parameter(type="text", pattern="[A-Z]{2}")
    assert bind(parameter, {"p": "DE"}) == "DE"
    with pytest.raises(BadParameter, match="expected form"):
        bind(parameter, {"p": "DE' OR 1=1"})


def test_a_claim_is_bound_from_the_token() -> None:
    assert bind(Parameter(type="text", claim="custom:region"), {}, **{"custom:region": "emea"}) == "emea"


def test_a_claim_cannot_be_sent() -> None:
    """That is what makes it row-level security."""
    with pytest.raises(BadParameter, match="no filter named 'p'"):
        bind(Parameter(type="text", claim="custom:region"), {"p": "apac"}, **{"custom:region": "emea"})


@pytest.mark.parametrize("claims", [{}, {"custom:region": ""}, {"custom:other": "x"}])
def test_a_token_without_the_claim_is_forbidden(claims: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        bind(Parameter(type="text", claim="custom:region"), {}, **claims)


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"type": "choice"}, "a choice needs choices"),
    ({"type": "text", "choices": ["a"]}, "choices: goes with type choice or several only"),
    ({"type": "text", "claim": "custom:x", "default": "y"}, "a claim has no default"),
    ({"type": "month", "default": "2015-13"}, "A month like 2015-12"),
    ({"type": "integer", "min": "low"}, "whole number"),
    ({"type": "integer", "min": "1", "default": "0"}, "must be 1 or more"),
    ({"type": "integer", "min": "2", "max": "1"}, "min is above max"),
    ({"type": "choice", "choices": ["a"], "default": "b"}, "one of the values offered"),
    ({"type": "text", "pattern": "("}, "not a regular expression"),
    ({"type": "text", "pattern": "a{99999999999}"}, "not a regular expression"),
    ({"type": "text", "required": False}, "exactly when it has no default"),
    ({"type": "text", "required": True, "default": "x"}, "exactly when it has no default"),
]


@pytest.mark.parametrize(("declared", "reason"), BROKEN)
def test_a_declaration_that_contradicts_itself_is_refused(declared: dict[str, Any], reason: str) -> None:
    with pytest.raises(HeaderMistake, match=reason):
        parameter_checks.check_one(Parameter.model_validate(declared))


def test_a_client_learns_all_but_the_claim() -> None:
    parameter = Parameter(type="integer", label="Trips", default="3", min="1")
    assert parameter.public() == {"type": "integer", "label": "Trips", "default": "3", "min": "1", "required": False}
    assert Parameter(type="text", required=True).public() == {"type": "text", "required": True}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NEARLY = st.from_regex(r"[+-]?[0-9]{0,19}([.eE-][0-9]{0,3})*", fullmatch=True) | st.dates().map(str)


@pytest.mark.parametrize("kind", TYPES)
@given(value=ANYTHING | NEARLY)
def test_whatever_is_sent_becomes_a_text_or_a_bad_parameter(kind: Any, value: Any) -> None:
    """Never another exception, never an empty text, and the same text when bound again."""
    parameter = Parameter(type=kind)
    try:
        text = bind(parameter, {"p": value})
    except BadParameter:
        return
    assert isinstance(text, str)
    assert text
    assert bind(parameter, {"p": text}) == text


@given(st.dates())
def test_every_date_has_its_text(day: datetime.date) -> None:
    assert bind(Parameter(type="date"), {"p": day.isoformat()}) == day.isoformat()
    assert bind(Parameter(type="month"), {"p": day.isoformat()[:7]}) == day.isoformat()[:7]
    assert bind(Parameter(type="year"), {"p": f"{day.year:04}"}) == f"{day.year:04}"


@given(st.integers(-(10**18) + 1, 10**18 - 1), st.integers(-(10**18) + 1, 10**18 - 1))
def test_bounds_compare_numbers_not_texts(value: int, low: int) -> None:
    parameter = Parameter(type="integer", min=str(low))
    try:
        bind(parameter, {"p": value})
    except BadParameter:
        assert value < low
    else:
        assert value >= low


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6))
def test_a_number_is_bound_without_exponent_and_exactly(value: Any) -> None:
    text = bind(Parameter(type="number"), {"p": str(value)})
    assert "e" not in text.lower()
    assert type(value)(text) == value
