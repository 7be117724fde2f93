"""What goes into the bucket: the files that differ from what is there, under their prefix, in our own bucket only."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.deploy.artifacts.uploads import (
    LOAD_SCRIPT,
    REPORTS_PREFIX,
    SETUP_PREFIX,
    Synced,
    digest,
    load_script,
    report_files,
    sample_data,
    sample_files,
    sample_prefix,
    setup_files,
    sync,
)
from infra.local.cloudformation import deployment
from infra.local.cloudformation.stack import Stack
from infra.sample import Simulated
from tests.infra.test_templates import GIVEN
from tests.infra.webapp import REPO

OWNER = "123456789012"
BUCKET = "artifacts"
FILES = {"finance/revenue.sql": b"SELECT 1", "operations/trips.sql": b"SELECT 2"}


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    """One, since each reads what it knows of a service anew."""
    return boto3.Session("key", "secret", region_name="us-east-1")


@pytest.fixture
def s3(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = session.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client
        client.close()


@pytest.fixture
def calls(s3) -> list[tuple[str, dict[str, Any]]]:
    """Every call from here on, with its arguments."""
    made: list[tuple[str, dict[str, Any]]] = []

    def note(model: Any, params: dict[str, Any], **_: Any) -> None:
        made.append((model.name, params))

    s3.meta.events.register("provide-client-params.s3", note)
    return made


def contents(s3: Any) -> dict[str, bytes]:
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    return {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


class TestSync:
    def test_what_is_new_is_put(self, s3) -> None:
        synced = sync(s3, BUCKET, "sql/", FILES, owner=OWNER)
        assert synced == Synced(put=("finance/revenue.sql", "operations/trips.sql"), removed=(), same=())
        assert contents(s3) == {f"sql/{key}": content for key, content in FILES.items()}

    def test_of_what_is_there_only_what_differs_is_put_again(self, s3, calls) -> None:
        sync(s3, BUCKET, "sql/", FILES, owner=OWNER)
        calls.clear()
        changed = FILES | {"finance/revenue.sql": b"SELECT 3"}
        assert sync(s3, BUCKET, "sql/", changed, owner=OWNER) == Synced(
            put=("finance/revenue.sql",), removed=(), same=("operations/trips.sql",)
        )
        assert [name for name, _ in calls] == ["ListObjectsV2", "PutObject"]
        assert contents(s3)["sql/finance/revenue.sql"] == b"SELECT 3"

    def test_files_and_bytes_are_told_apart_by_their_content_alone(self, s3, tmp_path: Path) -> None:
        (tmp_path / "revenue.sql").write_bytes(FILES["finance/revenue.sql"])
        sync(s3, BUCKET, "sql/", FILES, owner=OWNER)
        again = sync(s3, BUCKET, "sql/", FILES | {"finance/revenue.sql": tmp_path / "revenue.sql"}, owner=OWNER)
        assert again.put == ()
        (tmp_path / "revenue.sql").write_bytes(b"SELECT 4")
        sync(s3, BUCKET, "sql/", {"finance/revenue.sql": tmp_path / "revenue.sql"}, owner=OWNER)
        assert contents(s3)["sql/finance/revenue.sql"] == b"SELECT 4"

    def test_what_is_gone_here_stays_there_unless_it_is_to_go(self, s3) -> None:
        sync(s3, BUCKET, "sql/", FILES, owner=OWNER)
        fewer = {"finance/revenue.sql": FILES["finance/revenue.sql"]}
        assert sync(s3, BUCKET, "sql/", fewer, owner=OWNER).removed == ()
        assert len(contents(s3)) == 2
        assert sync(s3, BUCKET, "sql/", fewer, owner=OWNER, remove=True) == Synced(
            put=(), removed=("operations/trips.sql",), same=("finance/revenue.sql",)
        )
        assert contents(s3) == {"sql/finance/revenue.sql": b"SELECT 1"}

    def test_what_ends_otherwise_is_nobodys_file_and_stays(self, s3) -> None:
        """Such as the catalogue of the reports, which a function writes beside them."""
        sync(s3, BUCKET, "sql/", FILES | {"catalogue.json": b"{}"}, owner=OWNER)
        synced = sync(s3, BUCKET, "sql/", {}, owner=OWNER, remove=True, suffix=".sql")
        assert synced.removed == ("finance/revenue.sql", "operations/trips.sql")
        assert set(contents(s3)) == {"sql/catalogue.json"}

    def test_nothing_beside_the_prefix_is_touched(self, s3) -> None:
        s3.put_object(Bucket=BUCKET, Key="sql.txt", Body=b"beside")
        s3.put_object(Bucket=BUCKET, Key="lambdas/1.zip", Body=b"code")
        sync(s3, BUCKET, "sql/", {}, owner=OWNER, remove=True)
        assert set(contents(s3)) == {"sql.txt", "lambdas/1.zip"}

    def test_more_than_one_page_of_the_bucket_is_looked_at(self, s3, calls) -> None:
        def small_pages(params: dict[str, Any], **_: Any) -> None:
            params["MaxKeys"] = 2

        s3.meta.events.register("provide-client-params.s3.ListObjectsV2", small_pages)
        many = {f"{number}.sql": b"" for number in range(5)}
        sync(s3, BUCKET, "sql/", many, owner=OWNER)
        calls.clear()
        assert sync(s3, BUCKET, "sql/", many, owner=OWNER).same == tuple(many)
        assert len(calls) == 3
        assert sync(s3, BUCKET, "sql/", {}, owner=OWNER, remove=True).removed == tuple(many)

    def test_each_call_names_whose_bucket_it_must_be(self, s3, calls) -> None:
        """S3 refuses the call if it is another's."""
        sync(s3, BUCKET, "sql/", FILES, owner=OWNER)
        sync(s3, BUCKET, "sql/", {}, owner=OWNER, remove=True)
        assert {name for name, _ in calls} == {"ListObjectsV2", "PutObject", "DeleteObjects"}
        assert {params.get("ExpectedBucketOwner") for _, params in calls} == {OWNER}


