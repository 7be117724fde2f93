"""A department's own file: what its reports take from it, and what is wrong with it."""

from typing import Any

import pytest

from backend_lambdas.departments import department_file
from backend_lambdas.reports import report_file, report_index
from backend_lambdas.reports.report_file import BrokenReport, Report

PATH = "finance/department.yaml"
FILE = """\
title: Money
order: 3
parameters:
  month: {type: month, label: Trip month, default: 2015-12}
  region: {type: text, claim: 'custom:region'}
defaults:
  cache: 15m
  empty: Nothing was paid.
"""
REPORT = "/*---\ntitle: Revenue\nparameters: {month: shared}\n---*/\nSELECT 1 AS one FROM t WHERE m = :month"


def loaded(report: str, file: str = FILE, path: str = "finance/revenue.sql") -> Report | BrokenReport:
    department = department_file.load(PATH, file.encode()) if file else None
    return report_file.load(path, report, department)


def working(*args: str) -> Report:
    report = loaded(*args)
    assert isinstance(report, Report), report
    return report


def broken(*args: str) -> BrokenReport:
    report = loaded(*args)
    assert isinstance(report, BrokenReport), report
    return report


def test_a_shared_parameter_is_the_departments() -> None:
    assert working(REPORT).header.parameters["month"].label == "Trip month"


def test_keys_that_a_report_does_not_write_are_the_departments() -> None:
    assert (working(REPORT).header.cache, working(REPORT).header.empty) == (900, "Nothing was paid.")


def test_a_reports_own_keys_come_first() -> None:
    assert working(REPORT.replace("title:", "cache: 5m\ntitle:")).header.cache == 300


def test_a_parameter_of_its_own_is_not_shared() -> None:
    own = REPORT.replace("month: shared", "month: {type: month, label: Month, default: 2015-11}")
    assert working(own).header.parameters["month"].label == "Month"


def test_a_claim_can_be_shared() -> None:
    report = working(REPORT.replace("month: shared", "region: shared").replace(":month", ":region"))
    assert report.header.parameters["region"].claim == "custom:region"


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("", "parameters.month: it is shared, but the department's file finance/department.yaml declares no such"),
        ("title: X", "declares no such parameter"),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_line(file: str, reason: str) -> None:
    found = broken(REPORT, file)
    assert found.line == 3
    assert reason in found.reason


def test_a_mistake_in_the_file_breaks_reports_that_would_lose_its_defaults() -> None:
    found = broken("/*---\ntitle: Revenue\n---*/\nSELECT 1 AS one", "order: x\ndefaults: {currency: EUR}")
    assert "finance/department.yaml has a mistake" in found.reason


def test_a_cache_of_the_department_must_fit_what_a_report_keeps() -> None:
    assert "rows are kept for 1d" in broken(REPORT, FILE.replace("15m", "3d")).reason


def version(report: str = REPORT, file: str = FILE) -> str:
    return working(report, file).version


def test_what_a_report_takes_is_part_of_its_version() -> None:
    assert version() != version(file=FILE.replace("2015-12", "2015-11"))
    assert version() != version(file=FILE.replace("15m", "5m"))


def test_what_a_report_does_not_take_is_no_part_of_its_version() -> None:
    assert version() == version(file=FILE.replace("title: Money", "title: Cash"))
    assert version() == version(file=FILE.replace("custom:region", "custom:zone"))


@pytest.mark.parametrize(
    ("file", "line", "reason"),
    [
        ("titel: X", 1, "unknown key 'titel' (did you mean 'title'?)"),
        ("title: X\ndefaults:\n  cash: 5m", 3, "unknown key 'defaults.cash' (did you mean 'cache'?)"),
        ("parameters:\n  month: {type: moth}", 2, "parameters.month.type: write text"),
        ("parameters:\n  a:\n    type: choice", 3, "parameters.a.type: a choice needs choices"),
        ("title: [", 1, "the header is not YAML"),
        ("- a", 1, "`key: value` lines"),
    ],
)
def test_a_mistake_is_told_with_its_line(file: str, line: int, reason: str) -> None:
    found = department_file.load(PATH, file.encode()).mistake
    assert found
    assert found[0] == line
    assert reason in found[1]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbftitle: Money\r\norder: 3\r\n"])
