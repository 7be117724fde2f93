"""What is drawn beside a chart's own columns: lines over bars, scales on the right, targets, earlier periods."""

import pytest

from dashboard.charts import Number
from dashboard.charts.formats import MINUS, SPACE

DAYS = ["2015-12-01", "2015-12-02", "2015-12-03"]
LABELS = {
    "trips": {"label": "Trips", "format": "thousands"},
    "fare": {"label": "Fare per trip", "format": "currency"},
    "before": {"label": "A year before", "format": "thousands"},
    "goal": {"label": "Goal", "format": "thousands"},
}
BAR = {"type": "bar", "x": "day", "y": ["trips"]}
LINE = {**BAR, "type": "line"}


@pytest.fixture
def days(rows):
    """Three days with their trips, fares, earlier trips and goals."""
    columns = {"day": "date", "trips": "integer", "fare": "decimal", "before": "integer", "goal": "integer"}
    records = [(DAYS[0], 400, "12.50", 380, 410), (DAYS[1], 420, "-1.00", None, 410), (DAYS[2], 90, "13.00", 0, 300)]
    return rows(columns, records)


def layout(drawing, part):
    return drawing.figure["layout"][part]


class TestLinesOverBars:
    def test_a_column_is_a_line_over_the_bars(self, days, drawn) -> None:
        bars, line = drawn({**BAR, "line": ["before"]}, days, LABELS).figure["data"]
        assert (bars["type"], line["type"], line["name"]) == ("bar", "scatter", "A year before")
        assert line["x"] == DAYS
        assert line["y"] == [380, None, 0]

    def test_both_scales_have_the_names_of_what_they_measure(self, days, drawn) -> None:
        drawing = drawn({**BAR, "line": ["fare"], "right": ["fare"]}, days, LABELS)
        assert [trace.get("yaxis") for trace in drawing.figure["data"]] == [None, "y2"]
        assert layout(drawing, "yaxis")["title"]["text"] == "Trips"
        assert layout(drawing, "yaxis2")["title"]["text"] == "Fare per trip"

    def test_the_right_scale_has_its_own_ticks_and_no_grid(self, days, drawn) -> None:
        right = layout(drawn({**BAR, "line": ["fare"], "right": ["fare"]}, days, LABELS), "yaxis2")
        assert (right["overlaying"], right["side"], right["showgrid"], right["tickmode"]) == (
            "y",
            "right",
            False,
            "auto",
        )

    def test_two_scales_that_begin_at_zero_begin_at_the_same_height(self, rows, drawn) -> None:
        """Plotly's own range of positive numbers begins at zero."""
        result = rows({"day": "date", "trips": "integer", "fare": "number"}, [(DAYS[0], 400, 12), (DAYS[1], 40, 2)])
        drawing = drawn({**BAR, "line": ["fare"], "right": ["fare"]}, result)
        assert [layout(drawing, axis).get("rangemode") for axis in ("yaxis", "yaxis2")] == ["tozero", "tozero"]
        assert "range" not in layout(drawing, "yaxis")

    def test_zero_is_at_the_same_height_below_zero_too(self, rows, drawn) -> None:
        result = rows({"day": "date", "trips": "integer", "profit": "number"}, [(DAYS[0], 400, 30), (DAYS[1], 40, -10)])
        drawing = drawn({"type": "bar", "x": "day", "y": ["trips", "profit"], "right": "profit"}, result)
        left, right = (layout(drawing, axis)["range"] for axis in ("yaxis", "yaxis2"))
        assert left[0] / left[1] == pytest.approx(right[0] / right[1])
        assert right[0] < -10
        assert right[1] > 30
        assert left[1] > 400

    def test_a_scale_of_nothing_is_drawn(self, rows, drawn) -> None:
        result = rows({"day": "date", "profit": "number", "fare": "number"}, [(DAYS[0], -30, None)])
        drawing = drawn({**BAR, "y": ["profit", "fare"], "right": "fare"}, result)
        assert drawing.note == "1 point without a value is not drawn."

    def test_bars_of_two_scales_stand_beside_each_other(self, days, drawn) -> None:
        bars = drawn({"type": "bar", "x": "day", "y": ["trips", "fare"], "right": "fare"}, days, LABELS).figure["data"]
        assert len({bar["offsetgroup"] for bar in bars}) == 2
        assert [bar.get("yaxis") for bar in bars] == [None, "y2"]

    def test_a_line_of_averages_is_not_added_up(self, rows, drawn) -> None:
        result = rows({"k": "string", "n": "integer", "fare": "number"}, [("a", 1, 12.0), ("a", 2, 13.0)])
        drawing = drawn({"type": "bar", "x": "k", "y": ["n"], "line": ["fare"]}, result)
        assert [trace["y"] for trace in drawing.figure["data"]] == [[3], [12, 13]]
        assert drawing.note == "Rows with the same k are added up in the bars."

    def test_a_line_ends_where_the_bars_are_cut_off(self, rows, drawn) -> None:
        result = rows({"k": "string", "n": "integer"}, [(f"zone {n}", n) for n in range(263)])
        drawing = drawn({"type": "bar", "x": "k", "y": ["n"], "line": ["n"]}, result)
        assert [len(trace["x"]) for trace in drawing.figure["data"]] == [60, 60]
        assert drawing.note == "The first 60 of 263 bars are drawn."

    def test_more_lines_than_can_be_told_apart_are_told(self, rows, drawn) -> None:
        names = [f"c{position}" for position in range(14)]
        result = rows(dict.fromkeys(names, "number"), [tuple(range(14))])
        drawing = drawn({"type": "bar", "x": "c0", "y": ["c1"], "line": names}, result)
        assert len(drawing.figure["data"]) == 13
        assert drawing.note == "The first 12 of 14 columns are drawn."

    def test_what_a_chart_of_lines_has_on_the_right_leaves_one_on_the_left(self, days, drawn) -> None:
        """The check of headers refuses it; a listing of another time is drawn all the same."""
        drawing = drawn({**LINE, "right": ["trips"]}, days)
        assert "yaxis2" not in drawing.figure["layout"]


