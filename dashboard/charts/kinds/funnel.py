"""How many are left after each step: values with their shares of the first step and of the step before; in `KINDS`."""

import math
from typing import Any

import pandas as pd

from dashboard.charts import axes, formats
from dashboard.charts.drawing import Drawing, escaped, figure, noted, wrapped
from dashboard.charts.fields import Field, Sheet, left_out
from dashboard.charts.kinds.bar import lying_bars
from dashboard.locales.words import _, inline, noop

MOST = 20
_BESIDE = 28  # pixels for a figure that does not fit into its step, on a narrow screen
_TOLD = 6  # steps whose shares have room below their names; of more steps the tooltips tell them


def funnel(sheet: Sheet) -> Drawing:
    """The steps in the rows' order; rows of one step are added up, and with a negative value these become bars."""
    names, value = sheet.one("x"), sheet.one("value")
    numbers = value.numbers()
    if (numbers < 0).any():
        return lying_bars(sheet, _("Negative values have no place in a funnel, so these are bars."))
    if not numbers.notna().any():
        return Drawing(note=_("Every value is empty."))
    sizes = numbers.groupby(names.labels(), sort=False).sum(min_count=1)
    repeated = names.labels()[numbers.notna()].duplicated().any()
    sizes = sizes.dropna()
    notes = (
        left_out([value.as_number()]),
        _("Rows with the same {label} are added up.", label=inline(names.label)) if repeated else None,
        too_many_steps(len(sizes), MOST),
    )
    return Drawing(_figure(sizes.iloc[:MOST], value), note=noted(*notes))


def _figure(sizes: pd.Series, value: Field) -> dict[str, Any]:
    names = [str(name) for name in sizes.index]
    long, short = ([_shares(sizes, at, told) for at in range(len(sizes))] for told in (_TOLD_LONG, _TOLD_SHORT))
    trace = {
        "type": "funnel",
        "meta": "funnel",
        "orientation": "h",
        "y": [escaped(name) for name in names],
        "x": axes.plain(sizes),
        "text": [f"<b>{formats.short(size, value.style or 'number')}</b>" for size in sizes],
        "textinfo": "text",
        "textposition": "auto",
        "textangle": 0,
        "constraintext": "none",
        "cliponaxis": False,
        "hovertext": [wrapped(name) for name in names],
        "customdata": ["".join(f"<br>{words}" for words in share) for share in long],
        "hovertemplate": f"%{{hovertext}}<br><b>{axes.told('x', value.style, sizes)}</b>%{{customdata}}<extra></extra>",
    }
    across = {"type": "linear", "visible": False, "showgrid": False}
    down = axes.names(names, reverse=True) | {"showgrid": False}
    if len(names) <= _TOLD:
        down["labelalias"] = {escaped(name): _label(name, share) for name, share in zip(names, short, strict=True)}
    return figure([trace], hovermode="closest", xaxis=across, yaxis=down, margin={"r": _BESIDE})


_TOLD_LONG = (noop("{share} of the first"), noop("{share} of the previous step"))
_TOLD_SHORT = (noop("{share} of first"), noop("{share} of previous"))


def _shares(sizes: pd.Series, position: int, words: tuple[str, str]) -> list[str]:
    """`38% of the first`, `71% of the previous step`: none of the first step itself, and none of a step of zero."""
    first, before, size = (float(sizes.iloc[at]) for at in (0, position - 1, position))
    wholes = [first, before][: min(position, 2)]
    return [
        _(text, share=_percent(size / whole)) for text, whole in zip(words, wholes, strict=False) if _tells(size, whole)
    ]


def too_many_steps(count: int, most: int) -> str | None:
    """What to tell where more steps come than are drawn."""
    if count <= most:
        return None
    return _("The first {most} of {count} steps are drawn.", most=most, count=formats.count(count))


def _tells(size: float, whole: float) -> bool:
    return bool(whole) and math.isfinite(size / whole)


def _label(name: str, shares: list[str]) -> str:
    """The name of a step and, below it, its shares."""
    (words,) = axes.ticks([name])
    told = ", ".join(shares)
    return f"{words}<br><span style='font-size:10px'>{told}</span>" if told else words


def _percent(share: float) -> str:
    return formats.short(round(share, 2) if share >= 0.01 else share, "percent")
