"""The two Plotly templates, light and dark: every colour of a chart that depends on the theme, and nothing else does.

The page applies one in the browser (`figure.layout.template`), so that switching the theme draws nothing anew here.
"""

from dataclasses import dataclass
from typing import Any

FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True)
class _Theme:
    card: str
    line: str
    ink: str
    muted: str
    series: tuple[str, ...]
    scale: tuple[str, ...]
    tint: float


_LIGHT = _Theme(
    card="#FFFFFF",
    line="#E7EAEE",
    ink="#101828",
    muted="#667085",
    series=("#2457D6", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"),
    scale=("#F1F5FE", "#C3D2F6", "#7F9EEA", "#2457D6"),
    tint=0.08,
)
_DARK = _Theme(
    card="#151B23",
    line="#262D38",
    ink="#E8ECF2",
    muted="#8D97A6",
    series=("#7EA6FF", "#F5B942", "#3DD6A0", "#E39BC8", "#8BD0F5", "#FF8A4C"),
    scale=("#1B2330", "#2B3F66", "#4F6FB0", "#7EA6FF"),
    tint=0.12,
)


def templates() -> dict[str, dict[str, Any]]:
    """The templates as plain JSON, by the theme's name."""
    return {"light": _template(_LIGHT), "dark": _template(_DARK)}


def _template(theme: _Theme) -> dict[str, Any]:
    return {"layout": _layout(theme), "data": _data(theme)}


def _layout(theme: _Theme) -> dict[str, Any]:
    muted = {"color": theme.muted, "size": 12}
    return {
        "font": {"family": FONT, "size": 12, "color": theme.ink},
        "colorway": list(theme.series),
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": theme.card,  # not transparent: Plotly takes the halo of its hover line from it
        "margin": {"l": 4, "r": 8, "t": 10, "b": 4, "pad": 4},
        "xaxis": _axis(theme),
        "yaxis": _axis(theme),
        "legend": {"font": muted, "bgcolor": "rgba(0,0,0,0)", "title": {"text": ""}},
        "hoverlabel": {
            "bgcolor": theme.card,
            "bordercolor": theme.line,
            "font": {"family": FONT, "size": 12, "color": theme.ink},
            "align": "left",
            "namelength": -1,
        },
        "bargap": 0.24,
        "bargroupgap": 0.06,
        "barcornerradius": 3,
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": theme.muted, "activecolor": theme.ink},
    }


def _axis(theme: _Theme) -> dict[str, Any]:
    return {
        "automargin": True,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "gridcolor": theme.line,
        "gridwidth": 1,
        "linecolor": theme.line,
        "tickfont": {"color": theme.muted, "size": 12},
        "title": {"font": {"color": theme.muted, "size": 12}, "standoff": 8},
        "autotickangles": [0, -40, -90],
        "spikecolor": theme.muted,
        "spikethickness": 1,
        "spikedash": "dot",
    }


def _data(theme: _Theme) -> dict[str, Any]:
    """Defaults by kind of trace; the n-th trace of a kind takes the n-th entry, as it takes the n-th series colour."""
    edge = {"line": {"color": theme.card, "width": 1}}
    bar = {"color": theme.muted, "size": 11}
    return {
        "scatter": [_filled(color, theme.tint) for color in theme.series],
        "bar": [{"marker": {"line": {"color": theme.card, "width": 0}}}],
        "pie": [{"marker": {"line": {"color": theme.card, "width": 2}}, "outsidetextfont": {"color": theme.muted}}],
        "box": [{"fillcolor": _tinted(color, theme.tint * 2), "line": {"width": 1.5}} for color in theme.series],
        "heatmap": [
            {
                "colorscale": [[at / 3, color] for at, color in enumerate(theme.scale)],
                "colorbar": {"tickfont": bar, "outlinewidth": 0},
            }
        ],
        "scattergl": [{"marker": edge}],
    }


def _filled(color: str, tint: float) -> dict[str, Any]:
    """Under a single line a fill that fades; a stacked area switches the gradient off and gets the stronger colour."""
    fading = [[0, _tinted(color, tint / 4)], [1, _tinted(color, tint * 2)]]
    return {"fillcolor": _tinted(color, 0.45), "fillgradient": {"type": "vertical", "colorscale": fading}}


def _tinted(color: str, strength: float) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength:g})"
