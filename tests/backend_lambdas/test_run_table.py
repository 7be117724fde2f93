"""Runs in the table: who may start one, and what its record says."""

import dataclasses
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from backend_lambdas import run_table
from backend_lambdas.connections import Waiter
from backend_lambdas.run_table import CANCELLED, FAILED, FINISHED, RUNNING, Question, Runs, RunState
from tests.backend_lambdas.lambda_fakes import REPORT, World, principal, report

START = 1_800_000_000_000


class Clock:
    now = START

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(run_table, "_now", clock)
    return clock


@pytest.fixture
def runs(world: World) -> Runs:
    return world.runs


def question(month: str = "2015-12", text: str = REPORT) -> Question:
    return Question.of(report(text), {"month": month}, principal("finance"))


def ended(run: RunState, **changes: Any) -> RunState:
    values = {"statement_id": "id-1", "rows": 31, "elapsed_ms": 1200, "as_of": "2026-11-20T09:31:07Z"}
    return dataclasses.replace(run, **(values | changes))


def test_the_first_asker_starts_a_run(runs: Runs) -> None:
    run, is_mine = runs.claim(question(), refresh=False)
    assert is_mine
    assert run.status == RUNNING
    assert run_table.key_of(run.attempt) == run.key == question().key
    assert (run.report, run.groups, run.claims, run.statement_id) == ("revenue_by_day", ("finance",), {}, None)


@pytest.mark.parametrize("refresh", [False, True])
def test_the_next_asker_learns_the_run_of_the_first(runs: Runs, refresh: bool) -> None:
    """From the refused write itself; `refresh` joins what is running, too."""
    first, _ = runs.claim(question(), refresh=False)
    runs.submitted(first, "id-1")
    joined, is_mine = runs.claim(question(), refresh)
    assert not is_mine
    assert joined == dataclasses.replace(first, statement_id="id-1")


def test_of_many_askers_at_once_one_starts_the_run(runs: Runs) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: runs.claim(question(), refresh=False), range(24)))
    assert sum(is_mine for _, is_mine in answers) == 1
    assert len({run.attempt for run, _ in answers}) == 1


@pytest.mark.parametrize(
    "other",
    [
        question("2015-11"),
        question(text=REPORT + "\n"),
        dataclasses.replace(question(), groups=("operations",)),
        dataclasses.replace(question(), report="revenue"),
    ],
)
def test_any_other_question_has_a_run_of_its_own(runs: Runs, other: Question) -> None:
    runs.claim(question(), refresh=False)
    assert runs.claim(other, refresh=False)[1]


def test_parameters_are_the_same_in_any_order() -> None:
    one = dataclasses.replace(question(), values={"a": "1", "b": "2"})
    assert one.key == dataclasses.replace(question(), values={"b": "2", "a": "1"}).key


def test_a_value_cannot_be_taken_for_another_parameter() -> None:
    one = dataclasses.replace(question(), values={"a": '1"], ["b", "2'})
    assert one.key != dataclasses.replace(question(), values={"a": "1", "b": "2"}).key


def test_a_question_carries_the_claims_it_binds() -> None:
    text = REPORT.replace("{type: month, label: Trip month, default: 2015-12}", "{type: text, claim: custom:region}")
    asked = Question.of(
        report(text), {"month": "emea"}, principal("finance", **{"custom:region": "emea", "custom:x": "1"})
    )
    assert asked.claims == {"custom:region": "emea"}


def test_a_finished_run_answers_until_its_cache_time_is_over(runs: Runs, clock: Clock) -> None:
    run, _ = runs.claim(question(), refresh=False)
    runs.settle(ended(run), FINISHED)
    clock.now += 15 * 60 * 1000 - 1
    fresh, is_mine = runs.claim(question(), refresh=False)
    assert not is_mine
    assert fresh == ended(run, status=FINISHED)
    clock.now += 1
    anew, is_mine = runs.claim(question(), refresh=False)
    assert is_mine
    assert anew.attempt != run.attempt
    assert (anew.statement_id, anew.rows) == (None, 0)


def test_without_cache_time_a_finished_run_answers_nobody(runs: Runs, clock: Clock) -> None:
    asked = question(text=REPORT.replace("cache: 15m", "cache: 0s"))
    run, _ = runs.claim(asked, refresh=False)
    runs.settle(ended(run), FINISHED)
    assert runs.claim(asked, refresh=False)[1], "even in the same millisecond"


def test_refresh_takes_no_finished_run(runs: Runs) -> None:
    run, _ = runs.claim(question(), refresh=False)
    runs.settle(ended(run), FINISHED)
    assert runs.claim(question(), refresh=True)[1]


@pytest.mark.parametrize("status", [FAILED, CANCELLED])
@pytest.mark.parametrize("refresh", [False, True])
def test_a_run_without_rows_is_never_fresh(runs: Runs, status: str, refresh: bool) -> None:
    run, _ = runs.claim(question(), refresh=False)
    runs.settle(ended(run), status)
    assert runs.claim(question(), refresh)[1]


def test_a_run_past_its_deadline_may_be_started_anew(runs: Runs, clock: Clock) -> None:
    first, _ = runs.claim(question(), refresh=False)
    clock.now += (60 + run_table.GRACE_SECONDS) * 1000
    assert not runs.claim(question(), refresh=False)[1]
    clock.now += 1
    second, is_mine = runs.claim(question(), refresh=False)
    assert is_mine
    assert second.attempt != first.attempt


