"""SQL files are in the bucket, and stay equal to the folder."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.publishing import Publisher, Watcher
from tests.infra.local.endpoints import Endpoint, endpoint

PREFIX = "sql/reports/"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Endpoint]:
    with endpoint(tmp_path / "s3") as running:
        yield running


@pytest.fixture
def s3(there: Endpoint) -> Any:
    client = there.client("s3")
    client.create_bucket(Bucket="pushboard")
    return client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    reports = tmp_path / "reports"
    (reports / "finance").mkdir(parents=True)
    (reports / "finance" / "revenue.sql").write_text("SELECT 1")
    (reports / "README.md").write_text("not a report")
    return reports


def keys(s3: Any) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket="pushboard", Prefix=PREFIX).get("Contents", ())]


def published(s3: Any) -> dict[str, bytes]:
    return {key: s3.get_object(Bucket="pushboard", Key=key)["Body"].read() for key in keys(s3)}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def test_sql_files_and_only_those_are_published(s3: Any, folder: Path) -> None:
    Publisher(s3, "pushboard", PREFIX, folder).publish()
    assert published(s3) == {"sql/reports/finance/revenue.sql": b"SELECT 1"}


def test_a_map_is_published_when_it_changes(s3: Any, folder: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "maps" / "city.geojson"
    drawn.parent.mkdir()
    publisher = Publisher(s3, "pushboard", PREFIX, folder, {"maps/": drawn.parent})
    publisher.publish()
    drawn.write_text("{}")
    assert publisher.publish() == ["maps/city.geojson"]
    assert published(s3)["sql/reports/maps/city.geojson"] == b"{}"


def test_another_folder_lies_inside(s3: Any, folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "finance" / "index.yaml"
    page.parent.mkdir(parents=True)
    page.write_text("title: X")
    publisher = Publisher(s3, "pushboard", PREFIX, folder, {"pages/": tmp_path / "pages"})
    assert sorted(publisher.publish()) == ["finance/revenue.sql", "pages/finance/index.yaml"]
    page.unlink()
    assert publisher.publish() == ["pages/finance/index.yaml"]
    assert list(published(s3)) == ["sql/reports/finance/revenue.sql"]


def test_what_an_earlier_run_left_and_is_gone_now_is_deleted(s3: Any, folder: Path) -> None:
    s3.put_object(Bucket="pushboard", Key=PREFIX + "finance/old.sql", Body=b"x")
    s3.put_object(Bucket="pushboard", Key="sql/setup/10.sql", Body=b"untouched")
    Publisher(s3, "pushboard", PREFIX, folder).publish()
    assert list(published(s3)) == ["sql/reports/finance/revenue.sql"]
    assert s3.get_object(Bucket="pushboard", Key="sql/setup/10.sql")["Body"].read() == b"untouched"


def test_what_an_earlier_run_left_unchanged_is_not_uploaded_again(s3: Any, folder: Path) -> None:
    Publisher(s3, "pushboard", PREFIX, folder).publish()
    s3.put_object(Bucket="pushboard", Key=PREFIX + "catalogue.json", Body=b"{}")
    (folder / "finance" / "new.sql").write_text("SELECT 2")
    assert Publisher(s3, "pushboard", PREFIX, folder).publish() == ["finance/new.sql"]
    assert set(keys(s3)) == {PREFIX + name for name in ("catalogue.json", "finance/new.sql", "finance/revenue.sql")}


def test_publishing_again_uploads_only_what_changed(s3: Any, folder: Path) -> None:
    publisher = Publisher(s3, "pushboard", PREFIX, folder)
    publisher.publish()
    assert publisher.publish() == []
    (folder / "finance" / "new.sql").write_text("SELECT 2")
    assert publisher.publish() == ["finance/new.sql"]


def test_the_digest_follows_names_and_contents(s3: Any, folder: Path) -> None:
    publisher = Publisher(s3, "pushboard", PREFIX, folder)
    first = publisher.digest()
    assert publisher.digest() == first
    (folder / "finance" / "revenue.sql").write_text("SELECT 3")
    second = publisher.digest()
    (folder / "finance" / "revenue.sql").rename(folder / "finance" / "income.sql")
    assert len({first, second, publisher.digest()}) == 3


def test_a_watcher_publishes_new_changed_and_deleted_files(s3: Any, folder: Path) -> None:
    said: list[str] = []
    publisher = Publisher(s3, "pushboard", PREFIX, folder)
    publisher.publish()
    watcher = Watcher(publisher, said.append)
    watcher.start()
    try:
        (folder / "operations").mkdir()
        (folder / "operations" / "trips.sql").write_text("SELECT 2")
        until(lambda: "sql/reports/operations/trips.sql" in keys(s3))
        (folder / "finance" / "revenue.sql").write_text("SELECT 100")
        until(lambda: published(s3)["sql/reports/finance/revenue.sql"] == b"SELECT 100")
        (folder / "operations" / "trips.sql").unlink()
        until(lambda: "sql/reports/operations/trips.sql" not in keys(s3))
    finally:
        watcher.stop()
    assert said == ["Published operations/trips.sql", "Published finance/revenue.sql", "Published operations/trips.sql"]


def test_a_watcher_goes_on_when_s3_refuses(there: Endpoint, s3: Any, folder: Path) -> None:
    said: list[str] = []
    publisher = Publisher(s3, "pushboard", PREFIX, folder)
    publisher.publish()
    fault = there.faults.refuse("s3", "PutObject", "SlowDown", http_status=503, times=1)
    watcher = Watcher(publisher, said.append)
    watcher.start()
    try:
        (folder / "finance" / "revenue.sql").write_text("SELECT 100")
        until(lambda: published(s3)["sql/reports/finance/revenue.sql"] == b"SELECT 100")
    finally:
        watcher.stop()
    assert fault.happened == 1
    assert said[0].startswith("Reports were not published: ")
