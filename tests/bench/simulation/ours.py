"""A morning by Pushboard's way: a socket a tab, one statement a question, an end that is told to all who wait.

Without sharing, each panel of each viewer is a question of its own; all else stays. The order within a run is that of
`docs/delivery.md`. What a viewer's panels do at the same step is reckoned together.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import simpy

from tests.bench.simulation import run_costs
from tests.bench.simulation.account import Account
from tests.bench.simulation.outcome import Completion, Outcome, outcome
from tests.bench.simulation.run_costs import CACHED, JOINED, MISSED, POSTS, SHARED_KEYS
from tests.bench.simulation.workload import Durations, Question, Site, Workload

Process = Generator[simpy.Event, Any, None]

WHOLE_PROCESSOR = 1769
"""MiB of a function's memory with which Lambda gives it one processor."""

SHARED, ALONE = "ours", "ours without sharing"

_TOLD_TOGETHER = 50
"""Subscribers of one end whose messages are reckoned at the same moment."""


@dataclass
class Statement:
    """A question's statement; `viewer` has asked first, `subscribers` wait for it while it runs."""

    question: Question
    viewer: int
    subscribers: list[int] = field(default_factory=list)
    is_told: bool = False
    read_by: set[int] = field(default_factory=set)


@dataclass
class Invocation:
    """A function that submits statements of one page at the same time: how many are `open`, how long it is held."""

    open: int
    seconds: float = 0.0


