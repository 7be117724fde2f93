"""Each type of chart has its keys: what it needs, what it may have, and nothing else."""

import re
from typing import Any

import pytest
from msgspec import convert

from backend_lambdas.reports.chart_keys import KEYS, Chart, with_list
from backend_lambdas.reports.mistakes import HeaderMistake
from dashboard.charts import KINDS

VALUES: dict[str, Any] = {
    "x": "a",
    "y": ["b"],
    "series": "c",
    "value": "d",
    "stacked": True,
    "horizontal": True,
    "split": True,
    "good": "down",
    "click": {"open": "other"},
    "line": ["e"],
    "right": ["e"],
    "target": 5000.0,
    "references": [{"at": 5000.0, "label": "Least"}],
    "compare": "f",
    "total": "g",
    "bands": [10.0, 20.0],
    "group": "e",
    "rows": ["f", "g"],
    "columns": "h",
    "values": ["i"],
    "map": "new_york",
    "area": "j",
    "key": "place",
}
BESIDE: dict[str, dict[str, Any]] = {"bar": {"line": ["e"]}, "line": {"y": ["b", "e"]}}
"""What a chart draws besides, for it to stand on the right."""

EACH = [(kind, key) for kind in KEYS for key in VALUES]


def check(kind: str, *keys: str, **values: Any) -> None:
    written = {"type": kind} | {key: VALUES[key] for key in keys} | values
    convert(written, Chart).check(written)


def test_every_type_is_drawn_by_the_dashboard() -> None:
    assert set(KEYS) == set(KINDS)


@pytest.mark.parametrize("kind", KEYS)
def test_a_chart_with_what_it_needs_and_may_have_is_right(kind: str) -> None:
    check(kind, *KEYS[kind].needs)
    for key in KEYS[kind].may:
        check(kind, *KEYS[kind].needs, key, **(BESIDE[kind] if key == "right" else {}))


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind, key in EACH if key in KEYS[kind].needs])
def test_a_chart_without_what_it_needs_is_refused(kind: str, key: str) -> None:
    others = [other for other in KEYS[kind].needs if other != key]
    with pytest.raises(HeaderMistake, match=f"^{key}: a {kind} chart needs it$"):
        check(kind, *others)


@pytest.mark.parametrize(
    ("kind", "key"), [(kind, key) for kind, key in EACH if key not in {*KEYS[kind].needs, *KEYS[kind].may}]
)
def test_a_key_that_a_chart_cannot_use_is_refused(kind: str, key: str) -> None:
    with pytest.raises(HeaderMistake, match=f"^{key}: a {kind} chart has no such key; it takes"):
        check(kind, *KEYS[kind].needs, key)


def test_a_switch_that_is_off_is_refused_as_well() -> None:
    """It would only make the author believe that it matters."""
    with pytest.raises(HeaderMistake, match="no such key"):
        check("donut", "x", "value", stacked=False)


@pytest.mark.parametrize("kind", ["line", "area", "bar", "scatter"])
def test_with_series_there_is_one_y(kind: str) -> None:
    check(kind, "x", y=["b", "c"])
    with pytest.raises(HeaderMistake, match=r"^y: with series, y is one column$"):
        check(kind, "x", "series", y=["b", "c"])


@pytest.mark.parametrize("kind", ["heatmap", "box"])
def test_some_charts_have_one_y(kind: str) -> None:
    with pytest.raises(HeaderMistake, match=f"^y: the y of a {kind} chart is one column$"):
        check(kind, *KEYS[kind].needs, y=["b", "c"])


def test_a_pivot_has_up_to_three_columns_as_its_rows() -> None:
    check("pivot", "columns", "values", rows=["a", "b", "c"])
    with pytest.raises(HeaderMistake, match=r"^rows: a pivot has at most 3 columns as its rows$"):
        check("pivot", "columns", "values", rows=["a", "b", "c", "d"])


def test_a_pivot_uses_each_column_once() -> None:
    with pytest.raises(HeaderMistake, match=r"^rows: 'h' stands twice"):
        check("pivot", "columns", "values", rows=["h"])


def test_an_empty_y_is_a_missing_one() -> None:
    with pytest.raises(HeaderMistake, match=r"^y: a line chart needs it$"):
        check("line", "x", y=[])