class TestEarlierPeriods:
    @pytest.mark.parametrize("kind", ["line", "area"])
    def test_the_earlier_period_is_a_faint_dashed_line(self, kind: str, days, drawn) -> None:
        now, before = drawn({**LINE, "type": kind, "compare": "before"}, days, LABELS).figure["data"]
        assert (before["name"], before["meta"], before["line"]["dash"]) == ("A year before", "before", "dash")
        assert "meta" not in now

    def test_its_bars_are_pale_and_come_first(self, days, drawn) -> None:
        traces = drawn({**BAR, "compare": "before"}, days, LABELS).figure["data"]
        assert [trace["meta"] for trace in traces] == ["bars-before", "bars-now"]

    @pytest.mark.parametrize("chart", [LINE, BAR])
    def test_the_tooltip_tells_the_difference_where_there_is_one(self, chart, days, drawn) -> None:
        """Against NULL and against zero there is none."""
        traces = drawn({**chart, "compare": "before"}, days, LABELS).figure["data"]
        (now,) = [trace for trace in traces if trace["name"] == "Trips"]
        assert now["customdata"] == ["  +5.3%", "", ""]
        assert "%{customdata}" in now["hovertemplate"]

    def test_percentages_differ_by_points(self, rows, drawn) -> None:
        result = rows({"d": "date", "rate": "number", "was": "number"}, [(DAYS[0], 0.17, 0.2), (DAYS[1], 0.2, 0.2)])
        chart = {"type": "line", "x": "d", "y": "rate", "compare": "was"}
        now, _ = drawn(chart, result, {"rate": {"format": "percent"}}).figure["data"]
        assert now["customdata"] == [f"  {MINUS}3.0 pt", "  0.0 pt"]

    def test_a_thinned_line_keeps_its_own_differences(self, rows, drawn) -> None:
        result = rows({"x": "integer", "y": "number", "b": "number"}, [(n, n + 1, n + 2) for n in range(9_000)])
        now, _ = drawn({"type": "line", "x": "x", "y": "y", "compare": "b"}, result).figure["data"]
        last = now["x"].index(8_999)
        assert len(now["customdata"]) == len(now["x"]) < 2_000
        assert (now["y"][last], now["customdata"][last]) == (9_000, "  0.0%")

    def test_points_that_it_lacks_are_told(self, days, drawn) -> None:
        assert drawn({**LINE, "compare": "before"}, days).note == "1 point without a value is not drawn."


