"""Where the report files lie in S3, and the catalogue: one object that holds them all. Used by `catalog`.

A function that starts, or looks whether something has changed, asks for one object instead of a list and every file.
`announce_reports` writes it after each change of a file, so it is behind the files by as long as their event takes.
Source: Amazon S3 user guide, "Conditional requests": a write with `If-Match` fails when somebody else wrote meanwhile.
"""

from typing import Any

import msgspec
from botocore.exceptions import ClientError
from msgspec import Struct

from backend_lambdas.aws import clients
from backend_lambdas.departments.department_file import is_department_file
from backend_lambdas.departments.page_file import is_page_file
from backend_lambdas.maps.map_file import is_map_file

CATALOGUE = "catalogue.json"

Files = dict[str, tuple[str, bytes]]
"""Entity tag and bytes of each file by its path: `<department>/<report>.sql`, `<department>/department.yaml`, and
`pages/<department>/<page>.yaml`.
"""

_OVERTAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


def is_authored(path: str) -> bool:
    """Whether a path below the place of reports is that of a report, a department's own file, a page or a map."""
    return path.endswith(".sql") or is_department_file(path) or is_page_file(path) or is_map_file(path)


class Contents(Struct, frozen=True, rename="camel"):
    """What the catalogue says: the report files, the views of the warehouse with what each reads, and the maps.

    `files_at` and `views_at` are when they were read last, in epoch milliseconds; 0: never. Of maps it has the entity
    tags only, by path: they are large, and nobody but who draws one needs what is in it.
    """

    files: Files
    files_at: int = 0
    views: dict[str, tuple[str, ...]] = {}
    views_at: int = 0
    maps: dict[str, str] = {}

    def tag_of(self, path: str) -> str | None:
        """The entity tag that a file has here, without its quotes; None for a file that is not known."""
        found = self.files.get(path)
        tag = found[0] if found else self.maps.get(path)
        return tag.strip('"') if tag is not None else None


_CONTENTS, _FILES = msgspec.json.Decoder(Contents), msgspec.json.Decoder(Files)


class Catalogue(Struct, frozen=True):
    """The catalogue as it was read, with its own entity tag."""

    tag: str
    contents: Contents


class Unchanged(Exception):
    """The catalogue is the one that is known already."""


class ReportBucket:
    """The objects under an S3 path. Raises botocore's errors where nothing else is said."""

    def __init__(self, s3: Any, location: str) -> None:
        self._s3 = s3
        self._bucket, self._prefix = clients.s3_location(location)

    def path_of(self, bucket: str, key: str) -> str | None:
        """The path `<department>/<report>.sql` of an S3 object, or that of a department's file, a page or a map.

        None if it is no file of this place.
        """
        path = key.removeprefix(self._prefix)
        return path if bucket == self._bucket and key.startswith(self._prefix) and is_authored(path) else None

    def listing(self) -> dict[str, str]:
        """The entity tag of every file that an author wrote by its path, in order."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        found = (
            (item["Key"].removeprefix(self._prefix), item["ETag"])
            for page in pages
            for item in page.get("Contents", ())
        )
        return dict(sorted((path, tag) for path, tag in found if is_authored(path)))

    def read(self, path: str, most: int | None = None) -> bytes | None:
        """A file's bytes, the first `most` of them; None if it has been deleted since it was listed."""
        found = self._get(path)
        return found["Body"].read(most) if found else None

    def catalogue(self, known_tag: str = "") -> Catalogue | None:
        """The catalogue, or None before the first was written; raises `Unchanged` if its tag is `known_tag`."""
        condition = {"IfNoneMatch": known_tag} if known_tag else {}
        try:
            found = self._get(CATALOGUE, **condition)
        except ClientError as error:
            if clients.status_of(error) == 304:
                raise Unchanged from error
            raise
        return Catalogue(found["ETag"], _decoded(found["Body"].read())) if found else None

    def _get(self, name: str, **condition: str) -> dict[str, Any] | None:
        """S3's answer, or None if there is no such object.

        Whoever may list a bucket by a prefix alone is told `AccessDenied` of an object that is not there. So that
        answer counts as absence only when a listing does not show the object.
        Source: Amazon S3 API reference, "GetObject", Permissions.
        """
        try:
            return dict(self._s3.get_object(Bucket=self._bucket, Key=self._prefix + name, **condition))
        except ClientError as error:
            code = clients.error_code(error)
            if code == "NoSuchKey" or (code == "AccessDenied" and not self._is_listed(name)):
                return None
            raise

    def _is_listed(self, name: str) -> bool:
        key = self._prefix + name
        found = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1).get("Contents", ())
        return any(item["Key"] == key for item in found)

    def write_catalogue(self, contents: Contents, before: Catalogue | None) -> bool:
        """Writes the catalogue in the place of `before`; False if another has been written since that was read."""
        condition = {"IfMatch": before.tag} if before else {"IfNoneMatch": "*"}
        content = {"Body": msgspec.json.encode(contents), "ContentType": "application/json"}
        try:
            self._s3.put_object(Bucket=self._bucket, Key=self._prefix + CATALOGUE, **content, **condition)
        except ClientError as error:
            if clients.error_code(error) in _OVERTAKEN:
                return False
            raise
        return True


def _decoded(content: bytes) -> Contents:
    """What a catalogue says; one that was written before views were kept in it is a map of files."""
    try:
        return _CONTENTS.decode(content)
    except msgspec.ValidationError:
        return Contents(_FILES.decode(content))
