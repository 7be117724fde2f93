"""The dashboard's image before it is built: what it is made from, and the tag that follows from that.

Used by `publishing`. Two checkouts with the same files want the same tag, and what has that tag in the repository need
not be built again. What no file tells is the base of the day: `python:3.13-slim` moves on with its security updates.
Name it (`base_digest`) to build anew on another one, or to build what was built before.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from infra.deploy.artifacts.archive import files_of, zipped

DOCKERFILE = "infra/image/Dockerfile"
PLATFORM = "linux/arm64"

_IGNORE = f"{DOCKERFILE}.dockerignore"
_TAG_LENGTH = 32


@dataclass(frozen=True)
class Image:
    """The image of a checkout. `base_digest` is empty or `@sha256:...`, the build argument BASE_DIGEST."""

    repo: Path
    base_digest: str = ""

    @cached_property
    def files(self) -> dict[str, Path]:
        """What reaches the builder, by path from the repository's root, and what tells it how to build."""
        lines = (self.repo / _IGNORE).read_text(encoding="utf-8").splitlines()
        found = {name: self.repo / name for name in (DOCKERFILE, _IGNORE)}
        for line in lines:
            if line.startswith("!"):
                found |= self._below(line.removeprefix("!"))
        return found

    @cached_property
    def tag(self) -> str:
        """The same as long as every file, its path and the base are: hexadecimal."""
        parts = [self.base_digest, *(f"{name}\0{_digest(path)}" for name, path in sorted(self.files.items()))]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_TAG_LENGTH]

    def source(self) -> bytes:
        """A zip of the files, to be built elsewhere."""
        return zipped(self.files)

    def plan(self) -> list[str]:
        """What would be built, told without asking anybody."""
        base = f" on the base {self.base_digest.removeprefix('@')}" if self.base_digest else ""
        return [f"the dashboard's image, from {DOCKERFILE} and {len(self.files)} files{base}, as tag {self.tag}"]

    def _below(self, name: str) -> dict[str, Path]:
        path = self.repo / name
        return {f"{name}/{below}": file for below, file in files_of(path).items()} if path.is_dir() else {name: path}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
