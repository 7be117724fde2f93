"""What Redshift does not have is refused in its own words; what only the laptop does not have says so."""

import pytest
import sqlglot

import infra.local.redshift_data  # noqa: F401 - registers the functions
from infra.redshift_sql.fence.checks import differences
from infra.redshift_sql.fence.functions import EXISTING
from infra.redshift_sql.functions.calls import FUNCTIONS
from infra.redshift_sql.grammar import Warehouse

REFUSED = {
    "select distinct on (a) a, b from t": "SELECT DISTINCT ON is not supported",
    "select count(*) filter (where a > 1) from t": 'syntax error at or near "("',
    "select 1 from a join b": "syntax error at end of input",
    "select 1 from a join b where a.x = 1": 'syntax error at or near "where"',
    "select 1 from a left join public.b c order by 1": 'syntax error at or near "order"',
    "select 1 from a inner join (select x from d where y in (1, 2)) b limit 3": 'syntax error at or near "limit"',
    "select 1 from a join (select -x as y, (1) as z from d) b where y = 1": 'syntax error at or near "where"',
    "select 1 from a join b, c": 'syntax error at or near ","',
    "select (select count(*) from a full join b) from c": 'syntax error at or near ")"',
    "select 1 from a cross join b on a.x = b.x": 'syntax error at or near "on"',
    "select 1 from a natural join b using (x)": 'syntax error at or near "using"',
    "select a from t group by all": 'syntax error at or near "all"',
    "select a from t order by all": 'syntax error at or near "all"',
    "select a from t group by a with rollup": 'syntax error at or near "with"',
    "select * from (values (1, 2)) as v(a, b)": 'syntax error at or near "values"',
    "select * from unnest(a)": 'syntax error at or near "unnest"',
    "select * from t, lateral (select 1) x": 'syntax error at or near "lateral"',
    "select * except (a) from t": 'syntax error at or near "except"',
    "select * replace (1 as a) from t": 'syntax error at or near "replace"',
    "select sum(a) over w from t window w as (order by b)": 'syntax error at or near "window"',
    "select sum(a) over (order by b) from t": (
        "Aggregate window functions with an ORDER BY clause require a frame clause"
    ),
    "select sum(a) over (order by b range unbounded preceding) from t": 'syntax error at or near "range"',
    "select a from t except all select a from s": "EXCEPT ALL is not supported",
    "select a from t intersect all select a from s": "INTERSECT ALL is not supported",
    "select a from t union by name select a from s": 'syntax error at or near "by"',
    "from t": 'syntax error at or near "from"',
    "select a from t limit 5, 10": "LIMIT #,# syntax is not supported",
    "select a from t limit 10 percent": 'syntax error at or near "percent"',
    "select a from t fetch first 5 rows only": 'syntax error at or near "fetch"',
    "select a from t tablesample (10)": 'syntax error at or near "tablesample"',
    "select a is distinct from b from t": 'syntax error at or near "distinct"',
    "select a <=> b from t": "operator does not exist: <=>",
    "select a == b from t": "operator does not exist: ==",
    "select a ** b from t": "operator does not exist: **",
    "select a -> 'x' from t": "operator does not exist: ->",
    "select a ->> 'x' from t": "operator does not exist: ->>",
    "select a @> b from t": "operator does not exist: @>",
    "select f.a from f where list(a => 1)": "operator does not exist: =>",
    "select [1, 2]": 'syntax error at or near "["',
    "select array[1, 2]": 'syntax error at or near "["',
    "select {'a': 1}": 'syntax error at or near "{"',
    "select interval 1 day": 'syntax error at or near "1"',
    "select a::hugeint from t": 'type "hugeint" does not exist',
    "select cast(a as string) from t": 'type "string" does not exist',
    "select a::uuid from t": 'type "uuid" does not exist',
    "select a from t semi join s on a = b": 'syntax error at or near "semi"',
    "select a from t asof join s on a >= b": 'syntax error at or near "asof"',
    "select a from t where a rlike 'x'": 'syntax error at or near "rlike"',
    "select a from t where a like any ('a', 'b')": 'syntax error at or near "any"',
    "select a, from t": 'syntax error at or near "from"',
    "with x as materialized (select 1) select * from x": 'syntax error at or near "materialized"',
    "select listagg(a, ',' order by b) from t": 'syntax error at or near "order"',
    'select a collate "C" from t': 'syntax error at or near "collate"',
    "select a from t where a between symmetric 1 and 2": 'syntax error at or near "symmetric"',
    "select tag from t": 'syntax error at or near "tag"',
    "select a from system": 'syntax error at or near "system"',
    "create table x as select a == b from t": "operator does not exist: ==",
    "insert into x select a from t group by all": 'syntax error at or near "all"',
}
MISSING = {
    "select string_agg(a, ',') from t": "function string_agg(?, ?) does not exist",
    "select array_agg(a) from t": "function array_agg(?) does not exist",
    "select if(a > 1, 1, 2) from t": "function if(?, ?, ?) does not exist",
    "select ifnull(a, 1) from t": "function ifnull(?, ?) does not exist",
    "select year(a) from t": "function year(?) does not exist",
    "select unnest(a) from t": "function unnest(?) does not exist",
    "select count(distinct a, b) from t": "function count(?, ?) does not exist",
    "select substring('a')": "function substring(?) does not exist",
    "select lag(a, 1, 0) over (order by b) from t": "function lag(?, ?, ?) does not exist",
    "select nextval('s')": "function nextval(?) does not exist",
    "select columns(*) from t": "function columns(?) does not exist",
}
ELSEWHERE = {
    "select st_x(a) from t": "function st_x exists on Redshift; the laptop cannot run it",
    "select slice_num()": "function slice_num exists on Redshift; the laptop cannot run it",
    "select hll(a) from t": "function hll exists on Redshift; the laptop cannot run it",
    "select a::super from t": "type super exists on Redshift; the laptop cannot run it",
    "select 'ab'::varbyte": "type varbyte exists on Redshift; the laptop cannot run it",
    "create table x (a int, b super)": "type super exists on Redshift; the laptop cannot run it",
    "create table x (a varbyte(10))": "type varbyte exists on Redshift; the laptop cannot run it",
    "select a[0] from t": "navigation of SUPER exists on Redshift; the laptop cannot run it",
    "select a from t, s where t.a = s.a(+)": (
        "the outer join operator (+) exists on Redshift; the laptop cannot run it"
    ),
    "select a from t start with a = 1 connect by prior a = b": (
        "CONNECT BY exists on Redshift; the laptop cannot run it"
    ),
    "select current_aws_account": "current_aws_account exists on Redshift; the laptop cannot run it",
}
FINE = """
select a from t qualify row_number() over (order by a) = 1
select * exclude (a) from t
select sum(a) over (order by b rows unbounded preceding), rank() over (order by b) from t
select interval '1' day, interval '1 day', date '2020-01-01' + interval '1 month'
select a from t cross join s natural join r left join q using (a) full join p on p.a = q.a
select 1 from a, (select x from q where y in (1)) b join c on true, d
select 1 from a join (b join c on b.x = c.x) on a.x = b.x join d join e on d.x = e.x on a.x = d.x
select 1 from a natural left join b cross join (select 1 as x) c
select a from t where a ~ 'x' and a !~ 'y' and a similar to 'x' and a ilike 'b' escape '^'
select case when a then 1 end, a is true, a is unknown, a is not null, not b, a isnull from t
select a from t where (a, b) in (select 1, 2) and a = any(select 1) and a in (1, 2) and exists (select 1)
with recursive x(n) as (select 1 union all select n + 1 from x where n < 3) select * from x
select top 5 a from t
select current_date, current_timestamp, sysdate, user, current_user, session_user
select * from t pivot (sum(a) for b in ('x', 'y'))
select * from t unpivot (v for k in (a, b))
select a at time zone 'UTC', timestamp with time zone '2020-01-01 00:00:00+00', time '10:00' from t
select listagg(distinct a, ',') within group (order by b) from t
select first_value(a ignore nulls) over (order by b rows unbounded preceding) from t
select extract(year from a), date_part(year, a), dateadd(day, 1, a), datediff(d, a, b) from t
select grouping(a) from t group by cube(a), rollup(b), grouping sets ((a), ())
select a from t order by a nulls first limit all offset 5
select "tag", t.tag, t.all from t
select cast(a as varchar(max)), a::decimal(10, 2), a::double precision, convert(int, a), a::character varying from t
select substring(a from 1 for 2), trim(both 'x' from a), position('a' in b), trim(a), trim(leading from a) from t
select a from t where b between 1 and 2 minus select b from s except select c from r intersect select d from q
select a & b, a | b, ~a, a << 1, a >> 2, 2 ^ 3, a % 2, a || 'x', -a from t
select count(*), count(distinct a), count(all a) from t
select approximate count(distinct a), approximate percentile_disc(0.5) within group (order by a) from t
insert into t values (1, 2), (3, 4)
update t set a = 1 where b = 2
create table x as select 1 as a
""".strip().split("\n")


