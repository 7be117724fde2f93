"""Functions of dates, texts, patterns and JSON where Redshift means something else than DuckDB."""

from datetime import date, datetime

import duckdb
import pytest

from infra.redshift_sql.errors import StatementFailed, SyntaxFailed

moment = datetime.fromisoformat


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("extract(ms from timestamp '2009-09-09 12:08:43.101')", 101),
        ("extract(us from timestamp '2009-09-09 12:08:43.101')", 101000),
        ("extract(sec from timestamp '2009-09-09 12:08:43.101')", 43),
        ("date_part(sec, timestamp '2009-09-21 11:10:03.189717')", 3.189717),
        ("date_part(us, timestamp '2009-09-21 04:05:06.789')", 789000.0),
        ("extract(decade from timestamp '1999-02-16 20:38:40')", 200),
        ("extract(decade from timestamp '2010-02-16')", 202),
        ("extract(century from timestamp '2000-12-16')", 20),
        ("extract(mil from timestamp '2001-12-16')", 3),
        ("extract(ms from time '18:25:33.123456')", 123),
        ("extract(timezone_hour from timetz '07:37:16 PDT')", -7),
        ("extract(week from date '2016-01-03')", 53),
        ("date_part('dow', '2016-01-03')", 0.0),
        ("datediff(week, date '2024-01-05', date '2024-01-08')", 1),
        ("datediff(week, '2009-01-01', '2009-12-31')", 52),
        ("datediff(quarter, date '2015-03-31', date '2015-04-01')", 1),
        ("datediff(decade, date '1999-12-31', date '2000-01-01')", 1),
        ("datediff(century, date '2000-12-31', date '2001-01-01')", 1),
        ("datediff(year, date '2008-12-31', date '2009-01-01')", 1),
        ("datediff(hour, timestamp '2009-01-01 08:30', timestamp '2009-01-01 10:00')", 2),
        ("datediff(minute, time '20:00:00', time '21:00:00')", 60),
        ("datediff(day, '2015-12-01', date '2015-12-31')", 30),
        ("dateadd(month, 1, '2008-01-31')", moment("2008-02-29 00:00:00")),
        ("next_day('2014-08-20', 'Tuesday')", date(2014, 8, 26)),
        ("next_day('2014-08-20', 'we')", date(2014, 8, 27)),
        ("date_cmp('2008-01-01', '2008-01-02')", -1),
        ("months_between('1969-01-18', '1969-03-18')", -2.0),
        ("date '2015-12-01' + time '10:30:00'", moment("2015-12-01 10:30:00")),
    ],
)
def test_dates(value, expression, expected):
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("substring('caterpillar', 6, 4)", "pill"),
        ("substring('caterpillar', -2, 6)", "cat"),
        ("substring('caterpillar', -5, 4)", ""),
        ("substring('caterpillar' from 0 for 3)", "ca"),
        ("substr('caterpillar', -2)", "caterpillar"),
        ("initcap('new york''s 5th-avenue')", "New York'S 5th-Avenue"),
        ("lpad('abc', 0)", ""),
        ("rpad('abc', 5)", "abc  "),
        ("split_part('a,b', ',', 5)", ""),
        ("strtol('0xf', 16)", 15),
        ("strtol('abcd1234', 16)", 2882343476),
        ("quote_ident('a b')", '"a b"'),
        ("quote_literal('it''s')", "'it''s'"),
        ("soundex('Robert')", "R163"),
        ("to_hex(2147483647)", "7fffffff"),
        ("chr(65) || ascii('A')", "A65"),
        ("position('b' in 'abc')", 2),
        ("translate('most tin', 'inot', 'eao')", "mos ea"),
    ],
)
def test_texts(value, expression, expected):
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("""regexp_substr('x "user_id":42 y', '"user_id":([0-9]+)', 1, 1, 'e')""", "42"),
        ("regexp_substr('the fox', 'FOX', 1, 1, 'i')", "fox"),
        ("regexp_substr('a1b2', '[0-9]', 3)", "2"),
        ("regexp_substr('a1b2', '[0-9]', 1, 2)", "2"),
        ("regexp_substr('a1b2', '[0-9]', 1, 5)", ""),
        ("regexp_substr('This is a cat, this is a dog.', 'this is a (\\\\w+)', 1, 2, 'ie')", "dog"),
        ("regexp_count('abcdefghijklmnopqrstuvwxyz', '[a-z]{3}')", 8),
        ("regexp_count('the fox', 'FOX', 1, 'i')", 1),
        ("regexp_instr('a1b2', '[0-9]')", 2),
        ("regexp_instr('a1b2', '[0-9]', 1, 2)", 4),
        ("regexp_instr('a1b2', '[0-9]', 3)", 4),
        ("regexp_instr('a1b2', '[0-9]', 1, 1, 1)", 3),
        ("regexp_instr('a1b2', 'x')", 0),
        ("regexp_replace('a1b2', '[0-9]')", "ab"),
        ("regexp_replace('the fox', 'FOX', 'quick brown fox', 1, 'i')", "the quick brown fox"),
        ("regexp_replace('a1b2', '[0-9]', '-', 3)", "a1b-"),
        ("regexp_replace('ab', '(a)(b)', '$2$1')", "ba"),
    ],
)
def test_regular_expressions(value, expression, expected):
    assert value(expression) == expected


