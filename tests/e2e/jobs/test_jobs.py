"""Jobs by plain clients: what they start, what they are told, and what is in the warehouse then."""

import pytest

from tests.e2e.jobs.conftest import JobTab, count, get
from tests.infra.local.laptop import FaultyAws, is_turned, sign_in, until


def test_a_job_changes_a_table_and_tells_each_step_and_its_end(aws: FaultyAws, tab: JobTab) -> None:
    run_id = tab.start("add", number=7)
    assert tab.receive(run_id)["type"] == "accepted"
    end = tab.end(run_id)
    assert (end["type"], end["job"], end["steps"]) == ("finished", "add", ["Add one"])
    assert count(aws, 7) == 1


def test_the_same_start_twice_is_one_run(aws: FaultyAws, tab: JobTab) -> None:
    run_id = tab.start("add", number=8)
    assert tab.end(run_id)["type"] == "finished"
    tab.start("add", run_id, number=8)
    assert tab.end(run_id)["type"] == "finished"
    assert count(aws, 8) == 1


def test_a_second_start_at_the_same_time_is_the_same_run(aws: FaultyAws, tab: JobTab, admin: JobTab) -> None:
    first = tab.start("slow", number=9)
    assert tab.until(first, "step")["state"] == "running"
    second = admin.start("slow", number=9)
    accepted = admin.until(second, "accepted")
    assert (accepted["shared"], accepted["of"]) == (True, first)
    admin.send(action="cancel", runId=second)
    assert tab.end(first)["type"] == "cancelled"
    assert admin.end(second)["type"] == "cancelled"
    assert count(aws, 9) == 0


def test_a_check_that_is_not_true_takes_everything_back(aws: FaultyAws, tab: JobTab) -> None:
    end = tab.run_job("not_true")
    assert (end["type"], end["code"], end["steps"]) == ("failed", "check_failed", [])
    assert "Nothing there" in end["message"]
    assert "as it was before" in end["message"]
    assert count(aws, 100) == 0


def test_a_step_that_fails_in_the_middle_names_what_is_done(aws: FaultyAws, tab: JobTab) -> None:
    end = tab.run_job("half")
    assert (end["type"], end["code"], end["steps"]) == ("failed", "sql_error", ["First"])
    assert "Second" in end["message"]
    assert (count(aws, 200), count(aws, 201)) == (1, 0)


def test_steps_of_their_own_are_told_one_after_another(aws: FaultyAws, tab: JobTab) -> None:
    run_id = tab.start("steps", number=500)
    told = []
    while (message := tab.receive(run_id))["type"] in {"accepted", "step"}:
        if message["type"] == "step" and message["state"] == "finished":
            told.append(message["name"])
    assert message["type"] == "finished"
    assert told == ["First", "Second", "Both there"]
    assert (count(aws, 500), count(aws, 501)) == (1, 1)


def test_jobs_that_write_the_same_table_wait_for_each_other_or_are_refused(tab: JobTab, aws: FaultyAws) -> None:
    slow = tab.start("slow", number=10)
    assert tab.until(slow, "step")["state"] == "running"
    refused = tab.run_job("impatient")
    assert (refused["type"], refused["code"]) == ("failed", "busy")
    waits = tab.start("add", number=11)
    assert tab.until(waits, "accepted")["state"] == "queued"
    run = next(run for run in get(aws, "/jobs/runs?job=add")["runs"] if run["runId"] == waits)
    assert (run["state"], run["waitsFor"]) == ("queued", "Slow")
    tab.send(action="cancel", runId=slow)
    assert tab.end(waits)["type"] == "finished"
    assert (count(aws, 10), count(aws, 11)) == (0, 1)


