"""Decimal arithmetic against Python's `decimal`, by the guide's rules of precision and scale."""

from decimal import ROUND_DOWN, Decimal, localcontext

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from infra.redshift_sql.errors import StatementFailed

_SETTINGS = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_INTEGERS = {"smallint": 5, "integer": 10, "bigint": 19}


@st.composite
def operands(draw):
    """A number with its type: the text of a cast, its value, its precision and scale."""
    if draw(st.booleans()):
        precision = draw(st.integers(1, 28))
        scale = draw(st.integers(0, min(precision, 14)))
        digits = draw(st.integers(-(10**precision) + 1, 10**precision - 1))
        value = Decimal(digits).scaleb(-scale)
        return f"cast({value:f} as decimal({precision},{scale}))", value, precision, scale
    name = draw(st.sampled_from(sorted(_INTEGERS)))
    limit = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}[name] - 1
    value = draw(st.integers(-limit, limit))
    return f"cast({value} as {name})", Decimal(value), _INTEGERS[name], 0


def _type_of(sign: str, p1: int, s1: int, p2: int, s2: int) -> tuple[int, int]:
    """The table of "Precision and scale of computed DECIMAL results", written down once more."""
    if sign in "+-":
        scale = max(s1, s2)
        return min(max(p1 - s1, p2 - s2) + scale + 1, 38), scale
    if sign == "*":
        return min(p1 + p2 + 1, 38), s1 + s2
    scale = max(4, s1 + p2 - s2 + 1)
    precision = p1 - s1 + s2 + scale
    return (precision, scale) if precision <= 38 else (38, max(38 + scale - precision, 4))


def _exact(sign: str, first: Decimal, second: Decimal, scale: int) -> Decimal:
    with localcontext() as context:
        context.prec = 120
        results = {"+": first + second, "-": first - second, "*": first * second}
        value = results[sign] if sign in results else first / second
        return value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_DOWN)


@_SETTINGS
@given(sign=st.sampled_from("+-*/"), first=operands(), second=operands())
def test_arithmetic_is_exact_and_has_the_guides_type(typed, sign, first, second):
    (one, a, p1, s1), (other, b, p2, s2) = first, second
    assume("decimal" in one + other)
    assume(sign != "/" or b != 0)
    precision, scale = _type_of(sign, p1, s1, p2, s2)
    expected = _exact(sign, a, b, scale)
    try:
        value, kind = typed(f"{one} {sign} {other}")
    except (duckdb.Error, StatementFailed) as error:
        told = str(error)
    else:
        assert (value, kind) == (expected, f"numeric({precision},{scale})")
        return
    assert "verflow" in told or "out of range" in told
    assert _may_overflow(sign, expected, p1, s1, p2, s2, precision, scale)


def _may_overflow(sign: str, expected: Decimal, p1: int, s1: int, p2: int, s2: int, precision: int, scale: int) -> bool:
    """Whether the result, or a quotient's dividend of so many digits, may be too large for 38 digits."""
    if len(str(int(abs(expected)))) > precision - scale:
        return True
    return sign == "/" and (p1 + scale - s1 + s2 > 38 or p2 + max(0, s1 - scale - s2) > 38)


@_SETTINGS
@given(digits=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8), scale=st.integers(0, 6))
def test_sums_and_averages_are_exact(typed, digits, scale):
    values = [Decimal(one).scaleb(-scale) for one in digits]
    rows = " union all ".join(f"select cast({value:f} as decimal(16,{scale})) as x" for value in values)
    total, kind = typed(f"sum(x) from ({rows}) t")
    assert (total, kind) == (sum(values), f"numeric(38,{scale})")
    mean, kind = typed(f"avg(x) from ({rows}) t")
    assert (mean, kind) == (_exact("/", sum(values), Decimal(len(values)), scale), f"numeric(38,{scale})")


def test_a_product_of_too_many_decimals_is_an_overflow(value):
    with pytest.raises(duckdb.Error, match="Numeric data overflow"):
        value("cast(1 as decimal(38,20)) * cast(1 as decimal(38,20))")


def test_a_product_of_small_decimals_may_need_128_bits(typed):
    found = typed("cast(99999999.99 as decimal(10,2)) * cast(99999999.99 as decimal(10,2))")
    assert found == (Decimal("9999999998000000.0001"), "numeric(21,4)")
