"""From finished runs to what their panels show: drawn once for all, and only for those who may see it."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from dashboard import charts
from dashboard.charts import Drawing
from dashboard.errors import GatewayError
from dashboard.gateway.lru_cache import LRUCache
from dashboard.gateway.maps import Area
from dashboard.gateway.results import Column, Result
from dashboard.locales.locale import Locale, using
from dashboard.panels import draw as drawing
from tests.dashboard.charts.conftest import areas

RESULT = Result(
    statement_id="s-1",
    report="finance.revenue_by_day",
    as_of="2026-11-23T09:31:07Z",
    row_count=3,
    columns=(Column("day", "date"), Column("fare", "decimal"), Column("trips", "integer")),
    records=(("2015-12-01", "10.50", 3), ("2015-12-02", None, 4), ("2015-12-03", "12.00", 5)),
)
AREAS = areas("2015-12-01", "elsewhere")
MAP = {
    "id": "areas",
    "chart": {"type": "map", "map": "squares", "mapVersion": "v1", "area": "day", "value": "trips"},
    "columns": {},
}
LINE = {"id": "fares", "chart": {"type": "line", "x": "day", "y": ["fare"]}, "columns": {}, "limit": 50_000}
MONEY = {"id": "money", "chart": {"type": "number", "value": "fare"}, "columns": {"fare": {"format": "currency"}}}
NUMBER = {"id": "trips", "chart": {"type": "number", "value": "trips", "x": "day"}, "columns": {}, "limit": 50_000}


class FakeGateway:
    """Gives the rows of any statement, to those with the right token."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int]] = []
        self.records = RESULT.records
        self.before: Callable[[], object] = lambda: None
        self.maps: list[tuple[str, str]] = []
        self.areas: tuple[Area, ...] | GatewayError = AREAS

    def map_areas(self, token: str, name: str, version: str) -> tuple[Area, ...]:
        self.maps.append((name, version))
        if isinstance(self.areas, GatewayError):
            raise self.areas
        return self.areas

    def result(self, token: str, statement_id: str, max_rows: int) -> Result:
        self.asked.append((token, statement_id, max_rows))
        if token != "token":
            raise GatewayError("forbidden", "This report is for finance.", 403)
        self.before()
        found = replace(RESULT, statement_id=statement_id, records=self.records, row_count=len(self.records))
        return found.first(max_rows)


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture(autouse=True)
def nothing_drawn_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_drawn", LRUCache(drawing.MAX_DRAWN))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The charts that were really drawn."""
    calls: list[dict[str, Any]] = []
    draw = charts.draw

    def counted(chart: Any, columns: Any, result: Result, areas: Any) -> Drawing:
        calls.append(chart)
        return draw(chart, columns, result, areas)

    monkeypatch.setattr(charts, "draw", counted)
    return calls


def draw(gateway: Any, report: dict[str, Any] = LINE, token: str = "token", run: str = "r-1", statement: str = "s-1"):
    return drawing.draw(gateway, token, finished(run, statement, report["id"]), report)


def finished(run: str, statement: str, topic: str) -> dict[str, str]:
    return {"runId": run, "statementId": statement, "topicName": topic}


class TestDraw:
    def test_the_figure_goes_to_the_run_that_ended(self, gateway: FakeGateway) -> None:
        shown = draw(gateway)
        figure = shown.pop("figure")
        assert shown == {
            "runId": "r-1",
            "statementId": "s-1",
            "rows": 3,
            "drawn": 3,
            "note": "1 row without a value is not drawn.",
            "number": None,
            "sparkline": None,
            "clicks": None,
            "table": None,
        }
        assert figure["data"][0]["type"] == "scatter"

    def test_a_number_has_a_sparkline_and_no_figure(self, gateway: FakeGateway) -> None:
        shown = draw(gateway, NUMBER)
        assert shown["figure"] is None
        assert shown["number"] == {"text": "5", "change": "+25.0%", "tone": "good", "versus": "vs Dec 2, 2015"}
        assert shown["sparkline"] == {"x": [0, 1, 2], "y": [3, 4, 5]}

    def test_a_number_with_a_target_tells_how_much_of_it_is_reached(self, gateway: FakeGateway) -> None:
        report = NUMBER | {"chart": NUMBER["chart"] | {"target": 10}}
        assert draw(gateway, report)["number"]["target"] == "50% of 10"

    @pytest.mark.parametrize(
        ("trips", "good", "tone"),
        [((1, 2), "up", "good"), ((1, 2), "down", "bad"), ((2, 1), "down", "good"), ((2, 2), "down", "none")],
    )
    def test_a_rise_is_good_only_where_the_report_says_so(self, gateway, trips, good: str, tone: str) -> None:
        """More disputes are no good news."""
        gateway.records = tuple(("2015-12-01", "1", count) for count in trips)
        report = NUMBER | {"chart": NUMBER["chart"] | {"good": good}}
        assert draw(gateway, report)["number"]["tone"] == tone

    def test_rows_beyond_the_limit_are_counted(self, gateway: FakeGateway) -> None:
        shown = draw(gateway, LINE | {"limit": 2})
        assert (shown["rows"], shown["drawn"]) == (3, 2)
        assert "first 2 of 3 rows" in shown["note"]

    def test_an_error_of_the_gateway_is_told(self, gateway: FakeGateway) -> None:
        error = {"code": "forbidden", "message": "This report is for finance."}
        assert draw(gateway, token="another") == {"runId": "r-1", "statementId": "s-1", "error": error}

    def test_a_chart_that_does_not_fit_its_rows_is_told(self, gateway: FakeGateway) -> None:
        shown = draw(gateway, {**LINE, "chart": {"type": "line", "x": "day", "y": ["tips"]}})
        assert shown["error"]["code"] == "chart"
        assert "tips" in shown["error"]["message"]


