"""The `Filter` of ListUsers: one attribute, `=` or `^=` (starts with), a quoted text. Used by `users`."""

import re
from collections.abc import Callable

from infra.local.cognito.errors import invalid_parameter
from infra.local.cognito.users.accounts import Account

FILTER = re.compile(r'\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*')

# What AWS can search by; custom attributes are not among it.
SEARCHABLE: dict[str, Callable[[Account], str]] = {
    "username": lambda account: account.username,
    "sub": lambda account: account.username,
    "email": lambda account: account.email,
    "cognito:user_status": lambda account: account.status,
    "status": lambda account: "Enabled" if account.enabled else "Disabled",
    "phone_number": lambda account: account.attributes.get("phone_number", ""),
    "name": lambda account: account.attributes.get("name", ""),
    "given_name": lambda account: account.attributes.get("given_name", ""),
    "family_name": lambda account: account.attributes.get("family_name", ""),
    "preferred_username": lambda account: account.attributes.get("preferred_username", ""),
}


def predicate(text: str | None) -> Callable[[Account], bool]:
    """Whether a user passes the filter; no filter passes all. Raises InvalidParameterException."""
    if not text:
        return lambda _: True
    match = FILTER.fullmatch(text)
    if match is None or match[1] not in SEARCHABLE:
        raise invalid_parameter(f"Error while parsing filter: {text}")
    value_of, wanted = SEARCHABLE[match[1]], re.sub(r"\\(.)", r"\1", match[3]).lower()
    if match[2] == "=":
        return lambda account: value_of(account).lower() == wanted
    return lambda account: value_of(account).lower().startswith(wanted)
