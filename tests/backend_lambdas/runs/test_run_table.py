"""Runs in the table: who may start one, and what its record says."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords
from msgspec import structs

from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.messages import Run
from backend_lambdas.runs import run_state, run_table
from backend_lambdas.runs.run_state import CANCELLED, FAILED, FINISHED, RUNNING, RunState
from backend_lambdas.runs.run_table import READING_SECONDS, RunTable
from backend_lambdas.sockets.connections import OPEN_KEYS, WAITING_KEYS, Subscriber
from tests.backend_lambdas.lambda_fakes import REPORT, Atomic, FakeClock, World, principal, report

pytestmark = pytest.mark.usefixtures("fake_clock")

SUB = "sub-1"
CACHE_MS = 15 * 60 * 1000


@pytest.fixture
def runs(world: World) -> RunTable:
    return world.runs


def spec(month: str = "2015-12", text: str = REPORT) -> QuerySpec:
    return QuerySpec.of(report(text), {"month": month}, principal("finance"))


def started(runs: RunTable, asked: QuerySpec | None = None) -> RunState:
    """A run that is the caller's to submit."""
    run, is_mine = runs.claim(asked or spec(), SUB, refresh=False)
    assert is_mine
    return run


def ended(run: RunState, status: str = FINISHED, **changes: Any) -> RunState:
    values = {"statement_id": "id-1", "rows": 31, "elapsed_ms": 1200, "as_of": "2026-11-20T09:31:07Z"}
    return structs.replace(run, **({"status": status} | values | changes))


def test_the_first_requester_starts_a_run(runs: RunTable) -> None:
    run, is_mine = runs.claim(spec(), SUB, refresh=False)
    assert is_mine
    assert run.status == RUNNING
    assert run_state.key_of(run.attempt) == run.key == spec().key
    assert (run.report, run.groups, run.claims, run.statement_id) == ("revenue_by_day", ("finance",), {}, None)
    assert (run.sub, run.department) == (SUB, "finance")


def test_a_run_knows_what_to_submit_until_it_has_a_statement(runs: RunTable) -> None:
    """So that another can submit it in the place of one who died. Its values are told of its rows later."""
    run = started(runs)
    assert runs.get(run.key) == run
    assert (run.sql, run.values) == (spec().sql, {"month": "2015-12"})
    submitted = runs.submitted(run, "id-1")
    assert (submitted.sql, submitted.values, submitted.statement_id) == ("", {"month": "2015-12"}, "id-1")


@pytest.mark.parametrize("refresh", [False, True])
def test_the_next_requester_learns_the_run_of_the_first(runs: RunTable, refresh: bool) -> None:
    """From the refused write itself; `refresh` joins what is running, too."""
    first = started(runs)
    submitted = runs.submitted(first, "id-1")
    joined, is_mine = runs.claim(spec(), "sub-2", refresh)
    assert not is_mine
    assert joined == submitted
    assert (joined.attempt, joined.sub) == (first.attempt, SUB)


def test_of_many_requesters_at_once_one_starts_the_run(world: World) -> None:
    runs = RunTable(Atomic(world.db), world.table)
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda number: runs.claim(spec(), f"sub-{number}", refresh=False), range(24)))
    assert sum(is_mine for _, is_mine in answers) == 1
    assert len({run.attempt for run, _ in answers}) == 1


@pytest.mark.parametrize(
    "other",
    [
        spec("2015-11"),
        spec(text=REPORT + "\n"),
        structs.replace(spec(), groups=("operations",)),
        structs.replace(spec(), report="revenue"),
    ],
)
def test_any_other_question_has_a_run_of_its_own(runs: RunTable, other: QuerySpec) -> None:
    started(runs)
    assert runs.claim(other, SUB, refresh=False)[1]


def test_a_finished_run_answers_until_its_cache_time_is_over(runs: RunTable, fake_clock: FakeClock) -> None:
    run = started(runs)
    runs.complete(ended(run))
    fake_clock.milliseconds += 15 * 60 * 1000 - 1
    fresh, is_mine = runs.claim(spec(), SUB, refresh=False)
    assert not is_mine
    assert fresh == ended(run, ended_at=run.started_at, fresh_until=run.started_at + CACHE_MS)
    fake_clock.milliseconds += 1
    anew, is_mine = runs.claim(spec(), SUB, refresh=False)
    assert is_mine
    assert anew.attempt != run.attempt
    assert (anew.statement_id, anew.rows) == (None, 0)


