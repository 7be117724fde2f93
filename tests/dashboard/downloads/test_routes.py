"""The routes of downloads and of links to exports, over a fake gateway."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pyarrow.parquet
import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from gunicorn.config import LimitRequestLine

from dashboard.app import create_app
from dashboard.downloads.formats import FORMATS
from dashboard.downloads.routes import MAX_SHEETS
from dashboard.downloads.xlsx.limits import MAX_ROWS
from dashboard.errors import GatewayError
from tests.dashboard.server_fakes import (
    FakePool,
    address,
    endpoints_for,
    listening,
    serving,
    settings_for,
    sign_in,
)

STATEMENT = "7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80"
OTHER = "11111111-3b1e-4f7c-8d5e-2f9b6a1c4e80"
EVERY = sorted(FORMATS)
PER_PAGE = 1_000

Refusal = tuple[str, str, int]
FORBIDDEN: Refusal = ("forbidden", "You may see this report, but not download it.", 403)


@dataclass
class DownloadsApi:
    """`GET /results/{statementId}?download=` and `GET /exports/{runId}` of the contract; `refusals` by page number."""

    url: str = ""
    pages: int = 3
    per_page: int = PER_PAGE
    rows: int | None = None
    refusals: dict[int, Refusal] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def result(self, statement_id: str) -> Any:
        self.tokens.add(request.headers["Authorization"])
        self.asked.append({"statement": statement_id, **request.args})
        number = int(request.args.get("nextToken", "1"))
        assert request.args.get("record") == (None if number == 1 else "record-1"), "the record of the first page"
        if number in self.refusals:
            code, message, status = self.refusals[number]
            return {"error": {"code": code, "message": message}}, status
        return self._page(statement_id, number)

    def export(self, run_id: str) -> Any:
        self.tokens.add(request.headers["Authorization"])
        if run_id != "run 1":
            return {"error": {"code": "not_ready", "message": "This export is still being written."}}, 409
        return {"url": "https://bucket/file?X-Amz-Signature=x", "urls": [], "rows": 3, "bytes": 90}

    def _page(self, statement_id: str, number: int) -> dict[str, Any]:
        first = (number - 1) * self.per_page
        return {
            "statementId": statement_id,
            "report": "revenue_by_day",
            "title": "Revenue by day" if statement_id == STATEMENT else "Tips",
            "department": "finance",
            "parameters": {"month": "2015-12"},
            "asOf": "2026-11-23T09:31:07Z",
            "rowCount": self.rows or self.pages * self.per_page,
            "columns": [
                {"name": "n", "type": "integer"},
                {"name": "fare", "type": "decimal", "precision": 9, "scale": 4},
                {"name": "tip", "type": "decimal"},
                {"name": "paid", "type": "timestamp", "zoned": True},
            ],
            "records": [[row, f"{row}.5000", f"{row}.5", None] for row in range(first, first + self.per_page)],
            "nextToken": str(number + 1) if number < self.pages else None,
            "record": "record-1",
        }


@pytest.fixture
def api() -> Iterator[DownloadsApi]:
    with listening() as listener:
        api = DownloadsApi()
        app = Flask("downloads_api")
        app.add_url_rule("/prod/results/<statement_id>", view_func=api.result)
        app.add_url_rule("/prod/exports/<run_id>", view_func=api.export)
        api.url = f"{address(listener)}/prod"
        with serving(app, listener):
            yield api


@pytest.fixture
def anonymous(api: DownloadsApi, pool: FakePool, tmp_path) -> FlaskClient:
    """A browser that has not signed in at a dashboard without pages."""
    endpoints = replace(endpoints_for(pool), rest_url=api.url)
    settings = replace(settings_for(pool, tmp_path), data_note="These rows are simulated.")
    return create_app(settings, endpoints=endpoints, attach_ui=None).test_client()


@pytest.fixture
def client(anonymous: FlaskClient) -> FlaskClient:
    """A browser that has signed in as ops@example.com."""
    sign_in(anonymous)
    return anonymous


def several(*statement_ids: str, title: str = "Finance") -> str:
    return "/download/page.xlsx?" + urlencode([("statement", one) for one in statement_ids] + [("title", title)])


def error_of(answer: Any) -> tuple[int, str]:
    """Status and code of an ordinary error, which is no file."""
    assert "Content-Disposition" not in answer.headers
    assert answer.content_type == "application/json"
    return answer.status_code, answer.json["error"]["code"]


# ----------------------------------------------------------------------------------------------------------- downloads


def in_csv(content: bytes) -> int:
    return len(content.decode("utf-8-sig").splitlines()) - 1


def in_json(content: bytes) -> int:
    return len(json.loads(content))


def in_parquet(content: bytes) -> int:
    return pyarrow.parquet.read_table(io.BytesIO(content)).num_rows


def in_xlsx(content: bytes) -> int:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    rows = sum(1 for _ in book.worksheets[0].iter_rows()) - 1
    book.close()
    return rows


COUNTS: dict[str, Callable[[bytes], int]] = {"csv": in_csv, "json": in_json, "parquet": in_parquet, "xlsx": in_xlsx}


@pytest.mark.parametrize("form", EVERY)
def test_each_format_has_every_row_of_every_page(api: DownloadsApi, client: FlaskClient, form: str) -> None:
    answer = client.get(f"/download/{STATEMENT}.{form}")
    assert answer.status_code == 200
    assert answer.content_type == FORMATS[form].media_type
    assert COUNTS[form](answer.data) == 3 * PER_PAGE


@pytest.mark.parametrize("form", EVERY)
def test_the_gateway_gets_the_format_and_one_request_for_each_page(
    api: DownloadsApi, client: FlaskClient, form: str
) -> None:
    assert client.get(f"/download/{STATEMENT}.{form}").data
    assert [(asked["download"], asked.get("nextToken")) for asked in api.asked] == [
        (form, None),
        (form, "2"),
        (form, "3"),
    ]


def test_types_are_declared_in_a_file_as_they_are_in_the_warehouse(client: FlaskClient) -> None:
    """Without a declaration, the values decide."""
    answer = client.get(f"/download/{STATEMENT}.parquet")
    types = {field.name: field.type for field in pyarrow.parquet.read_schema(io.BytesIO(answer.data))}
    assert types["fare"] == pyarrow.decimal128(9, 4)
    assert types["tip"] == pyarrow.decimal128(38, 1)
    assert types["paid"] == pyarrow.timestamp("us", "UTC")


def test_decimals_keep_every_digit_as_text(client: FlaskClient) -> None:
    assert client.get(f"/download/{STATEMENT}.csv").data.decode("utf-8-sig").splitlines()[1] == "0,0.5000,0.5,"


def test_the_gateway_is_asked_as_the_user(api: DownloadsApi, client: FlaskClient) -> None:
    """With the ID token as the whole header."""
    assert client.get(f"/download/{STATEMENT}.csv").data
    (token,) = api.tokens
    assert token.count(".") == 2


@pytest.mark.parametrize("form", EVERY)
def test_a_file_is_kept_under_a_name_that_says_what_it_is(client: FlaskClient, form: str) -> None:
    answer = client.get(f"/download/{STATEMENT}.{form}")
    name = f"revenue_by_day 2015-12 as of 2026-11-23 09.31.07.{form}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_headers_have_the_size_for_a_progress_bar(client: FlaskClient) -> None:
    answer = client.get(f"/download/{STATEMENT}.csv")
    assert answer.headers["X-Rows"] == str(3 * PER_PAGE)
    estimated = int(answer.headers["X-Estimated-Bytes"])
    assert 0.5 < estimated / len(answer.data) < 2


@pytest.mark.parametrize("path", [f"/download/{STATEMENT}.csv", several(STATEMENT), "/exports/run%201/link"])
def test_no_download_or_link_is_cached(client: FlaskClient, path: str) -> None:
    """The answer depends on the user; a link is a secret."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_file_names_its_user_and_carries_the_notice_on_its_data(client: FlaskClient) -> None:
    """An Excel file does on its sheet About."""
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/download/{STATEMENT}.xlsx").data))
    about = " ".join(str(cell.value) for row in book["About"].iter_rows() for cell in row)
    assert "ops@example.com" in about
    assert "These rows are simulated." in about


