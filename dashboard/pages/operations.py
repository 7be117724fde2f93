"""What runs now and how a day's runs ended, for admins: figures on top, tables below. Pure.

Told, not asked: it shows the moment at which it was opened, and looks again when somebody asks it to.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.charts import formats
from dashboard.charts.formats import count
from dashboard.locales.locale import current
from dashboard.locales.words import _, _n, noop
from dashboard.pages.units import digits, zone
from dashboard.panels.component import Page

_CODES = {
    "sql_error": noop("SQL error"),
    "timeout": noop("Time limit"),
    "too_busy": noop("Too busy"),
    "warehouse_unavailable": noop("Warehouse unavailable"),
}
_STATES = {"running": noop("Running"), "queued": noop("Queued")}

Row = Mapping[str, Any]


def render(found: Mapping[str, Any]) -> Page:
    """The page; `found` is what `GET /operations` gave."""
    children = [
        _head(found),
        html.Div(_cards(found["figures"], found["running"]), className="figures"),
        _section(_("Running now"), _running(found), _more_running(found)),
        _section(_("Failed"), _failures(found["failures"], found["at"])),
        html.Div(
            [
                _section(_("Slowest"), _slowest(found["slowest"], found["at"])),
                _section(_("Most shared"), _shared(found)),
            ],
            className="halves",
        ),
        _section(_("Departments"), _departments(found["departments"])),
    ]
    return Page(children, id=ids.PAGE, title=_("Runs"))


def _head(found: Mapping[str, Any]) -> html.Div:
    lead = _("The last 24 hours, as of {time} {zone}.", time=_clock(found["at"]), zone=zone())
    more = " " + _("There was more; these are the newest.") if found["moreEnded"] else ""
    refresh = dmc.Button(_("Refresh"), id=ids.REFRESH, variant="default", n_clicks=0)
    words = [dmc.Title(_("Runs"), order=1), html.P(lead + more, className="lead")]
    return html.Div([html.Div(words), html.Div(refresh, className="page-tools")], className="page-head")


def _cards(figures: Mapping[str, Any], running: Sequence[Row]) -> list[html.Div]:
    waiting = sum(one["waiting"] for one in running)
    queued = sum(one["state"] == "queued" for one in running)
    runs, finished, failed = (figures[name] for name in ("runs", "finished", "failed"))
    return [
        _card(_("Running now"), count(len(running)), _waiting(waiting, queued)),
        _card(_("Finished"), count(finished), _n("of {count} run", "of {count} runs", runs)),
        _card(_("Failed"), count(failed), _part(failed, runs), failed > 0),
        _card(_("Shared"), _percent(*_saved(figures)), _answers(figures["answers"], finished)),
        _card(_("Usual time"), _seconds(figures["medianMs"]), _within(figures["p95Ms"])),
    ]


def _answers(answers: int, statements: int) -> str:
    counts = {"answers": count(answers), "statements": count(statements)}
    return _("{answers} answers, {statements} statements", **counts)


def _card(label: str, figure: str, line: str, is_bad: bool = False) -> html.Div:
    tone = {"data_tone": "bad"} if is_bad else {}
    parts = [html.H2(label), html.Div(figure, className="figure-value", **attributes(**tone)), html.P(line)]
    return html.Div(parts, className="figure")


def _section(title: str, *content: Any) -> html.Section:
    return html.Section([html.H2(title, className="list-title"), *content])


def _running(found: Mapping[str, Any]) -> Any:
    rows = [
        [_report(one), _state(one), _since(one["since"], found["at"]), _number(one["waiting"]), _id(one["statementId"])]
        for one in found["running"]
    ]
    columns = (_("Report"), _("State"), _("For"), "#" + _("Waiting"), _("Statement"))
    return _table(_("Running now"), columns, rows, _("Nobody waits for anything right now."))


def _more_running(found: Mapping[str, Any]) -> html.P | None:
    if not found["moreRunning"]:
        return None
    return html.P(_("There are more; these have waited the longest."), className="lead")


def _failures(failures: Sequence[Row], now: int) -> Any:
    columns = (
        _("Report"),
        _("Why"),
        _("In the warehouse's words"),
        "#" + _("Times"),
        _("Last asked"),
        _("Its statement"),
    )
    rows = [
        [
            _report(one),
            _code(one),
            _reason(one["reason"]),
            _number(one["times"]),
            _when(one["startedAt"], now),
            _id(one["statementId"]),
        ]
        for one in failures
    ]
    return _table(_("Failed"), columns, rows, _("Nothing has failed in the last 24 hours."))


def _slowest(slowest: Sequence[Row], now: int) -> Any:
    rows = [
        [_report(one), _number(_seconds(one["elapsedMs"])), _number(count(one["rows"])), _when(one["startedAt"], now)]
        for one in slowest
    ]
    return _table(
        _("Slowest"),
        (_("Report"), "#" + _("Took"), "#" + _("Rows"), _("Asked")),
        rows,
        _("Nothing has finished in the last 24 hours."),
    )


def _shared(found: Mapping[str, Any]) -> Any:
    rows = [
        [_report(one), _number(count(one["answers"])), _number(count(one["finished"])), _number(_percent(*_saved(one)))]
        for one in found["shared"]
    ]
    columns = (_("Report"), "#" + _("Answers"), "#" + _("Statements"), "#" + _("Shared"))
    return _table(_("Most shared"), columns, rows, _("Nobody has asked what another had asked in the last 24 hours."))


def _departments(departments: Sequence[Row]) -> Any:
    names = ("runs", "finished", "failed", "cancelled", "answers")
    rows = [
        [_named(one["department"]), *(_number(count(one[name])) for name in names), _number(_percent(*_saved(one)))]
        for one in departments
    ]
    columns = (
        _("Department"),
        "#" + _("Runs"),
        "#" + _("Finished"),
        "#" + _("Failed"),
        "#" + _("Cancelled"),
        "#" + _("Answers"),
        "#" + _("Shared"),
    )
    return _table(_("Departments"), columns, rows, _("No department has run anything in the last 24 hours."))


def _table(name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], nothing: str) -> Any:
    """A column whose name begins with # holds numbers."""
    if not rows:
        return html.P(nothing, className="nothing")
    head = html.Thead(html.Tr([_heading(column) for column in columns]))
    body = html.Tbody([html.Tr([_cell(part) for part in row]) for row in rows])
    table = html.Table([head, body], className="list")
    return html.Div(table, className="list-card", tabIndex="0", role="region", **attributes(aria_label=name))


