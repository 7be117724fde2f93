"""The page's look: one Mantine theme. Colours per colour scheme that Mantine derives no token for are in `assets/`."""

from typing import Any

ACCENT = ["#EEF3FE", "#DCE6FC", "#B8CCF8", "#91AFF3", "#7EA6FF", "#4A78E6", "#2F62DC", "#2457D6", "#1D48B4", "#173A92"]
"""The one accent colour, light to dark: shade 7 on light pages, shade 4 on dark ones."""

DARK = ["#E8ECF2", "#C9D1DC", "#A9B3C0", "#8D97A6", "#3A4351", "#262D38", "#1A212B", "#151B23", "#0D1117", "#0A0D12"]
"""Mantine's ten dark greys: text, muted text, lines, fields, cards, page."""

MANTINE: dict[str, Any] = {
    "primaryColor": "accent",
    "primaryShade": {"light": 7, "dark": 4},
    "autoContrast": True,
    "luminanceThreshold": 0.35,
    "colors": {"accent": ACCENT, "dark": DARK},
    "fontFamily": "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
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
