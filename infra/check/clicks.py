"""Where a click leads: to reports and pages that there are, with filters that they have. Used by `__main__`."""

from collections.abc import Collection, Iterator, Mapping

from backend_lambdas.departments import page_file
from backend_lambdas.departments.page_file import Page
from backend_lambdas.reports.mistakes import nearest
from backend_lambdas.reports.report_file import BrokenReport, Report
from infra.check.files import ReportFile
from infra.check.findings import Finding
from infra.check.pages import FOLDER

Reports = Mapping[str, Report | BrokenReport]


def findings(
    files: Mapping[str, ReportFile], pages: Mapping[str, ReportFile], reports: Reports, only: Collection[str]
) -> Iterator[Finding]:
    """What is wrong with the clicks of the reports in the files `only`, by all reports and pages that there are."""
    known = {path.removeprefix(FOLDER).removesuffix(".yaml"): file for path, file in pages.items()}
    for report in reports.values():
        if isinstance(report, Report) and report.file in only and report.header.chart.click:
            for keys, reason in _mistakes(report, reports, known):
                yield Finding(report.file, files[report.file].line_of_key("chart", "click", *keys), reason)


def _mistakes(report: Report, reports: Reports, pages: Mapping[str, ReportFile]) -> Iterator[tuple[list[str], str]]:
    click = report.header.chart.click
    assert click is not None  # noqa: S101 - the caller has looked
    every = {name for one in reports.values() if isinstance(one, Report) for name in one.header.open_parameters}
    for name in click.filter:
        if name not in every:
            yield ["filter", name], f"chart.click.filter: no report has a parameter {name!r}{nearest(name, every)}"
    if click.open is None:
        return
    target = _parameters(click.open, reports, pages)
    if target is None:
        names = [*(one for one, found in reports.items() if isinstance(found, Report)), *pages]
        yield ["open"], f"chart.click.open: there is no report or page {click.open!r}{nearest(click.open, names)}"
        return
    for name in click.values:
        if name not in target:
            reason = f"chart.click.with: {click.open!r} has no parameter {name!r}{nearest(name, target)}"
            yield ["with", name], reason


def _parameters(target: str, reports: Reports, pages: Mapping[str, ReportFile]) -> set[str] | None:
    """The parameters of a report or of the reports on a page; None where there is no such report that has a panel."""
    if target in pages:
        page = page_file.load(f"{page_file.FOLDER}{target}.yaml", pages[target].content)
        shown = [panel.entry.report for panel in page.panels.values()] if isinstance(page, Page) else []
        found = [one for name in shown if isinstance(one := reports.get(name), Report)]
        return {name for one in found for name in one.header.open_parameters}
    report = reports.get(target)
    return set(report.header.open_parameters) if isinstance(report, Report) and not report.header.hidden else None
