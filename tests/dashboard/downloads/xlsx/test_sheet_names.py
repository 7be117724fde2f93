"""Names that Excel takes, and that differ."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.downloads.xlsx.limits import utf16_units
from dashboard.downloads.xlsx.sheet_names import sheet_names


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Revenue by day", "Revenue by day"),
        ("Umsätze 日本", "Umsätze 日本"),
        ("a/b:c*[d]?\\e", "a-b-c--d---e"),
        ("  two\tlines\n", "two lines"),
        ("'quoted'", "quoted"),
        ("", "Sheet"),
        ("'", "Sheet"),
        ("About", "About (2)"),
        ("History", "History (2)"),
        ("Trips of 31 characters or longer", "Trips of 31 characters or longe"),
        ("😀" * 20, "😀" * 15),
    ],
)
def test_a_title_becomes_a_legal_name(title: str, name: str) -> None:
    assert sheet_names([title]) == [name]


def test_titles_that_repeat_in_any_case_are_numbered() -> None:
    assert sheet_names(["Trips", "TRIPS", "Trips", "Trips (2)"]) == ["Trips", "TRIPS (2)", "Trips (3)", "Trips (2) (2)"]


def test_a_number_takes_the_place_of_a_long_title_s_end() -> None:
    assert sheet_names(["x" * 40, "x" * 40]) == ["x" * 31, "x" * 27 + " (2)"]


@given(titles=st.lists(st.text(max_size=40) | st.sampled_from(["a", "A", "about", "x" * 50, "' '"]), max_size=12))
def test_every_name_is_legal_and_its_own(titles: list[str]) -> None:
    names = sheet_names(titles)
    assert len({name.lower() for name in [*names, "About"]}) == len(titles) + 1
    for name in names:
        assert 1 <= utf16_units(name) <= 31
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]|^'|'$", name)
