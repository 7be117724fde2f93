"""The queries of TPC-H and TPC-DS, as AWS publishes them for Redshift, answered here and by PostgreSQL.

The texts are not part of this project: `git clone https://github.com/awslabs/amazon-redshift-utils` brings them, and
`PUSHBOARD_TPC=<that folder> pytest tests/infra/redshift_sql/test_tpc.py` runs them. Both sides get the same rows, made
from `SEED`; PostgreSQL computes means and quotients to Redshift's digits. Rows are compared without LIMIT, since ties
leave open which rows come first, and their order by the columns of ORDER BY that are shown.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator

import pytest
import sqlglot
from sqlglot import exp

from infra.redshift_sql.grammar import Warehouse as Grammar
from tests.infra.local.redshift_data.conftest import Warehouse

from . import postgres
from .tpc.both import Answer, Both
from .tpc.texts import BENCHMARKS, Benchmark, absence

SEED = int(os.environ.get("SEED", "1"))
_LIMIT = re.compile(r"\blimit\s+(\d+)\s*$", re.IGNORECASE)
_MISSING = absence() or (postgres.missing_programs() and f"no PostgreSQL server: {postgres.missing_programs()}")
_QUERIES = [] if _MISSING else [(one, number) for one in BENCHMARKS for number in one.queries]

pytestmark = pytest.mark.skipif(bool(_MISSING), reason=str(_MISSING))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Both]]:
    """Each benchmark's tables and rows, here and in PostgreSQL."""
    with postgres.server() as server:
        warehouses = {one.name: Warehouse(tmp_path_factory.mktemp(one.name)) for one in BENCHMARKS}
        yield {one.name: Both(one, warehouses[one.name], server, SEED) for one in BENCHMARKS}
        for warehouse in warehouses.values():
            warehouse.service.close()


def test_there_is_a_query_of_each_number():
    assert {one.name: len({number.rstrip("b") for number in one.queries}) for one in BENCHMARKS} == {"h": 22, "ds": 99}


@pytest.mark.parametrize(("benchmark", "number"), _QUERIES, ids=[f"{one.name}-{number}" for one, number in _QUERIES])
def test_postgres_answers_the_same(loaded: dict[str, Both], benchmark: Benchmark, number: str):
    sql = benchmark.queries[number]
    both, whole = loaded[benchmark.name], _LIMIT.sub("", sql)
    here = both.here(whole)
    there = both.there(whole, number, here.types)
    assert here.columns == there.columns
    assert not _different(here, there)
    order = _order(sql, here.columns)
    assert _keys(here, order) == _keys(there, order)
    limit = _LIMIT.search(sql)
    if limit is not None:
        assert _keys(both.here(sql), order) == _keys(here, order)[: int(limit[1])]


def _different(here: Answer, there: Answer) -> str:
    """The first rows that only one of them has."""
    ours, theirs = Counter(here.rows), Counter(there.rows)
    lines = [f"here: {row}" for row in list(ours - theirs)[:4]]
    lines += [f"PostgreSQL: {row}" for row in list(theirs - ours)[:4]]
    return f"{(ours - theirs).total()} of {len(here.rows)} rows:\n" + "\n".join(lines) if lines else ""


def _order(sql: str, columns: list[str]) -> list[int]:
    """The result's columns that its rows are sorted by, up to the first expression that is no column of it."""
    order = sqlglot.parse_one(sql, read=Grammar).args.get("order")
    found: list[int] = []
    for key in order.expressions if order is not None else []:
        name = key.this.name.lower()
        if isinstance(key.this, exp.Literal):
            found.append(int(name) - 1)
        elif isinstance(key.this, exp.Column) and columns.count(name) == 1:
            found.append(columns.index(name))
        else:
            break
    return found


def _keys(answer: Answer, order: list[int]) -> list[tuple[object, ...]]:
    return [tuple(row[index] for index in order) for row in answer.rows]
