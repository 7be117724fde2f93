"""Charts in other languages and currencies: what Plotly writes, and what is written for it."""

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.gateway.results import Result
from dashboard.locales.locale import Locale, using
from tests.dashboard.charts.conftest import Draw

NO_BREAK, MINUS = "\xa0", "\u2212"
LINE = {"type": "line", "x": "day", "y": ["fare"]}
Rows = Callable[..., Result]


@pytest.fixture
def figure(rows: Rows, drawn: Draw) -> Callable[..., dict[str, Any]]:
    """The figure of some fares in a language, by their column's settings."""

    def make(
        locale: Locale, fares: list[float], wire: str = "date", days: Any = None, **settings: str
    ) -> dict[str, Any]:
        days = days or [f"2015-12-{day:02}" for day in range(1, len(fares) + 1)]
        found = rows({"day": wire, "fare": "number"}, list(zip(days, fares, strict=True)))
        with using(locale):
            made = drawn(LINE, found, {"fare": settings}).figure
        assert made
        return made

    return make


def test_ticks_are_told_in_the_units_of_the_language(figure) -> None:
    axis = figure(Locale("de-DE", "EUR"), [-1e6, 4e6], format="currency")["layout"]["yaxis"]
    assert axis["tickformat"] == "$,~f"
    assert axis["labelalias"][f"2.000.000{NO_BREAK}€"] == f"2{NO_BREAK}Mio.{NO_BREAK}€"
    assert axis["labelalias"][f"{MINUS}1.000.000{NO_BREAK}€"] == f"{MINUS}1{NO_BREAK}Mio.{NO_BREAK}€"
    assert axis["labelalias"][f"500.000{NO_BREAK}€"] == f"500.000{NO_BREAK}€"


def test_percent_has_its_space(figure) -> None:
    axis = figure(Locale("fr-FR"), [0.1, 0.5], format="percent")["layout"]["yaxis"]
    assert axis["labelalias"]["50%"] == f"50{NO_BREAK}%"
    assert axis["labelalias"]["2,5%"] == f"2,5{NO_BREAK}%"


def test_dates_stand_in_the_order_of_the_language(figure) -> None:
    axis = figure(Locale("de-DE"), [1, 2])["layout"]["xaxis"]
    assert (axis["tickformat"], axis["hoverformat"]) == ("%-d. %b\n%Y", "%a, %-d. %b %Y")
    assert figure(Locale("ja-JP"), [1, 2])["layout"]["xaxis"]["hoverformat"] == "%Y年%-m月%-d日(%a)"


def test_the_charts_currency_is_told_to_plotly_unless_it_is_what_that_writes(figure) -> None:
    assert figure(Locale("de-DE", "EUR"), [1, 2])["layout"]["meta"] == {"currency": ["", f"{NO_BREAK}€"]}
    assert figure(Locale("en-US", "EUR"), [1, 2])["layout"]["meta"] == {"currency": ["€", ""]}
    assert "meta" not in figure(Locale(), [1, 2])["layout"]


def test_a_column_of_another_currency_says_so(figure) -> None:
    made = figure(Locale("de-DE", "EUR"), [1, 2], format="currency", currency="JPY")
    assert f"<b>%{{y:,.0f}}{NO_BREAK}¥</b>" in made["data"][0]["hovertemplate"]
    assert made["layout"]["yaxis"]["ticksuffix"] == f"{NO_BREAK}¥"


def test_moments_with_a_time_zone_stand_at_the_time_of_the_chosen_one(figure) -> None:
    zone = Locale(time_zone="Europe/Berlin")
    days = ["2015-07-01T22:30:00+00:00", "2015-07-01T23:30:00+00:00"]
    assert figure(zone, [1, 2], "timestamp", days)["data"][0]["x"][0] == "2015-07-02T00:30:00.000000"
    plain = [day.removesuffix("+00:00") for day in days]
    assert figure(zone, [1, 2], "timestamp", plain)["data"][0]["x"][0] == "2015-07-01T22:30:00.000000"


def test_numbered_weekdays_have_their_names_and_begin_on_monday(rows: Rows, drawn: Draw) -> None:
    found = rows({"weekday": "integer", "hour": "integer", "trips": "integer"}, [(0, 8, 1), (1, 8, 2), (6, 8, 3)])
    with using(Locale("de-DE")):
        made = drawn({"type": "heatmap", "x": "hour", "y": "weekday", "value": "trips"}, found).figure
    assert made
    assert made["data"][0]["y"] == ["Mo", "Sa", "So"]


DAYS = {"Mon": "Mo", "Tue": "Di", "Sun": "So"}


def test_values_stand_in_the_words_of_their_labels(rows: Rows, drawn: Draw) -> None:
    """What a click sets is the value, and one without a label stands for itself."""
    found = rows(
        {"pay": "string", "code": "integer", "n": "integer"}, [("Card", 1, 5), ("Cash", 2, 3), (None, None, 1)]
    )
    columns = {"pay": {"labels": {"Card": "Karte <1>"}}, "code": {"labels": {"1": "eins", "2": "zwei"}}}
    click = {"click": {"filter": {"wanted": "pay"}}}
    donut = drawn({"type": "donut", "x": "pay", "value": "n", **click}, found, columns)
    (trace,) = donut.figure["data"]
    assert trace["hovertext"] == ["Karte &lt;1&gt;", "Cash", "(no value)"]
    assert donut.clicks[0]["values"] == {"Karte &lt;1&gt;": "Card", "Cash": "Cash"}
    bars = drawn({"type": "bar", "x": "pay", "y": ["n"], "series": "code", **click}, found, columns)
    assert [trace["name"] for trace in bars.figure["data"]] == ["eins", "zwei", "(no value)"]
    assert {mark for trace in bars.figure["data"] for mark in trace["x"]} == {"Karte &lt;1&gt;", "Cash", "(no value)"}
    assert bars.clicks[0]["values"] == {"Karte &lt;1&gt;": "Card", "Cash": "Cash"}


def test_weekdays_stand_from_monday_in_every_language(rows: Rows, drawn: Draw) -> None:
    found = rows({"day": "string", "hour": "integer", "n": "integer"}, [("Sun", 0, 1), ("Tue", 0, 1), ("Mon", 0, 1)])
    heatmap = {"type": "heatmap", "x": "hour", "y": "day", "value": "n"}
    with using(Locale("de-DE")):
        german = drawn(heatmap, found, {"day": {"labels": DAYS}}).figure
    english = drawn(heatmap, found).figure
    assert german["data"][0]["y"] == [DAYS[day] for day in english["data"][0]["y"]]
    assert english["data"][0]["y"] == ["Mon", "Tue", "Sun"]
