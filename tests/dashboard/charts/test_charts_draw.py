"""What every kind of chart does with odd results, and that nothing but a ChartError comes out of it."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.charts import KINDS, ChartError, Drawing, draw, templates
from dashboard.gateway.results import Column, Result
from tests.dashboard.charts.conftest import AREAS, EVIL

CHARTS: dict[str, dict[str, Any]] = {
    "number": {"x": "x", "value": "y"},
    "line": {"x": "x", "y": ["y"], "series": "s"},
    "area": {"x": "x", "y": ["y"], "series": "s", "stacked": True},
    "bar": {"x": "x", "y": ["y"], "series": "s", "stacked": True},
    "scatter": {"x": "x", "y": ["y"], "series": "s"},
    "donut": {"x": "x", "value": "y"},
    "heatmap": {"x": "x", "y": ["s"], "value": "y"},
    "histogram": {"x": "x"},
    "box": {"x": "x", "y": ["y"]},
    "waterfall": {"x": "x", "y": ["y"]},
    "funnel": {"x": "x", "value": "y"},
    "bullet": {"x": "x", "value": "y"},
    "map": {"map": "squares", "area": "x", "value": "y"},
    "table": {},
}
XYS = {"x": "string", "y": "number", "s": "string"}
WIRE_TYPES = ("string", "integer", "number", "decimal", "boolean", "date", "timestamp")
CELLS = (
    st.none()
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.text(max_size=8)
    | st.sampled_from(["2015-12-06", "2015-12", "2015-12-06T10:15:00", "0001-01-01", "9999-12-31", "1e400", "Monday"])
    | st.datetimes().map(lambda moment: moment.isoformat())
)

BESIDE = st.fixed_dictionaries(
    {},
    optional={
        "target": st.sampled_from(["x", "y", 0, -3.5, 1e300]),
        "compare": st.sampled_from(["x", "y"]),
        "line": st.sampled_from(["y", ["x", "y"]]),
        "right": st.sampled_from(["y", ["x", "y"]]),
        "total": st.sampled_from(["x", "s"]),
        "bands": st.sampled_from([[-1, 0, 5], [2.5], []]),
        "references": st.lists(st.fixed_dictionaries({"at": st.sampled_from([0, 7.5, "2015-12", "?"])}), max_size=12),
        "series": st.none(),
    },
)
"""What may be drawn beside a chart's own columns, and what no header may hold: a listing can be of another time."""


def chart(kind: str) -> dict[str, Any]:
    return {"type": kind, **CHARTS[kind]}


def test_every_kind_is_tested_here() -> None:
    assert {*CHARTS, "pivot"} == set(KINDS), "a pivot draws nothing, as a table does"


@pytest.mark.parametrize("kind", CHARTS)
def test_no_rows_draw_nothing_and_say_nothing(kind: str, rows, drawn) -> None:
    assert drawn(chart(kind), rows(XYS, [])) == Drawing(None, None, None)


@pytest.mark.parametrize("kind", [kind for kind in CHARTS if kind != "table"])
def test_one_row_draws_without_fuss(kind: str, rows, drawn) -> None:
    drawing = drawn(chart(kind), rows(XYS, [("2015-12-06", 3.5, "a")]))
    assert drawing.note is None
    assert drawing.figure or drawing.number


@pytest.mark.parametrize("kind", [kind for kind in CHARTS if kind not in ("table", "number", "histogram")])
def test_only_nulls_give_a_sentence_instead_of_an_empty_frame(kind: str, rows, drawn) -> None:
    drawing = drawn(chart(kind), rows(XYS, [("a", None, None), (None, None, None)]))
    assert drawing.figure is None
    assert drawing.note.startswith("Every value is empty")


@pytest.mark.parametrize("kind", [kind for kind in CHARTS if kind != "table"])
def test_a_missing_column_is_a_sentence_with_its_name(kind: str, rows) -> None:
    result = rows({"other": "number"}, [(1,)])
    with pytest.raises(ChartError, match=r"^This chart needs a column '[xy]' that the report does not return\.$"):
        draw(chart(kind), {}, result)


def test_an_unknown_type_is_a_sentence(rows) -> None:
    with pytest.raises(ChartError, match="type 'pie-in-the-sky', which does not exist"):
        draw({"type": "pie-in-the-sky"}, {}, rows(XYS, []))


@pytest.mark.parametrize(
    "kind", ["line", "bar", "scatter", "donut", "heatmap", "box", "number", "waterfall", "funnel", "bullet", "map"]
)
def test_text_where_numbers_belong_is_a_sentence(kind: str, rows) -> None:
    with pytest.raises(ChartError, match="needs numbers, and the column 'y' holds something else"):
        draw(chart(kind), {}, rows({**XYS, "y": "string"}, [("a", "many", "b")]))


