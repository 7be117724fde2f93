"""Arithmetic, aggregates and number formats with Redshift's types."""

from decimal import Decimal

import duckdb
import pytest

from infra.redshift_sql.expressions.decimals import quotient_type
from infra.redshift_sql.expressions.types import as_numeric, of_duckdb


def test_integers_divide_as_integers(value):
    assert value("7 / 2") == 3


def test_a_negative_quotient_is_cut_towards_zero(value):
    assert value("-7 / 2") == -3


@pytest.mark.parametrize(
    ("expression", "expected"), [("@ -5", 5), ("@ -5 + 2", 3), ("|/ 9 + 16", 5), ("2 * (|/ 9)", 6), ("-2 ^ 2", 4)]
)
def test_operators_of_signs_bind_as_in_postgresql(value, expression, expected):
    assert value(expression) == expected


def test_a_float_divides_as_a_float(value):
    assert value("7::float / 2") == 3.5


@pytest.mark.parametrize("expression", ["1 / 0", "1.0 / 0", "1::float / 0", "5 % 0"])
def test_dividing_by_zero_is_an_error(value, expression):
    with pytest.raises(duckdb.Error, match="Division by zero"):
        value(expression)


def test_avg_of_integers_is_cut_to_an_integer(value):
    assert value("avg(n) from trips") == 2


def test_avg_of_decimals_keeps_the_scale(value):
    assert value("avg(fare) from trips") == Decimal("3.25")


def test_avg_of_floats(value):
    assert value("avg(n::float) from trips") == pytest.approx(7 / 3)


def test_avg_distinct(value):
    assert value("avg(distinct fare) from trips") == Decimal("3.25")


def test_avg_over_a_window(column):
    assert column("avg(n) over (order by n rows unbounded preceding)") == [1, 1, 2]


def test_avg_of_nothing_is_null(value):
    assert value("avg(n) from trips where 1 = 0") is None


def test_a_decimal_quotient_is_a_decimal(value):
    assert value("fare / n from trips where n = 2") == Decimal("2.00000000")


def test_a_quotient_of_quotients(value):
    assert str(value("fare / n / 3 from trips where n = 2")).startswith("0.666666")


def test_a_decimal_quotient_inside_a_sub_select(value):
    assert isinstance(value("max(x) from (select fare / 2 as x from trips) as s"), Decimal)


def test_a_decimal_quotient_behind_with(rows):
    found = rows("with s as (select sum(fare) as f, count(*) as c from trips) select f / c from s")
    assert found == [(Decimal("2.1666"),)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("DECIMAL(10,2)", "INTEGER", (21, 13)),
        ("DECIMAL(38,2)", "BIGINT", (38, 4)),
        ("DECIMAL(38,2)", "DECIMAL(38,2)", (38, 4)),
        ("DECIMAL(8,2)", "DECIMAL(8,2)", (17, 9)),
        ("DECIMAL(9,2)", "DECIMAL(10,2)", (20, 11)),
    ],
)
def test_the_type_of_a_quotient(first, second, expected):
    kind = quotient_type(*(as_numeric(of_duckdb(name)) for name in (first, second)))
    assert (kind.size, kind.scale) == expected


def test_numeric_alone_has_no_decimals(value):
    assert value("2.5::numeric") == Decimal(3)


def test_trunc_of_a_number(value):
    assert (value("trunc(2.7)"), value("trunc(-2.7)"), value("trunc(2.789, 1)")) == (2, -2, Decimal("2.7"))


def test_median(value):
    assert value("median(n) from trips") == 2


def test_percentile_cont_within_group(value):
    assert value("percentile_cont(0.5) within group (order by n) from trips") == 2


def test_approximate_percentile_disc(value):
    assert (
        value("approximate percentile_disc(0.5) within group (order by x) from (select 1 as x union all select 2) t")
        == 1
    )


def test_approximate_count_distinct(value):
    assert value("approximate count(distinct n) from trips") == 3


def test_ratio_to_report(column):
    assert column("ratio_to_report(n) over ()") == pytest.approx([1 / 7, 2 / 7, 4 / 7])


@pytest.mark.parametrize(
    ("number", "pattern", "text"),
    [
        ("1234.5", "999,999.99", "   1,234.50"),
        ("-1234.5", "999,999.99", "  -1,234.50"),
        ("1234.5", "FM$9,990.00", "$1,234.50"),
        ("7", "000", " 007"),
        ("0.5", "FM90.00", "0.50"),
        ("0.5", "FM99.00", ".50"),
        ("1234", "99", " ##"),
    ],
)
def test_to_char_of_a_number(value, number, pattern, text):
    assert value(f"to_char({number}, '{pattern}')") == text


def test_float4_and_float8(value):
    assert value("1.5::real + 1.5::float") == 3.0
