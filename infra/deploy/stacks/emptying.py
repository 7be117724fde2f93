"""Empties what CloudFormation refuses to delete full: buckets and image repositories. Used when stacks are removed.

Either can be interrupted and called again: it goes on with what is left, and what is gone altogether is empty.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from infra.deploy.errors import DeployError

_OBJECTS_AT_ONCE = 1000
_IMAGES_AT_ONCE = 100


def empty_bucket(s3: Any, bucket: str, owner: str) -> int:
    """Deletes every version and every delete marker of the account `owner`'s bucket; gives how many there were.

    Raises `DeployError` for what S3 keeps.
    """
    deleted = 0
    try:
        while versions := _versions(s3, bucket, owner):
            delete_objects(s3, bucket, versions, owner)
            deleted += len(versions)
    except s3.exceptions.NoSuchBucket:
        return deleted
    return deleted


def delete_objects(s3: Any, bucket: str, objects: Sequence[dict[str, str]], owner: str) -> None:
    """Deletes objects named by `Key`, and `VersionId` for one version; `DeployError` for what S3 keeps."""
    for batch in _batches(objects, _OBJECTS_AT_ONCE):
        order = {"Objects": batch, "Quiet": True}
        for error in s3.delete_objects(Bucket=bucket, Delete=order, ExpectedBucketOwner=owner).get("Errors", ()):
            raise DeployError(f"S3 did not delete {error['Key']} of the bucket {bucket}: {_reason(error, 'Message')}")


def _versions(s3: Any, bucket: str, owner: str) -> list[dict[str, str]]:
    """The first that are left, as many as can be deleted at once."""
    page = s3.list_object_versions(Bucket=bucket, MaxKeys=_OBJECTS_AT_ONCE, ExpectedBucketOwner=owner)
    found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
    return [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]


def empty_repository(ecr: Any, name: str) -> int:
    """Deletes every image of the repository, with or without a tag; gives how many there were.

    An image for several processors keeps its parts, so those go in a round after it. `DeployError` for what ECR keeps.
    Source: Amazon ECR API reference, "ImageFailure", ImageReferencedByManifestList.
    """
    deleted = 0
    try:
        while digests := _digests(ecr, name):
            gone, failure = _delete_images(ecr, name, digests)
            if not gone:
                raise DeployError(f"ECR did not delete an image of {name}: {_reason(failure, 'failureReason')}")
            deleted += gone
    except ecr.exceptions.RepositoryNotFoundException:
        return deleted
    return deleted


def _digests(ecr: Any, name: str) -> list[str]:
    pages = ecr.get_paginator("list_images").paginate(repositoryName=name)
    return sorted({image["imageDigest"] for page in pages for image in page["imageIds"]})


def _delete_images(ecr: Any, name: str, digests: list[str]) -> tuple[int, dict[str, Any]]:
    """How many went, and one that did not, if any."""
    failures: list[dict[str, Any]] = []
    for batch in _batches(digests, _IMAGES_AT_ONCE):
        ids = [{"imageDigest": digest} for digest in batch]
        failures += ecr.batch_delete_image(repositoryName=name, imageIds=ids).get("failures", [])
    return len(digests) - len(failures), next(iter(failures), {})


def _batches(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    return (list(items[start : start + size]) for start in range(0, len(items), size))


def _reason(failure: dict[str, Any], member: str) -> str:
    return str(failure.get(member) or "it does not say why").rstrip(".") + "."
