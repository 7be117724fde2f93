"""What each kind of chart draws from ordinary rows."""

import pytest

from dashboard.charts import Number
from dashboard.charts.formats import MINUS, SPACE

DAYS = [f"2015-12-{day:02d}" for day in range(1, 32)]
MONEY = {"fare": {"label": "Total fare", "format": "currency"}}


@pytest.fixture
def fares(rows):
    """A month of fares of some millions a day."""
    return rows(
        {"day": "date", "fare": "decimal"}, [(day, f"{5_000_000 + 40_000 * at}.50") for at, day in enumerate(DAYS)]
    )


def layout(drawing, part):
    return drawing.figure["layout"][part]


class TestNumber:
    def test_it_tells_the_last_value_and_its_change(self, rows, drawn) -> None:
        result = rows(
            {"month": "date", "fare": "decimal"}, [("2015-11-01", "167200000"), ("2015-12-01", "171214000.5")]
        )
        drawing = drawn({"type": "number", "x": "month", "value": "fare"}, result, MONEY)
        assert drawing.number == Number(f"$171.2{SPACE}M", "+2.4%", "up", "vs Nov 2015")

    def test_percentages_change_by_points(self, rows, drawn) -> None:
        result = rows({"month": "string", "rate": "number"}, [("2015-11", 0.182), ("2015-12", 0.179)])
        drawing = drawn({"type": "number", "x": "month", "value": "rate"}, result, {"rate": {"format": "percent"}})
        assert drawing.number == Number("17.9%", f"{MINUS}0.3 pt", "down", "vs Nov 2015")

    def test_no_change_to_speak_of_is_flat(self, rows, drawn) -> None:
        result = rows({"day": "date", "n": "integer"}, [("2015-12-05", 1_000_000), ("2015-12-06", 1_000_001)])
        number = drawn({"type": "number", "x": "day", "value": "n"}, result).number
        assert (number.change, number.direction, number.versus) == ("0.0%", "flat", "vs Dec 5, 2015")

    @pytest.mark.parametrize("before", [0, None])
    def test_against_nothing_there_is_no_change(self, before, rows, drawn) -> None:
        result = rows({"x": "string", "n": "integer"}, [("a", before), ("b", 12)])
        assert drawn({"type": "number", "x": "x", "value": "n"}, result).number == Number("12", None, "", None)

    def test_a_rise_from_below_zero_is_up(self, rows, drawn) -> None:
        result = rows({"x": "string", "n": "integer"}, [("a", -100), ("b", -50)])
        number = drawn({"type": "number", "x": "x", "value": "n"}, result).number
        assert (number.change, number.direction) == ("+50.0%", "up")

    def test_the_sparkline_has_at_most_two_hundred_points_and_all_peaks(self, rows, drawn) -> None:
        result = rows({"n": "integer"}, [(999 if at == 4_321 else at % 7,) for at in range(9_000)])
        drawing = drawn({"type": "number", "value": "n"}, result)
        assert drawing.figure is None
        assert len(drawing.sparkline["x"]) == len(drawing.sparkline["y"]) <= 200
        assert drawing.sparkline["y"][drawing.sparkline["x"].index(4_321)] == 999

    def test_the_sparkline_joins_what_has_a_value(self, rows, drawn) -> None:
        result = rows({"n": "integer"}, [(3,), (None,), (5,)])
        assert drawn({"type": "number", "value": "n"}, result).sparkline == {"x": [0, 2], "y": [3, 5]}

    def test_one_row_has_no_sparkline(self, rows, drawn) -> None:
        assert drawn({"type": "number", "value": "n"}, rows({"n": "integer"}, [(7,)])).sparkline is None


