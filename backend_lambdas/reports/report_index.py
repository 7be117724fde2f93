"""All report files together: which of them has a name, and which may take rows from which. Pure.

Used by `catalog` for the files in S3 and by the project's check for those of a working copy.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from backend_lambdas.reports.mistakes import nearest
from backend_lambdas.reports.report_file import BrokenReport, Report


def by_id(files: Mapping[str, Report | BrokenReport]) -> dict[str, Report | BrokenReport]:
    """Reports by id, from reports by path in order of path; of two with one name the first keeps it.

    A broken one never takes it away.
    """
    found: dict[str, Report | BrokenReport] = {}
    working = [(path, report) for path, report in files.items() if isinstance(report, Report)]
    broken = [report for report in files.values() if isinstance(report, BrokenReport)]
    for path, report in working:
        if found.setdefault(report.id, report) is not report:
            reason = f"another department has a report named {report.id!r} already: this file needs another name"
            broken.append(BrokenReport(report.id, report.department, path, 1, reason))
    for mistake in broken:
        own = mistake.id if mistake.id not in found else f"{mistake.department}.{mistake.id}"
        found[own] = replace(mistake, id=own)
    return _with_referrer_groups(_referring(found))


def _referring(found: dict[str, Report | BrokenReport]) -> dict[str, Report | BrokenReport]:
    """The reports with those broken that refer to one they cannot use, and in turn those that refer to these."""
    while mistakes := [mistake for report in found.values() if (mistake := _misreference(report, found))]:
        found = {**found, **{mistake.id: mistake for mistake in mistakes}}
    return found


def _with_referrer_groups(found: dict[str, Report | BrokenReport]) -> dict[str, Report | BrokenReport]:
    """The reports, those of the department `shared` with the groups of all that take rows from them."""
    working = [report for report in found.values() if isinstance(report, Report)]
    groups: dict[str, set[str]] = {report.id: set() for report in working if report.is_shared}
    while any(_add_groups(report, groups) for report in working):
        pass
    shared = {
        name: replace(report, referrer_groups=tuple(sorted(groups[name])))
        for name, report in found.items()
        if name in groups
    }
    return {**found, **shared}


def _add_groups(report: Report, found: dict[str, set[str]]) -> bool:
    """Adds a report's groups to those of what it takes rows from; whether one of them is new."""
    own = found[report.id] if report.is_shared else set(report.groups)
    referred = [found[reference.report] for reference in report.references if reference.report in found]
    is_new = any(not own <= known for known in referred)
    for known in referred:
        known |= own
    return is_new


def _misreference(report: Report | BrokenReport, found: Mapping[str, Report | BrokenReport]) -> BrokenReport | None:
    if isinstance(report, BrokenReport):
        return None
    for reference in report.references:
        trouble = _trouble(report, found.get(reference.report), reference.sent)
        if trouble:
            reason = f"{'.'.join(reference.keys)}: the report {reference.report!r} {trouble}"
            return BrokenReport(report.id, report.department, report.file, reference.line, reason)
    return None


def _trouble(report: Report, source: Report | BrokenReport | None, sent: tuple[str, ...]) -> str | None:
    """Why a report cannot take rows from another one that is run with `sent`, or None when it can."""
    if source is None:
        return "does not exist"
    if isinstance(source, BrokenReport):
        return "has a mistake in its file"
    strange = [name for name in sent if name not in source.header.open_parameters]
    if strange:
        return f"has no parameter {strange[0]!r}{nearest(strange[0], source.header.open_parameters)}"
    if source.header.lacks(sent):
        return "cannot run by itself: one of its parameters needs a value"
    if not source.is_shared and not set(report.groups) <= set(source.groups):
        return "may not be seen by everyone who sees this one: its groups must be there as well"
    return None
