"""Random walks through everything that can happen to runs, and what must hold on every one of them.

Functions run call by call, many at once, in any order. Sockets break, events come late, twice and in another order. On
rough walks functions also die before any of their calls, calls are refused, events are lost, and time passes. Then
everything comes to rest, and the properties of the design are looked at: never lost, never twice, never silent, never
someone else's. On calm walks nothing may need the reconciler for it. Rows are read all the while, and kept.

WALKS=5000 walks that many new ways; else some dozens are walked, the same each time.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from backend_lambdas import clock
from backend_lambdas.access import audit
from backend_lambdas.aws.warehouse import attempt_of
from backend_lambdas.commands.query_spec import EXPORT_SECONDS
from backend_lambdas.errors import PushboardError
from backend_lambdas.handlers.reconcile import Reconciler
from backend_lambdas.messages import Export, Run, RunRejected
from backend_lambdas.results.pages import Position
from backend_lambdas.runs import run_state
from backend_lambdas.runs.outcomes import StatementEnded
from backend_lambdas.runs.requests import Requester
from backend_lambdas.runs.run_service import RunService
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.sockets import notifier
from tests.backend_lambdas import lambda_fakes
from tests.backend_lambdas.lambda_fakes import Statement, World, principal
from tests.backend_lambdas.walking import Deadly, Ids, Invocation, Walking, Wrap, walked

TERMINAL = {"finished", "exported", "failed", "cancelled", "rejected"}
USERS = ("ann", "bob", "cid")
MONTHS = ("2015-11", "2015-12")
TIMEOUT, CACHE = 60, 15 * 60
"""Of the report that is asked for, in seconds."""

OF_IDS = (audit, run_state, lambda_fakes)
"""Modules that make ids."""

RETRIES = 2
"""How often Lambda tries an event again."""


@dataclass
class Asked:
    """What the model knows of one run: whose it is, and what its client may expect."""

    run_id: str
    user: str
    month: str
    connection_id: str
    refresh: bool
    cancelled: bool = False
    clean: bool = True  # its function was neither killed nor refused anything
    taken: bool = False  # its function has ended


@dataclass
class Excuses:
    """What allows another statement of the same query: each thing that happened, one."""

    count: Counter[str] = field(default_factory=Counter)

    def one_more(self, month: str) -> None:
        self.count[month] += 1


def page_of(statement: Statement) -> dict[str, Any]:
    """The rows of a statement: its own id."""
    columns = [{"name": "statement", "typeName": "varchar"}]
    return {"ColumnMetadata": columns, "Records": [[{"stringValue": statement.id}]], "TotalNumRows": 1}


class Walk(Walking):
    """One world, walked at random."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[str, Asked] = {}
        self.sockets: dict[str, str] = {}  # open connection -> user
        self.owners: dict[str, str] = {}  # every connection there was -> user
        self.events: list[tuple[Statement, str, int]] = []
        self.aborted: set[str] = set()  # months of statements that somebody in the warehouse ended
        self.excuses = Excuses()
        self.pace = "slow"
        self.repeated: set[str] = set()  # runs whose end may be told more than once
        self.doubled = False  # an event has come and will come again: then that is so of any run
        self.world.quick_seconds = 1
        self.world.data_api.page_of = page_of
        self.readings: list[tuple[str, list[list[Any]]]] = []
        self.world.data_api.during["ExecuteStatement"] = self.maybe_overtake
        self.number = 0
        self.seen = 0
        self.told_until = 0
        self.told_meanwhile: set[str] = set()

    # ------------------------------------------------------------------------------------------------------ functions

    def start(self, name: str, do: Callable[[RunService], object], again: Callable[[], None] | None = None) -> None:
        self.begin(name, lambda wrap: do(self.world.service_over(wrap)), again)

    def note_meanwhile(self, invocation: Invocation) -> None:
        """Notes runs whose own function is still under way when another tells their end."""
        others = {one.name for one in self.invocations if one is not invocation}
        for _, message in self.world.gateway.posts[self.told_until :]:
            if message["type"] in TERMINAL and others & {f"ask {message['runId']}", f"export {message['runId']}"}:
                # Where somebody in the warehouse ended the statement, the function that joined it begins anew.
                (self.repeated if message["type"] == "cancelled" else self.told_meanwhile).add(message["runId"])
        self.told_until = len(self.world.gateway.posts)

    # ---------------------------------------------------------------------------------------------------------- rules

    @initialize(chance=st.randoms(use_true_random=True))
    def everyone_connects(self, chance: Random) -> None:
        """Ids follow from the walk too: what is read in their order comes in the same order when it is walked again."""
        for module in OF_IDS:
            module.uuid = Ids(chance)  # type: ignore[attr-defined]
        for user in USERS:
            self.connect(user)

    def connect(self, user: str) -> str:
        self.number += 1
        connection_id = f"{user}-{self.number}="
        self.sockets[connection_id] = self.owners[connection_id] = user
        self.world.connections.add(connection_id, self.requester(connection_id).principal)
        return connection_id

    def requester(self, connection_id: str) -> Requester:
        user = self.owners[connection_id]
        return Requester(connection_id, type(principal())(user, user, frozenset({"finance"}), 4_000_000_000, {}, user))

    def spec(self, month: str) -> Any:
        return self.world.spec(month=month)

    @precondition(lambda self: self.sockets)
    @rule(data=st.data(), month=st.sampled_from(MONTHS), refresh=st.sampled_from([False, False, False, True]))
    def asks(self, data: st.DataObject, month: str, refresh: bool) -> None:
        connection_id = data.draw(st.sampled_from(sorted(self.sockets)))
        self.number += 1
        run = Asked(f"run-{self.number}", self.owners[connection_id], month, connection_id, refresh)
        self.asked[run.run_id] = run
        if refresh:
            self.excuses.one_more(month)
        self.send(run)

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def the_same_message_comes_twice(self, data: st.DataObject) -> None:
        run = self.asked[data.draw(st.sampled_from(sorted(self.asked)))]
        if run.connection_id in self.sockets:
            self.repeated.add(run.run_id)
            self.send(run)

    def send(self, run: Asked) -> None:
        def request_run(service: RunService) -> None:
            command = Run(f"topic of {run.run_id}", "revenue_by_day", run.run_id, {}, run.refresh)
            try:
                service.request_run(self.requester(run.connection_id), command, self.spec(run.month))
            except PushboardError as error:
                rejected = RunRejected(command.topic_name, run.run_id, error.code, error.message)
                service.notifier.notify(run.connection_id, rejected)
            run.taken = True

        self.start(f"ask {run.run_id}", request_run, lambda: setattr(run, "clean", False))

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def cancels(self, data: st.DataObject) -> None:
        run = self.asked[data.draw(st.sampled_from(sorted(self.asked)))]
        if run.connection_id not in self.sockets:
            return
        run.cancelled = True
        self.excuses.one_more(run.month)
        self.start(
            f"cancel {run.run_id}",
            lambda service: bool(service.cancel(self.requester(run.connection_id), run.run_id)) and None,
        )

    @precondition(lambda self: self.sockets)
    @rule(data=st.data(), notified=st.booleans(), back=st.booleans())
    def a_socket_breaks(self, data: st.DataObject, notified: bool, back: bool) -> None:
        """`$disconnect` may never come; the tab comes back, or not."""
        connection_id = data.draw(st.sampled_from(sorted(self.sockets)))
        user = self.sockets.pop(connection_id)
        self.world.gateway.gone.add(connection_id)
        if notified:
            self.start(f"disconnect {connection_id}", lambda service: service.connections.remove(connection_id))
        if back:
            self.resume(user, connection_id, self.connect(user))
        elif user not in self.sockets.values():
            self.connect(user)  # another tab of theirs

    def resume(self, user: str, old: str, new: str) -> None:
        pending = [run for run in self.asked.values() if run.connection_id == old and not self.ends(run)]
        for run in pending:
            run.connection_id = new
        if pending:
            run_ids = [run.run_id for run in pending]
            self.repeated.update(run_ids)
            broken = lambda: [setattr(run, "clean", False) for run in pending]  # noqa: E731
            self.start(f"resume {run_ids}", lambda service: service.resume(self.requester(new), run_ids), broken)

    @precondition(lambda self: self.readable())
    @rule(data=st.data())
    def rows_are_read(self, data: st.DataObject) -> None:
        """By whoever was told of them; the first reader keeps them for the others."""
        statement_id = data.draw(st.sampled_from(self.readable()))

        def read(wrap: Wrap) -> None:
            record = RunTable(wrap(self.world.db), self.world.table).statement(statement_id)
            assert record is not None, "there are no rows of what has finished"
            try:
                page = self.world.page_reader_over(wrap).read(statement_id, record, Position())
            except PushboardError:
                assert isinstance(self, RoughWalk)
            else:
                self.readings.append((statement_id, page.records))

        self.begin(f"read {statement_id[:4]}", read)

    def readable(self) -> list[str]:
        """Statements of whose rows somebody was told."""
        return sorted({str(message["statementId"]) for message in self.ends_with_rows()})

    def ends_with_rows(self) -> list[dict[str, Any]]:
        """What was told of runs that have rows now."""
        posts = [message for _, message in self.world.gateway.posts if message["type"] == "finished"]
        return [message for message in posts if "job" not in message]

    @precondition(lambda self: self.started())
    @rule(data=st.data(), state=st.sampled_from(["FINISHED", "FINISHED", "FAILED", "ABORTED"]))
    def a_statement_ends(self, data: st.DataObject, state: str) -> None:
        statement = self.world.data_api.statements[data.draw(st.sampled_from(self.started()))]
        statement.status = state
        if state != "FINISHED":
            self.excuses.one_more(self.month_of(statement))
        if state == "ABORTED":
            self.aborted.add(self.month_of(statement))
        self.events.append((statement, state, RETRIES))

    @rule(pace=st.sampled_from(["slow", "quick", "overtaking"]))
    def statements_get_quick_or_slow(self, pace: str) -> None:
        self.pace = pace

    def maybe_overtake(self, statement: Statement) -> None:
        """A quick statement ends before ExecuteStatement has answered; its event has come by then, or is to come."""
        if self.pace == "slow" or statement.status != "STARTED":
            return
        statement.status = "FINISHED"
        if self.pace == "quick":
            self.events.append((statement, "FINISHED", RETRIES))
        else:
            self.world.service.completer.complete(self.world.ended(statement, "FINISHED", self.now))

    @precondition(lambda self: self.events)
    @rule(data=st.data(), twice=st.booleans())
    def an_event_comes(self, data: st.DataObject, twice: bool) -> None:
        position = data.draw(st.integers(0, len(self.events) - 1))
        event = self.events[position]
        if twice:
            self.doubled = True
        else:
            del self.events[position]
        self.deliver(*event)

    def deliver(self, statement: Statement, state: str, retries: int) -> None:
        end = StatementEnded(attempt_of(statement.request["StatementName"]), statement.id, state, 31, self.now)
        again = (lambda: self.events.append((statement, state, retries - 1))) if retries else None
        self.start(f"settle {statement.id[:4]}", lambda service: service.completer.complete(end), again)

    def reconciler(self, service: RunService) -> Reconciler:
        return Reconciler(service, service.connections, service.runs, service.warehouse)

    # ----------------------------------------------------------------------------------------------------- properties

    def statements(self) -> list[Statement]:
        """Those of the queries that are asked."""
        return list(self.world.data_api.statements.values())

    def started(self) -> list[str]:
        return [statement.id for statement in self.statements() if statement.status == "STARTED"]

    def month_of(self, statement: Statement) -> str:
        return str(statement.request["Parameters"][0]["value"])

    def ends(self, run: Asked) -> list[dict[str, Any]]:
        """What the client was told of its end; that a run is not known only makes it ask again."""
        return [
            message
            for _, message in self.world.gateway.posts
            if message.get("runId") == run.run_id and message["type"] in TERMINAL
        ]

    def check_that_nothing_is_someone_elses(self) -> None:
        for connection_id, message in self.world.gateway.posts[self.seen :]:
            if "job" in message:
                continue  # which others may look at
            assert self.asked[message["runId"]].user == self.owners[connection_id], "told to another user"
            if message["type"] == "cancelled":
                run = self.asked[message["runId"]]
                assert run.cancelled or run.month in self.aborted, "another's cancel ended this run"
        self.seen = len(self.world.gateway.posts)

    def check_that_nothing_ran_twice(self) -> None:
        statements = self.statements()
        attempts = Counter(statement.request["StatementName"] for statement in statements)
        assert set(attempts.values()) <= {1}, "an attempt has two statements"
        for month, count in Counter(map(self.month_of, statements)).items():
            assert count <= 1 + self.excuses.count[month], f"{count} statements of {month}: {self.excuses.count}"

    def check_that_rows_are_those_of_their_statement(self) -> None:
        for statement_id, records in self.readings:
            assert records == [[statement_id]]

    def check_so_far(self) -> None:
        self.check_that_rows_are_those_of_their_statement()
        self.check_that_nothing_is_someone_elses()
        self.check_that_nothing_ran_twice()

    def teardown(self) -> None:
        """Everything comes to rest, and everyone has been told."""
        try:
            self.check_so_far()
            self.finish_everything()
            self.come_to_rest()
            self.check_so_far()
            self.check_that_nobody_was_forgotten()
            self.check_that_nobody_was_told_twice()
        finally:
            self.end_everything()

    def come_to_rest(self) -> None:
        """Every statement ends and every event comes, none of them late enough for anybody to look."""
        while self.started() or self.events:
            for statement_id in self.started():
                statement = self.world.data_api.statements[statement_id]
                statement.status = "FINISHED"
                self.events.append((statement, "FINISHED", RETRIES))
            self.deliver(*self.events.pop(0))
            self.finish_everything()

    def waiting(self) -> list[Asked]:
        """The runs of those who are still there and did not cancel."""
        return [run for run in self.asked.values() if run.connection_id in self.sockets and not run.cancelled]

    def check_that_nobody_was_forgotten(self) -> None:
        for run in self.waiting():
            assert self.ends(run), f"{run} was never told its end"

    def check_that_nobody_was_told_twice(self) -> None:
        """By its submitter and by the event, or by one of them and who joined, unless it was asked for or heard of
        twice. A function that joins a run just as another tells its end may find the end as well: each tells before it
        forgets the subscriber, so that nobody is lost when it dies between the two.
        """
        posts = [message for _, message in self.world.gateway.posts]
        joined = {message["runId"] for message in posts if message["type"] == "accepted" and message["shared"]}
        allowed = self.repeated | (self.told_meanwhile & joined)
        for run in () if self.doubled else self.asked.values():
            if not run.cancelled and run.run_id not in allowed:
                assert len(self.ends(run)) <= 1, f"{run} was told its end more than once: {self.ends(run)}"


