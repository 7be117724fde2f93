"""`python -m infra.check [FILE…] [--json]`: checks these report and job files, or all of them.

A finding is `file:line: reason`, which editors follow; with `--json`, a list of objects. Exits with 1 when there is
one, and with 2 when nothing could be checked.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.check import jobs
from infra.check.checking import Outcome, check
from infra.check.files import ReportFile, path_of, read
from infra.check.findings import Finding
from infra.check.warehouse import SetupFailed

REPO = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None, repo: Path = REPO) -> int:
    """Runs the command; gives its exit status."""
    options = _options(arguments)
    wanted_jobs = [path for path in options.files if jobs.is_job(repo, path)]
    wanted = [path for path in options.files if path not in wanted_jobs]
    try:
        reports, job_files = read(repo, wanted), jobs.read(repo, wanted_jobs)
        chosen = {path_of(repo, path) for path in wanted} or (set() if wanted_jobs else set(reports))
        chosen_jobs = {jobs.path_of(repo, path) for path in wanted_jobs} or (set() if wanted else set(job_files))
        setup = repo / "sql" / "setup"
        outcome = check(reports, setup, chosen) if wanted or not wanted_jobs else Outcome()
        of_jobs = jobs.findings(job_files, setup, chosen_jobs)
    except (OSError, SetupFailed) as error:
        print(f"Nothing was checked. {error}", file=sys.stderr)  # noqa: T201 - a command speaks here
        return 2
    findings = sorted(one for one in (*outcome.findings, *of_jobs) if one.file in chosen | chosen_jobs)
    _tell_notes(outcome, reports, chosen)
    files = {**reports, **job_files}
    fine = _fine(len(chosen), len(chosen_jobs))
    _tell(_as_json(findings, files) if options.json else _as_lines(findings, files) or fine)
    return 1 if findings else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.check", description="Checks report and job files.")
    parser.add_argument(
        "files", metavar="FILE", nargs="*", type=Path, help="a report or job file; without, all of them"
    )
    parser.add_argument("--json", action="store_true", help="write a list of objects with file, line and reason")
    return parser.parse_args(arguments)


def _as_lines(findings: Sequence[Finding], files: Mapping[str, ReportFile]) -> str:
    return "\n".join(f"{files[one.file].shown}:{one.line}: {one.reason}" for one in findings)


def _fine(reports: int, jobs: int) -> str:
    counts = {"report": reports, "job": jobs} if reports and jobs else {"job": jobs} if jobs else {"report": reports}
    told = [f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items()]
    return f"{' and '.join(told)} {'is' if reports + jobs == 1 else 'are'} fine"


def _as_json(findings: Sequence[Finding], files: Mapping[str, ReportFile]) -> str:
    objects = [{"file": files[one.file].shown, "line": one.line, "reason": one.reason} for one in findings]
    return json.dumps(objects, indent=2, ensure_ascii=False)


def _tell_notes(outcome: Outcome, files: Mapping[str, ReportFile], chosen: set[str]) -> None:
    """To the other stream: they are no findings."""
    for note in sorted(outcome.notes):
        if note.file in chosen:
            print(f"{files[note.file].shown}:{note.line}: {note.kind}: {note.reason}", file=sys.stderr)  # noqa: T201


def _tell(text: str) -> None:
    print(text)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
