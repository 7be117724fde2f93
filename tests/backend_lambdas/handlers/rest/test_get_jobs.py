"""GET /jobs and GET /jobs/runs: their texts are in the language that the client accepts."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.handlers.rest import get_jobs
from backend_lambdas.messages import Start
from tests.backend_lambdas.jobs.files import job
from tests.backend_lambdas.lambda_fakes import REPORT, World, principal

Get = Callable[..., dict[str, Any]]

JOB = """/*---
title: {en: Add trips, de: Fahrten ergänzen}
groups: [finance]
writes: [nyc_yellow_taxi]
---*/
-- step: Add
INSERT INTO nyc_yellow_taxi SELECT 1;
"""


@pytest.fixture
def get(put: Any, wire: Callable[..., None], recorded: Callable[[str], dict[str, Any]]) -> Get:
    """The body of an answer to a member of `finance`, whose client accepts a language."""
    put("jobs/finance/add.sql", JOB)
    put("reports/finance/department.yaml", "title: {en: Money, de: Geld}")
    put("reports/finance/revenue.sql", REPORT.replace("Revenue by day", "{en: Revenue, de: Umsatz}"))
    put("reports/finance/hidden.sql", REPORT.replace("cache:", "hidden: true\ncache:"))
    put("reports/operations/trips.sql", REPORT)
    wire(JOBS_S3_PATH=f"s3://{put.bucket}/jobs/", REPORTS_S3_PATH=f"s3://{put.bucket}/reports/")

    def request(resource: str, language: str) -> dict[str, Any]:
        event = recorded("get_reports") | {"resource": resource, "headers": {"Accept-Language": language}}
        event["requestContext"]["authorizer"]["claims"]["cognito:groups"] = "finance"
        answer = get_jobs.handler(event, None)
        assert answer["statusCode"] == 200
        body: dict[str, Any] = json.loads(answer["body"])
        return body

    return request


@pytest.mark.parametrize(
    ("language", "title", "department", "reader"),
    [("de-DE,de;q=0.9", "Fahrten ergänzen", "Geld", "Umsatz"), ("fr", "Add trips", "Money", "Revenue")],
)
def test_a_job_its_department_and_its_readers_are_called_as_the_client_reads(
    get: Get, language: str, title: str, department: str, reader: str
) -> None:
    (found,) = get("/jobs", language)["jobs"]
    assert (found["title"], found["departmentTitle"]) == (title, department)
    known = {"id": "revenue", "department": "finance", "departmentTitle": department, "title": reader}
    assert found["readers"] == [known]


def test_a_department_without_a_file_is_called_by_its_name(get: Get, put: Any) -> None:
    put("jobs/ride_quality/clear.sql", JOB)
    found = get("/jobs", "de")["jobs"]
    assert {one["id"]: one["departmentTitle"] for one in found} == {"add": "Geld", "clear": "Ride quality"}


def test_a_run_on_record_is_called_as_its_job_unless_that_has_another_title_now(
    get: Get, put: Any, world: World
) -> None:
    world.job_runner_over().start(job(JOB, "finance/add.sql"), Start("jobs", "add", "run-1"), principal("finance"))
    told = [run["title"] for language in ("en", "de") for run in get("/jobs/runs", language)["runs"]]
    assert told == ["Add trips", "Fahrten ergänzen"]
    put("jobs/finance/add.sql", JOB.replace("{en: Add trips, de: Fahrten ergänzen}", "{en: More, de: Mehr}"))
    get_jobs.build.cache_clear()
    assert [run["title"] for run in get("/jobs/runs", "de")["runs"]] == ["Add trips"]
