"""The page of jobs: a card for each that one may start or agree to, and beside them their runs, live and past."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.auth.user_pool import User
from dashboard.jobs import cards
from dashboard.jobs.history import History, Wanted
from dashboard.jobs.run_list import run_list
from dashboard.locales.words import _, noop
from dashboard.panels.component import Page, Steady

ALL = "all"
_STATES = {
    "under-way": noop("Under way"),
    "finished": noop("Finished"),
    "failed": noop("Failed"),
    "cancelled": noop("Cancelled"),
}
_NOTHING = noop("No run yet. Each start stands here, with its steps as they go and how it ended.")
_NONE_SUCH = noop("No run to which this applies, as far as was looked back.")

Listing = Mapping[str, Any]


def render(listing: Listing, history: History, user: User, now: datetime.datetime) -> Page:
    """The page, from what `GET /jobs` lists and the newest runs; `now` is when these were asked for."""
    jobs = listing["jobs"]
    known = [cards.card(job) for job in jobs] + [cards.broken_card(job) for job in listing["broken"]]
    children = [
        dcc.Store(id=ids.JOBS, data=cards.known_to_the_browser(jobs)),
        dcc.Store(id=ids.JOBS_CHANGED),
        _head(user),
        html.Div([html.Div(known, className="job-cards"), _runs(listing, history, now)], className="jobs"),
        _dialog(),
    ]
    return Page(children, id=ids.PAGE, title=_("Jobs"))


def runs(listing: Listing, history: History, wanted: Wanted, now: datetime.datetime) -> tuple[Any, str | None]:
    """The list of runs, for a `Steady`, and how the button for older ones is displayed."""
    found = run_list(history.runs, {job["id"]: job for job in listing["jobs"]}, now)
    nothing = _NONE_SUCH if wanted.job or wanted.state else _NOTHING
    return {"children": found or html.P(_(nothing), className="nothing")}, None if history.has_more else "none"


def chosen(value: str | None) -> str:
    """What a filter of the list asks for: nothing where it says all."""
    return "" if value in {None, ALL} else str(value)


def _head(user: User) -> html.Div:
    lead = _("What changes tables in the warehouse. Whoever may see a job sees its runs as they go.")
    words = html.Div([dmc.Title(_("Jobs"), order=1), html.P(lead, className="lead")])
    tables = dcc.Link(_("Tables"), href="/tables", className="plain-button") if user.is_author else None
    return html.Div([words, html.Div(tables, className="page-tools")], className="page-head")


def _runs(listing: Listing, history: History, now: datetime.datetime) -> html.Section:
    content, display = runs(listing, history, Wanted(), now)
    older = dmc.Button(_("Older runs"), id=ids.JOB_OLDER, variant="default", n_clicks=0, display=display)
    head = html.Div([html.H2(_("Runs"), id="job-runs-title"), _filters(listing["jobs"])], className="job-runs-head")
    children = [head, html.Div(Steady(content=content, id=ids.JOB_RUNS), className="job-runs"), older]
    return html.Section(children, className="job-history", **attributes(aria_labelledby="job-runs-title"))


def _filters(jobs: Sequence[Mapping[str, Any]]) -> html.Div:
    titles = {job["id"]: job["title"] for job in jobs}
    states = {state: _(words) for state, words in _STATES.items()}
    return html.Div(
        [
            _filter(ids.JOB_FILTER, _("Job"), {ALL: _("Every job"), **titles}),
            _filter(ids.JOB_STATE, _("State"), {ALL: _("Every state"), **states}),
        ],
        className="job-filters",
    )


def _filter(name: str, label: str, options: Mapping[str, str]) -> dmc.Select:
    data = [{"value": value, "label": words} for value, words in options.items()]
    return dmc.Select(id=name, data=data, value=ALL, allowDeselect=False, size="xs", **attributes(aria_label=label))


def _dialog() -> dmc.Modal:
    """Asks before a start. The first button is the one that starts nothing, so that Enter twice does not either."""
    buttons = [
        html.Button(_("Not now"), type="button", className="plain-button", **attributes(data_action="dismiss-job")),
        html.Button(_("Start"), type="button", className="main-button", **attributes(data_action="confirm-job")),
    ]
    content = [
        html.P(id=ids.JOB_QUESTION, className="job-question"),
        html.Dl(id=ids.JOB_TERMS, className="facts"),
        html.P(id=ids.JOB_DIALOG_NOTE, className="job-note", role="status"),
        html.Div(buttons, className="job-dialog-actions"),
    ]
    return dmc.Modal(content, id=ids.JOB_DIALOG, title="", centered=True, withCloseButton=False, size="md")
