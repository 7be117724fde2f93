"""S3 as the warehouse sees it: where COPY reads and UNLOAD writes. Used by `copy_from`, `unload` and `deliveries`.

`s3.objects` is the real one; a warehouse that only reads takes `ReadOnly`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from infra.redshift_sql.errors import StatementFailed

Find = Callable[[str], list[Path]]


class Objects(Protocol):
    """Objects by their `s3://bucket/key`, each a file on this computer."""

    def has_bucket(self, name: str) -> bool:
        """Whether there is such a bucket."""

    def files(self, url: str) -> list[Path]:
        """The files of all objects whose address starts with `url`, in order of their keys."""

    def store(self, url: str, file: Path) -> None:
        """Make the file the object of that address; it is moved, never read."""

    def delete(self, url: str) -> None:
        """Delete all objects whose address starts with `url`."""


@dataclass(frozen=True)
class ReadOnly:
    """Files to load, and nowhere to unload to."""

    find: Find

    def has_bucket(self, name: str) -> bool:
        """Every bucket is there, as far as writing is refused for another reason."""
        return bool(name)

    def files(self, url: str) -> list[Path]:
        """What `find` gives."""
        return self.find(url)

    def store(self, url: str, file: Path) -> None:
        """Refused, as by a role that may not write."""
        raise _denied(url, file.name)

    def delete(self, url: str) -> None:
        """Refused, as by a role that may not delete."""
        raise _denied(url, "CLEANPATH")


def _denied(url: str, what: str) -> StatementFailed:
    return StatementFailed(f"ERROR: S3ServiceException:Access Denied,Status 403,Error AccessDenied ({what} to {url})")
