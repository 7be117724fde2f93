"""How runs end, and the words in which each subscriber is told."""

import pytest
from msgspec import structs

from backend_lambdas import errors, messages
from backend_lambdas.runs import outcomes
from backend_lambdas.runs.outcomes import StatementEnded
from backend_lambdas.runs.run_state import CANCELLED, FAILED, FINISHED, RUNNING, RunState
from backend_lambdas.sockets.connections import Subscriber

START = 1_795_167_067_000
RUN = RunState(
    key="key",
    attempt="key/1",
    status=RUNNING,
    report="revenue_by_day",
    title="Revenue by day",
    department="finance",
    sub="sub-1",
    groups=("finance",),
    downloaders=("finance",),
    claims={},
    cache_seconds=900,
    timeout_seconds=60,
    limit=50_000,
    started_at=START,
    lease_until=START + 10_000,
)
ANN = Subscriber("key/1", "ann=", "run-1", "revenue", START, "sub-1", "id-1")


def end(state: str = "FINISHED", rows: int = 31, at: int = START + 1200) -> StatementEnded:
    return StatementEnded("key/1", "id-1", state, rows, at)


@pytest.mark.parametrize(("state", "status"), [("FINISHED", FINISHED), ("FAILED", FAILED), ("ABORTED", CANCELLED)])
def test_a_run_ends_as_its_statement(state: str, status: str) -> None:
    ended = outcomes.ended(RUN, end(state))
    assert (ended.status, ended.statement_id, ended.elapsed_ms) == (status, "id-1", 1200)
    assert ended.as_of == "2026-11-20T09:31:08Z"
    assert ended.code == ("sql_error" if status == FAILED else "")


def test_an_end_of_unknown_rows_or_before_its_start_counts_nothing_below_zero() -> None:
    """An event tells -1 when there are none, and two machines two times."""
    ended = outcomes.ended(RUN, end(rows=-1, at=START - 5))
    assert (ended.rows, ended.elapsed_ms) == (0, 0)


def test_a_run_that_timed_out_and_finished_after_all_has_no_code() -> None:
    assert outcomes.ended(structs.replace(RUN, status=FAILED, code="timeout"), end()).code == ""


def test_who_waits_is_told_on_his_topic_where_the_rows_are() -> None:
    (event,) = outcomes.end_of(outcomes.ended(RUN, end()))(ANN)
    assert event == messages.RunFinished("revenue", "run-1", "id-1", 31, 1200, "2026-11-20T09:31:08Z", False)


def test_who_is_answered_from_fresh_rows_is_told_so() -> None:
    assert outcomes.finished(outcomes.ended(RUN, end()), ANN, cached=True).cached


def test_who_waits_is_told_that_it_was_cancelled() -> None:
    assert outcomes.end_of(outcomes.ended(RUN, end("ABORTED")))(ANN) == [messages.RunCancelled("revenue", "run-1")]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("sql_error", errors.StatementInvalid.sentence),
        ("timeout", errors.Timeout.sentence),
        ("too_busy", errors.TooBusy.sentence),
        ("warehouse_unavailable", errors.WarehouseUnavailable.sentence),
        ("result_too_large", errors.ResultTooLarge.sentence),
        ("row_too_large", errors.RowTooLarge.sentence),
        ("disk_full", errors.DiskFull.sentence),
    ],
)
def test_each_reason_of_a_failure_has_its_sentence(code: str, sentence: str) -> None:
    (event,) = outcomes.end_of(structs.replace(RUN, status=FAILED, code=code))(ANN)
    assert event == messages.RunFailed("revenue", "run-1", code, sentence)