class TestSql:
    def test_reports_lie_as_the_functions_look_for_them(self) -> None:
        """By department and name below the prefix, as on a laptop."""
        files = report_files(REPO)
        assert files["finance/revenue.sql"] == REPO / "sql/reports/finance/revenue.sql"
        assert sum(name.endswith(".sql") for name in files) == len(list((REPO / "sql/reports").rglob("*.sql"))) > 20

    def test_departments_files_pages_and_maps_lie_beside_them(self, tmp_path: Path) -> None:
        files = ("department.yaml", "notes.yaml")
        for name in (*(f"reports/finance/{file}" for file in files), "pages/finance/index.yaml", "maps/city.geojson"):
            (tmp_path / "sql" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "sql" / name).write_text("title: X")
        expected = {"finance/department.yaml", "pages/finance/index.yaml", "maps/city.geojson"}
        assert set(report_files(tmp_path)) == expected
        assert REPORTS_PREFIX == deployment.REPORTS_PREFIX

    def test_setup_scripts_are_all_there(self) -> None:
        files = ["10_tables.sql", "20_loaded.sql", "30_grants.sql", "35_jobs.sql", "40_limits.sql", "50_public.sql"]
        assert sorted(setup_files(REPO)) == files
        assert SETUP_PREFIX == deployment.SETUP_PREFIX

    def test_the_script_that_loads_lies_where_the_laptop_has_it(self) -> None:
        assert load_script(REPO).is_file()
        assert LOAD_SCRIPT.startswith(deployment.LOAD_PREFIX)
        assert load_script(REPO).name not in setup_files(REPO)

    def test_what_is_no_script_is_left(self, tmp_path: Path) -> None:
        folder = tmp_path / "sql" / "reports" / "finance"
        folder.mkdir(parents=True)
        (folder / "a.sql").write_text("SELECT 1")
        (folder / "a.sql~").write_text("SELECT 0")
        (folder / "README.md").write_text("Notes")
        assert set(report_files(tmp_path)) == {"finance/a.sql"}

    def test_the_digest_tells_names_and_contents(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"1")
        same = digest({"a": b"1"})
        assert digest({"a": tmp_path / "a"}) == same
        assert len({same, digest({"b": b"1"}), digest({"a": b"2"}), digest({"a": b"1", "b": b""})}) == 4

    def test_the_digest_can_be_the_parameter(self) -> None:
        stack = Stack.read(REPO / "infra/backend-setup.yaml", GIVEN | {"DDLScriptsDigest": digest(setup_files(REPO))})
        properties = stack.resource("SetupRedshift").properties
        assert properties["DDLScriptsDigest"] == digest(setup_files(REPO))


class TestSample:
    def test_the_trips_of_a_laptop_lie_under_a_path_of_their_own(self, s3, tmp_path: Path) -> None:
        sample = sample_data(Simulated(rows=2), tmp_path)
        prefix = sample_prefix(sample)
        sync(s3, BUCKET, prefix, sample_files(sample), owner=OWNER)
        assert set(contents(s3)) == {f"{prefix}{path.name}" for path in sample.files}
        assert all(content.startswith(b"PAR1") for content in contents(s3).values())
        Stack.read(REPO / "infra/backend-setup.yaml", GIVEN | {"SampleDataS3Path": f"s3://{BUCKET}/{prefix}"})

    def test_other_trips_lie_elsewhere(self, tmp_path: Path) -> None:
        sample = sample_data(Simulated(rows=1), tmp_path)
        assert sample_prefix(sample) != sample_prefix(replace(sample, fingerprint="another"))