# -------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("form", EVERY)
@pytest.mark.parametrize(
    "refusal",
    [
        FORBIDDEN,
        ("not_found", "This result is not available any more.", 404),
        ("expired", "Your sign-in has expired.", 401),
    ],
)
def test_a_refusal_is_an_ordinary_error_before_any_byte(
    api: DownloadsApi, client: FlaskClient, form: str, refusal: Refusal
) -> None:
    api.refusals[1] = refusal
    answer = client.get(f"/download/{STATEMENT}.{form}")
    assert error_of(answer) == (refusal[2], refusal[0])
    assert answer.json["error"]["message"] == refusal[1]


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_an_error_on_the_way_breaks_the_answer_off(api: DownloadsApi, client: FlaskClient, form: str) -> None:
    """It is raised while the server sends, which then does not end the answer as a whole one ends."""
    api.pages, api.refusals = 40, {40: FORBIDDEN}
    answer = client.get(f"/download/{STATEMENT}.{form}", buffered=False)
    assert answer.status_code == 200
    with pytest.raises(GatewayError):
        list(answer.response)


@pytest.mark.parametrize("rows", [3 * PER_PAGE - 1, 3 * PER_PAGE + 1])
def test_a_file_with_other_than_all_rows_is_broken_off_too(api: DownloadsApi, client: FlaskClient, rows: int) -> None:
    api.rows = rows
    answer = client.get(f"/download/{STATEMENT}.csv", buffered=False)
    with pytest.raises(Exception, match="rows"):
        list(answer.response)


