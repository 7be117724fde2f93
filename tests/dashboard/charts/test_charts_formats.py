"""How numbers and dates read in cards, tooltips and tables."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.formats import MINUS, MISSING, SPACE, full, short

STYLES = ("currency", "number", "thousands", "percent", "date", "text", None, "unheard of")
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


def plain(text: str) -> str:
    return text.replace(SPACE, " ").replace(MINUS, "-")


@pytest.mark.parametrize(
    ("value", "style", "expected"),
    [
        ("171214000.55", "currency", "$171.2 M"),
        (6213400.5, "currency", "$6.21 M"),
        (12.87, "currency", "$12.87"),
        (12.5, "currency", "$12.50"),
        (500, "currency", "$500"),
        (8214.4, "currency", "$8,214"),
        (-2_100_000, "currency", "-$2.1 M"),
        (0, "currency", "$0"),
        (-0.001, "currency", "$0.00"),
        (11_460_000, "number", "11.46 M"),
        (9999.6, "number", "10 K"),
        (999_999, "number", "1 M"),
        (999_950_000, "number", "1 B"),
        (1e15, "number", "1,000 T"),
        (1e300, "number", "1e300"),
        (0.0004, "number", "0.0004"),
        (0.1 + 0.2, "number", "0.3"),
        (312_450, "thousands", "312,450"),
        (11_460_000, "thousands", "11.46 M"),
        (0.179, "percent", "17.9%"),
        (0.17, "percent", "17%"),
        (0.0004, "percent", "0.04%"),
        (-0.5, "percent", "-50%"),
        ("2015-12-06", "date", "Dec 6"),
        ("2015-12-06T10:15:00", "date", "Dec 6, 10:15"),
        ("Credit card", "currency", "Credit card"),
        ("Credit card", "date", "Credit card"),
        (2015, None, "2015"),
        (True, "number", "Yes"),
    ],
)
def test_short_is_what_a_card_says(value: object, style: str | None, expected: str) -> None:
    assert plain(short(value, style)) == expected


@pytest.mark.parametrize(
    ("value", "style", "expected"),
    [
        ("6213400.50", "currency", "$6,213,400.50"),
        (-6213400.5, "currency", "-$6,213,400.50"),
        ("12345678901234567.89", "number", "12,345,678,901,234,567.89"),
        (0.1 + 0.2, "number", "0.3"),
        (1234567, "thousands", "1,234,567"),
        (0.17254, "percent", "17.25%"),
        (1e300, "currency", "$1e300"),
        ("12345678901234567890123456789012345678", "number", "12,345,678,901,234,567,890,123,456,789,012,345,678"),
        ("0.12345678901234567890123456789012345678", "number", "0.12345678901234567890123456789012345678"),
        ("123456789012345678901234567890123.45678", "percent", "12,345,678,901,234,567,890,123,456,789,012,345.68%"),
        (
            "12345678901234567890123456789012345678.5",
            "currency",
            "$12,345,678,901,234,567,890,123,456,789,012,345,678.50",
        ),
        ("1.2345678e-25", "number", "1.2345678e-25"),
        ("1e-25", "currency", "$0.00"),
        (9007199254740993, "number", "9,007,199,254,740,993"),
        ("2015-12-06T10:15:09.120", "date", "Dec 6, 2015, 10:15:09.12"),
        ("2015-12-06T00:00:00+02:00", "date", "Dec 6, 2015, 00:00:00 +02:00"),
        ("NaN", "number", "NaN"),
        ("-Infinity", "currency", "-Infinity"),
        ("2015-12-06", "date", "Dec 6, 2015"),
        ("2015-12-06T10:15:09", "date", "Dec 6, 2015, 10:15:09"),
        (False, None, "No"),
        ("x", "percent", "x"),
    ],
)
def test_full_says_all_digits(value: object, style: str | None, expected: str) -> None:
    assert full(value, style) == expected


@pytest.mark.parametrize("value", [None, float("nan"), float("-inf"), Decimal("NaN"), Decimal("Infinity")])
@pytest.mark.parametrize("style", STYLES)
def test_what_is_no_value_is_a_dash(value: object, style: str | None) -> None:
    assert short(value, style) == full(value, style) == MISSING


@pytest.mark.parametrize("text", ["007", "1e3", "True", "nan", "NaN", "Infinity", "2015-13", "", "None"])
@pytest.mark.parametrize("style", ["text", None])
def test_a_text_is_never_taken_for_something_else(text: str, style: str | None) -> None:
    assert short(text, style) == full(text, style) == text


@given(
    st.integers(-(10**17), 10**17) | st.floats(-1e17, 1e17).filter(lambda number: abs(number) >= 0.01 or number == 0)
)
def test_a_short_number_is_short_and_close_to_the_value(value: float) -> None:
    text = plain(short(value, "number"))
    digits, _, unit = text.partition(" ")
    said = float(digits.replace(",", "")) * _UNITS[unit]
    assert len(text) <= 11
    assert said == pytest.approx(float(value), rel=0.0051, abs=0.0051)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4))
def test_a_full_decimal_loses_nothing(value: Decimal) -> None:
    assert Decimal(full(value, "number").replace(",", "")) == value


@given(st.integers(1, 10**20), st.sampled_from(("currency", "number", "thousands", "percent")))
def test_a_negative_number_is_the_positive_one_with_a_minus(value: int, style: str) -> None:
    assert short(-value, style) == MINUS + short(value, style)
    assert full(-value, style) == "-" + full(value, style)


@given(st.integers() | st.floats() | st.text() | st.decimals() | st.booleans() | st.none(), st.sampled_from(STYLES))
def test_whatever_the_value_there_is_a_text(value: object, style: str | None) -> None:
    assert isinstance(short(value, style), str)
    assert isinstance(full(value, style), str)
