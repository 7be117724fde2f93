"""The client of the gateway's REST API, against a small API of our own."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, request

from dashboard.errors import GatewayError
from dashboard.gateway import Gateway
from dashboard.results import Column
from tests.dashboard.server_fakes import address, listening, serving

STATEMENT = "7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80"
LISTED = {"departments": [{"id": "finance", "title": "Finance"}], "reports": []}


class FakeApi:
    """Answers what it was last told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str | None]] = []
        self.answers: list[Any] = []
        self.url = ""

    def answer(self, path: str) -> Any:
        self.asked.append((f"/{path}", request.headers["Authorization"], request.args.get("nextToken")))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with listening() as listener:
        api = FakeApi()
        app = Flask("fake_api")
        app.add_url_rule("/prod/<path:path>", view_func=api.answer)
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
        monkeypatch.setattr("dashboard.gateway.time.monotonic", lambda: now[0])
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
        ],
    )
    def test_the_gateways_own_errors_become_calm_sentences(self, api, gateway, status, body, code) -> None:
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


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_passing_fault_is_tried_again(api: FakeApi, gateway: Gateway, status: int) -> None:
    api.answers = [({"message": "Internal server error"}, status), LISTED]
    assert gateway.reports("token-1") == LISTED


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


def test_many_threads_share_one_gateway(api: FakeApi, gateway: Gateway) -> None:
    from concurrent.futures import ThreadPoolExecutor

    api.answers = [page(1, 6, None)]
    with ThreadPoolExecutor(16) as threads, contextlib.closing(gateway._http):
        results = list(threads.map(lambda _: gateway.result("token-1", STATEMENT), range(64)))
    assert {len(result.records) for result in results} == {6}
