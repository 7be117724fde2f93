"""Every component id of the page, in one place. Ids of a panel are dictionaries that share its topic, for `MATCH`."""

from typing import Any

URL = "url"
CONTENT = "content"
SHELL = "shell"
BURGER = "burger"
SCHEME = "scheme"
TEMPLATES = "chart-templates"
CONNECTION = "connection"
CONNECTION_LINE = "connection-line"
CONNECTION_TEXT = "connection-text"
CONNECTION_BUTTON = "connection-button"
NOTICE = "connection-notice"
NOTICE_TEXT = "connection-notice-text"
RUN_ALL = "run-all"
COPY_LINK = "copy-link"
RESET = "reset"
LINK = "page-link"
REPORTS_CHANGED = "reports-changed"
SHOWN = "shown-reports"
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


def filter_control(name: Any, kind: Any) -> dict[str, Any]:
    """A control of the filter bar: parameters of one name and type share it. Either may be `ALL`."""
    return {"type": "filter", "name": name, "kind": kind}


def own_control(topic: Any, name: Any, kind: Any) -> dict[str, Any]:
    """A control of one panel, which beats the page's. Each part may be `ALL` or `MATCH`."""
    return {"type": "own", "topic": topic, "name": name, "kind": kind}


def filter_part(part: str, name: Any, kind: Any) -> dict[str, Any]:
    """What belongs to a control of the filter bar whose choices or default are a report's rows."""
    return {"type": part, "name": name, "kind": kind}


FILTER_SLOT = "filter-slot"
"""The place of the control, filled anew once its rows are there."""

FILTER_SPEC = "filter-spec"
"""Store: the parameter, as far as it is known."""

FILTER_SOURCE = "filter-source"
"""Store: the `finished` message of a source report; written by the socket."""


def panel(part: str, topic: Any) -> dict[str, Any]:
    """A part of the panel of a topic; `topic` is the panel's key on the page, or `MATCH`, or `ALL`."""
    return {"type": part, "topic": topic}


PANEL = "panel"
"""The root: carries `data-topic` and `data-state`."""

SPEC = "spec"
"""Store: what the panel runs and how it is drawn; written once by the server."""

REQUEST = "request"
"""Store: the run asked for last; written by the browser."""

EVENT = "event"
"""Store: the last word about that run; written by the socket."""

FINISHED = "finished"
"""Store: the `finished` message of that run; written by the socket, read by the server to fetch and draw."""

RESULT = "result"
"""Store: what was drawn, or why not; written by the server."""

SLOT = "slot"
"""The place of a panel, filled anew when its report changes."""

OWN_MARK = "own-mark"
RUN_AGAIN = "run-again"
RETRY = "retry"
VIEW = "view"
GRAPH = "graph"
TABLE = "table"
TABLE_WANTED = "table-wanted"
"""Store: the result whose rows are to be shown as a table; written by the browser."""

HEADLINE = "headline"
TROUBLE = "trouble"
STATE = "state"
DETAIL = "detail"
