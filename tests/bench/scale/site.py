"""The site of the scale suites: a laptop whose statements can wait, its dashboard, and what both cost."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.memory import held, tree
from tests.bench.runs import processor
from tests.bench.scale.laptop import TOLD_BY_EVENT, gates
from tests.bench.site import running
from tests.e2e.conftest import ADMIN, Stack

GATED = """/*---
title: Gated {name}
chart: {{type: number, value: trips}}
timeout: 10m
cache: 0s
---*/
SELECT count(*) AS trips /* waits for open {name} */ FROM nyc_yellow_taxi
"""
"""A report whose statement ends when it is let."""


@dataclass(frozen=True)
class Cost:
    """Seconds of processor that the laptop's AWS and the dashboard have taken."""

    laptop: float
    dashboard: float

    def __sub__(self, before: "Cost") -> "Cost":
        return Cost(self.laptop - before.laptop, self.dashboard - before.dashboard)


@dataclass(frozen=True)
class Site:
    """A running stack."""

    stack: Stack

    def cost(self) -> Cost:
        """What both have taken until now."""
        return Cost(processor(self.stack.pid), sum(map(processor, tree(self.stack.pid).keys() - {self.stack.pid})))

    def memory(self) -> float:
        """The megabytes that the dashboard's processes hold."""
        return held(self.stack.pid)["dashboard"]

    def gateway_requests(self) -> Counter[str]:
        """How often the dashboard has asked the gateway for `results`, `reports` and others until now, by its log.

        A request for results is one for rows, or whether somebody may see them.
        """
        logs = (self.stack.var / "logs").glob("dashboard.jsonl*")
        lines = (line for log in logs for line in log.read_text(encoding="utf-8").splitlines())
        paths = (json.loads(line)["path"] for line in lines if '"gateway answered"' in line)
        return Counter(path.split("/")[1] for path in paths)

    def publish_gate(self, name: str) -> None:
        """Publishes a report whose statement waits."""
        self.publish({f"finance/{name}": GATED.format(name=name)})

    def publish(self, reports: Mapping[str, str]) -> None:
        """Publishes the texts of reports by `department/report`; returns once they are listed."""
        s3, names = self.stack.client("s3"), [path.rpartition("/")[2] for path in reports]
        for path, text in reports.items():
            s3.put_object(Bucket="pushboard", Key=f"sql/reports/{path}.sql", Body=text.encode())
        token = self.stack.id_token(ADMIN)

        def are_listed() -> bool:
            listed = self.stack.rest("/reports", token).text
            return all(f'"{name}"' in listed for name in names)

        self.stack.until(are_listed, 60, "the reports to be listed")

    def open_gate(self, name: str) -> float:
        """Lets a statement end; returns when it had, in seconds since 1970."""
        folder = gates(self.stack.var)
        ended = folder / f"{name}.ended"
        (folder / name).touch()
        self.stack.until(ended.exists, 30, "the statement to end")
        moment = float(ended.read_text(encoding="ascii"))
        for file in (folder / name, ended):
            file.unlink()
        return moment


@contextmanager
def site(rows: int, by_event: bool = False) -> Iterator[Site]:
    """A site with so many trips, in which every end comes by its event if so wanted; nothing of it is left."""
    arguments = ("--rows", str(rows), *((TOLD_BY_EVENT,) if by_event else ()))
    with tempfile.TemporaryDirectory(prefix="pushboard-bench-") as folder:
        var = Path(folder) / "var"
        with running(Stack(var, arguments, module="tests.bench.scale.laptop")) as stack:
            yield Site(stack)
