"""Habits of other databases in reports: each is told with its line, and what only the laptop lacks is a warning."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from infra.check.__main__ import main
from infra.check.checking import Outcome, check
from infra.check.files import read

SETUP = Path(__file__).resolve().parents[3] / "sql" / "setup"
REPORT = (
    "/*---\ntitle: Trips\nchart: {{type: table}}\n---*/\nSELECT vendorid,\n  {} AS found\nFROM nyc_yellow_taxi\n{}\n"
)

# Name of the file: an expression, a clause, the line and the reason of the one finding.
HABITS: Mapping[str, tuple[str, str, int, str]] = {
    "year": ("year(pickup_date)", "", 6, "function year(date) does not exist"),
    "ifnull": ("ifnull(vendorid, 'x')", "", 6, 'function ifnull(character varying, "unknown") does not exist'),
    "if": ("if(1 > 2, 1, 2.5)", "", 6, "function if(boolean, integer, numeric) does not exist"),
    "string_agg": (
        "string_agg(vendorid, ',')",
        "GROUP BY 1",
        6,
        'function string_agg(character varying, "unknown") does not exist',
    ),
    "filter": ("count(*) FILTER (WHERE vendorid = '1')", "GROUP BY 1", 6, 'syntax error at or near "("'),
    "group_by_all": ("count(*)", "GROUP BY ALL", 8, 'syntax error at or near "ALL"'),
    "try_cast": ("try_cast(vendorid AS int)", "", 6, 'syntax error at or near "AS": expecting )'),
    "running_sum": (
        "sum(fare_amount) OVER (ORDER BY pickup_date)",
        "",
        6,
        "Aggregate window functions with an ORDER BY clause require a frame clause",
    ),
    "type": ("vendorid::string", "", 6, 'type "string" does not exist'),
    "json_arrow": ("vendorid -> 'a'", "", 6, "operator does not exist: ->"),
    "limit": ("1", "LIMIT 5, 10", 8, "LIMIT #,# syntax is not supported"),
    "values": ("1", "JOIN (VALUES (1)) AS v(a) ON true", 8, 'syntax error at or near "VALUES"'),
}


def checked(folder: Path, reports: Mapping[str, str]) -> Outcome:
    """The outcome of checking these reports."""
    (folder / "sql" / "reports" / "finance").mkdir(parents=True)
    for name, text in reports.items():
        (folder / "sql" / "reports" / "finance" / f"{name}.sql").write_text(text, encoding="utf-8")
    files = read(folder)
    return check(files, SETUP, set(files))


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """All habits checked at once, one report each."""
    texts = {name: REPORT.format(expression, clause) for name, (expression, clause, _, _) in HABITS.items()}
    return checked(tmp_path_factory.mktemp("habits"), texts)


@pytest.mark.parametrize("name", HABITS)
def test_a_habit_is_told_with_its_line(outcome: Outcome, name: str) -> None:
    _, _, line, reason = HABITS[name]
    found = [(one.line, one.reason) for one in outcome.findings if one.file == f"finance/{name}.sql"]
    assert found == [(line, reason)]


def test_all_habits_of_one_report_are_told(tmp_path: Path) -> None:
    text = REPORT.format("year(pickup_date)", "GROUP BY ALL\nLIMIT 1, 2")
    assert [(one.line, one.reason.split("(")[0]) for one in checked(tmp_path, {"many": text}).findings] == [
        (6, "function year"),
        (8, 'syntax error at or near "ALL"'),
        (9, "LIMIT #,# syntax is not supported"),
    ]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("fnv_hash(vendorid)", "function fnv_hash exists on Redshift; the laptop cannot run it"),
        (
            "regexp_count(vendorid, '(?=a)b', 1, 'p')",
            "REGEXP_COUNT with look-around or back references exists on Redshift; the laptop cannot run it",
        ),
    ],
)
def test_what_only_the_laptop_lacks_is_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], expression: str, reason: str
) -> None:
    """Such a report can be published."""
    outcome = checked(tmp_path, {"laptop": REPORT.format(expression, "")})
    assert outcome.findings == []
    assert [(one.line, one.reason) for one in outcome.notes] == [(6, f"cannot be tried here: {reason}")]
    (tmp_path / "sql" / "setup").symlink_to(SETUP)
    assert main([], tmp_path) == 0
    assert "laptop.sql:6: warning: cannot be tried here: " in capsys.readouterr().err
