"""What S3 tells EventBridge of a written or deleted object. Used by `moto_services`; next, `publish` has the event bus.

Source: Amazon S3 user guide, "EventBridge event message structure"; the buckets here keep no versions.
"""

import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from infra.local.cloudformation.stack import ACCOUNT, REGION
from infra.local.s3.mirror import Change


def event_of(change: Change, environ: Mapping[str, Any]) -> dict[str, Any]:
    """The complete event of a change that the request of a WSGI environment made."""
    deleted = change.stored is None
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Object Deleted" if deleted else "Object Created",
        "source": "aws.s3",
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:s3:::{change.bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": change.bucket},
            "object": _object(change),
            "request-id": uuid.uuid4().hex[:16].upper(),
            "requester": ACCOUNT,
            "source-ip-address": environ.get("REMOTE_ADDR", ""),
            **({"reason": "DeleteObject", "deletion-type": "Permanently Deleted"} if deleted else _made_by(environ)),
        },
    }


def _object(change: Change) -> dict[str, Any]:
    """The key stands as it is, unlike in S3's other notifications, which encode it."""
    content = {} if change.stored is None else {"size": change.stored.size, "etag": change.stored.etag.strip('"')}
    return {"key": change.key, **content, "sequencer": f"{time.time_ns():018X}"}


def _made_by(environ: Mapping[str, Any]) -> dict[str, str]:
    if "HTTP_X_AMZ_COPY_SOURCE" in environ:
        return {"reason": "CopyObject"}
    if environ["REQUEST_METHOD"] == "POST":
        completes = "uploadId=" in environ.get("QUERY_STRING", "")
        return {"reason": "CompleteMultipartUpload" if completes else "POST Object"}
    return {"reason": "PutObject"}