class RoughWalk(Deadly, Walk):
    """Things also break."""

    def check_that_nobody_was_told_twice(self) -> None:
        """Who could not be told, or not be noted as told, is told again."""

    @precondition(lambda self: self.invocations)
    @rule(data=st.data())
    def a_call_is_refused(self, data: st.DataObject) -> None:
        """By DynamoDB, the warehouse or the gateway, whichever it is."""
        invocation = self.any_invocation(data)
        if invocation.name.startswith("ask"):
            self.excuses.one_more(self.asked[invocation.name.split()[1]].month)
        invocation.gate.refused = 1
        self.step(invocation, 1)

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def an_event_is_lost(self, data: st.DataObject) -> None:
        del self.events[data.draw(st.integers(0, len(self.events) - 1))]

    @rule(seconds=st.sampled_from([1, 11, 25, 70, 130, 16 * 60]))
    def time_passes(self, seconds: int) -> None:
        """Functions live no longer than 29 s: what is under way comes to its end before."""
        if seconds > 25:
            for invocation in list(self.invocations):
                self.finish(invocation)
        self.now += seconds * 1000
        if seconds > TIMEOUT:
            for month in MONTHS:
                self.excuses.one_more(month)

    @rule()
    def a_minute_is_reconciled(self) -> None:
        self.start("reconcile", lambda service: self.reconciler(service).reconcile(lambda: 0))

    def come_to_rest(self) -> None:
        """No event comes any more. Minute after minute, until the last limit is over; then nothing runs for nobody."""
        for _ in range(4):
            self.now += 61_000
            for month in MONTHS:
                self.excuses.one_more(month)
            self.world.reconcile()
        assert not self.started(), "statements run for nobody"

    def check_that_nobody_was_forgotten(self) -> None:
        """Where the asking itself broke down, its client is told at the latest when it asks again."""
        for run in self.waiting():
            if not (run.clean and run.taken):
                self.world.service.resume(self.requester(run.connection_id), [run.run_id])
        super().check_that_nobody_was_forgotten()


