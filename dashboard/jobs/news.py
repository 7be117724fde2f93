"""What is told in a corner of any other page: the end of one's own run, and a run that waits for one's approval.

The browser passes on what its socket says (`assets/js/jobs/live.js`); whose run it was, the history tells. Used by
`callbacks`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import dcc

from dashboard.auth.user_pool import User
from dashboard.locales.words import _, known, noop

Told = Mapping[str, str]
_ENDS = {
    "finished": noop("“{title}” has finished"),
    "failed": noop("“{title}” failed"),
    "cancelled": noop("“{title}” was cancelled"),
}


@dataclass
class Notifications:
    """Those to show, and the ids of those that are no longer true."""

    shown: list[dict[str, Any]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


def notifications(told: Sequence[Told], runs: Sequence[Mapping[str, Any]], user: User) -> Notifications:
    """For messages `{type, runId, job, message}`, by the newest runs of their jobs.

    A run that is not among them is known there by another's id: then it is told of to those who joined it only.
    """
    by_id = {run["runId"]: run for run in runs}
    found = Notifications()
    for one in told:
        run = by_id.get(one["runId"])
        if one["type"] == "accepted":
            if run and run["mayApprove"]:
                _show(found, one, _waits(run), _("Started by {who}.", who=run["by"]))
        elif run is None or user.email in {run["by"], run["approvedBy"]}:
            title = run["title"] if run else one["job"].replace("_", " ").capitalize()
            _show(found, one, _(_ENDS[one["type"]], title=title), known(one.get("message", "")))
        else:
            found.hidden.append(_id(one))
    return found


def _waits(run: Mapping[str, Any]) -> str:
    return _("“{title}” waits for your approval", title=run["title"])


def _show(found: Notifications, one: Told, title: str, words: str) -> None:
    """It stays until somebody closes it or goes there; what was said of the run before goes."""
    link = dcc.Link(_("Show jobs"), href="/jobs")
    message = [f"{words} ", link] if words else [link]
    color = "red" if one["type"] == "failed" else None
    shown = {"action": "show", "id": _id(one), "title": title, "message": message, "color": color, "autoClose": False}
    found.shown.append(shown)
    if one["type"] != "accepted":
        found.hidden.append(_id({**one, "type": "accepted"}))


def _id(one: Told) -> str:
    """The request for approval and the end are two notifications."""
    return f"job-{'approval' if one['type'] == 'accepted' else 'end'}-{one['runId']}"
