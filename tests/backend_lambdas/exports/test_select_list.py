"""The columns of a SELECT, read from its text."""

import pytest

from backend_lambdas.exports.select_list import columns


@pytest.mark.parametrize(
    ("expression", "label"),
    [
        ("a", "a"),
        ("t.a", "a"),
        ("s.t.A", "a"),
        ('t."Trip day"', "trip day"),
        ("a AS b", "b"),
        ("a b", "b"),
        ('a AS "say ""x"""', 'say "x"'),
        ("a + b AS total", "total"),
        ("a + b", "?column?"),
        ("- b", "?column?"),
        ("a AND b", None),
        ("a IS NOT NULL", None),
        ("1", "?column?"),
        ("'x, y'", "?column?"),
        ("(a + b) total", "total"),
        ("count(*)", "count"),
        ("count(DISTINCT a) AS riders", "riders"),
        ("Count(*) riders", "riders"),
        ("coalesce(a, 0) + 1", "?column?"),
        ("coalesce(a, b::int)", "coalesce"),
        ("sum(a) OVER (PARTITION BY b)", "sum"),
        ("a::date", "a"),
        ("a::date AS day", "day"),
        ("a::double precision", "a"),
        ("sum(a)::decimal(10, 2)", "sum"),
        ("CASE WHEN a THEN b ELSE c END", None),
        ("cast(a AS int)", None),
        ("(a)", None),
        ("current_date", None),
        ("nvl(a, b)", "coalesce"),
        ("extract(year FROM d)", "date_part"),
        ("listagg(a, ',') WITHIN GROUP (ORDER BY b)", "listagg"),
        ("$$it's (, from$$ AS q", "q"),
        ("(a + b)::int", None),
        ("CASE WHEN a THEN b ELSE c END kind", "kind"),
        ("NULL AS end", "end"),
        ("null", None),
    ],
)
def test_a_column_has_the_name_that_the_result_shows(expression: str, label: str | None) -> None:
    assert [column.label for column in columns(f"SELECT {expression}, 1 AS one FROM t")] == [label, "one"]


@pytest.mark.parametrize(
    ("sql", "labels"),
    [
        ("WITH q AS (SELECT x, y FROM t) SELECT a, b FROM q", ["a", "b"]),
        ("SELECT a UNION ALL SELECT b FROM t", ["a"]),
        ("SELECT DISTINCT a, b", ["a", "b"]),
        ("SELECT TOP 10 a FROM t", ["a"]),
        ("SELECT\n  a,\n  f(x, y) AS b\nFROM t", ["a", "b"]),
        ("SELECT (SELECT x FROM u) AS x, y FROM t", ["x", "y"]),
        ("SHOW TABLES", []),
        ("(SELECT a FROM t) UNION ALL SELECT b FROM u", []),
        ("SELECT a, count(*) FROM t GROUP BY 1", ["a", "count"]),
    ],
)
def test_the_columns_are_those_of_the_outermost_select(sql: str, labels: list[str]) -> None:
    assert [column.label for column in columns(sql)] == labels


@pytest.mark.parametrize(("expression", "is_star"), [("*", True), ("t.*", True), ("2 * a", False), ("count(*)", False)])
def test_a_star_is_told_from_a_product(expression: str, is_star: bool) -> None:
    assert columns(f"SELECT {expression} FROM t")[0].is_star is is_star


def test_a_column_says_where_it_stands() -> None:
    sql = "SELECT a,  :month::date AS m FROM t"
    [_, second] = columns(sql)
    assert sql[second.start : second.end] == ":month::date AS m"
