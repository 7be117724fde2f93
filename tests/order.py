"""What `make test` gives to one worker, and in which order: what takes long first, else it is last and alone.

Tests that share a running stack or site go to one worker, so that it is started once; any other file is by itself.
The first ones wait most of the time, for an event that is lost, a socket that is silent, a browser: so there are two
workers more than processors.
"""

import os

SHARED = {
    "e2e/jobs/test_jobs_page.py": "stack",
    "e2e/page/": "stack",
    "e2e/test_downloads.py": "stack",
    "e2e/test_every_kind.py": "stack",
    "e2e/test_life_of_a_query.py": "stack",
    "e2e/test_lists.py": "stack",
    "e2e/test_operations.py": "stack",
    "e2e/test_page.py": "stack",
    "e2e/test_wire.py": "stack",
    "e2e/recovery/": "recovery",
    "e2e/turns/test_away.py": "stack",
    "e2e/turns/test_open_page.py": "stack",
}
"""Below `tests`, what the beginning of a file's path tells that it shares with others."""

SLOW = (
    "stack",
    "recovery",
    "e2e/test_faults.py",
    "e2e/jobs/test_jobs_faults.py",
    "e2e/turns/test_load_a_month.py",
    "e2e/turns/test_plain_clients.py",
    "e2e/test_real_trips.py",
    "e2e/test_crowd.py",
    "e2e/jobs/test_jobs.py",
    "backend_lambdas/test_walks_of_everything.py",
    "backend_lambdas/test_walks.py",
    "backend_lambdas/test_walks_of_loads.py",
    "backend_lambdas/test_walks_of_jobs.py",
    "infra/local/test_start_and_stop.py",
    "infra/deploy/test_package.py",
    "infra/test_exact_rights.py",
    "backend_lambdas/exports/test_export_ends.py",
    "dashboard/charts/test_nothing_silent.py",
    "sql/test_shipped_reports.py",
)
"""What takes from a quarter of a minute to some minutes each on two cores, the longest first."""

_PLACES = {name: place for place, name in enumerate(SLOW)}


def group_of(test: str) -> str:
    """What runs on one worker with this test, given by its id: what it shares, or its file below `tests`."""
    file = test.partition("::")[0].removeprefix("tests/")
    return next((group for prefix, group in SHARED.items() if file.startswith(prefix)), file)


def place_of(test: str) -> int:
    """Where the group of a test stands; the same for all that are not slow."""
    return _PLACES.get(group_of(test), len(_PLACES))


def workers() -> int:
    """How many test at a time."""
    return (os.cpu_count() or 1) + 2
