"""What buckets' lifecycles remove, looked for whenever the laptop starts; moto keeps everything. Called by `runtime`.

S3 itself looks once a day. Source: Amazon S3 user guide, "Expiring objects".
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.cloudformation.stack_resources import Expiry

_AT_ONCE = 1000
"""How many objects DeleteObjects takes."""


def remove_expired(s3: Any, expiries: Iterable[Expiry]) -> None:
    """Deletes the objects under each prefix that are older than its days."""
    for expiry in expiries:
        keys = _expired(s3, expiry, datetime.now(UTC) - timedelta(days=expiry.days))
        for start in range(0, len(keys), _AT_ONCE):
            s3.delete_objects(Bucket=expiry.bucket, Delete={"Objects": keys[start : start + _AT_ONCE], "Quiet": True})


def _expired(s3: Any, expiry: Expiry, before: datetime) -> list[dict[str, str]]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=expiry.bucket, Prefix=expiry.prefix)
    found = (item for page in pages for item in page.get("Contents", ()))
    return [{"Key": item["Key"]} for item in found if item["LastModified"] < before]
