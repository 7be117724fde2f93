"""Report files that tests publish, and how: by copying them to S3, as an author's `make publish-reports` does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from dashboard.gateway.client import LISTING_TTL

SHIPPED = Path(__file__).resolve().parents[2] / "sql" / "reports" / "operations"
BUCKET = "pushboard"

Publish = Callable[[str, str], None]
"""Takes `department/report` and the file's text."""

REPORT = """/*---
title: Fresh from the file
chart: {type: table}
---*/
SELECT 1 AS one
"""
SLOW = """/*---
title: Slow
---*/
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000000000) SELECT count(*) AS n FROM r
"""
"""Runs for hours on one processor, so that the page that waits for it has another."""

SMALL = {"trips": "small_trips", "daily_totals": "small_days", "trips_by_hour": "small_hours"}
"""Shipped reports, and their copies in the small department: a figure, lines, a heatmap."""


def key_of(path: str) -> str:
    """Where the file of `department/report`, or one that is named with its ending, lies in the bucket."""
    return f"sql/reports/{path}" if path.endswith((".yaml", ".geojson")) else f"sql/reports/{path}.sql"


def name_of(path: str) -> str:
    """What the listing calls a published file: a page by its department as well."""
    if path.endswith(".yaml"):
        return path.removeprefix("pages/").removesuffix(".yaml")
    return path.rpartition("/")[2]


def copy_of(shipped: str) -> str:
    """The text of a report of the sample's operations, for any department, on a month of its own."""
    shared, own = "month: shared", "month: {type: month, label: Trip month, default: 2015-12}"
    text = (SHIPPED / f"{shipped}.sql").read_text("utf-8")
    assert shared in text
    return text.replace(shared, own).replace("/*---\n", "/*---\ngroups: [operations]\ncache: 15m\n", 1)


def small_department(s3: Any) -> str:
    """Publishes copies of three shipped reports, open to those of operations; returns the department."""
    for shipped, copy in SMALL.items():
        s3.put_object(Bucket=BUCKET, Key=key_of(f"small/{copy}"), Body=copy_of(shipped).encode())
    return "small"


class Site(Protocol):
    """A running stack."""

    def client(self, service: str) -> Any: ...
    def reports(self) -> str: ...
    def until(self, condition: Callable[[], object], seconds: float, what: str) -> object: ...


@contextmanager
def publishing(site: Site) -> Iterator[Publish]:
    """Publishes reports, and removes them at the end: no later test finds them on its page."""
    s3, published = site.client("s3"), set[str]()

    def put(path: str, text: str) -> None:
        published.add(path)
        s3.put_object(Bucket=BUCKET, Key=key_of(path), Body=text.encode())

    yield put
    for path in published:
        s3.delete_object(Bucket=BUCKET, Key=key_of(path))
    names = [f'"{name_of(path)}"' for path in published]
    site.until(lambda: not any(name in site.reports() for name in names), 60, f"{names} to be gone")
    forgotten_at = time.monotonic() + LISTING_TTL
    site.until(lambda: time.monotonic() > forgotten_at, 60, "the dashboard to have let go of its listings")
