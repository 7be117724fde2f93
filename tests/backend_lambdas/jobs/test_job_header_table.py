"""`docs/job-header.md` tells exactly the keys of the schema, and what they take: nothing else, nothing less."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import fields

from backend_lambdas.jobs import job_checks, job_header, job_steps, step_sql
from backend_lambdas.jobs.job_header import JobHeader
from backend_lambdas.reports import parameter_values
from backend_lambdas.reports.header_schema import Part
from backend_lambdas.reports.parameter_checks import GOES_WITH
from backend_lambdas.reports.parameters import Parameter
from tests.backend_lambdas.header_tables import code, options, rows
from tests.backend_lambdas.jobs.files import job, one_step

DOCS = (Path(__file__).parents[3] / "docs" / "job-header.md").read_text(encoding="utf-8")
PLAIN = DOCS.replace("\n", " ")
PARTS: Mapping[str, type[Part]] = {"": JobHeader, "parameters.NAME.": Parameter}
REFUSED = {"parameters.NAME.claim"}
SCHEMA = {prefix + one.name: one for prefix, part in PARTS.items() for one in fields(part)}
KEYS = sorted(set(SCHEMA) - REFUSED)


TABLE = {cells[0].strip("`"): cells for cells in rows(DOCS)}
every_key = pytest.mark.parametrize("key", KEYS)


def test_the_table_has_the_keys_of_the_schema_each_once() -> None:
    assert sorted(cells[0].strip("`") for cells in rows(DOCS)) == KEYS


def test_every_model_of_the_header_is_in_the_schema() -> None:
    ours = {part for part in Part.__subclasses__() if part.__module__.startswith("backend_lambdas.jobs.")}
    assert ours == {JobHeader}


@every_key
def test_every_row_is_whole(key: str) -> None:
    assert len(TABLE[key]) == 5
    assert all(TABLE[key][index] for index in (1, 3, 4))


@every_key
def test_what_a_key_takes_is_told(key: str) -> None:
    wanted = options(SCHEMA[key])
    if wanted is not None:
        assert code(TABLE[key][1]) == wanted


@every_key
def test_what_holds_without_a_key_is_told(key: str) -> None:
    field, told = SCHEMA[key], TABLE[key][3]
    assert (told == "required") == field.required
    if not field.required and isinstance(field.default, str | int) and field.default != "":
        assert code(told) == [f"{field.default}s" if key == "timeout" else str(field.default)]


@every_key
def test_what_a_key_goes_with_is_told(key: str) -> None:
    told = [word for word in TABLE[key][2].split(", ") if word]
    needs = {"choice"} if key.endswith(".choices") else set()
    name = key.rpartition(".")[2] if "." in key else ""
    assert {word.strip("*") for word in told if word.startswith("**")} == needs
    assert {word for word in told if not word.startswith("**")} == set(GOES_WITH.get(name, ())) - needs


def test_every_type_is_told() -> None:
    assert sorted(code(TABLE["parameters.NAME.type"][1])) == sorted(parameter_values.KINDS)


def test_every_statement_that_a_step_may_be_is_told() -> None:
    words = set(step_sql.VERBS) - {"CREATE TEMPORARY TABLE"}
    told = set(code(PLAIN.split("A **step** is")[1].split("Rights, users")[0]))
    longer = {"INSERT": "INSERT INTO", "DELETE": "DELETE FROM", "MERGE": "MERGE INTO"}
    assert told == {longer.get(word, word) for word in words}


def test_limits_that_are_told_are_those_that_hold() -> None:
    assert f"a name of 1 to {job_steps.MAX_NAME} characters" in PLAIN
    assert f"at most {job_steps.MAX_STATEMENTS} steps and checks" in PLAIN
    types = ", ".join(f"`{name}`" for name in job_checks.IN_TEXT[:-1])
    assert f"Only a {types} or `{job_checks.IN_TEXT[-1]}` may stand there" in PLAIN
    assert {name for name in step_sql.DEPLOYMENT_VALUES if f"`${{{name}}}`" not in PLAIN} == set()


def test_schedules_that_are_told_are_schedules() -> None:
    told = [one for one in code(PLAIN) if one.startswith("cron(") and "minutes" not in one]
    assert len(set(told)) > 2
    for schedule in told:
        assert job(one_step("DELETE FROM t", keys=f"schedule: {schedule}\n")).header.schedule == schedule
    assert f"cron({' '.join(name.replace(' ', '-') for name in job_header.FIELDS)})" in PLAIN
