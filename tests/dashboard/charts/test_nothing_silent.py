"""Nothing is re-typed and nothing is left out of a chart without a word."""

from typing import Any

import pytest

from tests.dashboard.charts.test_charts_draw import CHARTS, XYS, chart

NO_DATES = ["2015-11", "2015-12", "2015-13"]
NUMBER_LIKE = ["007", "1e3", "1_000", "0x10", "Infinity", "NaN", "True", "12"]
MIXED_DATES = ["2015-12", "2015-12-01", "2015-12-02"]
SAME_MOMENT = ["2015-12-01T01:00:00+01:00", "2015-12-01T00:00:00+00:00"]
TEXTS = [NO_DATES, NUMBER_LIKE, MIXED_DATES, SAME_MOMENT]
WITH_AXES = ["line", "area", "bar", "scatter", "heatmap", "histogram", "box"]


def places(drawing) -> list[Any]:
    """The distinct places along the x axis that have something drawn."""
    return list(dict.fromkeys(place for trace in drawing.figure["data"] for place in trace["x"]))


@pytest.mark.parametrize("texts", TEXTS, ids=lambda texts: texts[0])
@pytest.mark.parametrize("style", [None, "text", "date"])
@pytest.mark.parametrize("kind", WITH_AXES)
def test_each_text_keeps_its_place(kind: str, style: str | None, texts: list[str], rows, drawn) -> None:
    result = rows(XYS, [(text, at + 1.0, "a") for at, text in enumerate(texts)])
    drawing = drawn(chart(kind), result, {"x": {"format": style}})
    assert drawing.figure["layout"]["xaxis"]["type"] == "category"
    assert places(drawing) == texts
    assert drawing.note is None


@pytest.mark.parametrize("texts", TEXTS, ids=lambda texts: texts[0])
@pytest.mark.parametrize("kind", ["line", "area", "bar", "scatter"])
def test_each_text_names_its_series(kind: str, texts: list[str], rows, drawn) -> None:
    result = rows(XYS, [("a", at + 1.0, text) for at, text in enumerate(texts)])
    assert [trace["name"] for trace in drawn(chart(kind), result).figure["data"]] == texts


@pytest.mark.parametrize("texts", TEXTS, ids=lambda texts: texts[0])
def test_each_text_has_its_slice(texts: list[str], rows, drawn) -> None:
    result = rows(XYS, [(text, 10.0 - at, "a") for at, text in enumerate(texts)])
    (trace,) = drawn(chart("donut"), result).figure["data"]
    assert trace["hovertext"] == texts


def test_texts_that_all_are_dates_run_along_a_date_axis(rows, drawn) -> None:
    """Reports write months as `to_char(day, 'YYYY-MM')`."""
    result = rows(XYS, [("2015-11", 1.0, "a"), ("2015-12", 2.0, "a")])
    drawing = drawn(chart("bar"), result)
    assert drawing.figure["layout"]["xaxis"]["type"] == "date"
    assert places(drawing) == ["2015-11-01", "2015-12-01"]


@pytest.mark.parametrize("wire", ["string", "integer", "decimal", "date", "timestamp", "boolean"])
@pytest.mark.parametrize("kind", WITH_AXES)
def test_every_axis_says_what_it_is(kind: str, wire: str, rows, drawn) -> None:
    """Left to itself Plotly guesses from the values."""
    value = {"integer": 7, "decimal": "7.5", "date": "2015-12-06", "timestamp": "2015-12-06T10:15:00", "boolean": True}
    layout = drawn(chart(kind), rows({**XYS, "x": wire}, [(value.get(wire, "a"), 1.0, "a")])).figure["layout"]
    axes = [axis for name, axis in layout.items() if name.startswith(("xaxis", "yaxis"))]
    assert len(axes) == 2
    assert all(axis["type"] in ("linear", "date", "category") for axis in axes)


