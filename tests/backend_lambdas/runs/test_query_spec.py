"""What is asked of the warehouse, and when two ask the same."""

import pytest
from msgspec import structs

from backend_lambdas.runs.query_spec import Question
from tests.backend_lambdas.lambda_fakes import REPORT, principal, report

CLAIMED = REPORT.replace("{type: month, label: Trip month, default: 2015-12}", "{type: text, claim: custom:region}")
LISTED = REPORT.replace("{type: month, label: Trip month, default: 2015-12}", "{type: several}").replace(
    "= :month", "IN (:month)"
)


def question(month: str = "2015-12", text: str = REPORT) -> Question:
    return Question.of(report(text), {"month": month}, principal("finance"))


def test_a_question_is_its_reports() -> None:
    asked = question()
    assert (asked.report, asked.department, asked.groups) == ("revenue_by_day", "finance", ("finance",))
    assert (asked.version, asked.sql) == (report().version, report().sql)
    assert (asked.cache_seconds, asked.timeout_seconds) == (15 * 60, 60)


def test_its_values_are_beside_the_sql_and_never_in_it() -> None:
    asked = question("2015-11")
    assert asked.values == {"month": "2015-11"}
    assert "2015-11" not in asked.sql


def test_a_list_has_a_placeholder_for_each_of_its_values() -> None:
    asked = Question.of(report(LISTED), {"month_1": "2015-11", "month_2": "2015-12"}, principal("finance"))
    assert "IN (:month_1, :month_2)" in asked.sql


def test_identical_askers_ask_the_same() -> None:
    """Whoever they are, as long as both may see it."""
    other = structs.replace(principal("admins"), sub="sub-2", email="bob@example.com")
    assert question().key == Question.of(report(), {"month": "2015-12"}, other).key


def test_parameters_are_the_same_in_any_order() -> None:
    one = structs.replace(question(), values={"a": "1", "b": "2"})
    assert one.key == structs.replace(question(), values={"b": "2", "a": "1"}).key


@pytest.mark.parametrize(
    "other",
    [
        question("2015-11"),
        question(text=REPORT + "\n"),
        structs.replace(question(), groups=("operations",)),
        structs.replace(question(), report="revenue"),
        structs.replace(question(), values={}),
    ],
    ids=["value", "version", "groups", "report", "no value"],
)
def test_anything_else_is_another_question(other: Question) -> None:
    assert question().key != other.key


def test_a_value_cannot_be_taken_for_another_parameter() -> None:
    one = structs.replace(question(), values={"a": '1"], ["b", "2'})
    assert one.key != structs.replace(question(), values={"a": "1", "b": "2"}).key


def test_a_question_carries_the_claims_it_binds() -> None:
    """And no other of the token's: who reads the rows need not have those."""
    user = principal("finance", **{"custom:region": "emea", "custom:x": "1"})
    assert Question.of(report(CLAIMED), {"month": "emea"}, user).claims == {"custom:region": "emea"}


def test_users_of_other_claims_ask_another_question() -> None:
    emea, apac = (
        Question.of(report(CLAIMED), {"month": region}, principal("finance", **{"custom:region": region}))
        for region in ("emea", "apac")
    )
    assert emea.key != apac.key


def test_a_key_fits_into_a_statements_token() -> None:
    """With the attempt's suffix of 13 characters it is the ClientToken, of at most 64."""
    assert question().key.isalnum()
    assert len(question().key) == 40


def test_the_same_rows_as_a_file_are_another_question_for_each_format() -> None:
    asked = question()
    keys = {asked.key, asked.as_export("csv").key, asked.as_export("parquet").key}
    assert len(keys) == 3
    assert asked.as_export("csv").key == question().as_export("csv").key


def test_an_export_has_an_hour_or_its_reports_limit_if_that_is_longer() -> None:
    assert question().as_export("csv").timeout_seconds == 3600
    longer = question(text=REPORT.replace("timeout: 60s", "timeout: 3h"))
    assert longer.as_export("csv").timeout_seconds == 3 * 3600


def test_an_export_is_of_the_same_rows() -> None:
    """With the same values bound, for the same groups."""
    asked, export = question(), question().as_export("csv")
    assert export.export == "csv"
    assert structs.replace(export, export="", timeout_seconds=asked.timeout_seconds) == asked


def test_who_may_take_the_rows_goes_with_the_question() -> None:
    assert question().downloaders == ("finance",)
    assert question(text=REPORT.replace("cache:", "download: false\ncache:")).downloaders == ()
