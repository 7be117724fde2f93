"""`statement_timeout` of a user: how long each of its statements may run, as ALTER USER … SET says."""

import re
import threading
from typing import Any

import pytest

from tests.infra.local.redshift_data.conftest import SLOW

READER, HURRIED = {"DbUser": "reader"}, {"DbUser": "hurried"}
UNLOAD = f"unload ('{SLOW}') to 's3://bucket/out/' iam_role default csv"


@pytest.fixture
def limited(unloading: Any) -> Any:
    """A warehouse whose user `hurried` has a moment for a statement, and `reader` has no limit."""
    unloading.ok("create user reader password disable")
    unloading.ok("create user hurried password disable")
    unloading.ok("alter user hurried set statement_timeout to 300")
    return unloading


@pytest.mark.parametrize("sql", [SLOW, f"create temp table x as {SLOW}", UNLOAD])
def test_a_statement_that_takes_longer_fails_in_the_words_of_a_cancel(limited: Any, sql: str) -> None:
    assert re.fullmatch(r"ERROR: Query \(\d+\) canceled on user's request", limited.error(sql, **HURRIED))


def test_in_a_batch_each_statement_has_its_time(limited: Any) -> None:
    described = limited.batch("select 1", SLOW, "select 2", **HURRIED)
    assert [part["Status"] for part in described["SubStatements"]] == ["FINISHED", "FAILED", "ABORTED"]
    assert described["Error"].startswith("Query #2 failed with ERROR: Query (")


def test_in_a_session_too_and_what_comes_next_is_not_stopped(limited: Any) -> None:
    session = limited.ok("select 1", SessionKeepAliveSeconds=60, **HURRIED)["SessionId"]
    assert limited.run(SLOW, SessionId=session)["Status"] == "FAILED"
    assert limited.rows("select 2", SessionId=session) == [[2]]


def test_who_waits_for_its_turn_to_unload_is_stopped_as_well(limited: Any) -> None:
    first = limited.submit(UNLOAD, **READER)
    limited.started(first)
    limited.error(UNLOAD.replace("/out/", "/other/"), **HURRIED)
    limited.call("CancelStatement", Id=first)
    assert limited.described(first)["Status"] == "ABORTED"


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "alter user hurried set statement_timeout = '0'",
        "alter user hurried set statement_timeout to default",
        "alter user hurried reset statement_timeout",
        "drop user hurried",
    ],
)
def test_without_a_limit_it_runs_on(limited: Any, sql: str) -> None:
    """Longer than the time that somebody else has."""
    limited.ok("alter user hurried set statement_timeout to 50")
    limited.ok("create user third password disable")
    limited.ok("alter user third set statement_timeout to 100")
    limited.ok(sql)
    if sql == "drop user hurried":
        limited.ok("create user hurried password disable")
    user = READER if sql == "select 1" else HURRIED
    slow = limited.submit(SLOW, **user)
    limited.error(SLOW, DbUser="third")
    assert limited.call("DescribeStatement", Id=slow)["Status"] == "STARTED"
    limited.call("CancelStatement", Id=slow)
    assert limited.described(slow)["Status"] == "ABORTED"


def test_it_is_kept_over_a_restart_and_shown(limited: Any) -> None:
    limited.service.close()
    limited.__post_init__()
    shown = "select usename, useconfig from pg_user where useconfig is not null"
    assert limited.rows(shown) == [["hurried", "{statement_timeout=300}"]]
    limited.error(SLOW, **HURRIED)


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("alter user hurried set statement_timeout to 'soon'", 'parameter "statement_timeout" requires an integer'),
        ("alter user hurried set search_path to x", "ALTER USER SET search_path exists on Redshift"),
        ("alter user nobody set statement_timeout to 1", 'user "nobody" does not exist'),
        ("alter user hurried set statement_timeout 1", "syntax error"),
    ],
)
def test_what_is_no_setting_is_refused(limited: Any, sql: str, error: str) -> None:
    assert error in limited.error(sql)


def test_only_a_superuser_sets_it(limited: Any) -> None:
    assert "must be superuser" in limited.error("alter user hurried set statement_timeout to 0", **HURRIED)


def test_closing_leaves_no_thread_that_watches(limited: Any) -> None:
    limited.ok("select 1", **HURRIED)
    assert "redshift-time-limits" in {thread.name for thread in threading.enumerate()}
    limited.service.close()
    assert "redshift-time-limits" not in {thread.name for thread in threading.enumerate()}
    limited.__post_init__()
