"""A saved view: a page of the dashboard with the filters of its address, under a name. Pure; `view_table` keeps it."""

import re
from collections.abc import Mapping
from typing import Any, Self

import msgspec
from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.access.principal import Principal
from backend_lambdas.errors import BadMessage, BadParameter

MOST_NAME, MOST_PATH, MOST_QUERY = 80, 200, 2_000
"""Characters of each."""

_ID = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)
_PATH = re.compile(r"/d/(?P<department>[a-z][a-z0-9_]{0,63})(?:/[a-z0-9][a-z0-9_-]{0,63}){0,4}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class _Body(Struct, frozen=True):
    """What a client may say of a view; whose it is follows from the token, its department from the path."""

    name: str
    path: str
    query: str = ""
    shared: bool = False


_BODY = msgspec.json.Decoder(_Body)


def is_id(text: str) -> bool:
    """Whether a text can be the id of a view."""
    return bool(_ID.fullmatch(text))


class SavedView(Struct, frozen=True):
    """A view with its owner: `owner` is a subject, `owner_name` an e-mail address. `updated_at` is epoch milliseconds.

    `query` is that of an address, without its question mark. A shared view belongs to the department of its path.
    """

    id: str
    name: str
    path: str
    query: str
    shared: bool
    owner: str
    owner_name: str
    updated_at: int

    @classmethod
    def read(cls, view_id: str, body: str | None, principal: Principal) -> Self:
        """The view that a request wants kept for its user; raises `BadMessage` or `BadParameter`."""
        try:
            said = _BODY.decode(body or "")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadMessage("A view is an object with name, path, query and shared.") from error
        name, query = " ".join(said.name.split()), said.query.removeprefix("?")
        _require(is_id(view_id), "The id of a view is 8 to 64 letters, digits and hyphens.")
        _require(0 < len(name) <= MOST_NAME, f"The name of a view is 1 to {MOST_NAME} characters.")
        _require(_fits(name), "The name of a view cannot have control characters.")
        _require(
            len(said.path) <= MOST_PATH and bool(_PATH.fullmatch(said.path)),
            "A view is of a department's page, such as /d/finance.",
        )
        _require(len(query) <= MOST_QUERY, f"The filters of a view are at most {MOST_QUERY:,} characters long.")
        _require(_fits(query) and "#" not in query, "The filters of a view are the query of an address.")
        owner_name = principal.email or principal.username
        return cls(view_id, name, said.path, query, said.shared, principal.sub, owner_name, clock.now())

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> Self:
        """The view in an item of the table."""
        own = {name: item[name] for name in ("id", "name", "path", "query", "shared", "owner")}
        return cls(**own, owner_name=item["ownerName"], updated_at=int(item["updatedAt"]))

    @property
    def department(self) -> str:
        """The department of the page."""
        return self.path.split("/")[2]

    @property
    def place(self) -> str:
        """Where it is kept: with its owner, or in its department."""
        return f"views#{self.department}" if self.shared else f"viewer#{self.owner}"

    def item(self) -> dict[str, Any]:
        """What the table holds of it, besides its keys."""
        own = {name: getattr(self, name) for name in ("id", "name", "path", "query", "shared", "owner")}
        return own | {"ownerName": self.owner_name, "updatedAt": self.updated_at}

    def may_be_changed_by(self, principal: Principal) -> bool:
        """Whether a user who sees it may change or delete it: its owner, and of a shared one authors and admins."""
        return self.owner == principal.sub or (self.shared and principal.is_author)

    def public(self, principal: Principal) -> dict[str, Any]:
        """What a user who may see it is told of it."""
        own = {name: getattr(self, name) for name in ("id", "name", "path", "query", "shared")}
        return own | {
            "ownerName": self.owner_name,
            "mine": self.owner == principal.sub,
            "mayChange": self.may_be_changed_by(principal),
            "updatedAt": clock.iso(self.updated_at),
        }


def _fits(text: str) -> bool:
    """Whether a text is free of control characters and can be written as UTF-8, which half of a pair cannot."""
    return not _CONTROL.search(text) and not any("\ud800" <= character <= "\udfff" for character in text)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BadParameter(otherwise)