def test_without_cache_time_a_finished_run_answers_nobody(runs: RunTable) -> None:
    """The clock stands: not even in the same millisecond."""
    asked = spec(text=REPORT.replace("cache: 15m", "cache: 0s"))
    runs.complete(ended(started(runs, asked)))
    assert runs.claim(asked, SUB, refresh=False)[1]


def test_refresh_takes_no_finished_run(runs: RunTable) -> None:
    runs.complete(ended(started(runs)))
    assert runs.claim(spec(), SUB, refresh=True)[1]


@pytest.mark.parametrize("refresh", [False, True])
def test_a_cancelled_run_answers_nobody(runs: RunTable, refresh: bool) -> None:
    runs.complete(ended(started(runs), CANCELLED))
    assert runs.claim(spec(), SUB, refresh)[1]


@pytest.mark.parametrize(("refresh", "answers"), [(False, True), (True, False)])
def test_a_failed_run_answers_for_some_seconds(
    runs: RunTable, fake_clock: FakeClock, refresh: bool, answers: bool
) -> None:
    run = started(runs)
    runs.complete(ended(run, FAILED))
    found, is_mine = runs.claim(spec(), SUB, refresh)
    assert (found.attempt == run.attempt, is_mine) == (answers, not answers)
    fake_clock.forward(run_table.FAILED_SECONDS + run.timeout_seconds + run_state.GRACE_SECONDS)
    assert runs.claim(spec(), SUB, refresh)[0].attempt != run.attempt


@pytest.mark.parametrize(
    ("code", "answers"), [("timeout", True), ("sql_error", True), ("too_busy", False), ("warehouse_unavailable", False)]
)
def test_what_could_not_be_submitted_is_tried_by_the_next_one(runs: RunTable, code: str, answers: bool) -> None:
    """Unlike what he would meet as well."""
    runs.abort(started(runs), FAILED, code)
    assert runs.claim(spec(), SUB, refresh=False)[1] is not answers


def test_a_run_past_its_deadline_may_be_started_anew(runs: RunTable, fake_clock: FakeClock) -> None:
    first = runs.submitted(started(runs), "id-1")
    fake_clock.forward(60 + run_state.GRACE_SECONDS)
    assert first.deadline == fake_clock.now()
    assert not runs.claim(spec(), SUB, refresh=False)[1]
    fake_clock.milliseconds += 1
    second, is_mine = runs.claim(spec(), SUB, refresh=False)
    assert is_mine
    assert second.attempt != first.attempt


def test_the_end_of_an_older_attempt_leaves_the_newer_alone(runs: RunTable, fake_clock: FakeClock) -> None:
    old = started(runs)
    fake_clock.forward(10 * 60)
    new = started(runs)
    assert runs.complete(ended(old)) is None
    assert runs.abort(old, CANCELLED) is None
    assert not runs.hold(old)
    assert runs.take_over(structs.replace(old, lease_until=0)) is None
    runs.reopen(structs.replace(old, status=CANCELLED))
    assert runs.get(new.key) == new


def test_a_finished_run_stays_finished(runs: RunTable, fake_clock: FakeClock) -> None:
    """Neither a second event nor a cancellation that comes late changes anything of it, its freshness included."""
    run = started(runs)
    start = fake_clock.now()
    runs.complete(ended(run))
    fake_clock.forward(60)
    assert runs.complete(ended(run, rows=0, as_of="later")) is None
    assert runs.complete(ended(run, CANCELLED, rows=0)) is None
    assert runs.complete(ended(run, FAILED, rows=0)) is None
    assert runs.abort(run, CANCELLED) is None
    runs.reopen(run)
    assert runs.get(run.key) == ended(run, ended_at=start, fresh_until=start + CACHE_MS)
    fake_clock.forward(14 * 60)
    assert runs.claim(spec(), SUB, refresh=False)[1]


@pytest.mark.parametrize("status", [FAILED, CANCELLED])
def test_rows_count_whatever_was_noted_before_them(runs: RunTable, status: str) -> None:
    """A statement may finish in spite of a cancel, or after its time."""
    run = runs.submitted(started(runs), "id-1")
    assert runs.abort(run, status, "timeout") is not None
    settled = runs.complete(ended(run))
    assert settled is not None
    assert (settled.status, settled.rows, settled.code) == (FINISHED, 31, "")