def test_a_client_that_goes_away_ends_the_asking(api: DownloadsApi, client: FlaskClient) -> None:
    api.pages = 200
    answer = client.get(f"/download/{STATEMENT}.csv", buffered=False)
    chunks = iter(answer.response)
    assert next(chunks)
    answer.close()
    asked = len(api.asked)
    assert list(chunks) == []
    assert len(api.asked) == asked < 200


@pytest.mark.parametrize("path", [f"/download/{STATEMENT}.xlsx", several(OTHER, STATEMENT)])
def test_more_rows_than_a_sheet_holds_are_refused_before_any_byte(
    api: DownloadsApi, client: FlaskClient, path: str
) -> None:
    api.rows = MAX_ROWS + 1
    answer = client.get(path)
    assert error_of(answer) == (409, "too_large")
    assert "CSV or Parquet" in answer.json["error"]["message"]
    assert not [asked for asked in api.asked if "nextToken" in asked], "no further page is asked for"


def test_as_csv_there_is_no_such_limit(api: DownloadsApi, client: FlaskClient) -> None:
    api.rows = MAX_ROWS + 1
    answer = client.get(f"/download/{STATEMENT}.csv", buffered=False)
    assert (answer.status_code, answer.headers["X-Rows"]) == (200, str(MAX_ROWS + 1))
    answer.close()


@pytest.mark.parametrize("form", ["pdf", "CSV", "exe", "workbook"])
def test_an_unknown_format_is_refused(api: DownloadsApi, client: FlaskClient, form: str) -> None:
    assert error_of(client.get(f"/download/{STATEMENT}.{form}")) == (400, "bad_message")
    assert api.asked == []


@pytest.mark.parametrize("statement_id", ["x", "..", STATEMENT.upper(), f"{STATEMENT}x"])
def test_what_is_no_statements_id_is_not_asked_for(api: DownloadsApi, client: FlaskClient, statement_id: str) -> None:
    assert error_of(client.get(f"/download/{statement_id}.csv"))[0] in {400, 404}
    assert api.asked == []


@pytest.mark.parametrize(
    "path", [f"/download/{STATEMENT}.csv", f"/download/{STATEMENT}.xlsx", several(STATEMENT), "/exports/run%201/link"]
)
def test_a_request_without_sign_in_is_refused(api: DownloadsApi, anonymous: FlaskClient, path: str) -> None:
    assert error_of(anonymous.get(path)) == (401, "expired")
    assert (api.asked, api.tokens) == ([], set())


# ------------------------------------------------------------------------------------------------ a page's one workbook


