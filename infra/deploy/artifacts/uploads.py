"""Files into the bucket: only those that differ from what is there. Used by `python -m infra.deploy`.

Each call names the account that the bucket belongs to, so that nothing goes into somebody else's.
"""

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from infra.deploy.artifacts.archive import files_of
from infra.deploy.stacks.emptying import delete_objects
from infra.sample import Prepared, Simulated, TripFiles, prepare

REPORTS_PREFIX = "sql/reports/"
JOBS_PREFIX = "sql/jobs/"
SETUP_PREFIX = "sql/setup/"
LOAD_SCRIPT = "sql/load/trips.sql"
TEMPLATES_PREFIX = "templates/"

Content = bytes | Path
Files = Mapping[str, Content]
"""Contents, or where they lie, by their keys below a prefix."""


@dataclass(frozen=True)
class Synced:
    """What became of the files, and of what else was under the prefix: keys below it, each list in order."""

    put: tuple[str, ...]
    removed: tuple[str, ...]
    same: tuple[str, ...]


def sync(
    s3: Any,
    bucket: str,
    prefix: str,
    files: Files,
    *,
    owner: str,
    remove: bool = False,
    suffix: str | tuple[str, ...] = "",
) -> Synced:
    """Puts the files that are new or different under the prefix.

    With `remove`, whatever else ends with `suffix`, or one of them, goes from under it; without it, that stays. `s3`
    is boto3's client, `owner` the number of the account whose bucket it must be: S3 answers AccessDenied if it is
    another's. Raises `DeployError` for what S3 keeps.
    """
    there = _there(s3, bucket, prefix, owner)
    put = tuple(sorted(key for key, content in files.items() if there.get(key) != _tag(content)))
    for key in put:
        with _opened(files[key]) as body:
            s3.put_object(Bucket=bucket, Key=prefix + key, Body=body, ExpectedBucketOwner=owner)
    removed = tuple(sorted({key for key in there if key.endswith(suffix)} - set(files))) if remove else ()
    delete_objects(s3, bucket, [{"Key": prefix + key} for key in removed], owner)
    return Synced(put, removed, tuple(sorted(set(files) - set(put))))


def digest(files: Files) -> str:
    """A fingerprint of names and contents, as the parameter DDLScriptsDigest of backend-setup.yaml wants it."""
    parts = [f"{name}\0{_hash(files[name], hashlib.sha256)}" for name in sorted(files)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def report_files(repo: Path) -> dict[str, Path]:
    """Reports, departments' own files, pages and maps, by name as they are to lie under `REPORTS_PREFIX`."""
    folder = repo / "sql" / "reports"
    departments = {name: path for name, path in files_of(folder).items() if path.name == "department.yaml"}
    beside = {**_beside(repo, "pages", ".yaml"), **_beside(repo, "maps", ".geojson")}
    return {**_scripts(folder), **departments, **beside}


def job_files(repo: Path) -> dict[str, Path]:
    """The jobs, by department and name, as they are to lie under `JOBS_PREFIX`."""
    return _scripts(repo / "sql" / "jobs")


def setup_files(repo: Path) -> dict[str, Path]:
    """The warehouse's setup scripts, which run in the order of their names."""
    return _scripts(repo / "sql" / "setup")


def load_script(repo: Path) -> Path:
    """The script that loads the trips, which runs apart from the setup; it is to lie at `LOAD_SCRIPT`."""
    return repo / LOAD_SCRIPT


def sample_data(choice: Simulated | TripFiles, workdir: Path) -> Prepared:
    """The trips that the COPY of `sql/load` loads, made in `workdir` unless they are there; as on a laptop.

    Raises `infra.sample.SampleError` with a sentence when there are none.
    """
    return prepare(choice, workdir)


def sample_prefix(sample: Prepared) -> str:
    """Where they are to lie: other trips elsewhere, since what is loaded is told by its path."""
    return f"sample/{sample.fingerprint}/"


def sample_files(sample: Prepared) -> dict[str, Path]:
    """The Parquet files by name, as they are to lie under `sample_prefix`."""
    return {path.name: path for path in sample.files}


def _scripts(folder: Path) -> dict[str, Path]:
    return {name: path for name, path in files_of(folder).items() if path.suffix == ".sql"}


def _beside(repo: Path, kind: str, suffix: str) -> dict[str, Path]:
    """The pages or maps of a project that has any."""
    folder = repo / "sql" / kind
    found = files_of(folder) if folder.is_dir() else {}
    return {f"{kind}/{name}": path for name, path in found.items() if path.suffix == suffix}


def _there(s3: Any, bucket: str, prefix: str, owner: str) -> dict[str, str]:
    """The tag of every object under the prefix, by its key below it."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, ExpectedBucketOwner=owner)
    items = (item for page in pages for item in page.get("Contents", ()))
    return {item["Key"].removeprefix(prefix): item["ETag"].strip('"') for item in items}


def _tag(content: Content) -> str:
    """What S3 calls this content when it came by one PUT and S3 has the key (SSE-S3); else it counts as different.

    Source: Amazon S3 API reference, "Object", ETag.
    """
    return _hash(content, partial(hashlib.md5, usedforsecurity=False))


def _hash(content: Content, kind: Callable[[], Any]) -> str:
    with _opened(content) as file:
        return hashlib.file_digest(file, kind).hexdigest()


def _opened(content: Content) -> io.BytesIO | io.BufferedReader:
    """To be read bit by bit: files of trips are large."""
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")
