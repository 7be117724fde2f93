"""Values as the XML of cells."""

import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from dashboard.downloads.xlsx.cells import text_cell, writer
from dashboard.downloads.xlsx.limits import Notes
from tests.dashboard.downloads.download_rows import LETTERS, ODD_TEXTS


def cell(wire_type: str, value: Any, notes: Notes | None = None) -> str:
    return writer(wire_type, "fare", ' s="1"', notes or Notes())(value, "B2")


def number(value: Any) -> str:
    return f'<c r="B2" s="1"><v>{value}</v></c>'


def text(value: str) -> str:
    return f'<c r="B2" s="1" t="inlineStr"><is><t>{value}</t></is></c>'


def noted(wire_type: str, value: Any) -> list[str]:
    notes = Notes()
    cell(wire_type, value, notes)
    return list(notes.sentences())


@pytest.mark.parametrize(
    ("wire_type", "value", "xml"),
    [
        ("string", "Queens", text("Queens")),
        ("string", "", text("")),
        ("string", "=1+1", text("=1+1")),
        ("string", "1", text("1")),
        ("string", "a&b<c>", text("a&amp;b&lt;c&gt;")),
        ("string", "<r><t>x</t></r>", text("&lt;r&gt;&lt;t&gt;x&lt;/t&gt;&lt;/r&gt;")),
        ("string", 7, text("7")),
        ("integer", -7, number(-7)),
        ("integer", 999_999_999_999_999, number(999_999_999_999_999)),
        ("integer", 1_000_000_000_000_000, text("1000000000000000")),
        ("integer", -(2**63), text(str(-(2**63)))),
        ("decimal", "-0.10", number("-0.10")),
        ("decimal", "+1.5", number("1.5")),
        ("decimal", "123456789012345.000", number("123456789012345.000")),
        ("decimal", "1234567890123456", text("1234567890123456")),
        ("decimal", "0.1234567890123456", text("0.1234567890123456")),
        ("decimal", "NaN", text("NaN")),
        ("decimal", "\u0661", text("\u0661")),
        ("number", 0.1, number("0.1")),
        ("number", 3, number("3.0")),
        ("number", 1e300, number("1e+300")),
        ("number", 0.1 + 0.2, number("0.30000000000000004")),
        ("boolean", True, '<c r="B2" s="1" t="b"><v>1</v></c>'),
        ("boolean", False, '<c r="B2" s="1" t="b"><v>0</v></c>'),
        ("date", "2015-12-01", number(42339)),
        ("date", "1900-03-01", number(61)),
        ("date", "1900-02-28", text("1900-02-28")),
        ("date", "infinity", text("infinity")),
        ("date", "9999-12-31", number(2958465)),
        ("timestamp", "2015-12-01T06:00:00", number("42339.25")),
        ("timestamp", "2015-12-01T06:00:00-06:00", number("42339.5")),
        ("timestamp", "1900-02-28T23:59:59", text("1900-02-28T23:59:59")),
        ("timestamp", "0001-01-01T00:00:00+05:00", text("0001-01-01T00:00:00+05:00")),
        ("timestamp", "-infinity", text("-infinity")),
        ("geometry", "POINT(1 2)", text("POINT(1 2)")),
    ],
)
def test_a_value_becomes_a_cell(wire_type: str, value: Any, xml: str) -> None:
    assert cell(wire_type, value) == xml


@given(value=st.text(LETTERS) | st.sampled_from(ODD_TEXTS) | st.from_regex(r"(_x00[0-9A-Fa-f]{2}_|_x|_){1,3}"))
def test_every_text_is_read_as_it_was(value: str) -> None:
    """What XML cannot carry is escaped as ECMA-376 says, and a text that looks so escaped as well."""
    read = ElementTree.fromstring(text_cell(value, "A1")).find("is/t")
    assert read is not None
    assert unescape(read.text or "") == value


def test_spaces_at_the_ends_are_kept() -> None:
    assert '<t xml:space="preserve"> a</t>' in text_cell(" a", "A1")


@given(moment=st.datetimes(min_value=datetime.datetime.fromisoformat("1900-03-01")))
def test_microseconds_remain_distinct(moment: datetime.datetime) -> None:
    """Excel shows milliseconds; the number holds more, until in some hundred years it holds less."""
    days = float(cell("timestamp", moment.isoformat()).partition("<v>")[2].partition("<")[0])
    read = datetime.datetime.fromisoformat("1899-12-30") + datetime.timedelta(days=days)
    assert abs(read - moment) <= datetime.timedelta(microseconds=1 if moment.year < 2078 else 40)


@pytest.mark.parametrize("length", [32_767, 20_000])
def test_a_text_that_fits_is_whole(length: int) -> None:
    assert cell("string", "x" * length) == text("x" * length)
    assert noted("string", "x" * length) == []


def test_a_longer_text_is_cut_and_noted() -> None:
    assert cell("string", "x" * 32_768) == text("x" * 32_766 + "…")
    (sentence,) = noted("string", "x" * 32_768)
    assert sentence.startswith("Cut at the 32,767 characters that a cell holds")
    assert "B2 (32,768 characters)" in sentence


def test_characters_are_counted_as_excel_counts_them() -> None:
    """An emoji is two, and never cut in half."""
    assert cell("string", "😀" * 16_383) == text("😀" * 16_383)
    assert cell("string", "😀" * 16_384) == text("😀" * 16_383 + "…")
    assert cell("string", "x" + "😀" * 16_384) == text("x" + "😀" * 16_382 + "…")


@pytest.mark.parametrize(("wire_type", "value"), [("integer", 10**15), ("decimal", "0.1234567890123456")])
def test_a_number_that_excel_would_round_is_noted(wire_type: str, value: Any) -> None:
    assert noted(wire_type, value) == [
        "fare: 1 value stands as text, to the last digit. "
        "As a number it would be rounded: Excel calculates with 15 digits."
    ]


@pytest.mark.parametrize(("wire_type", "value"), [("date", "1850-01-01"), ("timestamp", "infinity")])
def test_a_date_that_excel_does_not_have_is_noted(wire_type: str, value: str) -> None:
    expected = ["fare: 1 value stands as text, as Excel has no dates before March 1900 or after 9999."]
    assert noted(wire_type, value) == expected


def test_a_time_with_an_offset_is_noted() -> None:
    assert noted("timestamp", "2015-12-01T00:00:00+01:00") == ["fare: times are in UTC, as Excel knows no time zones."]


@pytest.mark.parametrize(("wire_type", "value"), [("integer", 1), ("decimal", "1.50"), ("date", "2015-12-01")])
def test_what_is_as_it_was_is_not_noted(wire_type: str, value: Any) -> None:
    assert noted(wire_type, value) == []
