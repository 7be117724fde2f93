"""Every colour of the dashboard, light and dark, and what is made of them: CSS custom properties and Mantine's theme.

Read by `pages.shell` and `charts.template`. The style sheet in `assets/` names the properties (`var(--card)`) and holds
no colour of its own.
"""

from dataclasses import dataclass, fields
from typing import Any

FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True)
class Scheme:
    """The colours of one colour scheme, each `#RRGGBB`.

    `series` are the colours of a chart's series in turn, `scale` the steps of a heat map from low to high, `tint` the
    opacity of an area under a line.
    """

    page: str
    card: str
    line: str
    ink: str
    muted: str
    accent: str
    accent_soft: str
    good: str
    bad: str
    bad_soft: str
    running: str
    skeleton: str
    series: tuple[str, ...]
    scale: tuple[str, ...]
    tint: float


LIGHT = Scheme(
    page="#F6F7F9",
    card="#FFFFFF",
    line="#E7EAEE",
    ink="#101828",
    muted="#667085",
    accent="#2457D6",
    accent_soft="#EEF3FE",
    good="#067647",
    bad="#B42318",
    bad_soft="#FEF3F2",
    running="#B54708",
    skeleton="#EEF0F3",
    series=("#2457D6", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"),
    scale=("#F1F5FE", "#C3D2F6", "#7F9EEA", "#2457D6"),
    tint=0.08,
)
DARK = Scheme(
    page="#0D1117",
    card="#151B23",
    line="#262D38",
    ink="#E8ECF2",
    muted="#8D97A6",
    accent="#7EA6FF",
    accent_soft="#1A2745",
    good="#6CE9A6",
    bad="#FDA29B",
    bad_soft="#2D1A1D",
    running="#FEC84B",
    skeleton="#1E2530",
    series=("#7EA6FF", "#F5B942", "#3DD6A0", "#E39BC8", "#8BD0F5", "#FF8A4C"),
    scale=("#1B2330", "#2B3F66", "#4F6FB0", "#7EA6FF"),
    tint=0.12,
)

_ACCENTS = ["#EEF3FE", "#DCE6FC", "#B8CCF8", "#91AFF3", DARK.accent, "#4A78E6", "#2F62DC", LIGHT.accent]
_DARK_GREYS = [DARK.ink, "#C9D1DC", "#A9B3C0", DARK.muted, "#3A4351", DARK.line, "#1A212B", DARK.card, DARK.page]

MANTINE: dict[str, Any] = {
    "primaryColor": "accent",
    "primaryShade": {"light": 7, "dark": 4},
    "autoContrast": True,
    "luminanceThreshold": 0.35,
    "colors": {"accent": [*_ACCENTS, "#1D48B4", "#173A92"], "dark": [*_DARK_GREYS, "#0A0D12"]},
    "fontFamily": FONT,
    "fontSizes": {"xs": "12px", "sm": "12.5px", "md": "14px", "lg": "16px", "xl": "22px"},
    "defaultRadius": "8px",
    "radius": {"xs": "4px", "sm": "6px", "md": "8px", "lg": "12px", "xl": "16px"},
    "headings": {
        "fontWeight": "650",
        "sizes": {"h1": {"fontSize": "22px", "lineHeight": "1.3"}, "h2": {"fontSize": "14px", "lineHeight": "1.35"}},
    },
    "respectReducedMotion": True,
    "components": {
        "Button": {"defaultProps": {"size": "xs"}},
        "Tooltip": {"defaultProps": {"openDelay": 300}},
        "Paper": {"defaultProps": {"radius": "lg", "withBorder": True}},
    },
}
"""Mantine's theme: ten shades, light to dark, of the accent and of the greys of dark pages."""


def css_variables() -> str:
    """A style sheet with a custom property for each colour: `--page`, `--accent-soft`, ..., by colour scheme.

    The dark block applies where Mantine has set `data-mantine-color-scheme="dark"` on the root element.
    """
    return f':root{{{_declarations(LIGHT)}}}\n:root[data-mantine-color-scheme="dark"]{{{_declarations(DARK)}}}\n'


def _declarations(scheme: Scheme) -> str:
    colours = {field.name: getattr(scheme, field.name) for field in fields(scheme)}
    texts = {name: colour for name, colour in colours.items() if isinstance(colour, str)}
    return "".join(f"--{name.replace('_', '-')}:{colour.lower()};" for name, colour in texts.items())