class TestLineAndArea:
    def test_dates_and_values_keep_what_the_rows_say(self, fares, drawn) -> None:
        (trace,) = drawn({"type": "line", "x": "day", "y": ["fare"]}, fares, MONEY).figure["data"]
        assert trace["x"] == DAYS
        assert trace["y"][:2] == [5_000_000.5, 5_040_000.5]
        assert trace["name"] == "Total fare"

    def test_money_is_short_on_the_axis_and_full_in_the_tooltip(self, fares, drawn) -> None:
        drawing = drawn({"type": "area", "x": "day", "y": ["fare"]}, fares, MONEY)
        assert layout(drawing, "yaxis")["labelalias"]["$6M"] == f"$6{SPACE}M"
        assert layout(drawing, "yaxis")["labelalias"]["$0M"] == "$0"
        assert "%{y:$,.2f}" in drawing.figure["data"][0]["hovertemplate"]

    def test_one_series_needs_no_legend_and_two_do(self, fares, drawn) -> None:
        one = drawn({"type": "line", "x": "day", "y": ["fare"]}, fares)
        two = drawn({"type": "line", "x": "day", "y": ["fare", "fare"]}, fares)
        assert (layout(one, "showlegend"), layout(two, "showlegend")) == (False, True)

    def test_no_two_of_twelve_series_share_both_colour_and_dash(self, rows, drawn) -> None:
        result = rows({"x": "integer", "y": "number", "s": "string"}, [(1, n, f"s{n}") for n in range(1, 13)])
        traces = drawn({"type": "line", "x": "x", "y": ["y"], "series": "s"}, result).figure["data"]
        assert len({(at % 6, trace["line"]["dash"]) for at, trace in enumerate(traces)}) == 12

    def test_of_many_series_the_largest_stay(self, rows, drawn) -> None:
        result = rows({"x": "integer", "y": "number", "s": "string"}, [(1, n, f"s{n}") for n in range(30)])
        drawing = drawn({"type": "line", "x": "x", "y": ["y"], "series": "s"}, result)
        assert [trace["name"] for trace in drawing.figure["data"]] == [f"s{n}" for n in range(18, 30)]
        assert drawing.note == "The 12 largest of 30 series are drawn."

    def test_a_stack_keeps_its_height_by_an_other_layer(self, rows, drawn) -> None:
        result = rows({"x": "integer", "y": "number", "s": "string"}, [(1, n, f"s{n}") for n in range(30)])
        chart = {"type": "bar", "x": "x", "y": ["y"], "series": "s", "stacked": True}
        drawing = drawn(chart, result)
        assert sum(sum(trace["y"]) for trace in drawing.figure["data"]) == sum(range(30))
        assert drawing.figure["data"][-1]["name"] == "Other"

    def test_points_are_joined_in_the_order_of_dates(self, rows, drawn) -> None:
        result = rows({"d": "string", "y": "number"}, [("2015-12-03", 3), ("2015-12-01", 1), ("2015-12-02", 2)])
        assert drawn({"type": "line", "x": "d", "y": "y"}, result).figure["data"][0]["y"] == [1, 2, 3]

    def test_a_value_between_gaps_is_a_mark(self, rows, drawn) -> None:
        result = rows({"x": "integer", "y": "number"}, [(1, 1), (2, None), (3, 3), (4, None)])
        assert drawn({"type": "line", "x": "x", "y": "y"}, result).figure["data"][0]["mode"] == "lines+markers"

    def test_a_flat_line_far_from_zero_is_not_magnified(self, rows, drawn) -> None:
        result = rows({"x": "integer", "y": "number"}, [(1, 1e6), (2, 1e6)])
        assert layout(drawn({"type": "line", "x": "x", "y": "y"}, result), "yaxis")["rangemode"] == "tozero"

    @pytest.mark.parametrize("kind", ["line", "area"])
    def test_no_more_points_than_a_screen_shows(self, kind: str, rows, drawn) -> None:
        result = rows({"x": "integer", "y": "number"}, [(n, n % 7) for n in range(10_000)])
        drawing = drawn({"type": kind, "x": "x", "y": "y"}, result)
        assert drawing.figure["data"][0]["type"] == "scatter"
        assert len(drawing.figure["data"][0]["y"]) <= 2_800
        assert drawing.note == "Thinned from 10,000 rows; highs and lows are kept."

    def test_what_a_screen_shows_is_not_thinned(self, rows, drawn) -> None:
        result = rows({"x": "integer", "y": "number"}, [(n, n % 7) for n in range(2_800)])
        drawing = drawn({"type": "line", "x": "x", "y": "y"}, result)
        assert len(drawing.figure["data"][0]["y"]) == 2_800
        assert drawing.note is None

    def test_thinning_keeps_a_lone_peak(self, rows, drawn) -> None:
        result = rows({"x": "integer", "y": "number"}, [(n, 999 if n == 43_210 else n % 7) for n in range(60_000)])
        drawing = drawn({"type": "line", "x": "x", "y": "y"}, result)
        (trace,) = drawing.figure["data"]
        assert len(trace["y"]) <= 2_800
        assert trace["y"][trace["x"].index(43_210)] == 999
        assert drawing.note == "Thinned from 60,000 rows; highs and lows are kept."

    def test_months_stand_in_the_middle_of_their_month(self, rows, drawn) -> None:
        result = rows({"m": "string", "y": "number"}, [("2015-11", 1), ("2015-12", 2)])
        drawing = drawn({"type": "bar", "x": "m", "y": "y"}, result)
        assert drawing.figure["data"][0]["xperiod"] == "M1"
        assert layout(drawing, "xaxis")["hoverformat"] == "%b %Y"

    def test_a_lone_date_has_one_tick(self, rows, drawn) -> None:
        axis = layout(
            drawn({"type": "line", "x": "d", "y": "y"}, rows({"d": "date", "y": "number"}, [("2015-12-06", 1)])),
            "xaxis",
        )
        assert (axis["tickvals"], axis["range"]) == (["2015-12-06"], ["2015-12-05", "2015-12-07"])


