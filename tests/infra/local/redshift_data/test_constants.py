"""Constants that are written as literals: the value and type that the query would have computed, and its errors."""

import pytest

from infra.redshift_sql.grammar import duckdb_sql
from infra.redshift_sql.parse import statement_of, tree_of
from infra.redshift_sql.rewrite import rewritten, translated

COMPUTED = [
    "to_date('2015-12', 'YYYY-MM')",
    "to_date('31 Jan 2016', 'DD Mon YYYY')",
    "to_date('20010631', 'YYYYMMDD')",
    "to_date('69', 'YY')",
    "to_date('2016-366', 'YYYY-DDD')",
    "to_date('2457388', 'J')",
    "to_date('20010231', 'YYYYMMDD', false)",
    "to_date(null, 'YYYY-MM')",
    "last_day(to_date('2016-02', 'YYYY-MM'))",
    "add_months(to_date('2015-12', 'YYYY-MM'), -11)",
    "add_months('2008-02-29', 1)",
    "add_months(timestamp '2015-01-31 23:59:59.999999', 1)",
    "add_months(timestamp '2015-01-31 00:00:00.000001', -1)",
    "add_months(timestamp '0001-02-28 12:00:00', -1)",
    "add_months(timestamp '2015-01-31', null)",
    "add_months(date '9999-12-31', 1)",
    "date_trunc('quarter', to_date('2015-12', 'YYYY-MM'))",
    "dateadd(day, 1, add_months('2008-02-29', 12))",
    "dateadd(year, 1, date '2016-02-29')",
    "add_months(dateadd(year, -3000, timestamp '2015-01-31 01:02:03.000004'), 1)",
    "last_day(add_months(date '0001-01-01', -600))",
]
LEFT = [
    "to_date('', 'YYYY-MM')",
    "to_date(a, 'YYYY-MM')",
    "add_months(getdate(), 1)",
    "add_months(current_date, 1)",
    "add_months('today', 1)",
    "to_date((select '2015-12'), 'YYYY-MM')",
    "to_date('nonsense', 'YYYY-MM')",
    "to_date('20010231', 'YYYYMMDD', true)",
    "months_between(date '2015-12-01', date '2015-11-01')",
]


def translation(expression):
    """A translated query of one expression."""
    sql = f"select {expression} as value from (select '2015-12' as a) as t"
    tree = rewritten(tree_of(statement_of(sql), {}), "ana")
    translated(tree, lambda *_: {})
    return tree


def answer(engine, tree):
    cursor = engine.cursor()
    try:
        return cursor.execute(f"SELECT value::VARCHAR, typeof(value) FROM ({duckdb_sql(tree)})").fetchall()
    finally:
        cursor.close()


@pytest.mark.parametrize("expression", COMPUTED)
def test_a_constant_is_the_value_that_the_query_would_compute(shared, expression):
    tree = translation(expression)
    expected = answer(shared.service.engine, tree)
    shared.service.engine.constants.write_literals(tree)
    assert "redshift_catalog" not in duckdb_sql(tree)
    assert answer(shared.service.engine, tree) == expected


def test_a_timestamp_with_time_zone_is_computed_up_to_its_zone(shared):
    tree = translation("to_timestamp('2015-12-01 13:14:15', 'YYYY-MM-DD HH24:MI:SS')")
    shared.service.engine.constants.write_literals(tree)
    assert "CAST(CAST('2015-12-01 13:14:15' AS TIMESTAMP) AS TIMESTAMPTZ)" in duckdb_sql(tree)


@pytest.mark.parametrize("expression", LEFT)
def test_what_is_no_constant_or_no_date_stays_as_it_is(shared, expression):
    tree = translation(expression)
    before = duckdb_sql(tree)
    shared.service.engine.constants.write_literals(tree)
    assert duckdb_sql(tree) == before


def test_a_date_inside_a_constant_that_fails_is_computed(shared):
    tree = translation("add_months(to_date('2015-12', 'YYYY-MM'), 2000000000)")
    shared.service.engine.constants.write_literals(tree)
    assert "add_months(CAST(CAST('2015-12-01' AS DATE) AS TIMESTAMP), 2000000000)" in duckdb_sql(tree)


def test_branches_of_case_stay_branches(shared):
    tree = translation(
        "case when to_date('2015-12', 'YYYY-MM') > '2015-01-01' then to_date('2016-01', 'YYYY-MM') when a = '' then "
        "to_date('2016-02', 'YYYY-MM') end"
    )
    expected = answer(shared.service.engine, tree)
    shared.service.engine.constants.write_literals(tree)
    assert "redshift_catalog" not in duckdb_sql(tree)
    assert answer(shared.service.engine, tree) == expected == [("2016-01-01", "DATE")]


def test_one_constant_of_several_that_fails_does_not_keep_the_others(shared):
    tree = translation(
        "case when a = '' then to_date('nonsense', 'YYYY-MM') when a = 'b' then last_day("
        "to_date('2015-12', 'YYYY-MM')) end"
    )
    shared.service.engine.constants.write_literals(tree)
    assert "LAST_DAY(CAST('2015-12-01' AS DATE))" in duckdb_sql(tree)
    assert "nonsense" in duckdb_sql(tree)


def test_an_invalid_constant_in_a_branch_not_taken_is_no_error(shared):
    sql = "select case when a > 5 then to_date('nonsense', 'YYYY-MM') else date '2015-12-01' end from (select 1 as a) t"
    assert shared.rows(sql) == [["2015-12-01"]]


def test_an_invalid_constant_is_an_error_when_it_is_computed(shared):
    sql = "select a from (select 1 as a) as t where to_date('nonsense', 'YYYY-MM') is null"
    assert 'invalid value "nonsense" for the format "YYYY-MM"' in shared.error(sql)


def test_an_invalid_constant_beside_no_rows(warehouse):
    """No row computes it, so that it fails nowhere."""
    warehouse.ok("create table t (day date)")
    assert warehouse.rows("select day from t where day > to_date(substring('nonsense', 1, 8), 'YYYY-MM')") == []


def test_an_invalid_constant_does_not_abort_a_sessions_transaction(shared):
    identifier = shared.submit("begin", SessionKeepAliveSeconds=60)
    session = shared.described(identifier)["SessionId"]
    sql = "select case when a > 5 then to_date('nonsense', 'YYYY-MM') end from (select 1 as a) as t"
    assert shared.rows(sql, SessionId=session) == [[None]]
    assert shared.rows("select 1", SessionId=session) == [[1]]


def test_grouping_and_ordering_by_a_constant(shared):
    sql = (
        "select to_date('2015-12', 'YYYY-MM') as month, count(*) from (select 1 as a union all select 2) as t "
        "group by to_date('2015-12', 'YYYY-MM') order by to_date('2015-12', 'YYYY-MM')"
    )
    assert shared.rows(sql) == [["2015-12-01", 2]]


def test_each_month_has_its_own_constant(shared):
    sql = "select last_day(to_date(:month, 'YYYY-MM'))"
    for _ in range(2):
        for month, last in (("2015-11", "2015-11-30"), ("2015-12", "2015-12-31")):
            assert shared.rows(sql, Parameters=[{"name": "month", "value": month}]) == [[last]]