def sheets_of(content: bytes) -> list[tuple[str, int]]:
    """Each sheet's name and how many rows it has, with its header."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    sheets = [(sheet.title, sum(1 for _ in sheet.iter_rows())) for sheet in book.worksheets]
    book.close()
    return sheets


def test_a_workbook_has_a_sheet_for_each_result(api: DownloadsApi, client: FlaskClient) -> None:
    """In the order in which they are asked for."""
    answer = client.get(several(STATEMENT, OTHER, f"{STATEMENT}:2"))
    *sheets, (last, _) = sheets_of(answer.data)
    assert sheets == [(name, 3 * PER_PAGE + 1) for name in ("Revenue by day", "Tips", "Tips (2)")]
    assert last == "About"
    assert {asked["download"] for asked in api.asked} == {"workbook"}
    assert answer.headers["X-Rows"] == str(9 * PER_PAGE)


def test_panels_that_show_one_result_share_its_sheet(api: DownloadsApi, client: FlaskClient) -> None:
    """Its rows are fetched, counted and recorded once."""
    answer = client.get(several(STATEMENT, OTHER, STATEMENT, OTHER, STATEMENT))
    assert [name for name, _ in sheets_of(answer.data)] == ["Revenue by day", "Tips", "About"]
    assert [asked["statement"] for asked in api.asked if "nextToken" not in asked] == [STATEMENT, OTHER]
    assert answer.headers["X-Rows"] == str(6 * PER_PAGE)


def test_a_workbook_is_named_after_its_page(client: FlaskClient) -> None:
    answer = client.get(several(STATEMENT, title="Finance"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Finance as of 2026-11-23 09.31.07.xlsx"'


@pytest.mark.parametrize("title", ["a\r\nSet-Cookie: x=1", '"; filename="evil.exe', "../../etc/passwd", "x" * 5000])
def test_a_title_cannot_break_the_header(client: FlaskClient, title: str) -> None:
    answer = client.get(several(STATEMENT, title=title))
    shown = answer.headers["Content-Disposition"]
    assert answer.status_code == 200
    assert "Set-Cookie: x=1" not in str(answer.headers).splitlines()
    assert shown.endswith('.xlsx"') or "UTF-8''" in shown
    assert ("/" in shown, len(shown) < 600) == (False, True)


def statement_ids(count: int) -> list[str]:
    return [f"{number:08x}-3b1e-4f7c-8d5e-2f9b6a1c4e80:99" for number in range(count)]


@pytest.mark.parametrize("count", [0, MAX_SHEETS + 1, 1_000])
def test_a_workbook_of_no_results_or_too_many_is_refused(api: DownloadsApi, client: FlaskClient, count: int) -> None:
    assert error_of(client.get(several(*statement_ids(count)))) == (400, "bad_message")
    assert api.asked == []


def test_a_workbook_of_as_many_results_as_allowed_is_whole(api: DownloadsApi, client: FlaskClient) -> None:
    api.pages, api.per_page = 1, 10
    answer = client.get(several(*statement_ids(MAX_SHEETS)))
    assert [rows for _, rows in sheets_of(answer.data)[:-1]] == [api.per_page + 1] * MAX_SHEETS


def test_as_many_results_as_allowed_fit_into_the_server_s_request_line() -> None:
    line = f"GET {several(*statement_ids(MAX_SHEETS), title='日' * 80)} HTTP/1.1"
    assert len(line) < LimitRequestLine.default


def test_one_forbidden_result_refuses_the_workbook(api: DownloadsApi, client: FlaskClient) -> None:
    api.refusals[1] = FORBIDDEN
    assert error_of(client.get(several(STATEMENT, OTHER))) == (403, "forbidden")


# --------------------------------------------------------------------------------------------------------------- links


def test_a_link_is_passed_on(client: FlaskClient) -> None:
    answer = client.get("/exports/run%201/link")
    assert answer.json["url"] == "https://bucket/file?X-Amz-Signature=x"
    assert (answer.json["rows"], answer.json["bytes"]) == (3, 90)


def test_that_there_is_no_link_yet_is_passed_on(client: FlaskClient) -> None:
    assert error_of(client.get("/exports/run-2/link")) == (409, "not_ready")


def test_the_page_of_exports_keeps_its_own_address(client: FlaskClient) -> None:
    """A reload asks for the page."""
    assert client.get("/exports").status_code == 404, "no route of the server's, where there are no pages"
