"""A morning by the plain way: each panel a statement, whose state is asked for each second until it has ended.

It is the published pattern without its events, and well made otherwise: calls that are refused back off as the SDK
does, and no panel gives up. Each step is a REST request, a function and a call of the Data API.
"""

import math
from collections import Counter
from collections.abc import Generator, Mapping
from typing import Any

import simpy

from tests.bench.simulation.account import Account
from tests.bench.simulation.outcome import Completion, Outcome, outcome
from tests.bench.simulation.workload import Durations, Site, Workload

POLLING = "polling each second"

_EVERY = 1.0
_CALL_SECONDS = 0.1
"""What a function takes that makes one call of the Data API."""


class Morning:
    """All of one morning. Times are in seconds since nine o'clock."""

    def __init__(self, workload: Workload, quotas: Mapping[str, float], site: Site, durations: Durations) -> None:
        self._env = simpy.Environment()
        self._workload, self._durations, self._memory = workload, durations, site.function_memory
        self._account = Account(quotas, site)
        self._line = self._account.line("active statements", int(quotas["active_statements"]))
        self._warehouse = self._account.servers("warehouse", workload.warehouse_places)
        self._statement_seconds = workload.durations()
        self._seconds: list[float] = []
        self._calls: Counter[str] = Counter()
        self._refused = 0.0
        arrivals = workload.arrivals()
        self._completion = Completion([at for at, _ in arrivals], workload.panels)
        for viewer, (at, _) in enumerate(arrivals):
            self._env.process(self._viewer(viewer, at))

    def run(self) -> Outcome:
        """Until all viewers are complete."""
        self._env.run()
        usage, walls = self._account.usage, self._account.walls()
        return outcome(
            POLLING,
            self._workload,
            self._completion,
            self._seconds,
            self._calls,
            walls,
            usage,
            refused=int(self._refused),
        )

    def _viewer(self, viewer: int, at: float) -> Generator[simpy.Event, Any, None]:
        env = self._env
        yield env.timeout(at)
        yield env.timeout(self._account.tokens.wait(env.now))
        yield env.timeout(self._account.requests.wait(env.now, self._workload.panels))
        for _ in range(self._workload.panels):
            self._submit(viewer)

    def _submit(self, viewer: int) -> None:
        """Reckons when the Data API takes a panel's statement, and by which of its polls its end is known."""
        now, seconds = self._env.now, next(self._statement_seconds)
        start = self._line.start(now)
        end = self._warehouse.serve(start, seconds)
        self._line.leave(end)
        self._seconds.append(seconds)
        polls = max(math.ceil((end - start) / _EVERY), 1)
        self._note_refused(start - now)
        last = self._env.timeout(start + polls * _EVERY - now)
        last.callbacks.append(lambda _: self._end(viewer, polls))

    def _end(self, viewer: int, polls: int) -> None:
        """The last poll of a panel's statement: its earlier ones are reckoned with it."""
        now = self._env.now
        self._request("ExecuteStatement", 1)
        known = now + self._account.describe.wait(now, polls) + self._request("DescribeStatement", polls)
        waits = self._account.result.wait(now)
        self._note_refused(waits)
        self._request("GetStatementResult", 1)
        self._completion.end(viewer, max(known, now + waits) + _CALL_SECONDS)

    def _note_refused(self, waits: float) -> None:
        """Counts tries that came to nothing; what they cost of other quotas, and dollars, is left out."""
        self._refused += waits // self._durations.refused_try

    def _request(self, operation: str, count: int) -> float:
        """Seconds until the REST API has taken a request for a call; it is the plain page's, without limits of ours."""
        self._calls[operation] += count
        usage = self._account.usage
        usage["lambda_requests"] += count
        usage["lambda_gb_seconds"] += count * _CALL_SECONDS * self._memory / 1024
        return self._account.rest_request(self._env.now, count, limited=False)


def simulate(workload: Workload, quotas: Mapping[str, float], site: Site, durations: Durations) -> Outcome:
    """A morning of pages that poll."""
    return Morning(workload, quotas, site, durations).run()
