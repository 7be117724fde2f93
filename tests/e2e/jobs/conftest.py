"""A laptop's AWS with a small warehouse and a few jobs, and plain clients of it."""

import functools
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from infra.sample import Simulated
from tests.infra.local.laptop import FaultyAws, Tab, copy_of_the_project, execute, running, sign_in

HEAD = "/*---\ntitle: {title}\ngroups: [operations]\nwrites: [{writes}]\n{more}---*/\n"
SLOW = (
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {rows}) SELECT count(*) > 0 AS ok FROM r"
)


def job(*steps: str, title: str = "A job", writes: str = "jobs.ones", more: str = "") -> str:
    return HEAD.format(title=title, writes=writes, more=more) + "".join(steps)


def step(name: str, sql: str) -> str:
    return f"\n-- step: {name}\n{sql};\n"


def check(name: str, sql: str) -> str:
    return f"\n-- check: {name}\n{sql};\n"


ADD = "INSERT INTO jobs.ones VALUES ({number})"
NUMBER = "parameters:\n  number: {type: integer, default: 1}\n"
JOBS = {
    "add": job(step("Add one", "INSERT INTO jobs.ones SELECT :number"), more=NUMBER, title="Add a number"),
    "not_true": job(step("Add", ADD.format(number=100)), check("Nothing there", "SELECT count(*) = 0 FROM jobs.ones")),
    "half": job(
        step("First", ADD.format(number=200)),
        step("Second", "INSERT INTO jobs.ones SELECT 'x'::integer"),
        step("Third", ADD.format(number=201)),
        more="transaction: each step\n",
    ),
    "slow": job(
        step("Add", "INSERT INTO jobs.ones SELECT :number"),
        check("Long", SLOW.format(rows=1_000_000_000)),
        more=NUMBER,
        title="Slow",
    ),
    "impatient": job(step("Add", ADD.format(number=300)), more="when_busy: refuse\n"),
    "agreed": job(
        step("Add", "INSERT INTO jobs.ones SELECT :number"),
        more="approve: [finance]\n" + NUMBER,
    ),
    "hurried": job(
        step("Add", ADD.format(number=400)), check("Long", SLOW.format(rows=1_000_000_000)), more="timeout: 2s\n"
    ),
    "steps": job(
        step("First", "INSERT INTO jobs.ones SELECT :number"),
        step("Second", "INSERT INTO jobs.ones SELECT :number + 1"),
        check("Both there", "SELECT count(*) >= 2 FROM jobs.ones WHERE one BETWEEN :number AND :number + 1"),
        more="transaction: each step\n" + NUMBER,
    ),
    "unread": job(step("Add", "INSERT INTO jobs.unread VALUES (1)"), writes="jobs.unread"),
    "foreign": job(step("Clear", "DELETE FROM trips_loaded"), writes="trips_loaded"),
    "unsaid": job(step("Clear", "DELETE FROM nyc_yellow_taxi")),
}
SETUP = (
    "CREATE SCHEMA jobs",
    "CREATE TABLE jobs.ones (one integer)",
    "CREATE TABLE jobs.unread (one integer)",
    "GRANT USAGE ON SCHEMA jobs TO pushboard_jobs",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.ones TO pushboard_jobs",
    "GRANT SELECT, INSERT ON jobs.unread TO pushboard_jobs",
    "GRANT USAGE ON SCHEMA jobs TO pushboard_reader",
    "GRANT SELECT ON jobs.ones TO pushboard_reader",
)
REPORT = "/*---\ntitle: Ones\ncache: 1h\nchart: {type: table}\n---*/\nSELECT count(*) AS ones FROM jobs.ones"


class JobTab(Tab):
    """A tab that starts jobs and hears of them."""

    def start(self, job_id: str, run_id: str = "", **parameters: Any) -> str:
        run_id = run_id or str(uuid.uuid4())
        self.send(action="start", topicName=job_id, job=job_id, runId=run_id, parameters=parameters)
        return run_id

    def until(self, run_id: str, *types: str) -> dict[str, Any]:
        while (message := self.receive(run_id))["type"] not in types:
            pass
        return message

    def end(self, run_id: str) -> dict[str, Any]:
        return self.until(run_id, "finished", "failed", "cancelled", "rejected")

    def run_job(self, job_id: str, **parameters: Any) -> dict[str, Any]:
        return self.end(self.start(job_id, **parameters))


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyAws]:
    repo = copy_of_the_project(tmp_path_factory.mktemp("repo") / "pushboard", "none/none")
    (repo / "sql/reports/operations/ones.sql").write_text(REPORT)
    for name, text in JOBS.items():
        (repo / "sql/jobs/operations" / f"{name}.sql").write_text(text)
    with running(tmp_path_factory.mktemp("var"), repo, sample=Simulated(2_000)) as aws:
        for sql in SETUP:
            execute(aws, sql)
        yield aws


def count(aws: FaultyAws, number: int) -> int:
    """How often a number stands in the table."""
    statement = execute(aws, f"SELECT count(*) FROM jobs.ones WHERE one = {number}")
    return int(aws.clients["redshift-data"].get_statement_result(Id=statement)["Records"][0][0]["longValue"])


@functools.cache
def token_of(aws: FaultyAws, email: str) -> str:
    """A token for all requests of a user here: signing in takes its time."""
    return sign_in(aws, email)


def get(aws: FaultyAws, path: str, email: str = "ops@example.com", status: int = 200) -> dict[str, Any]:
    answer = requests.get(f"{aws.rest_url}{path}", headers={"Authorization": token_of(aws, email)}, timeout=20)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


@pytest.fixture
def tab(aws: FaultyAws) -> Iterator[JobTab]:
    tab = JobTab(aws, sign_in(aws))
    yield tab
    tab.close()


@pytest.fixture
def admin(aws: FaultyAws) -> Iterator[JobTab]:
    tab = JobTab(aws, sign_in(aws, "admin@example.com"))
    yield tab
    tab.close()
