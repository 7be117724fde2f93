"""An engine to try rewritten SQL on, and the Data API over it for what only a whole statement shows."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.redshift_sql.grammar import duckdb_sql
from infra.redshift_sql.parse import statement_of, tree_of
from infra.redshift_sql.rewrite import rewritten, translated
from infra.warehouse.column_metadata import TableColumns
from infra.warehouse.engine import Engine
from infra.warehouse.name_resolution import Relations
from tests.infra.local.redshift_data.conftest import shared

__all__ = ["shared"]


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = Engine(tmp_path_factory.mktemp("engine") / "dev.duckdb", frozenset({"awsuser"}))
    cursor = engine.cursor()
    cursor.execute(
        """CREATE TABLE public.trips AS SELECT * FROM (VALUES
            (1::SMALLINT, 2.50::DECIMAL(10, 2), DATE '2015-12-05', TIMESTAMP '2015-12-05 15:04:05.5', 'ann'),
            (2::SMALLINT, 4.00::DECIMAL(10, 2), DATE '2015-12-31', TIMESTAMP '2015-12-31 00:30:00', 'bob'),
            (4::SMALLINT, NULL, DATE '2016-02-29', TIMESTAMP '2016-02-29 23:59:59', NULL))
            AS t(n, fare, day, ts, name)"""
    )
    yield engine
    cursor.close()
    engine.close()


Rows = list[tuple[Any, ...]]


@pytest.fixture
def rows(engine: Engine) -> Iterator[Callable[..., Rows]]:
    """Runs Redshift SQL over `trips`, through the chain of rewrites."""
    cursor = engine.cursor()

    def run(sql: str, **parameters: str) -> Rows:
        tree = rewritten(tree_of(statement_of(sql), parameters), "ann")
        Relations(cursor, "dev").read_by(tree)
        translated(tree, TableColumns(cursor).types)
        found: Rows = cursor.execute(duckdb_sql(tree)).fetchall()
        in_any_order = len(set(map(repr, found))) > 1 and not tree.args.get("order")
        assert not in_any_order, f"without ORDER BY these rows may come in any order: {sql}"
        return found

    yield run
    cursor.close()


@pytest.fixture
def value(rows: Callable[..., Rows]) -> Callable[..., Any]:
    """The single value of an expression."""
    return lambda expression, **parameters: rows(f"select {expression}", **parameters)[0][0]


@pytest.fixture
def typed(engine: Engine) -> Iterator[Callable[..., tuple[Any, str]]]:
    """The single value of an expression, and its type as Redshift writes it: `numeric(10,2)`, `varchar(5)`."""
    cursor = engine.cursor()

    def run(expression: str, **parameters: str) -> tuple[Any, str]:
        tree = rewritten(tree_of(statement_of(f"select {expression}"), parameters), "ann")
        Relations(cursor, "dev").read_by(tree)
        [(_, kind)] = translated(tree, TableColumns(cursor).types)
        sizes = {"numeric": f"({kind.size},{kind.scale})", "varchar": f"({kind.size})", "char": f"({kind.size})"}
        row = cursor.execute(duckdb_sql(tree)).fetchone()
        return row[0] if row else None, kind.name + sizes.get(kind.name, "")

    yield run
    cursor.close()


@pytest.fixture
def column(rows: Callable[..., Rows]) -> Callable[..., list[Any]]:
    """An expression over the three rows of `trips`."""
    return lambda expression: [row[0] for row in rows(f"select {expression} from trips order by n")]
