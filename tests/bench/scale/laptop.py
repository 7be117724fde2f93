"""`python -m infra.local` with statements that take their time: those of reports that say so in a comment.

`/* waits 0.2 s */` waits so long, as the alternative's callback does, and takes no processor meanwhile. `/* waits for
open NAME */` waits until there is a file `gates/NAME` in the folder of `--var`; when it has ended, `gates/NAME.ended`
holds the time in seconds since 1970.

With `--told-by-event` no function waits for the end of a statement (`QuickSeconds` is 0). A statement with a gate is
never so quick, and each run of it would be accepted a second later.
"""

import functools
import re
import sys
import time
from pathlib import Path
from typing import Any

from infra.local import __main__ as local
from infra.local import runtime
from infra.local.redshift_data.execution import runner

GATE_SECONDS = 120
"""How long a statement waits for its gate: a report's own timeout comes first."""

TOLD_BY_EVENT = "--told-by-event"

_LOOK_SECONDS = 0.002
_WAITS = re.compile(r"/\* waits ([\d.]+) s \*/")
_WAITS_FOR = re.compile(r"/\* waits for open (\w+) \*/")

_execute = runner.execute


def gates(var: Path) -> Path:
    """The folder of gates of a laptop whose files are in `var`."""
    return var / "gates"


def execute(work: Any, sql: str) -> Any:
    """Runs the statement, once it has waited."""
    if waits := _WAITS.search(sql):
        time.sleep(float(waits[1]))
    gate = _WAITS_FOR.search(sql)
    if gate:
        _wait_for(_folder / gate[1])
    outcome = _execute(work, sql)
    if gate:
        ended = _folder / f"{gate[1]}.ended"
        written = ended.with_suffix(".part")
        written.write_text(str(time.time()), encoding="ascii")
        written.rename(ended)
    return outcome


def _wait_for(gate: Path) -> None:
    deadline = time.monotonic() + GATE_SECONDS
    while not gate.exists() and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)


if __name__ == "__main__":
    _folder = gates(Path(sys.argv[sys.argv.index("--var") + 1]))
    _folder.mkdir(parents=True, exist_ok=True)
    runner.execute = execute
    if TOLD_BY_EVENT in sys.argv:
        sys.argv.remove(TOLD_BY_EVENT)
        by_event = {**runtime.CLUSTER, "QuickSeconds": "0"}
        runtime.LocalAws = functools.partial(runtime.LocalAws, backend=by_event)
    sys.exit(local.main())
