"""Rules of accessibility that a page breaks, by axe, and the looks in which it has to keep them."""

from collections.abc import Collection, Iterator
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Scheme = Literal["light", "dark"]

DESK, PHONE = 1440, 390
"""Widths in pixels."""

SETTLED = """async () => {
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    const ending = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity);
    await Promise.allSettled(ending.map((one) => one.finished));
}"""
"""Comes back once whatever began to move has arrived."""


def looks(page: Page, *widths: int, schemes: Collection[Scheme] = ("light", "dark")) -> Iterator[int]:
    """Shows the page as it is open in each colour scheme and width, one after the other; gives the width."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 1000})
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            page.evaluate(SETTLED)
            yield width


def serious_findings(page: Page) -> list[tuple[str, str]]:
    """The rules that are broken badly, each with the first place."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in {"serious", "critical"}]
