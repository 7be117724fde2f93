"""Where everything is uploaded: the bucket of the artifacts' stack, which has to be this account's. Used by `artifacts`
and `reports`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.artifacts.uploads import REPORTS_PREFIX
from infra.deploy.errors import DeployError, code, is_denied


@dataclass(frozen=True)
class ArtifactBucket:
    """The outputs of the artifacts' stack; `account` is the one that its bucket has to belong to."""

    account: str
    outputs: Mapping[str, str]

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.outputs["BucketName"]

    def require_bucket(self, s3: Any) -> None:
        """Raises `DeployError` when the bucket is not this account's, or not there, whatever its stack says.

        It lists where everybody who uploads may list, authors of reports too; `HeadBucket` is for those who may list all.
        Source: Amazon S3 API reference, "ListObjectsV2": AccessDenied if another than `ExpectedBucketOwner` has it.
        """
        asked = {"Bucket": self.bucket, "Prefix": REPORTS_PREFIX, "MaxKeys": 1}
        try:
            s3.list_objects_v2(**asked, ExpectedBucketOwner=self.account)
        except ClientError as error:
            if not is_denied(error) and code(error) != "NoSuchBucket":
                raise
            raise DeployError(self._not_ours() if is_denied(error) else self._gone()) from None

    def _not_ours(self) -> str:
        return (
            f"The bucket {self.bucket} belongs to somebody else, or these AWS credentials may not reach it: look whose "
            f"it is, and have s3:ListBucket on it allowed to those of account {self.account}."
        )

    def _gone(self) -> str:
        return f"The bucket {self.bucket} is gone, though its stack is there: run make destroy, then deploy again."
