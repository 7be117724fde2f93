"""Whether a user still belongs to the groups of his token, which is up to an hour old. Used by `on_connect`.

A user pool answers fifty such questions a second for everybody in the Region: so each user's groups are looked up once
in a while by a warm function, not with each run. Source: Amazon Cognito user pools API, AdminListGroupsForUser; "Quotas
in Amazon Cognito".
"""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas import clock, log_events
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients

UNKNOWN_SECONDS = 5
"""How long a user pool that does not answer is left alone."""

_MOST_GROUPS = 60
"""The most that the user pool lists at once; a user of more keeps the token's groups."""

_MOST_USERS = 5_000
"""How many users' groups a warm function remembers."""


class _Known(Struct, frozen=True):
    """A user's groups, None for those of the token, and until when they count; epoch milliseconds."""

    groups: frozenset[str] | None
    until: int


class GroupMembership:
    """The groups of a user pool, each user's as of at most `fresh_seconds` ago."""

    def __init__(self, client: Any, user_pool_id: str, fresh_seconds: int) -> None:
        self._client = client
        self._user_pool_id = user_pool_id
        self._fresh_ms = fresh_seconds * 1000
        self._known: dict[str, _Known] = {}

    def as_of_now(self, principal: Principal) -> Principal:
        """The user without the groups that were taken away since the token was signed; a deleted user has none left.

        While the user pool does not answer, what was known of the user stands; or the token's groups, which were signed
        within the last hour.
        """
        known = self._known.get(principal.username)
        if known is None or known.until <= clock.now():
            known = self._looked_up(principal.username, known)
            if len(self._known) >= _MOST_USERS:
                self._known.clear()
            self._known[principal.username] = known
        return principal if known.groups is None else principal.within(known.groups)

    def _looked_up(self, username: str, before: _Known | None) -> _Known:
        try:
            return _Known(self._listed(username), clock.now() + self._fresh_ms)
        except (ClientError, BotoCoreError) as error:
            log_events.groups_unknown(str(error))
            left_alone = min(UNKNOWN_SECONDS * 1000, self._fresh_ms)
            return _Known(before.groups if before else None, clock.now() + left_alone)

    def _listed(self, username: str) -> frozenset[str] | None:
        try:
            answer = self._client.admin_list_groups_for_user(
                UserPoolId=self._user_pool_id, Username=username, Limit=_MOST_GROUPS
            )
        except ClientError as error:
            if clients.error_code(error) == "UserNotFoundException":
                return frozenset()
            raise
        return None if "NextToken" in answer else frozenset(group["GroupName"] for group in answer["Groups"])
