"""Random expressions answered here and by PostgreSQL, the nearest relative of Redshift.

`EXPRESSIONS=10000 SEED=7` tries others, and more of them.
"""

import os
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from infra.redshift_sql.errors import StatementFailed

from . import postgres

COUNT = int(os.environ.get("EXPRESSIONS", "150"))
SEED = int(os.environ.get("SEED", "1"))


def _answer(value: Callable[..., Any], expression: str) -> str | None:
    try:
        found = value(f"cast(({expression}) as varchar(1000))")
    except (StatementFailed, duckdb.Error):
        return None
    return "NULL" if found is None else str(found)


@pytest.mark.skipif(bool(postgres.missing_programs()), reason=f"no PostgreSQL server: {postgres.missing_programs()}")
def test_postgres_answers_the_same(value):
    generator = postgres.Expressions(SEED)
    expressions = [generator.any() for _ in range(COUNT)]
    with postgres.server() as server:
        theirs = server.evaluate(expressions)
    assert len(theirs) == COUNT
    ours = [_answer(value, expression) for expression in expressions]
    different = [
        f"{expression}\n  PostgreSQL: {their!r}\n  here: {our!r}"
        for expression, their, our in zip(expressions, theirs, ours, strict=True)
        if their != our
    ]
    assert not different, f"{len(different)} of {COUNT}:\n" + "\n".join(different[:30])
