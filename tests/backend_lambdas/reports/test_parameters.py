"""Parameters: what a value must be to be bound, and as which text it is."""

import datetime
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from backend_lambdas.errors import BadParameter, Forbidden
from backend_lambdas.reports import parameter_checks, parameters
from backend_lambdas.reports.mistakes import HeaderMistake
from backend_lambdas.reports.parameters import Parameter

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
    ({"type": "choice", "choices": ["a", "a"]}, "choices: a choice stands there twice"),
    ({"type": "choice", "choices": [""]}, "choices: A text of 1 to"),
    ({"type": "several", "choices": ["a"], "pattern": "a"}, "pattern: choices are their own pattern"),
    ({"type": "several", "default": "a"}, "default: A list of values is expected"),
    ({"type": "several", "default": []}, "default: A list of 1 to 100 values"),
    ({"type": "several", "choices": ["a"], "default": ["b"]}, "one of the values offered"),
    ({"type": "several", "default": {"report": "r", "column": "c"}}, "takes no default from a report"),
    ({"type": "daterange", "default": {"report": "r", "column": "c"}}, "takes no default from a report"),
    ({"type": "daterange", "default": "2015-12-01"}, "Two dates, .* Or write today, yesterday, .* or year to date"),
    ({"type": "daterange", "default": ["2015-12-02", "2015-12-01"]}, "must not be after the last"),
    ({"type": "daterange", "default": ["2015-12-01", "2015-12-03"], "max_days": 2}, "at most 2 days; these are 3"),
    ({"type": "daterange", "min": "2015-12"}, "min: A date like"),
    ({"type": "date", "default": "last month"}, r"A date like 2015-12-31 .* Or write today or yesterday\."),
    ({"type": "date", "max": "tomorrow"}, r"max: .* Or write today or yesterday\."),
    ({"type": "date", "min": "today", "max": "yesterday"}, "min is above max"),
    ({"type": "month", "default": ["2015-12"]}, "A month like 2015-12"),
    ({"type": "text", "default": ["a"]}, "A text of 1 to"),
    ({"type": "text", "required": True, "default": "x"}, "exactly when it has no default"),
]


@pytest.mark.parametrize(("declared", "reason"), BROKEN)
def test_a_declaration_that_contradicts_itself_is_refused(declared: dict[str, Any], reason: str) -> None:
    with pytest.raises(HeaderMistake, match=reason):
        parameter_checks.check_one(convert(declared, Parameter))


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


SEVERAL = Parameter(type="several")
CHOSEN = Parameter(type="several", choices=["1", "2", "3"])


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_characters="\x00"), min_size=1, max_size=9), min_size=1, max_size=100
    )
)
def test_a_list_is_bound_value_by_value_whatever_its_order(texts: list[str]) -> None:
    """Doubles are dropped, and the same values in another order are the same query."""
    bound = parameters.bind({"p": SEVERAL}, {"p": texts}, {})
    assert sorted(bound.values()) == sorted(set(texts))
    assert list(bound) == [f"p_{number}" for number in range(1, len(set(texts)) + 1)]
    assert parameters.bind({"p": SEVERAL}, {"p": texts[::-1] + texts}, {}) == bound
    assert parameters.lists({"p": SEVERAL}, bound) == {"p": list(bound)}


@given(ANYTHING | st.lists(ANYTHING, max_size=4))
def test_whatever_is_sent_for_a_list_becomes_texts_or_a_bad_parameter(value: Any) -> None:
    try:
        bound = parameters.bind({"p": SEVERAL}, {"p": value}, {})
    except BadParameter:
        return
    assert isinstance(value, list)
    assert set(bound.values()) == set(value)


@pytest.mark.parametrize("value", ["1", "", [], {}, 1, True, [1], [None], [["1"]], [""], ["a\x00"], ["x" * 1001]])
def test_what_is_no_list_of_texts_is_refused(value: Any) -> None:
    with pytest.raises(BadParameter, match=r"^p: .+ expected\.$"):
        parameters.bind({"p": SEVERAL}, {"p": value}, {})


def test_a_list_has_at_most_a_hundred_values() -> None:
    hundred = [str(number) for number in range(100)]
    assert len(parameters.bind({"p": SEVERAL}, {"p": hundred}, {})) == 100
    with pytest.raises(BadParameter, match="1 to 100 values"):
        parameters.bind({"p": SEVERAL}, {"p": [*hundred, "100"]}, {})


def test_several_choices_are_all_among_those_offered() -> None:
    assert parameters.bind({"p": CHOSEN}, {"p": ["3", "1"]}, {}) == {"p_1": "1", "p_2": "3"}
    with pytest.raises(BadParameter, match="one of the values offered"):
        parameters.bind({"p": CHOSEN}, {"p": ["1", "4"]}, {})


