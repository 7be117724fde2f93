"""The check of report files: each kind of mistake with its file, its line and its reason."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from backend_lambdas.reports import report_file
from backend_lambdas.reports.report_file import BrokenReport
from infra.check.__main__ import main
from infra.check.checking import Outcome, check
from infra.check.files import read

REPO = Path(__file__).resolve().parents[3]
SETUP = REPO / "sql" / "setup"
HEADER = """/*---
title: Fares
chart: {type: line, x: trip_day, y: [fare]}
---*/
"""
FINE = "SELECT pickup_date AS trip_day,\n  sum(fare_amount) AS fare\nFROM nyc_yellow_taxi\nGROUP BY 1\n"
TABLE = "/*---\ntitle: Fares\n{}\n---*/\n{}\n"

# Name of the file: what stands in it, the line and the reason of the one finding.
BROKEN: Mapping[str, tuple[str, int, str]] = {
    "header_missing": ("SELECT 1\n", 1, "the file must begin with a header between /*--- and ---*/"),
    "header_key": (HEADER.replace("title", "tilte") + FINE, 2, "unknown key 'tilte' (did you mean 'title'?)"),
    "undeclared": (
        HEADER + FINE.replace("GROUP", "WHERE vendorid = :vendor\nGROUP"),
        8,
        "the SQL uses :vendor, which the header does not declare",
    ),
    "unused": (
        TABLE.format("parameters: {month: {type: month}}", "SELECT 1 AS one"),
        5,
        "the parameter 'month' is declared but the SQL does not use :month",
    ),
    "two_statements": (HEADER + FINE + ";\nSELECT 2", 5, "after the header there must be one SELECT and nothing else"),
    "no_select": (HEADER + "\nDELETE FROM t", 6, "after the header there must be one SELECT and nothing else"),
    "syntax": (HEADER + FINE.replace("FROM", "FORM"), 7, 'syntax error at or near "FORM"'),
    "parenthesis": (HEADER + FINE.replace("unt)", "unt"), 6, 'syntax error at or near "AS": expecting )'),
    "quote": (
        HEADER + FINE.replace("\nFROM", ",\n  'x'' AS y\nFROM"),
        7,
        "a quote or a comment is opened here and never closed",
    ),
    "into": (HEADER + FINE.replace("FROM", "INTO t FROM"), 7, "SELECT INTO makes a table: a report may only read"),
    "with_delete": (
        HEADER + "WITH one AS (SELECT 1)\n\nDELETE FROM nyc_yellow_taxi",
        7,
        "DELETE removes rows: a report may only read",
    ),
    "for_update": (HEADER + FINE + "FOR UPDATE", 9, "FOR UPDATE locks rows: a report may only read"),
    "column": (
        HEADER + FINE.replace("fare_amount", "fare_amuont"),
        6,
        "column \"fare_amuont\" does not exist (did you mean 'fare_amount'?)",
    ),
    "column_of_table": (
        HEADER + FINE.replace("fare_amount", "t.fare_amuont").replace("taxi", "taxi t"),
        6,
        "column \"fare_amuont\" does not exist in t (did you mean 'fare_amount'?)",
    ),
    "table": (
        HEADER + FINE.replace("_taxi", "_taxis"),
        7,
        "relation \"nyc_yellow_taxis\" does not exist (did you mean 'nyc_yellow_taxi'?)",
    ),
    "function": (HEADER + FINE.replace("sum(", "summ("), 6, "function summ(numeric) does not exist"),
    "grouping": (
        HEADER + FINE.replace("sum(fare_amount)", "fare_amount"),
        6,
        'column "fare_amount" must appear in the GROUP BY clause',
    ),
    "fails_on_rows": (HEADER + FINE.replace("fare_amount", "1 / 0"), 5, "division by zero"),
    "users_of_the_warehouse": (
        HEADER + "SELECT usename AS trip_day, 1 AS fare\nFROM redshift_catalog.users",
        6,
        'relation "redshift_catalog.users" does not exist',
    ),
    "chart_column": (
        HEADER + FINE.replace("AS trip_day", "AS trip_date"),
        3,
        "chart.x: the query gives no column 'trip_day' (did you mean 'trip_date'?)",
    ),
    "chart_y": (
        HEADER.replace("y: [fare]", "y:\n    [fare,\n     fair]") + FINE,
        5,
        "chart.y: the query gives no column 'fair' (did you mean 'fare'?)",
    ),
    "styled_column": (
        TABLE.format("columns:\n  one: {label: One}\n  too: {label: Two}", "SELECT 1 AS one, 2 AS two"),
        5,
        "columns: the query gives no column 'too' (did you mean 'two'?)",
    ),
    "pivot_column": (
        TABLE.format(
            "chart:\n  type: pivot\n  rows: one\n  columns: too\n  values: three",
            "SELECT 1 AS one, 2 AS two, 3 AS three",
        ),
        6,
        "chart.columns: the query gives no column 'too' (did you mean 'two'?)",
    ),
    "linked_column": (
        TABLE.format("columns:\n  one:\n    link: /d/{too}", "SELECT 1 AS one, 2 AS two"),
        5,
        "columns.one.link: the query gives no column 'too' (did you mean 'two'?)",
    ),
    "text_added_up": (
        TABLE.format("columns:\n  one: {total: sum}", "SELECT CAST('a' AS varchar) AS one"),
        4,
        "columns.one.total: the column 'one' is varchar, which has no sum",
    ),
    "text_in_pivot": (
        TABLE.format(
            "chart: {type: pivot, rows: a, columns: b, values: c}", "SELECT 1 AS a, 2 AS b, CAST('x' AS varchar) AS c"
        ),
        3,
        "chart.values: the column 'c' is varchar, which has no sum",
    ),
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A project with the real scripts and no reports."""
    for name in ("setup", "load"):
        shutil.copytree(SETUP.parent / name, tmp_path / "sql" / name)
    (tmp_path / "sql" / "reports" / "finance").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def put(repo: Path) -> Callable[[str, str], Path]:
    def put_file(path: str, text: str) -> Path:
        file = repo / "sql" / "reports" / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return put_file


