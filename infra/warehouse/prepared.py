"""Queries already translated, by their text, values and user: a report that runs again is not translated again.

Used by `queries`. What is remembered, that the user may read it as well, holds until a statement may have changed
anything: tables, users, groups, grants. `runner` then calls `forget`.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from infra.warehouse.columns import Column
from infra.warehouse.name_resolution import Relation

_KEPT = 256
Key = tuple[str, str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class PreparedQuery:
    """A query as DuckDB runs it, the columns it will have, and the relations it reads."""

    sql: str
    columns: tuple[Column, ...]
    relations: tuple[Relation, ...] = ()


class PreparedQueries:
    """The last queries prepared on one engine, and the texts whose results are large."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queries: OrderedDict[Key, PreparedQuery] = OrderedDict()
        self._large: OrderedDict[str, None] = OrderedDict()
        self.version = 0

    def get(self, key: Key) -> PreparedQuery | None:
        """A query prepared since the last change."""
        with self._lock:
            found = self._queries.get(key)
            if found is not None:
                self._queries.move_to_end(key)
            return found

    def put(self, key: Key, query: PreparedQuery, version: int) -> None:
        """Remember a query, unless something has changed since the `version` at which its preparation began."""
        with self._lock:
            if version == self.version:
                self._queries[key] = query
                if len(self._queries) > _KEPT:
                    self._queries.popitem(last=False)

    def is_large(self, sql: str) -> bool:
        """Whether a text's rows were too many for a small result; only its speed depends on the answer."""
        with self._lock:
            return sql in self._large

    def note_large(self, sql: str) -> None:
        """Remember that a text has many rows, whatever its values, and also when tables change."""
        with self._lock:
            self._large[sql] = None
            if len(self._large) > _KEPT:
                self._large.popitem(last=False)

    def forget(self) -> None:
        """Forget everything: tables or rights may have changed."""
        with self._lock:
            self.version += 1
            self._queries.clear()
