"""What types columns get from how they are declared and from their first values."""

from typing import Any

import pyarrow as pa
import pytest

from dashboard.downloads import parquet_types
from dashboard.downloads.pages import Digits
from dashboard.gateway.results import Column


def type_of(wire_type: str, values: list[Any], declared: Digits | None = None, zoned: bool = False) -> pa.DataType:
    column = Column("c", wire_type, zoned)
    first = pa.table({"c": parquet_types.array(column, values)})
    return parquet_types.schema([column], [declared], first).field("c").type


def test_a_decimal_is_as_the_gateway_declares_it() -> None:
    assert type_of("decimal", ["1.50", None], Digits(12, 2)) == pa.decimal128(12, 2)


def test_a_decimal_declared_too_narrow_for_its_values_is_as_its_values_are() -> None:
    assert type_of("decimal", ["1.505"], Digits(12, 2)) == pa.decimal128(38, 3)


@pytest.mark.parametrize("declared", [Digits(0, 0), Digits(39, 2), Digits(2, 5), Digits(-1, 0)])
def test_a_declaration_that_cannot_be_is_not_believed(declared: Digits) -> None:
    assert type_of("decimal", ["1.5"], declared) == pa.decimal128(38, 1)


def test_an_undeclared_decimal_has_the_largest_scale_of_its_values() -> None:
    assert type_of("decimal", ["1.5", "-2.125", "3", None]) == pa.decimal128(38, 3)


def test_an_undeclared_decimal_without_values_is_text() -> None:
    """Nothing shows the scale, and text holds every decimal exactly."""
    assert type_of("decimal", [None, None]) == pa.string()
    assert type_of("decimal", []) == pa.string()


def test_decimals_that_no_scale_fits_are_text() -> None:
    assert type_of("decimal", ["9" * 38, "0.5"]) == pa.string()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2015-12-01T00:00:00", None], pa.timestamp("us")),
        (["2015-12-01T00:00:00+00:00", "2015-12-01T00:00:00.5-05:30"], pa.timestamp("us", "UTC")),
        (["2015-12-01T00:00:00", "2015-12-01T00:00:00+00:00"], pa.string()),
        (["infinity"], pa.string()),
        ([None], pa.timestamp("us")),
    ],
)
def test_timestamps_are_local_or_in_utc_or_text(values: list[str | None], expected: pa.DataType) -> None:
    assert type_of("timestamp", values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], pa.timestamp("us", "UTC")),
        ([None], pa.timestamp("us", "UTC")),
        (["2015-12-01T00:00:00-05:00"], pa.timestamp("us", "UTC")),
        (["2015-12-01T00:00:00"], pa.timestamp("us")),
        (["2015-12-01T00:00:00+00:00", "infinity"], pa.string()),
    ],
)
def test_a_timestamp_declared_with_a_zone_is_in_utc_without_any_value(values: list[Any], expected: pa.DataType) -> None:
    assert type_of("timestamp", values, zoned=True) == expected


@pytest.mark.parametrize(
    ("values", "expected"), [(["2015-12-01"], pa.date32()), (["2015-12-01", "infinity"], pa.string())]
)
def test_a_date_that_is_none_makes_the_column_text(values: list[str], expected: pa.DataType) -> None:
    assert type_of("date", values) == expected


def test_a_type_that_the_contract_does_not_name_is_text() -> None:
    assert type_of("geometry", ["POINT(1 2)", 7, None]) == pa.string()


def test_numbers_that_came_without_a_point_are_numbers() -> None:
    assert parquet_types.array(Column("c", "number"), [1, 2.5, 2**60, None]).to_pylist() == [1.0, 2.5, 2.0**60, None]
