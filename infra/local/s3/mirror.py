"""Keeps S3 objects on disk: moto holds them in memory, here each also is a file that survives a restart.

`moto_services` calls `sync` after every write and tells EventBridge of the changes it finds. The local Redshift's COPY
reads the files that `files` names, and its UNLOAD gives files to `take`: these, and all that come back after a restart,
are never in memory, and `open` lets any object be sent from its file. An object's file is named by a hash of its key,
so no key can be too odd, too long or lead out of the folder. The bucket's index knows which is which: a line for each
object that was written or deleted, the last one of a key counts; it is written anew when objects come back.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from infra.local.s3.contents import OnDisk

INDEX = "index.jsonl"

_FORMER_INDEX = "index.json"
"""Of folders that were written before the index had lines: an object, by key."""


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

    def sync(self, only: tuple[str, str] | None = None) -> list[Change]:
        """Makes the folder equal to what moto holds, and tells what that changed; cheap when nothing did.

        `only` is the bucket and the key of the one object that may have changed, where that is known.
        """
        with self._lock:
            if only is not None and only[0] in self._mirrored and only[0] in self._backend().buckets:
                return self._sync_object(*only)
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

    def has_bucket(self, name: str) -> bool:
        """Whether there is such a bucket."""
        return name in self._backend().buckets

    def open(self, bucket: str, key: str) -> tuple[Any, BinaryIO] | None:
        """moto's object and its content, which stays readable whatever becomes of the object; None if not on disk."""
        with self._lock:
            found = self._mirrored.get(bucket, {}).get(key)
            return None if found is None else (found.key, found.file.open("rb"))

    def take(self, url: str, source: Path) -> Change:
        """Moves a file here and makes it the object of that address. Raises OSError when there is no room for it."""
        bucket, key = _parts(url)
        etag = _etag(source)
        with self._lock:
            path = self._folder / bucket
            file = path / _file_name(key)
            path.mkdir(parents=True, exist_ok=True)
            _move(source, file)
            file.touch()
            stored = self._stored(bucket, key, file, etag)
            self._mirrored.setdefault(bucket, {})[key] = _Mirrored(stored, file)
            _note(path, {key: self._mirrored[bucket][key]})
            return Change(bucket, key, stored)

    def delete(self, url: str) -> list[Change]:
        """Deletes all objects whose address starts with `url`."""
        bucket, prefix = _parts(url)
        keys = self._backend().buckets[bucket].keys
        for key in [key for key in list(keys) if key.startswith(prefix)]:
            keys.pop(key)
        return self.sync()

    def _stored(self, bucket: str, key: str, file: Path, etag: str | None) -> Any:
        """moto's object of a file."""
        from moto.s3.models import FakeKey

        backend = self._backend()
        stored: Any = FakeKey(key, b"", backend.account_id, self._region, etag=etag, bucket_name=bucket)
        stored.contentsize = file.stat().st_size
        stored.last_modified = datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(tzinfo=None)
        stored._value_buffer.close()
        stored._value_buffer = OnDisk(file)
        backend.buckets[bucket].keys.setlist(key, [stored])
        return stored

    def _restore_bucket(self, path: Path) -> dict[str, _Mirrored]:
        backend = self._backend()
        backend.create_bucket(path.name, self._region)
        objects = {key: self._restore_object(path, key, entry) for key, entry in _entries(path).items()}
        _write(path / INDEX, b"".join(map(_line, objects, objects.values())))
        (path / _FORMER_INDEX).unlink(missing_ok=True)
        return objects

    def _restore_object(self, path: Path, key: str, entry: dict[str, Any]) -> _Mirrored:
        file = path / entry["file"]
        stored = self._stored(path.name, key, file, entry.get("etag"))
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
        changes = _changes(name, known or {}, now)
        _note(path, {change.key: mirrored.get(change.key) for change in changes})
        for key in set(known or {}) - set(mirrored):
            (known or {})[key].file.unlink(missing_ok=True)
        return changes

    def _sync_object(self, name: str, key: str) -> list[Change]:
        """The same for one object of a bucket that is here."""
        known, path = self._mirrored[name], self._folder / name
        stored = self._backend().buckets[name].keys.get(key)
        before = known.get(key)
        if stored is not None and hasattr(stored, "value"):
            known[key] = self._mirror(path, key, stored, known)
            if before is known[key]:
                return []
            _note(path, {key: known[key]})
            return [Change(name, key, stored)]
        if before is None:
            return []
        del known[key]
        _note(path, {key: None})
        before.file.unlink(missing_ok=True)
        return [Change(name, key, None)]

    def _mirror(self, path: Path, key: str, stored: Any, known: dict[str, _Mirrored]) -> _Mirrored:
        before = known.get(key)
        if before is not None and before.key is stored:
            return before
        file = path / _file_name(key)
        _write(file, stored.value)
        written_at = stored.last_modified.replace(tzinfo=UTC).timestamp()
        os.utime(file, (written_at, written_at))
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


def _note(path: Path, changed: Mapping[str, _Mirrored | None]) -> None:
    """Adds to the index what was written, or by None deleted."""
    with (path / INDEX).open("ab") as index:
        index.writelines(_line(key, one) for key, one in changed.items())


def _line(key: str, one: _Mirrored | None) -> bytes:
    entry: dict[str, Any] = {"key": key, "file": one and one.file.name}
    if one:
        metadata = {name: str(value) for name, value in one.key.metadata.items()}
        entry |= {"etag": one.key.etag.strip('"'), "metadata": metadata}
    return json.dumps(entry).encode() + b"\n"


def _entries(path: Path) -> dict[str, dict[str, Any]]:
    """What the index knows of each object that is there; a line that a crash has cut off is not."""
    former, index = path / _FORMER_INDEX, path / INDEX
    entries: dict[str, dict[str, Any]] = json.loads(former.read_text()) if former.exists() else {}
    for line in index.read_bytes().splitlines(keepends=True) if index.exists() else ():
        if not line.endswith(b"\n"):
            break
        entry = json.loads(line)
        entries.pop(entry["key"], None)
        if entry["file"]:
            entries[entry.pop("key")] = entry
    return entries


def _write(file: Path, content: bytes) -> None:
    """In one step: a crash leaves the old file or the new one."""
    unfinished = file.with_name(file.name + ".tmp")
    unfinished.write_bytes(content)
    os.replace(unfinished, file)


def _move(source: Path, target: Path) -> None:
    """In one step where both are in one file system; else by a copy that takes its place when it is whole."""
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        unfinished = target.with_name(target.name + ".tmp")
        shutil.copyfile(source, unfinished)
        os.replace(unfinished, target)


def _etag(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, partial(hashlib.md5, usedforsecurity=False)).hexdigest()
