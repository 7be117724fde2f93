"""The table of truth: examples of Amazon Redshift's developer guide with the results that it states.

`examples/*.yaml` holds them, a file a subject: the tables they read, and each example's page, SQL, columns and rows.
An example passes, or is `refused` with the error that it must give, or `differs` with a reason that stands in
`docs/warehouse.md` and the rows it gives here.
`python -m tests.infra.redshift_sql.truth` (`make truth`) runs all and prints the counts.
"""

import math
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.infra.local.redshift_data.conftest import Warehouse

FOLDER = Path(__file__).with_name("examples")
_ORDERED = re.compile(r"\border\s+by\b(?!.*\))", re.IGNORECASE | re.DOTALL)
_CREATED = re.compile(r"create table (?:if not exists )?(\S+)", re.IGNORECASE)
_FRACTION = re.compile(r"(:\d\d)(\.\d*?)0+(?=[+-]|$)")
Rows = list[list[Any]]


@dataclass(frozen=True)
class Example:
    """One documented statement: `rows` is what the guide states, a cell the text that it prints, NULL is None.

    `error` is part of an error that the guide states. What `differs` gives the rows `here`, or without them an error.
    """

    page: str
    id: str
    sql: str
    rows: Rows | None = None
    columns: list[str] | None = None
    types: list[str] | None = None
    tables: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    ordered: bool = True
    error: str | None = None
    refused: str | None = None
    differs: str | None = None
    here: Rows | None = None


@dataclass(frozen=True)
class Result:
    """What the Data API answers: an error, or columns, types and rows as text."""

    error: str | None = None
    columns: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    rows: Rows = field(default_factory=list)


def examples() -> list[Example]:
    """All of them, in the order of the files."""
    found = []
    for file in _files():
        for page in file["pages"]:
            tables = file.get("tables", []) + page.get("tables", [])
            found += [Example(**{"page": page["page"], "tables": tables, **one}) for one in page["examples"]]
    return found


def counts() -> dict[str, int]:
    """How many examples are of each kind, by what the files say: the tests hold them to it."""
    return dict(Counter(_kind(example) for example in examples()))


class Runner:
    """Runs examples in one warehouse, each on the tables of its page."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._tables: list[str] = []

    def run(self, example: Example) -> Result:
        """Send the example through the Data API. A table that cannot be made fails those that read it."""
        if example.tables != self._tables:
            self._make(example.tables)
            self._tables = example.tables
        self._make(example.before)
        return _result(self._warehouse, example.sql)

    def _make(self, statements: list[str]) -> None:
        for statement in statements:
            if name := _CREATED.match(statement):
                self._warehouse.run(f"drop table if exists {name[1]}")
            self._warehouse.run(statement)


def fault(example: Example, result: Result) -> str | None:
    """What is wrong with a result; None when it is what the table says."""
    if example.refused is not None:
        return None if result.error == example.refused else f"expected {example.refused!r}, not {result}"
    if example.differs and example.here is None:
        return None if result.error else f"expected an error, not {result}"
    if example.error is not None:
        return None if example.error in (result.error or "") else f"expected {example.error!r}, not {result}"
    if result.error is not None:
        return result.error
    expected = example.here if example.differs else example.rows
    if expected is not None and not _same_rows(expected, result.rows, _is_ordered(example)):
        return f"expected rows {expected}, not {result.rows}"
    for name in ("columns", "types"):
        stated = getattr(example, name)
        if stated is not None and stated != getattr(result, name):
            return f"expected {name} {stated}, not {getattr(result, name)}"
    return None


def _kind(example: Example) -> str:
    return "refused" if example.refused else "differs" if example.differs else "passes"


def _is_ordered(example: Example) -> bool:
    """Whether the order of rows counts; in some examples ORDER BY leaves rows equal."""
    return example.ordered and _ORDERED.search(example.sql) is not None


def _result(warehouse: Warehouse, sql: str) -> Result:
    described = warehouse.run(sql)
    if described["Status"] != "FINISHED":
        return Result(error=str(described["Error"]))
    if not described["HasResultSet"]:
        return Result()
    page = warehouse.page(described["Id"])
    metadata = page["ColumnMetadata"]
    rows = [[None if "isNull" in cell else next(iter(cell.values())) for cell in row] for row in page["Records"]]
    return Result(None, [column["label"] for column in metadata], [column["typeName"] for column in metadata], rows)


def _files() -> list[dict[str, Any]]:
    return [yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) for path in sorted(FOLDER.glob("*.yaml"))]


def _same_rows(expected: Rows, found: Rows, ordered: bool) -> bool:
    if len(expected) != len(found):
        return False
    if ordered:
        return all(map(_same_row, expected, found))
    left = list(found)
    for row in expected:
        match = next((position for position, other in enumerate(left) if _same_row(row, other)), None)
        if match is None:
            return False
        del left[match]
    return True


def _same_row(expected: list[Any], found: list[Any]) -> bool:
    return len(expected) == len(found) and all(map(_same_cell, expected, found))


def _same_cell(expected: str | None, found: Any) -> bool:
    """A printed cell against the Data API's: a float counts to its printed digits, a truth value is t or true."""
    if expected is None or found is None:
        return expected is found
    if isinstance(found, bool):
        return expected.lower() in ({"t", "true"} if found else {"f", "false"})
    if isinstance(found, float):
        return _same_float(expected, found)
    return _plain(expected) == _plain(str(found))


def _plain(text: str) -> str:
    """A time's fraction of a second without the zeros at its end, which the guide writes in several ways."""
    return _FRACTION.sub(lambda time: time[1] + ("" if time[2] == "." else time[2]), text)


def _same_float(expected: str, found: float) -> bool:
    _, _, decimals = expected.partition(".")
    if "e" in expected or len(decimals) > 9:
        return math.isclose(float(expected), found, rel_tol=1e-13)
    return abs(float(expected) - found) <= max(0.5 * 10.0 ** -len(decimals) if decimals else 0, 1e-12 * abs(found))


def main() -> int:
    """Run all, print how many pass, are refused, differ and are wrong, and each wrong one."""
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="truth-") as folder:
        warehouse = Warehouse(Path(folder))
        runner = Runner(warehouse)
        for example in examples():
            wrong = fault(example, runner.run(example))
            found["wrong" if wrong else _kind(example)] += 1
            if wrong:
                sys.stdout.write(f"{example.id}: {wrong}\n")
        warehouse.service.close()
    sys.stdout.write(", ".join(f"{kind} {found[kind]}" for kind in ("passes", "refused", "differs", "wrong")) + "\n")
    return 1 if found["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
