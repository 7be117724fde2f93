"""Random walks of jobs, of the loads that they are, and of panels that watch: all that may go on beside each other.

What holds of jobs, of watchers and of runs each by itself (`test_walks_of_jobs`, `test_walks_of_loads`, `test_walks`)
holds of them together: a table changes when a step of a job has ended, and that is known once the event of the job's
end has come, which it may late or twice.

WALKS=5000 walks that many new ways; else some dozens are walked, the same each time.
"""

import json

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from backend_lambdas import clock
from backend_lambdas.tables import page_turner
from tests.backend_lambdas.lambda_fakes import Statement, World
from tests.backend_lambdas.test_walks import RETRIES, one_at_a_time
from tests.backend_lambdas.test_walks_of_jobs import MINUTE, JobRules, is_step, job
from tests.backend_lambdas.test_walks_of_loads import TABLE, LoadWalk
from tests.backend_lambdas.walking import Invocation, walked

__all__ = ["one_at_a_time"]


class EverythingWalk(JobRules, LoadWalk):
    """People run jobs, and others look at what the jobs change."""

    jobs = (
        job("whole", TABLE),
        job("apart", TABLE, "transaction: each step\n"),
        job("refused", TABLE, "when_busy: refuse\n"),
        job("agreed", TABLE, "approve: [finance]\n"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.told = 0  # events on the bus that have been seen there
        self.news: list[tuple[int, int]] = []  # load and time of each change that is told of and not yet heard

    def statements(self) -> list[Statement]:
        return [one for one in super().statements() if not is_step(one)]

    def note_loads(self, statement: Statement) -> None:
        if not is_step(statement):
            super().note_loads(statement)

    def end_step(self, statement: Statement, state: str) -> None:
        super().end_step(statement, state)
        if state == "FINISHED":
            self.load()

    def note_meanwhile(self, invocation: Invocation) -> None:
        super().note_meanwhile(invocation)
        self.look_at_the_bus()

    def look_at_the_bus(self) -> None:
        for entry in self.world.bus.entries[self.told :]:
            detail = json.loads(entry["Detail"])
            assert detail["tables"] == [TABLE]
            at = clock.milliseconds(detail["at"])
            self.news.append((len([time for time in self.times if time <= at]), at))
        self.told = len(self.world.bus.entries)

    @precondition(lambda self: self.news)
    @rule(data=st.data(), twice=st.booleans())
    def the_news_of_a_job_comes(self, data: st.DataObject, twice: bool) -> None:
        position = data.draw(st.integers(0, len(self.news) - 1))
        load, at = self.news[position]
        if not twice:
            del self.news[position]
        self.hear_of(load, at, RETRIES)

    @rule(at_once=st.booleans())
    def a_minute_comes(self, at_once: bool) -> None:
        self.time_passes(MINUTE // 1000)
        self.do("minute", lambda runner: runner.tick(), at_once)

    def come_to_rest(self) -> None:
        self.time_passes(MINUTE // 1000)
        self.rest_from_jobs()
        self.look_at_the_bus()
        while self.news:
            self.hear_of(*self.news.pop(0), RETRIES)
            self.finish_everything()
        super().come_to_rest()
        self.check_jobs()


@pytest.mark.timeout(0)
def test_whatever_happens_all_of_it_holds(world: World, one_at_a_time: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_turner, "_AT_ONCE", 1)
    walked(world, EverythingWalk)
