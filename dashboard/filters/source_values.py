"""The rows that filters are filled from, kept per user, so that a page need not wait for them when it is laid out.

Written by `dynamic_filters.fill_filter` when a source report has finished, read by `pages.department`.
"""

import time
from collections.abc import Mapping
from typing import Any

from dashboard.gateway.results import Result

MAX_ENTRIES = 2_000
"""Results of at most `dynamic_filters.MAX_CHOICES` rows; the oldest go first."""

Parameter = Mapping[str, Any]


class SourceValues:
    """The last result of each source report as one user saw it. Rows may depend on the user, so users share none."""

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._kept: dict[tuple[str, str], tuple[float, str, Result, str | None]] = {}

    def put(self, user: str, report: Mapping[str, Any], result: Result) -> None:
        """Keeps the result of a report in its present version for a user (the subject of the token)."""
        self._kept.pop((user, report["id"]), None)
        self._kept[user, report["id"]] = time.monotonic(), report.get("version", ""), result, report.get("changedAt")
        while len(self._kept) > self._max_entries:
            del self._kept[next(iter(self._kept))]

    def get(self, user: str, report: Mapping[str, Any]) -> tuple[Result, bool] | None:
        """The user's last result of a report, and whether it is still fresh: by its `cacheSeconds`, and because
        its tables have not changed since.
        """
        at, version, result, changed = self._kept.get((user, report["id"]), (0.0, None, None, None))
        if result is None or version != report.get("version", ""):
            return None
        is_young = time.monotonic() - at < report.get("cacheSeconds", 0)
        return result, is_young and changed == report.get("changedAt")


def source_reports(parameter: Parameter) -> list[str]:
    """The ids of the reports whose rows a parameter's choices or default are."""
    sources = [parameter.get("choicesFrom"), parameter.get("defaultFrom")]
    return list(dict.fromkeys(source["report"] for source in sources if source))
