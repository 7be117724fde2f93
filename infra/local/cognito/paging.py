"""Pages of a list with an opaque token for the next one. Used by the List operations in `users` and `directory`."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from infra.local.cognito.errors import invalid_parameter

MAXIMUM = 60

Item = TypeVar("Item")


def page(items: Sequence[Item], limit: int | None, token: str | None) -> tuple[list[Item], str | None]:
    """Up to `limit` (at most and by default 60) items after the token's place, and the next token, if more follow."""
    size = MAXIMUM if limit is None else limit
    if size > MAXIMUM:
        raise invalid_parameter(f"Value '{size}' at 'limit' must be less than or equal to {MAXIMUM}")
    start = _offset(token)
    end = start + max(size, 1)
    following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(items) else None
    return list(items[start:end]), following


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        offset = int(base64.urlsafe_b64decode(token.encode("ascii")))
    except (ValueError, binascii.Error) as error:
        raise invalid_parameter("Invalid pagination token.") from error
    if offset < 0:
        raise invalid_parameter("Invalid pagination token.")
    return offset
