"""One browser for every test that needs one; those tests come last, since its event loop stays until the end.

Deadlines are for what never comes, on the slowest machine; how fast anything is, `make bench` measures.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright

from infra.local.lambda_ import service_models
from tests.browser import on_this_machine

PATIENCE = 60_000
"""How long a page may take to become what is expected, in milliseconds."""

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
expect.set_options(timeout=PATIENCE)
service_models.install()  # tests make hundreds of sessions


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests in a browser behind all others, otherwise in their order."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, the one that `python -m tests.browser` finds."""
    path = on_this_machine()
    assert path, "no Chromium: run python -m tests.browser"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()
