"""Which page an address means, what its query sets, and when a page is laid out anew."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.utils
import pytest

from dashboard import ids
from dashboard.auth.user_pool import User
from dashboard.errors import GatewayError
from dashboard.filters.source_values import SourceValues
from dashboard.gateway.results import Column, Result
from dashboard.layouts import page_plan
from dashboard.layouts.page_plan import PlacedPanel
from dashboard.pages import department, exports, not_found, router, shell
from dashboard.pages.router import Router
from dashboard.panels.panel import broken_panel, panel_spec
from tests.dashboard.jobs.job_samples import job

USER = User("sub-1", "ana@example.com", ("finance",), "Ana")
MONTH = {"name": "month", "type": "month", "label": "Trip month", "default": "2015-12", "required": False}
NEWEST = {"name": "month", "type": "month", "defaultFrom": {"report": "newest", "column": "trip_month"}}


def report(name: str, **more: Any) -> dict[str, Any]:
    known = {"id": name, "department": "finance", "title": name.title(), "description": "", "parameters": [MONTH]}
    return known | {"chart": {"type": "line"}, "columns": {}, "size": "half", "order": 1, "version": "1"} | more


LISTING = {
    "departments": [{"id": "finance", "title": "Finance"}],
    "reports": [report("revenue"), report("tips"), report("newest", hidden=True, parameters=[], cacheSeconds=60)],
    "broken": [{"id": "odd", "department": "finance"}],
}

VIEW = {"id": "view-0001", "name": "Mornings", "path": "/d/finance", "query": "month=2015-11", "mayChange": True}
KEPT: Mapping[str, Any] = {"views": [VIEW], "favourites": []}


PLAN = page_plan.page_plan(LISTING, "finance") or pytest.fail("there is no such page")


class FakeGateway:
    """Lists reports; what `operations`, `views` and others raise is set by a test."""

    def __init__(
        self, listing: Mapping[str, Any] = LISTING, error: Exception | None = None, kept: Mapping[str, Any] = KEPT
    ) -> None:
        self.listing = listing
        self.error = error
        self.kept = kept

    def views(self, token: str) -> Mapping[str, Any]:
        if self.error:
            raise self.error
        return self.kept

    def reports(self, token: str, fresh: bool = False) -> Mapping[str, Any]:
        return self.listing

    def operations(self, token: str) -> Mapping[str, Any]:
        raise self.error or AssertionError("not expected")

    def exports(self, token: str) -> list[Any]:
        return []


@pytest.fixture(autouse=True)
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router, "current_user", lambda: USER)
    monkeypatch.setattr(router, "id_token", lambda: "token")


@pytest.fixture
def set_props(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """What the server sets in the browser beside a callback's outputs."""
    calls: list[tuple[Any, Any]] = []
    monkeypatch.setattr(router, "set_props", lambda component, props: calls.append((component, props)))
    return calls


def routed(listing: Mapping[str, Any] = LISTING, error: Exception | None = None) -> Router:
    return Router(FakeGateway(listing, error), "Simulated.")  # type: ignore[arg-type]


def text(page: Any) -> str:
    return json.dumps(page, cls=plotly.utils.PlotlyJSONEncoder)


@pytest.mark.parametrize("path", ["/d/operations", "/d/", "/elsewhere", "/d/finance/x", "/d/%2e%2e"])
def test_another_address_is_nothing_here(path: str) -> None:
    """A department one may not see looks like one that does not exist."""
    page = routed().page(path, "")
    assert "Nothing here" in text(page)
    assert page.title == "Nothing here"


def test_a_department_shows_its_panels_and_broken_ones() -> None:
    page = routed().page("/d/finance", "")
    shown = text(page)
    for topic in ("revenue", "tips", "odd"):
        assert f'"topic": "{topic}"' in shown
    assert '"topic": "newest"' not in shown
    assert "3 panels \\u00b7 Simulated." in shown
    assert (page.title, page.pageId) == ("Finance", "finance")


def test_a_department_that_was_just_published_is_there_though_the_listing_is_older() -> None:
    class Published(FakeGateway):
        def reports(self, token: str, fresh: bool = False) -> Mapping[str, Any]:
            return LISTING if fresh else {"departments": [], "reports": [], "broken": []}

    assert Router(Published(), "").page("/d/finance", "").title == "Finance"  # type: ignore[arg-type]


