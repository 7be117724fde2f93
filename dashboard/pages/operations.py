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
from dashboard.panels.component import Page

_CODES = {
    "sql_error": "SQL error",
    "timeout": "Time limit",
    "too_busy": "Too busy",
    "warehouse_unavailable": "Warehouse unavailable",
}
_STATES = {"running": "Running", "queued": "Queued"}

Row = Mapping[str, Any]


def render(found: Mapping[str, Any]) -> Page:
    """The page; `found` is what `GET /operations` gave."""
    children = [
        _head(found),
        html.Div(_cards(found["figures"], found["running"]), className="figures"),
        _section("Running now", _running(found), _more_running(found)),
        _section("Failed", _failures(found["failures"], found["at"])),
        html.Div(
            [_section("Slowest", _slowest(found["slowest"], found["at"])), _section("Most shared", _shared(found))],
            className="halves",
        ),
        _section("Departments", _departments(found["departments"])),
    ]
    return Page(children, id=ids.PAGE, title="Runs")


def _head(found: Mapping[str, Any]) -> html.Div:
    lead = f"The last 24 hours, as of {_clock(found['at'])} UTC."
    more = " There was more; these are the newest." if found["moreEnded"] else ""
    refresh = dmc.Button("Refresh", id=ids.REFRESH, variant="default", n_clicks=0)
    words = [dmc.Title("Runs", order=1), html.P(lead + more, className="lead")]
    return html.Div([html.Div(words), html.Div(refresh, className="page-tools")], className="page-head")


def _cards(figures: Mapping[str, Any], running: Sequence[Row]) -> list[html.Div]:
    waiting = sum(one["waiting"] for one in running)
    queued = sum(one["state"] == "queued" for one in running)
    runs, finished, failed = (figures[name] for name in ("runs", "finished", "failed"))
    return [
        _card("Running now", f"{len(running)}", _waiting(waiting, queued)),
        _card("Finished", f"{finished:,}", f"of {_count(runs, 'run')}"),
        _card("Failed", f"{failed:,}", _part(failed, runs, "of runs"), failed > 0),
        _card("Shared", _percent(*_saved(figures)), f"{figures['answers']:,} answers, {finished:,} statements"),
        _card("Usual time", _seconds(figures["medianMs"]), _within(figures["p95Ms"])),
    ]


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
    columns = ("Report", "State", "For", "#Waiting", "Statement")
    return _table("Running now", columns, rows, "Nobody waits for anything right now.")


def _more_running(found: Mapping[str, Any]) -> html.P | None:
    if not found["moreRunning"]:
        return None
    return html.P("There are more; these have waited the longest.", className="lead")


def _failures(failures: Sequence[Row], now: int) -> Any:
    columns = ("Report", "Why", "In the warehouse's words", "#Times", "Last asked", "Its statement")
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
    return _table("Failed", columns, rows, "Nothing has failed in the last 24 hours.")


def _slowest(slowest: Sequence[Row], now: int) -> Any:
    rows = [
        [_report(one), _number(_seconds(one["elapsedMs"])), _number(f"{one['rows']:,}"), _when(one["startedAt"], now)]
        for one in slowest
    ]
    return _table("Slowest", ("Report", "#Took", "#Rows", "Asked"), rows, "Nothing has finished in the last 24 hours.")


def _shared(found: Mapping[str, Any]) -> Any:
    rows = [
        [_report(one), _number(f"{one['answers']:,}"), _number(f"{one['finished']:,}"), _number(_percent(*_saved(one)))]
        for one in found["shared"]
    ]
    columns = ("Report", "#Answers", "#Statements", "#Shared")
    return _table("Most shared", columns, rows, "Nobody has asked what another had asked in the last 24 hours.")


def _departments(departments: Sequence[Row]) -> Any:
    names = ("runs", "finished", "failed", "cancelled", "answers")
    rows = [
        [_named(one["department"]), *(_number(f"{one[name]:,}") for name in names), _number(_percent(*_saved(one)))]
        for one in departments
    ]
    columns = ("Department", "#Runs", "#Finished", "#Failed", "#Cancelled", "#Answers", "#Shared")
    return _table("Departments", columns, rows, "No department has run anything in the last 24 hours.")


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
    return html.Span(_STATES[one["state"]], className="list-mark", **attributes(data_state=one["state"]))


def _code(one: Row) -> html.Span:
    return html.Span(_CODES.get(one["code"], one["code"]), className="list-mark", **attributes(data_state="failed"))


def _reason(reason: str) -> html.Td:
    name = "list-words" if reason else "list-words list-none"
    return html.Td(reason or "None: it did not end there.", className=name)


def _id(statement_id: str | None) -> html.Td:
    return html.Td(html.Code(statement_id) if statement_id else "None yet", className="list-id")


def _number(value: Any) -> html.Td:
    return html.Td(str(value), className="list-number")


def _since(moment: int, now: int) -> str:
    return _seconds(max(now - moment, 0))


def _when(moment: int, now: int) -> str:
    """The time, with the day unless it is today's."""
    at, today = _utc(moment), _utc(now)
    return at.strftime("%H:%M:%S") if at.date() == today.date() else at.strftime("%d %b, %H:%M")


def _clock(moment: int) -> str:
    return _utc(moment).strftime("%H:%M:%S")


def _utc(moment: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(moment / 1000, datetime.UTC)


def _seconds(milliseconds: int | None) -> str:
    """As people read a duration: `0.42 s`, `12.3 s`, `4 min 5 s`, `1 h 12 min`."""
    if milliseconds is None:
        return "–"  # noqa: RUF001 (a dash, where there is no number)
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _saved(figures: Mapping[str, Any]) -> tuple[int, int]:
    """How many answers took no statement of their own, and of how many."""
    return max(figures["answers"] - figures["finished"], 0), figures["answers"]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"  # noqa: RUF001 (a dash, where there is no number)


def _part(part: int, whole: int, of: str) -> str:
    return f"{100 * part / whole:.1f} % {of}" if whole else "of no runs"


def _waiting(waiting: int, queued: int) -> str:
    return f"{_count(waiting, 'panel')} waiting" + (f", {queued} queued" if queued else "")


def _within(p95: int | None) -> str:
    return "Nothing finished" if p95 is None else f"95 of 100 within {_seconds(p95)}"


def _named(department: str) -> str:
    return department.replace("_", " ").capitalize()


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