class TestBar:
    def test_lying_bars_start_on_top(self, rows, drawn) -> None:
        result = rows({"band": "string", "n": "integer"}, [("0-1 mi", 42), ("1-2 mi", 31)])
        drawing = drawn({"type": "bar", "x": "band", "y": ["n"], "horizontal": True}, result)
        (trace,) = drawing.figure["data"]
        assert (trace["x"], trace["y"], trace["orientation"]) == ([42, 31], ["0-1 mi", "1-2 mi"], "h")
        assert layout(drawing, "yaxis")["autorange"] == "reversed"

    def test_stacked_and_grouped(self, fares, drawn) -> None:
        chart = {"type": "bar", "x": "day", "y": ["fare"]}
        assert layout(drawn(chart, fares), "barmode") == "group"
        assert layout(drawn({**chart, "stacked": True}, fares), "barmode") == "relative"

    def test_rows_of_the_same_place_are_added_up_and_told(self, rows, drawn) -> None:
        drawing = drawn(
            {"type": "bar", "x": "k", "y": "n"}, rows({"k": "string", "n": "integer"}, [("a", 1), ("a", 2)])
        )
        assert drawing.figure["data"][0]["y"] == [3]
        assert drawing.note == "Rows with the same k are added up."

    def test_a_long_name_is_cut_on_the_axis_and_whole_in_the_tooltip(self, rows, drawn) -> None:
        name = "Stuyvesant Town/Peter Cooper Village & co"
        drawing = drawn({"type": "bar", "x": "zone", "y": "n"}, rows({"zone": "string", "n": "integer"}, [(name, 1)]))
        assert layout(drawing, "xaxis")["labelalias"] == {name.replace("&", "&amp;"): "Stuyvesant Town…"}
        (text,) = drawing.figure["data"][0]["hovertext"]
        assert text.replace("<br>", " ") == name.replace("&", "&amp;")

    def test_more_names_than_fit_are_cut_off_and_told(self, rows, drawn) -> None:
        result = rows({"zone": "string", "n": "integer"}, [(f"zone {n}", n) for n in range(263)])
        drawing = drawn({"type": "bar", "x": "zone", "y": "n"}, result)
        assert len(drawing.figure["data"][0]["x"]) == 60
        assert drawing.note == "The first 60 of 263 bars are drawn."

    def test_few_whole_numbers_have_no_halves_between_them(self, rows, drawn) -> None:
        drawing = drawn(
            {"type": "bar", "x": "k", "y": "n"}, rows({"k": "string", "n": "integer"}, [("a", 1), ("b", 3)])
        )
        assert layout(drawing, "yaxis")["dtick"] == 1

    def test_null_names_and_booleans_have_words(self, rows, drawn) -> None:
        result = rows({"k": "boolean", "n": "integer"}, [(True, 1), (False, 2), (None, 3)])
        assert drawn({"type": "bar", "x": "k", "y": "n"}, result).figure["data"][0]["x"] == ["Yes", "No", "(no value)"]


