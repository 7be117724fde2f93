"""The two Plotly templates, light and dark: every colour of a chart that depends on the theme, and nothing else does.

The page applies one in the browser (`figure.layout.template`), so that switching the theme draws nothing anew here.
"""

from collections.abc import Sequence
from typing import Any

from dashboard.theme import DARK, FONT, LIGHT, Scheme


def templates() -> dict[str, dict[str, Any]]:
    """The templates as plain JSON, by the theme's name."""
    return {"light": _template(LIGHT), "dark": _template(DARK)}


def _template(scheme: Scheme) -> dict[str, Any]:
    return {"layout": _layout(scheme), "data": _data(scheme)}


def _layout(scheme: Scheme) -> dict[str, Any]:
    muted = {"color": scheme.muted, "size": 12}
    return {
        "font": {"family": FONT, "size": 12, "color": scheme.ink},
        "colorway": list(scheme.series),
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": scheme.card,  # not transparent: Plotly takes the halo of its hover line from it
        "margin": {"l": 4, "r": 8, "t": 10, "b": 4, "pad": 4},
        "xaxis": _axis(scheme),
        "yaxis": _axis(scheme),
        "legend": {"font": muted, "bgcolor": "rgba(0,0,0,0)", "title": {"text": ""}},
        "hoverlabel": {
            "bgcolor": scheme.card,
            "bordercolor": scheme.line,
            "font": {"family": FONT, "size": 12, "color": scheme.ink},
            "align": "left",
            "namelength": -1,
        },
        "bargap": 0.24,
        "bargroupgap": 0.06,
        "barcornerradius": 3,
        "geo": {"bgcolor": "rgba(0,0,0,0)"},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": scheme.muted, "activecolor": scheme.ink},
        **_across(scheme),
        "meta": _roles(scheme),
    }


def _across(scheme: Scheme) -> dict[str, Any]:
    """Lines across a chart and their labels, which a figure takes by `templateitemname`; hidden where it does not."""
    looks = (("target", scheme.ink, "dash"), ("reference", scheme.muted, "dot"))
    labels = {"visible": False, "bgcolor": _tinted(scheme.card, 0.8), "borderpad": 1}
    return {
        "shapes": [
            {"name": name, "visible": False, "line": {"color": scheme.ink, "width": 1.5, "dash": dash}}
            for name, _, dash in looks
        ],
        "annotations": [{"name": name, "font": {"color": color, "size": 11}, **labels} for name, color, _ in looks],
    }


def _roles(scheme: Scheme) -> dict[str, Any]:
    """Looks of traces that are no series in their turn. A trace names one in its `meta`; the browser applies it."""
    first = scheme.series[0]
    faint = {"color": _tinted(first, 0.65), "width": 1}
    bands = {f"band-{place}": _band(scheme, strength) for place, strength in enumerate((0.34, 0.24, 0.16, 0.09), 1)}
    return {
        "before": _drawn_in(_tinted(first, 0.65)),
        "bars-before": {"marker": {"color": _tinted(first, 0.3), "line": faint}},
        "bars-now": {"marker": {"color": first}},
        "target": {**_drawn_in(scheme.ink), "error_y": {"color": scheme.ink}},
        "good-up": _steps(scheme, scheme.good, scheme.bad),
        "good-down": _steps(scheme, scheme.bad, scheme.good),
        "funnel": {
            "marker": {"color": first},
            "insidetextfont": {"color": scheme.card},
            "connector": {"fillcolor": _tinted(first, scheme.tint * 2)},
        },
        "no-data": _areas(scheme, [scheme.skeleton, scheme.skeleton]),
        **bands,
    }


def _drawn_in(color: str) -> dict[str, Any]:
    return {"line": {"color": color}, "marker": {"color": color, "line": {"color": color}}}


def _steps(scheme: Scheme, up: str, down: str) -> dict[str, Any]:
    """A waterfall's bars by their direction, and the thin lines from each to the next."""
    colors = {"increasing": up, "decreasing": down, "totals": scheme.series[0]}
    bars = {part: {"marker": {"color": color}} for part, color in colors.items()}
    return {**bars, "connector": {"line": {"color": scheme.muted, "width": 1}}}


def _band(scheme: Scheme, strength: float) -> dict[str, Any]:
    return {"marker": {"color": _tinted(scheme.muted, strength), "line": {"color": scheme.card, "width": 1}}}


def _axis(scheme: Scheme) -> dict[str, Any]:
    return {
        "automargin": True,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "gridcolor": scheme.line,
        "gridwidth": 1,
        "linecolor": scheme.line,
        "tickfont": {"color": scheme.muted, "size": 12},
        "title": {"font": {"color": scheme.muted, "size": 12}, "standoff": 8},
        "autotickangles": [0, -40, -90],
        "spikecolor": scheme.muted,
        "spikethickness": 1,
        "spikedash": "dot",
    }


def _data(scheme: Scheme) -> dict[str, Any]:
    """Defaults by kind of trace; the n-th trace of a kind takes the n-th entry, as it takes the n-th series colour."""
    bar = {"color": scheme.muted, "size": 11}
    colorbar = {"tickfont": bar, "outlinewidth": 0}
    return {
        "scatter": [_filled(color, scheme.tint) for color in scheme.series],
        "bar": [{"marker": {"line": {"color": scheme.card, "width": 0}}}],
        "pie": [{"marker": {"line": {"color": scheme.card, "width": 2}}, "outsidetextfont": {"color": scheme.muted}}],
        "box": [{"fillcolor": _tinted(color, scheme.tint * 2), "line": {"width": 1.5}} for color in scheme.series],
        "heatmap": [
            {
                "colorscale": [[at / 3, color] for at, color in enumerate(scheme.scale)],
                "colorbar": colorbar,
            }
        ],
        "choropleth": [{**_areas(scheme, scheme.scale[1:]), "colorbar": colorbar}],
    }


def _areas(scheme: Scheme, colors: Sequence[str]) -> dict[str, Any]:
    """Areas of a map from low to high, apart by a line of the page behind them; the faintest step would be no area."""
    steps = [[at / (len(colors) - 1), color] for at, color in enumerate(colors)]
    return {"colorscale": steps, "marker": {"line": {"color": scheme.card, "width": 1}}}


def _filled(color: str, tint: float) -> dict[str, Any]:
    """Under a single line a fill that fades; a stacked area switches the gradient off and gets the stronger colour."""
    fading = [[0, _tinted(color, tint / 4)], [1, _tinted(color, tint * 2)]]
    return {"fillcolor": _tinted(color, 0.45), "fillgradient": {"type": "vertical", "colorscale": fading}}


def _tinted(color: str, strength: float) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength:g})"
