"""`python -m infra.check [FILE…] [--json]`: checks these reports, departments, pages, maps and jobs, or all.

A finding is `file:line: reason`, which editors follow; with `--json`, a list of objects. Exits with 1 when there is
one, and with 2 when nothing could be checked.
"""

import argparse
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from backend_lambdas.departments.department_file import is_department_file
from infra.check import clicks, jobs, maps, pages
from infra.check.checking import Outcome, check
from infra.check.files import ReportFile, path_of, read, reports
from infra.check.findings import Finding
from infra.check.warehouse import SetupFailed

REPO = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None, repo: Path = REPO) -> int:
    """Runs the command; gives its exit status."""
    options = _options(arguments)
    try:
        chosen = _Chosen.of(repo, options.files)
        outcome, findings = chosen.check(repo / "sql" / "setup")
    except (OSError, SetupFailed) as error:
        print(f"Nothing was checked. {error}", file=sys.stderr)  # noqa: T201 - a command speaks here
        return 2
    _tell_notes(outcome, chosen.reports, set(chosen.of_reports))
    files = {**chosen.reports, **chosen.jobs, **chosen.pages, **chosen.maps}
    _tell(_as_json(findings, files) if options.json else _as_lines(findings, files) or chosen.fine())
    return 1 if findings else 0


@dataclass(frozen=True)
class _Chosen:
    """All files, and the paths of those to check."""

    reports: Mapping[str, ReportFile]
    jobs: Mapping[str, ReportFile]
    pages: Mapping[str, ReportFile]
    maps: Mapping[str, ReportFile]
    of_reports: Collection[str]
    of_jobs: Collection[str]
    of_pages: Collection[str]
    of_maps: Collection[str]

    @classmethod
    def of(cls, repo: Path, wanted: Sequence[Path]) -> Self:
        """These files, or all; raises `OSError` for one that is not there."""
        of_jobs = [path for path in wanted if jobs.is_job(repo, path)]
        of_pages = [path for path in wanted if pages.is_page(repo, path)]
        of_maps = [path for path in wanted if maps.is_map(repo, path)]
        others = [path for path in wanted if path not in (*of_jobs, *of_pages, *of_maps)]
        known = read(repo, others), jobs.read(repo, of_jobs), pages.read(repo, of_pages), maps.read(repo, of_maps)
        if not wanted:
            return cls(*known, *known)
        kinds = ((jobs, of_jobs), (pages, of_pages), (maps, of_maps))
        chosen = [[one.path_of(repo, path) for path in paths] for one, paths in kinds]
        return cls(*known, [path_of(repo, path) for path in others], *chosen)

    def check(self, setup: Path) -> tuple[Outcome, list[Finding]]:
        """What the reports came to, and every finding in order; raises `SetupFailed`."""
        is_of_reports = self.of_reports or not (self.of_jobs or self.of_pages or self.of_maps)
        outcome = check(self.reports, setup, set(self.of_reports)) if is_of_reports else Outcome()
        of_jobs = jobs.findings(self.jobs, setup, set(self.of_jobs))
        known = reports(self.reports)
        of_pages = pages.findings(self.pages, known, self.of_pages)
        of_clicks = clicks.findings(self.reports, self.pages, known, self.of_reports)
        chosen = {*self.of_reports, *self.of_jobs, *self.of_pages, *self.of_maps}
        of_maps = maps.findings(self.maps, self.reports, known, chosen)
        found = (*outcome.findings, *of_jobs, *of_pages, *of_maps, *of_clicks)
        return outcome, sorted(one for one in found if one.file in chosen)

    def fine(self) -> str:
        """What was checked, where nothing is wrong."""
        departments = [path for path in self.of_reports if is_department_file(path)]
        counts = {
            "report": len(self.of_reports) - len(departments),
            "department": len(departments),
            "page": len(self.of_pages),
            "map": len(self.of_maps),
            "job": len(self.of_jobs),
        }
        told = [f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items() if count]
        words = " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]]))
        return f"{words or 'No file'} {'is' if sum(counts.values()) < 2 else 'are'} fine"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.check", description="Checks the files of reports, departments, pages, maps and jobs."
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="*", type=Path, help="a file of one of these; without, all of them"
    )
    parser.add_argument("--json", action="store_true", help="write a list of objects with file, line and reason")
    return parser.parse_args(arguments)


def _as_lines(findings: Sequence[Finding], files: Mapping[str, ReportFile]) -> str:
    return "\n".join(f"{files[one.file].shown}:{one.line}: {one.reason}" for one in findings)


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
