"""The order of a SELECT, said by the numbers of its columns."""

import pytest

from backend_lambdas.exports.output_order import order_by


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT a FROM t", ""),
        ("SELECT a FROM t ORDER BY 1", "ORDER BY 1"),
        ("SELECT a, b FROM t ORDER BY 2 DESC, 1", "ORDER BY 2 DESC, 1"),
        ("select a, b as total from t order by total desc nulls last, a asc", "ORDER BY 2 DESC NULLS LAST, 1 ASC"),
        ('SELECT a AS "Trip day", b FROM t ORDER BY "Trip day"', "ORDER BY 1"),
        ("SELECT t.a, count(*) FROM t GROUP BY 1 ORDER BY count(*) DESC, a", "ORDER BY 2 DESC, 1"),
        ("SELECT a, sum( b ) AS total FROM t GROUP BY 1 ORDER BY sum(b)", "ORDER BY 2"),
        ("WITH x AS (SELECT b FROM t ORDER BY b LIMIT 3) SELECT a, b FROM x ORDER BY b LIMIT 10", "ORDER BY 2"),
        ("SELECT a FROM (SELECT a FROM t ORDER BY a) q", ""),
        ("SELECT a, rank() OVER (ORDER BY b, a) AS r FROM t ORDER BY r", "ORDER BY 2"),
        ("SELECT a, coalesce(b, ', order by 9') AS b FROM t -- ORDER BY 3\nORDER BY b", "ORDER BY 2"),
        ("SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY a", "ORDER BY 1"),
        ("SELECT DISTINCT a, b FROM t ORDER BY b", "ORDER BY 2"),
        ("SELECT CASE WHEN a THEN 1 END, extract(year FROM d) AS y FROM t ORDER BY y", "ORDER BY 2"),
        ("SELECT a FROM t ORDER BY a OFFSET 5", "ORDER BY 1"),
        (
            "SELECT a, listagg(b) WITHIN GROUP (ORDER BY c) AS l, count(*) AS n FROM t GROUP BY 1 ORDER BY n",
            "ORDER BY 3",
        ),
    ],
)
def test_an_order_is_said_by_numbers(sql: str, said: str) -> None:
    assert order_by(sql) == said


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT a FROM t ORDER BY b", ""),
        ("SELECT a, b FROM t ORDER BY a, lower(b)", "ORDER BY 1"),
        ("SELECT * FROM t ORDER BY a", ""),
        ("SELECT t.*, 1 AS one FROM t ORDER BY one", ""),
        ("SELECT a, b AS a FROM t ORDER BY a", ""),
        ("SELECT a::date FROM t ORDER BY date", ""),
        ("SELECT a + b FROM t ORDER BY b", ""),
        ("SELECT a AND b FROM t ORDER BY b", ""),
        ("SELECT a::double precision FROM t ORDER BY precision", ""),
    ],
)
def test_what_is_no_column_of_the_result_is_left_open(sql: str, said: str) -> None:
    """An export in no order is better than none: to name what is not there would fail."""
    assert order_by(sql) == said


def test_an_order_by_all_columns_by_number_holds_for_a_star() -> None:
    assert order_by("SELECT * FROM t ORDER BY 2 DESC") == "ORDER BY 2 DESC"