def _heading(column: str) -> html.Th:
    number = column.startswith("#")
    return html.Th(column.removeprefix("#"), className="list-number" if number else "", scope="col")


def _cell(part: Any) -> html.Td:
    return part if isinstance(part, html.Td) else html.Td(part)


def _report(one: Row) -> html.Td:
    return html.Td([html.Strong(one["title"]), html.Small(_named(one["department"]))], className="list-what")


def _state(one: Row) -> html.Span:
    return html.Span(_(_STATES[one["state"]]), className="list-mark", **attributes(data_state=one["state"]))


def _code(one: Row) -> html.Span:
    return html.Span(
        _(_CODES.get(one["code"]) or str(one["code"])), className="list-mark", **attributes(data_state="failed")
    )


def _reason(reason: str) -> html.Td:
    name = "list-words" if reason else "list-words list-none"
    return html.Td(reason or _("None: it did not end there."), className=name)


def _id(statement_id: str | None) -> html.Td:
    return html.Td(html.Code(statement_id) if statement_id else _("None yet"), className="list-id")


def _number(value: Any) -> html.Td:
    return html.Td(str(value), className="list-number")


def _since(moment: int, now: int) -> str:
    return _seconds(max(now - moment, 0))


def _when(moment: int, now: int) -> str:
    """The time, with the day unless it is today's."""
    at, today = _local(moment), _local(now)
    if at.date() == today.date():
        return at.strftime("%H:%M:%S")
    return at.strftime("%d %b, %H:%M") if current().language == "en" else formats.short(at.isoformat(), "date")


def _clock(moment: int) -> str:
    return _local(moment).strftime("%H:%M:%S")


def _local(moment: int) -> datetime.datetime:
    return current().moved(datetime.datetime.fromtimestamp(moment / 1000, datetime.UTC))


def _seconds(milliseconds: int | None) -> str:
    """As people read a duration: `0.42 s`, `12.3 s`, `4 min 5 s`, `1 h 12 min`."""
    if milliseconds is None:
        return "–"  # noqa: RUF001 (a dash, where there is no number)
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{digits(f'{seconds:.2f}' if seconds < 10 else f'{seconds:.1f}')} s"
    minutes, rest = divmod(round(seconds), 60)
    return digits(f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min")


def _saved(figures: Mapping[str, Any]) -> tuple[int, int]:
    """How many answers took no statement of their own, and of how many."""
    return max(figures["answers"] - figures["finished"], 0), figures["answers"]


def _percent(part: int, whole: int) -> str:
    return f"{digits(f'{100 * part / whole:.0f}')} %" if whole else "–"  # noqa: RUF001 (a dash, where there is no number)


def _part(part: int, whole: int) -> str:
    if not whole:
        return _("of no runs")
    return _("{percent} % of runs", percent=digits(f"{100 * part / whole:.1f}"))


def _waiting(waiting: int, queued: int) -> str:
    panels = _n("{count} panel waiting", "{count} panels waiting", waiting)
    return panels + (f", {_('{queued} queued', queued=count(queued))}" if queued else "")


def _within(p95: int | None) -> str:
    return _("Nothing finished") if p95 is None else _("95 of 100 within {time}", time=_seconds(p95))


def _named(department: str) -> str:
    return department.replace("_", " ").capitalize()