class ExportWalk(RoughWalk):
    """Everybody wants files, which are looked after without a tab, and are on record."""

    def __init__(self) -> None:
        super().__init__()
        self.world.data_api.during["BatchExecuteStatement"] = self.maybe_overtake

    def spec(self, month: str) -> Any:
        return super().spec(month).as_export("csv")

    def send(self, run: Asked) -> None:
        def request_run(service: RunService) -> None:
            command = Export(f"topic of {run.run_id}", "revenue_by_day", run.run_id, "csv")
            requester, spec = self.requester(run.connection_id), self.spec(run.month)
            try:
                attempt = service.request_run(requester, command, spec)
                if attempt:
                    service.note_export(requester, run.run_id, attempt, spec)
            except PushboardError as error:
                rejected = RunRejected(command.topic_name, run.run_id, error.code, error.message)
                service.notifier.notify(run.connection_id, rejected)
            run.taken = True

        self.start(f"ask {run.run_id}", request_run, lambda: setattr(run, "clean", False))

    def come_to_rest(self) -> None:
        """The limit of an export is an hour."""
        for _ in range(4):
            self.now += EXPORT_SECONDS * 1000
            for month in MONTHS:
                self.excuses.one_more(month)
            self.world.reconcile()
        assert not self.started(), "statements run for nobody"

    def check_that_nobody_was_forgotten(self) -> None:
        self.check_that_every_export_has_ended()
        super().check_that_nobody_was_forgotten()

    def check_that_every_export_has_ended(self) -> None:
        """One whose function died when it was to put it on the list is on none."""
        listed = {
            item["record"]: item for user in USERS for item in self.world.service.deliveries.exports.of_user(user)
        }
        records = {record["sk"]: record for record in self.world.records()}
        assert set(listed) <= set(records)
        for record_id, item in listed.items():
            state, run = records[record_id]["state"], self.asked[item["runId"]]
            assert state != "started", f"{run} has no end on record"
            if state == "completed":
                assert self.world.service.deliveries.exports.result(item["attempt"]), f"{run} has no file"
            if state == "cancelled":
                assert run.cancelled or run.month in self.aborted, f"{run} was not cancelled"
        exporters = [item for item in self.world.items("attempt#") if item["sk"].startswith("exporter#")]
        assert not [item for item in exporters if "waiting" in item]


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else threads of a function would race each other past its gate; and the clock and the ids are given back."""
    monkeypatch.setattr(notifier, "_AT_ONCE", 1)
    monkeypatch.setattr(clock, "now", clock.now)
    monkeypatch.setattr(clock, "sleep", clock.sleep)
    for module in OF_IDS:
        monkeypatch.setattr(module, "uuid", uuid)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("walk", [Walk, RoughWalk, ExportWalk])
def test_whatever_happens_the_properties_hold(world: World, one_at_a_time: None, walk: type[Walk]) -> None:
    walked(world, walk)
