"""Types as Redshift types them: of numbers, literals, texts and what is made of them. Values and types together."""

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from infra.redshift_sql.errors import StatementFailed

moment = datetime.fromisoformat


@pytest.mark.parametrize(
    ("expression", "value", "kind"),
    [
        ("100.0 * sum(x) / sum(y) from (select 1 as x, 3 as y) t", Decimal("33.333333333333333"), "numeric(38,15)"),
        ("1.0 * count(*) / 3 from (select 1) t", Decimal("0.333333333333"), "numeric(33,12)"),
        ("2::decimal(8,2) / 3::decimal(8,2)", Decimal("0.666666666"), "numeric(17,9)"),
        ("-2::decimal(8,2) / 3::decimal(8,2)", Decimal("-0.666666666"), "numeric(17,9)"),
        ("0.1 + 0.2", Decimal("0.3"), "numeric(3,1)"),
        ("1.50::decimal(8,2) * 3::smallint", Decimal("4.50"), "numeric(14,2)"),
        ("1.50::decimal(8,2) - 3", Decimal("-1.50"), "numeric(13,2)"),
        ("7.5 % 2", Decimal("1.5"), "numeric(11,1)"),
        ("5 / 2", 2, "int4"),
        ("5::smallint + 2::smallint", 7, "int2"),
        ("32767::smallint + 1", 32768, "int4"),
        ("3000000000 + 1", 3000000001, "int8"),
        ("2.5::real * 2", 5.0, "float8"),
        ("1e3", 1000.0, "float8"),
        ("sum(n) from trips", 7, "int8"),
        ("sum(fare) from trips", Decimal("6.50"), "numeric(38,2)"),
        ("avg(n) from trips", 2, "int8"),
        ("avg(fare) from trips", Decimal("3.25"), "numeric(38,2)"),
        ("count(*) from trips", 3, "int8"),
        (
            "median(fare) from (select 1.10::decimal(10,2) as fare union all select 2.25) t",
            Decimal("1.675"),
            "numeric(11,3)",
        ),
        ("round(2.555::decimal(10,3), 2)", Decimal("2.56"), "numeric(10,2)"),
        ("abs(-2.5)", Decimal("2.5"), "numeric(2,1)"),
        ("ceil(2.1)", Decimal(3), "numeric(2,0)"),
        ("coalesce(null, 1.50::decimal(7,2), 2.125::decimal(15,3))", Decimal("1.500"), "numeric(15,3)"),
        ("case when 1 = 1 then 1 else 2.5 end", Decimal("1.0"), "numeric(11,1)"),
        ("mod(7, 4)", 3, "int4"),
        ("power(2, 3)", 8.0, "float8"),
        ("1 = 1", True, "bool"),
    ],
)
def test_numbers(typed, expression, value, kind):
    assert typed(expression) == (value, kind)


@pytest.mark.parametrize(
    ("expression", "value", "kind"),
    [
        ("'41' + 1", 42, "int4"),
        ("1 + '41'", 42, "int4"),
        ("'1.25' + 1.5", Decimal("2.75"), "numeric(4,2)"),
        ("nvl(n, '0') from trips where n = 1", 1, "int2"),
        ("case when 1 = 0 then 5 else '7' end", 7, "int4"),
        ("coalesce('a', 'bc')", "a", "varchar(2)"),
        ("greatest('2015-01-01', date '2015-02-01')", date(2015, 2, 1), "date"),
        ("fare = '2.50' from trips where n = 1", True, "bool"),
        ("day = '12/05/2015' from trips where n = 1", True, "bool"),
        ("day in ('2015-12-05', '20151206') from trips where n = 1", True, "bool"),
        ("day between '2015-12-01' and 'Dec 31, 2015' from trips where n = 1", True, "bool"),
        ("decode(n, '1', 'one', 'many') from trips where n = 1", "one", "varchar(4)"),
        ("nullif(n, '1') from trips where n = 1", None, "int2"),
        ("true = 't'", True, "bool"),
    ],
)
def test_a_literal_takes_the_type_it_meets(typed, expression, value, kind):
    assert typed(expression) == (value, kind)