def test_the_end_of_an_older_attempt_leaves_the_newer_alone(runs: Runs, clock: Clock) -> None:
    old, _ = runs.claim(question(), refresh=False)
    clock.now += 10 * 60 * 1000
    new, _ = runs.claim(question(), refresh=False)
    runs.settle(ended(old), FINISHED)
    assert runs.give_up(old, CANCELLED) is None
    runs.reopen(dataclasses.replace(old, status=CANCELLED))
    assert runs.get(new.key) == new


def test_a_finished_run_stays_finished(runs: Runs, clock: Clock) -> None:
    """Neither a second event nor a cancellation that comes late changes anything of it, its freshness included."""
    run, _ = runs.claim(question(), refresh=False)
    runs.settle(ended(run), FINISHED)
    clock.now += 60_000
    runs.settle(ended(run, rows=0, as_of="later"), FINISHED)
    runs.settle(ended(run, rows=0), CANCELLED)
    assert runs.give_up(run, CANCELLED) is None
    runs.reopen(run)
    assert runs.get(run.key) == ended(run, status=FINISHED)
    clock.now = START + 15 * 60 * 1000
    assert runs.claim(question(), refresh=False)[1]


def test_a_cancelled_run_can_be_reopened(runs: Runs) -> None:
    run, _ = runs.claim(question(), refresh=False)
    cancelled = runs.give_up(run, CANCELLED)
    assert cancelled is not None
    assert cancelled.status == CANCELLED
    runs.reopen(cancelled)
    assert runs.get(run.key) == run


def test_a_run_cancelled_before_it_was_submitted_is_its_submitters_to_reopen(runs: Runs) -> None:
    run, _ = runs.claim(question(), refresh=False)
    cancelled = runs.give_up(run, CANCELLED)
    assert cancelled is not None
    submitted = runs.submitted(run, "id-1")
    assert (submitted.status, submitted.statement_id) == (CANCELLED, "id-1")
    runs.reopen(cancelled)
    assert runs.get(run.key) == submitted
    runs.reopen(submitted)
    assert runs.get(run.key) == dataclasses.replace(submitted, status=RUNNING)


def test_a_submitter_whose_attempt_was_replaced_finds_it_cancelled(runs: Runs) -> None:
    run, _ = runs.claim(question(), refresh=False)
    runs.give_up(run, CANCELLED)
    new, _ = runs.claim(question(), refresh=False)
    assert runs.submitted(run, "id-1").status == CANCELLED
    assert runs.get(run.key) == new


def test_who_may_read_a_statement_is_recorded(runs: Runs) -> None:
    run, _ = runs.claim(question(), refresh=False)
    runs.add_statement(ended(run, claims={"custom:region": "emea"}))
    record = runs.statement("id-1")
    assert record is not None
    assert record["groups"] == ["finance"]
    assert (record["report"], record["claims"], record["rows"]) == ("revenue_by_day", {"custom:region": "emea"}, 31)


def test_a_statement_is_known_no_longer_than_its_rows_are_kept(world: World) -> None:
    """The table deletes days late."""
    run, _ = world.runs.claim(question(), refresh=False)
    world.runs.add_statement(ended(run))
    key = {"pk": "statement#id-1", "sk": "statement"}
    world.db.update_item(
        TableName=world.table,
        Key=key,
        UpdateExpression="SET expiresAt = :past",
        ExpressionAttributeValues={":past": 1_700_000_000},
    )
    assert world.runs.statement("id-1") is None
    assert world.runs.statement("id-2") is None


def test_a_run_outlives_its_deadline_in_the_table(world: World) -> None:
    """A run of a day would else be deleted while it runs, and its event would find nobody."""
    world.runs.claim(question(text=REPORT.replace("60s", "24h")), refresh=False)
    item = world.run_item()
    assert item["expiresAt"] * 1000 > item["deadline"]


def test_expressions_are_what_dynamodb_itself_would_take(world: World) -> None:
    """It refuses names and values that no expression uses, and reserved words; moto is not that strict about all."""
    sent: list[dict[str, Any]] = []
    events = world.db.meta.events

    def keep(params: dict[str, Any], **_: Any) -> None:
        sent.append(params)

    events.register_last("before-parameter-build.dynamodb", keep)
    try:
        run, _ = world.runs.claim(question(), refresh=False)
        world.runs.claim(question(), refresh=True)
        world.runs.submitted(run, "id-1")
        world.runs.give_up(run, CANCELLED)
        world.runs.reopen(dataclasses.replace(run, statement_id="id-1"))
        world.runs.reopen(run)
        world.runs.settle(ended(run), FINISHED)
        world.connections.set_statement(Waiter(run.attempt, "ann=", "run-1", "revenue", 1), "id-1")
        world.connections.waiters(run.attempt)
    finally:
        events.unregister("before-parameter-build.dynamodb", keep)
    with_expressions = [params for params in sent if any(name.endswith("Expression") for name in params)]
    assert len(with_expressions) == 9
    for params in with_expressions:
        check_expressions(params)


def check_expressions(params: dict[str, Any]) -> None:
    text = " ".join(value for name, value in params.items() if name.endswith("Expression"))
    used = set(re.findall(r"[#:]\w+", text))
    given = set(params.get("ExpressionAttributeNames", {})) | set(params.get("ExpressionAttributeValues", {}))
    assert used == given, text
    functions = {"attribute_exists", "attribute_not_exists", "begins_with", "AND", "OR", "SET"}
    for word in set(re.findall(r"(?<![#:\w])[A-Za-z]\w*", text)) - functions:
        assert word.upper() not in ReservedKeywords.get_reserved_keywords(), word
