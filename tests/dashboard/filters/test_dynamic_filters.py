"""Filters that another report's rows fill, and a panel's own ones."""

from dataclasses import replace
from typing import Any

import pytest

from dashboard import ids
from dashboard.auth.user_pool import User
from dashboard.errors import GatewayError, UnusableRequest
from dashboard.filters import dynamic_filters
from dashboard.filters.choices import Choices
from dashboard.filters.source_values import SourceValues
from dashboard.gateway.results import Column, Result
from dashboard.web.callback_values import ChoicesWanted

MONTHS = Result(
    "s", "newest", "now", 3, (Column("trip_month", "date"), Column("label", "string")),
    (("2015-12-01", "December"), ("2015-11-01", "November"), (None, "never")),
)  # fmt: skip


def test_the_first_row_becomes_the_default() -> None:
    """A date column gives a month its year and month."""
    parameter = {"name": "month", "type": "month", "defaultFrom": {"report": "newest", "column": "trip_month"}}
    assert dynamic_filters.filled(parameter, "newest", MONTHS) == {
        "name": "month",
        "type": "month",
        "default": "2015-12",
    }


def test_rows_become_choices_with_labels() -> None:
    wanted = {"report": "newest", "value": "label", "label": "label"}
    known = dynamic_filters.filled({"name": "m", "type": "choice", "choicesFrom": wanted}, "newest", MONTHS)
    assert known["choices"].labels == {"December": "December", "November": "November", "never": "never"}
    assert "choicesFrom" not in known


def test_another_source_fills_nothing() -> None:
    """With two sources each fills its own part, in either order."""
    parameter = {"name": "m", "type": "month", "defaultFrom": {"report": "newest", "column": "trip_month"}}
    assert dynamic_filters.filled(parameter, "other", MONTHS) == parameter


@pytest.mark.parametrize("column", ["no_such_column", "trip_month"])
def test_without_rows_there_is_no_default(column: str) -> None:
    empty = Result("s", "newest", "now", 0, MONTHS.columns, ())
    parameter = {"name": "m", "type": "month", "defaultFrom": {"report": "newest", "column": column}}
    assert dynamic_filters.filled(parameter, "newest", empty) == {"name": "m", "type": "month"}


@pytest.mark.parametrize("kind", ["month", "year", "date", "daterange", "integer", "number", "text", "several"])
def test_an_own_control_is_empty_until_it_is_set(kind: str) -> None:
    """Empty means that the page's value counts, also where the report has a default."""
    control = dynamic_filters.own_control({"name": "p", "type": kind}, "revenue", None)
    assert control.id == {"type": "own", "topic": "revenue", "name": "p", "kind": kind}
    assert control.value in (None, "", [], [None, None])


def test_an_own_control_shows_what_the_address_says() -> None:
    assert dynamic_filters.own_control({"name": "month", "type": "month"}, "revenue", "2015-11").value == "2015-11-01"


USER = User("sub-1", "ana@example.com", ("finance",), "Ana")
SOURCE = {"id": "newest", "department": "finance", "parameters": [], "version": "1", "cacheSeconds": 60, "hidden": True}
DEFAULT = {"name": "month", "type": "month", "defaultFrom": {"report": "newest", "column": "trip_month"}}
FINISHED = {"report": "newest", "page": "finance", "statementId": "s", "runId": "r"}
PLACE = {"name": "month", "kind": "month"}


class FakeGateway:
    """One department whose month comes from the rows of another report."""

    def __init__(self, error: GatewayError | None = None) -> None:
        self.error = error

    def reports(self, token: str) -> dict[str, Any]:
        revenue = {"id": "revenue", "department": "finance", "parameters": [DEFAULT], "version": "1", "chart": {}}
        return {"departments": [{"id": "finance", "title": "Finance"}], "reports": [revenue, SOURCE]}

    def result(self, token: str, statement_id: str, rows: int) -> Result:
        if self.error:
            raise self.error
        return MONTHS