@pytest.mark.parametrize("first", [FAILED, CANCELLED])
@pytest.mark.parametrize("second", [FAILED, CANCELLED])
def test_of_two_ends_without_rows_the_first_counts(runs: RunTable, first: str, second: str) -> None:
    run = runs.submitted(started(runs), "id-1")
    aborted = runs.abort(run, first, "timeout")
    assert runs.complete(ended(run, second, code="sql_error")) is None
    assert runs.abort(run, second, "sql_error") is None
    assert runs.get(run.key) == aborted


def test_why_and_when_a_run_was_given_up_is_noted(runs: RunTable, fake_clock: FakeClock) -> None:
    run = started(runs)
    fake_clock.forward(5)
    aborted = runs.abort(run, FAILED, "too_busy")
    assert aborted == structs.replace(run, status=FAILED, code="too_busy", ended_at=fake_clock.now())


def test_a_cancelled_run_can_be_reopened(runs: RunTable) -> None:
    run = started(runs)
    cancelled = runs.abort(run, CANCELLED)
    assert cancelled is not None
    assert cancelled.status == CANCELLED
    runs.reopen(cancelled)
    assert runs.get(run.key) == structs.replace(run, ended_at=cancelled.ended_at)


def test_a_run_cancelled_before_it_was_submitted_is_its_submitters_to_reopen(runs: RunTable) -> None:
    run = started(runs)
    cancelled = runs.abort(run, CANCELLED)
    assert cancelled is not None
    submitted = runs.submitted(run, "id-1")
    assert (submitted.status, submitted.statement_id) == (CANCELLED, "id-1")
    runs.reopen(cancelled)
    assert runs.get(run.key) == submitted
    runs.reopen(submitted)
    assert runs.get(run.key) == structs.replace(submitted, status=RUNNING)


def test_a_submitter_whose_attempt_was_replaced_finds_it_cancelled(runs: RunTable) -> None:
    run = started(runs)
    runs.abort(run, CANCELLED)
    new = started(runs)
    assert runs.submitted(run, "id-1").status == CANCELLED
    assert runs.get(run.key) == new


# ---------------------------------------------------------------------------------------------------------- the lease


def test_while_its_submitter_lives_nobody_takes_a_run_over(runs: RunTable, fake_clock: FakeClock) -> None:
    run = started(runs)
    fake_clock.milliseconds = run.lease_until - 1
    assert runs.take_over(run) is None
    assert runs.claim(spec(), "sub-2", refresh=False) == (run, False)


def test_a_run_whose_submitter_is_silent_is_the_next_requesters_to_submit(
    runs: RunTable, fake_clock: FakeClock
) -> None:
    """The same attempt: if the warehouse has it already, it has it once."""
    run = started(runs)
    fake_clock.forward(run_state.LEASE_SECONDS)
    found, is_mine = runs.claim(spec(), "sub-2", refresh=False)
    assert not is_mine
    taken = runs.take_over(found)
    assert taken is not None
    assert taken.joined, "whoever began to submit it may wait as well"
    assert (taken.attempt, taken.sql, taken.values) == (run.attempt, run.sql, run.values)
    assert taken.sub == SUB, "whose slot it takes is who started it"


def test_of_several_who_find_a_silent_submitter_one_takes_over(runs: RunTable, fake_clock: FakeClock) -> None:
    run = started(runs)
    fake_clock.forward(run_state.LEASE_SECONDS)
    assert [runs.take_over(run) is not None for _ in range(3)] == [True, False, False]


def test_a_submitter_that_holds_on_is_not_silent(runs: RunTable, fake_clock: FakeClock) -> None:
    run = started(runs)
    fake_clock.forward(run_state.LEASE_SECONDS - 1)
    assert runs.hold(run)
    fake_clock.forward(run_state.LEASE_SECONDS - 1)
    latest = runs.get(run.key)
    assert latest is not None
    assert runs.take_over(latest) is None
    fake_clock.forward(1)
    assert runs.take_over(latest) is not None


def test_a_run_that_has_its_statement_is_taken_over_by_nobody(runs: RunTable, fake_clock: FakeClock) -> None:
    run = started(runs)
    submitted = runs.submitted(run, "id-1")
    fake_clock.forward(run_state.LEASE_SECONDS)
    assert runs.take_over(submitted) is None
    assert runs.take_over(run) is None, "even when he has not heard of the statement"
    assert not runs.hold(run)


@pytest.mark.parametrize("status", [FAILED, CANCELLED])
def test_a_run_that_was_given_up_is_not_held(runs: RunTable, fake_clock: FakeClock, status: str) -> None:
    run = started(runs)
    aborted = runs.abort(run, status)
    assert aborted is not None
    assert not runs.hold(run)
    fake_clock.forward(run_state.LEASE_SECONDS)
    assert runs.take_over(aborted) is runs.take_over(run) is None


