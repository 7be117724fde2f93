"""What running one statement needs, and what it leaves.

Made by `runner`; used by `queries`, `changes`, `copy_from`, `unload`, `users` and `grants`.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from infra.warehouse.constants import Constants
from infra.warehouse.deliveries import Deliveries
from infra.warehouse.name_resolution import Relations
from infra.warehouse.objects import Objects
from infra.warehouse.prepared import PreparedQueries
from infra.warehouse.privileges import Rights
from infra.warehouse.results import Result


@dataclass(frozen=True)
class ExecutionContext:
    """One statement being run: its connection, its user's rights, its values, and where its result and files go."""

    cursor: duckdb.DuckDBPyConnection
    database: str
    user: str
    parameters: dict[str, str]
    result_path: Path
    staging: Path
    objects: Objects
    deliveries: Deliveries
    query_id: int
    sql: str
    prepared: PreparedQueries
    constants: Constants
    version: int
    remembers: bool  # not in a session or a batch, whose temporary tables hide others

    def rights(self) -> Rights:
        """The user's rights as of now."""
        return Rights(self.cursor, self.user)

    def relations(self) -> Relations:
        """The catalog as of now."""
        return Relations(self.cursor, self.database)


@dataclass(frozen=True)
class StatementResult:
    """Rows returned or changed, and the result set if there is one, an empty one included."""

    rows: int = 0
    result: Result | None = None

    @property
    def size(self) -> int:
        """The result's bytes."""
        return 0 if self.result is None else self.result.size
