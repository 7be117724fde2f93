"""The jobs in S3: listed at most once a second, read when they change, each broken by itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backend_lambdas.errors import UnknownJob, WarehouseUnavailable
from backend_lambdas.jobs.job_catalog import FRESH_SECONDS, JobCatalog
from backend_lambdas.jobs.job_file import BrokenJob, Job
from tests.backend_lambdas.counting_s3 import Clock, Counting
from tests.backend_lambdas.jobs.files import WHOLE, one_step
from tests.backend_lambdas.lambda_fakes import principal

Put = Callable[[str, str | bytes], None]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counting(s3: Any) -> Counting:
    return Counting(s3)


@pytest.fixture
def catalog(counting: Counting, put: Put, clock: Clock) -> JobCatalog:
    return JobCatalog(counting, f"s3://{put.bucket}/jobs/", clock)  # type: ignore[attr-defined]


def test_jobs_are_found_by_their_names(catalog: JobCatalog, put: Put) -> None:
    put("jobs/operations/load.sql", WHOLE)
    put("jobs/finance/close.sql", WHOLE)
    put("jobs/README.md", "not a job")
    put("reports/finance/other.sql", WHOLE)
    assert {job.id: job.department for job in catalog.all().values()} == {"load": "operations", "close": "finance"}


def test_s3_is_listed_at_most_once_a_second(catalog: JobCatalog, counting: Counting, put: Put, clock: Clock) -> None:
    put("jobs/operations/load.sql", WHOLE)
    old = catalog.all()
    put("jobs/operations/other.sql", WHOLE)
    clock.now += FRESH_SECONDS - 0.01
    assert catalog.all() is old
    assert counting.listings == 1
    clock.now += 0.01
    assert set(catalog.all()) == {"load", "other"}
    assert counting.listings == 2


def test_only_files_that_changed_are_read(
    catalog: JobCatalog, counting: Counting, put: Put, clock: Clock, s3: Any
) -> None:
    for name in ("a", "b", "c"):
        put(f"jobs/operations/{name}.sql", WHOLE)
    catalog.all()
    put("jobs/operations/b.sql", WHOLE.replace("title: One", "title: Two"))
    s3.delete_object(Bucket=put.bucket, Key="jobs/operations/a.sql")  # type: ignore[attr-defined]
    clock.now += FRESH_SECONDS
    counting.read.clear()
    found = catalog.all()
    assert set(found) == {"b", "c"}
    assert counting.read == ["jobs/operations/b.sql"]
    changed = found["b"]
    assert isinstance(changed, Job)
    assert changed.header.title == "Two"


def test_a_file_that_goes_while_it_is_listed_is_left_out(
    catalog: JobCatalog, counting: Counting, put: Put, s3: Any
) -> None:
    put("jobs/operations/a.sql", WHOLE)
    put("jobs/operations/b.sql", WHOLE)

    def delete(key: str) -> None:
        if key.endswith("a.sql"):
            s3.delete_object(Bucket=put.bucket, Key=key)  # type: ignore[attr-defined]

    counting.before_read = delete
    assert set(catalog.all()) == {"b"}


def test_a_broken_file_takes_down_only_itself(catalog: JobCatalog, put: Put) -> None:
    put("jobs/operations/load.sql", WHOLE)
    put("jobs/operations/bad.sql", b"\xff")
    found = catalog.all()
    assert isinstance(found["load"], Job)
    assert isinstance(found["bad"], BrokenJob)


def test_of_two_files_with_one_name_the_first_keeps_it(catalog: JobCatalog, put: Put) -> None:
    put("jobs/operations/load.sql", WHOLE)
    put("jobs/finance/load.sql", WHOLE)
    found = catalog.all()
    assert found["load"].department == "finance"
    assert isinstance(found["operations.load"], BrokenJob)


def test_who_may_start_a_job(catalog: JobCatalog, put: Put) -> None:
    put("jobs/operations/load.sql", WHOLE)
    put("jobs/operations/admins_only.sql", one_step("DELETE FROM t"))
    put("jobs/operations/bad.sql", "")
    assert catalog.runnable("load", principal("operations")).id == "load"
    assert catalog.runnable("load", principal("admins")).id == "load"
    assert catalog.runnable("admins_only", principal("admins")).id == "admins_only"
    for job_id, group in [("load", "finance"), ("admins_only", "operations"), ("bad", "operations"), ("x", "admins")]:
        with pytest.raises(UnknownJob, match=r"There is no job of this name, or you may not start it\."):
            catalog.runnable(job_id, principal(group))
    with pytest.raises(UnknownJob, match="has a mistake in its file"):
        catalog.runnable("bad", principal("admins"))
    assert (UnknownJob.code, UnknownJob.status) == ("unknown_job", 404)


def test_without_s3_there_is_no_answer_and_then_there_is(catalog: JobCatalog, counting: Counting, put: Put) -> None:
    put("jobs/operations/load.sql", WHOLE)
    counting.down = True
    with pytest.raises(WarehouseUnavailable):
        catalog.all()
    counting.down = False
    assert set(catalog.all()) == {"load"}


def test_many_threads_list_once(catalog: JobCatalog, counting: Counting, put: Put) -> None:
    for name in ("a", "b", "c"):
        put(f"jobs/operations/{name}.sql", WHOLE)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: set(catalog.all()), range(64)))
    assert answers == [{"a", "b", "c"}] * 64
    assert (counting.listings, len(counting.read)) == (1, 3)


def test_the_names_of_deployment_values_are_an_argument(counting: Counting, put: Put) -> None:
    put("jobs/operations/load.sql", one_step("COPY t FROM '${OTHER}'"))
    location = f"s3://{put.bucket}/jobs/"  # type: ignore[attr-defined]
    assert isinstance(JobCatalog(counting, location).all()["load"], BrokenJob)
    assert isinstance(JobCatalog(counting, location, variables=["OTHER"]).all()["load"], Job)
