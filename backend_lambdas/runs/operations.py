"""What operators are shown of runs: those under way, and a day of those that ended, counted and ranked. Pure.

Used by `get_operations`. Elapsed times are of runs that finished, in milliseconds, from when they were asked for: so
waiting for the warehouse counts. Whoever is answered is counted once for each answer, whether a statement ran for him,
he joined another's, or the rows were there already.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from backend_lambdas.runs.run_state import CANCELLED, FAILED, FINISHED, RunState

SHOWN = 10
"""Rows of a ranking."""

Item = Mapping[str, Any]


def under_way(runs: Iterable[RunState], waiting: Mapping[str, int]) -> list[dict[str, Any]]:
    """The runs that somebody waits for, the oldest first, with how many do."""
    return [
        {
            "attempt": run.attempt,
            "statementId": run.statement_id,
            "report": run.report,
            "title": run.title,
            "department": run.department,
            "state": "running" if run.statement_id else "queued",
            "since": run.started_at,
            "waiting": waiting[run.attempt],
        }
        for run in sorted(runs, key=lambda run: run.started_at)
        if run.attempt in waiting
    ]


def summary(ended: Sequence[Item]) -> dict[str, Any]:
    """The figures of some ended runs, and who stands out among them; `ended` is the newest first."""
    finished = [item for item in ended if item["state"] == FINISHED]
    failed = [item for item in ended if item["state"] == FAILED]
    took = sorted(int(item["elapsedMs"]) for item in finished)
    return {
        "figures": _figures(ended) | {"medianMs": _rank(took, 0.5), "p95Ms": _rank(took, 0.95)},
        "slowest": [_public(item) for item in sorted(finished, key=_elapsed, reverse=True)[:SHOWN]],
        "failures": _alike(failed)[:SHOWN],
        "shared": [one for one in _by(finished, _report)[:SHOWN] if one["answers"] > one["finished"]],
        "departments": sorted(_by(ended, _department), key=lambda one: -int(one["runs"])),
    }


def _figures(items: Sequence[Item]) -> dict[str, Any]:
    states = Counter(item["state"] for item in items)
    return {
        "runs": len(items),
        "finished": states[FINISHED],
        "failed": states[FAILED],
        "cancelled": states[CANCELLED],
        "answers": sum(_answers(item) for item in items if item["state"] == FINISHED),
    }


def _by(items: Iterable[Item], name: Callable[[Item], dict[str, str]]) -> list[dict[str, Any]]:
    """The figures of each group of items, those who were answered most first."""
    groups: dict[tuple[str, ...], list[Item]] = {}
    names: dict[tuple[str, ...], dict[str, str]] = {}
    for item in items:
        own = name(item)
        groups.setdefault(tuple(own.values()), []).append(item)
        names[tuple(own.values())] = own
    found = [names[key] | _figures(group) for key, group in groups.items()]
    return sorted(found, key=lambda one: -int(one["answers"]))


def _report(item: Item) -> dict[str, str]:
    return {name: str(item[name]) for name in ("report", "title", "department")}


def _alike(failed: Iterable[Item]) -> list[dict[str, Any]]:
    """The latest failure of each kind, and how often there was one: a report that fails all day is one row."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for item in failed:
        kind = tuple(str(item[name]) for name in ("department", "report", "code", "reason"))
        found.setdefault(kind, _public(item) | {"times": 0})["times"] += 1
    return list(found.values())


def _department(item: Item) -> dict[str, str]:
    return {"department": str(item["department"])}


def _answers(item: Item) -> int:
    return int(item.get("told", 0)) + int(item.get("cached", 0))


def _elapsed(item: Item) -> int:
    return int(item["elapsedMs"])


def _public(item: Item) -> dict[str, Any]:
    texts = ("attempt", "statementId", "report", "title", "department", "state", "code", "reason")
    numbers = {name: int(item[name]) for name in ("startedAt", "elapsedMs", "rows")}
    return {name: item[name] for name in texts} | numbers | {"answers": _answers(item)}


def _rank(values: Sequence[int], part: float) -> int | None:
    """The value that so large a part of them does not exceed, by the nearest rank; None of none."""
    return values[max(math.ceil(part * len(values)) - 1, 0)] if values else None
