"""Browsers for measured loads, with a profile of their own. The page's own policy (CSP) is in force."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page, Playwright

START_MS = 60_000
TIMEOUT_MS = 30_000


@dataclass(frozen=True)
class Screen:
    """The size of the window, in CSS pixels."""

    width: int
    height: int


@contextmanager
def profile(
    playwright: Playwright, executable: str, screen: Screen, cookies: Sequence[Mapping[str, str]]
) -> Iterator[BrowserContext]:
    """A browser with an empty profile of its own and these cookies; the profile is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="pushboard-profile-", ignore_cleanup_errors=True) as folder:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=executable,
            args=["--no-sandbox"],
            viewport={"width": screen.width, "height": screen.height},
            timeout=START_MS,
        )
        try:
            context.set_default_timeout(TIMEOUT_MS)
            context.add_cookies([dict(cookie) for cookie in cookies])
            yield context
        finally:
            context.close()


@contextmanager
def tab(context: BrowserContext) -> Iterator[Page]:
    """A new tab, closed afterwards."""
    page = context.new_page()
    try:
        yield page
    finally:
        page.close()
