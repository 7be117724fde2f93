"""S3 objects are files: as boto3 writes them, and after a restart."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.endpoint.moto_services import MotoServices, Publish
from infra.local.s3.mirror import NotAnS3Path
from tests.infra.local import endpoints
from tests.infra.local.endpoints import Endpoint

ODD_KEYS = [
    "plain.sql",
    "a/b/c.parquet",
    "a/b",
    "../../etc/passwd",
    "/leading",
    "double//slash",
    "trailing/",
    "..",
    "index.jsonl",
    "spaces and ünï ☃",
    "per%20cent%",
    "x" * 1000,
]


@contextmanager
def running(
    folder: Path, monkeypatch: pytest.MonkeyPatch, publish: Publish | None = None
) -> Iterator[tuple[Endpoint, MotoServices]]:
    """An endpoint over `folder`, with its moto in reach."""
    made: list[MotoServices] = []

    def make(path: Path, publish: Publish) -> MotoServices:
        made.append(MotoServices(path, publish))
        return made[-1]

    monkeypatch.setattr(endpoints, "MotoServices", make)
    with endpoints.endpoint(folder, publish=publish) as there:
        yield there, made[0]


def contents(moto: MotoServices, url: str) -> list[bytes]:
    return [file.read_bytes() for file in moto.objects.files(url)]


def test_an_object_is_a_file_as_soon_as_its_put_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path, monkeypatch) as (there, moto):
        s3 = there.client("s3")
        s3.create_bucket(Bucket="data")
        s3.put_object(Bucket="data", Key="trips/2.parquet", Body=b"two")
        s3.put_object(Bucket="data", Key="trips/1.parquet", Body=b"one")
        s3.put_object(Bucket="data", Key="other/1.parquet", Body=b"other")
        assert contents(moto, "s3://data/trips/") == [b"one", b"two"]
        assert all(file.is_relative_to(tmp_path) for file in moto.objects.files("s3://data/"))


def test_writes_copies_and_deletions_of_every_kind_are_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path, monkeypatch) as (there, moto):
        s3 = there.client("s3")
        s3.create_bucket(Bucket="data")
        s3.put_object(Bucket="data", Key="a", Body=b"first")
        s3.put_object(Bucket="data", Key="a", Body=b"second")
        s3.copy_object(Bucket="data", Key="b", CopySource="data/a")
        assert contents(moto, "s3://data/") == [b"second", b"second"]
        s3.delete_object(Bucket="data", Key="a")
        assert contents(moto, "s3://data/") == [b"second"]
        s3.delete_objects(Bucket="data", Delete={"Objects": [{"Key": "b"}]})
        assert moto.objects.files("s3://data/") == []
        assert [path.name for path in (tmp_path / "data").iterdir()] == ["index.jsonl"]
        s3.delete_bucket(Bucket="data")
        assert list(tmp_path.iterdir()) == []


def test_a_multipart_upload_is_a_file_once_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path, monkeypatch) as (there, moto):
        s3 = there.client("s3")
        s3.create_bucket(Bucket="data")
        upload = s3.create_multipart_upload(Bucket="data", Key="big")["UploadId"]
        pieces = [b"x" * (5 * 1024 * 1024), b"end"]
        parts = [{"PartNumber": n, "ETag": _part(s3, upload, n, piece)} for n, piece in enumerate(pieces, start=1)]
        assert moto.objects.files("s3://data/") == []
        s3.complete_multipart_upload(Bucket="data", Key="big", UploadId=upload, MultipartUpload={"Parts": parts})
        assert contents(moto, "s3://data/big") == [b"".join(pieces)]


def _part(s3: Any, upload: str, number: int, body: bytes) -> str:
    return str(s3.upload_part(Bucket="data", Key="big", UploadId=upload, PartNumber=number, Body=body)["ETag"])


def test_a_presigned_put_is_a_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path, monkeypatch) as (there, moto):
        s3 = there.client("s3")
        s3.create_bucket(Bucket="data")
        url = s3.generate_presigned_url("put_object", Params={"Bucket": "data", "Key": "k"})
        assert requests.put(url, data=b"by url", timeout=5).status_code == 200
        assert contents(moto, "s3://data/") == [b"by url"]


def test_everything_is_back_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path, monkeypatch) as (there, _):
        s3 = there.client("s3")
        for bucket in ("data", "empty"):
            s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket="data", Key="k", Body=b"kept", ContentType="text/csv", Metadata={"who": "me"})
        s3.put_object(Bucket="data", Key="gone", Body=b"x")
        s3.delete_object(Bucket="data", Key="gone")
    with running(tmp_path, monkeypatch) as (there, moto):
        s3 = there.client("s3")
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["data", "empty"]
        assert [item["Key"] for item in s3.list_objects_v2(Bucket="data")["Contents"]] == ["k"]
        kept = s3.get_object(Bucket="data", Key="k")
        assert (kept["Body"].read(), kept["ContentType"], kept["Metadata"]) == (b"kept", "text/csv", {"who": "me"})
        assert contents(moto, "s3://data/") == [b"kept"]


def test_a_write_costs_a_line_however_many_objects_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is written, once it comes back, without what is over."""
    index = tmp_path / "data" / "index.jsonl"
    with running(tmp_path, monkeypatch) as (there, _):
        s3 = there.client("s3")
        s3.create_bucket(Bucket="data")
        for number in range(20):
            s3.put_object(Bucket="data", Key=f"k-{number % 10}", Body=b"x")
        before = index.stat().st_size
        s3.put_object(Bucket="data", Key="k-0", Body=b"y")
        assert index.stat().st_size - before == before / 20
        s3.delete_object(Bucket="data", Key="k-1")
        assert len(index.read_bytes().splitlines()) == 22
    with running(tmp_path, monkeypatch) as (there, moto):
        assert len(index.read_bytes().splitlines()) == 9
        assert contents(moto, "s3://data/k-0") == [b"y"]


