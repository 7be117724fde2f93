"""How an export's rows are collected."""

import pytest

from backend_lambdas.exports.export_table import statements


def test_a_select_without_values_makes_the_table_and_fills_it() -> None:
    assert statements("SELECT a FROM t -- :no\nORDER BY a") == [
        "CREATE TEMP TABLE pushboard_export AS SELECT a FROM t -- :no\nORDER BY a"
    ]


def test_a_value_is_bound_in_insert_only() -> None:
    """CREATE TABLE AS is not among the statements that Redshift prepares."""
    assert statements("SELECT a FROM t WHERE d = :day -- of :day\n") == [
        "CREATE TEMP TABLE pushboard_export AS SELECT * FROM (SELECT a FROM t WHERE d = NULL) AS report WHERE false",
        "INSERT INTO pushboard_export SELECT * FROM (SELECT a FROM t WHERE d = :day) AS report",
    ]


@pytest.mark.parametrize(
    ("sql", "empty"),
    [
        ("SELECT a FROM t WHERE a IN (:x_1, :x_2)", "SELECT a FROM t WHERE a IN (NULL, NULL)"),
        ("SELECT a FROM t WHERE a = :x::smallint", "SELECT a FROM t WHERE a = NULL::smallint"),
        ("SELECT a FROM t WHERE b = ':x' AND a = :x", "SELECT a FROM t WHERE b = ':x' AND a = NULL"),
        ("SELECT a FROM t LIMIT :x OFFSET :y", "SELECT a FROM t LIMIT 0 OFFSET 0"),
        ("SELECT :x AS label FROM t", "SELECT CAST(NULL AS VARCHAR(65535)) AS label FROM t"),
        ("SELECT a, :x FROM t", "SELECT a, CAST(NULL AS VARCHAR(65535)) FROM t"),
        ("SELECT :x::date AS day FROM t", "SELECT NULL::date AS day FROM t"),
        ("SELECT :x AS d UNION ALL SELECT d FROM t", "SELECT NULL AS d UNION ALL SELECT d FROM t"),
        ("SELECT f(:x, a), a * :y FROM t", "SELECT f(NULL, a), a * NULL FROM t"),
    ],
)
def test_a_table_is_made_without_values(sql: str, empty: str) -> None:
    """Of the types that the columns have, whatever the values are."""
    assert statements(sql)[0] == f"CREATE TEMP TABLE pushboard_export AS SELECT * FROM ({empty}) AS report WHERE false"


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ("a, b", ""),
        ("a, t.a, b", ' ("a", "a_2", "b")'),
        ("a, a, a_2", ' ("a", "a_3", "a_2")'),
        ("a, a, a", ' ("a", "a_2", "a_3")'),
        ("count(*), count(b)", ' ("count", "count_2")'),
        ("1, 2, a", ' ("?column?", "?column?_2", "a")'),
        ('a AS "say ""x""", b AS "SAY ""x"""', ' ("say ""x""", "say ""x""_2")'),
        ("t.*, a", ""),
        ("cast(a AS int), cast(b AS int)", ""),
        ("a, a, (b)", ' ("a", "a_2", "column_3")'),
    ],
)
def test_names_that_stand_twice_are_numbered(columns: str, names: str) -> None:
    assert statements(f"SELECT {columns} FROM t") == [
        f"CREATE TEMP TABLE pushboard_export{names} AS SELECT {columns} FROM t"
    ]
