"""Simulated trips, made once in a test process and copied for every warehouse that wants as many."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from infra.sample import Prepared, Simulated, prepare


def lay(rows: int, var: Path) -> None:
    """Puts the files into `var`, where the laptop's AWS finds them made; what is there already stays."""
    target = var / "sample"
    if not target.exists():
        shutil.copytree(_made(rows), target)


def prepared(choice: Simulated, _: Path) -> Prepared:
    """Stands for `prepare` where the files are only read."""
    return prepare(choice, _made(choice.rows))


@functools.cache
def _made(rows: int) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="pushboard-sample-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    prepare(Simulated(rows), folder)
    return folder
