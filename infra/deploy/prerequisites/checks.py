"""Everything that is checked before anything is made; what is missing is told as one list, each with its remedy.

Used by `deploying`, and by `plan`, which tells what would be checked.
"""

from collections.abc import Callable, Iterator

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.errors import DeployError, sentence
from infra.deploy.parameters.parameters import Settings
from infra.deploy.prerequisites import (
    account,
    certificate,
    database_users,
    names,
    quotas,
    region,
    sample_bucket,
    secrets,
    stack_states,
    warehouse_role,
    warehouse_state,
)
from infra.deploy.prerequisites.check import Check, Note, Target

CHECKS: tuple[Check, ...] = (
    *region.CHECKS,
    stack_states.CHECK,
    warehouse_state.CHECK,
    warehouse_role.CHECK,
    database_users.CHECK,
    certificate.CHECK,
    secrets.CHECK,
    sample_bucket.CHECK,
    *quotas.CHECKS,
    *names.CHECKS,
)


def require(target: Target, say: Callable[[str], None]) -> None:
    """Says each note once; raises `DeployError` with a line for each thing that is missing."""
    checks = [check for check in CHECKS if check.applies(target.settings)]
    found = dict.fromkeys(finding for check in checks for finding in _findings(check, target))
    for note in found:
        if isinstance(note, Note):
            say(note)
    missing = [finding for finding in found if not isinstance(finding, Note)]
    if missing:
        raise DeployError("\n".join(missing))


def titles(settings: Settings) -> list[str]:
    """What would be checked for these settings, in order."""
    return [account.TITLE, *(check.title for check in CHECKS if check.applies(settings))]


def _findings(check: Check, target: Target) -> Iterator[str]:
    """What a check finds; what keeps AWS from answering it is a finding as well."""
    try:
        yield from check.findings(target)
    except (BotoCoreError, ClientError) as error:
        yield sentence(error) if check.required else Note(sentence(error))
