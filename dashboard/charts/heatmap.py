"""Values on a grid of two columns, such as weekday and hour; registered in `kinds`."""

from typing import Any

import pandas as pd

from dashboard.charts import axes
from dashboard.charts.drawing import Drawing, noted
from dashboard.charts.fields import Field, Sheet
from dashboard.charts.figures import figure
from dashboard.charts.text import wrapped

MOST = 100
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FROM_SUNDAY = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")  # as Redshift's date_part(dow, ...) counts them


def heatmap(sheet: Sheet) -> Drawing:
    """One cell for each pair, the first row on top, the week from Monday; rows of the same cell are added up."""
    x, y, value = sheet.one("x"), sheet.one("y"), sheet.one("value")
    rows = pd.DataFrame({"x": _words(x), "y": _words(y), "value": value.numbers()})
    if not rows["value"].notna().any():
        return Drawing(note="Every value is empty.")
    repeated = rows.duplicated(["x", "y"]).any()
    grid = rows.groupby(["y", "x"], sort=False)["value"].sum(min_count=1).unstack("x")
    grid = grid.reindex(index=_order(y)[:MOST], columns=_order(x)[:MOST])
    notes = (
        f"Rows with the same {x.label.lower()} and {y.label.lower()} are added up." if repeated else None,
        f"The first {MOST} rows and columns are drawn." if max(len(_order(x)), len(_order(y))) > MOST else None,
    )
    return Drawing(_figure(grid, x, y, value), note=noted(*notes))


def _figure(grid: pd.DataFrame, x: Field, y: Field, value: Field) -> dict[str, Any]:
    across, down = [str(name) for name in grid.columns], [str(name) for name in grid.index]
    trace = {
        "type": "heatmap",
        "x": list(axes.names(across)["categoryarray"]),
        "y": list(axes.names(down)["categoryarray"]),
        "z": [axes.plain(row) for _, row in grid.iterrows()],
        "hovertext": [[_cell(x, column, y, row) for column in across] for row in down],
        "hovertemplate": f"%{{hovertext}}<br><b>%{{z:{axes.hover(value.style)}}}</b><extra></extra>",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "colorbar": _colorbar(value, grid),
    }
    bare = {"showgrid": False}
    return figure([trace], xaxis=axes.names(across) | bare, yaxis=axes.names(down, reverse=True) | bare)


def _colorbar(value: Field, grid: pd.DataFrame) -> dict[str, Any]:
    numbers = pd.Series(grid.to_numpy().ravel())
    ticks = axes.values(value.style, numbers, value.whole)
    return {"thickness": 6, "len": 1, "xpad": 6, "ypad": 2, "nticks": 4, "ticks": "", **ticks}


def _cell(x: Field, column: str, y: Field, row: str) -> str:
    return wrapped(f"{_spoken(y, row)}, {_spoken(x, column)}")


def _spoken(field: Field, name: str) -> str:
    """A bare number needs its column's label."""
    return f"{field.label} {name}" if name.isdigit() else name


def _words(field: Field) -> pd.Series:
    if not _counts_weekdays(field):
        return field.labels()
    return field.values.map(lambda day: _FROM_SUNDAY[int(day)], na_action="ignore").astype(object).fillna("(no value)")


def _counts_weekdays(field: Field) -> bool:
    named = any(word in field.name.lower() for word in ("weekday", "dow", "day_of_week"))
    return named and field.kind == "number" and field.whole and bool(field.values.dropna().between(0, 6).all())


def _order(field: Field) -> list[str]:
    """Weekdays from Monday, numbers and dates by size with no whole number skipped, names as the rows have them."""
    words = _words(field)
    names = list(words.drop_duplicates())
    if all(name[:3].lower() in _WEEK and len(name) in range(3, 10) for name in names):
        return sorted(names, key=lambda name: _WEEK.index(name[:3].lower()))
    if field.kind == "text":
        return names
    ordered = list(words[field.values.sort_values(kind="stable").index].drop_duplicates())
    return _without_gaps(field, ordered)


def _without_gaps(field: Field, ordered: list[str]) -> list[str]:
    known = field.values.dropna()
    if field.kind != "number" or field.style or not field.whole or known.empty or known.max() - known.min() > MOST:
        return ordered
    steps = [str(step) for step in range(int(known.min()), int(known.max()) + 1)]
    return steps + [name for name in ordered if name not in set(steps)]
