"""Waterfalls, funnels and bullets."""

import pytest

from dashboard.charts.formats import MINUS

STEPS = {"step": "string", "amount": "decimal", "total": "boolean"}
MONEY = {"amount": {"format": "currency"}}
WATERFALL = {"type": "waterfall", "x": "step", "y": ["amount"], "total": "total"}
FUNNEL = {"type": "funnel", "x": "step", "value": "n"}
BULLET = {"type": "bullet", "x": "k", "value": "n"}


def layout(drawing, part):
    return drawing.figure["layout"][part]


class TestWaterfall:
    def test_rows_are_steps_and_totals(self, rows, drawn) -> None:
        records = [("Fares", "90", True), ("Tips", "20", False), ("Back", "-10", None), ("Revenue", "100", True)]
        drawing = drawn(WATERFALL, rows(STEPS, records), MONEY)
        (trace,) = drawing.figure["data"]
        assert (trace["y"], drawing.note) == ([90, 20, -10, 100], None)
        assert trace["measure"] == ["absolute", "relative", "relative", "absolute"]

    def test_signs_tell_the_direction_without_colour(self, rows, drawn) -> None:
        result = rows(STEPS, [("Tips", "20", False), ("Back", "-10", False), ("Revenue", "10", True)])
        (trace,) = drawn(WATERFALL, result, MONEY).figure["data"]
        assert trace["text"] == ["+$20", f"{MINUS}$10", "$10"]

    @pytest.mark.parametrize(("good", "role"), [(None, "good-up"), ("up", "good-up"), ("down", "good-down")])
    def test_the_good_direction_has_the_good_colour(self, good: str | None, role: str, rows, drawn) -> None:
        result = rows(STEPS, [("Costs", "20", False)])
        (trace,) = drawn(WATERFALL | ({"good": good} if good else {}), result).figure["data"]
        assert trace["meta"] == role

    def test_a_total_that_its_steps_do_not_add_up_to_is_told(self, rows, drawn) -> None:
        result = rows(STEPS, [("Fares", "90", False), ("Revenue", "100", True), ("Tax", "-5", False)])
        assert drawn(WATERFALL, result, MONEY).note == (
            "“Revenue” is $100.00, and the steps before it add up to $90.00."
        )

    def test_fractions_of_a_cent_are_no_difference(self, rows, drawn) -> None:
        result = rows(STEPS, [("a", "0.1", False), ("b", "0.2", False), ("Total", "0.3", True)])
        assert drawn(WATERFALL, result, MONEY).note is None

    def test_numbers_can_mark_totals(self, rows, drawn) -> None:
        result = rows({**STEPS, "total": "integer"}, [("a", "1", 0), ("b", "1", 1), ("c", "1", None)])
        (trace,) = drawn(WATERFALL, result).figure["data"]
        assert trace["measure"] == ["relative", "absolute", "relative"]

    def test_steps_of_one_name_stay_two(self, rows, drawn) -> None:
        drawing = drawn(WATERFALL, rows(STEPS, [("Tips", "2", False), ("Tips", "3", False)]))
        assert drawing.figure["data"][0]["x"] == [0, 1]
        assert layout(drawing, "xaxis")["ticktext"] == ["Tips", "Tips"]

    def test_more_steps_than_can_be_read_are_told(self, rows, drawn) -> None:
        drawing = drawn(WATERFALL, rows(STEPS, [(f"step {n}", "1", False) for n in range(50)]))
        assert len(drawing.figure["data"][0]["y"]) == 40
        assert drawing.note == "The first 40 of 50 steps are drawn."


