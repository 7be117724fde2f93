"""The client of the gateway's REST API, against a small API of our own."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from flask import Flask, Response, request

from dashboard.errors import GatewayError
from dashboard.gateway.client import Gateway
from dashboard.gateway.results import Column
from tests.dashboard.server_fakes import address, listening, serving, wait_for

STATEMENT = "7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80"
LISTED = {"departments": [{"id": "finance", "title": "Finance"}], "reports": []}


class FakeApi:
    """Answers what it was last told to, and remembers what it was asked."""

    sent: list[tuple[str, Any]]

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str | None]] = []
        self.queries: list[dict[str, str]] = []
        self.sent = []
        self.answers: list[Any] = []
        self.url = ""

    def answer(self, path: str) -> Any:
        self.asked.append((f"/{path}", request.headers["Authorization"], request.args.get("nextToken")))
        self.queries.append(request.args.to_dict())
        self.sent.append((request.method, request.get_json(silent=True)))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with listening() as listener:
        api = FakeApi()
        app = Flask("fake_api")
        app.add_url_rule("/prod/<path:path>", view_func=api.answer, methods=["GET", "PUT", "DELETE"])
        api.url = f"{address(listener)}/prod"
        with serving(app, listener):
            yield api


@pytest.fixture
def gateway(api: FakeApi) -> Gateway:
    return Gateway(api.url, timeout=2)


def page(first: int, count: int, next_token: str | None) -> dict[str, Any]:
    return {
        "statementId": STATEMENT,
        "report": "revenue_by_day",
        "asOf": "2026-11-23T09:31:07Z",
        "rowCount": 6,
        "columns": [{"name": "day", "type": "date"}, {"name": "fare", "type": "decimal"}],
        "records": [[f"2015-12-0{day}", None if day == 2 else "1.50"] for day in range(first, first + count)],
        "nextToken": next_token,
    }


def error_of(call: Callable[[], Any]) -> GatewayError:
    with pytest.raises(GatewayError) as raised:
        call()
    return raised.value


class TestMaps:
    MAP: ClassVar = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "A"},
                "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
            }
        ],
    }

    def test_a_version_of_a_map_is_fetched_once_for_everybody(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [{"name": "squares", "map": self.MAP}]
        first = gateway.map_areas("token-1", "squares", "v1")
        assert [area.text("name") for area in first] == ["A"]
        assert gateway.map_areas("token-2", "squares", "v1") is first
        gateway.map_areas("token-1", "squares", "v2")
        gateway.map_areas("token-1", "other", "v1")
        assert [path for path, *_ in api.asked] == ["/maps/squares", "/maps/squares", "/maps/other"]

    def test_a_map_whose_version_is_not_known_is_not_kept(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [{"name": "squares", "map": self.MAP}]
        gateway.map_areas("token-1", "squares", "")
        gateway.map_areas("token-1", "squares", "")
        assert len(api.asked) == 2

    @pytest.mark.parametrize("body", [{}, {"map": None}, {"map": {"features": [{}]}}, {"map": {"features": 7}}])
    def test_an_answer_that_is_no_map_is_an_error_like_any_other(
        self, api: FakeApi, gateway: Gateway, body: dict[str, Any]
    ) -> None:
        api.answers = [body]
        assert error_of(lambda: gateway.map_areas("token-1", "squares", "v1")).code == "warehouse_unavailable"

    def test_that_there_is_no_such_map_is_told_as_the_gateway_tells_it(self, api: FakeApi, gateway: Gateway) -> None:
        told = {"error": {"code": "not_found", "message": "The map of this chart is not there."}}
        api.answers = [(told, 404), {"name": "squares", "map": self.MAP}]
        assert error_of(lambda: gateway.map_areas("token-1", "squares", "v1")).message == told["error"]["message"]
        assert gateway.map_areas("token-1", "squares", "v1"), "and the next one who asks may find it"


class TestViews:
    def test_a_view_is_put_under_its_id_and_comes_back(self, api: FakeApi, gateway: Gateway) -> None:
        view = {"name": "Mornings", "path": "/d/finance", "query": "", "shared": False}
        api.answers = [{"view": view | {"id": "a b"}}]
        assert gateway.save_view("token-1", "a b", view) == view | {"id": "a b"}
        assert api.asked == [("/views/a b", "token-1", None)]
        assert api.sent == [("PUT", view)]

    def test_favourites_are_asked_for_by_themselves(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [{"favourites": ["revenue"]}]
        assert gateway.favourites("token-1") == ["revenue"]
        assert [path for path, *_ in api.asked] == ["/favourites"]

    def test_views_and_favourites_are_taken_away(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [{}]
        gateway.delete_view("token-1", "view-0001")
        gateway.set_favourite("token-1", "revenue", True)
        gateway.set_favourite("token-1", "revenue", False)
        assert [path for path, *_ in api.asked] == ["/views/view-0001", "/favourites/revenue", "/favourites/revenue"]
        assert [method for method, _ in api.sent] == ["DELETE", "PUT", "DELETE"]

    def test_a_refusal_is_told_as_the_gateway_put_it(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [({"error": {"code": "forbidden", "message": "Not yours."}}, 403)]
        error = error_of(lambda: gateway.delete_view("token-1", "view-0001"))
        assert (error.code, error.message, error.status) == ("forbidden", "Not yours.", 403)

    def test_a_busy_gateway_is_asked_again(self, api: FakeApi, gateway: Gateway) -> None:
        """Each of these is as good twice as once."""
        api.answers = [({}, 503), {}]
        gateway.set_favourite("token-1", "revenue", True)
        assert len(api.asked) == 2


class TestJobs:
    def test_runs_are_asked_for_by_job_and_from_a_point_on(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [{"runs": [], "next": None}]
        assert gateway.job_runs("token-1", "load_month", "00017") == {"runs": [], "next": None}
        assert api.asked == [("/jobs/runs", "token-1", None)]
        assert api.queries == [{"job": "load_month", "before": "00017"}]

    def test_jobs_and_tables_are_asked_with_the_bare_id_token(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [{"jobs": [], "broken": []}, {"tables": [{"table": "public.trips"}]}]
        assert gateway.jobs("token-1") == {"jobs": [], "broken": []}
        assert gateway.tables("token-1") == [{"table": "public.trips"}]
        assert [path for path, _, _ in api.asked] == ["/jobs", "/tables"]


class TestReports:
    def test_they_are_asked_with_the_bare_id_token(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [LISTED]
        assert gateway.reports("token-1") == LISTED
        assert api.asked == [("/reports", "token-1", None)]

    def test_the_panels_of_a_page_ask_once(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [LISTED]
        gateway.reports("token-1")
        gateway.reports("token-1")
        assert len(api.asked) == 1

    def test_nobody_gets_anothers_list(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [LISTED, {"departments": [], "reports": []}]
        assert gateway.reports("token-1") != gateway.reports("token-2")

    def test_the_list_is_asked_again_after_two_seconds(self, api, gateway: Gateway, monkeypatch) -> None:
        now = [1000.0]
        monkeypatch.setattr("dashboard.gateway.client.time.monotonic", lambda: now[0])
        api.answers = [LISTED]
        gateway.reports("token-1")
        now[0] += 2.1
        gateway.reports("token-1")
        assert len(api.asked) == 2

    def test_an_error_is_not_remembered(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [({"message": "Unauthorized"}, 401), LISTED]
        error_of(lambda: gateway.reports("token-1"))
        assert gateway.reports("token-1") == LISTED


class TestResult:
    def test_all_pages_become_one_result(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [page(1, 3, "more"), page(4, 3, None)]
        result = gateway.result("token-1", STATEMENT)
        assert [token for *_, token in api.asked] == [None, "more"]
        assert result.columns == (Column("day", "date"), Column("fare", "decimal"))
        assert [record[0] for record in result.records] == [f"2015-12-0{day}" for day in range(1, 7)]
        assert result.records[1] == ("2015-12-02", None)
        assert not result.truncated

    def test_no_more_pages_are_asked_than_needed(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [page(1, 3, "more")]
        result = gateway.result("token-1", STATEMENT, max_rows=2)
        assert len(api.asked) == 1
        assert len(result.records) == 2
        assert result.truncated

    @pytest.mark.parametrize("statement_id", ["", "../reports", "a/b", "?x", STATEMENT + "/..", STATEMENT.upper()])
    def test_what_is_no_statement_id_is_not_asked(self, api: FakeApi, gateway: Gateway, statement_id: str) -> None:
        assert error_of(lambda: gateway.result("token-1", statement_id)).code == "bad_message"
        assert not api.asked

    def test_a_result_of_another_shape_is_an_unavailable_warehouse(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [{"rows": []}]
        assert error_of(lambda: gateway.result("token-1", STATEMENT)).code == "warehouse_unavailable"


class ResultsApi:
    """`GET /results/{statementId}` as the contract says, for those in `allowed`; counts what it costs the warehouse."""

    def __init__(self) -> None:
        self.url = ""
        self.allowed = {f"token-{number}" for number in range(100)}
        self.asked: list[str] = []
        self.reads: list[str | None] = []
        self.gone = False
        self.open = threading.Event()
        self.open.set()
        self._guard = threading.Lock()

    def answer(self, statement_id: str) -> Any:
        token = request.headers["Authorization"]
        with self._guard:
            self.asked.append(token)
        if self.gone:
            return {"error": {"code": "not_found", "message": "Run the report again."}}, 404
        if token not in self.allowed:
            return {"error": {"code": "forbidden", "message": "This report is for finance."}}, 403
        if request.headers.get("If-None-Match") == f'"{statement_id}"':
            return "", 304, {"ETag": f'"{statement_id}"'}
        return self._read(request.args.get("nextToken"))

    def _read(self, next_token: str | None) -> dict[str, Any]:
        with self._guard:
            self.reads.append(next_token)
        assert self.open.wait(10), "nobody opened the gate"
        return page(4, 3, None) if next_token else page(1, 3, "more")


@pytest.fixture
def results() -> Iterator[ResultsApi]:
    with listening() as listener:
        api = ResultsApi()
        app = Flask("results_api")
        app.add_url_rule("/prod/results/<statement_id>", view_func=api.answer)
        api.url = f"{address(listener)}/prod"
        with serving(app, listener):
            yield api
            api.open.set()


def test_what_the_gateway_has_just_announced_is_not_authorized_again(results: ResultsApi) -> None:
    """Only for the token on whose connection it was announced; everybody else is judged by the gateway."""
    gateway = Gateway(results.url)
    gateway.result("token-1", STATEMENT)
    results.allowed.clear()
    gateway.note_finished("token-2", STATEMENT)
    asked = len(results.asked)
    assert gateway.result("token-2", STATEMENT).row_count == 6
    assert len(results.asked) == asked
    assert error_of(lambda: gateway.result("token-3", STATEMENT)).code == "forbidden"


class TestSharedResults:
    @pytest.fixture
    def gateway(self, results: ResultsApi) -> Gateway:
        return Gateway(results.url, timeout=10)

    def test_fifty_users_at_once_cost_the_warehouse_one_reading(self, results: ResultsApi, gateway: Gateway) -> None:
        results.open.clear()
        with ThreadPoolExecutor(50) as threads, contextlib.closing(gateway._http):
            users = [threads.submit(gateway.result, f"token-{number}", STATEMENT) for number in range(50)]
            wait_for(lambda: results.reads == [None])
            results.open.set()
            found = [user.result(20) for user in users]
        assert results.reads == [None, "more"], "two pages"
        assert {len(result.records) for result in found} == {6}
        assert set(results.asked) == {f"token-{number}" for number in range(50)}, "everybody is judged"
        assert len(results.asked) == 51, "once; the second page is one more"

    def test_every_further_wish_costs_one_request_and_no_reading(self, results: ResultsApi, gateway: Gateway) -> None:
        first = gateway.result("token-1", STATEMENT)
        results.reads.clear()
        results.asked.clear()
        assert gateway.result("token-1", STATEMENT) == gateway.result("token-2", STATEMENT) == first
        assert results.asked == ["token-1", "token-2"]
        assert results.reads == []

    def test_a_user_without_the_right_is_refused_though_the_rows_are_here(self, results, gateway: Gateway) -> None:
        gateway.result("token-1", STATEMENT)
        error = error_of(lambda: gateway.result("a stranger's", STATEMENT))
        assert (error.code, error.message, error.status) == ("forbidden", "This report is for finance.", 403)

    def test_a_right_that_was_taken_away_is_gone_at_once(self, results: ResultsApi, gateway: Gateway) -> None:
        gateway.result("token-1", STATEMENT)
        results.allowed.remove("token-1")
        assert error_of(lambda: gateway.result("token-1", STATEMENT)).code == "forbidden"

    def test_a_right_that_is_given_back_is_there_at_once(self, results: ResultsApi, gateway: Gateway) -> None:
        """A refusal is not kept, and neither drives out what others may see."""
        gateway.result("token-1", STATEMENT)
        results.allowed.remove("token-1")
        error_of(lambda: gateway.result("token-1", STATEMENT))
        results.allowed.add("token-1")
        results.reads.clear()
        assert len(gateway.result("token-1", STATEMENT).records) == 6
        assert results.reads == []

    def test_a_right_that_ends_while_others_fetch_has_ended(self, results: ResultsApi, gateway: Gateway) -> None:
        results.open.clear()
        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(gateway.result, "token-1", STATEMENT)
            wait_for(lambda: results.reads == [None])
            second = threads.submit(gateway.result, "token-2", STATEMENT)
            results.allowed.remove("token-2")
            results.open.set()
            assert len(first.result(20).records) == 6
            assert error_of(lambda: second.result(20)).code == "forbidden"

    def test_a_stranger_who_comes_first_keeps_nobody_from_the_rows(self, results: ResultsApi, gateway: Gateway) -> None:
        assert error_of(lambda: gateway.result("a stranger's", STATEMENT)).code == "forbidden"
        assert results.reads == []
        assert len(gateway.result("token-1", STATEMENT).records) == 6

    def test_a_result_that_is_gone_there_is_gone_here(self, results: ResultsApi, gateway: Gateway) -> None:
        gateway.result("token-1", STATEMENT)
        results.gone = True
        assert error_of(lambda: gateway.result("token-1", STATEMENT)).code == "not_found"
        results.gone = False
        results.reads.clear()
        gateway.result("token-1", STATEMENT)
        assert results.reads == [None, "more"], "nothing was kept"

    def test_more_rows_are_fetched_when_somebody_wants_more(self, results: ResultsApi, gateway: Gateway) -> None:
        assert len(gateway.result("token-1", STATEMENT, max_rows=2).records) == 2
        assert len(gateway.result("token-2", STATEMENT, max_rows=3).records) == 3
        assert results.reads == [None], "the page had one more"
        assert len(gateway.result("token-2", STATEMENT, max_rows=4).records) == 4
        assert results.reads == [None, None, "more"]

    def test_a_gateway_that_sends_the_rows_again_has_allowed_them(self, api: FakeApi) -> None:
        api.answers = [page(1, 6, None)]
        gateway = Gateway(api.url, timeout=2)
        assert gateway.result("token-1", STATEMENT) == gateway.result("token-2", STATEMENT)

    @pytest.mark.parametrize("answer", [("", 304), ("", 200), ("<html>", 200), ("", 204), ("", 302)])
    def test_rows_that_are_not_here_cannot_be_unchanged(self, api: FakeApi, answer: Any) -> None:
        api.answers = [answer]
        error = error_of(lambda: Gateway(api.url, timeout=2).result("token-1", STATEMENT))
        assert error.code == "warehouse_unavailable"

    @pytest.mark.parametrize("answer", [("", 200), ("<html>", 200), ("", 204), ("", 302)])
    def test_nothing_but_a_clear_answer_allows(self, api: FakeApi, answer: Any) -> None:
        api.answers = [page(1, 6, None), answer]
        gateway = Gateway(api.url, timeout=2)
        gateway.result("token-1", STATEMENT)
        assert error_of(lambda: gateway.result("token-2", STATEMENT)).code == "warehouse_unavailable"

    def test_no_wish_is_longer_than_a_report_may_be(self, api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("dashboard.gateway.client.MAX_ROWS", 4)
        api.answers = [page(1, 3, "more")]
        assert len(Gateway(api.url, timeout=2).result("token-1", STATEMENT, max_rows=10**9).records) == 4
        assert len(api.asked) == 2

    def test_many_columns_leave_room_for_fewer_rows(self, api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
        """A page has two columns here, so eight cells are four rows; they are the result, though there are more."""
        monkeypatch.setattr("dashboard.gateway.results.MAX_CELLS", 8)
        api.answers = [page(1, 3, "more"), page(4, 3, "more"), {}]
        gateway = Gateway(api.url, timeout=2)
        assert len(gateway.result("token-1", STATEMENT).records) == 4
        assert api.queries == [{}, {"nextToken": "more"}]


class TestPages:
    """Rows to be taken away as a file."""

    def test_each_page_is_asked_for_when_it_is_wanted(self, api: FakeApi, gateway: Gateway) -> None:
        """The first says what to name in the asking for the others."""
        api.answers = [page(1, 3, "more") | {"record": "record-1"}, page(4, 3, None) | {"record": "record-1"}]
        pages = gateway.pages("token-1", STATEMENT, "csv")
        assert api.asked == []
        assert next(pages)["records"][0] == ["2015-12-01", "1.50"]
        assert api.queries == [{"download": "csv"}]
        assert [len(one["records"]) for one in pages] == [3]
        assert api.queries[1:] == [{"download": "csv", "nextToken": "more", "record": "record-1"}]
        assert {token for _, token, _ in api.asked} == {"token-1"}

    def test_from_the_second_on_the_next_page_comes_while_one_is_used(self, api: FakeApi, gateway: Gateway) -> None:
        """A workbook opens many results for their first pages, so nothing is fetched ahead of the second."""
        more = [page(3 * number + 1, 3, f"more-{number}") | {"record": "record-1"} for number in range(3)]
        api.answers = [*more, page(10, 3, None) | {"record": "record-1"}]
        pages = gateway.pages("token-1", STATEMENT, "csv")
        next(pages)
        assert len(api.asked) == 1
        next(pages)
        wait_for(lambda: len(api.asked) == 3)
        assert [query.get("nextToken") for query in api.queries] == [None, "more-0", "more-1"]
        pages.close()
        assert len(api.asked) == 3

    def test_a_page_that_fails_ends_it_behind_the_pages_before(self, api: FakeApi, gateway: Gateway) -> None:
        refusal = {"error": {"code": "forbidden", "message": "You may not download it."}}, 403
        more = [page(3 * number + 1, 3, "more") | {"record": "record-1"} for number in range(2)]
        api.answers = [*more, refusal]
        pages = gateway.pages("token-1", STATEMENT, "csv")
        assert len([next(pages), next(pages)]) == 2
        assert error_of(lambda: next(pages)).code == "forbidden"

    def test_rows_that_are_here_already_are_asked_for_all_the_same(self, api: FakeApi, gateway: Gateway) -> None:
        """To take them is a right of its own, and goes on record."""
        api.answers = [page(1, 6, None)]
        gateway.result("token-1", STATEMENT)
        list(gateway.pages("token-1", STATEMENT, "csv"))
        list(gateway.pages("token-1", STATEMENT, "csv"))
        assert api.queries == [{}, {"download": "csv"}, {"download": "csv"}]

    def test_there_may_be_more_rows_than_any_chart_draws(self, api, gateway: Gateway, monkeypatch) -> None:
        monkeypatch.setattr("dashboard.gateway.client.MAX_ROWS", 1)
        api.answers = [page(1, 3, "more") | {"record": "record-1"}, page(4, 3, None)]
        assert sum(len(one["records"]) for one in gateway.pages("token-1", STATEMENT, "csv")) == 6

    def test_a_refusal_is_raised_with_the_first_page(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [({"error": {"code": "forbidden", "message": "You may not download it."}}, 403)]
        error = error_of(lambda: next(gateway.pages("token-1", STATEMENT, "csv")))
        assert (error.code, error.message, error.status) == ("forbidden", "You may not download it.", 403)

    @pytest.mark.parametrize("statement_id", ["", "../reports", "a/b", "?x", STATEMENT.upper()])
    def test_what_is_no_statement_id_is_not_asked(self, api: FakeApi, gateway: Gateway, statement_id: str) -> None:
        assert error_of(lambda: next(gateway.pages("token-1", statement_id, "csv"))).code == "bad_message"
        assert not api.asked


class TestTaken:
    """Exports, links to them, and the record of what was taken away."""

    def test_exports_are_the_users(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [{"exports": [{"runId": "run-1"}]}]
        assert gateway.exports("token-1") == [{"runId": "run-1"}]
        assert api.asked == [("/exports", "token-1", None)]

    @pytest.mark.parametrize(
        ("run_id", "path"), [("run-1", "/exports/run-1"), ("a b", "/exports/a b"), ("a?b#c", "/exports/a?b#c")]
    )
    def test_a_link_is_asked_for_by_the_runs_id(self, api: FakeApi, gateway: Gateway, run_id: str, path: str) -> None:
        api.answers = [{"url": "https://bucket/file"}]
        assert gateway.export_link("token-1", run_id) == {"url": "https://bucket/file"}
        assert api.asked == [(path, "token-1", None)]
        assert api.queries == [{}]

    @pytest.mark.parametrize(
        ("status", "code"), [(403, "forbidden"), (404, "not_found"), (409, "not_ready"), (401, "expired")]
    )
    def test_a_link_that_is_not_given_is_said_why(self, api: FakeApi, gateway: Gateway, status: int, code: str) -> None:
        api.answers = [({"error": {"code": code, "message": "Because."}}, status)]
        error = error_of(lambda: gateway.export_link("token-1", "run-1"))
        assert (error.code, error.message, error.status) == (code, "Because.", status)

    def test_the_audit_is_asked_with_what_it_is_narrowed_down_by(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [{"records": [], "more": False}]
        only = {"from": "2026-11-01", "email": "ana@example.com"}
        assert gateway.audit("token-1", **only) == {"records": [], "more": False}
        assert (api.asked, api.queries) == ([("/audit", "token-1", None)], [only])

    def test_what_runs_is_asked_by_its_path(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [{"running": []}]
        assert gateway.operations("token-1") == {"running": []}
        assert api.asked == [("/operations", "token-1", None)]


class TestErrors:
    def test_our_functions_errors_are_passed_on(self, api: FakeApi, gateway: Gateway) -> None:
        api.answers = [({"error": {"code": "forbidden", "message": "This report is for finance."}}, 403)]
        error = error_of(lambda: gateway.result("token-1", STATEMENT))
        assert (error.code, error.message, error.status) == ("forbidden", "This report is for finance.", 403)

    @pytest.mark.parametrize(
        ("status", "body", "code"),
        [
            (401, {"message": "The incoming token has expired"}, "expired"),
            (403, {"message": "Missing Authentication Token"}, "forbidden"),
            (404, "no JSON", "not_found"),
            (429, {"message": "Too Many Requests"}, "too_busy"),
            (500, {"message": "Internal server error"}, "warehouse_unavailable"),
            (200, "no JSON", "warehouse_unavailable"),
            (200, [1], "warehouse_unavailable"),
            (302, {}, "warehouse_unavailable"),
            (304, "", "warehouse_unavailable"),
        ],
    )
    def test_the_gateways_own_errors_become_calm_sentences(self, api, gateway, waits, status, body, code) -> None:
        api.answers = [(body, status)]
        error = error_of(lambda: gateway.reports("token-1"))
        assert error.code == code
        assert "message" not in error.message.lower()
        assert error.message.endswith(".")

    def test_a_gateway_that_is_not_there_is_an_unavailable_warehouse(self) -> None:
        with listening() as free:
            url = address(free)
        error = error_of(lambda: Gateway(url).reports("token-1"))
        assert (error.code, error.status) == ("warehouse_unavailable", 503)

    def test_a_gateway_that_is_too_slow_is_an_unavailable_warehouse(self) -> None:
        """It takes the connection and says nothing."""
        with listening() as silent:
            error = error_of(lambda: Gateway(address(silent), timeout=0.1).reports("token-1"))
        assert error.code == "warehouse_unavailable"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client meant to wait before each further try."""
    waited: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time", SimpleNamespace(sleep=waited.append, time=time.time))
    return waited


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_fault_is_tried_again(api: FakeApi, gateway: Gateway, waits: list[float], status: int) -> None:
    api.answers = [({"message": "Internal server error"}, status)] * 3 + [LISTED]
    assert gateway.reports("token-1") == LISTED