@pytest.fixture
def props(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The props that are set in the browser, by the component's id as text."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(dynamic_filters, "set_props", lambda component, props: found.update({str(component): props}))
    return found


def fill(gateway: FakeGateway, values: SourceValues, chosen: Any = None, finished: Any = FINISHED) -> str | None:
    return dynamic_filters.fill_filter(gateway, "token", USER, values, finished, PLACE, chosen)


def test_the_rows_of_a_source_set_the_control_and_are_kept_for_the_next_page(props: dict[str, Any]) -> None:
    """The page is told the default too, so that its address is not pinned to it."""
    values = SourceValues()
    assert fill(FakeGateway(), values) is None
    assert props == {
        ids.PAGE: {"defaults": {"month": "2015-12"}},
        str(ids.filter_control("month", "month")): {"value": "2015-12-01"},
    }
    assert values.get(USER.sub, SOURCE) == (MONTHS, True)


def test_a_filter_of_one_department_among_several_keeps_its_name(props: dict[str, Any]) -> None:
    place = {"name": "finance.month", "kind": "month"}
    dynamic_filters.fill_filter(FakeGateway(), "token", USER, SourceValues(), FINISHED, place, None)  # type: ignore[arg-type]
    assert props == {
        ids.PAGE: {"defaults": {"finance.month": "2015-12"}},
        str(ids.filter_control("finance.month", "month")): {"value": "2015-12-01"},
    }


def test_a_value_that_somebody_chose_meanwhile_stays(props: dict[str, Any]) -> None:
    fill(FakeGateway(), SourceValues(), chosen="2015-03-01")
    assert props == {ids.PAGE: {"defaults": {"month": "2015-12"}}}


def test_rows_that_cannot_be_had_are_told_at_the_control(props: dict[str, Any]) -> None:
    gateway = FakeGateway(GatewayError("forbidden", "You may not see this.", 403))
    assert fill(gateway, SourceValues()) == "You may not see this."
    assert props == {}


@pytest.mark.parametrize("finished", [None, FINISHED | {"page": "other"}, FINISHED | {"report": "gone"}])
def test_a_source_of_a_page_that_has_changed_fills_nothing(props: dict[str, Any], finished: Any) -> None:
    assert fill(FakeGateway(), SourceValues(), finished=finished) is None
    assert props == {}


def test_only_so_many_results_are_kept() -> None:
    values = SourceValues(max_entries=2)
    for user in ("a", "b", "c"):
        values.put(user, SOURCE, MONTHS)
    assert [values.get(user, SOURCE) is None for user in ("a", "b", "c")] == [True, False, False]


def test_a_result_is_fresh_as_long_as_its_report_says() -> None:
    values = SourceValues()
    values.put("a", SOURCE | {"cacheSeconds": 0}, MONTHS)
    assert values.get("a", SOURCE | {"cacheSeconds": 0}) == (MONTHS, False)


class Zones(FakeGateway):
    """A filter whose choices depend on another one."""

    def reports(self, token: str) -> dict[str, Any]:
        wanted = {"report": "newest", "value": "label", "with": ["borough"]}
        zone = {"name": "month", "type": "choice", "choicesFrom": wanted}
        return super().reports(token) | {
            "reports": [
                {"id": "revenue", "department": "finance", "parameters": [zone], "version": "1", "chart": {}},
                SOURCE,
            ]
        }


@pytest.mark.parametrize(
    ("kind", "chosen", "value"),
    [("choice", "December", "December"), ("choice", "May", None), ("choice", None, None)],
)
def test_a_choice_that_is_offered_no_more_is_taken_back(
    kind: str, chosen: Any, value: Any, props: dict[str, Any]
) -> None:
    finished = FINISHED | {"values": {"borough": "Bronx"}, "pinned": True}
    values = SourceValues()
    place = {"name": "month", "kind": kind}
    assert dynamic_filters.fill_filter(Zones(), "token", USER, values, finished, place, chosen) is None
    (set_to,) = props.values()
    assert set_to["value"] == value
    assert [choice["value"] for choice in set_to["data"]] == ["December", "November", "never"]
    assert values.get(USER.sub, SOURCE, {"borough": "Bronx"}) == (MONTHS, True)
    assert values.get(USER.sub, SOURCE) is None


def test_of_several_choices_those_that_are_offered_stay() -> None:
    known = Choices("s", {"a": "A", "b": "b"})
    assert dynamic_filters._offered(["a", "c"], known) == ["a"]
    assert dynamic_filters._offered(["c"], known) is None


ZONES = Result("s", "newest", "now", 5_000, (Column("label", "string"),), tuple((f"Zone {n}",) for n in range(5_000)))
PLACE_OF_ZONE = {"name": "month", "kind": "choice"}


class ManyZones(Zones):
    """The same with 5,000 of them."""

    def __init__(self, report: str = "newest", error: GatewayError | None = None) -> None:
        super().__init__(error)
        self.zones = replace(ZONES, report=report)

    def result(self, token: str, statement_id: str, rows: int) -> Result:
        super().result(token, statement_id, rows)
        return self.zones.first(rows)


def fill_zones(chosen: Any) -> str | None:
    finished = FINISHED | {"values": {"borough": "Bronx"}, "pinned": True}
    gateway = ManyZones()
    return dynamic_filters.fill_filter(gateway, "token", USER, SourceValues(), finished, PLACE_OF_ZONE, chosen)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chosen", "value", "groups"),
    [("Zone 4321", "Zone 4321", [200, 1]), ("Zone 3", "Zone 3", [200]), ("Zone 5000", None, [200])],
)
def test_of_a_long_list_a_value_is_judged_by_all_rows_and_shown(
    chosen: str, value: str | None, groups: list[int], props: dict[str, Any]
) -> None:
    assert fill_zones(chosen) is None
    (set_to,) = props.values()
    assert set_to["value"] == value
    assert [len(group["items"]) for group in set_to["data"]] == groups
    assert (set_to["data-statement"], set_to["data-searched"]) == ("s", "")