def test_lines_above_each_other_have_typed_axes(rows, drawn) -> None:
    result = rows({"x": "integer", "a": "number", "b": "number"}, [(1, 2, 3)])
    layout = drawn({"type": "line", "x": "x", "y": ["a", "b"], "split": True}, result).figure["layout"]
    assert layout["yaxis"]["type"] == layout["yaxis2"]["type"] == "linear"


WITH_VALUES = [kind for kind in CHARTS if kind not in ("histogram", "table")]


@pytest.mark.parametrize("kind", WITH_VALUES)
def test_rows_without_a_value_are_told(kind: str, rows, drawn) -> None:
    records = [("a", 1.0, "s"), ("b", None, "s"), ("c", "NaN", "s"), ("d", "-Infinity", "s"), ("e", 2.0, "s")]
    note = drawn(chart(kind), rows(XYS, records)).note
    assert note == "1 row without a value is not drawn. 2 rows with NaN or infinity are not drawn."


@pytest.mark.parametrize("kind", ["line", "area", "bar", "scatter", "histogram"])
def test_rows_without_a_place_are_told(kind: str, rows, drawn) -> None:
    """Names have a place for NULL; numbers and dates have none."""
    records = [(1.0, 1.0, "s"), (None, 1.0, "s"), (None, 2.0, "s"), ("Infinity", 1.0, "s"), (2.0, 2.0, "s")]
    note = drawn(chart(kind), rows({**XYS, "x": "number"}, records)).note
    if kind == "bar":  # whose places are numbers only where these lie close together
        assert note.startswith("2 rows without a value are not drawn. 1 row with NaN or infinity")
    else:
        assert note == "2 rows without a value are not drawn. 1 row with NaN or infinity is not drawn."


def test_a_date_that_no_axis_can_show_is_told(rows, drawn) -> None:
    result = rows({"x": "timestamp", "y": "number"}, [("2015-12-06T10:15:00", 1.0), ("infinity", 2.0)])
    drawing = drawn({"type": "line", "x": "x", "y": "y"}, result)
    assert drawing.note == "1 row with NaN or infinity is not drawn."


def test_of_several_columns_each_missing_point_is_told(rows, drawn) -> None:
    result = rows({"x": "integer", "a": "number", "b": "number"}, [(1, 2.0, None), (2, None, None), (3, 4.0, 5.0)])
    drawing = drawn({"type": "line", "x": "x", "y": ["a", "b"]}, result)
    assert drawing.note == "3 points without a value are not drawn."


def test_shares_of_zero_are_told(rows, drawn) -> None:
    result = rows({"x": "string", "y": "number"}, [("a", 1.0), ("b", 0.0), ("c", 0.0), ("d", None)])
    drawing = drawn({"type": "donut", "x": "x", "value": "y"}, result)
    assert drawing.note == "1 row without a value is not drawn. 2 shares of zero are not drawn."


@pytest.mark.parametrize("kind", [kind for kind in CHARTS if kind != "table"])
@pytest.mark.parametrize("count", [2_001, 10_000])
def test_nothing_is_drawn_by_webgl(kind: str, count: int, rows, drawn) -> None:
    """Which a strict content security policy forbids, and some browsers lack."""
    records = [(at / 7, at % 977 / 7, f"s{at % 3}") for at in range(count)]
    figure = drawn(chart(kind), rows({**XYS, "x": "number"}, records)).figure or {"data": []}
    assert not [trace["type"] for trace in figure["data"] if trace["type"].endswith("gl")]
    assert sum(len(trace["x"]) for trace in figure["data"] if trace["type"] == "scatter") <= 3_000


def test_many_series_share_the_points(rows, drawn) -> None:
    records = [(at // 12, at % 977 / 7, f"s{at % 12}") for at in range(24_000)]
    figure = drawn({"type": "line", "x": "x", "y": "y", "series": "s"}, rows({**XYS, "x": "integer"}, records)).figure
    assert sum(len(trace["x"]) for trace in figure["data"]) <= 6_000
