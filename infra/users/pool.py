"""The accounts of one user pool, and the groups they are in. Used by `python -m infra.users`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError


class AccountError(Exception):
    """Why it could not be done, in a sentence for the person at the terminal."""


@dataclass(frozen=True)
class Users:
    """The accounts of one user pool. `client` is boto3's for cognito-idp."""

    client: Any
    pool_id: str

    def invite(self, email: str, groups: Sequence[str], attributes: Sequence[str]) -> None:
        """A new account, whose invitation goes out by mail; raises `AccountError` when there is one already."""
        self._require_groups(groups)
        given = {"email": email, "email_verified": "true"} | _custom(attributes)
        try:
            self._call("admin_create_user", email, UserAttributes=_listed(given), DesiredDeliveryMediums=["EMAIL"])
        except ClientError as error:
            if code(error) != "UsernameExistsException":
                raise
            change = f"python -m infra.users change {email}"
            raise AccountError(f"{email} has an account already. Change its groups by: {change} --join GROUP") from None
        self._join(email, groups)

    def invite_again(self, email: str) -> None:
        """The invitation once more, with another temporary password."""
        self._call("admin_create_user", email, MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"])

    def change(self, email: str, join: Sequence[str], leave: Sequence[str], attributes: Sequence[str]) -> None:
        """Other groups and attributes, for every account with this email."""
        self._require_groups([*join, *leave])
        for username in self._accounts(email):
            self._join(username, join)
            for group in leave:
                self._call("admin_remove_user_from_group", username, GroupName=group)
            if attributes:
                self._call("admin_update_user_attributes", username, UserAttributes=_listed(_custom(attributes)))

    def remove(self, email: str) -> None:
        """Every account with this email is deleted."""
        for username in self._accounts(email):
            self._call("admin_delete_user", username)

    def all(self, group: str | None = None) -> Iterator[tuple[str, str, list[str]]]:
        """Email, status and groups of everybody, or of one group's members."""
        if group is not None:
            self._require_groups([group])
        found = self._pages("list_users_in_group", "Users", GroupName=group) if group else self._every_user()
        for user in found:
            groups = self._pages("admin_list_groups_for_user", "Groups", Username=user["Username"])
            status = user["UserStatus"] if user["Enabled"] else "DISABLED"
            yield _email(user), status, [joined["GroupName"] for joined in groups]

    def groups(self) -> list[str]:
        """The groups that there are."""
        return [group["GroupName"] for group in self._pages("list_groups", "Groups")]

    def add_group(self, name: str) -> None:
        """A group, such as a new department's."""
        try:
            self.client.create_group(UserPoolId=self.pool_id, GroupName=name)
        except ClientError as error:
            if code(error) != "GroupExistsException":
                raise
            raise AccountError(f"There is a group {name} already.") from None

    def _join(self, username: str, groups: Sequence[str]) -> None:
        for group in groups:
            self._call("admin_add_user_to_group", username, GroupName=group)

    def _require_groups(self, wanted: Sequence[str]) -> None:
        """Asked before anything is changed, so that nothing is half done."""
        known = self.groups()
        unknown = [group for group in wanted if group not in known]
        if unknown:
            make = f"python -m infra.users groups --add {unknown[0]}"
            raise AccountError(f"There is no group {unknown[0]}, only {', '.join(known)}. Make it by: {make}")

    def _accounts(self, email: str) -> list[str]:
        """The usernames behind an email: whoever comes through an identity provider has an account of its own there."""
        found = [user["Username"] for user in self._every_user() if _email(user).lower() == email.lower()]
        if not found:
            raise AccountError(f"Nobody here has the email {email}.")
        return found

    def _every_user(self) -> Iterator[dict[str, Any]]:
        return self._pages("list_users", "Users")

    def _call(self, operation: str, username: str, **arguments: Any) -> Any:
        return getattr(self.client, operation)(UserPoolId=self.pool_id, Username=username, **arguments)

    def _pages(self, operation: str, member: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        for page in self.client.get_paginator(operation).paginate(UserPoolId=self.pool_id, **arguments):
            yield from page[member]


def find_pool(client: Any, wanted: str | None) -> str:
    """The pool's id by its id or name; without either, the one pool called pushboard...-users, as the template does."""
    pools = [
        pool
        for page in client.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 60})
        for pool in page["UserPools"]
    ]
    found = [pool for pool in pools if (wanted in (pool["Id"], pool["Name"]) if wanted else _is_ours(pool["Name"]))]
    if len(found) == 1:
        return str(found[0]["Id"])
    names = ", ".join(f"{pool['Name']} ({pool['Id']})" for pool in found or pools) or "none at all"
    which = f"one user pool {wanted}" if wanted else "one user pool of Pushboard's"
    raise AccountError(f"There is not exactly {which} in this account and Region. Choose by --pool: {names}.")


def _custom(attributes: Sequence[str]) -> dict[str, str]:
    """Custom attributes as the pool names them, from NAME=VALUE."""
    pairs = [text.partition("=") for text in attributes]
    wrong = ["".join(pair) for pair in pairs if not (pair[0] and pair[1])]
    if wrong:
        raise AccountError(f"--set takes NAME=VALUE, such as region=emea, not {wrong[0]}.")
    return {f"custom:{name.removeprefix('custom:')}": value for name, _, value in pairs}


def _listed(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def _email(user: dict[str, Any]) -> str:
    return next((one["Value"] for one in user["Attributes"] if one["Name"] == "email"), "")


def _is_ours(name: str) -> bool:
    return name.startswith("pushboard") and name.endswith("-users")


def code(error: ClientError) -> str:
    """The name of the exception that AWS answered."""
    return str(error.response["Error"]["Code"])
