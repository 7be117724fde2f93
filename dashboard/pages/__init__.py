"""The pages, each a module with a `render`; which one an address means is decided here. Used by `callbacks`."""

import re
from collections.abc import Mapping
from typing import Any

from dashboard.auth import User
from dashboard.pages import department, home, missing

_DEPARTMENT = re.compile(r"/d/([a-z][a-z0-9_]{0,63})/?")


def render(path: str, user: User, listing: Mapping[str, Any], note: str) -> Any:
    """The page at `path` for this user; `note` is what is to be said about the data on every page."""
    if path in {"", "/"}:
        return home.render(user, listing, note)
    match = _DEPARTMENT.fullmatch(path)
    known = {item["id"]: item for item in listing["departments"]}
    if match and match[1] in known:
        return department.render(known[match[1]], listing, note)
    return missing.render()