WANTED: ChoicesWanted = {
    "name": "month", "kind": "choice", "page": "finance", "statementId": "s", "text": "zone 432", "chosen": "Zone 7",
}  # fmt: skip


def test_what_is_typed_is_found_in_all_rows(props: dict[str, Any]) -> None:
    dynamic_filters.find_choices(ManyZones(), "token", WANTED)  # type: ignore[arg-type]
    (set_to,) = props.values()
    found, chosen = set_to["data"]
    values = ["Zone 432", *(f"Zone {n}432" for n in range(1, 5)), *(f"Zone {n}" for n in range(4320, 4330))]
    assert sorted(option["value"] for option in found["items"]) == sorted(values)
    assert chosen["items"] == [{"value": "Zone 7", "label": "Zone 7"}]
    assert (set_to["data-searched"], set_to["error"]) == ("zone 432", None)


def test_nobody_finds_what_he_may_not_see(props: dict[str, Any]) -> None:
    gateway = ManyZones(error=GatewayError("forbidden", "You may not see this.", 403))
    dynamic_filters.find_choices(gateway, "token", WANTED)  # type: ignore[arg-type]
    assert list(props.values()) == [{"error": "You may not see this."}]


def test_rows_that_are_no_longer_kept_are_asked_for_anew_by_the_page(props: dict[str, Any]) -> None:
    gateway = ManyZones(error=GatewayError("not_found", "This result is no longer kept.", 404))
    with pytest.raises(GatewayError):
        dynamic_filters.find_choices(gateway, "token", WANTED)  # type: ignore[arg-type]
    assert props == {}


@pytest.mark.parametrize(
    ("gateway", "change"),
    [
        (ManyZones(report="revenue"), {}),
        (ManyZones(), {"page": "other"}),
        (ManyZones(), {"name": "zone"}),
        (ManyZones(), {"text": "z" * 201}),
        (FakeGateway(), {"name": "month", "kind": "month"}),
    ],
)
def test_only_the_choices_of_a_filter_can_be_searched(gateway: Any, change: Any, props: dict[str, Any]) -> None:
    with pytest.raises(UnusableRequest):
        dynamic_filters.find_choices(gateway, "token", {**WANTED, **change})  # type: ignore[typeddict-item]
    assert props == {}


def test_rows_of_one_statement_are_kept_once_for_all_users() -> None:
    """A user who may see fewer of them gets his own."""
    values = SourceValues(max_cells=300)
    rows = replace(MONTHS, row_count=100, records=tuple((f"{n}", "label") for n in range(90)))
    for user in ("a", "b"):
        values.put(user, SOURCE, rows)
    values.put("c", SOURCE, rows.first(2))
    assert [len(values.get(user, SOURCE)[0].records) for user in ("a", "b", "c")] == [90, 90, 2]  # type: ignore[index]
