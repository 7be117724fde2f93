"""GET /reports: what this user may see, and where authors have made mistakes."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from backend_lambdas.handlers.rest import get_reports
from tests.backend_lambdas.lambda_fakes import REPORT

Get = Callable[[str], dict[str, Any]]


@pytest.fixture
def published(put: Any, wire: Callable[..., None]) -> Any:
    put("reports/finance/revenue.sql", REPORT.replace("cache:", "order: 2\ncache:"))
    put("reports/finance/payments.sql", REPORT.replace("cache:", "order: 1\ncache:"))
    put("reports/finance/broken.sql", REPORT.replace("title:", "tilte:"))
    put("reports/ride_quality/speed.sql", REPORT)
    put("reports/orphan.sql", REPORT)
    wire(REPORTS_S3_PATH=f"s3://{put.bucket}/reports/")
    return put


@pytest.fixture
def get(published: Any, recorded: Callable[[str], dict[str, Any]]) -> Get:
    def request(groups: str) -> dict[str, Any]:
        event = recorded("get_reports")
        event["requestContext"]["authorizer"]["claims"]["cognito:groups"] = groups
        answer = get_reports.handler(event, None)
        assert answer["statusCode"] == 200
        body: dict[str, Any] = json.loads(answer["body"])
        return body

    return request


def test_a_department_sees_its_own_in_order(get: Get) -> None:
    body = get("finance,editors")
    assert body["departments"] == [{"id": "finance", "title": "Finance"}]
    assert [report["id"] for report in body["reports"]] == ["payments", "revenue"]


def test_a_report_tells_what_a_client_needs(get: Get) -> None:
    (report,) = get("ride_quality")["reports"]
    assert report["version"]
    del report["version"]
    assert report == {
        "id": "speed",
        "department": "ride_quality",
        "title": "Revenue by day",
        "description": "",
        "parameters": [
            {"name": "month", "type": "month", "label": "Trip month", "default": "2015-12", "required": False}
        ],
        "chart": {"type": "line", "x": "trip_date", "y": ["total_fare"]},
        "columns": {},
        "cacheSeconds": 900,
        "timeoutSeconds": 60,
        "size": "half",
        "order": 100,
        "empty": "No rows for these filters.",
        "limit": 50000,
        "hidden": False,
        "live": True,
        "liveSeconds": None,
        "freshSeconds": None,
        "changedAt": None,
        "tables": ["public.nyc_yellow_taxi"],
        "download": True,
    }


@pytest.mark.parametrize("groups", ["", "marketing", "Finance", "authors"])
def test_nobody_learns_of_other_departments(get: Get, groups: str) -> None:
    assert get(groups) == {"departments": [], "reports": [], "broken": []}


def test_admins_see_every_department(get: Get) -> None:
    body = get("admins")
    assert body["departments"] == [
        {"id": "finance", "title": "Finance"},
        {"id": "ride_quality", "title": "Ride quality"},
    ]
    assert len(body["reports"]) == 3


def test_a_viewer_learns_only_that_a_report_is_broken(get: Get) -> None:
    assert get("finance")["broken"] == [{"id": "broken", "department": "finance"}]


def test_an_author_learns_where_and_why(get: Get) -> None:
    assert get("finance,authors")["broken"] == [
        {
            "id": "broken",
            "department": "finance",
            "file": "finance/broken.sql",
            "line": 2,
            "reason": "unknown key 'tilte' (did you mean 'title'?)",
        }
    ]


def test_a_department_is_called_as_its_file_says(published: Any, get: Get) -> None:
    published("reports/ride_quality/department.yaml", "title: A ride\norder: 1\ndescription: How it felt.")
    assert get("admins")["departments"] == [
        {"id": "ride_quality", "title": "A ride", "description": "How it felt."},
        {"id": "finance", "title": "Finance"},
    ]


def test_pages_come_in_their_order_and_make_no_department(published: Any, get: Get) -> None:
    published("reports/pages/management/index.yaml", "title: All\ngroups: [finance]\norder: 2\npanels: [revenue]")
    published("reports/pages/finance/first.yaml", "title: First\norder: 1\npanels: [revenue]")
    listed = get("finance")
    assert [page["id"] for page in listed["pages"]] == ["finance/first", "management/index"]
    assert [one["id"] for one in listed["departments"]] == ["finance"], "that has reports of its own"
    assert [page["departmentTitle"] for page in listed["pages"]] == ["Finance", "Management"]
    assert "pages" not in get("ride_quality")


def test_what_all_departments_use_is_no_department(published: Any, get: Get) -> None:
    published("reports/shared/months.sql", REPORT.replace("cache:", "hidden: true\ncache:"))
    rows = "default: {report: months, column: trip_date}"
    published("reports/finance/trips.sql", REPORT.replace("default: 2015-12", rows))
    listed = get("finance")
    assert [one["id"] for one in listed["departments"]] == ["finance"]
    assert {report["id"]: report["department"] for report in listed["reports"]}["months"] == "finance"
    assert "months" not in [report["id"] for report in get("ride_quality")["reports"]]


def test_an_author_learns_of_mistakes_in_departments_and_pages(published: Any, get: Get) -> None:
    published("reports/finance/department.yaml", "titel: Money")
    published("reports/pages/finance/index.yaml", "title: [")
    files = ["finance/broken.sql", "finance/department.yaml", "pages/finance/index.yaml"]
    assert set(files) <= {one["file"] for one in get("finance,authors")["broken"]}
    told = get("finance")["broken"]
    assert all("id" in one and "reason" not in one for one in told), "reports that do not work, and no more"


def test_a_file_in_no_department_is_told_to_admins(get: Get) -> None:
    assert [broken["file"] for broken in get("admins")["broken"]] == ["finance/broken.sql", "orphan.sql"]


def test_without_s3_the_answer_is_an_error_of_the_contract(
    published: Any, recorded: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> Any:
        raise EndpointConnectionError(endpoint_url="https://s3.invalid")

    monkeypatch.setattr(get_reports.build().catalog, "_bucket", SimpleNamespace(catalogue=fail))
    answer = get_reports.handler(recorded("get_reports"), None)
    assert answer["statusCode"] == 503
    assert json.loads(answer["body"])["error"]["code"] == "warehouse_unavailable"


def test_a_report_that_changed_this_moment_is_seen(get: Get, published: Any) -> None:
    """Whoever was told so asks at once."""
    assert "latest" not in str(get("finance"))
    published("reports/finance/latest.sql", REPORT)
    assert "latest" in [report["id"] for report in get("finance")["reports"]]


def test_only_authors_and_admins_are_shown_the_sql(get: Get) -> None:
    assert all("sql" not in report for report in get("finance")["reports"])
    for groups in ("finance,authors", "admins"):
        assert all(report["sql"].startswith("SELECT") for report in get(groups)["reports"])


def test_what_is_hidden_is_listed_as_such(get: Get, published: Any) -> None:
    """A page takes choices from it and shows no panel."""
    published("reports/finance/payment_types.sql", "/*---\ntitle: Payment types\nhidden: true\n---*/\nSELECT 1 AS id")
    shown = {report["id"]: report["hidden"] for report in get("finance")["reports"]}
    assert shown == {"payments": False, "revenue": False, "payment_types": True}


@pytest.mark.parametrize(
    ("download", "may"),
    [
        ("true", {"finance", "admins", "finance,board"}),
        ("[board]", {"admins", "finance,board"}),
        ("[]", set()),
        ("false", set()),
    ],
)
def test_each_user_learns_whether_the_rows_are_theirs_to_take(
    get: Get, published: Any, download: str, may: set[str]
) -> None:
    """Where nobody may take them, not even admins may."""
    published("reports/finance/taken.sql", REPORT.replace("cache:", f"download: {download}\ncache:"))
    for groups in ("finance", "finance,board", "admins"):
        notified = {report["id"]: report["download"] for report in get(groups)["reports"]}
        assert notified["taken"] is (groups in may), groups


def test_texts_are_in_the_language_that_the_client_accepts(published: Any, recorded: Callable[..., Any]) -> None:
    published("reports/finance/said.sql", REPORT.replace("title: Revenue by day", "title: {en: Revenue, de: Umsatz}"))
    event = recorded("get_reports")
    event["requestContext"]["authorizer"]["claims"]["cognito:groups"] = "finance"
    titles = []
    for headers in ({}, {"accept-language": "de-DE,de;q=0.9"}, {"Accept-Language": "fr"}):
        body = json.loads(get_reports.handler(event | {"headers": headers}, None)["body"])
        titles.append(next(one["title"] for one in body["reports"] if one["id"] == "said"))
    assert titles == ["Revenue", "Umsatz", "Revenue"]
