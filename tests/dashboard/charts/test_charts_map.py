"""Maps: areas in colours by their values, what stands for no area, and what a click on one stands for."""

import pytest

from dashboard.charts import ChartError, templates
from dashboard.gateway.maps import areas_of
from tests.dashboard.charts.conftest import areas

MAP = {"type": "map", "map": "squares", "area": "place", "value": "n"}
ROWS = {"place": "string", "n": "number"}
NUMBERED = areas_of(
    {
        "features": [
            {
                "properties": {"name": name, "zone": zone},
                "geometry": {"type": "Polygon", "coordinates": [[[zone, 0], [zone, 1], [zone + 1, 1], [zone, 0]]]},
            }
            for zone, name in ((4, "Alphabet City"), (132, "JFK airport"), (132, "JFK airport"))
        ]
    }
)


def test_areas_have_the_values_of_their_rows_and_the_others_none(rows, drawn) -> None:
    drawing = drawn(MAP, rows(ROWS, [("b", 2.5), ("a", 7.0)]), on=areas("a", "b", "c"))
    empty, known = drawing.figure["data"]
    assert (known["locations"], known["z"]) == (["b", "a"], [2.5, 7])
    assert (empty["locations"], empty["meta"], empty["showscale"]) == (["c"], "no-data", False)
    assert "No data" in empty["hovertemplate"]
    assert "No data" not in known["hovertemplate"]
    assert drawing.note is None


def test_each_area_is_sent_once(rows, drawn) -> None:
    drawing = drawn(MAP, rows(ROWS, [("b", 2.5)]), on=areas("a", "b", "c"))
    sent = [[feature["id"] for feature in trace["geojson"]["features"]] for trace in drawing.figure["data"]]
    assert sent == [["a", "c"], ["b"]]
    assert all(trace["locationmode"] == "geojson-id" for trace in drawing.figure["data"])


def test_where_every_area_has_a_value_there_is_one_trace(rows, drawn) -> None:
    assert len(drawn(MAP, rows(ROWS, [("a", 1)]), on=areas("a")).figure["data"]) == 1


def test_rows_of_no_area_are_told_with_their_names(rows, drawn) -> None:
    records = [("a", 1), ("Atlantis", 2), ("Atlantis", 3), (None, 4), ("x" * 40, 5), ("Y", 6)]
    drawing = drawn(MAP, rows(ROWS, records), on=areas("a"))
    assert drawing.figure["data"][0]["z"] == [1]
    assert drawing.note == f"5 rows are of no area of the map: Atlantis, (no value), {'x' * 23}…, …."
    assert drawn(MAP, rows(ROWS, [("Y", 6)]), on=areas("a")).note == "1 row is of no area of the map: Y."


def test_rows_of_no_area_only_draw_the_map_without_a_value(rows, drawn) -> None:
    (trace,) = drawn(MAP, rows(ROWS, [("Y", 6)]), on=areas("a", "b")).figure["data"]
    assert trace["meta"] == "no-data"


def test_rows_of_one_area_are_added_up(rows, drawn) -> None:
    drawing = drawn(MAP, rows(ROWS, [("a", 1), ("a", 2), ("b", None)]), {"place": {"label": "Place"}}, areas("a", "b"))
    assert drawing.figure["data"][1]["z"] == [3]
    assert drawing.note == "1 row without a value is not drawn. Rows with the same place are added up."


def test_a_key_of_numbers_finds_areas_whose_names_are_shown(rows, drawn) -> None:
    """Two features of one key are one area."""
    chart = MAP | {"key": "zone"}
    drawing = drawn(chart, rows({"place": "integer", "n": "number"}, [(132, 5), (4, 1)]), on=NUMBERED)
    (trace,) = drawing.figure["data"]
    assert trace["locations"] == ["132", "4"]
    assert trace["hovertext"] == ["JFK airport", "Alphabet City"]
    assert [len(one["geometry"]["coordinates"]) for one in trace["geojson"]["features"]] == [2, 1]


def test_areas_are_called_what_the_report_calls_them(rows, drawn) -> None:
    """They are found by the values themselves."""
    styles = {"place": {"labels": {"a": "Anton", "b": "Berta"}}}
    empty, known = drawn(MAP, rows(ROWS, [("b", 2.5)]), styles, areas("a", "b", "c")).figure["data"]
    assert (known["locations"], known["hovertext"]) == (["b"], ["Berta"])
    assert (empty["locations"], empty["hovertext"]) == (["a", "c"], ["Anton", "c"])


def test_a_map_without_the_key_is_a_sentence(rows, drawn) -> None:
    with pytest.raises(ChartError, match=r"^The map of this chart has no areas with 'borough'\.$"):
        drawn(MAP | {"key": "borough"}, rows(ROWS, [("a", 1)]), on=areas("a"))


def test_values_are_written_by_their_format(rows, drawn) -> None:
    drawing = drawn(MAP, rows(ROWS, [("a", 52)]), {"n": {"format": "currency"}}, areas("a"))
    (trace,) = drawing.figure["data"]
    assert "%{z:$,.2f}" in trace["hovertemplate"]


def test_nothing_of_the_map_moves_or_comes_from_elsewhere(rows, drawn) -> None:
    layout = drawn(MAP, rows(ROWS, [("a", 52)]), on=areas("a")).figure["layout"]
    assert layout["geo"] == {"visible": False, "fitbounds": "geojson", "projection": {"type": "mercator"}}
    assert layout["dragmode"] is False


def test_a_click_stands_for_the_areas_value(rows, drawn) -> None:
    chart = MAP | {"key": "zone", "click": {"filter": {"zone": "place"}}}
    drawing = drawn(chart, rows({"place": "integer", "n": "number"}, [(132, 5)]), on=NUMBERED)
    assert drawing.clicks == [{"name": "zone", "part": "locations", "values": {"132": "132"}}]
    empty, known = drawing.figure["data"]
    assert known["locations"] == ["132"]
    assert empty["locations"] == ["4"], "a click on an area without rows stands for no value"


def test_areas_without_a_value_are_quieter_than_the_least_one() -> None:
    for template in templates().values():
        (look,) = template["data"]["choropleth"]
        assert template["layout"]["meta"]["no-data"]["colorscale"][0][1] != look["colorscale"][0][1]
        assert [at for at, _ in look["colorscale"]] == [0, 0.5, 1]