class TestTargets:
    def test_a_number_is_a_dashed_line_with_its_words(self, days, drawn) -> None:
        drawing = drawn({**LINE, "target": 500}, days, LABELS)
        (line,), (words,) = layout(drawing, "shapes"), layout(drawing, "annotations")
        assert (line["yref"], line["y0"], line["y1"], line["templateitemname"]) == ("y", 500, 500, "target")
        assert words["text"] == "Target 500"

    def test_a_number_without_a_format_is_written_as_on_a_card(self, days, drawn) -> None:
        (words,) = layout(drawn({**LINE, "target": 5000.0}, days), "annotations")
        assert words["text"] == "Target 5,000"

    def test_of_lying_bars_it_stands(self, days, drawn) -> None:
        (line,) = layout(drawn({**BAR, "horizontal": True, "target": 500}, days), "shapes")
        assert (line["xref"], line["x0"], line["x1"], line["yref"]) == ("x", 500, 500, "paper")

    def test_the_scale_reaches_it_with_its_units(self, days, drawn) -> None:
        axis = layout(drawn({**LINE, "target": 40_000}, days, LABELS), "yaxis")
        assert axis["labelalias"]["40k"] == f"40{SPACE}K"

    @pytest.mark.parametrize(("horizontal", "shape"), [(False, "hvh"), (True, "vhv")])
    def test_a_column_is_a_line_in_steps(self, horizontal: bool, shape: str, days, drawn) -> None:
        _, goal = drawn({**BAR, "target": "goal", "horizontal": horizontal}, days, LABELS).figure["data"]
        assert (goal["name"], goal["meta"], goal["line"]["shape"]) == ("Goal", "target", shape)
        assert goal["x" if horizontal else "y"] == [410, 410, 300]

    def test_a_target_is_no_layer_of_a_stack(self, days, drawn) -> None:
        chart = {"type": "area", "x": "day", "y": ["trips", "before"], "stacked": True, "target": "goal"}
        assert ["stackgroup" in trace for trace in drawn(chart, days).figure["data"]] == [True, True, False]

    def test_a_card_tells_how_much_of_it_is_reached(self, rows, drawn) -> None:
        result = rows({"m": "string", "n": "integer"}, [("2015-11", 4000), ("2015-12", 4600)])
        drawing = drawn({"type": "number", "x": "m", "value": "n", "target": 5000}, result)
        assert drawing.number == Number("4,600", "+15.0%", "up", "vs Nov 2015", "92% of 5,000")

    def test_a_card_takes_the_last_rows_target(self, rows, drawn) -> None:
        result = rows({"n": "decimal", "goal": "decimal"}, [("100", "50"), ("120", "100")])
        drawing = drawn({"type": "number", "value": "n", "target": "goal"}, result, {"n": {"format": "currency"}})
        assert drawing.number.target == "120% of $100"

    @pytest.mark.parametrize("goal", [0, -5])
    def test_a_share_that_tells_nothing_is_not_told(self, goal: int, rows, drawn) -> None:
        number = drawn({"type": "number", "value": "n", "target": goal}, rows({"n": "integer"}, [(7,)])).number
        assert number.target.replace(MINUS, "-") == f"target {goal}"

    def test_a_card_without_its_target_says_so(self, rows, drawn) -> None:
        result = rows({"n": "integer", "goal": "integer"}, [(7, 5), (8, None)])
        drawing = drawn({"type": "number", "value": "n", "target": "goal"}, result)
        assert (drawing.number.target, drawing.note) == (None, "The last row has no goal.")


class TestReferences:
    def test_each_has_its_own_words_or_its_value(self, days, drawn) -> None:
        drawing = drawn({**LINE, "references": [{"at": 100, "label": "Quiet <b>"}, {"at": 300}]}, days, LABELS)
        assert [words["text"] for words in layout(drawing, "annotations")] == ["Quiet &lt;b&gt;", "300"]

    def test_labels_of_neighbours_do_not_cover_each_other(self, days, drawn) -> None:
        drawing = drawn({**LINE, "target": 310, "references": [{"at": 300}, {"at": 100}]}, days)
        anchors = {words["y"]: words["xanchor"] for words in layout(drawing, "annotations")}
        assert anchors == {100: "right", 300: "right", 310: "left"}

    def test_a_date_is_an_upright_line(self, days, drawn) -> None:
        drawing = drawn({**LINE, "references": [{"at": "2015-12-02", "label": "New fares"}]}, days)
        (line,) = layout(drawing, "shapes")
        assert (line["xref"], line["x0"], line["x1"]) == ("x", "2015-12-02", "2015-12-02")

    def test_a_day_of_the_last_month_lies_among_the_months(self, rows, drawn) -> None:
        result = rows({"m": "string", "n": "integer"}, [("2015-11", 1), ("2015-12", 2)])
        drawing = drawn({"type": "bar", "x": "m", "y": "n", "references": [{"at": "2015-12-25"}]}, result)
        assert (len(layout(drawing, "shapes")), drawing.note) == (1, None)

    @pytest.mark.parametrize("kind", ["line", "bar"])
    def test_a_date_beyond_the_rows_is_told_and_does_not_press_them_together(self, kind: str, days, drawn) -> None:
        drawing = drawn({**LINE, "type": kind, "references": [{"at": "2015-07-04", "label": "Holiday"}]}, days)
        assert "shapes" not in drawing.figure["layout"]
        assert drawing.note == "The line “Holiday” lies outside of this chart."

    def test_a_date_where_there_are_none_is_told(self, rows, drawn) -> None:
        result = rows({"k": "string", "n": "integer"}, [("a", 1)])
        drawing = drawn({"type": "bar", "x": "k", "y": "n", "references": [{"at": "2015-12-01"}]}, result)
        assert drawing.note == "The line “Dec 1, 2015” lies outside of this chart."

    def test_more_than_ten_are_told(self, days, drawn) -> None:
        drawing = drawn({**LINE, "references": [{"at": 10 * n} for n in range(12)]}, days)
        assert len(layout(drawing, "shapes")) == 10
        assert drawing.note == "The first 10 of 12 reference lines are drawn."
