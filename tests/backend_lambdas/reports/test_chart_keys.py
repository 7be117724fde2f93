"""Each type of chart has its keys: what it needs, what it may have, and nothing else."""

import re
from typing import Any

import pytest
from msgspec import convert

from backend_lambdas.reports.chart_keys import KEYS, Chart
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
}
EACH = [(kind, key) for kind in KEYS for key in VALUES]


def check(kind: str, *keys: str, **values: Any) -> None:
    written = {"type": kind} | {key: VALUES[key] for key in keys} | values
    convert(written, Chart).check(written)


def test_every_type_is_drawn_by_the_dashboard() -> None:
    assert set(KEYS) == set(KINDS)


@pytest.mark.parametrize("kind", KEYS)
def test_a_chart_with_what_it_needs_and_may_have_is_right(kind: str) -> None:
    check(kind, *KEYS[kind].needs)
    check(kind, *KEYS[kind].needs, *KEYS[kind].may)


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
