"""Checks report files one after the other, from the header to the columns of what they give. Called by `__main__`.

A file that fails one step is not taken to the next: its first mistake explains the others.
"""

import re
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlglot import exp

from backend_lambdas.errors import PushboardError
from backend_lambdas.reports import parameters
from backend_lambdas.reports.mistakes import nearest
from backend_lambdas.reports.report_file import BrokenReport, Report
from infra.check import columns, grammar, redshift, standins
from infra.check.files import ReportFile, departments, reports
from infra.check.findings import Finding, Wrong
from infra.check.warehouse import Answer, QueryFailed, Warehouse

_NAMED = re.compile(r'(?:column|relation|function|column reference|at or near) "?([\w.]+)"?')
_FIRST = re.compile(r"([A-Z_]{3,}) ")
_MISSING = re.compile(r'(?P<kind>column|relation) "?(?P<name>[\w.]+)"? does not exist')


@dataclass
class Outcome:
    """What a check found; `notes` tell what could not be checked, and are no mistakes."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


def check(files: Mapping[str, ReportFile], setup: Path, only: Collection[str]) -> Outcome:
    """Checks the files `only`, among all files, with the tables of the scripts in `setup`.

    Raises `SetupFailed` when those scripts do not run.
    """
    known = reports(files).values()
    broken = [report for report in known if isinstance(report, BrokenReport)]
    outcome = Outcome([Finding(one.file, one.line, one.reason) for one in broken if one.file in only])
    own_files = [one for one in departments(files).values() if one.file in only]
    outcome.findings += [Finding(one.file, *one.mistake) for one in own_files if one.mistake]
    working = [report for report in known if isinstance(report, Report)]
    with tempfile.TemporaryDirectory(prefix="pushboard-check-") as folder:
        warehouse = Warehouse(Path(folder), setup)
        try:
            runs = _Runs(files, warehouse, outcome)
            runs.run(_with_sources([report for report in working if report.file in only], working))
        finally:
            warehouse.close()
    return outcome


def _with_sources(wanted: Iterable[Report], working: Iterable[Report]) -> list[Report]:
    """The reports by file, each behind all that it takes rows from, be it by way of others."""
    known = {report.id: report for report in working}
    seen: set[str] = set()
    ordered: list[Report] = []

    def add(report: Report) -> None:
        if report.id in seen:
            return
        seen.add(report.id)
        for reference in report.references:
            if source := known.get(reference.report):
                add(source)
        ordered.append(report)

    for report in sorted(wanted, key=lambda one: one.file):
        add(report)
    return ordered


class _Runs:
    """Runs reports, one after the other."""

    def __init__(self, files: Mapping[str, ReportFile], warehouse: Warehouse, outcome: Outcome) -> None:
        self._files = files
        self._warehouse = warehouse
        self._outcome = outcome
        self._answers: dict[str, Answer] = {}

    def run(self, ordered: Iterable[Report]) -> None:
        """Checks each report, whose sources come before it; what is wrong goes into the outcome."""
        for report in ordered:
            file = self._files[report.file]
            try:
                self._check(file, report)
            except Wrong as wrong:
                line = file.line_of_sql(report) + wrong.line - 1
                if wrong.reason.endswith(redshift.ELSEWHERE):
                    self._outcome.notes.append(_untried(file, line, wrong.reason))
                else:
                    self._outcome.findings.append(Finding(file.path, line, wrong.reason))
            except (standins.NoValue, PushboardError) as reason:
                note = f"not run: {reason}"
                self._outcome.notes.append(Finding(file.path, file.line_of_sql(report), note, "note"))

    def _check(self, file: ReportFile, report: Report) -> None:
        """Raises `Wrong` for the SQL, `NoValue` or a `PushboardError` when a value for a parameter cannot be had."""
        tree, found = grammar.tree_of(report.sql), self._outcome.findings
        if self._differs(file, report, tree):
            return
        elsewhere = list(columns.missing_elsewhere(file, report, self._answers))
        sent = standins.sent(report, self._answers)
        found += elsewhere or standins.unfit(file, report, sent)
        made_up = sent | standins.claims(report)
        values = parameters.bind(report.header.parameters, sent, standins.claims(report))
        try:
            answer = self._warehouse.ask(report.statement(values), values)
        except QueryFailed as error:
            if made_up and "invalid input syntax" in str(error):
                raise standins.NoValue(f"a made-up value does not fit the SQL: {error}") from error
            raise self._explained(error, report, tree) from error
        self._answers[report.id] = answer
        found += [*columns.missing(file, report, answer), *columns.not_to_be_added_up(file, report, answer)]
        self._outcome.notes += self._not_exportable(file, report, answer, values)

    def _not_exportable(
        self, file: ReportFile, report: Report, answer: Answer, values: Mapping[str, str]
    ) -> list[Finding]:
        """What would go wrong with the rows of a report that runs, once they are wanted as a file."""
        try:
            collected = self._warehouse.collect(report.statement(values), values)
        except QueryFailed as error:
            return [Finding(file.path, file.line_of_sql(report), f"cannot be exported: {error}", "warning")]
        return list(columns.not_exportable(file, report, answer, collected))

    def _differs(self, file: ReportFile, report: Report, tree: exp.Expr) -> bool:
        """Whether there is something that Redshift, or only the laptop, does not have: then it is not run."""
        errors, elsewhere = redshift.differences_of(report.sql, tree, self._warehouse.tables)
        first = file.line_of_sql(report) - 1
        self._outcome.findings += [Finding(file.path, first + line, reason) for line, reason in errors]
        self._outcome.notes += [_untried(file, first + line, reason) for line, reason in elsewhere]
        return bool(errors or elsewhere)

    def _explained(self, error: QueryFailed, report: Report, tree: exp.Expr) -> Wrong:
        """The warehouse's words with the line they are about and, for a name that is not there, the nearest one."""
        words = str(error)
        named, missing = _NAMED.search(words) or _FIRST.match(words), _MISSING.search(words)
        line = grammar.line_of_word(report.sql, named[1].rpartition(".")[2]) if named else 1
        if error.position:
            line = report.sql.count("\n", 0, error.position - 1) + 1
        return Wrong(line, words + (self._hint(tree, missing["kind"], missing["name"]) if missing else ""))

    def _hint(self, tree: exp.Expr, kind: str, name: str) -> str:
        tables = self._warehouse.tables
        if kind == "relation":
            return nearest(name, tables)
        read = {table.name.lower() for table in tree.find_all(exp.Table)}
        own = {alias.alias.lower() for alias in tree.find_all(exp.Alias)}
        return nearest(name, own.union(*(names for table, names in tables.items() if table in read)))


def _untried(file: ReportFile, line: int, reason: str) -> Finding:
    """What Redshift has and the laptop has not."""
    return Finding(file.path, line, f"cannot be tried here: {reason}", "warning")
