"""S3 tells EventBridge of changed objects, in the documented shape, once for each real change."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.infra.local.endpoints import endpoint

RECORDED = Path(__file__).parents[3] / "backend_lambdas" / "events"


@pytest.fixture
def events() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def s3(tmp_path: Path, events: list[dict[str, Any]]) -> Iterator[Any]:
    """A client; the bucket `telling` is set to tell, `silent` is not."""
    with endpoint(tmp_path / "s3", publish=events.append) as there:
        client = there.client("s3")
        for bucket in ("telling", "silent"):
            client.create_bucket(Bucket=bucket)
        client.put_bucket_notification_configuration(
            Bucket="telling", NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        yield client


def told(events: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(one["detail-type"], one["detail"]["object"]["key"], one["detail"]["reason"]) for one in events]


def shape(value: Any) -> Any:
    return {name: shape(item) for name, item in value.items()} if isinstance(value, dict) else type(value)


def test_writing_and_deleting_tell_events_of_the_recorded_shape(s3: Any, events: list[dict[str, Any]]) -> None:
    s3.put_object(Bucket="telling", Key="a/ü b.sql", Body=b"12345")
    s3.delete_object(Bucket="telling", Key="a/ü b.sql")
    recorded = [json.loads((RECORDED / f"report_{name}.json").read_text()) for name in ("created", "deleted")]
    assert [shape(one) for one in events] == [shape(one) for one in recorded]
    created, deleted = events
    assert (created["detail-type"], deleted["detail-type"]) == ("Object Created", "Object Deleted")
    assert created["resources"] == ["arn:aws:s3:::telling"]
    assert created["detail"]["bucket"] == {"name": "telling"}
    content = created["detail"]["object"]
    assert (content["key"], content["size"]) == ("a/ü b.sql", 5)
    assert content["etag"] == "827ccb0eea8a706c4c34a16891f84e7b"
    assert content["sequencer"] < deleted["detail"]["object"]["sequencer"]


def test_the_event_is_out_before_the_write_is_answered(s3: Any, events: list[dict[str, Any]]) -> None:
    for number in range(3):
        s3.put_object(Bucket="telling", Key="same", Body=b"x")
        assert len(events) == number + 1


def test_the_reason_is_the_operation(s3: Any, events: list[dict[str, Any]]) -> None:
    s3.put_object(Bucket="telling", Key="a", Body=b"x")
    s3.copy_object(Bucket="telling", Key="b", CopySource="telling/a")
    upload = s3.create_multipart_upload(Bucket="telling", Key="c")["UploadId"]
    tag = s3.upload_part(Bucket="telling", Key="c", UploadId=upload, PartNumber=1, Body=b"y")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    s3.complete_multipart_upload(Bucket="telling", Key="c", UploadId=upload, MultipartUpload=parts)
    s3.delete_objects(Bucket="telling", Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]})
    assert told(events) == [
        ("Object Created", "a", "PutObject"),
        ("Object Created", "b", "CopyObject"),
        ("Object Created", "c", "CompleteMultipartUpload"),
        ("Object Deleted", "a", "DeleteObject"),
        ("Object Deleted", "b", "DeleteObject"),
    ]


def test_what_changes_nothing_is_not_told(s3: Any, events: list[dict[str, Any]]) -> None:
    """A read, a failed write, and the deletion of what is not there."""
    s3.list_objects_v2(Bucket="telling")
    s3.delete_object(Bucket="telling", Key="nothing")
    with pytest.raises(ClientError):
        s3.put_object(Bucket="nowhere", Key="a", Body=b"x")
    with pytest.raises(ClientError):
        s3.copy_object(Bucket="telling", Key="b", CopySource="telling/nothing")
    assert events == []


def test_a_bucket_tells_only_when_it_is_set_to(s3: Any, events: list[dict[str, Any]]) -> None:
    s3.put_object(Bucket="silent", Key="a", Body=b"x")
    assert events == []


def test_objects_that_were_there_before_a_restart_are_no_news(tmp_path: Path, events: list[dict[str, Any]]) -> None:
    with endpoint(tmp_path / "s3") as there:
        there.client("s3").create_bucket(Bucket="telling")
        there.client("s3").put_object(Bucket="telling", Key="old", Body=b"x")
    with endpoint(tmp_path / "s3", publish=events.append) as there:
        client = there.client("s3")
        client.put_bucket_notification_configuration(
            Bucket="telling", NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        client.put_object(Bucket="telling", Key="new", Body=b"x")
    assert told(events) == [("Object Created", "new", "PutObject")]