@pytest.fixture
def checked(repo: Path) -> Callable[[], Outcome]:
    def run() -> Outcome:
        files = read(repo)
        return check(files, repo / "sql" / "setup", set(files))

    return run


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[int, str]]]:
    """All broken files checked at once: file to its findings."""
    folder = tmp_path_factory.mktemp("broken")
    (folder / "sql" / "reports" / "finance").mkdir(parents=True)
    for name, (text, _, _) in BROKEN.items():
        (folder / "sql" / "reports" / "finance" / f"{name}.sql").write_text(text, encoding="utf-8")
    files = read(folder)
    outcome = check(files, SETUP, set(files))
    assert outcome.notes == []
    grouped: dict[str, list[tuple[int, str]]] = {}
    for one in outcome.findings:
        grouped.setdefault(one.file, []).append((one.line, one.reason))
    return grouped


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_is_told_with_its_line_and_reason(found: dict[str, list[tuple[int, str]]], name: str) -> None:
    _, line, reason = BROKEN[name]
    assert found[f"finance/{name}.sql"] == [(line, reason)]


@pytest.mark.parametrize(
    "name", ["header_missing", "header_key", "undeclared", "unused", "two_statements", "no_select"]
)
def test_what_the_page_can_tell_it_tells_in_the_same_words(found: dict[str, list[tuple[int, str]]], name: str) -> None:
    page = report_file.load(f"finance/{name}.sql", BROKEN[name][0])
    assert isinstance(page, BrokenReport)
    assert found[page.file] == [(page.line, page.reason)]


def test_a_fine_report_has_no_finding(put: Any, checked: Any) -> None:
    put("finance/fine.sql", HEADER + FINE)
    assert checked() == Outcome()


def test_files_of_other_editors_have_the_same_lines(put: Any, checked: Any) -> None:
    """A mark at the beginning and Windows' ends of lines count for nothing."""
    text = "\ufeff" + (HEADER + FINE.replace("fare_amount", "fare_amuont")).replace("\n", "\r\n")
    put("finance/windows.sql", "").write_bytes(text.encode())
    put("finance/windows_chart.sql", "").write_bytes(text.replace("amuont", "amount").replace("S fare", "S f").encode())
    assert [one.line for one in checked().findings] == [6, 3]


def test_two_files_of_one_name_are_told_as_the_page_does(put: Any, checked: Any) -> None:
    for department in ("finance", "operations"):
        put(f"{department}/fares.sql", HEADER + FINE)
    (finding,) = checked().findings
    assert (finding.file, finding.line) == ("operations/fares.sql", 1)
    assert finding.reason == "another department has a report named 'fares' already: this file needs another name"


