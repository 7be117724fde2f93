"""Copies the files under `sql/` to S3, as a deployment does, and again whenever a report changes. Used by `runtime`.

From there the functions read them: reports by `reports.catalog`, scripts by `setup_redshift` and `load_redshift`.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

SECONDS_BETWEEN_LOOKS = 0.5
SUFFIXES = (".sql", ".yaml", ".geojson")

Seen = Mapping[str, tuple[int, int]]


@dataclass
class Publisher:
    """Keeps the objects under `prefix` of a bucket equal to the SQL, YAML and GeoJSON files of a folder.

    `inside` are other folders whose files lie below the same prefix, by the path there, such as `pages/`.
    """

    s3: Any
    bucket: str
    prefix: str
    folder: Path
    inside: Mapping[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._published: Seen | None = None
        self._publishing = threading.Lock()

    def publish(self) -> list[str]:
        """Uploads what is new or changed, deletes what is gone; gives the names concerned."""
        with self._publishing:
            return self._publish()

    def _publish(self) -> list[str]:
        now = self._look()
        before = self._in_bucket(now) if self._published is None else self._published
        changed = [name for name, stamp in now.items() if before.get(name) != stamp]
        gone = [name for name in before if name not in now]
        for name in changed:
            self.s3.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=self._path(name).read_bytes())
        for name in gone:
            self.s3.delete_object(Bucket=self.bucket, Key=self.prefix + name)
        self._published = now
        return changed + gone

    def digest(self) -> str:
        """A fingerprint of the files' names and contents."""
        parts = [name.encode() + b"\0" + self._path(name).read_bytes() for name in sorted(self._look())]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]

    def _look(self) -> dict[str, tuple[int, int]]:
        folders = {"": self.folder, **self.inside}
        found = ((below, folder, path) for below, folder in folders.items() for path in folder.rglob("*.*"))
        return {
            below + path.relative_to(folder).as_posix(): _stamp(path)
            for below, folder, path in found
            if path.suffix in SUFFIXES
        }

    def _path(self, name: str) -> Path:
        """Where the file lies that is published by this name."""
        for below, folder in self.inside.items():
            if name.startswith(below):
                return folder / name.removeprefix(below)
        return self.folder / name

    def _in_bucket(self, now: Seen) -> Seen:
        """What an earlier run left there: files with the same content as now, or else such as have changed since."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        items = (item for page in pages for item in page.get("Contents", ()) if item["Key"].endswith(SUFFIXES))
        tags = {item["Key"].removeprefix(self.prefix): item["ETag"].strip('"') for item in items}
        return {name: now[name] if name in now and self._tag(name) == tag else (0, 0) for name, tag in tags.items()}

    def _tag(self, name: str) -> str:
        """What S3 calls the content of a file."""
        return hashlib.md5(self._path(name).read_bytes(), usedforsecurity=False).hexdigest()


class Watcher:
    """Publishes in the background until stopped."""

    def __init__(self, publisher: Publisher, announce: Callable[[str], None]) -> None:
        self._publisher = publisher
        self._announce = announce
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="report-watcher", daemon=True)

    def start(self) -> None:
        """Looks at the folder every half second."""
        self._thread.start()

    def stop(self) -> None:
        """Looks no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(SECONDS_BETWEEN_LOOKS):
            try:
                published = self._publisher.publish()
            except (OSError, BotoCoreError, ClientError) as error:
                # A file vanished between look and read, or S3 refused: the next look tries again.
                self._announce(f"Reports were not published: {error}")
                continue
            if published:
                self._announce(f"Published {', '.join(sorted(published))}")


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
