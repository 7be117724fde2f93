"""Random walks of panels that watch, while the tables they show change: what must hold besides all that holds of runs.

No answer from before a known change is given to whoever asks after it; when everything has come to rest, whoever
watches has been told rows from after the last change; and each change costs one statement a question at the most.

WALKS=5000 walks that many new ways; else some dozens are walked, the same each time.
"""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from backend_lambdas.errors import PushboardError
from backend_lambdas.messages import Run, RunRejected
from backend_lambdas.reports.report_file import Report
from backend_lambdas.runs.run_service import LATE_SECONDS, RunService
from backend_lambdas.tables import page_turner
from backend_lambdas.tables.page_turner import NotTurned, PageTurner
from backend_lambdas.tables.table_changes import TURN_SECONDS
from tests.backend_lambdas.lambda_fakes import Statement, World
from tests.backend_lambdas.test_walks import (
    MONTHS,
    RETRIES,
    TERMINAL,
    Asked,
    RoughWalk,
    one_at_a_time,
)
from tests.backend_lambdas.walking import Invocation, walked

__all__ = ["one_at_a_time"]

TABLE = "public.nyc_yellow_taxi"


class OneReport:
    """A catalogue of the one report that everybody asks for."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def runnable(self, _report_id: str, _principal: Any) -> Report:
        return self._report


class AlwaysMember:
    """Nobody's groups are taken away."""

    def as_of_now(self, principal: Any) -> Any:
        return principal