@pytest.mark.parametrize(("path", "title"), [("/", "Home"), ("/exports", "Exports"), ("/d/finance", "Finance")])
def test_each_page_has_its_own_title(path: str, title: str) -> None:
    assert routed().page(path, "").title == title


PAGE = {"description": "", "order": 1, "text": "", "values": {}, "department": "finance", "departmentTitle": "Finance"}
SECTION = {"title": "", "text": "", "panels": [{"key": "tips", "report": "tips"}]}
PAGES = LISTING | {
    "pages": [
        PAGE
        | {
            "id": "finance/money",
            "name": "money",
            "title": "Money",
            "text": "**Bold** words",
            "values": {"month": "2015-10"},
        }
        | {
            "tabs": [
                {"id": "first-one", "title": "First one", "text": "", "sections": [SECTION]},
                {
                    "id": "second",
                    "title": "Second",
                    "text": "",
                    "sections": [
                        {
                            "title": "Below",
                            "text": "",
                            "panels": [
                                {"key": "tips~2", "report": "tips", "title": "Mine", "values": {"month": "2015-11"}},
                                {"key": "gone", "report": "gone", "broken": {}},
                            ],
                        }
                    ],
                },
            ]
        },
        PAGE
        | {"id": "finance/index", "name": "index", "title": "All the money"}
        | {"tabs": [{"id": "", "title": "", "text": "", "sections": [SECTION]}]},
    ]
}


def specs_of(page: Any) -> dict[str, Any]:
    """The specs of a page's panels by their topics."""
    found = json.loads(text(page))
    specs: dict[str, Any] = {}

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("namespace") == "pushboard" and node["type"] == "Panel":
                specs[node["props"]["spec"]["topic"]] = node["props"]["spec"]
            for value in node.values():
                walk(value)
        for value in node if isinstance(node, list) else ():
            walk(value)

    walk(found)
    return specs


def test_a_page_of_a_file_shows_what_it_says() -> None:
    page = routed(PAGES).page("/d/finance/money", "")
    specs = specs_of(page)
    assert list(specs) == ["tips", "tips~2", "gone"]
    assert (specs["tips~2"]["report"], specs["tips~2"]["title"]) == ("tips", "Mine")
    assert specs["tips~2"]["preset"] == {"month": "2015-11"}
    assert specs["gone"]["broken"]
    assert (page.title, page.pageId, page.tab) == ("Money", "finance/money", "first-one")
    assert page.filters[0] | {"value": "2015-10", "default": "2015-10"} == page.filters[0]


def test_only_the_open_tab_runs_at_once() -> None:
    routed_pages = routed(PAGES)
    assert [run["topicName"] for run in routed_pages.page("/d/finance/money", "").first_runs] == ["tips"]
    second = routed_pages.page("/d/finance/money", "?tab=second")
    assert [(run["topicName"], run["report"]) for run in second.first_runs] == [("tips~2", "tips")]
    assert second.first_runs[0]["parameters"] == {"month": "2015-11"}
    assert "This link asked" not in text(second)
    assert "This link asked" in text(routed_pages.page("/d/finance", "?tab=second"))


def test_the_page_index_is_the_departments_own() -> None:
    page = routed(PAGES).page("/d/finance", "")
    assert (page.title, list(specs_of(page))) == ("All the money", ["tips"])
    assert routed(PAGES).page("/d/finance/index", "").title == "Nothing here"


def test_pages_stand_in_the_side_bar_and_on_the_first_page() -> None:
    for shown in (text(shell.links(USER, PAGES)), text(routed(PAGES).page("/", ""))):
        assert '"href": "/d/finance/money"' in shown
        assert '"href": "/d/finance/index"' not in shown


def test_a_department_of_pages_alone_has_a_link_and_a_card() -> None:
    alone = PAGES["pages"][1] | {"id": "all/index", "department": "all", "departmentTitle": "All of us"}
    listing = LISTING | {"pages": [alone | {"description": "The whole house."}]}
    assert '"href": "/d/all"' in text(shell.links(USER, listing))
    home = text(routed(listing).page("/", ""))
    assert "All of us" in home
    assert "The whole house." in home
    assert home.count('"data-search"') == 3, "its panels stand in their own departments' cards"


def test_words_are_elements_and_never_html() -> None:
    shown = text(routed(PAGES).page("/d/finance/money", ""))
    assert '{"props": {"children": ["Bold"]}, "type": "Strong"' in shown


