"""What a click on a mark stands for: the value on the wire behind what each mark shows."""

import pytest

from dashboard.charts import ChartError

FILTER = {"click": {"filter": {"wanted": "x"}}}


def found(drawing):
    """The one parameter's part and values."""
    (click,) = drawing.clicks
    assert click["name"] == "wanted"
    return click["part"], click["values"]


def marks(drawing, part):
    """What the marks of a figure show there, as the browser looks it up."""
    trace = drawing.figure["data"][0]
    shown = trace[part]
    return [str(one) for one in ([shown] if isinstance(shown, str) else shown)]


def test_without_a_click_a_drawing_carries_nothing(rows, drawn) -> None:
    result = rows({"x": "string", "n": "integer"}, [("a", 1)])
    assert drawn({"type": "bar", "x": "x", "y": ["n"]}, result).clicks is None


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("string", ["plain", "a <b>bold</b> & long name that no axis has room for", "007", "2015-12"]),
        ("date", ["2015-12-06", "2015-12-07"]),
        ("date", ["2015-11-01", "2015-12-01"]),
        ("integer", [1, 2, 3]),
        ("number", [0.5, 2.0, 100.25]),
        ("boolean", [True, False]),
    ],
)
@pytest.mark.parametrize(
    "chart",
    [
        {"type": "bar"},
        {"type": "bar", "horizontal": True},
        {"type": "bar", "compare": "n"},
        {"type": "line"},
        {"type": "waterfall"},
        {"type": "funnel", "value": "n"},
        {"type": "bullet", "value": "n"},
    ],
)
def test_every_mark_has_its_value(kind, values, chart, rows, drawn) -> None:
    result = rows({"x": kind, "n": "integer"}, [(value, 1) for value in values])
    drawing = drawn({**chart, "x": "x", "y": ["n"], **FILTER}, result)
    part, known = found(drawing)
    wire = {True: "Yes", False: "No"} if kind == "boolean" else {}
    wanted = [wire.get(value, str(value)) for value in values]
    shown = [known[mark] for mark in marks(drawing, part)]
    assert sorted(shown) == sorted(text.removesuffix(".0") for text in wanted)


def test_slices_cells_and_series_have_theirs(rows, drawn) -> None:
    result = rows({"x": "string", "by": "string", "n": "integer"}, [("Card & co", "JFK <1>", 1), ("Cash", "EWR", 2)])
    donut = drawn({"type": "donut", "x": "x", "value": "n", **FILTER}, result)
    part, known = found(donut)
    assert [known[mark] for mark in marks(donut, part)] == ["Cash", "Card & co"]
    by_series = {"click": {"filter": {"wanted": "by"}}}
    bars = drawn({"type": "bar", "x": "x", "y": ["n"], "series": "by", **by_series}, result)
    part, known = found(bars)
    assert [known[trace[part]] for trace in bars.figure["data"]] == ["JFK <1>", "EWR"]
    cells = drawn({"type": "heatmap", "x": "x", "y": "by", "value": "n", **by_series}, result)
    part, known = found(cells)
    assert [known[mark] for mark in marks(cells, part)] == ["JFK <1>", "EWR"]


def test_what_stands_for_several_rows_stands_for_no_value(rows, drawn) -> None:
    result = rows({"x": "string", "n": "integer"}, [(f"name {at}", 100 - at) for at in range(12)])
    drawing = drawn({"type": "donut", "x": "x", "value": "n", **FILTER}, result)
    part, known = found(drawing)
    *named, other = marks(drawing, part)
    assert all(mark in known for mark in named)
    assert other not in known


def test_no_value_is_none(rows, drawn) -> None:
    result = rows({"x": "string", "n": "integer"}, [(None, 1), ("a", 2)])
    assert found(drawn({"type": "bar", "x": "x", "y": ["n"], **FILTER}, result))[1] == {"a": "a"}


def test_a_column_that_no_mark_tells_of_is_told(rows, drawn) -> None:
    result = rows({"x": "string", "n": "integer"}, [("a", 1)])
    with pytest.raises(ChartError, match="A click can tell nothing of the column 'n'"):
        drawn({"type": "bar", "x": "x", "y": ["n"], "click": {"filter": {"wanted": "n"}}}, result)


def test_values_for_another_page_are_told_likewise(rows, drawn) -> None:
    result = rows({"x": "string", "n": "integer"}, [("a", 1)])
    click = {"click": {"open": "finance/payments", "with": {"wanted": "x"}}}
    assert found(drawn({"type": "bar", "x": "x", "y": ["n"], **click}, result)) == ("x", {"a": "a"})
