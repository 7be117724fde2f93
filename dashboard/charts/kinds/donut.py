"""Shares of a whole as a ring; listed in `KINDS`."""

import pandas as pd

from dashboard.charts import axes, formats
from dashboard.charts.drawing import Drawing, escaped, figure, noted, shortened, wrapped
from dashboard.charts.fields import Field, Sheet, left_out
from dashboard.charts.kinds.bar import lying_bars
from dashboard.charts.series import OTHER
from dashboard.locales.words import _, _n

MOST = 8
_LABELLED_FROM = 0.03  # smaller slices are named in their tooltip, where names cannot collide
_LABEL_LETTERS = 12
_ROOM = {"l": 96, "r": 96, "t": 30, "b": 30}  # for the labels; Plotly's own search for it makes the ring jump


def donut(sheet: Sheet) -> Drawing:
    """The shares in order of size, the largest in the middle; negative values have no share and become bars."""
    names, value = sheet.one("x"), sheet.one("value")
    numbers = value.numbers()
    if (numbers < 0).any():
        return lying_bars(sheet, _("Negative values have no share, so these are bars."))
    totals = numbers.groupby(names.labels(), sort=False).sum(min_count=1).sort_values(ascending=False, kind="stable")
    zeros = int((totals == 0).sum())
    totals = totals[totals > 0]
    if totals.empty:
        return Drawing(note=_("Every value is empty or zero."))
    shown = _largest(totals)
    note = None
    if len(totals) > MOST:
        count = formats.count(len(totals))
        note = _(
            "The {most} largest of {count} are drawn, the rest as {other}.", most=MOST - 1, count=count, other=_(OTHER)
        )
    return Drawing(_ring(shown, value), note=noted(left_out([value.as_number()]), note, _of_zero(zeros)))


def _of_zero(count: int) -> str | None:
    return _n("1 share of zero is not drawn.", "{count} shares of zero are not drawn.", count) if count else None


def _largest(totals: pd.Series) -> pd.Series:
    if len(totals) <= MOST:
        return totals
    kept, rest = totals.iloc[: MOST - 1], totals.iloc[MOST - 1 :].sum()
    return pd.concat([kept, pd.Series({_(OTHER): rest})])


def _ring(totals: pd.Series, value: Field) -> dict[str, object]:
    shares = totals / totals.max() / (totals / totals.max()).sum()  # the sum of huge values would overflow
    names = [str(name) for name in totals.index]
    trace = {
        "type": "pie",
        "hole": 0.62,
        "sort": False,
        "direction": "clockwise",
        "labels": list(range(len(names))),
        "values": axes.plain(totals),
        "text": [
            f"{escaped(shortened(name, _LABEL_LETTERS))}<br>{_percent(share)}"
            for name, share in zip(names, shares, strict=True)
        ],
        "textinfo": "text",
        "textposition": ["outside" if share >= _LABELLED_FROM else "none" for share in shares],
        "hovertext": [wrapped(name) for name in names],
        "hovertemplate": "%{hovertext}<br>"
        f"<b>{axes.told('value', value.style, totals)}</b>  %{{percent:.1%}}<extra></extra>",
        "showlegend": False,
    }
    return figure([trace], margin=_ROOM, annotations=[_middle(names[0], float(shares.iloc[0]))])


def _middle(name: str, share: float) -> dict[str, object]:
    text = f"<b>{_percent(share)}</b><br><span style='font-size:12px'>{escaped(shortened(name, 12))}</span>"
    return {"text": text, "x": 0.5, "y": 0.5, "showarrow": False, "font": {"size": 18}}


def _percent(share: float) -> str:
    return formats.percent(f"{share * 100:.0f}" if share >= 0.01 else f"{share * 100:.1f}")
