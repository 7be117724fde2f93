"""Colours exist once: the custom properties are those that the style sheet names, in both colour schemes."""

import re
from pathlib import Path

import pytest

from dashboard import theme
from dashboard.charts import templates

ASSETS = Path(__file__).parents[2] / "assets"


def _blocks() -> dict[str, dict[str, str]]:
    blocks = re.findall(r"(\S+?)\{(.*?)\}", theme.css_variables())
    return {selector: dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6});", body)) for selector, body in blocks}


def test_both_schemes_define_the_same_properties() -> None:
    light, dark = _blocks().values()
    assert set(light) == set(dark)
    assert (light["card"], dark["card"]) == ("#ffffff", "#151b23")
    assert list(_blocks()) == [":root", ':root[data-mantine-color-scheme="dark"]']


def test_every_property_that_the_style_sheet_uses_is_defined() -> None:
    css = "".join(path.read_text() for path in ASSETS.rglob("*.css"))
    used = {name for name in re.findall(r"var\(--([\w-]+)", css) if not name.startswith("mantine-")}
    own = set(re.findall(r"--([\w-]+):", css))
    assert used - own <= set(_blocks()[":root"])
    assert {"page", "card", "line", "ink", "muted", "accent", "skeleton"} <= used


@pytest.mark.parametrize("scheme", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_charts_are_drawn_in_the_colours_of_the_page(scheme: theme.Scheme) -> None:
    template = templates()["light" if scheme is theme.LIGHT else "dark"]["layout"]
    assert template["plot_bgcolor"] == scheme.card
    assert template["xaxis"]["gridcolor"] == scheme.line
    assert template["font"]["color"] == scheme.ink
    assert template["colorway"] == list(scheme.series)
