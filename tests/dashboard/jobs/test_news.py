"""What is told of jobs on other pages, and to whom."""

from dashboard.auth.user_pool import User
from dashboard.jobs.news import notifications
from tests.dashboard.jobs.job_samples import run

ANA = User("sub-1", "ana@example.com", ("operations",), "Ana")
BEN = User("sub-2", "ben@example.com", ("finance",), "Ben")
END = {"type": "failed", "runId": "run-1", "job": "load_month", "message": "It did not end in time."}
ASKED = {"type": "accepted", "runId": "run-1", "job": "load_month"}


def test_the_end_of_ones_own_run_is_told_and_others_are_not() -> None:
    (shown,) = notifications([END], [run()], ANA).shown
    assert shown["title"] == "“Load a month” failed"
    assert shown["message"][0] == "It did not end in time. "
    found = notifications([END], [run()], BEN)
    assert (found.shown, found.hidden) == ([], ["job-end-run-1"])


def test_who_has_agreed_to_a_run_is_told_of_its_end() -> None:
    assert notifications([END], [run(approvedBy=BEN.email)], BEN).shown


def test_a_run_that_waits_is_told_to_who_may_agree() -> None:
    (shown,) = notifications([ASKED], [run(mayApprove=True)], BEN).shown
    assert shown["title"] == "“Load a month” waits for your approval"
    assert notifications([ASKED], [run()], BEN).shown == []


def test_a_run_that_was_joined_is_known_by_an_id_of_ones_own() -> None:
    (shown,) = notifications([{"type": "finished", "runId": "mine", "job": "load_month"}], [run()], BEN).shown
    assert shown["title"] == "“Load month” has finished"
