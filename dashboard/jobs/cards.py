"""A card for each job: what it does and writes, who must agree, when it starts by itself, and the form that starts it.

Pure; used by `pages.jobs`. The form's controls are those of filters; `assets/js/jobs/starts.js` reads them.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from dash import dcc, html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.filters import controls
from dashboard.jobs.schedule_words import in_words
from dashboard.locales.words import _

Job = Mapping[str, Any]
_PUBLIC = "public."


def card(job: Job) -> html.Section:
    """Everything one needs to know before a start, and the start."""
    name = f"job-{job['id']}"
    children = [
        html.Div([html.H2(job["title"], id=name), html.Span(job["departmentTitle"])], className="job-card-head"),
        html.P(job["description"], className="job-about") if job["description"] else None,
        html.Dl([part for label, words in _facts(job) for part in (html.Dt(label), html.Dd(words))], className="facts"),
        _form(job)
        if job["mayStart"]
        else html.P(_("You may agree to runs of this job, not start it."), className="lead"),
        html.P(id=ids.job_note(job["id"]), className="job-note", role="status"),
    ]
    return html.Section(children, className="job-card", **attributes(aria_labelledby=name, data_job=job["id"]))


def broken_card(job: Job) -> html.Section:
    """For authors: a job whose file has a mistake."""
    place = html.P([html.Code(f"{job['file']}:{job['line']}"), f" {job['reason']}"], className="job-broken")
    return html.Section([html.H2(job["id"]), place], className="job-card")


def known_to_the_browser(jobs: Sequence[Job]) -> dict[str, Any]:
    """What the dialog before a start needs of each job, by its id."""
    return {job["id"]: {name: job[name] for name in ("title", "confirm")} | _asked(job) for job in jobs}


def _asked(job: Job) -> dict[str, Any]:
    wanted = ("name", "type", "default")
    parameters = [
        {"label": controls.label(one), "labels": controls.choice_labels(one)}
        | {name: one[name] for name in wanted if name in one}
        for one in job["parameters"]
    ]
    terms = _("Writes {tables}.", tables=", ".join(map(table_name, job["writes"])))
    if job["approve"]:
        terms += " " + _("It waits until somebody else of {groups} agrees.", groups=_any_of(job["approve"]))
    return {"parameters": parameters, "terms": terms}


def table_name(table: str) -> str:
    """A table as its header names it: without the schema that everybody has."""
    return table.removeprefix(_PUBLIC)


def control_values(job: Job, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each control of a job's form holds when it shows these values, as a run had them."""
    shown = [(one, controls.control(one, parameters.get(one["name"]))) for one in job["parameters"]]
    return [{"name": one["name"], "kind": one["type"], "value": control.value} for one, control in shown]


def _facts(job: Job) -> list[tuple[str, Any]]:
    steps = [_("Check: {step}", step=one["name"]) if one["kind"] == "check" else one["name"] for one in job["steps"]]
    agree = _("Nobody needs to agree")
    if job["approve"]:
        agree = _("Somebody of {groups} must agree", groups=_any_of(job["approve"]))
    return [
        (_("Steps"), " · ".join(steps)),
        (_("Writes"), [part for table in job["writes"] for part in (html.Code(table_name(table)), " ")]),
        (_("Starts"), in_words(job["schedule"]) if job["schedule"] else _("By hand")),
        (_("Approval"), agree),
        (_("Reports"), _readers(job["readers"])),
    ]


def _any_of(groups: Sequence[str]) -> str:
    return f" {_('or')} ".join(groups)


def _readers(readers: Sequence[Mapping[str, Any]]) -> Any:
    """The departments whose reports read what the job writes, each a link, with how many these are."""
    if not readers:
        return _("None that you see")
    grouped = groupby(sorted(readers, key=lambda one: one["department"]), key=lambda one: one["department"])
    links: list[Any] = []
    for department, found in grouped:
        reading = list(found)
        words = f"{reading[0]['departmentTitle']} ({len(reading)})"
        titles = ", ".join(one["title"] for one in reading)
        links += [", ", dcc.Link(words, href=f"/d/{department}", title=titles)]
    return links[1:]


def _form(job: Job) -> html.Div:
    known = attributes(data_action="start-job", data_for=job["id"])
    start = html.Button(_("Start"), type="button", className="main-button", **known)
    fields = [_control(job["id"], parameter) for parameter in job["parameters"]]
    return html.Div(
        [*fields, start],
        className="job-form",
        role="group",
        **attributes(aria_label=_("Start: {title}", title=job["title"])),
    )


def _control(job: str, parameter: Mapping[str, Any]) -> Any:
    """The control of a filter under a name of its own; what is typed counts at once, since a press follows it."""
    control = controls.control(parameter)
    control.id = ids.job_control(job, parameter["name"], parameter["type"])
    if "debounce" in control.available_properties:
        control.debounce = False
    return control
