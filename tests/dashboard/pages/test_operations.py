"""The page of runs: figures on top, a row for each that stands out, and words where there is nothing."""

import json
from typing import Any

import plotly.utils

from dashboard.pages import operations

AT = 1_795_548_402_000  # 2026-11-24 19:26:42 UTC
NOTHING: dict[str, Any] = {
    "at": AT,
    "running": [],
    "figures": {
        **dict.fromkeys(("runs", "finished", "failed", "cancelled", "answers"), 0),
        "medianMs": None,
        "p95Ms": None,
    },
    "slowest": [],
    "failures": [],
    "shared": [],
    "departments": [],
    "moreEnded": False,
    "moreRunning": False,
}
RUN = {"report": "revenue", "title": "Revenue", "department": "customer_care", "statementId": "id-1"}
FIGURES = {"runs": 10, "finished": 8, "failed": 2, "cancelled": 0, "answers": 32}


def text(**found: Any) -> str:
    """Everything the page says, as the browser gets it."""
    return json.dumps(operations.render(NOTHING | found), cls=plotly.utils.PlotlyJSONEncoder, ensure_ascii=False)


def test_a_day_without_runs_says_so_in_every_part() -> None:
    page = text()
    for sentence in ("Nobody waits", "Nothing has failed", "Nothing has finished", "Nobody has asked", "No department"):
        assert sentence in page
    assert "Nothing finished" in page
    assert "None" not in page


def test_the_figures_are_counts_shares_and_times() -> None:
    page = text(figures=FIGURES | {"medianMs": 1_234, "p95Ms": 75_000})
    for figure in ('"8"', '"2"', "20.0 % of runs", '"75 %"', "32 answers, 8 statements", "1.23 s", "1 min 15 s"):
        assert figure in page


def test_what_runs_is_shown_with_its_state_in_words_and_its_age() -> None:
    running = RUN | {"attempt": "a", "state": "running", "since": AT - 12_300, "waiting": 3}
    queued = running | {"state": "queued", "statementId": None, "waiting": 1}
    page = text(running=[running, queued])
    for word in ("Running", "Queued", "12.3 s", "4 panels waiting, 1 queued", "Customer care", "id-1", "None yet"):
        assert word in page


def test_a_failure_is_told_in_words_and_in_the_warehouses() -> None:
    failure = RUN | {"code": "sql_error", "reason": "Divide by zero", "startedAt": AT, "times": 3}
    page = text(failures=[failure, failure | {"code": "timeout", "reason": "", "startedAt": AT - 86_000_000}])
    for word in ("SQL error", "Divide by zero", "19:26:42", "Time limit", "23 Nov, 19:33"):
        assert word in page


def test_what_is_left_out_is_told() -> None:
    assert "these are the newest" in text(moreEnded=True)
    assert "waited the longest" in text(moreRunning=True)