def test_a_job_that_takes_too_long_is_stopped_and_says_so(aws: FaultyAws, tab: JobTab) -> None:
    run_id = tab.start("hurried")
    tab.until(run_id, "step")
    while True:
        aws.lambdas.invoke("RunJobsFunction", {})
        if get(aws, "/jobs/runs?job=hurried")["runs"][0]["state"] != "running":
            break
    end = tab.end(run_id)
    assert (end["type"], end["code"], end["steps"]) == ("failed", "timeout", [])
    assert count(aws, 400) == 0


def test_a_run_that_needs_approval_waits_for_somebody_else(aws: FaultyAws, tab: JobTab) -> None:
    run_id = tab.start("agreed", number=12)
    assert tab.until(run_id, "accepted")["state"] == "approval"
    tab.send(action="approve", runId=run_id)
    assert tab.end(run_id)["code"] == "needs_approval"
    other = JobTab(aws, sign_in(aws, "finance@example.com"))
    (run,) = [one for one in get(aws, "/jobs/runs", "finance@example.com")["runs"] if one["runId"] == run_id]
    assert run["mayApprove"]
    other.send(action="approve", runId=run_id)
    assert tab.end(run_id)["type"] == "finished"
    other.close()
    assert count(aws, 12) == 1
    assert get(aws, "/jobs/runs?job=agreed")["runs"][0]["approvedBy"] == "finance@example.com"


@pytest.mark.parametrize(
    ("job", "parameters", "code"),
    [
        ("nothing", {}, "unknown_job"),
        ("unsaid", {}, "unknown_job"),
        ("add", {"number": "1; DROP TABLE x"}, "bad_parameter"),
        ("add", {"other": 1}, "bad_parameter"),
        ("load_month", {"month": "2015-12'"}, "bad_parameter"),
    ],
)
def test_bad_input_starts_nothing(tab: JobTab, job: str, parameters: dict[str, object], code: str) -> None:
    end = tab.run_job(job, **parameters)
    assert (end["type"], end["code"]) == ("rejected", code)


def test_who_may_not_start_a_job_does_not_see_it(aws: FaultyAws) -> None:
    other = JobTab(aws, sign_in(aws, "finance@example.com"))
    assert other.run_job("add")["code"] == "unknown_job"
    other.close()
    assert {job["id"] for job in get(aws, "/jobs", "finance@example.com")["jobs"]} == {"agreed"}
    get(aws, "/jobs/runs?job=add", "finance@example.com", status=404)


def test_the_user_of_jobs_changes_no_table_that_it_was_not_given(tab: JobTab) -> None:
    end = tab.run_job("foreign")
    assert (end["type"], end["steps"]) == ("failed", [])


def test_a_report_on_the_table_is_turned_when_the_job_has_ended(aws: FaultyAws, tab: JobTab, admin: JobTab) -> None:
    until(lambda: is_turned(aws, "jobs.ones"))  # for the jobs before
    admin.send(action="run", topicName="ones", report="ones", parameters={}, runId="watched", watch=True)
    before = admin.until("watched", "finished")
    assert tab.run_job("add", number=13)["type"] == "finished"
    changed = admin.until("watched", "changed")
    after = admin.until("watched", "finished")
    assert changed["tables"] == ["jobs.ones"]
    assert before["statementId"] != after["statementId"]
    table = next(one for one in get(aws, "/tables", "admin@example.com")["tables"] if one["table"] == "jobs.ones")
    assert table["changedBy"] == "add (ops@example.com)"
    assert table["readers"] == ["ones"]


def test_a_table_that_no_report_reads_tells_its_last_change_too(aws: FaultyAws, tab: JobTab) -> None:
    assert tab.run_job("unread")["type"] == "finished"
    table = next(one for one in get(aws, "/tables", "admin@example.com")["tables"] if one["table"] == "jobs.unread")
    assert (table["changedBy"], table["readers"], table["writers"]) == ("unread (ops@example.com)", [], ["unread"])
    assert table["changedAt"] == get(aws, "/jobs/runs?job=unread")["runs"][0]["endedAt"]
