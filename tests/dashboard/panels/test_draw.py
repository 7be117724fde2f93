"""From a finished run to what its panel shows: drawn once for all, and only for those who may see it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard import charts
from dashboard.charts import Drawing
from dashboard.errors import GatewayError
from dashboard.gateway.lru_cache import LRUCache
from dashboard.gateway.results import Column, Result
from dashboard.panels import draw as drawing

RESULT = Result(
    statement_id="s-1",
    report="finance.revenue_by_day",
    as_of="2026-11-23T09:31:07Z",
    row_count=3,
    columns=(Column("day", "date"), Column("fare", "decimal"), Column("trips", "integer")),
    records=(("2015-12-01", "10.50", 3), ("2015-12-02", None, 4), ("2015-12-03", "12.00", 5)),
)
LINE = {"chart": {"type": "line", "x": "day", "y": ["fare"]}, "columns": {}, "limit": 50_000}
NUMBER = {"chart": {"type": "number", "value": "trips", "x": "day"}, "columns": {}, "limit": 50_000}


class FakeGateway:
    """Gives the rows of any statement, to those with the right token."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int]] = []

    def result(self, token: str, statement_id: str, max_rows: int) -> Result:
        self.asked.append((token, statement_id, max_rows))
        if token != "token":
            raise GatewayError("forbidden", "This report is for finance.", 403)
        found = Result(**{**vars(RESULT), "statement_id": statement_id})
        return found.first(max_rows)


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture(autouse=True)
def nothing_drawn_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_drawn", LRUCache(drawing.MOST_DRAWN))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The charts that were really drawn."""
    calls: list[dict[str, Any]] = []
    draw = charts.draw

    def counted(chart: Any, columns: Any, result: Result) -> Drawing:
        calls.append(chart)
        return draw(chart, columns, result)

    monkeypatch.setattr(charts, "draw", counted)
    return calls


def draw(gateway: Any, spec: dict[str, Any] = LINE, token: str = "token", run: str = "r-1", statement: str = "s-1"):
    return drawing.draw(gateway, token, {"runId": run, "statementId": statement}, spec)


class TestDraw:
    def test_the_figure_goes_to_the_run_that_ended(self, gateway: FakeGateway) -> None:
        shown, headline = draw(gateway)
        assert (shown["runId"], shown["statementId"], shown["rows"], shown["note"]) == ("r-1", "s-1", 3, None)
        assert shown["figure"]["data"][0]["type"] == "scatter"
        assert headline is None

    def test_a_number_goes_to_the_headline(self, gateway: FakeGateway) -> None:
        _, headline = draw(gateway, NUMBER)
        assert headline[0].children == "5"

    def test_an_error_of_the_gateway_is_told(self, gateway: FakeGateway) -> None:
        error = {"code": "forbidden", "message": "This report is for finance."}
        assert draw(gateway, token="another") == ({"runId": "r-1", "statementId": "s-1", "error": error}, None)

    def test_a_chart_that_does_not_fit_its_rows_is_told(self, gateway: FakeGateway) -> None:
        shown, headline = draw(gateway, {**LINE, "chart": {"type": "line", "x": "day", "y": ["tips"]}})
        assert shown["error"]["code"] == "chart"
        assert "tips" in shown["error"]["message"]
        assert headline is None


class TestOnceForAll:
    def test_the_same_rows_are_drawn_once(self, gateway: FakeGateway, drawn: list[Any]) -> None:
        first, _ = draw(gateway, run="r-1")
        second, _ = draw(gateway, run="r-2")
        assert len(drawn) == 1
        assert {**first, "runId": "r-2"} == second

    def test_a_number_is_drawn_once_and_shown_to_each(self, gateway: FakeGateway, drawn: list[Any]) -> None:
        _, first = draw(gateway, NUMBER)
        _, second = draw(gateway, NUMBER)
        assert len(drawn) == 1
        assert first is not second
        assert first[0].children == second[0].children

    def test_the_gateway_judges_each_time(self, gateway: FakeGateway, drawn: list[Any]) -> None:
        draw(gateway)
        draw(gateway)
        shown, _ = draw(gateway, token="another")
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
        first, _ = draw(gateway)
        second, _ = draw(gateway, LINE | change)
        assert len(drawn) == 2
        assert first["figure"] != second["figure"]

    def test_a_mistake_is_told_each_time(self, gateway: FakeGateway) -> None:
        spec = {**LINE, "chart": {"type": "pie"}}
        assert draw(gateway, spec) == draw(gateway, spec)
        assert draw(gateway, spec)[0]["error"]["code"] == "chart"

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

        shown, _ = draw(gateway)
        before = json.dumps(shown["figure"])
        to_json({"response": {"panel": {"data": shown}}})
        assert json.dumps(draw(gateway)[0]["figure"]) == before


class TestTable:
    def test_it_has_the_rows_by_position(self, gateway: FakeGateway) -> None:
        grid = drawing.table(gateway, "token", {"statementId": "s-1", "dark": False}, LINE)  # type: ignore[arg-type]
        assert grid.rowData[1] == {"c0": "2015-12-02", "c1": None, "c2": 4}
        assert [column["headerName"] for column in grid.columnDefs] == ["Day", "Fare", "Trips"]
        assert gateway.asked == [("token", "s-1", drawing.TABLE_ROWS)]

    def test_rows_that_cannot_be_had_are_a_sentence(self, gateway: FakeGateway) -> None:
        told = drawing.table(gateway, "another", {"statementId": "s-1", "dark": True}, LINE)  # type: ignore[arg-type]
        assert told == "This report is for finance."
