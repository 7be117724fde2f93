"""What is asked of the warehouse, and when two ask the same."""

import pytest
from msgspec import structs

from backend_lambdas.commands.query_spec import QuerySpec
from tests.backend_lambdas.lambda_fakes import REPORT, principal, report

CLAIMED = REPORT.replace("{type: month, label: Trip month, default: 2015-12}", "{type: text, claim: custom:region}")
LISTED = REPORT.replace("{type: month, label: Trip month, default: 2015-12}", "{type: several}").replace(
    "= :month", "IN (:month)"
)


def spec(month: str = "2015-12", text: str = REPORT) -> QuerySpec:
    return QuerySpec.of(report(text), {"month": month}, principal("finance"))


def test_a_question_is_its_reports() -> None:
    asked = spec()
    assert (asked.report, asked.department, asked.groups) == ("revenue_by_day", "finance", ("finance",))
    assert (asked.version, asked.sql) == (report().version, report().sql)
    assert (asked.cache_seconds, asked.timeout_seconds) == (15 * 60, 60)


def test_its_values_are_beside_the_sql_and_never_in_it() -> None:
    asked = spec("2015-11")
    assert asked.values == {"month": "2015-11"}
    assert "2015-11" not in asked.sql


def test_a_list_has_a_placeholder_for_each_of_its_values() -> None:
    asked = QuerySpec.of(report(LISTED), {"month_1": "2015-11", "month_2": "2015-12"}, principal("finance"))
    assert "IN (:month_1, :month_2)" in asked.sql


def test_identical_requesters_ask_the_same() -> None:
    """Whoever they are, as long as both may see it."""
    other = structs.replace(principal("admins"), sub="sub-2", email="bob@example.com")
    assert spec().key == QuerySpec.of(report(), {"month": "2015-12"}, other).key


def test_parameters_are_the_same_in_any_order() -> None:
    one = structs.replace(spec(), values={"a": "1", "b": "2"})
    assert one.key == structs.replace(spec(), values={"b": "2", "a": "1"}).key


@pytest.mark.parametrize(
    "other",
    [
        spec("2015-11"),
        spec(text=REPORT + "\n"),
        structs.replace(spec(), groups=("operations",)),
        structs.replace(spec(), report="revenue"),
        structs.replace(spec(), values={}),
    ],
    ids=["value", "version", "groups", "report", "no value"],
)
def test_anything_else_is_another_question(other: QuerySpec) -> None:
    assert spec().key != other.key


def test_a_value_cannot_be_taken_for_another_parameter() -> None:
    one = structs.replace(spec(), values={"a": '1"], ["b", "2'})
    assert one.key != structs.replace(spec(), values={"a": "1", "b": "2"}).key


def test_a_question_carries_the_claims_it_binds() -> None:
    """And no other of the token's: who reads the rows need not have those."""
    user = principal("finance", **{"custom:region": "emea", "custom:x": "1"})
    assert QuerySpec.of(report(CLAIMED), {"month": "emea"}, user).claims == {"custom:region": "emea"}


def test_users_of_other_claims_ask_another_question() -> None:
    emea, apac = (
        QuerySpec.of(report(CLAIMED), {"month": region}, principal("finance", **{"custom:region": region}))
        for region in ("emea", "apac")
    )
    assert emea.key != apac.key


def test_a_key_fits_into_a_statements_token() -> None:
    """With the attempt's suffix of 13 characters it is the ClientToken, of at most 64."""
    assert spec().key.isalnum()
    assert len(spec().key) == 40


def test_the_same_rows_as_a_file_are_another_question_for_each_format() -> None:
    asked = spec()
    keys = {asked.key, asked.as_export("csv").key, asked.as_export("parquet").key}
    assert len(keys) == 3
    assert asked.as_export("csv").key == spec().as_export("csv").key


def test_an_export_has_an_hour_or_its_reports_limit_if_that_is_longer() -> None:
    assert spec().as_export("csv").timeout_seconds == 3600
    longer = spec(text=REPORT.replace("timeout: 60s", "timeout: 3h"))
    assert longer.as_export("csv").timeout_seconds == 3 * 3600


def test_an_export_is_of_the_same_rows() -> None:
    """With the same values bound, for the same groups."""
    asked, export = spec(), spec().as_export("csv")
    assert export.export == "csv"
    assert structs.replace(export, export="", timeout_seconds=asked.timeout_seconds) == asked


def test_who_may_take_the_rows_goes_with_the_question() -> None:
    assert spec().downloaders == ("finance",)
    assert spec(text=REPORT.replace("cache:", "download: false\ncache:")).downloaders == ()
