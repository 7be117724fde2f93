"""The outcome of the page suite for the terminal: a table for each case, and the ratios last."""

import statistics
from collections.abc import Mapping, Sequence

from tests.bench.page.cases import CASES, OURS, PLAIN, Measures
from tests.bench.tables import Table

MEASURES = {
    "first": ("first chart drawn", "ms"),
    "last": ("last panel drawn", "ms"),
    "change": ("a filter's change to the last redraw", "ms"),
    "script": ("script time of a load", "ms"),
    "change_script": ("script time of a change", "ms"),
    "main_thread": ("main thread busy, of a load", "ms"),
    "longest_task": ("longest task of a load", "ms"),
    "change_longest_task": ("longest task of a change", "ms"),
    "all_longest_task": ("longest task, all scrolled by", "ms"),
    "requests": ("requests that no cache answered", ""),
    "kilobytes": ("transferred", "kB"),
    "components": ("Dash components", ""),
    "elements": ("DOM elements", ""),
    "heap": ("JavaScript heap at the end", "MB"),
}
"""Each measure's words and unit, in the order of the tables."""

TITLES = {
    "uncached": "Warm, of months that no cache has",
    "warm": "Warm, results still fresh",
    "cold": "Cold: a new browser profile, results still fresh",
    "many": "45 panels at 1440x1000, warm: until the screen is drawn, then all of them scrolled by",
}


def case_table(case: str, measured: Mapping[str, Sequence[Measures]]) -> Table:
    """Medians of one case, with the least and the most."""
    loads = {name.partition("-")[0]: measured[name] for name in measured}
    rows = [
        (_words(key), *(cell for site in loads for cell in _cells(key, loads[site])))
        for key in MEASURES
        if any(key in load for site in loads for load in loads[site])
    ]
    count = len(next(iter(loads.values())))
    head = (f"medians of {count}", *(cell for site in loads for cell in (site, "least-most")))
    return Table(TITLES[case], head, rows)


def ratios(measured: Mapping[str, Sequence[Measures]]) -> list[Table]:
    """A table of ours to plain, with a column for each case that has both; none where no case has."""
    both = [case for case in CASES if {f"{OURS}-{case}", f"{PLAIN}-{case}"} <= set(measured)]
    if not both:
        return []
    rows = [(_words(key), *(_ratio(key, case, measured) for case in both)) for key in MEASURES]
    return [Table("Ours to the plain page", ("ratio of medians", *both), [row for row in rows if any(row[1:])])]


def _ratio(key: str, case: str, measured: Mapping[str, Sequence[Measures]]) -> str:
    ours, plain = (_values(key, measured[f"{site}-{case}"]) for site in (OURS, PLAIN))
    if not ours or not plain or not statistics.median(plain):
        return ""
    return f"{statistics.median(ours) / statistics.median(plain):.2f}"


def _cells(key: str, loads: Sequence[Measures]) -> tuple[str, str]:
    values = _values(key, loads)
    return (f"{statistics.median(values):,.0f}", f"{min(values):,.0f}-{max(values):,.0f}") if values else ("", "")


def _values(key: str, loads: Sequence[Measures]) -> list[float]:
    return [load[key] for load in loads if key in load]


def _words(key: str) -> str:
    words, unit = MEASURES[key]
    return f"{words}, {unit}" if unit else words