PARAMETERS = """/*---
title: Everything
parameters:
  vendor: {type: choice, choices: ['1', '2']}
  since: {type: date, default: yesterday}
  upto: {type: date, min: 2015-02-01}
  least: {type: integer}
  word: {type: text}
  codes: {type: several, choices: ['1', '2', '3']}
  days: {type: daterange}
  region: {type: text, claim: 'custom:region'}
---*/
SELECT count(*) AS trips
FROM nyc_yellow_taxi
WHERE vendorid = :vendor AND pickup_date BETWEEN :since AND :upto AND passenger_count >= :least
  AND payment_type IN (:codes) AND vendorid <> :word AND pickup_date BETWEEN :days_from AND :days_to
  AND vendorid <> :region
"""


BESIDE = """/*---
title: Fares
chart:
  type: bar
  x: trip_day
  y: fare
  line: [trips]
  right: trips
  compare: fare
  target: fare
---*/
SELECT pickup_date AS trip_day, sum(fare_amount) AS fare, count(*) AS trips
FROM nyc_yellow_taxi
GROUP BY 1
"""


def test_columns_beside_those_of_y_are_there(put: Any, checked: Any) -> None:
    put("finance/beside.sql", BESIDE)
    assert checked() == Outcome()


@pytest.mark.parametrize(
    ("written", "wrong", "line"),
    [
        ("[trips]\n  right: trips", "[trps]\n  right: trps", 7),
        ("compare: fare", "compare: fares", 9),
        ("target: fare", "target: goal", 10),
    ],
)
def test_a_column_that_the_query_lacks_is_told_under_its_key(
    put: Any, checked: Any, written: str, wrong: str, line: int
) -> None:
    put("finance/beside.sql", BESIDE.replace(written, wrong))
    (finding,) = checked().findings
    assert finding.line == line
    assert "the query gives no column" in finding.reason


def test_parameters_without_a_default_get_a_value_of_their_type(put: Any, checked: Any) -> None:
    put("finance/everything.sql", PARAMETERS)
    assert checked() == Outcome()
    put("finance/everything.sql", PARAMETERS.replace("passenger_count", "passengers"))
    (finding,) = checked().findings
    assert finding.line == 15
    assert finding.reason.startswith('column "passengers" does not exist')


def test_a_report_that_no_value_can_be_made_up_for_is_noted_not_blamed(put: Any, checked: Any) -> None:
    header = "parameters:\n  zip: {type: text, pattern: '[A-Z]{9}'}\n  day: {type: text, default: '2015-12-01'}"
    put("finance/zip.sql", TABLE.format(header, "SELECT :zip AS zip, cast(:day AS date) AS day"))
    outcome = checked()
    assert outcome.findings == []
    assert [(note.line, note.reason) for note in outcome.notes] == [
        (7, "not run: zip: The text does not have the expected form.")
    ]


def test_a_made_up_text_that_the_sql_cannot_use_is_noted_not_blamed(put: Any, checked: Any) -> None:
    put("finance/day.sql", TABLE.format("parameters: {day: {type: text}}", "SELECT cast(:day AS date) AS day"))
    outcome = checked()
    assert outcome.findings == []
    (note,) = outcome.notes
    assert "a made-up value does not fit the SQL" in note.reason


SOURCE = TABLE.format("chart: {type: table}", "SELECT '2015-12' AS month, 'December' AS name")
USER = TABLE.format(
    "parameters:\n  month:\n    type: month\n    default: {report: months, column: month}", "SELECT :month AS month"
)
CHOOSER = TABLE.format(
    "parameters:\n  month:\n    type: choice\n    choices: {report: months, value: month, label: name}",
    "SELECT to_date(:month || '-01', 'YYYY-MM-DD') AS first_day",
)


def test_values_come_from_the_report_that_has_them(put: Any, checked: Any) -> None:
    """Its first row, so that what is run is what the page will run."""
    put("finance/months.sql", SOURCE)
    put("finance/a_user.sql", USER)
    put("finance/chooser.sql", CHOOSER)
    assert checked() == Outcome()


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("1 AS a, 2 AS b, count(*) OVER ()", []),
        ("1 AS a, 2 AS a", []),
        ("1 + 1, 2 + 2, 3 AS b", []),
        ("a.*, vendorid", ['cannot be exported: column name "vendorid" is duplicated']),
    ],
)
def test_columns_of_one_name_that_cannot_be_told_apart_are_warned_of(
    put: Any, checked: Any, columns: str, told: list[str]
) -> None:
    """They show, but the table that an export is collected in takes a name once."""
    put("finance/names.sql", TABLE.format("chart: {type: table}", f"SELECT {columns} FROM nyc_yellow_taxi a"))
    assert warnings(checked()) == told


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("fare_amount * :rate::decimal(6, 4)", []),
        (
            "fare_amount * :rate",
            ["an export would have the column 'fare' as decimal(38, 4), not decimal(38, 5): cast the value in it"],
        ),
    ],
)
def test_a_value_that_makes_a_columns_type_is_warned_of(
    put: Any, checked: Any, expression: str, told: list[str]
) -> None:
    """The table that an export is collected in is made before the value is known."""
    header = "parameters: {rate: {type: number, label: Rate, default: 1.085}}\nchart: {type: table}"
    put("finance/rates.sql", TABLE.format(header, f"SELECT sum({expression}) AS fare FROM nyc_yellow_taxi"))
    assert warnings(checked()) == told


