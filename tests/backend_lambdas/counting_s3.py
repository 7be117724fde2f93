"""S3 as a catalogue of files sees it: what it reads is counted, and things happen while it does."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError

DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "GetObject")


class Clock:
    """Stands until a test moves it."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Counting:
    """S3 that counts what is read from it; `meanwhile` happens while it lists."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self.read: list[str] = []
        self.down = False
        self.denied: set[str] = set()
        self.denies_absent = False
        self.listings = 0
        self.meanwhile: Callable[[], None] = lambda: None
        self.before_read: Callable[[str], None] = lambda key: None
        self.before_write: Callable[[], None] = lambda: None

    @property
    def exceptions(self) -> Any:
        return self._s3.exceptions

    def get_object(self, **request: Any) -> Any:
        if self.down:
            raise EndpointConnectionError(endpoint_url="https://s3.invalid")
        if request["Key"].endswith(".sql"):
            self.read.append(request["Key"])
            self.before_read(request["Key"])
        if request["Key"] in self.denied:
            raise DENIED
        return self._of_one_who_may_list(request) if self.denies_absent else self._s3.get_object(**request)

    def _of_one_who_may_list(self, request: Any) -> Any:
        """S3's answer to one who may list only by a prefix."""
        try:
            return self._s3.get_object(**request)
        except self._s3.exceptions.NoSuchKey:
            raise DENIED from None

    def list_objects_v2(self, **request: Any) -> Any:
        return self._s3.list_objects_v2(**request)

    def get_paginator(self, name: str) -> Any:
        if self.down:
            raise EndpointConnectionError(endpoint_url="https://s3.invalid")
        self.listings += 1
        self.meanwhile()
        return self._s3.get_paginator(name)

    def put_object(self, **request: Any) -> Any:
        self.before_write()
        return self._s3.put_object(**request)
