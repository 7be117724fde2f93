"""A site to be measured: the laptop's AWS in a process of its own and the dashboard below it, on free ports."""

import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.bench.memory import tree
from tests.e2e.clients import Taker
from tests.e2e.conftest import OPS, Stack

_PATIENCE = 600


@contextmanager
def site(reports: Mapping[str, str]) -> Iterator[tuple[Stack, Taker, Path]]:
    """A site with these reports, by name, someone who takes rows away, and a folder; nothing of it is left."""
    with (
        tempfile.TemporaryDirectory(prefix="pushboard-bench-") as folder,
        running(Stack(Path(folder) / "var", ("--rows", "20000"))) as stack,
    ):
        publish(stack, reports)
        taker = Taker(stack, OPS, timeout=_PATIENCE)
        try:
            yield stack, taker, Path(folder)
        finally:
            taker.close()


@contextmanager
def running(stack: Stack) -> Iterator[Stack]:
    """A stack from its start until it is killed: it takes no time to close what nobody uses any more."""
    stack.start()
    try:
        yield stack
    finally:
        _kill(stack)


def _kill(stack: Stack) -> None:
    """Ends all its processes, the first before those that it would start again."""
    for pid in (stack.pid, *(tree(stack.pid).keys() - {stack.pid})):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    stack.stop()


def publish(stack: Stack, reports: Mapping[str, str]) -> None:
    """Puts report files into S3, by name, and returns once they are listed."""
    s3, token = stack.client("s3"), stack.id_token(OPS)
    for name, text in reports.items():
        s3.put_object(Bucket="pushboard", Key=f"sql/reports/operations/{name}.sql", Body=text.encode())

    def listed() -> bool:
        return all(f'"{name}"' in stack.rest("/reports", token).text for name in reports)

    stack.until(listed, 20, "the reports to be listed")