def warnings(outcome: Outcome) -> list[str]:
    """What is warned of where nothing is wrong."""
    assert outcome.findings == []
    assert {note.kind for note in outcome.notes} <= {"warning"}
    return [note.reason for note in outcome.notes]


def test_a_column_that_the_other_report_lacks_is_told_where_it_is_wanted(put: Any, checked: Any) -> None:
    put("finance/months.sql", SOURCE)
    put("finance/a_user.sql", USER.replace("column: month", "column: mnth"))
    put("finance/chooser.sql", CHOOSER.replace("label: name", "label: nmae"))
    assert [(one.file, one.line, one.reason) for one in checked().findings] == [
        (
            "finance/a_user.sql",
            6,
            "parameters.month.default.column: the report 'months' gives no column 'mnth' (did you mean 'month'?)",
        ),
        (
            "finance/chooser.sql",
            6,
            "parameters.month.choices.label: the report 'months' gives no column 'nmae' (did you mean 'name'?)",
        ),
    ]


def test_a_default_of_another_type_is_told(put: Any, checked: Any) -> None:
    put("finance/months.sql", SOURCE)
    put("finance/a_user.sql", USER.replace("column: month", "column: name"))
    (finding,) = checked().findings
    assert (finding.line, finding.reason) == (
        6,
        "parameters.month.default: 'December', which the report 'months' gives, does not fit: "
        "A month like 2015-12 is expected.",
    )


def test_a_source_that_fails_is_blamed_alone(put: Any, checked: Any) -> None:
    put("finance/months.sql", SOURCE.replace("SELECT", "SELECT nothing,"))
    put("finance/a_user.sql", USER)
    outcome = checked()
    assert [one.file for one in outcome.findings] == ["finance/months.sql"]
    assert [one.file for one in outcome.notes] == ["finance/a_user.sql"]


@pytest.mark.parametrize("middle", ["a_cities", "z_cities"])
def test_a_report_runs_behind_all_that_its_choices_take_from_one_another(put: Any, checked: Any, middle: str) -> None:
    put("finance/countries.sql", TABLE.format("chart: {type: table}", "SELECT 'DE' AS country"))
    choices = "parameters:\n  country: {{type: choice, choices: {{report: countries, value: country}}}}"
    put(f"finance/{middle}.sql", TABLE.format(choices.format(), "SELECT 'Bonn' AS city WHERE :country = 'DE'"))
    taken = f"{choices.format()}\n  city: {{type: choice, choices: {{report: {middle}, value: city, with: [country]}}}}"
    put("finance/m.sql", TABLE.format(taken, "SELECT no_such_column, :city, :country FROM nyc_yellow_taxi"))
    outcome = checked()
    assert outcome.notes == []
    assert "no_such_column" in outcome.findings[0].reason


# ---------------------------------------------------------------------------------------------------------- the command