def test_a_bound_value_takes_the_type_it_meets(typed):
    assert typed(":n + 1", n="41") == (42, "int4")
    assert typed("nvl(n, :n) from trips where n = 2", n="0") == (2, "int2")


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("'a' + 1", 'invalid input syntax for integer: "a"'),
        ("'12.7'::int", 'invalid input syntax for integer: "12.7"'),
        ("'1e3'::int", 'invalid input syntax for integer: "1e3"'),
        ("''::int", 'invalid input syntax for integer: ""'),
        ("n = 'x' from trips", 'invalid input syntax for integer: "x"'),
        ("99999999999 = '99999999999999999999'", "out of range for type bigint"),
        ("day = '2015-13-01' from trips", "date/time field value out of range"),
        ("day = 'soon' from trips", 'invalid input syntax for type date: "soon"'),
        ("name + 1 from trips", "operator does not exist: character varying \\+ integer"),
        ("day + 1.5 from trips", "operator does not exist: date \\+ numeric"),
        ("true + 1", "operator does not exist: boolean \\+ integer"),
    ],
)
def test_what_cannot_be_read_or_added_is_an_error(value, expression, words):
    with pytest.raises(StatementFailed, match=words):
        value(expression)


@pytest.mark.parametrize("text", ["12.7", "1e3", ""])
def test_a_computed_text_is_no_integer_either(value, text):
    with pytest.raises(duckdb.Error, match="invalid input syntax for integer"):
        value(f"upper('{text}')::int")


@pytest.mark.parametrize(
    ("expression", "value", "kind"),
    [
        ("date '2015-12-31' - 30", date(2015, 12, 1), "date"),
        ("day - row_number() over () from trips limit 1", date(2015, 12, 4), "date"),
        ("30 + date '2015-12-01'", date(2015, 12, 31), "date"),
        ("date '2015-12-31' - date '2015-12-01'", 30, "int4"),
        ("date '2015-12-31' + interval '1 hour'", moment("2015-12-31 01:00:00"), "timestamp"),
        ("date '2015-12-31' + interval '3 hours, 35 minutes'", moment("2015-12-31 03:35:00"), "timestamp"),
        ("date '2015-12-31' + interval '1w, 1h, 1m, 1s'", moment("2016-01-07 01:01:01"), "timestamp"),
        ("date '2015-12-31' + interval '0.5 days'", moment("2015-12-31 12:00:00"), "timestamp"),
        ("date '2015-12-31' + interval '52' week", moment("2016-12-29 00:00:00"), "timestamp"),
        ("timestamp 'epoch' + 86400 * interval '1 second'", moment("1970-01-02 00:00:00"), "timestamp"),
        ("timestamp 'epoch' + 1.5 * interval '1 second'", moment("1970-01-01 00:00:01.500000"), "timestamp"),
        ("date_trunc('month', day) from trips where n = 1", moment("2015-12-01 00:00:00"), "timestamp"),
        ("last_day('2015-02-03')", date(2015, 2, 28), "date"),
        ("current_date - current_date", 0, "int4"),
    ],
)
def test_dates(typed, expression, value, kind):
    assert typed(expression) == (value, kind)


@pytest.mark.parametrize(
    ("expression", "value", "kind"),
    [
        ("cast('ééé' as varchar(3))", "é", "varchar(3)"),
        ("cast('aé' as varchar(2))", "a", "varchar(2)"),
        ("'ab '::char(4) || 'c'", "abc", "varchar(5)"),
        ("len('ab '::char(5))", 2, "int4"),
        ("len('ab '::varchar(5))", 3, "int4"),
        ("date_part(h, timestamp '2020-01-01 11:00:00') || ':00'", "11:00", "varchar(28)"),
        ("0.1::float8 || ''", "0.1", "varchar(26)"),
        ("(0.1::float8 + 0.2)::varchar", "0.3", "varchar(25)"),
        ("1.50::decimal(5,2)::varchar", "1.50", "varchar(40)"),
        ("left(12345, 2)", "12", "varchar(40)"),
        ("substring(ts, 6, 2) from trips where n = 1", "12", "varchar(40)"),
        ("1e20::float8::varchar", "1e+20", "varchar(25)"),
    ],
)
def test_texts(typed, expression, value, kind):
    assert typed(expression) == (value, kind)


