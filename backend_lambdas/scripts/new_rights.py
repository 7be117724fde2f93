"""Waits for the rights of a role that was made a second ago. Used by `setup_redshift`.

CloudFormation calls the setup as soon as its role and its policies exist; what they allow holds some seconds later, and
until then AWS says that it is denied.
Source: AWS IAM, "Troubleshoot IAM", changes that are not always immediately visible.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ClientError

from backend_lambdas.aws import clients
from backend_lambdas.aws.retry import RetryPolicy

log = logging.getLogger(__name__)

Got = TypeVar("Got")

SECONDS = 60
"""How long rights may take to hold; what is denied after that is denied."""

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedException"})


def once_rights_hold(ask: Callable[[], Got]) -> Got:
    """What `ask` returns; it is asked again while AWS denies it. After that, and for any other reason, its error."""
    for _ in RetryPolicy(SECONDS, first_wait=1, longest_wait=5).tries():
        try:
            return ask()
        except ClientError as error:
            if clients.error_code(error) not in _DENIED:
                raise
            log.info("not allowed yet: %s", error)
    return ask()
