"""How long a function takes to import, which is the larger part of a cold start of ours.

Each import is one of a fresh interpreter, with the bytecode there. It is measured as the processor's time: an import
waits for nothing, and on a busy machine others would be measured with it. boto3 alone stands beside them: all of the
functions but one need it, so no other can be faster.
"""

import functools
import os
import subprocess
import sys
from collections.abc import Iterator

from tests.bench.measuring import Contestant, in_turn
from tests.bench.outcome.measures import Measure
from tests.bench.tables import Table
from tests.e2e.conftest import REPO

LIMIT = 400
"""Milliseconds that an import may take."""

ROUNDS = 5
_MEASURED = "import time; began = time.process_time(); import {module}; print(time.process_time() - began)"


def suite() -> Iterator[object]:
    """Every function of the templates, the slowest first."""
    for module in handlers():
        _go(module)
    contestants = [Contestant(module, functools.partial(_go, module), ROUNDS) for module in ("boto3", *handlers())]
    measured = in_turn(contestants)
    alone = measured.pop("boto3")
    slowest_first = sorted(measured.items(), key=lambda item: -item[1])
    rows = [
        (
            name.removeprefix("backend_lambdas.handlers."),
            f"{ms:.0f} ms",
            f"{ms / alone:.2f}",
            "yes" if ms < LIMIT else "NO",
        )
        for name, ms in slowest_first
    ]
    notes = [f"Medians of {ROUNDS} fresh interpreters each. boto3 alone: {alone:.0f} ms."]
    yield Table("Imports of the functions", ("function", "import", "to boto3", f"< {LIMIT} ms"), rows, notes)
    slowest = slowest_first[0][1]
    yield Measure("slowest_import", slowest, "ms", goes=ROUNDS, beside=alone, at_most=LIMIT)


def handlers() -> list[str]:
    """The modules of `backend_lambdas` that have a handler."""
    files = sorted((REPO / "backend_lambdas" / "handlers").glob("*.py"))
    return [f"backend_lambdas.handlers.{file.stem}" for file in files if "\ndef handler(" in file.read_text()]


def _go(module: str) -> float:
    """Milliseconds of one import, by an interpreter that keeps what it compiles."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", _MEASURED.format(module=module)]
    done = subprocess.run(command, cwd=REPO, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return float(done.stdout) * 1000