@pytest.mark.parametrize(
    "condition",
    [
        "'abc ' = 'abc'",
        "upper('abc ') = upper('abc')",
        "upper('a ') in ('A', 'B')",
        "upper('a ') in (select upper('a'))",
        "not upper('a ') <> upper('a')",
        "upper('a ') between 'A' and 'A'",
        "case upper('a ') when 'A' then true end",
        "decode(upper('a '), 'A', true)",
        "nullif(upper('a '), 'A') is null",
        "upper('a ') not like 'A'",
    ],
)
def test_blanks_at_the_end_do_not_count_when_compared(value, condition):
    assert value(condition) is True


_BLANKS = "(select upper('ab') as v, 1 as x union all select upper('ab '), 2) t"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"select count(distinct v) from {_BLANKS}", [(1,)]),
        (f"select v, sum(x) from {_BLANKS} group by v", [("AB", 3)]),
        (f"select v, sum(x) from {_BLANKS} group by 1", [("AB", 3)]),
        (f"select lower(v) as w, sum(x) from {_BLANKS} group by w", [("ab", 3)]),
        (f"select lower(v) || '!', sum(x) from {_BLANKS} group by lower(v)", [("ab!", 3)]),
        (f"select distinct v from {_BLANKS}", [("AB",)]),
        (
            f"select x, rank() over (order by v), dense_rank() over (order by v desc) from {_BLANKS} order by x",
            [(1, 1, 1), (2, 1, 1)],
        ),
        (f"select count(*) from {_BLANKS} join (select upper('ab  ') as v) u on t.v = u.v", [(2,)]),
        (f"select count(*) from {_BLANKS} join (select upper('ab  ') as v) u using (v)", [(2,)]),
        ("select upper('a') union select upper('a ')", [("A",)]),
        ("select upper('a ') intersect select upper('a')", [("A",)]),
        ("select upper('a ') except select upper('a')", []),
        (f"select x, row_number() over (partition by v order by x) from {_BLANKS} order by x", [(1, 1), (2, 2)]),
        (f"select listagg(distinct v, ',') from {_BLANKS}", [("AB",)]),
    ],
)
def test_blanks_at_the_end_do_not_count_in_groups(rows, query, expected):
    assert rows(query) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("date('2024-05-06 10:00')", date(2024, 5, 6)),
        ("date(timestamp '2024-05-06 10:00:00')", date(2024, 5, 6)),
        ("date(getdate()) = current_date", True),
        ("int4('5') + int8(2.5)", 8),
        ("float8(1) / 4", 0.25),
        ("text(5) || '!'", "5!"),
        ("bool('t')", True),
    ],
)
def test_the_name_of_a_type_casts(value, expression, expected):
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select * from (select 1 as x, 2 as x) a", [(1, 2)]),
        ("select a.*, 3 from (select 1 as x, 2 as x, 'b' as y) a", [(1, 2, "b", 3)]),
        ("with c as (select a.x, b.x from (select 1 as x) a cross join (select 2 as x) b) select * from c", [(1, 2)]),
    ],
)
def test_a_star_is_all_columns_also_those_of_one_name(rows, query, expected):
    assert rows(query) == expected


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("select n as m from trips where m = 1", 'column "m" does not exist'),
        ("select n as m, count(*) as c from trips group by n having c > 0", 'column "c" does not exist'),
        ("select n as m from trips where n in (select 1) and lower(m) = 'x'", 'column "m" does not exist'),
        ("select distinct n from trips order by day", "must appear in select list"),
        ("select distinct n from trips order by n + 1", "must appear in select list"),
    ],
)
def test_a_clause_names_only_what_redshift_finds_there(rows, query, reason):
    with pytest.raises(StatementFailed, match=reason):
        rows(query)


@pytest.mark.parametrize(
    "query",
    [
        "select n + 1 as n from trips where n = 1",
        "select n as m from trips where n = 1 group by m order by m",
        "select n as m, m + 1 as l from trips order by 1",
        "select n as m from trips where exists (select 1 as k from (select 1 as m) s where m = 1) order by 1",
        "select (select max(x) from (select 1 as x) s where x = m) from (select n as m from trips) t order by 1",
        "select distinct n as m, day from trips order by m, 2, trips.day",
        "select distinct n + 1 from trips order by n + 1",
        "select distinct lower('A') as a from trips order by a",
        "select distinct * from trips order by n",
        "select count(*) as c from trips having count(*) > 0",
    ],
)
def test_a_clause_names_columns_and_what_the_select_list_may_be_asked_for(rows, query):
    rows(query)


