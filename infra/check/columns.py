"""The columns that a header names, compared with those that the query gives. Used by `checking`, once it has run."""

from collections.abc import Iterator, Mapping

from backend_lambdas.reports.mistakes import nearest
from backend_lambdas.reports.report_file import Report
from infra.check.files import ReportFile
from infra.check.findings import Finding
from infra.check.warehouse import Answer


def missing(file: ReportFile, report: Report, answer: Answer) -> Iterator[Finding]:
    """A finding for each column of `chart` and `columns` that the result does not have."""
    for keys, name in _named(report):
        if name not in answer.columns:
            reason = f"{'.'.join(keys)}: the query gives no column {name!r}{nearest(name, answer.columns)}"
            yield Finding(file.path, file.line_of_key(*keys, name), reason)


def not_exportable(file: ReportFile, report: Report, answer: Answer, collected: Answer) -> Iterator[Finding]:
    """A warning for each column that an export would give in another type, which could round it or cut it off.

    The table that an export is collected in is made before the values are bound.
    """
    for name, shown, exported in zip(answer.columns, answer.types, collected.types, strict=True):
        if shown != exported:
            reason = f"an export would have the column {name!r} as {exported}, not {shown}: cast the value in it"
            yield Finding(file.path, file.line_of_sql(report), reason, "warning")


def missing_elsewhere(file: ReportFile, report: Report, answers: Mapping[str, Answer]) -> Iterator[Finding]:
    """The same for columns that are wanted of other reports, for choices and defaults; those that ran count."""
    for name, parameter in report.header.parameters.items():
        choices, default = parameter.choices_from, parameter.default_from
        wanted = [("default", "column", default.report, default.column)] if default else []
        if choices:
            wanted += [("choices", "value", choices.report, choices.value)]
            wanted += [("choices", "label", choices.report, choices.label)] if choices.label else []
        for source, key, other, column in wanted:
            if other in answers and column not in answers[other].columns:
                keys = ("parameters", name, source, key)
                hint = nearest(column, answers[other].columns)
                reason = f"{'.'.join(keys)}: the report {other!r} gives no column {column!r}{hint}"
                yield Finding(file.path, file.line_of_key(*keys), reason)


def not_to_be_added_up(file: ReportFile, report: Report, answer: Answer) -> Iterator[Finding]:
    """A finding for each column without numbers of which a table wants a sum or an average."""
    types = dict(zip(answer.columns, answer.types, strict=True))
    for keys, name, total in _added_up(report):
        if total in ("sum", "average") and name in types and not types[name].startswith(_NUMBERS):
            reason = f"{'.'.join(keys)}: the column {name!r} is {types[name]}, which has no {total}"
            yield Finding(file.path, file.line_of_key(*keys), reason)


_NUMBERS = ("int", "decimal", "numeric", "float")
"""What the names of Redshift's types of numbers begin with."""


def _added_up(report: Report) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Where the header wants a total, of which column, and which total; in a pivot also where it does not say."""
    values = report.header.chart.values
    for name, style in report.header.columns.items():
        if style.total:
            yield ("columns", name, "total"), name, style.total
    for name in values:
        if name not in report.header.columns or not report.header.columns[name].total:
            yield ("chart", "values"), name, "sum"


def _named(report: Report) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where the header names a column of its own query, and which."""
    chart = report.header.chart
    for key in ("x", "series", "value", "compare", "total", "target", "group", "columns", "area"):
        if isinstance(name := getattr(chart, key), str):
            yield ("chart", key), name
    for key in ("y", "line", "rows", "values"):
        yield from ((("chart", key), name) for name in getattr(chart, key))
    for key, columns in (("filter", chart.click.filter), ("with", chart.click.values)) if chart.click else ():
        yield from ((("chart", "click", key, parameter), name) for parameter, name in columns.items())
    for column, style in report.header.columns.items():
        yield ("columns",), column
        yield from ((("columns", column, "link"), name) for name in style.linked_columns)