# ------------------------------------------------------------------------------------------ which of them still run


def test_which_attempts_still_run_is_told(runs: RunTable) -> None:
    running = started(runs, spec("2015-01"))
    submitted = runs.submitted(started(runs, spec("2015-02")), "id-2")
    for month, status in (("2015-03", FINISHED), ("2015-04", FAILED), ("2015-05", CANCELLED)):
        runs.complete(ended(started(runs, spec(month)), status))
    attempts = [f"{spec(f'2015-0{month}').key}/x" for month in range(1, 7)]
    assert runs.running([running.attempt, submitted.attempt, *attempts]) == {running.attempt, submitted.attempt}


def test_no_attempts_run_among_none(runs: RunTable) -> None:
    """BatchGetItem refuses an empty list."""
    assert runs.running([]) == set()


def test_an_attempt_past_its_deadline_does_not_run(runs: RunTable, fake_clock: FakeClock) -> None:
    run = started(runs)
    fake_clock.milliseconds = run.deadline - 1
    assert runs.running([run.attempt]) == {run.attempt}
    fake_clock.milliseconds += 1
    assert runs.running([run.attempt]) == set()


def test_an_attempt_that_was_replaced_does_not_run(runs: RunTable) -> None:
    old = started(runs)
    runs.abort(old, CANCELLED)
    new = started(runs)
    assert runs.running([old.attempt, new.attempt]) == {new.attempt}


# ------------------------------------------------------------------------------------------- what can be read later


def test_who_may_read_a_statement_is_recorded(runs: RunTable) -> None:
    runs.add_statement(ended(started(runs), claims={"custom:region": "emea"}))
    record = runs.statement("id-1")
    assert record is not None
    assert record["groups"] == ["finance"]
    assert (record["report"], record["claims"], record["rows"]) == ("revenue_by_day", {"custom:region": "emea"}, 31)


def test_what_a_statement_is_and_who_may_take_its_rows_away_is_recorded(runs: RunTable) -> None:
    text = REPORT.replace("cache:", "groups: [finance, board]\ndownload: [board]\ncache:")
    runs.add_statement(ended(runs.submitted(started(runs, spec(text=text)), "id-1")))
    record = runs.statement("id-1")
    assert record is not None
    assert (record["groups"], record["downloaders"]) == (["finance", "board"], ["board"])
    assert (record["title"], record["department"], record["values"]) == (
        "Revenue by day",
        "finance",
        {"month": "2015-12"},
    )


def test_a_statement_is_known_no_longer_than_its_rows_are_kept(runs: RunTable, fake_clock: FakeClock) -> None:
    """The table deletes days late."""
    runs.add_statement(ended(started(runs)))
    fake_clock.forward(24 * 3600 + READING_SECONDS - 1)
    assert runs.statement("id-1") is not None
    fake_clock.forward(1)
    assert runs.statement("id-1") is None
    assert runs.statement("id-2") is None


def test_a_statement_is_known_as_long_as_its_report_says(runs: RunTable, fake_clock: FakeClock) -> None:
    runs.add_statement(ended(started(runs, spec(text=REPORT.replace("cache:", "keep: 30d\ncache:")))))
    fake_clock.forward(30 * 24 * 3600)
    record = runs.statement("id-1")
    assert record is not None
    assert record["keepDays"] == 30


def test_rows_answer_longer_than_a_day_when_the_report_says_so(runs: RunTable, fake_clock: FakeClock) -> None:
    """And nothing of the run is forgotten before."""
    lasting = spec(text=REPORT.replace("cache: 15m", "keep: 7d\ncache: 7d"))
    runs.complete(ended(started(runs, lasting)))
    fake_clock.forward(7 * 24 * 3600 - 1)
    found, is_mine = runs.claim(lasting, SUB, refresh=False)
    assert (found.status, is_mine) == (FINISHED, False)
    assert runs.get(found.key) == found
    fake_clock.forward(1)
    assert runs.claim(lasting, SUB, refresh=False)[1]


def test_an_attempt_whose_rows_are_gone_answers_nobody_and_a_later_one_stays(runs: RunTable) -> None:
    first = started(runs)
    runs.complete(ended(first))
    runs.lose_rows(first.attempt)
    second, is_mine = runs.claim(spec(), SUB, refresh=False)
    assert is_mine
    runs.complete(ended(second))
    runs.lose_rows(first.attempt)
    assert runs.claim(spec(), SUB, refresh=False) == (runs.get(second.key), False)
    runs.lose_rows("of a query that nobody asked/0123456789ab")


