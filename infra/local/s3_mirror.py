"""Keeps S3 objects on disk: moto holds them in memory, here each also is a file that survives a restart.

`moto_services` calls `sync` after every write and tells EventBridge of the changes it finds; the local Redshift's COPY
reads the files that `files` names. An object's file is named by a hash of its key, so no key can be too odd, too long
or lead out of the folder; the bucket's `index.json` knows which is which.
"""

import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INDEX = "index.json"


class NotAnS3Path(ValueError):
    """The text is not of the form `s3://bucket/prefix`."""


@dataclass(frozen=True)
class _Mirrored:
    """An object that is on disk: moto's own object, which another write replaces, and its file."""

    key: Any
    file: Path


@dataclass(frozen=True)
class Change:
    """An object that was written (moto's own, in `stored`) or, without it, deleted."""

    bucket: str
    key: str
    stored: Any | None


class S3Mirror:
    """The folder of one S3 service; `backend` gives moto's model of it. Safe to share between threads."""

    def __init__(self, folder: Path, backend: Callable[[], Any], region: str = "us-east-1") -> None:
        self._folder = folder
        self._backend = backend
        self._region = region
        self._mirrored: dict[str, dict[str, _Mirrored]] = {}
        self._lock = threading.Lock()

    def restore(self) -> None:
        """Puts the buckets and objects of the folder into moto."""
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(self._folder.iterdir()):
                self._mirrored[path.name] = self._restore_bucket(path)

    def sync(self) -> list[Change]:
        """Makes the folder equal to what moto holds, and tells what that changed; cheap when nothing did."""
        with self._lock:
            buckets = self._backend().buckets
            for name in set(self._mirrored) - set(buckets):
                del self._mirrored[name]
                shutil.rmtree(self._folder / name)
            contents = [(name, dict(bucket.keys.items())) for name, bucket in list(buckets.items())]
            return [change for name, keys in contents for change in self._sync_bucket(name, keys)]

    def files(self, url: str) -> list[Path]:
        """The files of the objects whose address starts with `url` (`s3://bucket/prefix`), in order of their keys."""
        bucket, prefix = _parts(url)
        with self._lock:
            objects = self._mirrored.get(bucket, {})
            return [objects[key].file for key in sorted(objects) if key.startswith(prefix)]

    def _restore_bucket(self, path: Path) -> dict[str, _Mirrored]:
        backend = self._backend()
        backend.create_bucket(path.name, self._region)
        index = path / INDEX
        entries = json.loads(index.read_text()) if index.exists() else {}
        return {key: self._restore_object(backend, path, key, entry) for key, entry in entries.items()}

    def _restore_object(self, backend: Any, path: Path, key: str, entry: dict[str, Any]) -> _Mirrored:
        file = path / entry["file"]
        stored = backend.put_object(path.name, key, file.read_bytes())
        stored.set_metadata(entry["metadata"])
        return _Mirrored(stored, file)

    def _sync_bucket(self, name: str, keys: dict[str, Any]) -> list[Change]:
        known = self._mirrored.get(name)
        now = {key: stored for key, stored in keys.items() if hasattr(stored, "value")}  # else it marks a deletion
        if known is not None and {key: id(stored) for key, stored in now.items()} == _identities(known):
            return []
        path = self._folder / name
        path.mkdir(parents=True, exist_ok=True)
        mirrored = {key: self._mirror(path, key, stored, known or {}) for key, stored in now.items()}
        self._mirrored[name] = mirrored
        _write_index(path, mirrored)
        for key in set(known or {}) - set(mirrored):
            (known or {})[key].file.unlink(missing_ok=True)
        return _changes(name, known or {}, now)

    def _mirror(self, path: Path, key: str, stored: Any, known: dict[str, _Mirrored]) -> _Mirrored:
        before = known.get(key)
        if before is not None and before.key is stored:
            return before
        file = path / _file_name(key)
        _write(file, stored.value)
        return _Mirrored(stored, file)


def _parts(url: str) -> tuple[str, str]:
    match = re.fullmatch(r"s3://([^/]+)/?(.*)", url, re.DOTALL)
    if not match:
        raise NotAnS3Path(f"{url} is not of the form s3://bucket/prefix.")
    return match[1], match[2]


def _changes(bucket: str, before: dict[str, _Mirrored], now: dict[str, Any]) -> list[Change]:
    written = [key for key, stored in now.items() if key not in before or before[key].key is not stored]
    gone = [key for key in before if key not in now]
    return [Change(bucket, key, now[key]) for key in written] + [Change(bucket, key, None) for key in gone]


def _identities(known: dict[str, _Mirrored]) -> dict[str, int]:
    return {key: id(mirrored.key) for key, mirrored in known.items()}


def _file_name(key: str) -> str:
    """A hash, and the end of the key for people who look into the folder."""
    readable = re.sub(r"[^A-Za-z0-9._-]", "_", key)[-80:]
    return f"{hashlib.sha256(key.encode()).hexdigest()[:32]}-{readable}"


def _write_index(path: Path, mirrored: dict[str, _Mirrored]) -> None:
    entries = {
        key: {"file": one.file.name, "metadata": {name: str(value) for name, value in one.key.metadata.items()}}
        for key, one in mirrored.items()
    }
    _write(path / INDEX, json.dumps(entries, indent=1).encode())


def _write(file: Path, content: bytes) -> None:
    """In one step: a crash leaves the old file or the new one."""
    unfinished = file.with_name(file.name + ".tmp")
    unfinished.write_bytes(content)
    os.replace(unfinished, file)