class TestScatter:
    def test_both_axes_have_titles(self, rows, drawn) -> None:
        result = rows({"miles": "decimal", "fare": "decimal"}, [("1.5", "8.00"), ("3.0", "12.50")])
        drawing = drawn({"type": "scatter", "x": "miles", "y": ["fare"]}, result, MONEY)
        titles = (layout(drawing, "xaxis")["title"]["text"], layout(drawing, "yaxis")["title"]["text"])
        assert titles == ("Miles", "Total fare")

    def test_fifteen_hundred_marks_are_all_drawn(self, rows, drawn) -> None:
        result = rows({"x": "number", "y": "number"}, [(n, n) for n in range(1_500)])
        drawing = drawn({"type": "scatter", "x": "x", "y": "y"}, result)
        assert len(drawing.figure["data"][0]["x"]) == 1_500
        assert drawing.note is None

    def test_very_many_rows_are_sampled_and_told(self, rows, drawn) -> None:
        result = rows({"x": "number", "y": "number"}, [(n, n) for n in range(60_000)])
        drawing = drawn({"type": "scatter", "x": "x", "y": "y"}, result)
        assert len(drawing.figure["data"][0]["x"]) == 1_500
        assert drawing.note == "A sample of 1,500 of 60,000 rows."


class TestDonut:
    def test_the_largest_share_stands_in_the_middle(self, rows, drawn) -> None:
        result = rows({"kind": "string", "fare": "decimal"}, [("Cash", "36"), ("Card", "64")])
        drawing = drawn({"type": "donut", "x": "kind", "value": "fare"}, result, MONEY)
        (middle,) = layout(drawing, "annotations")
        assert middle["text"].startswith("<b>64%</b><br>")
        assert "Card" in middle["text"]
        assert drawing.figure["data"][0]["text"] == ["Card<br>64%", "Cash<br>36%"]

    def test_small_shares_become_other(self, rows, drawn) -> None:
        result = rows({"kind": "string", "n": "integer"}, [(f"k{n}", 100 - n) for n in range(20)])
        drawing = drawn({"type": "donut", "x": "kind", "value": "n"}, result)
        (ring,) = drawing.figure["data"]
        assert (len(ring["values"]), ring["hovertext"][-1], sum(ring["values"])) == (8, "Other", sum(range(81, 101)))

    def test_negative_values_are_bars_with_a_reason(self, rows, drawn) -> None:
        result = rows({"kind": "string", "n": "integer"}, [("paid", 10), ("refunded", -3)])
        drawing = drawn({"type": "donut", "x": "kind", "value": "n"}, result)
        assert drawing.figure["data"][0]["type"] == "bar"
        assert drawing.note == "Negative values have no share, so these are bars."


class TestHeatmap:
    @pytest.mark.parametrize("days", [["Sunday", "Tuesday", "Monday"], [0, 2, 1]])
    def test_the_week_starts_on_monday_on_top(self, days, rows, drawn) -> None:
        wire = "string" if isinstance(days[0], str) else "integer"
        result = rows({"weekday": wire, "hour": "integer", "n": "integer"}, [(day, 9, 1) for day in days])
        drawing = drawn({"type": "heatmap", "x": "hour", "y": ["weekday"], "value": "n"}, result)
        assert [name[:3] for name in drawing.figure["data"][0]["y"]] == ["Mon", "Tue", "Sun"]
        assert layout(drawing, "yaxis")["autorange"] == "reversed"

    def test_an_hour_without_rows_keeps_its_place(self, rows, drawn) -> None:
        result = rows({"d": "string", "hour": "integer", "n": "integer"}, [("Mon", 3, 1), ("Mon", 1, 2)])
        (grid,) = drawn({"type": "heatmap", "x": "hour", "y": "d", "value": "n"}, result).figure["data"]
        assert (grid["x"], grid["z"]) == (["1", "2", "3"], [[2, None, 1]])

    def test_a_cell_is_told_in_words(self, rows, drawn) -> None:
        result = rows({"d": "string", "hour": "integer", "fare": "decimal"}, [("Mon", 3, "9.50")])
        (grid,) = drawn({"type": "heatmap", "x": "hour", "y": "d", "value": "fare"}, result, MONEY).figure["data"]
        assert grid["hovertext"] == [["Mon, Hour 3"]]
        assert "%{z:$,.2f}" in grid["hovertemplate"]