_A = "(select 1 as x, 2 as v, 'l ' as w) a"
_B = "(select 'l' as w, 3 as y, 2 as v) b"
_C = "(select 5 as z, 2 as v) c"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"select * from {_A} join {_B} using (v)", [("v", "x", "w", "w", "y"), (2, 1, "l ", "l", 3)]),
        (f"select *, 9 as n from {_A} left join {_B} using (w, v)", [("w", "v", "x", "y", "n"), ("l ", 2, 1, 3, 9)]),
        (f"select * from {_A} natural join {_B}", [("v", "w", "x", "y"), (2, "l ", 1, 3)]),
        (f"select * from {_A} join {_C} using (v) join {_B} using (v)", [("v", "x", "w", "z", "w", "y")]),
        (
            f"select * from {_A} right join (select 7 as v, 8 as y) d using (v)",
            [("v", "x", "w", "y"), (7, None, None, 8)],
        ),
        (
            f"select * from {_C} full join (select 7 as v) d using (v) order by 1",
            [("v", "z"), (2, 5), (7, None)],
        ),
        (f"select a.*, y from {_A} join {_B} using (w)", [("x", "v", "w", "y"), (1, 2, "l ", 3)]),
        (f"select * from {_A} join {_B} on a.v = b.v", [("x", "v", "w", "w", "y", "v")]),
    ],
)
def test_a_star_names_the_columns_of_using_first(shared, query, expected):
    described = shared.ok(query)
    answer = shared.call("GetStatementResult", Id=described["Id"])
    names = tuple(column["name"] for column in answer["ColumnMetadata"])
    found = [names, *(tuple(row) for row in shared.rows(query))]
    assert found[: len(expected)] == expected


_LITERALS = "(select 'ab' as v, 1 as x union all select 'ab ', 2) t"
_LONGER = "(select 'ab  ' as v, 3 as y) u"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"select count(distinct v) from {_LITERALS}", [(1,)]),
        ("select count(distinct v) from (select 'ab'::varchar(5) as v union all select 'ab ') t", [(1,)]),
        (f"select v, sum(x) from {_LITERALS} group by v", [("ab", 3)]),
        (f"select distinct v from {_LITERALS}", [("ab",)]),
        (f"select distinct * from (select v from {_LITERALS}) s", [("ab",)]),
        (f"select distinct s.* from (select v, 'c ' as w from {_LITERALS}) s", [("ab", "c")]),
        (f"select count(*) from {_LITERALS} join {_LONGER} on t.v = u.v", [(2,)]),
        (f"select count(*) from {_LITERALS} join {_LONGER} using (v)", [(2,)]),
        (f"select count(*) from (select 'ab' as v) s join {_LONGER} using (v)", [(1,)]),
        (f"select s.v, y from (select 'ab' as v) s natural join {_LONGER}", [("ab", 3)]),
        (f"select y from (select 'b' as v) s natural left join {_LONGER}", [(None,)]),
        ("select 'ab' as v union select 'ab '", [("ab",)]),
        ("select 'ab'::varchar(5) as v union select 'ab '", [("ab",)]),
        ("select 'ab' as v intersect select 'ab '", [("ab",)]),
        ("select 'ab ' as v except select 'ab'", []),
        ("select count(*) from (select 'ab' as v) s where v in (select 'ab ')", [(1,)]),
        (f"select x, row_number() over (partition by v order by x) from {_LITERALS} order by x", [(1, 1), (2, 2)]),
        ("select 'ab ' as v union all select 'c' order by 1", [("ab ",), ("c",)]),
        ("select date '2020-01-01' as d union select '2020-01-01 '", [(date(2020, 1, 1),)]),
    ],
)
def test_blanks_at_the_end_of_a_literal_do_not_count_wherever_it_went(rows, query, expected):
    assert rows(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "select cast('2015-12-31' as date) union all select '2016-01-01' order by 1",
            [date(2015, 12, 31), date(2016, 1, 1)],
        ),
        ("select 1 union all select '2' order by 1", [1, 2]),
        ("select '1' union all select 2 order by 1", [1, 2]),
        ("select 1 union all select 2.5 order by 1", [Decimal("1.0"), Decimal("2.5")]),
        ("select null union all select date '2015-01-01' order by 1", [date(2015, 1, 1), None]),
    ],
)
def test_the_columns_of_a_union_have_one_type(rows, query, expected):
    assert [row[0] for row in rows(query)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "20151201", "12/01/2015", "12/1/15", "Dec 1, 2015", "December 1, 2015", "1 December 2015", "2015-Dec-01",
        "Dec-01-2015", "01-Dec-2015", "2015-12-01", "2015.335", "151201", "2015/12/01", "2015-12-01 10:30:00",
    ],
)  # fmt: skip
def test_the_forms_of_a_date(value, text):
    assert value(f"'{text}'::date") == date(2015, 12, 1)
    assert value(f"day = '{text}' from trips limit 1") is False


