"""Bars, tones and links of cells."""

from typing import Any

import pytest

from dashboard.grid.columns import GridColumn
from dashboard.grid.marks import Scale, link, tone


def test_bars_are_measured_by_the_largest_absolute_value() -> None:
    scale = Scale.of(["5", "10", None, "NaN", "Infinity"])
    assert [scale.bar(value) for value in ("5", "10", "0", None, "NaN")] == [
        [0.0, 50.0],
        [0.0, 100.0],
        None,
        None,
        None,
    ]


def test_negative_bars_lead_to_the_left_from_the_middle() -> None:
    scale = Scale.of([-10, 5])
    assert [scale.bar(value) for value in (-10, -5, 5)] == [[0.0, 50.0], [25.0, 25.0], [50.0, 25.0]]


def test_bars_of_negative_values_alone_begin_at_the_right() -> None:
    assert Scale.of([-10, -5]).bar(-5) == [50.0, 50.0]


def test_there_are_no_bars_of_zeros_and_of_texts() -> None:
    assert Scale.of([0, None]).bar(0) is None
    assert Scale.of(["a"]).bar("a") is None


RULES = ({"below": "0", "is": "bad"}, {"above": "10", "below": "20", "is": "warn"}, {"at": "5", "is": "good"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [("-0.0001", "bad"), ("0", None), ("10", None), ("15", "warn"), ("20", None), ("5.00", "good"), (None, None)],
)
def test_the_first_rule_that_holds_counts(value: Any, expected: str | None) -> None:
    assert tone(GridColumn("x", "X", "decimal", colour=RULES), value) == expected


def test_nan_is_neither_below_nor_above() -> None:
    assert tone(GridColumn("x", "X", "number", colour=RULES), "NaN") is None
    assert tone(GridColumn("x", "X", "number", colour=RULES), "-Infinity") == "bad"


def test_dates_and_texts_have_tones_as_well() -> None:
    dates = GridColumn("d", "D", "date", colour=({"below": "2015-12-01", "is": "warn"},))
    assert [tone(dates, value) for value in ("2015-11-30", "2015-12-01")] == ["warn", None]
    texts = GridColumn("t", "T", "string", colour=({"at": "Dispute", "is": "bad"},))
    assert [tone(texts, value) for value in ("Dispute", "dispute")] == ["bad", None]


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("Queens", "https://example.com/z/Queens?n=7"),
        ("a/b?c#d&e=f\u00e9 <", "https://example.com/z/a%2Fb%3Fc%23d%26e%3Df%C3%A9%20%3C?n=7"),
        ("javascript:alert(1)", "https://example.com/z/javascript%3Aalert%281%29?n=7"),
        ("..", None),
        ("", None),
        (None, None),
    ],
)
def test_a_value_decides_nothing_of_a_link_but_its_own_place(value: Any, address: str | None) -> None:
    assert link("https://example.com/z/{zone}?n={n}", {"zone": value, "n": 7}) == address


def test_a_link_to_anywhere_else_is_none() -> None:
    assert link("javascript:{zone}", {"zone": "x"}) is None