def test_findings_are_lines_that_editors_follow(
    put: Any, repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put("finance/fine.sql", HEADER + FINE)
    put("finance/broken.sql", BROKEN["syntax"][0])
    monkeypatch.chdir(repo)
    assert main([], repo) == 1
    assert capsys.readouterr().out == 'sql/reports/finance/broken.sql:7: syntax error at or near "FORM"\n'


def test_findings_are_objects_for_programs(put: Any, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = put("finance/broken.sql", BROKEN["syntax"][0])
    assert main(["--json"], repo) == 1
    expected = [{"file": str(file), "line": 7, "reason": 'syntax error at or near "FORM"'}]
    assert json.loads(capsys.readouterr().out) == expected
    file.write_text(HEADER + FINE)
    assert main(["--json"], repo) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_one_file_is_checked_by_itself(
    put: Any, repo: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mistakes of others are not its own; its name still is to be free, and it need not be in place yet."""
    put("finance/broken.sql", BROKEN["syntax"][0])
    fine = put("finance/fine.sql", HEADER + FINE)
    assert main([str(fine)], repo) == 0
    assert capsys.readouterr().out == "1 report is fine\n"
    draft = tmp_path_factory.mktemp("drafts") / "operations" / "fine.sql"
    draft.parent.mkdir()
    draft.write_text(HEADER + FINE)
    assert main([str(draft)], repo) == 1
    assert f"{draft}:1: another department has a report named 'fine'" in capsys.readouterr().out


def test_notes_do_not_fail_the_check(put: Any, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put("finance/day.sql", TABLE.format("parameters: {day: {type: text}}", "SELECT cast(:day AS date) AS day"))
    assert main([], repo) == 0
    told = capsys.readouterr()
    assert told.out == "1 report is fine\n"
    assert "day.sql:5: note: not run: " in told.err


def test_a_file_that_is_not_there_is_told(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing/here.sql"], repo) == 2
    assert "nothing/here.sql" in capsys.readouterr().err


def test_a_setup_script_that_fails_is_told_by_its_name(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "sql" / "setup" / "15_more.sql").write_text("CREATE TABLE more (a nonsense_type_of_mine);")
    assert main([], repo) == 2
    assert "15_more.sql: " in capsys.readouterr().err


# --------------------------------------------------------------------------------------------- departments and pages


def test_a_page_with_an_unknown_panel_is_told_with_its_line(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = repo / "sql" / "pages" / "finance" / "index.yaml"
    page.parent.mkdir(parents=True)
    page.write_text("title: All\npanels:\n  - no_such_report\n")
    assert main([str(page)], repo) == 1
    assert "index.yaml:3: there is no report 'no_such_report'" in capsys.readouterr().out
    page.write_text("title: All\ntext: Hello\n")
    assert main([str(page)], repo) == 0
    assert capsys.readouterr().out == "1 page is fine\n"


def test_a_departments_own_file_is_checked(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = repo / "sql" / "reports" / "finance" / "department.yaml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("title: Finance\ndefaults:\n  cash: 5m\n")
    assert main([str(own)], repo) == 1
    assert "department.yaml:3: unknown key 'defaults.cash' (did you mean 'cache'?)" in capsys.readouterr().out


def test_a_column_of_a_shared_parameter_is_told_where_the_report_takes_it(
    repo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = repo / "sql" / "reports"
    (reports / "shared").mkdir(parents=True)
    (reports / "shared" / "months.sql").write_text("/*---\ntitle: M\nhidden: true\n---*/\nSELECT '2015-12' AS month")
    (reports / "finance").mkdir(exist_ok=True)
    (reports / "finance" / "department.yaml").write_text(
        "parameters:\n  month: {type: month, default: {report: months, column: moth}}"
    )
    taking = reports / "finance" / "taking.sql"
    taking.write_text("/*---\ntitle: T\nparameters:\n  month: shared\n---*/\nSELECT :month AS month")
    assert main([str(taking)], repo) == 1
    assert "taking.sql:4: parameters.month.default.column: the report 'months' gives no column 'moth'" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("click", "reason"),
    [
        ("{filter: {wrod: x}}", "chart.click.filter: no report has a parameter 'wrod' (did you mean 'word'?)"),
        ("{open: clickng}", "chart.click.open: there is no report or page 'clickng' (did you mean 'clicking'?)"),
        ("{open: clicking, with: {wrod: x}}", "chart.click.with: 'clicking' has no parameter 'wrod'"),
        ("{filter: {word: gone}}", "chart.click.filter.word: a click tells of x, not of 'gone'"),
    ],
)
def test_a_click_that_leads_nowhere_is_told_with_its_line(
    click: str, reason: str, repo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clicking = repo / "sql" / "reports" / "finance" / "clicking.sql"
    clicking.parent.mkdir(parents=True, exist_ok=True)
    parameters = "parameters: {word: {type: text, default: a}}"
    chart = f"chart:\n  type: bar\n  x: x\n  y: n\n  click: {click}"
    clicking.write_text(f"/*---\ntitle: C\n{parameters}\n{chart}\n---*/\nSELECT :word AS x, 1 AS n")
    assert main([str(clicking)], repo) == 1
    assert f"clicking.sql:8: {reason}" in capsys.readouterr().out
