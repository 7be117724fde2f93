"""Which account is deployed to. Asked first: without credentials nothing else can be asked. Used by every command."""

from infra.deploy.aws import Aws
from infra.deploy.errors import DeployError
from infra.deploy.parameters.parameters import Settings

TITLE = "the credentials are of the account that [deploy] account names, if it names one (sts:GetCallerIdentity)"


def account(aws: Aws, settings: Settings) -> str:
    """The account that is deployed to; `DeployError` when it is not the one that the file names.

    Raises what boto3 does about missing, unknown and expired credentials.
    """
    found = aws.account()
    if settings.account not in (None, found):
        raise DeployError(
            f"These AWS credentials are of account {found}, and [deploy] account says {settings.account}: "
            "use those of that account, or name this one."
        )
    return found