@pytest.mark.parametrize("kind", ["line", "bar", "donut", "heatmap", "box", "waterfall", "funnel", "bullet", "map"])
def test_a_chart_without_its_keys_is_a_sentence(kind: str, rows) -> None:
    with pytest.raises(ChartError, match="does not say which column"):
        draw({"type": kind}, {}, rows(XYS, [("a", 1, "b")]))


@pytest.mark.parametrize("kind", [kind for kind in CHARTS if kind != "table"])
def test_markup_in_the_data_stays_text(kind: str, rows) -> None:
    records = [(EVIL, 2.0, EVIL), ("b", 1.0, "c"), ("d", 4.0, "e")]
    drawing = draw(chart(kind), {"x": {"label": EVIL}, "y": {"label": EVIL}}, rows(XYS, records), AREAS)
    text = json.dumps(drawing.figure)
    assert "<a" not in text
    assert "&lt;a" in text or kind == "number"
    assert "%{y}" not in "".join(trace.get("hovertemplate", "") for trace in (drawing.figure or {"data": []})["data"])


def test_a_title_of_a_tooltip_takes_no_template_from_a_label(rows) -> None:
    drawing = draw({"type": "line", "x": "n", "y": "n"}, {"n": {"label": "50 %{y}"}}, rows({"n": "integer"}, [(1,)]))
    assert drawing.figure["layout"]["xaxis"]["unifiedhovertitle"]["text"] == "50 &#37;{y} %{x}"


def test_of_columns_with_the_same_name_the_first_counts(rows, drawn) -> None:
    result = rows([("x", "string"), ("y", "number"), ("y", "number")], [("a", 1, 7), ("b", 2, 8)])
    assert drawn({"type": "bar", "x": "x", "y": ["y"]}, result).figure["data"][0]["y"] == [1, 2]


def test_column_names_match_in_any_case(rows, drawn) -> None:
    drawing = drawn({"type": "bar", "x": "X", "y": ["Y"]}, rows({"x": "string", "y": "number"}, [("a", 1)]))
    assert drawing.figure["data"][0]["y"] == [1]


def test_a_thousand_columns_draw_twelve_and_say_so(rows, drawn) -> None:
    names = [f"c{position}" for position in range(1000)]
    result = rows(dict.fromkeys(names, "number"), [tuple(range(1000)), tuple(range(1000))])
    drawing = drawn({"type": "line", "x": "c0", "y": names[1:]}, result)
    assert len(drawing.figure["data"]) == 12
    assert drawing.note == "The first 12 of 999 columns are drawn."


def test_a_cut_off_result_says_so(rows, drawn) -> None:
    drawing = drawn({"type": "bar", "x": "x", "y": "y"}, rows({"x": "string", "y": "number"}, [("a", 1)], total=90_000))
    assert drawing.note == "Drawn from the first 1 of 90,000 rows."


def test_infinite_and_missing_values_are_gaps(rows, drawn) -> None:
    result = rows({"x": "integer", "y": "number"}, [(1, 2.5), (2, float("inf")), (3, float("nan")), (4, 1e300)])
    assert drawn({"type": "line", "x": "x", "y": ["y"]}, result).figure["data"][0]["y"] == [2.5, None, None, 1e300]


@pytest.mark.parametrize("kind", [kind for kind in CHARTS if kind != "table"])
def test_fifty_thousand_rows_become_a_small_figure(kind: str, rows, drawn) -> None:
    names = ("a", "b", "c")
    records = [(f"2015-{at % 12 + 1:02d}-{at % 28 + 1:02d}", at % 977 / 7, names[at % 3]) for at in range(60_000)]
    drawing = draw(chart(kind), {}, rows(XYS, records), AREAS)
    assert len(json.dumps(drawing.figure)) < 2_000_000


@pytest.mark.parametrize("kind", CHARTS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_rows_are_drawn_or_refused_in_words(kind: str, data: st.DataObject) -> None:
    wires = data.draw(st.tuples(*[st.sampled_from(WIRE_TYPES)] * 3))
    records = data.draw(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12))
    style = data.draw(st.sampled_from([None, "currency", "percent", "thousands", "number", "date", "text"]))
    result = Result("s", "r", "t", len(records), tuple(map(Column, "xys", wires)), tuple(records))
    options = {name: data.draw(st.booleans()) for name in ("horizontal", "stacked")} | data.draw(BESIDE)
    try:
        drawing = draw({**chart(kind), **options}, {"x": {"format": style}, "y": {"format": style}}, result, AREAS)
    except ChartError as refusal:
        answer = str(refusal)
    else:
        answer = json.dumps(drawing.figure, allow_nan=False)
    assert answer.endswith((".", "}", "null"))


def test_both_templates_cover_the_same_things() -> None:
    light, dark = templates()["light"], templates()["dark"]
    assert light["layout"].keys() == dark["layout"].keys()
    assert light["layout"]["colorway"] != dark["layout"]["colorway"]
    assert light["data"].keys() == dark["data"].keys()
