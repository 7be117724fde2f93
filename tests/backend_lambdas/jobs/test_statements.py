"""The statements of a job with somebody's values: bound where they can be, else written only when they are safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambdas.errors import BadParameter
from backend_lambdas.jobs.job_file import Statement
from backend_lambdas.reports import parameters, sql_text
from tests.backend_lambdas.jobs.files import COPY, DEPLOYMENT, MONTH, job, one_step, text

HOSTILE = {
    "quote": "2015-12'; DROP TABLE x --",
    "comment": "2015-12 --",
    "unicode_digits": "٢٠١٥-١٢",
    "full_width_digits": "\uff12\uff10\uff11\uff15-12",
    "line_end": "2015-12\n",
    "line_end_before": "\n2015-12",
    "folder": "../2014-12",
    "slash": "2015/12",
    "dollars": "$$",
    "backslash": "2015-12\\",
    "blank": "2015-12 ",
    "zero": "2015-12\x00",
    "brace": "{month}",
    "variable": "${REDSHIFT_IAM_ROLE}",
    "empty": "",
}


def test_values_are_bound_where_they_can_be_and_written_where_not() -> None:
    clear, load, check = job().statements({"month": "2015-12"}, DEPLOYMENT)
    assert clear == Statement("Clear", "step", "DELETE FROM trips WHERE month = :month", {"month": "2015-12"})
    sql = "COPY trips FROM 's3://data/trips/2015-12/' IAM_ROLE default FORMAT PARQUET"
    assert load == Statement("Load", "step", sql, {})
    assert (check.name, check.kind, check.values) == ("Rows arrived", "check", {"month": "2015-12"})


def test_a_check_divides_by_zero_unless_it_is_true() -> None:
    """The line ends keep the comment of an author from what stands behind."""
    content = text("writes: [t]\n", "-- step: One\nDELETE FROM t", "-- check: Two\nSELECT true -- as ever\n")
    sql = job(content).statements({}, {})[1].sql
    assert sql == "SELECT 1 / CASE WHEN (\nSELECT true -- as ever\n) THEN 1 ELSE 0 END AS ok"


def test_a_statement_has_only_the_values_it_uses() -> None:
    keys = "parameters:\n  a: {type: text}\n  b: {type: several}\nwrites: [t]\n"
    content = text(
        keys, "-- step: One\nDELETE FROM t WHERE x = :a", "-- step: Two\nDELETE FROM t WHERE x IN (:b) OR y IN (:b)"
    )
    found = job(content)
    values = parameters.bind(found.header.parameters, {"a": "x'; --", "b": ["2", "1"]}, {})
    one, two = found.statements(values, {})
    assert one.values == {"a": "x'; --"}
    assert two.values == {"b_1": "1", "b_2": "2"}
    assert two.sql == "DELETE FROM t WHERE x IN (:b_1, :b_2) OR y IN (:b_1, :b_2)"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_is_never_written_into_a_path(name: str) -> None:
    """`bind` refuses it first; should it ever let one pass, writing it does not."""
    found = job()
    with pytest.raises(BadParameter):
        parameters.bind(found.header.parameters, {"month": HOSTILE[name]}, {})
    with pytest.raises(ValueError, match="month cannot be written"):
        found.statements({"month": HOSTILE[name]}, DEPLOYMENT)


@given(st.text())
def test_what_is_written_is_of_a_fixed_alphabet(value: str) -> None:
    try:
        sql = job().statements({"month": value}, DEPLOYMENT)[1].sql
    except ValueError:
        return
    assert value.isascii()
    assert value.replace("_", "a").replace("-", "a").isalnum()
    assert len(sql_text.strings(sql)) == 1


def test_a_value_that_is_missing_is_not_left_out_of_a_path() -> None:
    with pytest.raises(ValueError, match="month cannot be written"):
        job(text(f"{MONTH}writes: [trips]\n", COPY)).statements({}, DEPLOYMENT)


@pytest.mark.parametrize("path", ["", "s3://x/'--", "s3://x/\\", "s3://x/$$"])
def test_a_value_of_the_deployment_does_not_end_a_text(path: str) -> None:
    with pytest.raises(ValueError, match="no value for JOBS_DATA_S3_PATH"):
        job().statements({"month": "2015-12"}, {**DEPLOYMENT, "JOBS_DATA_S3_PATH": path})


def test_a_value_of_the_deployment_that_is_missing_is_told() -> None:
    with pytest.raises(ValueError, match="no value for JOBS_DATA_S3_PATH"):
        job().statements({"month": "2015-12"}, {})


def test_values_of_the_deployment_are_not_read_again() -> None:
    """What looks like a parameter in them is none."""
    sql = job().statements({"month": "2015-12"}, {**DEPLOYMENT, "JOBS_DATA_S3_PATH": "s3://x/{month}/"})[1].sql
    assert "'s3://x/{month}/2015-12/'" in sql


def test_a_role_brings_its_quotes() -> None:
    role = "'arn:aws:iam::123456789012:role/load'"
    sql = job().statements({"month": "2015-12"}, {**DEPLOYMENT, "REDSHIFT_IAM_ROLE": role})[1].sql
    assert f"IAM_ROLE {role} FORMAT" in sql


def test_comments_of_copy_are_left_out_with_their_braces() -> None:
    content = one_step("-- {nothing} ${HERE} :x\nCOPY t /* {q} */ FROM 's3://x/'")
    assert job(content).statements({}, {})[0].sql.split() == ["COPY", "t", "FROM", "'s3://x/'"]


def test_the_query_of_unload_takes_values_too() -> None:
    keys = "parameters:\n  p: {type: month}\n  n: {type: integer}\nwrites: [t]\n"
    content = text(
        keys,
        "-- step: One\nDELETE FROM t",
        "-- step: Two\nUNLOAD ('SELECT - {n}, ''12:30''::time FROM t WHERE m = ''{p}''') TO 's3://x/{p}/part-{n}-'",
    )
    sql = job(content).statements({"p": "2015-12", "n": "-5"}, {})[1].sql
    assert sql == ("UNLOAD ('SELECT - -5, ''12:30''::time FROM t WHERE m = ''2015-12''') TO 's3://x/2015-12/part--5-'")