def test_each_text_of_a_list_has_the_pattern() -> None:
    with pytest.raises(BadParameter, match="expected form"):
        parameters.bind({"p": Parameter(type="several", pattern="[a-z]+")}, {"p": ["a", "B"]}, {})


@given(st.dates(), st.dates())
def test_a_range_is_bound_as_its_two_ends(one: datetime.date, other: datetime.date) -> None:
    sent = [one.isoformat(), other.isoformat()]
    if one > other:
        with pytest.raises(BadParameter, match="must not be after the last"):
            parameters.bind({"p": Parameter(type="daterange")}, {"p": sent}, {})
    else:
        bound = parameters.bind({"p": Parameter(type="daterange")}, {"p": sent}, {})
        assert bound == {"p_from": sent[0], "p_to": sent[1]}


@given(ANYTHING | st.lists(ANYTHING | NEARLY, max_size=3))
def test_whatever_is_sent_for_a_range_becomes_two_dates_or_a_bad_parameter(value: Any) -> None:
    try:
        bound = parameters.bind({"p": Parameter(type="daterange")}, {"p": value}, {})
    except BadParameter:
        return
    assert list(bound.values()) == value


@pytest.mark.parametrize(
    "value",
    ["2015-12-01", ["2015-12-01"], ["2015-12-01"] * 3, ["2015-12-01", None], ["2015-12-01", "2015-12-32"], {}, []],
)
def test_what_is_no_pair_of_dates_is_refused(value: Any) -> None:
    with pytest.raises(BadParameter, match=r"^p: .+ expected\.$"):
        parameters.bind({"p": Parameter(type="daterange")}, {"p": value}, {})


RANGE = Parameter(type="daterange", min="2015-01-01", max="2015-12-31", max_days=31)


@given(st.dates(datetime.date(2014, 12, 1), datetime.date(2016, 1, 31)), st.integers(0, 40))
def test_bounds_hold_for_both_ends_of_a_range_and_its_days_are_counted(first: datetime.date, more: int) -> None:
    last = first + datetime.timedelta(days=more)
    allowed = datetime.date(2015, 1, 1) <= first <= last <= datetime.date(2015, 12, 31) and more < 31
    try:
        parameters.bind({"p": RANGE}, {"p": [str(first), str(last)]}, {})
    except BadParameter:
        assert not allowed
    else:
        assert allowed


DAY = datetime.date(2016, 3, 1)


@pytest.mark.parametrize(
    ("kind", "word", "bound"),
    [
        ("date", "today", ["2016-03-01"]),
        ("date", "yesterday", ["2016-02-29"]),
        ("month", "last month", ["2016-02"]),
        ("month", "this month", ["2016-03"]),
        ("year", "last year", ["2015"]),
        ("daterange", "last 7 days", ["2016-02-24", "2016-03-01"]),
        ("daterange", "last month", ["2016-02-01", "2016-02-29"]),
    ],
)
def test_a_default_told_by_a_word_is_bound_and_shown_as_of_the_day(kind: Any, word: str, bound: list[str]) -> None:
    parameter = Parameter(type=kind, default=word)
    parameter_checks.check_one(parameter)
    assert list(parameters.bind({"p": parameter}, {}, {}, DAY).values()) == bound
    assert parameter.public(DAY)["default"] == (bound if kind == "daterange" else bound[0])


@pytest.mark.parametrize("kind", ["date", "month", "year", "daterange", "integer"])
def test_a_word_is_for_authors_only(kind: Any) -> None:
    """A link holds the value itself, so that it shows the same tomorrow."""
    with pytest.raises(BadParameter):
        parameters.bind({"p": Parameter(type=kind)}, {"p": "today"}, {})


def test_a_bound_told_by_a_word_moves_with_the_day() -> None:
    parameter = Parameter(type="date", max="today", min="2016-01-01")
    parameter_checks.check_one(parameter)
    assert parameter.public(DAY)["max"] == "2016-03-01"
    assert parameters.bind({"p": parameter}, {"p": "2016-03-01"}, {}, DAY) == {"p": "2016-03-01"}
    with pytest.raises(BadParameter, match=r"must be 2016-03-01 or less\.$"):
        parameters.bind({"p": parameter}, {"p": "2016-03-02"}, {}, DAY)


def test_of_a_month_as_a_bound_of_a_range_the_outer_day_counts() -> None:
    parameter = Parameter(type="daterange", min="last month", max="this month")
    assert (parameter.public(DAY)["min"], parameter.public(DAY)["max"]) == ("2016-02-01", "2016-03-31")


