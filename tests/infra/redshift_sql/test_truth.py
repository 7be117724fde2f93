"""Each documented example answers as Redshift would, or is refused or differs as the table and the docs say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.local.redshift_data.conftest import Warehouse
from tests.infra.redshift_sql.truth import Example, Runner, counts, examples, fault

DOCS = (Path(__file__).parents[3] / "docs" / "warehouse.md").read_text(encoding="utf-8")
EXAMPLES = examples()


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """One warehouse for all examples."""
    warehouse = Warehouse(tmp_path_factory.mktemp("truth"))
    yield Runner(warehouse)
    warehouse.service.close()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.id)
def test_the_answer_is_the_documented_one(runner: Runner, example: Example) -> None:
    assert fault(example, runner.run(example)) is None


def test_ids_are_unique() -> None:
    ids = [example.id for example in EXAMPLES]
    assert len(set(ids)) == len(ids)


def test_each_difference_is_explained() -> None:
    reasons = {example.differs for example in EXAMPLES if example.differs}
    assert {reason for reason in reasons if f"**{reason}**" not in DOCS} == set()


def test_the_docs_tell_the_counts() -> None:
    found = counts()
    assert f"| {found['passes']} | {found['refused']} | {found['differs']} |" in DOCS


@pytest.mark.parametrize("member", ["rows", "columns"])
def test_a_wrong_answer_is_found(runner: Runner, member: str) -> None:
    """The comparison can fail."""
    wrong = Example("", "", "select 1 as a", **{"rows": [["1"]], "columns": ["a"], member: [["2"]]})
    assert fault(wrong, runner.run(wrong)) is not None