class TestLanguages:
    def test_what_was_drawn_for_one_is_not_shown_to_another(self, gateway: FakeGateway, drawn: list[Any]) -> None:
        texts = []
        for locale in (Locale(), Locale("de-DE"), Locale("de-DE", "EUR"), Locale("de-DE", time_zone="Asia/Tokyo")):
            with using(locale):
                draw(gateway, MONEY)
                texts.append(draw(gateway, MONEY)["number"]["text"])
        assert texts == ["$12", "12\xa0$", "12\xa0€", "12\xa0$"]
        assert len(drawn) == 4

    def test_a_reports_currency_beats_the_viewers(self, gateway: FakeGateway) -> None:
        with using(Locale("de-DE", "EUR")):
            assert draw(gateway, MONEY | {"currency": "CHF"})["number"]["text"] == "12\xa0CHF"

    def test_charts_that_are_drawn_at_the_same_time_are_in_the_language_of_their_request(self, gateway) -> None:
        listing = {"reports": [MONEY, NUMBER]}
        runs = [finished("r-1", "s-1", "money"), finished("r-2", "s-2", "trips")]
        with using(Locale("de-DE", "EUR")):
            shown = drawing.draw_all(gateway, "token", runs, listing)
        assert [one["number"]["change"] for one in shown] == [None, "+25,0\xa0%"]
        assert shown[0]["number"]["text"] == "12\xa0€"

    def test_what_is_drawn_in_a_native_thread_is_too(self) -> None:
        """As under gunicorn's gevent worker, where large results are drawn."""
        code = (
            "from gevent import monkey; monkey.patch_all(); from dashboard import native_threads;"
            "from dashboard.locales.locale import Locale, choose, current;"
            "choose(Locale('de-DE')); print(native_threads.run(lambda: current().tag))"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
        assert run.stdout.strip() == "de-DE"


class TestDrawAll:
    LISTING: ClassVar[dict[str, Any]] = {"reports": [LINE, NUMBER]}

    def test_results_stand_in_the_order_of_the_runs(self, gateway: FakeGateway) -> None:
        runs = [finished(f"r-{at}", f"s-{at}", "fares" if at % 2 else "trips") for at in range(10)]
        results = drawing.draw_all(gateway, "token", runs, self.LISTING)
        assert [result["runId"] for result in results] == [run["runId"] for run in runs]
        assert [result["figure"] is None for result in results] == [True, False] * 5

    def test_an_unknown_report_spoils_its_own_run_only(self, gateway: FakeGateway) -> None:
        runs = [finished("r-1", "s-1", "fares"), finished("r-2", "s-2", "gone"), finished("r-3", "s-3", "trips")]
        first, second, third = drawing.draw_all(gateway, "token", runs, self.LISTING)
        assert second == {
            "runId": "r-2",
            "statementId": "s-2",
            "error": {"code": "unknown_report", "message": "This report does not exist, or no longer."},
        }
        assert first["figure"]
        assert third["number"]

    def test_statements_are_fetched_at_the_same_time(self, gateway: FakeGateway) -> None:
        """Each fetch waits for all the others: one after another they would never end."""
        together = threading.Barrier(drawing.MAX_PARALLEL)
        gateway.before = lambda: together.wait(timeout=10)
        runs = [finished(f"r-{at}", f"s-{at}", "fares") for at in range(drawing.MAX_PARALLEL)]
        assert all("figure" in result for result in drawing.draw_all(gateway, "token", runs, self.LISTING))

    def test_no_runs_are_no_results(self, gateway: FakeGateway) -> None:
        assert drawing.draw_all(gateway, "token", [], self.LISTING) == []


UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent
from dashboard.gateway.results import Column, Result
from dashboard.panels import draw as drawing

ROWS = 60_000
RESULT = Result("s-1", "fares", "now", ROWS, (Column("n", "integer"), Column("fare", "decimal")),
                tuple((n, f"{n % 977}.50") for n in range(ROWS)))
REPORT = {"id": "fares", "chart": {"type": "line", "x": "n", "y": ["fare"]}, "columns": {}, "limit": ROWS}

class FakeGateway:
    def result(self, token, statement_id, max_rows):
        return RESULT

beats = []
def heart():
    while True:
        gevent.sleep(0.001)
        beats.append(1)

gevent.spawn(heart)
gevent.sleep(0.01)
before = len(beats)
run = {"runId": "r-1", "statementId": "s-1", "topicName": "fares"}
(shown,) = drawing.draw_all(FakeGateway(), "token", [run], {"reports": [REPORT]})
assert shown["drawn"] == ROWS and shown["figure"], shown
print(len(beats) - before)
"""


def test_the_loop_goes_on_while_a_large_result_is_drawn() -> None:
    """Under gevent one thread serves every tab: while it draws, not one heartbeat would be counted."""
    beats = subprocess.run(
        [sys.executable, "-c", UNDER_GEVENT], capture_output=True, text=True, timeout=120, check=True
    )
    assert int(beats.stdout) >= 3


class TestOnceForAll:
    def test_the_same_rows_are_drawn_once(self, gateway: FakeGateway, drawn: list[Any]) -> None:
        first = draw(gateway, run="r-1")
        second = draw(gateway, run="r-2")
        assert len(drawn) == 1
        assert {**first, "runId": "r-2"} == second

    def test_the_gateway_judges_each_time(self, gateway: FakeGateway, drawn: list[Any]) -> None:
        draw(gateway)
        draw(gateway)
        shown = draw(gateway, token="another")
        assert [token for token, *_ in gateway.asked] == ["token", "token", "another"]
        assert "figure" not in shown
        assert shown["error"]["code"] == "forbidden"

    def test_another_statement_is_another_drawing(self, gateway: FakeGateway, drawn: list[Any]) -> None:
        draw(gateway, statement="s-1")
        draw(gateway, statement="s-2")
        assert len(drawn) == 2

    @pytest.mark.parametrize(
        "change",
        [
            {"chart": {"type": "bar", "x": "day", "y": ["fare"]}},
            {"columns": {"fare": {"label": "Fares", "format": "currency"}}},
            {"limit": 2},
        ],
    )
    def test_another_way_to_draw_is_another_drawing(self, gateway, drawn: list[Any], change: dict[str, Any]) -> None:
        """A limit too: fewer rows are drawn then."""
        first = draw(gateway)
        second = draw(gateway, LINE | change)
        assert len(drawn) == 2
        assert first["figure"] != second["figure"]

    def test_a_mistake_is_told_each_time(self, gateway: FakeGateway) -> None:
        spec = {**LINE, "chart": {"type": "pie"}}
        assert draw(gateway, spec) == draw(gateway, spec)
        assert draw(gateway, spec)["error"]["code"] == "chart"

    def test_drawings_are_kept_within_bounds(self, gateway, drawn: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(drawing, "_drawn", LRUCache(1_000))
        for number in range(100):
            draw(gateway, statement=f"s-{number}")
        draw(gateway, statement="s-0")
        draw(gateway, statement="s-0")
        assert len(drawn) == 101, "the oldest had gone, the newest had not"

    def test_showing_a_figure_does_not_change_it(self, gateway: FakeGateway) -> None:
        """It is everybody's."""
        from dash._utils import to_json

        shown = draw(gateway)
        before = json.dumps(shown["figure"])
        to_json({"response": {"panel": {"data": shown}}})
        assert json.dumps(draw(gateway)["figure"]) == before


class TestMaps:
    def test_a_map_is_fetched_for_what_is_drawn_anew(self, gateway: FakeGateway) -> None:
        assert [trace["type"] for trace in draw(gateway, MAP)["figure"]["data"]] == ["choropleth", "choropleth"]
        draw(gateway, MAP)
        draw(gateway, LINE)
        assert gateway.maps == [("squares", "v1")]

    def test_another_version_of_a_map_is_drawn_anew(self, gateway: FakeGateway) -> None:
        first = draw(gateway, MAP)["figure"]
        gateway.areas = areas("2015-12-01")
        second = draw(gateway, MAP | {"chart": MAP["chart"] | {"mapVersion": "v2"}})["figure"]
        assert (len(first["data"]), len(second["data"])) == (2, 1)
        assert gateway.maps == [("squares", "v1"), ("squares", "v2")]

    def test_a_map_that_is_missing_fails_its_own_panel(self, gateway: FakeGateway) -> None:
        """And it is looked for again, the next time."""
        gateway.areas = GatewayError("not_found", "The map of this chart is not there.", 404)
        both = [finished("r-1", "s-1", "areas"), finished("r-2", "s-1", "fares")]
        listing = {"reports": [MAP, LINE]}
        missing, fares = drawing.draw_all(gateway, "token", both, listing)
        assert missing["error"] == {"code": "not_found", "message": "The map of this chart is not there."}
        assert fares["figure"]
        gateway.areas = AREAS
        assert draw(gateway, MAP)["figure"]
