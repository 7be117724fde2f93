"""One browser for every test that needs one, and the order of files: those that wait long come first.

Deadlines are for what never comes, on the slowest machine; how fast anything is, `make bench` measures.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import on_this_machine

PATIENCE = 60_000
"""How long a page may take to become what is expected, in milliseconds."""

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
expect.set_options(timeout=PATIENCE)


_LONGEST = (
    "tests/e2e/test_faults.py",
    "tests/e2e/recovery/test_waiting.py",
    "tests/e2e/test_page.py",
    "tests/backend_lambdas/test_walks.py",
    "tests/e2e/test_crowd.py",
    "tests/e2e",
    "tests/infra/local",
    "tests/dashboard/downloads/test_memory.py",
)
"""Files and folders whose tests take or wait longest. The many short files fill what is left of the time at the end."""


def pytest_xdist_auto_num_workers() -> int:
    """One test more at a time than there are processors, as some wait; `make test` takes at most four."""
    return 1 + (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the long files first, otherwise in their order."""
    items.sort(key=lambda item: _place(item.nodeid.partition("::")[0]))


def _place(file: str) -> int:
    return next((place for place, name in enumerate(_LONGEST) if file.startswith(name)), len(_LONGEST))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, the one that `python -m tests.browser` finds."""
    path = on_this_machine()
    assert path, "no Chromium: run python -m tests.browser"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()
