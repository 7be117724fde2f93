"""Many people: accounts of admins, each signed in once, whose tabs share the sign-in as those of a browser do."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.e2e import clients
from tests.e2e.conftest import PASSWORD, Stack

Cookies = Mapping[str, str]

_AT_ONCE = 4


def signed_in(stack: Stack, people: int) -> Sequence[Cookies]:
    """The cookies of so many people."""
    cognito = stack.client("cognito-idp")
    pool = cognito.list_user_pools(MaxResults=10)["UserPools"][0]["Id"]
    emails = [f"viewer{number}@example.com" for number in range(people)]
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        return list(workers.map(lambda email: _signed_in(stack, cognito, pool, email), emails))


def _signed_in(stack: Stack, cognito: object, pool: str, email: str) -> Cookies:
    named = {"UserPoolId": pool, "Username": email}
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(**named, MessageAction="SUPPRESS", UserAttributes=attributes)
    cognito.admin_set_user_password(**named, Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(**named, GroupName="admins")
    with clients.sign_in(stack, email) as session:
        return {cookie.name: str(cookie.value) for cookie in session.cookies}
