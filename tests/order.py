"""In which order `make test` hands out the files: those that take long first, else one of them is last and alone.

The files of `SLOW` take from a quarter of a minute to some minutes each on two cores, the longest first, those that
share a site together. Many wait most of that time, for an event that is lost, a socket that is silent, a browser: so
there is one worker more than processors.
"""

import os

SLOW = (
    "e2e/test_faults.py",
    "e2e/recovery/test_waiting.py",
    "e2e/recovery/test_connection.py",
    "e2e/recovery/test_session_end.py",
    "e2e/recovery/test_dashboard_restart.py",
    "e2e/recovery/test_reload.py",
    "backend_lambdas/test_walks.py",
    "e2e/test_page.py",
    "e2e/test_every_kind.py",
    "e2e/test_downloads.py",
    "e2e/test_crowd.py",
    "e2e/test_life_of_a_query.py",
    "e2e/test_operations.py",
    "e2e/test_accounts_and_data.py",
    "e2e/page/test_many_panels.py",
    "e2e/page/test_reports_change.py",
    "e2e/page/test_charts.py",
    "e2e/page/test_table.py",
    "e2e/page/test_filters.py",
    "e2e/page/test_address.py",
    "e2e/page/test_sign_in.py",
    "e2e/test_lists.py",
    "e2e/test_wire.py",
    "infra/local/test_start_and_stop.py",
    "infra/deploy/test_package.py",
    "infra/test_exact_rights.py",
    "backend_lambdas/exports/test_export_ends.py",
    "dashboard/charts/test_nothing_silent.py",
    "sql/test_shipped_reports.py",
)
"""Below `tests`."""

_PLACES = {f"tests/{name}": place for place, name in enumerate(SLOW)}


def place_of(test: str) -> int:
    """Where the file of a test stands, by the test's id; the same for all that are not slow."""
    return _PLACES.get(test.partition("::")[0], len(_PLACES))


def workers() -> int:
    """How many test at a time."""
    return (os.cpu_count() or 1) + 1
