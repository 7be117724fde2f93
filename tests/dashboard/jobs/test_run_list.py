"""Runs of jobs as the page lists them, and how far back it looks."""

import datetime
import json
from typing import Any

import plotly.utils

from dashboard.jobs import history
from dashboard.jobs.cards import control_values, known_to_the_browser
from dashboard.jobs.history import Wanted
from dashboard.jobs.run_list import duration, run_list
from tests.dashboard.jobs.job_samples import job, run, step

NOW = datetime.datetime(2026, 11, 30, 7, 0, 5, tzinfo=datetime.UTC)


def text(*runs: dict[str, Any], **of_job: Any) -> str:
    """The list as the browser gets it."""
    found = run_list(runs, {"load_month": job(**of_job)}, NOW)
    return json.dumps(found, cls=plotly.utils.PlotlyJSONEncoder, ensure_ascii=False)


def test_a_finished_run_tells_who_when_values_rows_and_steps() -> None:
    shown = text(run())
    for words in ("ana@example.com", "Month 2015-11", "2026-11-30T07:00:00Z", "1,200 rows", "Finished", "0.6 s"):
        assert words in shown
    assert "Run again" in shown
    assert "1,201" not in shown, "a check changes nothing"


def test_a_run_under_way_has_seconds_that_go_on_and_a_way_to_end_it() -> None:
    steps = [step("Clear"), step("Load", "running", rows=0, elapsedMs=0), step("Check", "waiting", rows=0, elapsedMs=0)]
    shown = text(run(state="running", endedAt=None, steps=steps, mayCancel=True))
    assert '"ms": 4000' in shown
    assert '"ms": 3700' in shown, "the step began when the one before it had ended"
    assert '"data-action": "cancel-job"' in shown
    assert "Run again" not in shown


def test_what_waits_says_for_what() -> None:
    waiting = run(state="queued", startedAt=None, endedAt=None, waitsFor="Load fares")
    asking = run(state="approval", startedAt=None, endedAt=None, approve=["finance", "audit"], mayApprove=True)
    shown = text(waiting, asking)
    assert "Waits for “Load fares”" in shown
    assert "Waits until finance or audit agrees" in shown
    assert '"data-action": "approve-job"' in shown


def test_a_failed_run_tells_what_was_not_done() -> None:
    steps = [step("First", "undone"), step("Second", "failed"), step("Third", "waiting")]
    shown = text(run(state="failed", message="The step “Second” failed.", steps=steps))
    for words in ("The step “Second” failed.", "Undone", "Not done"):
        assert words in shown


def test_who_may_not_start_the_job_cannot_run_it_again() -> None:
    assert "Run again" not in text(run(), mayStart=False)


def test_a_form_is_filled_with_what_a_run_had_and_else_with_defaults() -> None:
    assert control_values(job(), {"month": "2015-11"}) == [
        {"name": "month", "kind": "month", "value": "2015-11-01"},
        {"name": "number", "kind": "integer", "value": 1},
    ]


def test_the_dialog_knows_what_follows() -> None:
    known = known_to_the_browser([job(approve=["finance", "audit"])])["load_month"]
    assert known["confirm"] == "Load {month}?"
    assert known["terms"] == "Writes trips, finance.fares. It waits until somebody else of finance or audit agrees."


def test_durations_read_as_people_say_them() -> None:
    assert [duration(ms) for ms in (0, 59_900, 245_000, 4_320_000)] == ["0.0 s", "59.9 s", "4 min 5 s", "1 h 12 min"]


class Pages:
    """A gateway with pages of runs."""

    def __init__(self, *pages: list[str]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def job_runs(self, token: str, job: str = "", before: str = "") -> dict[str, Any]:
        at = int(before or 0)
        self.asked.append(before)
        following = str(at + 1) if at + 1 < len(self.pages) else None
        return {"runs": [run(state=state) for state in self.pages[at]], "next": following}


def test_the_history_asks_for_no_more_than_it_shows() -> None:
    gateway = Pages(["finished"] * 50, ["failed"] * 50)
    found = history.read(gateway, "token", Wanted())  # type: ignore[arg-type]
    assert (len(found.runs), found.has_more, gateway.asked) == (20, True, [""])


def test_a_filter_and_older_ones_look_further_back() -> None:
    gateway = Pages(["finished"] * 50, ["failed"] * 30 + ["running"])
    found = history.read(gateway, "token", Wanted(state="failed", presses=1))  # type: ignore[arg-type]
    assert (len(found.runs), found.has_more, gateway.asked) == (30, False, ["", "1"])
    assert [one["state"] for one in history.read(gateway, "", Wanted(state="under-way")).runs] == ["running"]  # type: ignore[arg-type]