def test_look_around_is_refused(value):
    with pytest.raises(SyntaxFailed, match="look-around"):
        value("regexp_substr('passwd7', '(?=[^ ]*[a-z])[^ ]+', 1, 1, 'p')")


_JSON = '{"f2":{"f3":1},"f4":{"f5":99,"f6":"star"}}'


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"json_extract_path_text('{_JSON}', 'f4', 'f6')", "star"),
        (f"json_extract_path_text('{_JSON}', 'f2', 'f3')", "1"),
        (f"json_extract_path_text('{_JSON}', 'f2')", '{"f3":1}'),
        (f"json_extract_path_text('{_JSON}', 'f9')", None),
        (f"json_extract_path_text('{_JSON[:-1]}', 'f4', 'f6', true)", None),
        ("json_extract_path_text('{\"a.b\":\"c\"}', 'a.b')", "c"),
        ("json_extract_array_element_text('[111,112,113]', 2)", "113"),
        ("json_extract_array_element_text('[111,112,113]', 9)", None),
        ('json_array_length(\'[11,12,13,{"f1":21,"f2":[25,26]},14]\')', 5),
        ("json_array_length('[11,12', true)", None),
        ("is_valid_json('{\"a\":1}')", True),
        ("is_valid_json('[1]')", False),
        ("is_valid_json_array('[1]')", True),
        ("is_valid_json('{')", False),
    ],
)
def test_json(value, expression, expected):
    assert value(expression) == expected


def test_text_that_is_no_json_is_an_error(value):
    with pytest.raises(duckdb.Error, match="JSON parsing error"):
        value(f"json_extract_path_text('{_JSON[:-1]}', 'f4', 'f6')")


_PARTS = "(select 1 as i, 'a' as x union all select 2, '' union all select 3, null union all select 4, 'b') t"


def test_listagg_leaves_out_what_is_empty(value):
    assert value(f"listagg(x, ',') within group (order by i) from {_PARTS}") == "a,b"
    assert value(f"listagg(x, ',') within group (order by i desc) from {_PARTS}") == "b,a"
    assert value(f"listagg(x) within group (order by i) over () from {_PARTS}") == "ab"


def test_a_list_too_long_is_an_error(value):
    with pytest.raises(duckdb.Error, match="Result size exceeds LISTAGG limit"):
        value(f"listagg(repeat(x, 40000), ',') within group (order by i) from {_PARTS}")


def test_null_finds_null_in_decode_and_not_in_case(value):
    assert value("decode(null, null, 'none', 'some')") == "none"
    assert value("case null when null then 'none' else 'some' end") == "some"


def test_nulls_can_be_left_out_of_a_window(rows):
    window = "over (order by n)"
    query = f"select lag(fare ignore nulls) {window}, lag(fare) ignore nulls {window} from trips order by n"
    found = rows(query)
    assert [one for one, _ in found] == [other for _, other in found]
    assert str(found[-1][0]) == "4.00"


def test_the_wrong_number_of_arguments_names_their_types(value):
    with pytest.raises(StatementFailed, match=r"function left\(\"unknown\"\) does not exist"):
        value("left('a')")
