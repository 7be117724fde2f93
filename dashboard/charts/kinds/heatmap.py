"""Values on a grid of two columns, such as weekday and hour; listed in `KINDS`."""

from typing import Any

import pandas as pd

from dashboard.charts import axes
from dashboard.charts.axes import steps, words
from dashboard.charts.drawing import Drawing, figure, noted, wrapped
from dashboard.charts.fields import Field, Sheet, left_out
from dashboard.locales.words import _, inline

MOST = 100


def heatmap(sheet: Sheet) -> Drawing:
    """One cell for each pair, the first row on top, the week from Monday; rows of the same cell are added up."""
    x, y, value = sheet.one("x"), sheet.one("y"), sheet.one("value")
    rows = pd.DataFrame({"x": words(x), "y": words(y), "value": value.numbers()})
    if not rows["value"].notna().any():
        return Drawing(note=_("Every value is empty."))
    repeated = rows.duplicated(["x", "y"]).any()
    across, down = steps(x), steps(y)
    grid = rows.groupby(["y", "x"], sort=False)["value"].sum(min_count=1).unstack("x")
    grid = grid.reindex(index=down[:MOST], columns=across[:MOST])
    notes = (
        left_out([value.as_number()]),
        _repeats(x, y) if repeated else None,
        _("The first {most} rows and columns are drawn.", most=MOST) if max(len(across), len(down)) > MOST else None,
    )
    return Drawing(_figure(grid, x, y, value), note=noted(*notes))


def _repeats(x: Field, y: Field) -> str:
    labels = {"first": inline(x.label), "second": inline(y.label)}
    return _("Rows with the same {first} and {second} are added up.", **labels)


def _figure(grid: pd.DataFrame, x: Field, y: Field, value: Field) -> dict[str, Any]:
    across, down = [str(name) for name in grid.columns], [str(name) for name in grid.index]
    trace = {
        "type": "heatmap",
        "x": list(axes.names(across)["categoryarray"]),
        "y": list(axes.names(down)["categoryarray"]),
        "z": [axes.plain(row) for _name, row in grid.iterrows()],
        "hovertext": [[_cell(x, column, y, row) for column in across] for row in down],
        "hovertemplate": f"%{{hovertext}}<br><b>{axes.told('z', value.style, value.numbers())}</b><extra></extra>",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "colorbar": _colorbar(value, grid),
    }
    bare = {"showgrid": False}
    return figure([trace], xaxis=axes.names(across) | bare, yaxis=axes.names(down, reverse=True) | bare)


def _colorbar(value: Field, grid: pd.DataFrame) -> dict[str, Any]:
    numbers = pd.Series(grid.to_numpy().ravel())
    ticks = axes.colors(value.style, numbers, value.whole)
    return {"thickness": 6, "len": 1, "xpad": 6, "ypad": 2, "nticks": 4, "ticks": "", **ticks}


def _cell(x: Field, column: str, y: Field, row: str) -> str:
    return wrapped(f"{_spoken(y, row)}, {_spoken(x, column)}")


def _spoken(field: Field, name: str) -> str:
    """A bare number needs its column's label."""
    return f"{field.label} {name}" if name.isdigit() else name
