"""Where log-ins are kept on the server: files, or a DynamoDB table; `app` opens the store, `token_store` uses it.

The browser holds a random key in a signed cookie and nothing else; the record of that key holds the tokens. So a
request without a log-in, such as that of a public file, reads no store, and any other reads it once.
"""

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
from cachelib.base import BaseCache
from cachelib.file import FileSystemCache
from flask import Flask

from dashboard.settings import AWS_TIMEOUTS, Settings

LOGIN = "login"  # the session's key whose value names the log-in record
LONGEST_LOGIN = timedelta(days=30)  # the user pool's refresh token ends a log-in earlier, or not at all
MOST_FILES = 10_000


class DynamoDBStore(BaseCache):
    """A table with the string key `id`, the text `value` and the TTL attribute `expiresAt`.

    Reads are consistent: a browser comes back within milliseconds of being signed in. DynamoDB deletes
    expired items up to days late, so expiry is checked here too.
    """

    def __init__(self, table: Any) -> None:
        super().__init__()
        self._table = table

    def get(self, key: str) -> Any:
        """The stored value, or None when there is none or it has expired."""
        item = self._table.get_item(Key={"id": key}, ConsistentRead=True).get("Item")
        if item is None or item["expiresAt"] < time.time():
            return None
        return json.loads(item["value"])

    def set(self, key: str, value: Any, timeout: int | timedelta | None = None) -> bool:
        """Store a JSON value for `timeout` (a session's life by default); AWS's errors are raised."""
        seconds = LONGEST_LOGIN if timeout is None else timedelta(seconds=self._normalize_timeout(timeout))
        expires_at = int(time.time() + seconds.total_seconds())
        self._table.put_item(Item={"id": key, "value": json.dumps(value), "expiresAt": expires_at})
        return True

    def delete(self, key: str) -> bool:
        """Forget the key."""
        self._table.delete_item(Key={"id": key})
        return True


def open_store(settings: Settings) -> BaseCache:
    """The store the settings name."""
    if settings.session_table:
        dynamodb = boto3.resource("dynamodb", region_name=settings.aws_region, config=AWS_TIMEOUTS)
        return DynamoDBStore(dynamodb.Table(settings.session_table))
    directory = Path(settings.session_dir or "")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FileSystemCache(str(directory), threshold=MOST_FILES, default_timeout=LONGEST_LOGIN)


def install(app: Flask, secure: bool) -> None:
    """Configure Flask's signed session cookie; it ends with the browser, and is sent only when it changes.

    The signature is made with `SECRET_KEY`, so another key signs everybody out.
    """
    app.config.update(
        SESSION_COOKIE_NAME="__Host-pushboard" if secure else "pushboard",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LONGEST_LOGIN,
    )
