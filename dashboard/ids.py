"""Every component id of the pages, in one place. Ids of panels and filters are dictionaries, for `MATCH` and `ALL`."""

from typing import Any

URL = "url"
CONTENT = "content"
PAGE = "page"
"""The page at the address: a `Page`, whose `finished` the browser writes and the server reads."""

SHELL = "shell"
NAVIGATION = "navigation"
BURGER = "burger"
CONNECTION = "connection"
CONNECTION_LINE = "connection-line"
CONNECTION_TEXT = "connection-text"
CONNECTION_BUTTON = "connection-button"
NOTICE = "connection-notice"
NOTICE_TEXT = "connection-notice-text"
RUN_ALL = "run-all"
COPY_LINK = "copy-link"
RESET = "reset"
APPLY = "apply"
CHIPS = "click-chips"
"""What clicks on marks have set; written by the browser."""

REPORTS_CHANGED = "reports-changed"
"""Store: the reports that changed; written by the browser when the socket says so."""

SHOWN = "shown-reports"
"""Store: the signature of the department's page, by which the server knows whether to lay it out anew."""

NOTIFICATIONS = "notifications"
SQL_MODAL = "sql-modal"
SQL_CODE = "sql-code"
SQL_VALUES = "sql-values"
WHO = "who"
SEARCH = "search"
SEARCH_FOUND = "search-found"
RECENT = "recent-runs"
PAGE_STATE = "page-state"
EXPORTS_CHANGED = "exports-changed"
REFRESH = "refresh"
WAREHOUSE_LINKS = "warehouse-links"
"""The links to jobs and tables, which come when the page stands: no page waits to know whether there are any."""

JOBS = "jobs"
"""Store: what the browser knows of the jobs on the page, by their ids."""

JOBS_CHANGED = "jobs-changed"
"""Store: when the socket has last told of a run; written by the browser."""

JOBS_TOLD = "jobs-told"
"""Store: runs that ended, or wait for approval, while another page was open; written by the browser."""

JOB_RUNS = "job-runs"
JOB_FILTER = "job-filter"
JOB_STATE = "job-state"
JOB_OLDER = "job-older"
JOB_DIALOG = "job-dialog"
JOB_QUESTION = "job-question"
JOB_TERMS = "job-terms"
JOB_DIALOG_NOTE = "job-dialog-note"


def report_of(topic: str) -> str:
    """The report of a panel: a page that shows it again adds a number to the topic, `revenue~2`."""
    return topic.partition("~")[0]


def panel(topic: Any) -> dict[str, Any]:
    """The panel of a topic; `topic` is the panel's key on the page, or `MATCH`, or `ALL`."""
    return {"type": "panel", "topic": topic}


def table_rows(topic: Any) -> dict[str, Any]:
    """The grid of a panel's rows."""
    return {"type": "table-rows", "topic": topic}


def table_note(topic: Any) -> dict[str, Any]:
    """The sentence above a panel's rows."""
    return {"type": "table-note", "topic": topic}


def filter_control(name: Any, kind: Any) -> dict[str, Any]:
    """A control of the filter bar: parameters of one name and type share it. Either may be `ALL`."""
    return {"type": "filter", "name": name, "kind": kind}


def own_control(topic: Any, name: Any, kind: Any) -> dict[str, Any]:
    """A control of one panel, which beats the page's. Each part may be `ALL` or `MATCH`."""
    return {"type": "own", "topic": topic, "name": name, "kind": kind}


def filter_source(name: Any, kind: Any) -> dict[str, Any]:
    """Store: the `finished` message of a report that fills a filter; written by the browser. Either may be `MATCH`."""
    return {"type": "filter-source", "name": name, "kind": kind}


def job_control(job: Any, name: Any, kind: Any) -> dict[str, Any]:
    """A control of a job's form. Each part may be `ALL`."""
    return {"type": "job-control", "job": job, "name": name, "kind": kind}


def job_note(job: str) -> dict[str, Any]:
    """What became of a start, below the job's form; written by the browser."""
    return {"type": "job-note", "job": job}