def found(sql, kind=None):
    tree = sqlglot.parse_one(sql, read=Warehouse)
    return differences(tree, sql, kind)


@pytest.mark.parametrize("sql", REFUSED)
def test_what_redshift_does_not_have_is_an_error(sql):
    difference, *others = found(sql)
    assert (difference.reason, difference.is_error, others) == (REFUSED[sql], True, [])


@pytest.mark.parametrize("sql", MISSING)
def test_a_function_or_a_number_of_arguments_that_does_not_exist_is_an_error(sql):
    """Their types are told where they are known, so without them it is left to the translation."""
    (difference,) = [one for one in found(sql, lambda _: "?") if one.is_error]
    assert difference.reason == MISSING[sql]
    assert [one for one in found(sql) if one.is_error] == []


@pytest.mark.parametrize("sql", ELSEWHERE)
def test_what_only_the_laptop_does_not_have_says_so(sql):
    (difference,) = found(sql)
    assert (difference.reason, difference.is_error) == (ELSEWHERE[sql], False)


@pytest.mark.parametrize("sql", FINE)
def test_what_redshift_has_is_fine(sql):
    assert found(sql, lambda _: "?") == []


def test_each_difference_has_its_place():
    sql = "select a == 1,\n  year(b),\n  c::json\nfrom t"
    assert [(sql[one.start :][:4], one.reason.split(" does")[0]) for one in found(sql, lambda _: "date")] == [
        ("== 1", "operator"),
        ("year", "function year(date)"),
        ("json", 'type "json"'),
    ]