@pytest.mark.parametrize("text", ["20151201", "12/01/2015", "Dec 1, 2015", "2015-12-01"])
def test_a_computed_date_may_have_the_common_forms(value, text):
    assert value(f"upper('{text}')::date") == date(2015, 12, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20151201 10:30:05", "2015-12-01 10:30:05"),
        ("12/01/2015 10:30 PM", "2015-12-01 22:30:00"),
        ("2015-12-01T10:30:05.25", "2015-12-01 10:30:05.250000"),
        ("Dec 1, 2015 103005", "2015-12-01 10:30:05"),
        ("2015-12-01 10:30:05-05", "2015-12-01 10:30:05"),
    ],
)
def test_the_forms_of_a_timestamp(value, text, expected):
    assert value(f"'{text}'::timestamp") == moment(expected)


def test_a_timestamp_with_a_zone_is_a_moment(value):
    assert value("cast(timestamptz '2001-02-16 20:38:40 PST' as varchar)") == "2001-02-17 04:38:40+00"
    assert value("'2001-02-16 20:38:40 America/New_York'::timestamptz::varchar") == "2001-02-17 01:38:40+00"


def test_the_words_for_days(value):
    assert value("dateadd(day, 1, 'today') = current_date + 1") is True
    assert value("'yesterday'::date = current_date - 1") is True
    assert value("'epoch'::timestamp") == moment("1970-01-01 00:00:00")


@pytest.mark.parametrize(
    ("expression", "label"),
    [
        ("datediff(day, day, day)", "date_diff"),
        ("dateadd(day, 1, day)", "date_add"),
        ("date_part(hour, ts)", "pgdate_part"),
        ("extract(hour from ts)", "date_part"),
        ("decode(n, 1, 2)", "case"),
        ("case when n = 1 then 2 end", "case"),
        ("nvl(n, 1)", "coalesce"),
        ("n::varchar", "n"),
        ("'a'::varchar", "varchar"),
        ("1 + 1", "?column?"),
        ("sum(n) over ()", "sum"),
        ("current_date", "date"),
        ("current_timestamp", "timestamptz"),
        ("sysdate", "timestamp"),
        ("trim(name)", "btrim"),
        ("upper(name)", "upper"),
        ("'a' || name", "?column?"),
    ],
)
def test_the_names_of_unnamed_columns(shared, expression, label):
    source = "(select 1 as n, 'a' as name, date '2015-01-01' as day, timestamp '2015-01-01' as ts) t"
    described = shared.ok(f"select {expression} from {source}")
    assert shared.page(described["Id"])["ColumnMetadata"][0]["label"] == label


def test_current_timestamp_is_a_moment(shared):
    [[found]] = shared.rows("select current_timestamp")
    assert found.startswith("20")


@pytest.mark.parametrize(
    ("key", "found"), [(r"\%", ["100%"]), ("A", ["A\\B"]), (r"\\", ["A\\B"]), ("%", ["100%", "A\\B"])]
)
def test_a_computed_pattern_escapes_with_a_backslash(rows, key, found):
    query = r"select k from (select '100%' as k union all select 'A\\B') t where k ilike '%' || :q || '%' order by k"
    assert [row[0] for row in rows(query, q=key)] == found
