"""Named parameters: found where AWS finds them, bound as values and never as SQL."""

import random

import pytest

from infra.local.endpoint.awsjson import ServiceError
from infra.local.redshift_data.request_checks import check_used
from infra.redshift_sql.errors import StatementFailed, SyntaxFailed
from infra.redshift_sql.grammar import duckdb_sql
from infra.redshift_sql.parameters import occurrences
from infra.redshift_sql.parse import statement_of, tree_of


def names(sql):
    return [place.name for place in occurrences(sql)]


def bound(sql, **values):
    return duckdb_sql(tree_of(statement_of(sql), values))


def test_a_name_may_occur_many_times():
    assert names("select :a, :b, :a") == ["a", "b", "a"]


def test_a_cast_may_follow_the_placeholder():
    assert names("select :id::smallint, x::int") == ["id"]


@pytest.mark.parametrize(
    "sql", ["select ':id'", "select 1 -- :id", "select 1 /* :id */", "select $$ :id $$", 'select ":id"']
)
def test_nothing_is_found_in_quotes_and_comments(sql):
    assert names(sql) == []


def test_a_slice_is_not_a_placeholder():
    assert names("select a[1:2] from t") == []


@pytest.mark.parametrize("name", ["date", "1st", "select", "_x"])
def test_a_name_may_be_a_keyword_or_begin_with_a_digit(name):
    assert bound(f"select :{name}", **{name: "v"}) == "SELECT 'v'"


def test_an_unused_parameter_is_refused_in_aws_words():
    with pytest.raises(ServiceError) as refused:
        check_used(["select ':id'"], [{"name": "id", "value": "1"}])
    assert refused.value.code == "ValidationException"
    assert refused.value.message == "Parameters list contains unused parameters. Unused parameters: [id]"


def test_in_a_batch_one_use_is_enough():
    check_used(["select 1", "select :id"], [{"name": "id", "value": "1"}])


def test_a_missing_value_fails_the_statement():
    with pytest.raises(StatementFailed, match="No value was given for parameter a"):
        bound("select :a")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from :t",
        "select * from s.:t",
        "select x.:t from x",
        "select a from x order by :t",
        "select a from x group by :t",
        "select a as :t from x",
    ],
)
def test_a_value_cannot_stand_for_a_name(sql):
    with pytest.raises(SyntaxFailed, match="syntax error at or near"):
        bound(sql, t="trips")


HOSTILE = [
    "it's",
    "'; drop table t; --",
    "-- x",
    "/* x */",
    "$$",
    "\\",
    "\\'",
    "é €  𝛑",
    "a\nb\tc",
    ":id",
    "%s $1 {0}",
    '"',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_value_stays_a_value(value, text):
    assert value(":v", v=text) == text


def _texts(count):
    chance = random.Random(2015)
    signs = "'\"\\;:$-/*%_{}[]()\n\t aZ0é€𝛑" + chr(0x200B)
    return ["".join(chance.choices(signs, k=chance.randint(1, 12))) for _ in range(count)]


def test_any_text_comes_back_unchanged(value):
    texts = _texts(300)
    assert [value(":v where :v = :v", v=text) for text in texts] == texts


@pytest.mark.parametrize(
    "condition",
    ["n = :v", "n in (:v, :v)", "n between :v and :v", "n = :v::smallint", "n + :v = 4", "n * :v = 4"],
)
def test_a_text_is_compared_as_the_column_it_meets(rows, condition):
    assert len(rows(f"select n from trips where {condition}", v="2")) == 1


def test_a_text_is_compared_with_a_date(rows):
    assert rows("select n from trips where day >= :since", since="2016-01-01") == [(4,)]


def test_a_value_may_be_used_inside_any_function(value):
    assert value("decode(:v, 'a', nvl(null, :w), :w)", v="a", w="found") == "found"