def test_no_report_breaks_overnight() -> None:
    """A default that moves is not held against bounds that stand still, nor the other way round, until it is used."""
    moving = convert({"type": "date", "default": "yesterday", "min": "2099-12-31"}, Parameter)
    standing = convert({"type": "date", "default": "2015-12-31", "min": "today"}, Parameter)
    for parameter in (moving, standing):
        parameter_checks.check_one(parameter)
        with pytest.raises(BadParameter, match=r"^p: The value must be"):
            parameters.bind({"p": parameter}, {}, {}, DAY)


def test_a_client_learns_where_choices_and_default_come_from() -> None:
    declared = {
        "type": "choice",
        "choices": {"report": "payment_types", "value": "id"},
        "default": {"report": "usual_payment", "column": "id"},
    }
    parameter = convert(declared, Parameter)
    parameter_checks.check_one(parameter)
    assert parameter.public() == {
        "type": "choice",
        "choicesFrom": {"report": "payment_types", "value": "id", "label": "id"},
        "defaultFrom": {"report": "usual_payment", "column": "id"},
        "required": True,
    }


def test_a_choice_of_another_reports_rows_is_bound_as_a_text() -> None:
    """It is bound, never pasted, so the report's rows need not be read to be safe."""
    parameter = convert({"type": "choice", "choices": {"report": "r", "value": "v", "label": "l"}}, Parameter)
    assert bind(parameter, {"p": "anything"}) == "anything"
    with pytest.raises(BadParameter):
        bind(parameter, {"p": "x" * 1001})


def test_without_the_value_of_a_default_from_a_report_a_run_is_refused() -> None:
    parameter = convert({"type": "month", "default": {"report": "r", "column": "c"}}, Parameter)
    with pytest.raises(BadParameter, match=r"^p: this filter needs a value\.$"):
        bind(parameter, {})


@pytest.mark.parametrize("pattern", ["(a+)+", "(a*)*b", "((a+))+", "(?:a+b?)*", "(x(a+))*", "(a{2,})+", "(?P<n>a+)+"])
def test_a_repeat_in_a_repeated_group_is_refused(pattern: str) -> None:
    """Matching it can take longer than the world has existed, on a text of fifty characters."""
    with pytest.raises(HeaderMistake, match="can take for ever"):
        parameter_checks.check_one(Parameter(type="text", pattern=pattern))


@pytest.mark.parametrize(
    "pattern", ["[A-Z]{2}(-[0-9]{3})+", "(a|b)+", r"(\+\*)+", "([+*])+", "(ab)+c+", "a+b*", r"\(a+\)+"]
)
def test_other_patterns_are_taken(pattern: str) -> None:
    parameter_checks.check_one(Parameter(type="text", pattern=pattern))


def test_a_pattern_is_tried_on_short_texts_only() -> None:
    parameter = Parameter(type="text", pattern="a+")
    assert bind(parameter, {"p": "a" * 200}) == "a" * 200
    with pytest.raises(BadParameter, match="expected form"):
        bind(parameter, {"p": "a" * 201})


@pytest.mark.parametrize("key", parameter_checks.GOES_WITH)
@pytest.mark.parametrize("kind", parameter_checks.TYPES)
def test_a_key_goes_with_its_types_only(kind: Any, key: str) -> None:
    values = {"choices": ["1"], "labels": {"1": "One"}, "max_days": 3, "pattern": ".", "claim": "custom:x"}
    bound = {"integer": "1", "number": "1", "month": "2015-01", "year": "2015"}.get(kind, "2015-01-01")
    has_choices = kind == "choice" or (kind == "several" and key == "labels")
    declared = {"type": kind, key: values.get(key, bound)} | ({"choices": ["1"]} if has_choices else {})
    parameter = convert(declared, Parameter)
    if kind in parameter_checks.GOES_WITH[key]:
        parameter_checks.check_one(parameter)
    else:
        with pytest.raises(HeaderMistake, match=f"^{key}: goes with type "):
            parameter_checks.check_one(parameter)


@pytest.mark.parametrize(
    ("declared", "clash"),
    [
        ({"p": "several", "p_1": "text"}, "p: .*:p_1 needs another name"),
        ({"p_12": "integer", "p": "several"}, "p: .*:p_12 needs another name"),
        ({"p": "daterange", "p_to": "date"}, "p_to: another parameter has the placeholder :p_to"),
        ({"p_from": "date", "p": "daterange"}, "p: another parameter has the placeholder :p_from"),
    ],
)
def test_no_two_parameters_share_a_placeholder(declared: dict[str, Any], clash: str) -> None:
    with pytest.raises(HeaderMistake, match=clash):
        parameter_checks.check({name: Parameter(type=kind) for name, kind in declared.items()})


