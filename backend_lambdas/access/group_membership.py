"""Whether a user still belongs to the groups of his token, which is up to an hour old. Used by `on_connect`.

Source: Amazon Cognito user pools API, AdminListGroupsForUser.
"""

import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients

log = logging.getLogger(__name__)

_MOST_GROUPS = 60
"""The most that the user pool lists at once; a user of more keeps the token's groups."""


class GroupMembership(Struct, frozen=True):
    """The groups of a user pool, as they are now."""

    client: Any
    user_pool_id: str

    def as_of_now(self, principal: Principal) -> Principal:
        """The user without the groups that were taken away since the token was signed; a deleted user has none left.

        While the user pool does not answer, the token's groups stand: they were signed within the last hour.
        """
        try:
            answer = self.client.admin_list_groups_for_user(
                UserPoolId=self.user_pool_id, Username=principal.username, Limit=_MOST_GROUPS
            )
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and clients.error_code(error) == "UserNotFoundException":
                return principal.within(())
            log.warning("the groups of a user could not be looked up: %s", error)
            return principal
        if "NextToken" in answer:
            return principal
        return principal.within([group["GroupName"] for group in answer["Groups"]])
