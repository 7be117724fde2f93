"""S3 for the local Redshift: COPY reads objects where they lie, UNLOAD moves files in. Made by `moto_services`."""

from collections.abc import Callable
from pathlib import Path

from infra.local.s3.mirror import Change, S3Mirror


class S3Objects:
    """The objects of one S3 service; `tell` hears of every change made here."""

    def __init__(self, mirror: S3Mirror, tell: Callable[[Change], None]) -> None:
        self._mirror = mirror
        self._tell = tell

    def has_bucket(self, name: str) -> bool:
        """Whether there is such a bucket."""
        return self._mirror.has_bucket(name)

    def files(self, url: str) -> list[Path]:
        """The files of the S3 objects under `s3://bucket/prefix`."""
        return self._mirror.files(url)

    def store(self, url: str, file: Path) -> None:
        """Moves the file there. Raises OSError when there is no room for it."""
        self._tell(self._mirror.take(url, file))

    def delete(self, url: str) -> None:
        """Deletes the S3 objects under `s3://bucket/prefix`."""
        for change in self._mirror.delete(url):
            self._tell(change)
