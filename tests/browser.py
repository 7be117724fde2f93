"""Finds a Chromium for the browser tests, or installs one: `python -m tests.browser`, as `make test` does.

In this order: the one named by PUSHBOARD_CHROMIUM, one that is on the machine, Playwright's own download, Debian's
package.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The shell first: a browser without windows needs a quarter less of the processor for the same pages."""

PACKAGES = ("chromium-headless-shell", "chromium")
"""Debian's, the first one that it has."""

INSTALL_TIMEOUT = 600

_OFF_BY_PLAYWRIGHT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
"""What Playwright 1.65 turns off: repeated, since of two such flags Chromium heeds the last one only."""

_OMNIBOX = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
"""Two pages of the browser's own behind every window: a fifth of what a new page costs, and nobody sees them."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--process-per-site",  # pages of one browser share what it has compiled
    # Else V8 compiles and collects beside the page, on processors that others need, and makes code faster that no page
    # here runs long enough to gain by.
    "--js-flags=--single-threaded,--no-opt",
    f"--disable-features={','.join(_OFF_BY_PLAYWRIGHT + _OMNIBOX)}",
]
"""What Chromium is started with in tests: no work but the page's."""


def on_this_machine() -> str | None:
    """The path of a Chromium that is here already."""
    named = os.environ.get("PUSHBOARD_CHROMIUM")
    found = [shutil.which(name) for name in ([named] if named else NAMES)]
    return next((path for path in found if path), None) or _from_playwright()


def _from_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _download() -> None:
    _run(sys.executable, "-m", "playwright", "install", "chromium")


def _from_debian() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    _run("apt-get", "update", "-qq")
    for package in PACKAGES:
        if not on_this_machine():
            _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)


def _run(*command: str) -> None:
    """Runs an installer; whether it helped is seen by looking for the browser afterwards."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, check=False, timeout=INSTALL_TIMEOUT, env=environment, stdout=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        print(f"{command[0]} took too long", file=sys.stderr)


def find_or_install() -> str | None:
    """The path of a Chromium, after trying each way to get one."""
    ways: tuple[Callable[[], None], ...] = (lambda: None, _download, _from_debian)
    for way in ways:
        way()
        if path := on_this_machine():
            return path
    return None


if __name__ == "__main__":
    browser = find_or_install()
    if browser is None:
        sys.exit(
            "No Chromium was found and none could be installed. Install one, or set PUSHBOARD_CHROMIUM to its path."
        )
    print(f"Browser tests use {browser}")
