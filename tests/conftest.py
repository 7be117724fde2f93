"""One browser for every test that needs one, the order of the tests, and what all of them share.

Deadlines are for what never comes, on the slowest machine; how fast anything is, `make bench` measures.
"""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright
from xdist.scheduler import LoadScopeScheduling

from infra.local.cognito import passwords
from infra.local.lambda_ import service_models
from tests import order
from tests.browser import FLAGS, on_this_machine

PATIENCE = 60_000
"""How long a page may take to become what is expected, in milliseconds."""

settings.register_profile(
    "untimed", deadline=None, database=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")
expect.set_options(timeout=PATIENCE)
service_models.install()  # tests make hundreds of sessions
passwords.METHOD = "scrypt:1024:8:1"  # hashes are slow on purpose, and tests sign in hundreds of times
gc.disable()  # until all tests are read: nothing of them is garbage


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """For `--numprocesses auto`."""
    return order.workers()


class ByGroup(LoadScopeScheduling):
    """Gives each group of `order` to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return order.group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup:
    """For `--numprocesses`, however the tests are said to be distributed."""
    return ByGroup(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts slow groups in front where several workers share them, and tests in a browser behind where there is one."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: order.place_of(item.nodeid))
    else:
        items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)


def pytest_collection_finish() -> None:
    """Leaves out of every later collection of garbage what stays to the end: modules and thousands of tests."""
    gc.freeze()
    gc.enable()


def pytest_sessionfinish() -> None:
    """Lets everything be collected before the end, which DuckDB would complain of otherwise."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, the one that `python -m tests.browser` finds."""
    path = on_this_machine()
    assert path, "no Chromium: run python -m tests.browser"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()
