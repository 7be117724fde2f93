"""A laptop's AWS in this process, where a test lets things go wrong, and its dashboard behind a network to pull."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Cookie, expect

from infra.local.cloudformation.deployment import CLUSTER
from infra.local.dashboard_process import DashboardProcess, dashboard_environment
from infra.sample import Simulated
from tests.e2e.conftest import REPO, free_port
from tests.e2e.recovery.network import Network
from tests.e2e.tab import Tab
from tests.infra.local.laptop import FaultyAws, client, copy_of_the_project
from tests.samples import lay

REPORT = """/*---
title: {title}
parameters:
  month: {{type: month, label: Trip month, default: 2015-12}}
chart: {{type: number, value: {name}}}
cache: 0s
timeout: {limit}s
---*/
SELECT count(*) AS {name} FROM nyc_yellow_taxi WHERE pickup_date >= to_date(:month, 'YYYY-MM')
"""
REPORTS = {"patient": 60, "urgent": 24, "steady": 60}
"""All that the department `operations` has here, with limits in seconds. Nothing is cached: a run costs a statement."""

SAMPLE = Simulated(20_000)


class Site:
    """The dashboard at `url`, its AWS, and the network before it."""

    def __init__(self, aws: FaultyAws, network: Network, port: int, var: Path) -> None:
        self.aws = aws
        self.network = network
        self.url = f"http://localhost:{network.port}"
        self.sessions = var / "sessions"
        self.cookies: dict[str, list[Cookie]] = {}
        self._port = port
        self._environment = dashboard_environment(aws, var, self.url)
        self.start_dashboard()

    def start_dashboard(self) -> None:
        """Returns when it serves."""
        self.dashboard = DashboardProcess(REPO, self._port, self._environment, self.aws.logs)
        self.dashboard.wait_until_healthy()

    def kill_dashboard(self) -> None:
        """As if its machine lost power: gunicorn and its worker, in the middle of whatever they do."""
        gunicorn = self.dashboard._process
        os.killpg(gunicorn.pid, signal.SIGKILL)  # it leads a session of its own, so nothing else is killed
        gunicorn.wait(10)

    def client(self, service: str) -> Any:
        """A boto3 client of this AWS."""
        return client(self.aws, service)

    def statements(self, report: str) -> int:
        """How many statements there were of a report."""
        pages = self.client("redshift-data").get_paginator("list_statements").paginate(Status="ALL")
        return sum(f"AS {report} " in statement["QueryString"] for page in pages for statement in page["Statements"])

    def hold_ends(self) -> None:
        """From now on nobody is told that a statement has ended, until `aws.faults.release` or `mend`."""
        self.aws.faults.reorder_events(until=1_000_000)


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """A site of its own; nothing of it is left."""
    repo = copy_of_the_project(folder / "project")
    reports = repo / "sql" / "reports" / "operations"
    for file in reports.glob("*.sql"):
        file.unlink()
    for name, limit in REPORTS.items():
        (reports / f"{name}.sql").write_text(REPORT.format(name=name, title=name.capitalize(), limit=limit))
    var, port = folder / "var", free_port()
    with Network(port) as network:
        backend = CLUSTER | {"GroupsFreshSeconds": "0", "QuickSeconds": "0"}  # tests here hold and lose events
        lay(SAMPLE.rows, var)
        options = {"app_url": f"http://localhost:{network.port}", "sample": SAMPLE, "backend": backend}
        aws = FaultyAws(var, port=free_port(), repo=repo, announce=lambda line: None, **options)
        aws.start()
        try:
            site = Site(aws, network, port, var)
            try:
                yield site
            finally:
                site.dashboard.stop()
        finally:
            aws.stop()


class SiteTab(Tab):
    """A tab of the site, whose panels are figures."""

    def is_drawn(self, *topics: str) -> None:
        """Waits until panels show the figure of what they asked last."""
        self.is_finished(*topics)
        for topic in topics:
            expect(self.panel(topic).locator(".headline-figure")).not_to_be_empty()
