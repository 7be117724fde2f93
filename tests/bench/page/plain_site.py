"""Serves `plain_page` from a copy of a running site's warehouse, after comparing the rows of both."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import duckdb
import requests

from tests.bench.page.plain_queries import QUERIES
from tests.e2e.clients import Taker
from tests.e2e.conftest import FINANCE, REPO, Stack, free_port

COMPARED_MONTH = "2015-01"
CENT = Decimal("0.01")
START_SECONDS = 60
STOP_SECONDS = 10


@contextmanager
def plain_site(stack: Stack, folder: Path, server: str = "tests.bench.page.plain_page:server") -> Iterator[str]:
    """The plain page's address, while it, or another `server` of the same queries, is one process of eight threads."""
    warehouse = _copy(stack.var / "dev.duckdb", folder / "plain.duckdb")
    _compare_rows(stack, warehouse)
    with served(server, {"PLAIN_PAGE_WAREHOUSE": str(warehouse)}) as url:
        yield url


@contextmanager
def served(server: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The address of a Dash app, named as `module:server`, while it is one process of eight threads."""
    port = free_port()
    options = ["--worker-class", "gthread", "--workers", "1", "--threads", "8", "--log-level", "warning"]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--bind",
            f"127.0.0.1:{port}",
            *options,
            server,
        ],
        cwd=REPO,
        env={**os.environ, **environment},
    )
    try:
        _wait(process, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        _stop(process)


def _copy(warehouse: Path, copy: Path) -> Path:
    """A copy of a warehouse in use: its file and, where there is one, its log of what is not in the file yet."""
    for suffix in ("", ".wal"):
        part = warehouse.with_name(warehouse.name + suffix)
        if part.exists():
            shutil.copyfile(part, copy.with_name(copy.name + suffix))
    with duckdb.connect(str(copy)) as connection:
        connection.execute("CHECKPOINT")
    return copy


def _compare_rows(stack: Stack, warehouse: Path) -> None:
    """Raises AssertionError unless each query returns the rows of the report of its name."""
    taker, token = Taker(stack, FINANCE), stack.id_token(FINANCE)
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            for name, sql in QUERIES.items():
                statement_id = taker.run(name, month=COMPARED_MONTH)["statementId"]
                ours = stack.rest(f"/results/{statement_id}", token).json()["records"]
                plain = connection.execute(sql, {"month": COMPARED_MONTH}).fetchall()
                assert _are_same(plain, ours), f"{name}: the plain page has other rows than ours"
    finally:
        taker.close()


def _are_same(plain: Sequence[Sequence[object]], ours: Sequence[Sequence[object]]) -> bool:
    """Whether all values are equal. DuckDB divides decimals as floats, so a quotient may differ by a cent."""
    if [len(record) for record in plain] != [len(record) for record in ours]:
        return False
    pairs = [pair for records in zip(plain, ours, strict=True) for pair in zip(*records, strict=True)]
    return all(str(one) == str(other) or _differ_by_a_cent(one, other) for one, other in pairs)


def _differ_by_a_cent(one: object, other: object) -> bool:
    return isinstance(one, Decimal) and abs(one - Decimal(str(other))) <= CENT


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(url):
        assert process.poll() is None, f"the plain page ended with exit code {process.returncode}"
        assert time.monotonic() < deadline, f"the plain page did not answer within {START_SECONDS} s"
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