@pytest.mark.parametrize(("said", "waited"), [("3", 3), ("86400", 10)])
def test_a_busy_gateway_is_left_alone_for_as_long_as_it_says(
    api: FakeApi, gateway: Gateway, waits: list[float], said: str, waited: float
) -> None:
    """Within reason: a viewer is waiting."""
    api.answers = [({"message": "Too Many Requests"}, 429, {"Retry-After": said}), LISTED]
    gateway.reports("token-1")
    assert waits == [waited]


def test_a_gateway_that_stays_busy_is_not_asked_for_ever(api: FakeApi, gateway: Gateway, waits: list[float]) -> None:
    api.answers = [({"error": {"code": "too_busy", "message": "Busy."}}, 429, {"Retry-After": "2"})]
    error = error_of(lambda: gateway.result("token-1", STATEMENT))
    assert (error.code, error.message, error.status) == ("too_busy", "Busy.", 429)
    assert waits == [2, 2, 2]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_what_will_not_change_is_not_tried_again(api: FakeApi, gateway: Gateway, status: int) -> None:
    api.answers = [({}, status)]
    error_of(lambda: gateway.reports("token-1"))
    assert len(api.asked) == 1


def test_users_share_no_cookies(api: FakeApi, gateway: Gateway) -> None:
    answer = Response('{"departments": [], "reports": []}', content_type="application/json")
    answer.set_cookie("who", "user-1")
    api.answers = [answer]
    gateway.reports("token-1")
    assert not gateway._http.cookies


def test_a_netrc_file_does_not_replace_the_token(api: FakeApi, gateway: Gateway, monkeypatch, tmp_path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    api.answers = [LISTED]
    gateway.reports("token-1")
    assert api.asked[0][1] == "token-1"


def test_many_threads_share_one_gateway(results: ResultsApi) -> None:
    gateway = Gateway(results.url, timeout=10)
    others = [f"{number:08}{STATEMENT[8:]}" for number in range(16)]
    with ThreadPoolExecutor(16) as threads, contextlib.closing(gateway._http):
        found = list(threads.map(lambda number: gateway.result("token-1", others[number % 16]), range(64)))
    assert {len(result.records) for result in found} == {6}
    assert len(results.reads) == 2 * 16
