"""User attributes between AWS's lists of Name and Value and our mapping, checked against the pool's schema.

Used by `sign_up` and `users`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from infra.local.cognito.config import STANDARD_ATTRIBUTES, ClientConfig, PoolConfig
from infra.local.cognito.errors import invalid_parameter, not_authorized
from infra.local.cognito.users.accounts import Account

# The address grammar of HTML's <input type=email>, with at least one dot in the host.
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
MAXIMUM_EMAIL_LENGTH = 128

Listed = Sequence[Mapping[str, str]]


def parse(pool: PoolConfig, listed: Listed) -> dict[str, str]:
    """The attributes as a mapping; raises InvalidParameterException for one the pool's schema lacks, or for `sub`."""
    for entry in listed:
        if entry["Name"] not in STANDARD_ATTRIBUTES and entry["Name"] not in pool.custom_attributes:
            message = f"user.{entry['Name']}: Attribute does not exist in the schema."
            raise invalid_parameter(f"Attributes did not conform to the schema: {message}")
    found = {entry["Name"]: entry.get("Value", "") for entry in listed}
    if "email" in found:
        require_email(found["email"], "Invalid email address format.")
    return found


def require_writable(client: ClientConfig, names: Iterable[str]) -> None:
    """Raises NotAuthorizedException for an attribute that people may not set through this application."""
    if set(names) - client.write_attributes:
        raise not_authorized("A client attempted to write unauthorized attribute")


def render(account: Account) -> list[dict[str, str]]:
    """The user's attributes as AWS lists them, `sub` last."""
    return [{"Name": n, "Value": v} for n, v in {**account.attributes, "sub": account.username}.items()]


def require_email(text: str, message: str = "Username should be an email.") -> str:
    """The text itself when it is an email address, else InvalidParameterException."""
    if len(text) > MAXIMUM_EMAIL_LENGTH or not EMAIL.fullmatch(text):
        raise invalid_parameter(message)
    return text
