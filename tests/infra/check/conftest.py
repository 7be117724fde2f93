"""One warehouse for every check with the same scripts: checks only read it, and to make one takes longer than a check.

That a check makes its own and closes it, tests/infra/deploy/test_deploy_command.py sees.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.check import checking, warehouse
from infra.check.warehouse import Warehouse
from tests import samples


@dataclass(frozen=True)
class Lent:
    """A warehouse that another closes."""

    warehouse: Warehouse

    def __getattr__(self, name: str) -> Any:
        return getattr(self.warehouse, name)

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True, scope="package")
def one_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    made: dict[tuple[bytes, ...], Warehouse] = {}

    def lent(_: Path, setup: Path) -> Lent:
        files = [*sorted(setup.glob("*.sql")), *sorted((setup.parent / "load").glob("*.sql"))]
        scripts = tuple(file.read_bytes() for file in files)
        if scripts not in made:
            made[scripts] = Warehouse(tmp_path_factory.mktemp("warehouse"), setup)
        return Lent(made[scripts])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse, "prepare", samples.prepared)
        patch.setattr(checking, "Warehouse", lent)
        yield
    for one in made.values():
        one.close()
