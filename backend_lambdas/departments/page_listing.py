"""Pages held against the reports that there are: what is wrong with one, and what of it a user sees. Pure.

Used by `get_reports`, and by the project's check for the pages of a working copy. A panel that cannot be shown takes
down only itself.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from backend_lambdas.access.principal import Principal
from backend_lambdas.departments.department_file import Department
from backend_lambdas.departments.page_file import BrokenPage, Keys, Page, PanelEntry, PlacedPanel, Section, Tab
from backend_lambdas.errors import BadParameter
from backend_lambdas.reports import relative_values
from backend_lambdas.reports.mistakes import nearest
from backend_lambdas.reports.parameters import Parameter
from backend_lambdas.reports.report_file import BrokenReport, Report

Reports = Mapping[str, Report | BrokenReport]


class PageMistake(Struct, frozen=True, order=True):
    """What is wrong with a page by the reports that there are, with the line of its file."""

    line: int
    reason: str


def mistakes(page: Page | BrokenPage, reports: Reports) -> list[PageMistake]:
    """Everything that is wrong with a page, in order of lines."""
    if isinstance(page, BrokenPage):
        return [PageMistake(page.line, page.reason)]
    of_panels = [(panel.line, _trouble(panel.entry, reports)) for panel in page.panels.values()]
    of_values = [(page.value_lines[name], _bad_value(page, name, reports)) for name in page.header.values]
    return sorted(PageMistake(line, reason) for line, reason in (*of_panels, *of_values) if reason)


def public(
    page: Page, reports: Reports, principal: Principal, department: Department | None = None
) -> dict[str, Any] | None:
    """What `GET /reports` says of a page of a department, which may have a file of its own.

    None where this user may not open it, or would see none of its panels.
    """
    if not principal.may_see(page.groups):
        return None
    shown = _Shown(page, reports, principal)
    named = enumerate(zip(page.tab_ids, page.header.tabs, strict=True))
    tabs = [{"id": name, **shown.tab(("tabs", str(place)), tab, tab.title)} for place, (name, tab) in named]
    tabs = [tab for tab in tabs or [{"id": "", **shown.tab((), page.header, "")}] if tab["sections"]]
    if page.panels and not tabs:
        return None
    header = page.header
    return {
        "id": page.id,
        "department": page.department,
        "departmentTitle": (department or Department(page.department)).title,
        "name": page.name,
        "title": header.title,
        "description": header.description,
        "order": header.order,
        "apply": header.apply,
        "text": header.text,
        "values": {name: value for name, value in header.values.items() if not _bad_value(page, name, reports)},
        "tabs": tabs,
    }


class _Shown(Struct, frozen=True):
    """What one user sees of a page."""

    page: Page
    reports: Reports
    principal: Principal

    def tab(self, at: Keys, holder: Any, title: str) -> dict[str, Any]:
        """A tab, or a page without tabs as its only one: the sections that hold something for this user."""
        text = holder.text if isinstance(holder, Tab) else ""
        own = [self._section(at, Section(panels=holder.panels))] if holder.panels else []
        for place, section in enumerate(holder.sections):
            own.append(self._section((*at, "sections", str(place)), section))
        return {"title": title, "text": text, "sections": [section for section in own if section]}

    def _section(self, at: Keys, section: Section) -> dict[str, Any] | None:
        """None where it has panels and this user sees none: its words would speak of what is not there."""
        places = [(*at, "panels", str(place)) for place in range(len(section.panels))]
        panels = [panel for place in places if (panel := self._panel(self.page.panels[place]))]
        if section.panels and not panels:
            return None
        return {"title": section.title or "", "text": section.text, "panels": panels}

    def _panel(self, panel: PlacedPanel) -> dict[str, Any] | None:
        """None for a report that this user may not see."""
        entry = panel.entry
        report = self.reports.get(entry.report)
        if report is not None and not self.principal.may_see(report.groups):
            return None
        known: dict[str, Any] = {"key": panel.key, "report": entry.report}
        trouble = _trouble(entry, self.reports)
        if trouble and not isinstance(report, BrokenReport):
            told = {"file": self.page.file, "line": panel.line, "reason": trouble} if self.principal.is_author else {}
            return known | {"broken": told}
        optional = {"title": entry.title, "size": entry.size, "values": entry.values}
        return known | {name: value for name, value in optional.items() if value}


def _trouble(entry: PanelEntry, reports: Reports) -> str | None:
    """Why an entry of a page cannot be a panel; None when it can."""
    report = reports.get(entry.report)
    if report is None:
        return f"there is no report {entry.report!r}{nearest(entry.report, reports)}"
    if isinstance(report, BrokenReport):
        return f"the report {entry.report!r} has a mistake in its file"
    if report.header.hidden:
        return f"the report {entry.report!r} is hidden: it has no panel"
    return next((told for name, value in entry.values.items() if (told := _unfit(report, name, value))), None)


def _unfit(report: Report, name: str, value: Any) -> str | None:
    """Why a report cannot be asked with a value; None when it can."""
    parameter = report.header.open_parameters.get(name)
    if parameter is None:
        return f"the report {report.id!r} has no parameter {name!r}{nearest(name, report.header.open_parameters)}"
    return _refusal(parameter, name, value)


def _refusal(parameter: Parameter, name: str, value: Any) -> str | None:
    try:
        parameter.texts(value, relative_values.today())
    except BadParameter as error:
        return f"values.{name}: {error.message}"
    return None


def _bad_value(page: Page, name: str, reports: Reports) -> str | None:
    """Why a page cannot begin with a value; None when it can."""
    declared = list(_declared(page, name, reports))
    if not declared:
        return f"values.{name}: no panel of this page has a parameter of this name"
    value = page.header.values[name]
    return next((told for parameter in declared if (told := _refusal(parameter, name, value))), None)


def _declared(page: Page, name: str, reports: Reports) -> Iterator[Parameter]:
    """A parameter as the reports on a page declare it."""
    for panel in page.panels.values():
        report = reports.get(panel.entry.report)
        if isinstance(report, Report) and name in report.header.open_parameters:
            yield report.header.open_parameters[name]
