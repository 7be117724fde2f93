"""A crowd of tabs in a process of its own, so that what they cost is not the dashboard's: starts and asks `viewers`."""

import json
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.scale.accounts import signed_in
from tests.bench.turn.plain_tabs import Dashboard
from tests.e2e import clients
from tests.e2e.conftest import ADMIN, REPO, Stack

END_SECONDS = 60


@dataclass(frozen=True)
class Crowd:
    """The load process, which answers commands."""

    process: subprocess.Popen[str]

    def do(self, command: str, timeout: float, **arguments: Any) -> dict[str, Any]:
        """The answer to a command; raises AssertionError where it failed, or did not come in time."""
        self.process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], timeout)
        assert ready, f"The load process did not answer to {command} within {timeout:.0f} s."
        line = self.process.stdout.readline()
        assert line, f"The load process ended at {command}."
        answer = dict(json.loads(line))
        assert "error" not in answer, f"{command} failed: {answer['error']}"
        return answer

    @property
    def processor(self) -> float:
        """The seconds of processor that it has taken."""
        return float(self.do("cost", END_SECONDS)["processor"])


@contextmanager
def crowd(stack: Stack, people: int) -> Iterator[Crowd]:
    """A crowd of so many people without any tab yet; it is killed afterwards, and its sockets with it."""
    signed_in_people = [asdict(dashboard) for dashboard in _dashboards(stack, people)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.scale.viewers"],
        cwd=REPO,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        process.stdin.write(json.dumps(signed_in_people) + "\n")
        yield Crowd(process)
    finally:
        process.kill()
        process.wait(END_SECONDS)
        process.stdin.close()
        process.stdout.close()


def _dashboards(stack: Stack, people: int) -> Sequence[Dashboard]:
    with clients.sign_in(stack, ADMIN) as session:
        drawing = Dashboard.signed_in(stack.url, session).drawing
    return [Dashboard(stack.url, dict(cookies), drawing) for cookies in signed_in(stack, people)]