class TestHistogram:
    def test_every_row_is_counted_once(self, rows, drawn) -> None:
        result = rows({"fare": "decimal"}, [(f"{n / 7:.2f}",) for n in range(1000)])
        (bars,) = drawn({"type": "histogram", "x": "fare"}, result, MONEY).figure["data"]
        assert sum(bars["y"]) == 1000
        assert bars["hovertext"][0] == "$0.00 to $5.00"

    def test_small_whole_numbers_have_a_bar_each(self, rows, drawn) -> None:
        (bars,) = drawn({"type": "histogram", "x": "n"}, rows({"n": "integer"}, [(1,), (1,), (4,)])).figure["data"]
        assert (bars["x"], bars["y"]) == ([1, 2, 3, 4], [2, 0, 0, 1])

    def test_a_far_outlier_does_not_press_the_rest_into_one_bar(self, rows, drawn) -> None:
        drawing = drawn(
            {"type": "histogram", "x": "n"}, rows({"n": "number"}, [(n / 50,) for n in range(999)] + [(1e6,)])
        )
        assert len(drawing.figure["data"][0]["x"]) > 10
        assert drawing.note == "1 row far from the others is not drawn."

    def test_names_are_counted(self, rows, drawn) -> None:
        (bars,) = drawn({"type": "histogram", "x": "k"}, rows({"k": "string"}, [("a",), ("b",), ("b",)])).figure["data"]
        assert (bars["x"], bars["y"]) == (["b", "a"], [2, 1])


class TestBox:
    def test_quartiles_are_computed_and_outliers_told(self, rows, drawn) -> None:
        result = rows({"k": "string", "n": "integer"}, [("a", n) for n in (1, 2, 3, 4, 5, 1000)])
        drawing = drawn({"type": "box", "x": "k", "y": "n"}, result)
        boxes = drawing.figure["data"][0]
        assert (boxes["median"], boxes["lowerfence"], boxes["upperfence"]) == ([3.5], [1], [5])
        assert drawing.note == "Values beyond the whiskers are not drawn."

    def test_weekdays_stand_from_monday(self, rows, drawn) -> None:
        result = rows({"k": "string", "n": "integer"}, [("Sun", 1), ("Wed", 2), ("Mon", 3)])
        assert drawn({"type": "box", "x": "k", "y": "n"}, result).figure["data"][0]["x"] == ["Mon", "Wed", "Sun"]

    def test_groups_are_optional(self, rows, drawn) -> None:
        result = rows({"n": "integer"}, [(1,), (2,)])
        assert drawn({"type": "box", "y": "n"}, result).figure["data"][0]["x"] == ["All rows"]


def test_split_lines_have_a_scale_each_and_their_name_above_it(rows, drawn) -> None:
    """Hours and dollars share the dates, not the scale; scales do not overlap."""
    result = rows(
        {"x": "date", "hours": "number", "fares": "decimal"}, [("2015-12-01", 1, "900"), ("2015-12-02", 2, "800")]
    )
    figure = drawn({"type": "line", "x": "x", "y": ["hours", "fares"], "split": True}, result).figure
    layout = figure["layout"]
    assert [trace["yaxis"] for trace in figure["data"]] == ["y", "y2"]
    assert layout["yaxis"]["domain"][0] > layout["yaxis2"]["domain"][1]
    assert [note["text"] for note in layout["annotations"]] == ["Hours", "Fares"]
    assert layout["xaxis"]["anchor"] == "y2"


def test_steps_of_five_keep_their_distances(rows, drawn) -> None:
    """Even steps are a scale, not names, so that the axis chooses readable ticks."""
    result = rows({"x": "integer", "y": "integer"}, [(at, at) for at in range(0, 105, 5)])
    assert drawn({"type": "bar", "x": "x", "y": ["y"]}, result).figure["layout"]["xaxis"]["type"] == "linear"
