"""The check of job files: each mistake with its file and line, beside those of the reports."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.check.__main__ import main

REPO = Path(__file__).resolve().parents[3]
JOB = "/*---\ntitle: One\nwrites: [nyc_yellow_taxi]\n---*/\n-- step: Clear\nDELETE FROM nyc_yellow_taxi;\n"
REPORT = "/*---\ntitle: One\n---*/\nSELECT count(*) AS trips FROM nyc_yellow_taxi\n"
Put = Callable[[str, str], Path]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A project with the real scripts, without reports and jobs."""
    for name in ("setup", "load"):
        shutil.copytree(REPO / "sql" / name, tmp_path / "sql" / name)
    return tmp_path


@pytest.fixture
def put(repo: Path) -> Put:
    def put_file(path: str, text: str) -> Path:
        file = repo / "sql" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return put_file


def test_reports_and_jobs_are_checked_together(
    repo: Path, put: Put, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put("reports/finance/one.sql", REPORT)
    put("jobs/finance/fine.sql", JOB)
    put("jobs/finance/same.sql", JOB)
    monkeypatch.chdir(repo)
    assert main([], repo) == 0
    assert capsys.readouterr().out == "1 report and 2 jobs are fine\n"
    put("reports/finance/two.sql", "SELECT 1")
    put("jobs/finance/broken.sql", JOB.replace("FROM nyc_yellow_taxi", "FROM fares"))
    put("jobs/operations/same.sql", JOB)
    assert main([], repo) == 1
    assert capsys.readouterr().out.splitlines() == [
        "sql/reports/finance/two.sql:1: the file must begin with a header between /*--- and ---*/",
        "sql/jobs/finance/broken.sql:6: this step writes public.fares, which `writes` in the header does not name",
        "sql/jobs/operations/same.sql:1: another department has a job named 'same' already: "
        "this file needs another name",
    ]


def test_one_job_is_checked_by_itself(repo: Path, put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    """Without what is wrong with others."""
    put("reports/finance/two.sql", "SELECT 1")
    put("jobs/finance/broken.sql", "DELETE FROM trips")
    fine = put("jobs/finance/fine.sql", JOB)
    assert main([str(fine)], repo) == 0
    assert capsys.readouterr().out == "1 job is fine\n"
    again = put("jobs/operations/fine.sql", JOB)
    assert main(["--json", str(again)], repo) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert (finding["file"], finding["line"]) == (str(again), 1)


def test_a_job_that_is_not_there_is_told(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(repo / "sql" / "jobs" / "finance" / "none.sql")], repo) == 2
    assert "none.sql" in capsys.readouterr().err


def test_the_jobs_of_the_project_are_fine(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(path) for path in (REPO / "sql" / "jobs").rglob("*.sql")]
    assert files
    assert main(files, REPO) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("step", "line", "words"),
    [
        ("-- step: Clear\nDELETE FROM nyc_yellow_taxi WHERE passengers = 1;\n", 6, "passengers"),
        ("-- step: Add\nINSERT INTO nyc_yellow_taxi SELECT 1, 2;\n", 6, "does not run"),
        (
            "-- step: Clear\nDELETE FROM nyc_yellow_taxi;\n-- check: Rows\nSELECT rides > 0 FROM nyc_yellow_taxi;\n",
            8,
            "rides",
        ),
    ],
    ids=["a column that is not there", "rows that do not fit", "a check that cannot be asked"],
)
def test_a_step_that_does_not_run_is_told_with_its_line(
    repo: Path, put: Put, capsys: pytest.CaptureFixture[str], step: str, line: int, words: str
) -> None:
    file = put("jobs/finance/wrong.sql", f"/*---\ntitle: One\nwrites: [nyc_yellow_taxi]\n---*/\n{step}")
    assert main([str(file)], repo) == 1
    told = capsys.readouterr().out
    assert f"wrong.sql:{line}: " in told
    assert words in told


def test_a_check_that_is_not_true_here_is_no_mistake(repo: Path, put: Put) -> None:
    """Its rows are elsewhere."""
    file = put("jobs/finance/fine.sql", f"{JOB}-- check: Many\nSELECT count(*) > 1000000 FROM nyc_yellow_taxi;\n")
    assert main([str(file)], repo) == 0
