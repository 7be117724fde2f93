"""What DynamoDB deletes by itself, some days after it has expired: at once, when a test wants it."""

import time
from typing import Any


def delete_expired(dynamodb: Any) -> int:
    """Deletes what has expired from each table with a TTL, as seen by a boto3 client; gives how many items."""
    return sum(_delete_expired(dynamodb, table) for table in dynamodb.list_tables()["TableNames"])


def _delete_expired(dynamodb: Any, table: str) -> int:
    lives = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if lives["TimeToLiveStatus"] != "ENABLED":
        return 0
    keys = [key["AttributeName"] for key in dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]]
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    items = [item for page in pages for item in page["Items"] if has_expired(item, lives["AttributeName"])]
    for item in items:
        dynamodb.delete_item(TableName=table, Key={key: item[key] for key in keys})
    return len(items)


def has_expired(item: dict[str, Any], attribute: str) -> bool:
    """Whether DynamoDB might delete it now; what has no such number lives for ever."""
    return "N" in item.get(attribute, {}) and int(item[attribute]["N"]) < time.time()
