"""The pages, each a module with a `render`; which one an address means is decided here. Used by `callbacks`."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from dash import dcc

from dashboard import ids
from dashboard.auth.routes import User
from dashboard.gateway.client import Gateway
from dashboard.pages import audit, department, exports, home, operations
from dashboard.pages import not_found as missing

_DEPARTMENT = re.compile(r"/d/([a-z][a-z0-9_]{0,63})/?")
_MOST_KEYS = 100


def render(path: str, search: str, user: User, listing: Mapping[str, Any], note: str) -> Any:
    """The page at `path?search` for this user; `note` is what is to be said about the data on every page."""
    if path in {"", "/"}:
        return [_nothing_shown(), *home.render(user, listing, note)]
    match = _DEPARTMENT.fullmatch(path)
    known = {item["id"]: item for item in listing["departments"]}
    if match and match[1] in known:
        return department.render(known[match[1]], listing, note, query(search))
    return [_nothing_shown(), *missing.render()]


def of_ones_own(path: str, search: str, gateway: Gateway, token: str) -> Any:
    """The pages that are no department's: the user's exports, the audit, the runs; None for any other address."""
    if path == "/exports":
        return [_nothing_shown(), *exports.render(gateway.exports(token))]
    if path == "/audit":
        only = {name: value for name, value in query(search).items() if value and value != audit.EVERYTHING}
        return [_nothing_shown(), *audit.render(gateway.audit(token, **only), only)]
    if path == "/operations":
        return [_nothing_shown(), *operations.render(gateway.operations(token))]
    return None


def _nothing_shown() -> dcc.Store:
    """For a page without panels: whatever changes among the reports, it is laid out anew."""
    return dcc.Store(id=ids.SHOWN)


def unavailable(message: str) -> list[Any]:
    """In the place of any page when the list of reports cannot be had."""
    return [_nothing_shown(), *missing.unavailable(message)]


def department_of(path: str) -> str | None:
    """The department whose page an address is."""
    match = _DEPARTMENT.fullmatch(path)
    return match[1] if match else None


def query(search: str) -> dict[str, str]:
    """The keys and texts of an address's query; too many, or none that can be read, are none."""
    try:
        return dict(parse_qsl(search.removeprefix("?"), keep_blank_values=True, max_num_fields=_MOST_KEYS))
    except ValueError:
        return {}