def test_a_user_without_a_department_is_told_what_to_do() -> None:
    assert "Ask an administrator" in text(routed({"departments": [], "reports": [], "broken": []}).page("/", ""))


def test_authors_are_told_on_home_of_each_file_that_has_a_mistake() -> None:
    """Also of a page that nobody can open; others learn neither where nor why."""
    mistake = {
        "id": "odd",
        "department": "finance",
        "file": "sql/pages/all/index.yaml",
        "line": 3,
        "reason": "no title",
    }
    told = text(routed(LISTING | {"broken": [mistake]}).page("/", ""))
    assert "1 file has a mistake" in told
    assert "sql/pages/all/index.yaml, 3" in told
    assert "has a mistake" not in text(routed(LISTING).page("/", ""))


def test_a_page_that_is_for_administrators_says_so_and_leads_on() -> None:
    """Whoever works in operations may take `/operations` for the department's page: another try would not help."""
    refused = GatewayError("forbidden", "Only admins see what runs.", 403)
    shown = text(routed(error=refused).page("/operations", ""))
    assert "Only admins see what runs." in shown
    assert '"href": "/d/operations"' in shown
    assert "Try again" not in shown


def test_a_page_whose_data_cannot_be_had_just_now_offers_another_try() -> None:
    unavailable = GatewayError("warehouse_unavailable", "Not now.", 503)
    shown = text(not_found.unavailable(unavailable, "/operations"))
    assert "Not now." in shown
    assert "Try again" in shown


def test_an_address_sets_the_page_and_single_panels() -> None:
    values = department.read_query({"month": "2015-11", "tips.month": "2015-03"}, PLAN)
    assert (values.page, values.own, values.dropped) == ({"month": "2015-11"}, {"tips": {"month": "2015-03"}}, [])


def opened(search: str, error: Exception | None = None) -> str:
    return text(routed(error=error).page("/d/finance", search))


def test_an_open_view_is_named_beside_the_title() -> None:
    assert '"name": "Mornings"' in opened("?month=2015-11&view=view-0001")


def test_a_view_says_by_its_name_what_it_could_not_use() -> None:
    shown = opened("?month=2015-11&zone=5&view=view-0001")
    assert "The view \\u201cMornings\\u201d asks for something that cannot be used here" in shown
    assert "zone=5." in shown


@pytest.mark.parametrize("view", ["view-0002", "", "view-0001"])
def test_the_address_of_a_view_works_for_who_does_not_have_it(view: str) -> None:
    """And when views cannot be had just now."""
    error = GatewayError("warehouse_unavailable", "Not now.", 503) if view == "view-0001" else None
    shown = opened(f"?month=2015-11&view={view}", error)
    assert '"value": "2015-11-01"' in shown
    assert "Mornings" not in shown
    assert "cannot be used" not in shown


@pytest.mark.parametrize("key", ["month", "colour", "tips.colour", "nobody.month", ".month", "tips."])
def test_what_cannot_be_used_is_dropped_and_told(key: str) -> None:
    values = department.read_query({key: "nonsense"}, PLAN)
    assert (values.page, values.own, values.dropped) == ({}, {}, [f"{key}=nonsense"])


def test_too_many_keys_are_none() -> None:
    assert router.query("?" + "&".join(f"k{at}=1" for at in range(500))) == {}


def filters_of(listing: Mapping[str, Any], sources: SourceValues, search: str = "") -> list[dict[str, Any]]:
    found = Router(FakeGateway(listing), "", sources).page("/d/finance", search).filters  # type: ignore[arg-type]
    return list(found)


def test_a_filter_tells_the_browser_its_value_and_its_default() -> None:
    """The address holds what was chosen, so the browser must know what was not."""
    chosen = filters_of(LISTING, SourceValues(), "?month=2015-07")
    known = {
        "name": "month",
        "kind": "month",
        "label": "Trip month",
        "default": "2015-12",
        "noDefault": False,
        "sources": [],
        "words": None,
        "labels": None,
    }
    assert chosen == [known | {"value": "2015-07"}]
    assert filters_of(LISTING, SourceValues()) == [known | {"value": "2015-12"}]