def test_an_empty_file_and_one_from_windows_are_fine(content: bytes) -> None:
    assert department_file.load(PATH, content).mistake is None


def test_a_file_that_is_no_text_is_a_mistake() -> None:
    assert department_file.load(PATH, b"title: \xff").mistake == (1, "the file is not UTF-8 text")


def test_without_a_title_a_department_has_its_folders_name() -> None:
    assert department_file.load("ride_quality/department.yaml", b"").title == "Ride quality"


# ------------------------------------------------------------------------------------------------- shared reports

SOURCE = "/*---\ntitle: Months\nhidden: true\n---*/\nSELECT 1 AS month"
TAKES = "/*---\ntitle: T\nparameters: {m: {type: month, default: {report: months, column: month}}}\n---*/\nSELECT :m"


def indexed(**files: str) -> dict[str, Any]:
    paths = {name.replace("__", "/") + ".sql": text for name, text in files.items()}
    return dict(report_index.by_id({path: report_file.load(path, text) for path, text in sorted(paths.items())}))


def test_a_shared_report_is_open_to_all_who_may_see_its_users() -> None:
    found = indexed(shared__months=SOURCE, finance__a=TAKES, operations__b=TAKES.replace("title", "groups: [x]\ntitle"))
    assert found["months"].groups == ("finance", "x")


def test_a_shared_report_that_nobody_uses_is_open_to_nobody() -> None:
    assert indexed(shared__months=SOURCE)["months"].groups == ()


def test_a_shared_report_may_take_rows_from_another() -> None:
    chained = SOURCE.replace("hidden: true", "hidden: true\nparameters:\n  y: {type: year, default: 2015}")
    first = chained.replace("default: 2015", "default: {report: years, column: month}").replace("SELECT 1", "SELECT :y")
    found = indexed(shared__months=SOURCE, shared__years=SOURCE, finance__a=TAKES)
    assert found["years"].groups == ()
    found = indexed(shared__weeks=first, shared__years=SOURCE, finance__a=TAKES)
    assert isinstance(found["a"], BrokenReport), "it takes rows from months, which is not there"


@pytest.mark.parametrize("key", ["title: Months\n", "groups: [finance]\nhidden: true\n"])
def test_a_shared_report_is_hidden_and_has_no_groups(key: str) -> None:
    found = report_file.load("shared/months.sql", SOURCE.replace("hidden: true\n", key.replace("title: Months\n", "")))
    assert isinstance(found, BrokenReport)
    assert "a report in the folder 'shared' is hidden: true, and has no groups" in found.reason


DEPENDENT = (
    "/*---\ntitle: D\nparameters:\n  b: {type: choice, choices: [x]}\n"
    "  z: {type: choice, choices: {report: zones, value: zone, with: [b]}}\n---*/\nSELECT :b, :z"
)
ZONES = "/*---\ntitle: Z\nhidden: true\nparameters: {b: {type: text}}\n---*/\nSELECT :b AS zone"


def test_a_source_may_need_what_it_is_sent() -> None:
    assert isinstance(indexed(shared__zones=ZONES, finance__d=DEPENDENT)["d"], Report)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            ZONES.replace("{b: {type: text}}", "{b: {type: text}, c: {type: text}}").replace(":b", ":b || :c"),
            "cannot run by itself",
        ),
        (ZONES.replace("{b: ", "{bb: ").replace(":b", ":bb"), "has no parameter 'b' (did you mean 'bb'?)"),
    ],
)
def test_a_source_that_cannot_run_with_what_it_is_sent_is_told(source: str, reason: str) -> None:
    found = indexed(shared__zones=source, finance__d=DEPENDENT)["d"]
    assert isinstance(found, BrokenReport)
    assert reason in found.reason
    assert found.line == 5