class LoadWalk(RoughWalk):
    """A table changes, now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.loads = 0  # that have happened
        self.times: list[int] = []  # of each of them
        self.known = 0  # the last of them that is on record
        self.loads_of: dict[str, int] = {}  # how many a statement sees
        self.needed: dict[str, int] = {}  # how many the rows of a run must show
        self.world.data_api.during["ExecuteStatement"] = self.note_loads

    def note_loads(self, statement: Statement) -> None:
        self.loads_of[statement.id] = self.loads
        self.maybe_overtake(statement)

    def send(self, run: Asked) -> None:
        run.month = MONTHS[0]  # all ask the same: so each change meets somebody who watches
        if run.refresh:
            self.excuses.one_more(run.month)
        self.needed.setdefault(run.run_id, self.known)
        parameters = {"month": run.month}
        command = Run(f"topic of {run.run_id}", "revenue_by_day", run.run_id, parameters, run.refresh, watch=True)

        def request_run(service: RunService) -> None:
            requester, spec = self.requester(run.connection_id), self.spec(run.month)
            try:
                service.watches.add(requester.connection_id, [(command, spec.tables)], requester.batches)
                service.request_run(requester, command, spec)
            except PushboardError as error:
                service.unwatch(run.connection_id, [run.run_id])
                rejected = RunRejected(command.topic_name, run.run_id, error.code, error.message)
                service.notifier.notify(run.connection_id, rejected)
            run.taken = True

        self.start(f"ask {run.run_id}", request_run, lambda: setattr(run, "clean", False))

    def load(self) -> None:
        """What is there for every statement that begins later."""
        self.loads += 1
        self.now += 1
        self.times.append(self.now)
        for month in MONTHS:
            self.excuses.one_more(month)

    @rule()
    def a_table_changes(self) -> None:
        self.load()
        self.hear_of(self.loads, self.now, RETRIES)

    def hear_of(self, load: int, at: int, retries: int) -> None:
        def hear(service: RunService) -> None:
            service.changes.note(TABLE, at, "a load")
            self.known = max(self.known, load)
            self.turner(service).turn_due([TABLE])

        again = (lambda: self.hear_of(load, at, retries - 1)) if retries else None
        self.start(f"turn {load}", hear, again)

    @precondition(lambda self: self.sockets)
    @rule(data=st.data())
    def somebody_asks_and_is_answered(self, data: st.DataObject) -> None:
        """All of it at once, as it mostly goes; what else is under way stays so."""
        before = list(self.invocations)
        self.ask(data)
        self.finish_new(before)
        for statement_id in self.started():
            statement = self.world.data_api.statements[statement_id]
            statement.status = "FINISHED"
            self.deliver(statement, "FINISHED", RETRIES)
        self.finish_new(before)

    def ask(self, data: st.DataObject) -> None:
        connection_id = data.draw(st.sampled_from(sorted(self.sockets)))
        self.number += 1
        run = Asked(f"run-{self.number}", self.owners[connection_id], MONTHS[0], connection_id, refresh=False)
        self.asked[run.run_id] = run
        self.send(run)

    @rule()
    def a_table_changes_and_pages_turn(self) -> None:
        """All of it at once."""
        before = list(self.invocations)
        self.a_table_changes()
        self.finish_new(before)

    @precondition(lambda self: self.sockets)
    @rule(data=st.data())
    def somebody_asks_between_a_change_and_its_turn(self, data: st.DataObject) -> None:
        """It is on record, and what was asked before it is there still."""
        before = list(self.invocations)
        self.a_table_changes()
        (hearing,) = [one for one in self.invocations if one not in before]
        while self.known < self.loads and hearing in self.invocations:
            self.step(hearing, 1)
        self.somebody_asks_and_is_answered(data)

    def finish_new(self, before: list[Invocation]) -> None:
        for invocation in [one for one in self.invocations if one not in before]:
            self.finish(invocation)

    @rule()
    def a_minute_turns(self) -> None:
        self.start("turn what is due", lambda service: self.turner(service).turn_due([TABLE]))

    def turner(self, service: RunService) -> PageTurner:
        return PageTurner(service, OneReport(self.world.report), AlwaysMember())  # type: ignore[arg-type]

    @precondition(lambda self: self.invocations)
    @rule()
    def a_turn_is_refused_a_call(self) -> None:
        for invocation in [one for one in self.invocations if one.name.startswith("turn")][:1]:
            for month in MONTHS:
                self.excuses.one_more(month)
            invocation.gate.refused = 1
            self.step(invocation, 1)

    def look_at(self, invocation: Invocation) -> None:
        """That some could not be asked is told by raising, and made up for."""
        if invocation.gate.ended and isinstance(invocation.gate.error, NotTurned):
            invocation.gate.error = None
            if invocation in self.invocations and invocation.again:
                super().look_at(invocation)
                invocation.again()
                return
        super().look_at(invocation)

    def check_so_far(self) -> None:
        super().check_so_far()
        for message in self.ends_with_rows():
            seen, needed = self.loads_of[message["statementId"]], self.needed[message["runId"]]
            assert seen >= needed, f"{message['runId']} was told rows from before a change that was known"

    def come_to_rest(self) -> None:
        """Statements end, and minutes turn what was cut off; then all show rows from after the last known change."""
        for _ in range(6):
            self.now += (LATE_SECONDS + TURN_SECONDS) * 1000
            while self.events:
                self.deliver(*self.events.pop(0))
                self.finish_everything()
            for statement_id in self.started():
                statement = self.world.data_api.statements[statement_id]
                statement.status = "FINISHED"
                self.deliver(statement, "FINISHED", RETRIES)
            self.finish_everything()
            self.world.reconcile()
            self.a_minute_turns()
            self.finish_everything()
        for watch in self.world.service.watches.on([TABLE]):
            if watch.connection_id in self.sockets:
                self.check_that_it_shows_the_last_load(watch.run_id)
        super().come_to_rest()

    def check_that_it_shows_the_last_load(self, run_id: str) -> None:
        told = [message for _, message in self.world.gateway.posts if message.get("runId") == run_id]
        ends = [message for message in told if message["type"] in TERMINAL]
        if ends and ends[-1]["type"] == "finished":
            assert self.loads_of[ends[-1]["statementId"]] >= self.known, f"{run_id} still shows old rows: {told}"


@pytest.mark.timeout(0)
def test_whatever_happens_nothing_stale_is_called_fresh(
    world: World, one_at_a_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_turner, "_AT_ONCE", 1)
    walked(world, LoadWalk, few=4)  # `test_walks_of_everything` does the same and more
