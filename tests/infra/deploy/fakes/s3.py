"""S3 for the tests of the deployment: buckets of one account, in memory, whose objects keep every version."""

import hashlib
import io
import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.infra.deploy.fakes.aws import ACCOUNT, Refusal


@dataclass(frozen=True)
class Version:
    """One version of an object; without a body it marks that the object was deleted."""

    bucket: str
    key: str
    id: str
    body: bytes | None

    @property
    def named(self) -> dict[str, str]:
        """Its name, as S3 lists it."""
        return {"Key": self.key, "VersionId": self.id}


@dataclass
class FakeS3:
    """`regions` are those of the buckets, by name; `versions` is what was put into them, the oldest first."""

    regions: dict[str, str] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    @property
    def objects(self) -> dict[tuple[str, str], bytes]:
        """The newest version of each object that is not deleted, by bucket and key."""
        newest = {(one.bucket, one.key): one.body for one in self.versions}
        return {name: body for name, body in newest.items() if body is not None}

    def head_bucket(self, Bucket: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        if Bucket not in self.regions:
            raise Refusal("404", "Not Found", 404)
        return {"BucketRegion": self.regions[Bucket]}

    def list_objects_v2(
        self,
        Bucket: str,  # noqa: N803
        Prefix: str = "",  # noqa: N803
        ExpectedBucketOwner: str = ACCOUNT,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        self._require(Bucket, ExpectedBucketOwner)
        found = [(key, body) for (bucket, key), body in self.objects.items() if bucket == Bucket]
        return {"Contents": [_listed(key, body) for key, body in found if key.startswith(Prefix)]}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self._require(Bucket)
        return {"Body": io.BytesIO(self.objects[Bucket, Key])}

    def put_object(self, Bucket: str, Key: str, Body: Any, ExpectedBucketOwner: str = ACCOUNT) -> None:  # noqa: N803
        self._require(Bucket, ExpectedBucketOwner)
        self._add(Bucket, Key, Body if isinstance(Body, bytes) else Body.read())

    def delete_object(self, Bucket: str, Key: str) -> None:  # noqa: N803
        self._require(Bucket)
        self._add(Bucket, Key, None)

    def list_object_versions(
        self,
        Bucket: str,  # noqa: N803
        MaxKeys: int = 1000,  # noqa: N803
        ExpectedBucketOwner: str = ACCOUNT,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        self._require(Bucket, ExpectedBucketOwner)
        found = [one for one in self.versions if one.bucket == Bucket][:MaxKeys]
        return {
            "Versions": [one.named for one in found if one.body is not None],
            "DeleteMarkers": [one.named for one in found if one.body is None],
        }

    def delete_objects(
        self,
        Bucket: str,  # noqa: N803
        Delete: dict[str, Any],  # noqa: N803
        ExpectedBucketOwner: str = ACCOUNT,  # noqa: N803
    ) -> None:
        self._require(Bucket, ExpectedBucketOwner)
        for asked in Delete["Objects"]:
            if "VersionId" in asked:
                self.versions = [one for one in self.versions if (one.bucket, one.named) != (Bucket, asked)]
            else:
                self._add(Bucket, asked["Key"], None)

    def _add(self, bucket: str, key: str, body: bytes | None) -> None:
        self.versions.append(Version(bucket, key, f"v{next(self._numbers)}", body))

    def _require(self, bucket: str, owner: str = ACCOUNT) -> None:
        if owner != ACCOUNT:
            raise Refusal("AccessDenied", "Access Denied", 403)
        if bucket not in self.regions:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist", 404)


def _listed(key: str, body: bytes) -> dict[str, Any]:
    return {"Key": key, "ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'}
