"""The runs that the page of jobs shows: as many as were asked for, of a job and in a state. Used by `pages.jobs`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.gateway.client import Gateway
from dashboard.jobs.run_list import UNDER_WAY

SHOWN = 20
"""Runs at first, and with each press for older ones."""

MAX_REQUESTS = 6
"""Of the gateway for one list; so much further back a filter looks."""

STATES: Mapping[str, tuple[str, ...]] = {
    "under-way": UNDER_WAY,
    "finished": ("finished",),
    "failed": ("failed",),
    "cancelled": ("cancelled",),
}


@dataclass(frozen=True)
class Wanted:
    """What the filters above the list are set to, and how often older runs were asked for; empty texts are all."""

    job: str = ""
    state: str = ""
    presses: int = 0


@dataclass(frozen=True)
class History:
    """The newest runs, and whether there are older ones."""

    runs: list[dict[str, Any]]
    has_more: bool


def read(gateway: Gateway, token: str, wanted: Wanted) -> History:
    """Asks until there are enough; raises `GatewayError`."""
    states, most = STATES.get(wanted.state), SHOWN * (1 + wanted.presses)
    found: list[dict[str, Any]] = []
    before: str | None = ""
    for _ in range(MAX_REQUESTS):
        answer = gateway.job_runs(token, wanted.job, before or "")
        found += [run for run in answer["runs"] if states is None or run["state"] in states]
        before = answer["next"]
        if len(found) >= most or not before:
            break
    return History(found[:most], len(found) > most or bool(before))
