"""The dashboard's Dockerfile as a builder reads it: the last stage's instructions, and the files that it copies.

Source: Docker, "Dockerfile reference" and "Build context" (.dockerignore).
"""

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
DOCKERFILE = REPO / "infra" / "image" / "Dockerfile"
IGNORE = DOCKERFILE.with_name("Dockerfile.dockerignore")


@dataclass(frozen=True)
class Image:
    """What the last stage says, each instruction with its arguments, in order."""

    instructions: tuple[tuple[str, str], ...]

    def arguments(self, name: str) -> list[str]:
        """The arguments of every instruction of a kind."""
        return [arguments for kind, arguments in self.instructions if kind == name]

    def only(self, name: str) -> str:
        """The arguments of the one instruction of a kind."""
        (arguments,) = self.arguments(name)
        return arguments

    @property
    def command(self) -> list[str]:
        """What the container runs, in the form that starts no shell."""
        return json.loads(self.only("CMD"))

    @property
    def health_command(self) -> list[str]:
        """What tells whether it is healthy."""
        return json.loads(self.only("HEALTHCHECK").split("CMD", 1)[1])

    @property
    def health_times(self) -> dict[str, int]:
        """How often that is asked and so on, in seconds or times."""
        return {name: int(value) for name, value in re.findall(r"--([a-z-]+)=(\d+)", self.only("HEALTHCHECK"))}

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the image sets."""
        pairs = [pair for arguments in self.arguments("ENV") for pair in shlex.split(arguments)]
        return dict(pair.split("=", 1) for pair in pairs)

    @property
    def copied(self) -> list[tuple[list[str], str]]:
        """Sources and destination of every COPY from the build context."""
        copies = [shlex.split(arguments) for arguments in self.arguments("COPY")]
        return [(words[:-1], words[-1]) for words in copies if not words[0].startswith("--from=")]

    def copy(self, target: Path) -> None:
        """Do the COPY instructions, with `target` as the working directory."""
        for sources, destination in self.copied:
            for source in sources:
                _copy(source, target / destination)


def image() -> Image:
    """The image that the Dockerfile describes."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    lines = [line.split(None, 1) for line in re.sub(r"\\\n\s*", "", text).splitlines() if line]
    instructions = [(name, arguments) for name, arguments in lines]
    last = max(index for index, (name, _) in enumerate(instructions) if name == "FROM")
    return Image(tuple(instructions[last:]))


def context() -> list[str]:
    """The files that reach the builder."""
    found = [path.relative_to(REPO).as_posix() for path in _files()]
    return [path for path in found if not is_ignored(path)]


def is_ignored(path: str) -> bool:
    """Whether the .dockerignore keeps a file away: the last pattern that fits it, or a folder of it, decides."""
    parts = path.split("/")
    prefixes = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    ignored = False
    for line in IGNORE.read_text().splitlines():
        pattern = line.lstrip("!")
        if line and not line.startswith("#") and any(_pattern(pattern).fullmatch(prefix) for prefix in prefixes):
            ignored = not line.startswith("!")
    return ignored


def _files() -> list[Path]:
    """Of the folders that are named at all: a laptop's data and virtual environment are large."""
    tops = {line.lstrip("!").split("/")[0] for line in IGNORE.read_text().splitlines() if line.startswith("!")}
    return sorted(path for top in tops for path in (REPO / top).rglob("*") if path.is_file())


def _pattern(pattern: str) -> re.Pattern[str]:
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    split = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(pieces.get(piece, re.escape(piece)) for piece in split))


def _copy(source: str, destination: Path) -> None:
    files = [path for path in context() if path == source or path.startswith(f"{source}/")]
    assert files, f"COPY {source}: nothing of it reaches the builder"
    for path in files:
        inside = path.removeprefix(source).lstrip("/") or Path(path).name
        (destination / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPO / path, destination / inside)
