"""What tests of the web server share."""

from collections.abc import Iterator

import pytest

from tests.dashboard.server_fakes import FakePool, fake_pool


@pytest.fixture(scope="module")
def pool() -> Iterator[FakePool]:
    """A user pool that answers on this machine."""
    with fake_pool() as running:
        yield running
