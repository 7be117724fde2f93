"""A site that things happen to, and a tab of it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.conftest import OPS, open_page
from tests.e2e.recovery.site import REPORTS, Site, SiteTab, running_site

OpenTab = Callable[..., SiteTab]


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site that these tests share."""
    with running_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def site(running: Site) -> Iterator[Site]:
    """The site, whole again after each test."""
    yield running
    running.network.plug()
    running.aws.faults.mend()


@pytest.fixture
def open_tab(site: Site, context: BrowserContext) -> OpenTab:
    """Opens the page of operations for one who works there, and waits until all is drawn."""

    def opened(query: str = "") -> SiteTab:
        tab = SiteTab(context.new_page())
        open_page(tab.page, site, OPS, f"/d/operations{query}")
        tab.is_drawn(*REPORTS)
        return tab

    return opened


@pytest.fixture
def tab(open_tab: OpenTab) -> SiteTab:
    """The page of operations with all its panels drawn."""
    return open_tab()