@pytest.mark.parametrize(
    ("click", "reason"),
    [
        ({}, "click: a click sets a filter, or opens a report or a page: write one of `filter`, `open`"),
        ({"filter": {"m": "a"}, "open": "other"}, "write one of `filter`, `open`"),
        ({"filter": {"m": "a"}, "with": {"m": "a"}}, "click.with: values go with `open`"),
        ({"filter": {"m": "b"}}, "click.filter.m: a click tells of a or c, not of 'b'"),
        ({"open": "other", "with": {"m": "z"}}, "click.with.m: a click tells of a or c, not of 'z'"),
    ],
)
def test_a_click_that_does_nothing_useful_is_refused(click: dict[str, Any], reason: str) -> None:
    with pytest.raises(HeaderMistake, match=re.escape(reason)):
        check("bar", "x", "y", "series", y=["b"], click=click)


def test_a_click_tells_of_what_a_chart_runs_along() -> None:
    check("bar", "x", "y", "series", click={"filter": {"one": "a", "other": "c"}})
    check("heatmap", "x", "y", "value", click={"filter": {"one": "a", "other": "b"}})
    check("table", click={"filter": {"one": "whatever"}})


@pytest.mark.parametrize(
    ("keys", "mistake"),
    [
        (("line", "series"), "line: it does not go together with series"),
        (("line", "horizontal"), "line: it does not go together with horizontal"),
        (("compare", "series"), "compare: it does not go together with series"),
        (("compare", "stacked"), "compare: it does not go together with stacked"),
    ],
)
def test_keys_that_cannot_be_drawn_together_are_refused(keys: tuple[str, ...], mistake: str) -> None:
    with pytest.raises(HeaderMistake, match=f"^{mistake}$"):
        check("bar", "x", "y", *keys)


@pytest.mark.parametrize("key", ["target", "references", "compare"])
def test_lines_on_scales_of_their_own_have_nothing_across(key: str) -> None:
    with pytest.raises(HeaderMistake, match=f"^{key}: it does not go together with split$"):
        check("line", "x", "y", "split", key)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"right": ["z"]}, "'z' is not drawn: name columns of y or line"),
        ({"right": ["b"]}, "leave at least one column to the scale on the left"),
        ({"y": ["b", "c"], "right": ["c"], "stacked": True}, "stacked columns share a scale: name columns of line"),
    ],
)
def test_what_stands_on_the_right_is_some_of_what_is_drawn(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(HeaderMistake, match=f"^right: {reason}$"):
        check("bar", "x", **{"y": ["b"], **values})


def test_with_an_earlier_period_there_is_one_y() -> None:
    with pytest.raises(HeaderMistake, match=r"^y: with compare, y is one column$"):
        check("line", "x", "compare", y=["b", "c"])


def test_a_target_of_each_series_is_refused() -> None:
    check("bar", "x", "y", "series", target=5.0)
    with pytest.raises(HeaderMistake, match=r"^target: with series, write a number"):
        check("bar", "x", "y", "series", target="goal")


@pytest.mark.parametrize("at", [5.0, "2015-12", "2015-12-06", "2015-12-06 10:15"])
def test_a_reference_is_at_a_number_or_a_date(at: Any) -> None:
    check("line", "x", "y", references=[{"at": at}])


def test_a_reference_elsewhere_is_told_by_its_place() -> None:
    with pytest.raises(HeaderMistake, match="write a number, or a date such as") as refused:
        check("line", "x", "y", references=[{"at": 1.0}, {"at": "Monday"}])
    assert refused.value.keys == ("references", "1", "at")


@pytest.mark.parametrize(
    ("key", "values", "reason"),
    [
        ("references", [{"at": 1.0}] * 11, "write at most 10 lines"),
        ("bands", [1.0, 2.0, 3.0, 4.0, 5.0], "write at most 4 numbers"),
        ("bands", [2.0, 1.0], "write numbers that rise"),
        ("bands", [1.0, float("nan")], "write numbers that rise"),
    ],
)
def test_more_than_can_be_read_or_out_of_order_is_refused(key: str, values: list[Any], reason: str) -> None:
    kind = "bullet" if key == "bands" else "line"
    with pytest.raises(HeaderMistake, match=f"^{key}: {reason}"):
        check(kind, *KEYS[kind].needs, **{key: values})


def test_numbers_and_single_columns_are_read_as_authors_write_them() -> None:
    written = {"y": "b", "line": "e", "right": "e", "target": "5000", "references": [{"at": "-2.5"}, {"at": "2015-12"}]}
    read = with_list(written)
    assert (read["y"], read["line"], read["right"]) == (["b"], ["e"], ["e"])
    assert (read["target"], [one["at"] for one in read["references"]]) == (5000.0, [-2.5, "2015-12"])
    assert with_list({"target": "goal"}) == {"target": "goal"}