def test_a_default_from_rows_is_there_at_once_when_the_user_has_seen_it_before() -> None:
    """Until then its source has to be run; while its rows are fresh it need not be."""
    listing = LISTING | {"reports": [report("revenue", parameters=[NEWEST]), LISTING["reports"][2]]}
    sources = SourceValues()
    to_run = [{"report": "newest", "with": []}]
    assert filters_of(listing, sources)[0] | {"value": None, "sources": to_run} == filters_of(listing, sources)[0]
    newest = Result("s-1", "newest", "now", 1, (Column("trip_month", "string"),), (("2015-12",),))
    sources.put(USER.sub, LISTING["reports"][2], newest)
    known = filters_of(listing, sources)[0]
    assert (known["value"], known["default"], known["sources"]) == ("2015-12", "2015-12", [])


def test_rows_of_one_user_fill_no_filter_of_another() -> None:
    sources = SourceValues()
    newest = Result("s-1", "newest", "now", 1, (Column("trip_month", "string"),), (("2015-12",),))
    sources.put("another", LISTING["reports"][2], newest)
    assert sources.get(USER.sub, LISTING["reports"][2]) is None
    assert sources.get("another", LISTING["reports"][2] | {"version": "2"}) is None


def test_a_page_is_laid_out_anew_only_for_what_moves_it() -> None:
    """Another title changes a panel; another size, filter or mistake changes the page."""
    signature = signed(report("revenue"))
    assert signed(report("revenue", title="Other")) == signature
    for changed in (report("revenue", size="full"), report("revenue", parameters=[]), report("other")):
        assert signed(changed) != signature
    assert signed(report("revenue"), broken=[{"id": "odd", "department": "finance"}]) != signature


def signed(*reports: dict[str, Any], broken: Sequence[Any] = ()) -> Any:
    plan = page_plan.page_plan(LISTING | {"reports": list(reports), "broken": list(broken)}, "finance")
    assert plan is not None
    return department.signature(plan)


SHOWN = department.signature(PLAN)
CHANGES = {"changed": ["tips"], "query": "?tips.month=2015-03"}


def test_a_changed_report_changes_its_panel_and_nothing_else(set_props: list[tuple[Any, Any]]) -> None:
    content, _ = routed().changed(CHANGES, "/d/finance", SHOWN)
    assert content is router.no_update
    assert set_props == [
        (ids.panel("tips"), {"spec": panel_spec(PlacedPanel("tips", LISTING["reports"][1]), {"month": "2015-03"})})
    ]


@pytest.mark.parametrize("path", ["/exports", "/audit", "/operations", "/elsewhere"])
def test_a_page_that_lists_no_reports_stays_when_one_changes(path: str, set_props: list[tuple[Any, Any]]) -> None:
    content, _ = routed().changed(CHANGES, path, None)
    assert content is router.no_update
    assert set_props == []


@pytest.mark.parametrize(("path", "title"), [("/", "Home"), ("/d/finance", "Finance")])
def test_a_page_that_lists_reports_is_laid_out_anew_when_they_differ(path: str, title: str) -> None:
    content, navigation = routed().changed(CHANGES, path, None)
    assert content.title == title
    assert "/d/finance" in text(navigation)


def test_a_panel_knows_how_to_run_and_not_how_it_is_drawn() -> None:
    """What decides memory and rights on the server is not handed to the browser."""
    known = report("revenue", limit=10, columns={"a": {"format": "currency"}}, download=True)
    spec = panel_spec(PlacedPanel("revenue", known))
    assert not {"limit", "columns", "chart"} & set(spec)
    assert (spec["kind"], spec["picture"], spec["download"], spec["required"]) == ("line", True, True, [])


def test_a_broken_report_tells_its_line_to_authors_only() -> None:
    author = broken_panel({"id": "odd", "file": "finance/odd.sql", "line": 3, "reason": "unknown key 'chrat'"}, "odd")
    assert author.spec["broken"]["reason"] == "finance/odd.sql, line 3: unknown key 'chrat'"
    assert broken_panel({"id": "odd"}, "odd").spec["broken"]["reason"] is None


EXPORT = {"runId": "run-1", "title": "Revenue", "department": "finance", "format": "csv", "parameters": {}}
ENDED = {"askedAt": 1_900_000_000_000, "keptUntil": "2030-03-24T17:46:40Z", "rows": None, "bytes": None}


def test_an_export_that_failed_says_why_and_offers_no_file() -> None:
    shown = text(exports.render([EXPORT | ENDED | {"state": "failed", "message": "The disk is full."}]))
    assert "The disk is full." in shown
    assert "fetch-export" not in shown