def test_an_index_that_a_crash_has_cut_off_is_read_up_to_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path, monkeypatch) as (there, _):
        s3 = there.client("s3")
        s3.create_bucket(Bucket="data")
        s3.put_object(Bucket="data", Key="whole", Body=b"kept")
        s3.put_object(Bucket="data", Key="cut", Body=b"lost")
    index = tmp_path / "data" / "index.jsonl"
    index.write_bytes(index.read_bytes()[:-5])
    with running(tmp_path, monkeypatch) as (there, moto):
        assert contents(moto, "s3://data/") == [b"kept"]


def test_an_index_of_a_former_release_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "abc-k").write_bytes(b"kept")
    former = tmp_path / "data" / "index.json"
    former.write_text('{"k": {"file": "abc-k", "etag": "e1", "metadata": {"content-type": "text/csv"}}}')
    for _ in range(2):
        with running(tmp_path, monkeypatch) as (there, _):
            kept = there.client("s3").get_object(Bucket="data", Key="k")
            assert (kept["Body"].read(), kept["ContentType"]) == (b"kept", "text/csv")
        assert not former.exists()


def test_a_file_moved_in_is_an_object_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"x" * 3_000_000
    source = tmp_path / "rows"
    source.write_bytes(content)
    published: list[dict[str, Any]] = []
    with running(tmp_path / "s3", monkeypatch, published.append) as (there, moto):
        s3 = there.client("s3")
        s3.create_bucket(Bucket="data")
        s3.put_bucket_notification_configuration(
            Bucket="data", NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        moto.objects.store("s3://data/out/rows.csv", source)
        assert not source.exists()
        [listed] = s3.list_objects_v2(Bucket="data", Prefix="out/")["Contents"]
        head = s3.head_object(Bucket="data", Key="out/rows.csv")
        assert (listed["Size"], head["ContentLength"], head["ETag"]) == (3_000_000, 3_000_000, listed["ETag"])
        assert s3.get_object(Bucket="data", Key="out/rows.csv")["Body"].read() == content
        s3.copy_object(Bucket="data", Key="copy", CopySource="data/out/rows.csv")
        assert contents(moto, "s3://data/") == [content, content]
        assert [event["detail"]["object"]["key"] for event in published] == ["out/rows.csv", "copy"]
    with running(tmp_path / "s3", monkeypatch) as (there, moto):
        s3 = there.client("s3")
        again = s3.head_object(Bucket="data", Key="out/rows.csv")
        assert (again["ETag"], again["LastModified"]) == (head["ETag"], head["LastModified"])
        assert s3.get_object(Bucket="data", Key="out/rows.csv")["Body"].read() == content
        s3.delete_object(Bucket="data", Key="out/rows.csv")
        assert [item["Key"] for item in s3.list_objects_v2(Bucket="data")["Contents"]] == ["copy"]
        assert contents(moto, "s3://data/out/") == []


def test_a_file_moved_in_replaces_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "rows"
    source.write_bytes(b"new")
    with running(tmp_path / "s3", monkeypatch) as (there, moto):
        s3 = there.client("s3")
        s3.create_bucket(Bucket="data")
        s3.put_object(Bucket="data", Key="k", Body=b"old")
        moto.objects.store("s3://data/k", source)
        assert s3.get_object(Bucket="data", Key="k")["Body"].read() == b"new"
        s3.put_object(Bucket="data", Key="k", Body=b"newest")
        assert s3.get_object(Bucket="data", Key="k")["Body"].read() == b"newest"
        moto.objects.delete("s3://data/")
        assert "Contents" not in s3.list_objects_v2(Bucket="data")


def test_an_object_replaced_while_it_is_read_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path, monkeypatch) as (there, _):
        s3 = there.client("s3")
        s3.create_bucket(Bucket="data")
        s3.put_object(Bucket="data", Key="k", Body=b"a" * 20_000_000)
        body = s3.get_object(Bucket="data", Key="k")["Body"]
        assert body.read(10) == b"a" * 10
        s3.put_object(Bucket="data", Key="k", Body=b"b")
        assert body.read() == b"a" * 19_999_990
        body = s3.get_object(Bucket="data", Key="k")["Body"]
        s3.delete_object(Bucket="data", Key="k")
        assert body.read() == b"b"


def test_odd_keys_are_kept_apart_and_inside_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "deep" / "s3"
    with running(folder, monkeypatch) as (there, _):
        s3 = there.client("s3")
        s3.create_bucket(Bucket="data")
        for key in ODD_KEYS:
            s3.put_object(Bucket="data", Key=key, Body=key.encode())
    with running(folder, monkeypatch) as (there, moto):
        s3 = there.client("s3")
        assert sorted(item["Key"] for item in s3.list_objects_v2(Bucket="data")["Contents"]) == sorted(ODD_KEYS)
        for key in ODD_KEYS:
            assert s3.get_object(Bucket="data", Key=key)["Body"].read() == key.encode()
        assert sorted(contents(moto, "s3://data/")) == sorted(key.encode() for key in ODD_KEYS)
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in folder.iterdir()] == ["data"]


def test_an_unknown_bucket_has_no_files_and_another_address_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path, monkeypatch) as (_, moto):
        assert moto.objects.files("s3://nowhere/x") == []
        with pytest.raises(NotAnS3Path):
            moto.objects.files("/etc/passwd")
