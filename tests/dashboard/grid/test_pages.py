"""Lines of a grid, asked for by its reader: of all rows that may be seen, and none for what no page of ours sends."""

from typing import Any

import pytest

from dashboard.errors import GatewayError, UserError
from dashboard.gateway.results import Result
from dashboard.grid import pages
from dashboard.locales.locale import Locale, using
from dashboard.web.callback_values import RowsWanted, checked
from tests.dashboard.grid.grid_samples import result

REPORT = {"id": "trips", "download": True, "limit": 50_000, "chart": {"type": "table"}}


class Gateway:
    """Gives the holder of the right token as many rows as are wanted, and notes how many."""

    def __init__(self, found: Result) -> None:
        self.found = found
        self.wanted: list[int] = []

    def result(self, token: str, statement_id: str, max_rows: int) -> Result:
        if token != "token":
            raise GatewayError("forbidden", "This report is for finance.", 403)
        self.wanted.append(max_rows)
        return self.found.first(max_rows)


def many(count: int, total: int | None = None) -> Result:
    """Rows in a mixed order. Results of tests share their id, and what is kept of them goes by their number."""
    rows = [(at * 7919 % count, f"zone {at % 10}") for at in range(count)]
    return result({"n": "integer", "zone": "string"}, *rows, total=total)


def wanted(start: int = 0, end: int = 100, **more: Any) -> RowsWanted:
    sent = {"topicName": "trips", "statementId": "s-1", "startRow": start, "endRow": end, "sort": [], "filters": {}}
    return checked(sent | more, RowsWanted)


def page(gateway: Gateway, asked: RowsWanted, **report: Any) -> dict[str, Any]:
    return pages.page(gateway, "token", asked, REPORT | report)


DESCENDING = [{"colId": "c0", "sort": "desc"}]


def test_a_page_of_sorted_rows_is_of_all_of_them() -> None:
    found = page(Gateway(many(50_000)), wanted(100, 200, sort=DESCENDING))
    assert [row["c0"] for row in found["rows"]] == [str(n) for n in range(49_899, 49_799, -1)]
    assert (found["count"], found["note"], found["total"]) == (50_000, "", None)


def test_whoever_only_scrolls_has_no_more_fetched_than_that() -> None:
    gateway = Gateway(many(30_001))
    assert page(gateway, wanted())["count"] == 30_001
    assert len(page(gateway, wanted(9_950, 10_050))["rows"]) == 100
    page(gateway, wanted(sort=DESCENDING))
    assert gateway.wanted == [5_000, 20_000, 100_000]


def test_filtered_rows_are_counted_and_added_up() -> None:
    model = {"filterType": "text", "type": "equals", "filter": "ZONE 3"}
    found = page(Gateway(many(20_000)), wanted(filters={"c1": model}), columns={"n": {"total": "count"}})
    assert found["count"] == 2_000
    assert found["note"] == "2,000 of 20,000 rows pass the filters."
    assert found["total"]["d0"] == "Total count 2,000"


def test_who_may_not_download_sees_no_more_than_the_limit() -> None:
    gateway = Gateway(many(300))
    found = page(gateway, wanted(sort=DESCENDING, end=400), download=False, limit=200)
    assert len(found["rows"]) == found["count"] == 200
    assert found["note"] == "The first 200 of 300 rows. Sorting and filtering are of these."


def test_more_rows_than_are_kept_are_told() -> None:
    found = page(Gateway(many(100_000, total=250_000)), wanted(99_950, 100_050))
    assert len(found["rows"]) == 50
    assert found["count"] == 100_000
    assert found["note"] == "The first 100,000 of 250,000 rows. Sorting and filtering are of these; a download has all."


def test_the_right_to_see_the_rows_is_asked_for_with_each_page() -> None:
    gateway = Gateway(many(10))
    pages.page(gateway, "token", wanted(), REPORT)
    with pytest.raises(GatewayError):
        pages.page(gateway, "another", wanted(), REPORT)


@pytest.mark.parametrize(
    "asked",
    [
        {"startRow": -1},
        {"startRow": 5, "endRow": 4},
        {"endRow": 100_000},
        {"sort": [{"colId": "c2", "sort": "asc"}]},
        {"sort": [{"colId": "n", "sort": "asc"}]},
        {"sort": [{"colId": "c\u00b2", "sort": "asc"}]},
        {"sort": DESCENDING * 21},
        {"filters": {"c-1": {"type": "blank"}}},
        {"filters": {"c0": {"type": "contains", "filter": "1"}}},
        {"filters": {"c1": {}}},
    ],
)
def test_what_no_page_of_ours_sends_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(UserError) as refused:
        page(Gateway(many(10)), wanted(**asked))
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "asked", [{"startRow": "0"}, {"sort": [{"colId": "c0", "sort": "up"}]}, {"filters": []}, {"filters": {"c0": 7}}]
)
def test_what_is_not_of_the_type_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        wanted(**asked)


def test_a_page_is_kept_for_each_language_by_itself() -> None:
    """What one sees in German is not shown to whoever reads English, and filters read what they see."""
    gateway = Gateway(many(2_000))
    styles = {"n": {"format": "currency", "total": "sum"}}
    asked = wanted(0, 1, filters={"c0": {"filterType": "text", "type": "atLeast", "filter": "1.999,00 €"}})
    with using(Locale("de-DE", "EUR")):
        german = page(gateway, asked, columns=styles)
    assert (german["rows"][0]["d0"], german["total"]["d0"]) == ("1.999,00\xa0€", "Gesamt 1.999,00\xa0€")
    assert german["note"] == "1 von 2.000 Zeilen entsprechen den Filtern."
    english = page(gateway, wanted(0, 1, sort=DESCENDING), columns=styles)
    assert (english["rows"][0]["d0"], english["note"]) == ("$1,999.00", "")
