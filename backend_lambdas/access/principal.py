"""Who is asking: a signed-in user, from the claims of a verified Cognito ID token."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

ADMINS = "admins"
"""Members of this group see every department."""

AUTHORS = "authors"
"""Members of this group are told what is wrong with a report's file."""

_KEPT = ("sub", "email", "cognito:username", "cognito:groups", "exp")


class Principal(Struct, frozen=True):
    """A user: subject, e-mail, groups, when the token expires (epoch seconds), and claims that reports may bind.

    `username` is what the user pool's own API knows the user by.
    """

    sub: str
    email: str
    groups: frozenset[str]
    token_expires_at: int
    claims: Mapping[str, str]
    username: str = ""

    @classmethod
    def from_token(cls, claims: Mapping[str, Any]) -> Self:
        """From a decoded ID token, or from what `to_context` kept of it."""
        own = {name: str(value) for name, value in claims.items() if name.startswith("custom:")}
        groups = frozenset(claims.get("cognito:groups", ()))
        username = claims.get("cognito:username", claims["sub"])
        return cls(claims["sub"], claims.get("email", ""), groups, int(claims["exp"]), own, username)

    @classmethod
    def from_rest(cls, claims: Mapping[str, str]) -> Self:
        """From API Gateway's Cognito authorizer, whose claims are all text, groups joined by commas, times as dates.

        The gateway has checked the expiry, so it is not read again.
        """
        groups = [name for name in claims.get("cognito:groups", "").split(",") if name]
        return cls.from_token({**claims, "cognito:groups": groups, "exp": 0})

    @property
    def is_author(self) -> bool:
        """Whether mistakes in report files are this user's business."""
        return bool(self.groups & {AUTHORS, ADMINS})

    def may_see(self, groups: Collection[str]) -> bool:
        """Whether one of `groups` is the user's; admins see everything."""
        return ADMINS in self.groups or not self.groups.isdisjoint(groups)

    def may_read(self, groups: Collection[str], claims: Mapping[str, str]) -> bool:
        """Whether what was asked for `groups` with these claims bound is the user's to read."""
        return self.may_see(groups) and all(self.claims.get(name) == value for name, value in claims.items())

    def may_download(self, downloaders: Collection[str]) -> bool:
        """Whether the rows of what `downloaders` may take away are the user's to take; of none, nobody may."""
        return bool(downloaders) and self.may_see(downloaders)

    def within(self, groups: Collection[str]) -> Self:
        """The same user, in those of the groups that are also among `groups`."""
        return replace(self, groups=self.groups.intersection(groups))


def to_context(claims: Mapping[str, Any]) -> str:
    """The claims that travel in an authorizer's context (text, at most 8 KB): the known ones and the pool's own."""
    return json.dumps({name: value for name, value in claims.items() if name in _KEPT or name.startswith("custom:")})
