"""Texts, conditions and names."""

import pytest

from infra.redshift_sql.errors import StatementFailed, SyntaxFailed


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("nvl(null, 'x')", "x"),
        ("isnull(null, 'x')", "x"),
        ("nvl2(null, 1, 2)", 2),
        ("decode(2, 1, 'one', 2, 'two', 'many')", "two"),
        ("decode(null, null, 'none', 'some')", "none"),
        ("len('abc')", 3),
        ("charindex('b', 'abc')", 2),
        ("strpos('abc', 'c')", 3),
        ("'a' || 1", "a1"),
        ("concat('a', 1)", "a1"),
        ("concat('a', null)", None),
        ("'ABC' ilike 'a%'", True),
        ("'abc' ~ '^a'", True),
        ("'abc' !~ '^b'", True),
        ("'abc' similar to 'a%'", True),
        ("regexp_replace('a1b2', '[0-9]', '-')", "a-b-"),
        ("regexp_substr('a1b2', '[0-9]')", "1"),
        ("regexp_count('a1b2', '[0-9]')", 2),
        ("split_part('a,b', ',', 2)", "b"),
        ("btrim(' a ')", "a"),
        ("replicate('ab', 2)", "abab"),
        ("left('abc', 2)", "ab"),
        ("initcap('new york')", "New York"),
        ("octet_length('é')", 2),
        ("'abc'::varchar(2)", "ab"),
        ("cast('abc' as char(1))", "a"),
        ("'abc'::varchar(max)", "abc"),
        ("greatest(1, null, 3)", 3),
        ("current_user", "ann"),
        ("pg_catalog.version() like 'PostgreSQL 8.0.2%Redshift%'", True),
        ("json_extract_path_text('{\"a\": {\"b\": \"c\"}}', 'a', 'b')", "c"),
        ("case when 1 = 1 then 'y' end", "y"),
        ("bool_or(true)", True),
        (r"'100%' like '100\\%'", True),
        (r"'1000' like '100\\%'", False),
        (r"'100%' ilike '100!%' escape '!'", True),
        (r"'it\'s'", "it's"),
    ],
)
def test_expression(value, expression, expected):
    assert value(expression) == expected


def test_listagg_within_group(value):
    assert value("listagg(name, ', ') within group (order by n desc) from trips") == "bob, ann"


def test_listagg_distinct(value):
    assert value(
        "listagg(distinct left(name, 1), '|') from (select name from trips union all select name from trips)"
    ) in (
        "a|b",
        "b|a",
    )


def test_listagg_without_a_separator_joins_with_nothing(value):
    assert value("listagg(name) within group (order by n) from trips") == "annbob"


def test_nulls_come_last_going_up_and_first_going_down(rows):
    assert rows("select fare from trips order by fare desc")[0] == (None,)
    assert rows("select fare from trips order by fare")[-1] == (None,)


def test_qualify(rows):
    assert rows("select n from trips qualify row_number() over (order by n desc) = 1") == [(4,)]


def test_top(rows):
    assert rows("select top 1 n from trips order by n") == [(1,)]


def test_an_alias_may_be_used_beside_itself(rows):
    assert rows("select n as x, x + 1 from trips where n = 1") == [(1, 2)]


@pytest.mark.parametrize("function", ["getenv('HOME')", "read_text('/etc/passwd')", "getvariable('x')", "nope(1)"])
def test_a_function_redshift_does_not_have_is_refused(value, function):
    with pytest.raises(StatementFailed, match="does not exist"):
        value(function)


@pytest.mark.parametrize("call", ["left('a')", "trunc()", "dateadd(day, 1)"])
def test_arguments_that_would_be_ignored_are_refused(value, call):
    with pytest.raises(StatementFailed, match=r"function \w+\(.*\) does not exist"):
        value(call)


@pytest.mark.parametrize("call", ["main.getenv('HOME')", "'/etc/passwd'.read_text()", "redshift_catalog.trunc(1)"])
def test_no_schema_leads_around_the_fence(value, call):
    with pytest.raises(StatementFailed, match="does not exist"):
        value(call)


@pytest.mark.parametrize("kind", ["super", "geometry", "hllsketch"])
def test_a_type_without_a_counterpart_is_refused(value, kind):
    with pytest.raises(SyntaxFailed, match="the laptop cannot run it"):
        value(f"null::{kind}")


def test_an_unnamed_column_of_a_sub_select_is_known_by_its_function(rows):
    assert rows("select count, max from (select count(*), max(n) from trips) as s") == [(3, 4)]
