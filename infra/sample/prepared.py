"""Which trips are wanted, and the Parquet files made for them; called by `make run`, which copies the files to S3.

From there the COPY of `sql/load/` loads them, as it does on AWS. Files that are there already for the same choice are
not made again.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
from pyarrow import parquet

from infra.sample import simulated, tripfiles
from infra.sample.workshop import SampleError

# Raise this when the same choice gives other trips than before, or other files.
VERSION = 3
MARKER = "prepared.json"
FILES_NAMED = 3


@dataclass(frozen=True)
class Simulated:
    """Trips of 2015 made up from hour, weekday and tariff; `rows` in all."""

    rows: int = 3_000_000

    def key(self) -> str:
        """What these trips depend on; DuckDB's release is part of it, since its hash function makes the draws."""
        return f"simulated {self.rows} duckdb {duckdb.__version__}"

    def label(self) -> str:
        """What the page says about the trips."""
        return f"Simulated trips of {simulated.YEAR}, not real ones ({self.rows:,} rows)"

    def write(self, workdir: Path) -> tuple[Sequence[Path], dict[str, int]]:
        """Make the files in `workdir`; nothing is ever rejected."""
        return simulated.simulate(self.rows, workdir), {}


@dataclass(frozen=True)
class TripFiles:
    """Trips from the TLC's files; `pattern` is a glob of CSV or Parquet files."""

    pattern: str

    def key(self) -> str:
        """Names, sizes and times of the files: a file that was changed is read again."""
        seen = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in self._files()]
        return f"files {seen}"

    def label(self) -> str:
        """What the page says about the trips: the files they come from."""
        names = [path.name for path in self._files()]
        more = len(names) - FILES_NAMED
        return ", ".join(names[:FILES_NAMED]) + (f" and {more} more" if more > 0 else "")

    def write(self, workdir: Path) -> tuple[Sequence[Path], dict[str, int]]:
        """Make the files in `workdir` and count the rows left out by reason."""
        return tripfiles.convert(self.pattern, workdir)

    def _files(self) -> list[Path]:
        return tripfiles.matching(self.pattern)


@dataclass(frozen=True)
class Prepared:
    """Parquet files that fit the table `nyc_yellow_taxi`.

    `fingerprint` changes when the trips do, `rejected` counts the rows left out by reason, `label` is for the page.
    """

    files: tuple[Path, ...]
    fingerprint: str
    rows: int
    rejected: dict[str, int]
    label: str


def prepare(choice: Simulated | TripFiles, workdir: Path) -> Prepared:
    """Make the trips of `choice` in `workdir`, or find them made; SampleError with one sentence when there are none."""
    fingerprint = hashlib.sha256(f"{VERSION} {choice.key()}".encode()).hexdigest()[:16]
    return _found(workdir, fingerprint) or _made(choice, workdir, fingerprint)


def _found(workdir: Path, fingerprint: str) -> Prepared | None:
    """The trips the marker tells of; none when it is missing, damaged, another choice's, or a file is gone."""
    try:
        marker = json.loads((workdir / MARKER).read_text(encoding="utf-8"))
        found = Prepared(**marker | {"files": tuple(workdir / name for name in marker["files"])})
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    complete = found.fingerprint == fingerprint and all(path.is_file() for path in found.files)
    return found if complete else None


def _made(choice: Simulated | TripFiles, workdir: Path, fingerprint: str) -> Prepared:
    workdir.mkdir(parents=True, exist_ok=True)
    _clear(workdir)
    files, rejected = choice.write(workdir)
    rows = sum(_rows(path) for path in files)
    if not rows:
        raise SampleError(f"There is no usable trip among {sum(rejected.values())} rows of {choice.label()}.")
    prepared = Prepared(tuple(files), fingerprint, rows, rejected, choice.label())
    _mark(prepared, workdir / MARKER)
    return prepared


def _clear(workdir: Path) -> None:
    """Remove an earlier choice's files, the marker first: without it the rest counts as unfinished."""
    (workdir / MARKER).unlink(missing_ok=True)
    for path in workdir.glob("trips_*.parquet"):
        path.unlink()


def _rows(path: Path) -> int:
    return int(parquet.read_metadata(path).num_rows)


def _mark(prepared: Prepared, marker: Path) -> None:
    """Write the marker in one step, after the files: who finds it finds them complete."""
    content = asdict(prepared) | {"files": [path.name for path in prepared.files]}
    unfinished = marker.with_suffix(".tmp")
    unfinished.write_text(json.dumps(content, indent=2), encoding="utf-8")
    os.replace(unfinished, marker)
