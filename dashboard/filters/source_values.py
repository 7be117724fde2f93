"""The rows that filters are filled from, kept per user, so that a page need not wait for them when it is laid out.

Written by `dynamic_filters.fill_filter` when a source report has finished, read by `pages.department`.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dashboard import native_threads
from dashboard.gateway.lru_cache import LRUCache, size_of
from dashboard.gateway.results import Result

MAX_ENTRIES = 2_000
"""What so many users and values of filters have seen; the oldest go first."""

MAX_CELLS = 2_000_000
"""The size of all rows, in cells of `lru_cache.size_of`: some 100 MB. Those of one statement are kept once."""

Parameter = Mapping[str, Any]

_Rows = tuple[str, int]
"""A statement, and how many of its rows: who may not download it sees fewer."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class SourceValues:
    """The last result of each source report as one user saw it. Rows may depend on the user, so users share none."""

    def __init__(self, max_entries: int = MAX_ENTRIES, max_cells: int = MAX_CELLS) -> None:
        self._max_entries = max_entries
        self._kept: dict[tuple[str, str, str], tuple[float, str, _Rows, str | None]] = {}
        self._results: LRUCache[_Rows, Result] = LRUCache(max_cells)

    def put(self, user: str, report: Mapping[str, Any], result: Result, sent: Mapping[str, Any] = _NOTHING) -> None:
        """Keeps the result of a report in its present version, run with `sent`, for a user (the token's subject)."""
        key = _key(user, report, sent)
        self._kept.pop(key, None)
        rows = result.statement_id, len(result.records)
        self._kept[key] = time.monotonic(), report.get("version", ""), rows, report.get("changedAt")
        if self._results.get(rows) is None:
            self._results.put(rows, result, native_threads.run(size_of, result.records))
        while len(self._kept) > self._max_entries:
            del self._kept[next(iter(self._kept))]

    def get(
        self, user: str, report: Mapping[str, Any], sent: Mapping[str, Any] = _NOTHING
    ) -> tuple[Result, bool] | None:
        """The user's last result of a report that was run with `sent`, and whether it is still fresh.

        It is by the report's `cacheSeconds`, and while its tables have not changed.
        """
        at, version, rows, changed = self._kept.get(_key(user, report, sent), (0.0, None, None, None))
        result = rows and self._results.get(rows)
        if result is None or version != report.get("version", ""):
            return None
        is_young = time.monotonic() - at < report.get("cacheSeconds", 0)
        return result, is_young and changed == report.get("changedAt")


def _key(user: str, report: Mapping[str, Any], sent: Mapping[str, Any]) -> tuple[str, str, str]:
    return user, report["id"], json.dumps(dict(sent), sort_keys=True)


@dataclass(frozen=True)
class Source:
    """A report whose rows a parameter's choices or default are, and the filters that it is run with."""

    report: str
    sent: tuple[str, ...] = ()

    def spec(self) -> dict[str, Any]:
        """As the browser has it."""
        return {"report": self.report, "with": list(self.sent)}


def sources_of(parameter: Parameter) -> list[Source]:
    """The reports whose rows a parameter's choices or default are, each once."""
    wanted = [parameter.get("choicesFrom"), parameter.get("defaultFrom")]
    found = (Source(each["report"], tuple(each.get("with", ()))) for each in wanted if each)
    return list({source.report: source for source in reversed(list(found))}.values())[::-1]