def test_texts_and_quoted_names_are_not_looked_into():
    assert found("select '==' as \"->\", 'a,' from t where b = 'year(a), from'") == []


def test_the_laptop_has_no_function_that_redshift_has_not():
    assert {name.removeprefix("approximate ") for name in FUNCTIONS} - set(EXISTING) == set()


def test_the_error_tells_the_position_in_the_text_as_written(shared):
    sql = "select :long_name_of_a_parameter, a == 1 from pg_user"
    error = shared.error(sql, Parameters=[{"name": "long_name_of_a_parameter", "value": "1"}])
    assert error == f"ERROR: operator does not exist: ==\n  Position: {sql.index('==') + 1}"


def test_a_type_of_no_database_does_not_exist(shared):
    error = shared.error("select '1'::whatever")
    assert error == 'ERROR: type "whatever" does not exist\n  Position: 13'


@pytest.mark.parametrize(
    ("sql", "near"),
    [("select try_cast('a' as int)", "as"), ("select 1 +\n  :n from\nwhere", "where"), ("select struct(1 as a)", "as")],
)
def test_a_syntax_error_tells_its_position(shared, sql, near):
    parameters = {"Parameters": [{"name": "n", "value": "1"}]} if ":n" in sql else {}
    error = shared.error(sql, **parameters)
    assert error == f'ERROR: syntax error at or near "{near}"\n  Position: {sql.rindex(near) + 1}'


def test_an_error_comes_before_what_only_the_laptop_lacks(shared):
    assert "operator does not exist" in shared.error("select slice_num(), 1 == 1")


def test_a_missing_function_names_the_types_of_its_arguments(shared):
    error = shared.error("select year(date '2015-12-01')")
    assert error.startswith("ERROR: function year(date) does not exist")


def test_a_statement_of_more_than_100_kb_is_refused(shared):
    comment = "x" * (100 * 1024 - len("select 1 /**/"))
    shared.ok(f"select 1 /*{comment}*/")
    with pytest.raises(Exception, match="102,401 bytes") as refused:
        shared.run(f"select 1 /*{comment}x*/")
    assert refused.value.code == "ValidationException"


def test_bytes_count_and_not_characters(shared):
    with pytest.raises(Exception, match="bytes"):
        shared.run(f"select '{'é' * 60_000}'")