class TestFunnel:
    RESULT = ({"step": "string", "n": "integer"}, [("All", 1000), ("Paid", 610), ("By <card>", 61)])

    def test_steps_stand_in_the_rows_order_the_first_on_top(self, rows, drawn) -> None:
        drawing = drawn(FUNNEL, rows(*self.RESULT))
        (trace,) = drawing.figure["data"]
        assert (trace["x"], trace["y"]) == ([1000, 610, 61], ["All", "Paid", "By &lt;card&gt;"])
        assert layout(drawing, "yaxis")["autorange"] == "reversed"

    def test_each_step_tells_its_share_of_the_first_and_of_the_previous(self, rows, drawn) -> None:
        drawing = drawn(FUNNEL, rows(*self.RESULT))
        told = list(layout(drawing, "yaxis")["labelalias"].values())
        assert told[0] == "All"
        assert ">61% of first<" in told[1]
        assert ">6% of first, 10% of previous<" in told[2]
        assert drawing.figure["data"][0]["customdata"][2] == "<br>6% of the first<br>10% of the previous step"

    def test_of_nothing_there_is_no_share(self, rows, drawn) -> None:
        drawing = drawn(FUNNEL, rows({"step": "string", "n": "integer"}, [("a", 0), ("b", 5), ("c", 5)]))
        assert drawing.figure["data"][0]["customdata"] == ["", "", "<br>100% of the previous step"]

    def test_rows_of_one_step_are_added_up_and_told(self, rows, drawn) -> None:
        drawing = drawn(FUNNEL, rows({"step": "string", "n": "integer"}, [("a", 3), ("a", 4), ("b", 2)]))
        assert drawing.figure["data"][0]["x"] == [7, 2]
        assert drawing.note == "Rows with the same step are added up."

    def test_negative_values_are_bars_with_a_reason(self, rows, drawn) -> None:
        drawing = drawn(FUNNEL, rows({"step": "string", "n": "integer"}, [("a", 3), ("b", -1)]))
        assert drawing.figure["data"][0]["type"] == "bar"
        assert drawing.note == "Negative values have no place in a funnel, so these are bars."

    def test_more_steps_than_can_be_read_are_told(self, rows, drawn) -> None:
        drawing = drawn(FUNNEL, rows({"step": "string", "n": "integer"}, [(f"s{n}", 99 - n) for n in range(30)]))
        assert len(drawing.figure["data"][0]["x"]) == 20
        assert drawing.note == "The first 20 of 30 steps are drawn."


class TestBullet:
    COLUMNS = {"k": "string", "n": "integer", "goal": "integer"}  # noqa: RUF012 (read only)

    def test_each_row_is_a_bar_with_a_stroke_at_its_target(self, rows, drawn) -> None:
        result = rows(self.COLUMNS, [("A", 48, 45), ("B", 52, 55)])
        bars, strokes = drawn({**BULLET, "target": "goal"}, result).figure["data"]
        assert (bars["x"], strokes["x"], strokes["name"]) == ([48, 52], [45, 55], "Goal")
        assert bars["customdata"] == ["<br>107% of 45", "<br>95% of 55"]

    def test_one_row_needs_no_name_and_is_no_wall(self, rows, drawn) -> None:
        drawing = drawn({"type": "bullet", "value": "n", "target": 50}, rows({"n": "integer"}, [(48,)]))
        assert layout(drawing, "yaxis")["ticktext"] == ["N"]
        assert layout(drawing, "yaxis")["range"] == [1.5, -1.5]
        assert drawing.figure["data"][1]["name"] == "Target"

    def test_bands_lie_behind_and_the_tooltip_tells_where_a_value_is(self, rows, drawn) -> None:
        result = rows(self.COLUMNS, [("A", 48, 45), ("B", 99, None)])
        drawing = drawn({**BULLET, "bands": [20, 40, 60]}, result)
        *bands, bars = drawing.figure["data"]
        assert [(band["base"], band["x"][0], band["meta"]) for band in bands] == [
            (0, 20, "band-1"),
            (20, 20, "band-2"),
            (40, 20, "band-3"),
        ]
        assert bars["customdata"] == ["<br>in the band 40 to 60", ""]

    def test_the_end_of_the_last_band_lies_in_it(self, rows, drawn) -> None:
        drawing = drawn({**BULLET, "bands": [20, 60]}, rows(self.COLUMNS, [("A", 60, None)]))
        assert drawing.figure["data"][-1]["customdata"] == ["<br>in the band 20 to 60"]

    def test_rows_without_a_target_are_told(self, rows, drawn) -> None:
        result = rows(self.COLUMNS, [("A", 48, 45), ("B", 52, None)])
        assert drawn({**BULLET, "target": "goal"}, result).note == "1 row has no target."

    def test_two_rows_of_one_name_stay_two(self, rows, drawn) -> None:
        drawing = drawn(BULLET, rows(self.COLUMNS, [("A", 1, 1), ("A", 2, 1)]))
        assert drawing.figure["data"][0]["y"] == [0, 1]

    def test_more_rows_than_can_be_read_are_told(self, rows, drawn) -> None:
        drawing = drawn(BULLET, rows(self.COLUMNS, [(f"k{n}", n, n) for n in range(40)]))
        assert len(drawing.figure["data"][0]["x"]) == 12
        assert drawing.note == "The first 12 of 40 rows are drawn."
