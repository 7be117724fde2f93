"""The header of a job: its defaults, and what must fit together."""

import pytest

from backend_lambdas.jobs import job_file
from backend_lambdas.jobs.job_file import Job
from tests.backend_lambdas.jobs.files import broken, job, one_step, text

INSERT = "INSERT INTO t SELECT 1"
USING = "INSERT INTO t SELECT :p"
P = "parameters:\n  p: "


def scheduled(cron: str) -> str:
    return one_step(INSERT, keys=f"schedule: {cron!r}\n")


def test_everything_but_title_and_tables_has_a_default() -> None:
    header = job(one_step(INSERT)).header
    assert (header.description, header.parameters, header.timeout) == ("", {}, 900)
    assert (header.groups, header.approve, header.confirm, header.schedule) == ([], [], "", None)
    assert (header.transaction, header.when_busy) == ("whole", "wait")


@pytest.mark.parametrize(
    ("written", "tables"),
    [
        ("[t]", ("public.t",)),
        ("[public.t]", ("public.t",)),
        ("[t, public.t]", ("public.t",)),
    ],
)
def test_a_table_may_be_written_without_the_schema_public(written: str, tables: tuple[str, ...]) -> None:
    assert job(one_step(INSERT, written)).writes == tables


MISTAKES: dict[str, tuple[str, int, str]] = {
    "title_missing": (one_step(INSERT).replace("title: One\n", ""), 2, "'title' is missing"),
    "writes_missing": (text("groups: [a]\n", f"-- step: One\n{INSERT}"), 2, "'writes' is missing"),
    "writes_nothing": (one_step(INSERT, "[]"), 3, "writes: write a list of at least one text, each a table"),
    "writes_capitals": (one_step(INSERT, "[T]"), 3, "writes: write a list of at least one text, each a table"),
    "writes_three_parts": (one_step(INSERT, "[a.b.c]"), 3, "each a table such as trips or finance.trips"),
    "writes_quoted": (one_step(INSERT, "['\"t\"']"), 3, "each a table such as trips or finance.trips"),
    "writes_line_end": (one_step(INSERT, '["t\\n"]'), 3, "each a table such as trips or finance.trips"),
    "writes_one_text": (one_step(INSERT, "t"), 3, "writes: write a list"),
    "unknown_key": (one_step(INSERT, keys="cache: 15m\n"), 3, "unknown key 'cache'"),
    "timeout_too_long": (one_step(INSERT, keys="timeout: 25h\n"), 3, "timeout: write a duration"),
    "transaction": (one_step(INSERT, keys="transaction: none\n"), 3, "transaction: write whole or each step"),
    "when_busy": (one_step(INSERT, keys="when_busy: queue\n"), 3, "when_busy: write wait or refuse"),
    "groups": (one_step(INSERT, keys="groups: finance\n"), 3, "groups: write a list of texts"),
    "parameter_type": (one_step(USING, keys=P + "{type: day}\n"), 4, "parameters.p.type: write text"),
    "parameter_default": (
        one_step(USING, keys=P + "{type: month, default: 2015-13}\n"),
        4,
        "parameters.p.default: A month like 2015-12 is expected.",
    ),
    "claim": (one_step(USING, keys=P + "{type: text, claim: custom:region}\n"), 4, "parameters.p.claim: a job binds"),
    "choices_of_a_report": (
        one_step(USING, keys=P + "{type: choice, choices: {report: a, value: b}}\n"),
        4,
        "parameters.p.choices: a job takes no choices from a report",
    ),
    "default_of_a_report": (
        one_step(USING, keys=P + "{type: text, default: {report: a, column: b}}\n"),
        4,
        "parameters.p.default: a job takes no default from a report",
    ),
    "confirm_unknown": (one_step(INSERT, keys="confirm: Load {month}?\n"), 3, "confirm: {month} is no parameter"),
    "confirm_nameless": (one_step(INSERT, keys="confirm: 'Load {}?'\n"), 3, "confirm: {} is no parameter"),
    "confirm_open": (one_step(INSERT, keys="confirm: 'Load {month?'\n"), 3, "confirm: a brace stands alone"),
    "confirm_closed": (one_step(INSERT, keys="confirm: Load it}?\n"), 3, "confirm: a brace stands alone"),
    "scheduled_without_default": (
        one_step(USING, keys=P + "{type: month}\nschedule: cron(0 6 * * ? *)\n"),
        5,
        "schedule: a job that starts by itself needs a default for each parameter: 'p' has none",
    ),
    "scheduled_and_approved": (
        one_step(INSERT, keys="approve: [leads]\nschedule: cron(0 6 * * ? *)\n"),
        4,
        "schedule: a job that starts by itself has nobody to approve it",
    ),
    "five_fields": (scheduled("cron(0 6 * * ?)"), 3, "schedule: write cron(minutes hours day-of-month month day-of-"),
    "seven_fields": (scheduled("cron(0 0 6 * * ? *)"), 3, "six fields in UTC"),
    "two_blanks": (scheduled("cron(0  6 * * ? *)"), 3, "six fields in UTC"),
    "bare_fields": (scheduled("0 6 * * ? *"), 3, "six fields in UTC"),
    "rate": (scheduled("rate(1 day)"), 3, "six fields in UTC"),
    "no_question_mark": (scheduled("cron(0 6 * * * *)"), 3, "exactly one of day of month and day of week must be ?"),
    "two_question_marks": (scheduled("cron(0 6 ? * ? *)"), 3, "exactly one of day of month and day of week"),
    "minute_60": (scheduled("cron(60 6 * * ? *)"), 3, "schedule: '60' cannot be the minutes"),
    "hour_24": (scheduled("cron(0 24 * * ? *)"), 3, "'24' cannot be the hours"),
    "day_0": (scheduled("cron(0 6 0 * ? *)"), 3, "'0' cannot be the day of month"),
    "day_32W": (scheduled("cron(0 6 32W * ? *)"), 3, "'32W' cannot be the day of month"),
    "month_13": (scheduled("cron(0 6 * 13 ? *)"), 3, "'13' cannot be the month"),
    "month_in_words": (scheduled("cron(0 6 * MAI ? *)"), 3, "'MAI' cannot be the month"),
    "weekday_8": (scheduled("cron(0 6 ? * 8 *)"), 3, "'8' cannot be the day of week"),
    "sixth_friday": (scheduled("cron(0 6 ? * FRI#6 *)"), 3, "'FRI#6' cannot be the day of week"),
    "two_fridays": (scheduled("cron(0 6 ? * 3#1,6#3 *)"), 3, "'3#1,6#3' cannot be the day of week"),
    "year_1969": (scheduled("cron(0 6 * * ? 1969)"), 3, "'1969' cannot be the year"),
    "backwards": (scheduled("cron(30-10 6 * * ? *)"), 3, "'30-10' cannot be the minutes"),
    "step_of_0": (scheduled("cron(0/0 6 * * ? *)"), 3, "'0/0' cannot be the minutes"),
    "question_mark_of_hours": (scheduled("cron(0 ? * * ? *)"), 3, "'?' cannot be the hours"),
    "weekday_of_hours": (scheduled("cron(0 6W * * ? *)"), 3, "'6W' cannot be the hours"),
    "empty_item": (scheduled("cron(0, 6 * * ? *)"), 3, "'0,' cannot be the minutes"),
    "other_digits": (scheduled("cron(٣ 6 * * ? *)"), 3, "cannot be the minutes"),
    "injected": (scheduled("cron(0 6 * * ? *) x"), 3, "six fields in UTC"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_reason(name: str) -> None:
    content, line, reason = MISTAKES[name]
    mistake = broken(content)
    assert reason in mistake.reason
    assert mistake.line == line


@pytest.mark.parametrize(
    "cron",
    [
        "cron(0 6 * * ? *)",
        "cron(0/15 6-18 ? * MON-FRI *)",
        "cron(*/5 * 1,15 JAN,JUL ? 2026-2030)",
        "cron(0 6 L * ? *)",
        "cron(0 6 3W * ? *)",
        "cron(0 6 ? * 6L 2026)",
        "cron(0 6 ? * L *)",
        "cron(0 6 ? * 3#2 *)",
        "cron(0 6 ? * FRI#5 *)",
        "cron(59 23 31 12 ? 2199)",
    ],
)
def test_a_schedule_is_what_the_scheduler_takes(cron: str) -> None:
    assert job(scheduled(cron)).header.schedule == cron


def test_a_scheduled_job_may_have_parameters_with_defaults() -> None:
    content = one_step(USING, keys=P + "{type: month, default: last month}\nschedule: cron(0 6 2 * ? *)\n")
    assert job(content).header.schedule


def test_a_confirmation_may_name_any_parameter() -> None:
    keys = P + "{type: daterange}\nconfirm: Load {p}?\n"
    content = one_step("INSERT INTO t SELECT :p_from, :p_to", keys=keys)
    assert job(content).header.confirm == "Load {p}?"


def test_lists_and_ranges_are_bound_as_in_reports() -> None:
    keys = "parameters:\n  kinds: {type: several}\n  days: {type: daterange}\n"
    content = one_step("DELETE FROM t WHERE a IN (:kinds) AND d BETWEEN :days_from AND :days_to", keys=keys)
    assert isinstance(job_file.load("a/b.sql", content), Job)
