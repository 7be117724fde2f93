"""What one would write with boto3 alone, on the same endpoint: a statement's rows as CSV, and an UNLOAD that is read.

Beside ours in `downloads` and `exports`. awswrangler is not among them: its `redshift.unload` takes a connection of
Redshift's own protocol, and the endpoint has the Data API.
"""

import csv
import time
from pathlib import Path
from typing import Any

from tests.bench import bounds
from tests.e2e.conftest import Stack

TARGET = {"ClusterIdentifier": "analytics-1", "Database": "dev", "DbUser": "awsuser"}


def download(stack: Stack, statement_id: str, file: Path) -> int:
    """The rows of a finished statement, page by page, as boto3's paginator gives them; returns how many pages."""
    number = -1
    pages = stack.client("redshift-data").get_paginator("get_statement_result").paginate(Id=statement_id)
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        for number, page in enumerate(pages):
            if not number:
                writer.writerow([column["label"] for column in page["ColumnMetadata"]])
            writer.writerows([_value(field) for field in record] for record in page["Records"])
    return number + 1


def unload(stack: Stack, select: str, settings: str, file: Path, bucket: str) -> None:
    """Has the warehouse write a SELECT's rows to S3, waits for it, and puts all of it into one file."""
    prefix = f"bench/{file.name}/"
    quoted = select.replace("'", "''")
    sql = f"UNLOAD ('{quoted}') TO 's3://{bucket}/{prefix}' IAM_ROLE default {settings} ALLOWOVERWRITE PARALLEL OFF"
    _ended(stack.client("redshift-data"), sql)
    s3 = stack.client("s3")
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
    with file.open("wb") as whole:
        for key in sorted(keys):
            s3.download_fileobj(bucket, key, whole)


def _ended(client: Any, sql: str) -> None:
    """Waits as long as the Data API's own long poll does, again and again."""
    taken = client.execute_statement(Sql=sql, WaitTimeSeconds=20, **TARGET)
    deadline = time.monotonic() + bounds.ANSWER_SECONDS
    while taken["Status"] not in {"FINISHED", "FAILED", "ABORTED"}:
        assert time.monotonic() < deadline, f"no end of {sql[:60]}"
        taken = client.describe_statement(Id=taken["Id"], WaitTimeSeconds=20)
    assert taken["Status"] == "FINISHED", taken.get("Error") or client.describe_statement(Id=taken["Id"])["Error"]


def _value(field: dict[str, Any]) -> Any:
    return None if "isNull" in field else next(iter(field.values()))
