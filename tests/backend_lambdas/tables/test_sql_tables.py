"""Which tables a SELECT reads: by our reading of the words, and beside a parser that knows the whole grammar."""

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from backend_lambdas.tables.sql_tables import normalized, tables_read
from tests import shipped_reports

REPORTS = sorted(shipped_reports.FOLDER.rglob("*.sql"))
CASES = {
    "none": ("SELECT 1", ""),
    "one": ("SELECT * FROM trips", "public.trips"),
    "a schema": ("SELECT * FROM finance.fares f", "finance.fares"),
    "a database": ("SELECT * FROM dev.finance.fares", "finance.fares"),
    "capitals": ("SELECT * FROM Trips", "public.trips"),
    "quotes": ('SELECT * FROM "My Trips", s."T"', "public.my trips, s.t"),
    "a comma": ("SELECT * FROM a, b AS c, d", "public.a, public.b, public.d"),
    "joins": (
        "SELECT * FROM a JOIN b USING (x) LEFT JOIN c ON a.x = c.x CROSS JOIN d",
        "public.a, public.b, public.c, public.d",
    ),
    "joins in parentheses": ("SELECT * FROM (a JOIN b ON a.x = b.x), c", "public.a, public.b, public.c"),
    "a query in FROM": ("SELECT * FROM (SELECT * FROM a) AS q, b", "public.a, public.b"),
    "a query in the list": ("SELECT (SELECT max(x) FROM a), y FROM b", "public.a, public.b"),
    "EXISTS and IN": (
        "SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM b) AND x IN (SELECT y FROM c)",
        "public.a, public.b, public.c",
    ),
    "UNION": ("(SELECT x FROM a) UNION ALL (SELECT x FROM b)", "public.a, public.b"),
    "UNION behind LIMIT": ("SELECT x FROM a LIMIT 3 UNION ALL SELECT x FROM b", "public.a, public.b"),
    "WITH": (
        "WITH q AS (SELECT * FROM a), r (x) AS (SELECT * FROM q JOIN b ON true) SELECT * FROM r",
        "public.a, public.b",
    ),
    "WITH of the table's own name": ("WITH trips AS (SELECT * FROM trips) SELECT * FROM trips", "public.trips"),
    "WITH RECURSIVE": (
        "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r, a",
        "public.a",
    ),
    "EXTRACT": ("SELECT extract(year FROM day), trim(both ' ' FROM x), substring(y FROM 2 FOR 3) FROM a", "public.a"),
    "DISTINCT FROM": ("SELECT a IS NOT DISTINCT FROM b FROM c", "public.c"),
    "functions that give rows": ("SELECT * FROM generate_series(1, 2) AS g, a", "public.a"),
    "strings and comments": ("SELECT 'FROM x, y' -- FROM z\nFROM a /* JOIN b */ WHERE c = 'FROM d'", "public.a"),
    "windows": ("SELECT sum(x) OVER (PARTITION BY y ORDER BY z) FROM a WHERE p BETWEEN 1 AND 2", "public.a"),
    "a column named from": ('SELECT q."from", (SELECT 1 FROM a) FROM b AS q', "public.a, public.b"),
    "CASE": ("SELECT CASE WHEN (SELECT count(*) FROM a) > 0 THEN 1 END FROM b", "public.a, public.b"),
    "HAVING": ("SELECT x FROM a GROUP BY 1 HAVING sum(y) > (SELECT avg(y) FROM b)", "public.a, public.b"),
    "ORDER BY": ("SELECT x FROM a ORDER BY (SELECT 1 FROM b), y", "public.a, public.b"),
}
BY_PARSER = {name: sql for name, (sql, _) in CASES.items()}


@pytest.mark.parametrize(("sql", "tables"), CASES.values(), ids=CASES)
def test_the_tables_of_a_select_are_found(sql: str, tables: str) -> None:
    assert ", ".join(tables_read(sql)) == tables


def by_parser(sql: str) -> set[str]:
    """What sqlglot finds, functions and names of WITH left out."""
    tree = sqlglot.parse_one(sql, dialect="redshift")
    sources = [source for scope in traverse_scope(tree) for source in scope.sources.values()]
    found = [source for source in sources if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier)]
    return {f"{table.db or 'public'}.{table.name}".lower() for table in found}


@pytest.mark.parametrize("report", REPORTS, ids=lambda path: path.stem)
def test_a_parser_finds_the_same_in_every_report(report: Path) -> None:
    sql = shipped_reports.load(report).sql
    assert set(tables_read(sql)) == by_parser(sql)


@pytest.mark.parametrize("sql", BY_PARSER.values(), ids=BY_PARSER)
def test_a_parser_finds_no_more(sql: str) -> None:
    """It may find fewer: a table that is read unheard would be stale; one too many costs a statement."""
    assert by_parser(sql) <= set(tables_read(sql))


@pytest.mark.parametrize(
    ("written", "name"),
    [("trips", "public.trips"), ("S.Trips", "s.trips"), ('dev."S".t', "s.t"), ('"a b"', "public.a b")],
)
def test_a_name_is_compared_with_its_schema_in_lower_case(written: str, name: str) -> None:
    assert normalized(written) == name