@pytest.mark.parametrize("name", ["tab", "view"])
def test_a_name_that_an_address_needs_itself_is_refused(name: str) -> None:
    with pytest.raises(HeaderMistake, match="choose another name"):
        parameter_checks.check({name: Parameter(type="text")})


def test_placeholders_that_only_look_alike_may_stand_together() -> None:
    kinds: dict[str, Any] = {"p": "several", "p_x": "text", "p_1x": "text", "q": "daterange", "q_1": "text"}
    parameter_checks.check({name: Parameter(type=kind) for name, kind in kinds.items()})


def test_a_range_offers_the_words_that_it_takes() -> None:
    day = datetime.date(2016, 3, 10)
    free, short = Parameter(type="daterange"), Parameter(type="daterange", max_days=10)
    assert free.public(day)["words"]["last 7 days"] == ["2016-03-04", "2016-03-10"]
    assert list(short.public(day)["words"]) == ["last 7 days", "month to date"]
    assert "words" not in Parameter(type="date").public(day)


def test_a_range_of_data_that_end_in_the_past_begins_with_their_last_days() -> None:
    day = datetime.date(2026, 3, 10)
    closed = Parameter(type="daterange", default="last 7 days", min="last year", max="2015-12-31")
    parameter_checks.check({"days": closed})
    public = closed.public(day)
    assert public["default"] == ["2015-12-25", "2015-12-31"]
    assert public["words"]["month to date"] == ["2015-12-01", "2015-12-31"]
    assert public["min"] == "2014-01-01"
    assert parameters.bind({"days": closed}, {}, {}, day) == {"days_from": "2015-12-25", "days_to": "2015-12-31"}


def zone(*sent: str, **others: Any) -> dict[str, Parameter]:
    written = {"type": "choice", "choices": {"report": "zones", "value": "zone", "with": list(sent)}}
    return {"zone": convert(written, Parameter), **{name: convert(each, Parameter) for name, each in others.items()}}


def test_choices_may_depend_on_another_filter() -> None:
    declared = zone("borough", borough={"type": "choice", "choices": ["Bronx"]})
    parameter_checks.check(declared)
    assert declared["zone"].public()["choicesFrom"]["with"] == ["borough"]


def test_choices_from_a_report_may_have_labels_though_they_are_not_known_here() -> None:
    written = {"type": "choice", "choices": {"report": "zones", "value": "zone"}, "labels": {"all": "All zones"}}
    declared = {"zone": convert(written, Parameter)}
    parameter_checks.check(declared)
    assert declared["zone"].public()["choicesFrom"]["labels"] == {"all": "All zones"}


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ({}, "zone.choices.with: there is no filter 'borough'"),
        ({"borough": {"type": "text", "claim": "custom:b"}}, "zone.choices.with: there is no filter 'borough'"),
        (
            {"borough": {"type": "choice", "choices": {"report": "b", "value": "b", "with": ["zone"]}}},
            "zone.choices.with: 'zone' and 'borough' each wait for the other's choices",
        ),
    ],
)
def test_choices_that_wait_for_nothing_or_in_a_circle_are_refused(others: Any, reason: str) -> None:
    with pytest.raises(HeaderMistake, match=reason):
        parameter_checks.check(zone("borough", **others))


WAYS = Parameter(type="choice", choices=["a", "b", "c"], default="a", defaults={"finance": "b", "leads": "c"})


@pytest.mark.parametrize(
    ("groups", "default"), [([], "a"), (["finance"], "b"), (["leads"], "c"), (["leads", "finance"], "b"), (["x"], "a")]
)
def test_a_default_may_be_a_groups(groups: list[str], default: str) -> None:
    assert WAYS.public(groups=groups)["default"] == default
    assert parameters.bind({"way": WAYS}, {}, {}, groups=groups) == {"way": default}
    assert parameters.bind({"way": WAYS}, {"way": "a"}, {}, groups=groups) == {"way": "a"}


def test_whoever_is_in_no_group_that_has_a_default_must_choose() -> None:
    own = Parameter(type="text", defaults={"finance": "b"})
    assert own.public(groups=["finance"])["required"] is False
    assert own.public()["required"] is True
    with pytest.raises(BadParameter, match="needs a value"):
        parameters.bind({"way": own}, {}, {}, groups=["leads"])


def test_a_groups_default_is_held_to_the_same_rules() -> None:
    with pytest.raises(HeaderMistake, match=r"^way\.defaults\.leads: Choose one of the values offered"):
        parameter_checks.check({"way": Parameter(type="choice", choices=["a"], default="a", defaults={"leads": "z"})})
    with pytest.raises(HeaderMistake, match="a claim has no default"):
        parameter_checks.check({"way": Parameter(type="text", claim="custom:way", defaults={"leads": "z"})})
