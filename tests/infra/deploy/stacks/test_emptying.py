"""Buckets and repositories are emptied completely, however much is in them, and by a second call if need be."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.deploy.errors import DeployError
from infra.deploy.stacks import emptying
from infra.deploy.stacks.emptying import empty_bucket, empty_repository

OWNER = "123456789012"
BUCKET = "artifacts"
REPOSITORY = "pushboard"
IMAGE = "application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    """One, since each reads what it knows of a service anew."""
    return boto3.Session("key", "secret", region_name="us-east-1")


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account with nothing in it."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def s3(session: boto3.Session) -> Iterator[Any]:
    client = session.client("s3")
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    yield client
    client.close()


@pytest.fixture
def ecr(session: boto3.Session) -> Iterator[Any]:
    client = session.client("ecr")
    client.create_repository(repositoryName=REPOSITORY)
    yield client
    client.close()


def push(ecr: Any, *tags: str) -> None:
    """A small image under each tag; the manifest is told apart by the first."""
    layer = {"mediaType": "l", "size": 1, "digest": f"sha256:{tags[0]}"}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": IMAGE, "config": layer, "layers": [layer]})
    for tag in tags:
        ecr.put_image(repositoryName=REPOSITORY, imageManifest=manifest, imageManifestMediaType=IMAGE, imageTag=tag)


def answering(client: Any, operation: str, **answer: Any) -> list[dict[str, Any]]:
    """Makes the client answer so; gives the list of what it will have been asked."""
    asked: list[dict[str, Any]] = []

    def answered(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        asked.append(params)
        return type("Response", (), {"status_code": 200}), dict(answer)

    client.meta.events.register(f"before-call.{client.meta.service_model.service_id.hyphenize()}.{operation}", answered)
    return asked


class TestBucket:
    def test_old_versions_and_marks_of_what_was_deleted_go_too(self, s3) -> None:
        for _ in range(2):
            s3.put_object(Bucket=BUCKET, Key="kept", Body=b"1")
        s3.put_object(Bucket=BUCKET, Key="deleted", Body=b"1")
        s3.delete_object(Bucket=BUCKET, Key="deleted")
        assert empty_bucket(s3, BUCKET, OWNER) == 4
        s3.delete_bucket(Bucket=BUCKET)

    def test_more_than_s3_deletes_at_once_go(self, s3, monkeypatch: pytest.MonkeyPatch) -> None:
        assert emptying._OBJECTS_AT_ONCE == 1000
        monkeypatch.setattr(emptying, "_OBJECTS_AT_ONCE", 3)
        for number in range(8):
            s3.put_object(Bucket=BUCKET, Key=f"sql/{number}", Body=b"")
        assert empty_bucket(s3, BUCKET, OWNER) == 8
        assert "Versions" not in s3.list_object_versions(Bucket=BUCKET)

    def test_one_that_is_empty_or_gone_is_no_trouble(self, s3) -> None:
        assert empty_bucket(s3, BUCKET, OWNER) == 0
        s3.delete_bucket(Bucket=BUCKET)
        assert empty_bucket(s3, BUCKET, OWNER) == 0

    def test_each_call_names_whose_bucket_it_must_be(self, s3) -> None:
        """S3 refuses the call if it is another's."""
        s3.put_object(Bucket=BUCKET, Key="ours", Body=b"1")
        asked: list[tuple[str, str]] = []

        def note(model: Any, params: dict[str, Any], **_: Any) -> None:
            asked.append((model.name, params["ExpectedBucketOwner"]))

        s3.meta.events.register("provide-client-params.s3", note)
        empty_bucket(s3, BUCKET, OWNER)
        assert set(asked) == {("ListObjectVersions", OWNER), ("DeleteObjects", OWNER)}

    def test_what_s3_keeps_is_told(self, s3) -> None:
        s3.put_object(Bucket=BUCKET, Key="locked", Body=b"1")
        answering(s3, "DeleteObjects", Errors=[{"Key": "locked", "Code": "AccessDenied", "Message": "Access Denied"}])
        with pytest.raises(DeployError, match=r"S3 did not delete locked of the bucket artifacts: Access Denied\."):
            empty_bucket(s3, BUCKET, OWNER)


class TestRepository:
    def test_every_image_goes_whatever_its_tags(self, ecr) -> None:
        push(ecr, "one", "two")
        push(ecr, "three")
        assert empty_repository(ecr, REPOSITORY) == 2
        ecr.delete_repository(repositoryName=REPOSITORY)

    def test_more_than_ecr_deletes_at_once_go(self, ecr) -> None:
        for number in range(103):
            push(ecr, f"tag{number}")
        assert empty_repository(ecr, REPOSITORY) == 103
        assert ecr.list_images(repositoryName=REPOSITORY)["imageIds"] == []

    def test_one_that_is_empty_or_gone_is_no_trouble(self, ecr) -> None:
        assert empty_repository(ecr, REPOSITORY) == 0
        ecr.delete_repository(repositoryName=REPOSITORY)
        assert empty_repository(ecr, REPOSITORY) == 0

    def test_parts_of_an_image_for_several_processors_go_after_it(self, ecr, monkeypatch) -> None:
        """ECR refuses a part while the whole is there."""
        push(ecr, "part")
        push(ecr, "whole")
        (part,) = ecr.batch_get_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": "part"}])["images"]
        delete = ecr.batch_delete_image

        def refusing(**asked: Any) -> dict[str, Any]:
            taken = [one for one in asked["imageIds"] if one != {"imageDigest": part["imageId"]["imageDigest"]}]
            if not taken:
                return delete(**asked)
            failure = {"failureCode": "ImageReferencedByManifestList", "failureReason": "in use"}
            return delete(**asked | {"imageIds": taken}) | {"failures": [failure]}

        monkeypatch.setattr(ecr, "batch_delete_image", refusing)
        assert empty_repository(ecr, REPOSITORY) == 2
        assert ecr.list_images(repositoryName=REPOSITORY)["imageIds"] == []

    def test_an_image_that_ecr_keeps_is_told_and_not_asked_for_ever(self, ecr) -> None:
        push(ecr, "one")
        asked = answering(ecr, "BatchDeleteImage", failures=[{"failureReason": "The image is being scanned."}])
        with pytest.raises(
            DeployError, match=r"ECR did not delete an image of pushboard: The image is being scanned\."
        ):
            empty_repository(ecr, REPOSITORY)
        assert len(asked) == 1
