"""What botocore reads of the services' models, read once in this process. Used by `functions`, and by all tests.

Every function has an AWS session of its own, and every session a loader of its own: together they would read the same
megabytes of JSON a dozen times, which was a fifth of what a start of the laptop's AWS costs.
"""

import functools

import botocore.session

_create_loader = functools.cache(botocore.session.create_loader)


def install() -> None:
    """Has every session of the process use one loader, as the clients of one session do anyway."""
    botocore.session.create_loader = _create_loader
