"""Job files: their steps, what is told to clients, and what is said of each mistake in the text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambdas.jobs import job_file
from backend_lambdas.jobs.job_file import BrokenJob, by_id
from backend_lambdas.jobs.job_steps import MAX_STATEMENTS, Step
from tests.backend_lambdas.jobs.files import CHECK, COPY, DELETE, MONTH, PATH, WHOLE, broken, job, one_step, text

INSERT = "INSERT INTO t SELECT 1"
STEP = f"-- step: One\n{INSERT}"
TRUE = "-- check: Fine\nSELECT true"


def with_steps(*steps: str) -> str:
    return text("writes: [t]\n", *steps)


def test_a_job_is_its_header_and_its_steps() -> None:
    found = job()
    assert (found.id, found.department, found.file, found.groups) == ("load_month", "operations", PATH, ("operations",))
    assert [(step.name, step.kind, step.line) for step in found.steps] == [
        ("Clear", "step", 9),
        ("Load", "step", 11),
        ("Rows arrived", "check", 13),
    ]
    assert found.steps[0].sql == "DELETE FROM trips WHERE month = :month"


def test_a_client_learns_neither_sql_nor_groups() -> None:
    public = job().public()
    assert json.loads(json.dumps(public)) == {
        "id": "load_month",
        "department": "operations",
        "title": "One",
        "description": "",
        "parameters": [{"name": "month", "type": "month", "default": "2015-12", "required": False}],
        "confirm": "",
        "approve": [],
        "writes": ["public.trips"],
        "schedule": None,
        "transaction": "whole",
        "whenBusy": "wait",
        "timeoutSeconds": 900,
        "steps": [
            {"name": "Clear", "kind": "step"},
            {"name": "Load", "kind": "step"},
            {"name": "Rows arrived", "kind": "check"},
        ],
        "version": job().version,
    }


def test_the_version_changes_with_the_file() -> None:
    assert job().version == job().version
    assert job().version != job(WHOLE + "\n-- changed\n").version


@pytest.mark.parametrize("for_author", [True, False])
def test_where_and_why_is_told_to_authors_only(for_author: bool) -> None:
    mistake = broken("SELECT 1")
    assert mistake.groups == ()
    assert ({"file", "line", "reason"} <= set(mistake.public(for_author))) is for_author


def test_windows_line_ends_and_a_byte_order_mark_do_not_matter() -> None:
    assert job("\ufeff" + WHOLE.replace("\n", "\r\n")).steps == job().steps


@pytest.mark.parametrize(
    "content",
    [
        f"  --  step :  One  \n{INSERT}",
        f"-- step: One\n-- why\n{INSERT}; -- done",
        f"-- step: One\n/* -- step: Old\nDROP TABLE x; */\n{INSERT}",
        f"-- A job.\n\n-- step: One\n{INSERT}\n-- and that is all",
        f"-- step: One\n{INSERT}, ';' AS \"a;\", $$-- ; $$",
    ],
    ids=["blanks", "comments", "step_in_a_comment", "comment_before", "semicolons_in_texts"],
)
def test_what_may_stand_around_a_statement(content: str) -> None:
    found = job(with_steps(content))
    assert [(step.name, step.kind) for step in found.steps] == [("One", "step")]


def test_as_many_statements_as_a_batch_takes_are_a_job() -> None:
    steps = [f"-- step: {count}\n{INSERT}" for count in range(MAX_STATEMENTS)]
    assert len(job(with_steps(*steps)).steps) == 39


MISTAKES: dict[str, tuple[str, int, str]] = {
    "empty": ("", 1, "must begin with a header"),
    "no_header": (f"{STEP}\n", 1, "must begin with a header"),
    "no_yaml": (text("\tx: 1\n", STEP), 3, "the header is not YAML"),
    "no_step": (with_steps(""), 4, "there must be a step"),
    "only_checks": (with_steps(TRUE), 4, "there must be a step"),
    "sql_without_a_step": (with_steps("\n\n" + INSERT), 7, "this SQL is of no step"),
    "sql_before_the_first_step": (with_steps("\n" + INSERT, STEP), 6, "this SQL is of no step"),
    "a_name_in_capitals_begins_no_step": (with_steps(f"-- STEP: One\n{INSERT}"), 5, "this SQL is of no step"),
    "a_name_behind_sql_begins_no_step": (
        with_steps(STEP + "; -- step: Two", INSERT),
        6,
        "the step 'One' must have one statement",
    ),
    "two_statements": (with_steps(STEP, INSERT), 7, "the step 'One' must have one statement and nothing else"),
    "the_same_twice_on_a_line": (with_steps(f"-- step: One\n\n{INSERT};{INSERT}"), 7, "must have one statement"),
    "no_statement": (with_steps(STEP + ";\n\n-- step: Two\n-- nothing", STEP), 8, "the step 'Two' must have one"),
    "check_without_a_statement": (with_steps(STEP, "-- check: Two\n"), 7, "the check 'Two' must have one"),
    "nameless": (with_steps(f"-- step:  \n{INSERT}"), 5, "the step needs a name of 1 to 80 characters"),
    "long_name": (with_steps(f"-- step: {'x' * 81}\n{INSERT}"), 5, "the step needs a name of 1 to 80"),
    "name_twice": (with_steps(STEP, "-- check: One\nSELECT true"), 7, "another step is named 'One' already"),
    "forty_statements": (
        with_steps(*(f"-- step: {count}\n{INSERT}" for count in range(40))),
        5 + 2 * 39,
        "a job has at most 39 steps and checks",
    ),
    "quote_left_open": (with_steps(f"-- step: One\n{INSERT}, 'a"), 6, "a quote or a comment is opened here"),
    "identifier_left_open": (with_steps(f'-- step: One\n{INSERT} AS "a'), 6, "a quote or a comment is opened here"),
    "dollars_left_open": (with_steps(f"-- step: One\n{INSERT}, $q$a"), 6, "a quote or a comment is opened here"),
    "comment_left_open": (with_steps(STEP, "/* no more\n-- step: Two", "DROP TABLE t"), 7, "a quote or a comment"),
    "quote_over_a_step": (
        with_steps(f"-- step: One\n{INSERT}, 'it''s\n", "-- step: Two\nINSERT INTO t SELECT 'x'"),
        8,
        "this step stands inside of a quote that began before it",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_reason(name: str) -> None:
    content, line, reason = MISTAKES[name]
    mistake = broken(content)
    assert reason in mistake.reason
    assert (mistake.line, mistake.file) == (line, PATH)


def test_lines_are_counted_alike_with_windows_line_ends() -> None:
    content, line, _ = MISTAKES["quote_over_a_step"]
    assert broken(content.replace("\n", "\r\n")).line == line


@pytest.mark.parametrize("path", ["load.sql", "Finance/load.sql", "finance/Load-2.sql", "a/b/c.sql", "finance/.sql"])
def test_a_name_that_no_group_or_link_can_have_is_a_mistake(path: str) -> None:
    assert "must be lower-case letters" in broken(WHOLE, path).reason


def test_bytes_that_are_not_utf8_are_a_mistake_with_their_line() -> None:
    content = one_step("INSERT INTO t SELECT 'Café'").encode("latin-1")
    assert job_file.load_bytes(PATH, content) == BrokenJob(
        "load_month", "operations", PATH, 6, "the file is not UTF-8 text"
    )


def test_bytes_in_utf8_are_a_job() -> None:
    assert job_file.load_bytes(PATH, WHOLE.encode()) == job()


def test_a_step_is_told_with_its_first_line_after_the_mark() -> None:
    assert job(one_step("\n" + INSERT)).steps == (Step("One", "step", INSERT, 7),)


def test_of_two_jobs_with_one_name_the_first_keeps_it() -> None:
    first, second = "finance/load_month.sql", "operations/load_month.sql"
    found = by_id({first: job(path=first), second: job(path=second)})
    assert found["load_month"] == job(path=first)
    mistake = found["operations.load_month"]
    assert isinstance(mistake, BrokenJob)
    assert (mistake.file, mistake.line) == (second, 1)
    assert mistake.reason == "another department has a job named 'load_month' already: this file needs another name"


def test_a_broken_job_takes_no_name_away() -> None:
    first, second = "finance/load_month.sql", "operations/load_month.sql"
    found = by_id({first: broken("", first), second: job(path=second)})
    assert found["load_month"] == job(path=second)
    assert isinstance(found["finance.load_month"], BrokenJob)


BITS = st.sampled_from(
    [
        DELETE,
        COPY,
        CHECK,
        "-- step: ",
        "-- check: x",
        "\n",
        ";",
        "'",
        '"',
        "/*",
        "*/",
        "$$",
        ":a",
        "{",
        "${b}",
        "t",
        "(",
    ]
)


@given(st.lists(BITS, max_size=12))
def test_no_file_whatever_stops_the_loading(bits: list[str]) -> None:
    loaded = job_file.load(PATH, text(f"{MONTH}writes: [trips]\n", "\n".join(bits)))
    if isinstance(loaded, BrokenJob):
        assert loaded.reason
        assert loaded.line >= 1
