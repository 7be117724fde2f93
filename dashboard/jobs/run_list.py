"""Runs of jobs, the newest first: each with its state in words, its steps, and what may be done with it. Pure.

Used by `pages.jobs`, and again by its callback whenever the socket tells of a run.
"""

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboard.attributes import attributes
from dashboard.filters import controls
from dashboard.jobs.cards import control_values
from dashboard.locales.words import _, _n, known, noop
from dashboard.pages.units import digits, values
from dashboard.panels.component import Elapsed, Moment

Run = Mapping[str, Any]
UNDER_WAY = ("approval", "queued", "running")
_STATES = {
    "running": noop("Running"),
    "finished": noop("Finished"),
    "failed": noop("Failed"),
    "cancelled": noop("Cancelled"),
}
_STEP_STATES = {**_STATES, "waiting": noop("Waiting"), "undone": noop("Undone")}


def run_list(runs: Sequence[Run], jobs: Mapping[str, Mapping[str, Any]], now: datetime.datetime) -> list[Any]:
    """Each run as a card; `jobs` by id are those of `GET /jobs`, and `now` is when the runs were asked for."""
    return [_run(run, jobs.get(run["job"]), now, is_newest=at == 0) for at, run in enumerate(runs)]


def _run(run: Run, job: Mapping[str, Any] | None, now: datetime.datetime, *, is_newest: bool) -> html.Article:
    children = [
        html.Div([html.H3(run["title"]), _state(run), _duration(run, now)], className="job-run-head"),
        _bar(run["steps"]),
        _about(run, job),
        html.P(known(run["message"]), className="job-run-message") if run["message"] else None,
        html.Div(
            [_steps(run, now, is_open=is_newest or run["state"] in UNDER_WAY), _actions(run, job)],
            className="job-run-foot",
        ),
    ]
    return html.Article(
        children,
        id=f"run-{run['runId']}",
        className="job-run",
        **attributes(data_state=run["state"], aria_label=run["title"]),
    )


def _state(run: Run) -> html.Span:
    words = _(_STATES.get(run["state"], ""))
    if run["state"] == "approval":
        words = _("Waits until {groups} agrees", groups=f" {_('or')} ".join(run["approve"]))
    elif run["state"] == "queued":
        words = _("Waits for “{title}”", title=run["waitsFor"]) if run["waitsFor"] else _("Waits for its turn")
    return html.Span(words, className="list-mark", **attributes(data_state=run["state"]))


def _duration(run: Run, now: datetime.datetime) -> html.Span | None:
    if not run["startedAt"]:
        return None
    if not run["endedAt"]:
        return html.Span(Elapsed(ms=_between(run["startedAt"], now)), className="job-run-time")
    worked = sum(step["elapsedMs"] for step in run["steps"])  # a run's own times are whole seconds
    took = max(_between(run["startedAt"], datetime.datetime.fromisoformat(run["endedAt"])), worked)
    return html.Span(duration(took), className="job-run-time")


def _bar(steps: Sequence[Mapping[str, Any]]) -> html.Div:
    """The steps at a glance; the list below says the same in words."""
    parts = [html.Span(**attributes(data_state=step["state"])) for step in steps]
    return html.Div(parts, className="job-bar", **attributes(aria_hidden="true"))


def _about(run: Run, job: Mapping[str, Any] | None) -> html.P:
    """Who, when, with which values, who agreed, and how many rows it changed."""
    rows = sum(step["rows"] for step in run["steps"] if step["kind"] == "step")
    parameters = {one["name"]: one for one in (job["parameters"] if job else ())}
    labels = {name: controls.label(one) for name, one in parameters.items()}
    choices = {name: controls.choice_labels(one) for name, one in parameters.items()}
    told = [
        values(
            {labels.get(name, name): _text(value, choices.get(name, {})) for name, value in run["parameters"].items()}
        ),
        run["by"],
        Moment(at=run["requestedAt"]),
        _("agreed to by {who}", who=run["approvedBy"]) if run["approvedBy"] else None,
        _rows(rows) if run["state"] == "finished" else None,
    ]
    return html.P([html.Span(part) for part in told if part is not None and part != ""], className="job-run-about")


def _text(value: Any, labels: Mapping[str, str]) -> str:
    values = value if isinstance(value, list) else [value]
    return ", ".join(labels.get(str(one), str(one)) for one in values)


def _steps(run: Run, now: datetime.datetime, *, is_open: bool) -> html.Details:
    count = len(run["steps"])
    summary = html.Summary(_n("{count} step", "{count} steps", count))
    spent = sum(step["elapsedMs"] for step in run["steps"] if step["state"] != "running")
    since = _between(run["startedAt"], now) - spent if run["startedAt"] else 0
    items = [_step(step, max(since, 0), is_over=run["endedAt"] is not None) for step in run["steps"]]
    return html.Details([summary, html.Ol(items, className="job-steps")], open=is_open)


def _step(step: Mapping[str, Any], since: int, *, is_over: bool) -> html.Li:
    is_check, is_waiting = step["kind"] == "check", step["state"] == "waiting"
    took = "" if is_waiting else duration(step["elapsedMs"])
    words = _("Not done") if is_waiting and is_over else _(_STEP_STATES[step["state"]])
    figures = [
        html.Span(words, className="job-step-state"),
        html.Span(_rows(step["rows"]) if step["state"] == "finished" and not is_check else ""),
        html.Span(Elapsed(ms=since) if step["state"] == "running" else took),
    ]
    name = html.Span([html.Small(_("Check") + " ") if is_check else None, step["name"]], className="job-step-name")
    return html.Li([name, *figures], **attributes(data_state=step["state"]))


def _actions(run: Run, job: Mapping[str, Any] | None) -> html.Div | None:
    found = [
        _button(run, "approve-job", _("Approve"), "main-button") if run["mayApprove"] else None,
        _button(run, "cancel-job", _("Cancel"), "plain-button") if run["mayCancel"] else None,
    ]
    if job and job["mayStart"] and run["state"] not in UNDER_WAY:
        again = {"job": run["job"], "values": control_values(job, run["parameters"])}
        known = attributes(data_action="job-again", data_for=json.dumps(again))
        found.append(html.Button(_("Run again with these values"), type="button", className="quiet-button", **known))
    buttons = [one for one in found if one is not None]
    return html.Div(buttons, className="job-run-actions") if buttons else None


def _button(run: Run, action: str, label: str, look: str) -> html.Button:
    known = attributes(data_action=action, data_for=run["runId"], aria_label=f"{label}: {run['title']}")
    return html.Button(label, type="button", id=f"{action}-{run['runId']}", className=look, **known)


def _rows(count: int) -> str:
    return _n("{count} row", "{count} rows", count)


def _between(start: str, end: datetime.datetime) -> int:
    """Milliseconds."""
    return max(round((end - datetime.datetime.fromisoformat(start)).total_seconds() * 1000), 0)


def duration(milliseconds: int) -> str:
    """`0.4 s`, `4 min 5 s`, `1 h 12 min`."""
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{digits(f'{seconds:.1f}')} s"
    minutes, rest = divmod(round(seconds), 60)
    return digits(f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min")