class Morning:
    """All of one morning. Times are in seconds since nine o'clock."""

    def __init__(
        self, workload: Workload, quotas: Mapping[str, float], site: Site, durations: Durations, is_shared: bool
    ) -> None:
        self._env = simpy.Environment()
        self._workload, self._site, self._durations, self._is_shared = workload, site, durations, is_shared
        self._account = Account(quotas, site)
        self._units = run_costs.units()
        self._line = self._account.line("MaxRunsPerDepartment", site.max_runs_per_department)
        self._warehouse = self._account.servers("warehouse", workload.warehouse_places)
        self._statement_seconds = workload.durations()
        self._statements: dict[Question, Statement] = {}
        self._seconds: list[float] = []
        self._calls: Counter[str] = Counter()
        self._too_busy = 0
        self._processes = math.ceil(workload.viewers / site.tabs_per_process)
        arrivals = workload.arrivals()
        self._completion = Completion([at for at, _ in arrivals], workload.panels)
        for viewer, (at, month) in enumerate(arrivals):
            self._env.process(self._viewer(viewer, at, month))

    def run(self) -> Outcome:
        """Until all viewers are complete."""
        self._env.run()
        self._bill_open_pages()
        return outcome(
            SHARED if self._is_shared else ALONE,
            self._workload,
            self._completion,
            self._seconds,
            self._calls,
            self._account.walls(),
            self._account.usage,
            self._too_busy,
        )

    def _viewer(self, viewer: int, at: float, month: int) -> Process:
        env, account, durations = self._env, self._account, self._durations
        yield env.timeout(at)
        yield env.timeout(account.tokens.wait(env.now))
        yield env.timeout(account.rest_request(env.now, 1))
        listed = account.invoke(env.now, durations.reports, self._site.function_memory)
        yield env.timeout(max(account.connections.wait(env.now), account.requests.wait(env.now), listed - env.now))
        account.invoke(env.now, durations.authorizer, self._site.function_memory)
        opened = account.invoke(env.now, durations.authorizer + durations.message, self._site.function_memory)
        yield env.timeout(opened + account.table(env.now, 2, 0) - env.now)
        yield env.timeout(account.message(env.now, 1))
        self._ask(viewer, month)

    def _ask(self, viewer: int, month: int) -> None:
        """All panels of a page, whose one message is taken at this moment."""
        kinds: defaultdict[str, list[Statement]] = defaultdict(list)
        for panel in range(self._workload.panels):
            kind, statement = self._found((panel, month), viewer)
            kinds[kind].append(statement)
        waits = self._written(kinds)
        self._tell(viewer, kinds[CACHED], kinds[JOINED], waits)
        invocation = Invocation(len(kinds[MISSED]))
        for statement in kinds[MISSED]:
            self._submit(statement, invocation)

    def _found(self, question: Question, viewer: int) -> tuple[str, Statement]:
        there = self._statements.get(question) if self._is_shared else None
        if there is None:
            statement = self._statements[question] = Statement(question, viewer)
            return MISSED, statement
        return (CACHED if there.is_told else JOINED), there

    def _written(self, kinds: Mapping[str, list[Statement]]) -> float:
        """Seconds that these runs' functions wait for the table, from their start: many of its keys are shared."""
        account, tables, runs = self._account, self._workload.tables, sum(map(len, kinds.values()))
        now, watch = account.functions.start(self._env.now), run_costs.watch_units(runs)
        waits = max(
            account.key(now, "watch#<table>", writes=tables * watch),
            account.table(now, tables * watch + 1, 0),
            account.key(now, "catalogue", reads=SHARED_KEYS[MISSED].settled_reads),
            account.key(now, "table#<name>", reads=tables * SHARED_KEYS[MISSED].settled_reads),
        )
        for kind, statements in kinds.items():
            shared, count = SHARED_KEYS[kind], len(statements)
            writes = (self._units[f"{kind}_writes"] - run_costs.WATCH_WRITES) * count
            reads = self._units[f"{kind}_reads"] * count
            waits = max(waits, account.table(now, writes, reads))
            for statement in statements if self._is_shared else ():
                waits = max(waits, self._written_on(statement, kind, now))
            if shared.ended_writes:
                account.key(now, "ended#<day>", writes=shared.ended_writes * count)  # behind the answer
        return waits

    def _written_on(self, statement: Statement, kind: str, now: float) -> float:
        account, shared, question = self._account, SHARED_KEYS[kind], statement.question
        waits = account.key(now, f"run#<question> {question}", writes=shared.run_writes, reads=shared.run_reads)
        if not shared.attempt_writes:
            return waits
        return max(waits, account.key(now, f"attempt#<attempt> {question}", writes=shared.attempt_writes))

    def _tell(self, viewer: int, cached: list[Statement], joined: list[Statement], waits: float) -> None:
        """What the function tells at once, when the table has taken its writes: all that is cached by one message."""
        if not cached and not joined:
            return
        done = self._account.invoke(self._env.now, self._durations.message, self._site.function_memory, waits)
        posted = done + self._account.post(self._env.now, bool(cached) + len(joined))
        for statement in [*cached, *joined]:
            if statement.is_told:
                self._fetch(viewer, statement, posted)
            else:
                statement.subscribers.append(viewer)

    def _submit(self, statement: Statement, invocation: Invocation) -> None:
        """Reckons when the Data API takes the statement and when it ends; its function waits for a quick end."""
        now, site, seconds = self._env.now, self._site, next(self._statement_seconds)
        start = self._line.start(now)
        end = self._warehouse.serve(start, seconds)
        self._line.leave(end)
        self._seconds.append(seconds)
        self._calls.update(ExecuteStatement=1)
        queued, is_quick = start - now, end - start <= site.quick_seconds
        self._too_busy += queued > site.queue_seconds
        held = self._durations.message + min(queued, site.queue_seconds) + min(end - start, site.quick_seconds)
        invocation.seconds = max(invocation.seconds, held)
        ended = self._env.timeout(end - now + (0.0 if is_quick else self._durations.event))
        ended.callbacks.append(lambda _: self._end(statement, is_quick, invocation))

    def _end(self, statement: Statement, is_quick: bool, invocation: Invocation) -> None:
        """The end of a statement is known: to the function that has submitted it, or to that of its event."""
        invocation.open -= 1
        if not invocation.open:
            self._account.invoke(self._env.now, invocation.seconds, self._site.function_memory)
        statement.is_told = True
        self._calls.update(DescribeStatement=is_quick)  # how many rows there are; else the event tells it
        posted = self._env.now + self._account.post(self._env.now, POSTS)
        self._fetch(statement.viewer, statement, posted)
        if statement.subscribers:
            self._env.process(self._told(statement, is_quick))

    def _told(self, statement: Statement, is_quick: bool) -> Process:
        """Tells everybody who waits, one after the other, as fast as the function's part of a processor is."""
        env, account, site = self._env, self._account, self._site
        memory = site.function_memory if is_quick else site.send_message_memory
        each = self._durations.told * max(WHOLE_PROCESSOR / memory, 1.0)
        began = env.now
        for first in range(0, len(statement.subscribers), _TOLD_TOGETHER):
            told = statement.subscribers[first : first + _TOLD_TOGETHER]
            yield env.timeout(each * len(told))
            yield env.timeout(account.post(env.now, len(told)))
            for viewer in told:
                self._fetch(viewer, statement, env.now)
        account.invoke(env.now, env.now - began + self._durations.message, memory)

    def _fetch(self, viewer: int, statement: Statement, at: float) -> None:
        """A process of the dashboard reads rows once, the first of all from the Data API, the others what is kept.

        It has been told the end on the viewer's own connection, so it need not ask whether this one may see them.
        """
        process = viewer % self._processes
        if process not in statement.read_by:
            at = self._read(statement, at)
            statement.read_by.add(process)
        self._completion.end(viewer, at + self._durations.drawing)

    def _read(self, statement: Statement, at: float) -> float:
        """When the rows are there that are asked for at a moment."""
        account, now = self._account, self._env.now
        account.usage["s3_reads"] += 1
        at += max(account.rest_request(now, 1), account.table(now, 0, run_costs.RESULT_READS))
        if not statement.read_by:
            self._calls.update(GetStatementResult=1)
            account.usage["s3_writes"] += 1
            at += account.result.wait(now)
        return at + account.invoke(now, self._durations.rows, self._site.function_memory) - now

    def _bill_open_pages(self) -> None:
        """What open pages cost by themselves: their minutes, and their pings with the answers."""
        viewers, open_seconds = self._workload.viewers, self._workload.open_seconds
        pings = viewers * (open_seconds // self._durations.ping_every)
        usage = self._account.usage
        usage["connection_minutes"] += viewers * open_seconds / 60
        usage["messages"] += 2 * pings
        usage["lambda_requests"] += pings
        usage["lambda_gb_seconds"] += pings * self._durations.message * self._site.function_memory / 1024
        usage["events"] += len(self._seconds)


def simulate(
    workload: Workload, quotas: Mapping[str, float], site: Site, durations: Durations, is_shared: bool = True
) -> Outcome:
    """A morning of ours; `is_shared` tells whether equal questions share a statement."""
    return Morning(workload, quotas, site, durations, is_shared).run()
