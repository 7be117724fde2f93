"""Who may make an account: addresses at the allowed domains, and nobody else. Cognito calls it before each sign-up.

It is asked when people sign up and when they first come through the company's identity provider. Whom an administrator
invites is in: an invitation is how a guest gets an account. Cognito turns what is raised here into
`UserLambdaValidationException: PreSignUp failed with error <message>.`, adding the full stop, and makes no account.
Source: Amazon Cognito developer guide, "Pre sign-up Lambda trigger".
"""

import functools
import logging
import os
import re
from typing import Any

from backend_lambdas.settings import CheckSignUp

log = logging.getLogger(__name__)

INVITED = "PreSignUp_AdminCreateUser"

# One @ and plain ASCII: in quotes, comments, angle brackets or look-alike letters an address reads differently to
# different programs, and what mails the code must read it as this function does.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@([A-Za-z0-9.-]+)")


class NotInvited(Exception):
    """This address makes no account here. The sentence stands on the sign-in page."""

    def __init__(self) -> None:
        super().__init__("Accounts are for addresses of the organisation, so ask whoever runs Pushboard to invite you")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The event as it came lets the account be made (its address still unproven); `NotInvited` does not."""
    if event["triggerSource"] != INVITED:
        require_allowed(event["request"]["userAttributes"].get("email", ""), domains())
    return event


@functools.cache
def domains() -> frozenset[str]:
    """The allowed domains of this function's environment, in lower case."""
    listed = CheckSignUp.from_environ(os.environ).allowed_email_domains
    return frozenset(name for part in listed.split(",") if (name := part.strip().lower()))


def require_allowed(email: str, allowed: frozenset[str]) -> None:
    """Raises `NotInvited` unless the address is at one of the domains itself: a sub-domain is another domain."""
    match = _ADDRESS.fullmatch(email)
    domain = match[1].lower() if match else ""
    if domain not in allowed:
        log.warning("sign-up refused: domain %r", domain)
        raise NotInvited