@pytest.mark.parametrize("state", ["running", "cancelled"])
def test_an_export_that_did_not_fail_says_no_more_than_its_state(state: str) -> None:
    shown = text(exports.render([EXPORT | ENDED | {"state": state, "message": None}]))
    assert "list-why" not in shown


class JobsGateway(FakeGateway):
    """Lists jobs, without runs."""

    def __init__(self, *jobs: Mapping[str, Any]) -> None:
        super().__init__()
        self.found = list(jobs)

    def jobs(self, token: str) -> dict[str, Any]:
        return {"jobs": self.found, "broken": []}

    def job_runs(self, token: str, job: str = "", before: str = "") -> dict[str, Any]:
        return {"runs": [], "next": None}

    def tables(self, token: str) -> list[dict[str, Any]]:
        known = {"table": "public.trips", "changedAt": None, "changedBy": None}
        return [known | {"readers": ["revenue", "tips"], "writers": []}]


def test_who_has_no_job_is_not_told_that_there_are_any() -> None:
    without = Router(JobsGateway(), "")  # type: ignore[arg-type]
    assert without.page("/jobs", "").title == "Nothing here"
    assert without.warehouse_links() == []


def test_the_page_of_jobs_has_a_card_with_words_and_a_form() -> None:
    readers = [
        {"id": one, "department": "finance", "departmentTitle": "Money", "title": one.title()}
        for one in ("revenue", "tips")
    ]
    with_job = Router(JobsGateway(job(readers=readers, schedule="cron(0 6 * * ? *)", approve=["audit"])), "")  # type: ignore[arg-type]
    page = with_job.page("/jobs", "")
    assert page.title == "Jobs"
    shown = text(page)
    for words in (
        "Load a month",
        "Every day at 06:00 UTC",
        "Somebody of audit must agree",
        "Money (2)",
        "No run yet",
    ):
        assert words in shown
    assert '"type": "job-control"' in shown
    assert '"href": "/jobs"' in text(with_job.warehouse_links())


def test_tables_are_listed_with_their_readers_and_writers() -> None:
    shown = text(Router(JobsGateway(), "").page("/tables", ""))  # type: ignore[arg-type]
    for words in ("trips", "None told", "revenue, tips", "Nobody"):
        assert words in shown


def test_authors_are_led_to_the_tables() -> None:
    author = User("sub-2", "ben@example.com", ("authors",), "Ben")
    assert '"href": "/tables"' in text(shell.warehouse_links(author, has_jobs=False))
    assert shell.warehouse_links(USER, has_jobs=False) == []


ZONES = {"report": "zones", "value": "zone", "with": ["borough"]}
BOROUGH = {"name": "borough", "type": "choice", "choices": ["Bronx", "Queens"], "default": "Queens"}
ZONE = {"name": "zone", "type": "choice", "choicesFrom": ZONES}


def test_choices_that_depend_on_another_filter_are_kept_by_its_value() -> None:
    zones = report("zones", hidden=True, parameters=[BOROUGH], cacheSeconds=60)
    listing = LISTING | {"reports": [report("revenue", parameters=[ZONE, BOROUGH]), zones]}
    sources = SourceValues()
    rows = Result("s-1", "zones", "now", 1, (Column("zone", "string"),), (("JFK",),))
    sources.put(USER.sub, zones, rows, {"borough": "Queens"})
    for search, choices in (("", '"value": "JFK"'), ("?borough=Bronx", '"data": []')):
        page = Router(FakeGateway(listing), "", sources).page("/d/finance", search)  # type: ignore[arg-type]
        assert page.filters[0]["sources"] == [{"report": "zones", "with": ["borough"]}]
        assert choices in text(page)


def test_a_page_may_wait_for_its_button() -> None:
    waiting = PAGES | {"pages": [PAGES["pages"][0] | {"apply": True}]}
    assert '"apply"' in text(routed(waiting).page("/d/finance/money", ""))
    assert '"data-action": "apply"' not in text(routed(PAGES).page("/d/finance/money", ""))


def test_a_word_in_an_address_is_what_it_means_today() -> None:
    days = {"name": "days", "type": "daterange", "words": {"last 7 days": ["2026-11-24", "2026-11-30"]}}
    listing = LISTING | {"reports": [report("revenue", parameters=[days])]}
    (found,) = filters_of(listing, SourceValues(), "?days=last+7+days")
    assert found["value"] == ["2026-11-24", "2026-11-30"]
    assert '"label": "Last 7 days"' in text(routed(listing).page("/d/finance", ""))
