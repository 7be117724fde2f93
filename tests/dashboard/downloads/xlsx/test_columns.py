"""How columns look."""

from typing import Any

import pytest

from dashboard.downloads.pages import Digits
from dashboard.downloads.xlsx.columns import cell_format, width
from dashboard.gateway.results import Column


@pytest.mark.parametrize(
    ("wire_type", "values", "shown"),
    [
        ("string", ["a"], None),
        ("integer", [1], "0"),
        ("number", [0.5], None),
        ("boolean", [True], None),
        ("date", ["2015-12-01"], "yyyy-mm-dd"),
        ("timestamp", ["2015-12-01T00:00:00", None], "yyyy-mm-dd hh:mm:ss"),
        ("timestamp", ["2015-12-01T00:00:00", "2015-12-01T00:00:00.5"], "yyyy-mm-dd hh:mm:ss.000"),
        ("decimal", ["1.50", None], "0.00"),
        ("decimal", ["1", "2"], "0"),
        ("decimal", [None], "0"),
        ("decimal", ["1.500000"], None),
    ],
)
def test_a_format_shows_what_the_values_have(wire_type: str, values: list[Any], shown: str | None) -> None:
    assert cell_format(Column("c", wire_type), None, values) == ({"num_format": shown} if shown else {})


def test_a_decimal_shows_the_digits_it_is_declared_with() -> None:
    assert cell_format(Column("c", "decimal"), Digits(12, 2), [None]) == {"num_format": "0.00"}


@pytest.mark.parametrize(
    ("name", "values", "characters"),
    [
        ("n", [1], 8),
        ("a_rather_long_name", [1], 21),
        ("c", ["x" * 30, None], 31),
        ("c", ["x" * 300], 60),
        ("c", ["short\n" + "x" * 20], 21),
        ("c", [], 8),
    ],
)
def test_a_column_is_as_wide_as_its_name_and_values_within_reason(
    name: str, values: list[Any], characters: int
) -> None:
    assert width(Column(name, "string"), values) == characters