def test_the_tokens_of_each_attempt_are_signed_by_a_key_of_its_own(runs: RunTable) -> None:
    first = started(runs)
    runs.abort(first, CANCELLED)
    second = started(runs)
    assert len({first.token_key, second.token_key, ""}) == 3
    runs.add_statement(ended(second))
    record = runs.statement("id-1")
    assert record is not None
    assert (record["attempt"], record["tokenKey"]) == (second.attempt, second.token_key)


def test_a_run_is_known_no_longer_than_its_rows_could_be(runs: RunTable, fake_clock: FakeClock) -> None:
    """The table deletes days late."""
    run = started(runs)
    fake_clock.milliseconds = run.deadline
    fake_clock.forward(24 * 3600 - 1)
    assert runs.get(run.key) == run
    fake_clock.forward(1)
    assert runs.get(run.key) is None


def test_a_run_outlives_its_deadline_in_the_table(world: World) -> None:
    """A run of a day would else be deleted while it runs, and its event would find nobody."""
    started(world.runs, spec(text=REPORT.replace("60s", "24h")))
    item = world.run_item()
    assert item["expiresAt"] * 1000 > item["deadline"]


def every_call(world: World) -> None:
    """Makes each call with an expression that `connections`, `run_table` and `concurrency_limits` know."""
    runs, connections, concurrency = world.runs, world.connections, world.service.submitter.concurrency
    run = started(runs)
    runs.claim(spec(), SUB, refresh=True)
    runs.note_joined(run)
    runs.take_over(structs.replace(run, lease_until=0))
    runs.hold(run)
    concurrency.take(run)
    concurrency.give_back(run)
    runs.submitted(run, "id-1")
    runs.abort(run, CANCELLED)
    runs.reopen(structs.replace(run, statement_id="id-1"))
    runs.reopen(run)
    runs.admit_look(run)
    runs.complete_own(ended(run))
    runs.complete(ended(run, FAILED))
    runs.complete(ended(run))
    subscriber = Subscriber(run.attempt, "ann=", "run-1", "revenue", 1, SUB)
    connections.set_statement(subscriber, "id-1")
    requests, command = world.service.requests, Run("revenue", "revenue_by_day", "run-1")
    requests.add(SUB, command, run.key)
    (known,) = requests.of(SUB, ["run-1"]).values()
    connections.subscribe(subscriber, requests.write(SUB, command, run.key, known))
    (known,) = requests.of(SUB, ["run-1"]).values()
    connections.subscribe(subscriber, requests.check(SUB, known))
    connections.subscribers(run.attempt)
    connections.subscriptions_of("ann=")
    list(connections.waiting())
    list(connections.open())


def test_expressions_are_what_dynamodb_itself_would_take(world: World) -> None:
    """It refuses names and values that no expression uses, and reserved words; moto is not that strict about all."""
    sent: list[dict[str, Any]] = []
    events = world.db.meta.events

    def keep(params: dict[str, Any], **_: Any) -> None:
        sent.append(params)

    events.register_last("before-parameter-build.dynamodb", keep)
    try:
        every_call(world)
    finally:
        events.unregister("before-parameter-build.dynamodb", keep)
    together = (next(iter(write.values())) for params in sent for write in params.get("TransactItems", ()))
    with_expressions = [params for params in (*sent, *together) if any(name.endswith("Expression") for name in params)]
    assert len(with_expressions) == 21 + len(WAITING_KEYS) + len(OPEN_KEYS)
    for params in with_expressions:
        check_expressions(params)


def check_expressions(params: dict[str, Any]) -> None:
    text = " ".join(value for name, value in params.items() if name.endswith("Expression"))
    used = set(re.findall(r"[#:]\w+", text))
    given = set(params.get("ExpressionAttributeNames", {})) | set(params.get("ExpressionAttributeValues", {}))
    assert used == given, text
    functions = {"attribute_exists", "attribute_not_exists", "begins_with", "contains", "size", "AND", "OR"}
    clauses = {"ADD", "DELETE", "REMOVE", "SET"}
    for word in set(re.findall(r"(?<![#:\w])[A-Za-z]\w*", text)) - functions - clauses:
        assert word.upper() not in ReservedKeywords.get_reserved_keywords(), word
