"""What the warehouse's words tell of, and what a viewer is told."""

import pytest

from backend_lambdas.errors import DiskFull, ResultTooLarge, RowTooLarge
from backend_lambdas.runs import error_classification, outcomes


@pytest.mark.parametrize(
    "words",
    [
        "ERROR: Database response exceeded size limit",
        "The database response exceeded size limit.",
        "Query #1 failed with ERROR: Result set size exceeds 500 MB",
        "result size exceeded the limit",
    ],
)
def test_a_result_beyond_what_is_handed_out_is_known(words: str) -> None:
    assert error_classification.cause_of(words) is ResultTooLarge


@pytest.mark.parametrize("words", ["ERROR: Packet for query is too large", "packet for query is too large (70000)"])
def test_a_row_beyond_what_is_handed_out_is_known(words: str) -> None:
    assert error_classification.cause_of(words) is RowTooLarge


@pytest.mark.parametrize(
    "words", ["ERROR: Disk Full\n  Detail: x", "ERROR: S3ServiceException: No space left on device"]
)
def test_a_full_disk_is_known(words: str) -> None:
    assert error_classification.cause_of(words) is DiskFull


@pytest.mark.parametrize(
    "words",
    [
        "",
        'ERROR: column "response" does not exist',
        "ERROR: Result size exceeds LISTAGG limit",
        "ERROR: division by zero",
        "not known (An error occurred (ThrottlingException) when calling the DescribeStatement operation)",
    ],
)
def test_everything_else_is_for_the_author(words: str) -> None:
    assert (error_classification.cause_of(words), error_classification.code_of(words)) == (None, "sql_error")


@pytest.mark.parametrize(("cause", "limit"), [(ResultTooLarge, "500 MB"), (RowTooLarge, "64 KB")])
def test_a_limit_is_told_with_the_way_past_it(cause: type[Exception], limit: str) -> None:
    sentence = cause().args[0]
    assert limit in sentence
    assert "An export has no such limit" in sentence


@pytest.mark.parametrize("cause", error_classification.CAUSES)
def test_each_cause_has_a_sentence_for_who_waits(cause: type[ResultTooLarge]) -> None:
    assert outcomes._SENTENCES[cause.code] == cause.sentence
