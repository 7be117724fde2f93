"""Zip files whose bytes tell nothing but their content: not when, by whom or from which folder they were made.

Used by `package` and `image.context`. Another release of zlib may pack the same content otherwise; nothing else changes
them.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can tell."""

_UNIX = 3
_READABLE = 0o100644 << 16
"""A plain file that anybody may read: the user that Lambda runs code as did not unpack it."""

_LEVEL = 9


def zipped(files: Mapping[str, Path]) -> bytes:
    """The zip of these files, by the name that each has inside."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in sorted(files):
            archive.writestr(_entry(name), files[name].read_bytes(), zipfile.ZIP_DEFLATED, _LEVEL)
    return content.getvalue()


def files_of(folder: Path) -> dict[str, Path]:
    """Every file below a folder, by its path from there, but for what Python keeps compiled."""
    files = all_files_of(folder).items()
    return {name: path for name, path in files if "__pycache__" not in path.parts and path.suffix != ".pyc"}


def all_files_of(folder: Path) -> dict[str, Path]:
    """Every file below a folder, by its path from there."""
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _NO_TIME)
    entry.create_system, entry.external_attr = _UNIX, _READABLE
    return entry
