"""`nextToken`: where an answer begins, signed, so that a client can neither make one nor move it. Used by `get_result`.

The key is the statement's own and stands in its record, which is read anyway: a token of another statement is refused
like any other text, and the number of rows before a page can be relied on for what a user may read.
"""

import base64
import hmac

import msgspec

from backend_lambdas.errors import BadParameter
from backend_lambdas.results.pages import Position

_MAX_LENGTH = 4096
_SIGNATURE = 16
_POSITIONS = msgspec.json.Decoder(Position)


def written(position: Position, key: str) -> str:
    """The token of a position."""
    text = msgspec.json.encode(position)
    return base64.urlsafe_b64encode(_signature(text, key) + text).decode()


def read(token: str | None, key: str) -> Position:
    """The position of a token, None asking for the first page; raises `BadParameter` for one that no page gave."""
    if token is None:
        return Position()
    try:
        signed = base64.urlsafe_b64decode(token.encode()) if len(token) <= _MAX_LENGTH else b""
    except ValueError as error:
        raise _refusal() from error
    signature, text = signed[:_SIGNATURE], signed[_SIGNATURE:]
    if not key or not hmac.compare_digest(signature, _signature(text, key)):  # a statement of a former version has none
        raise _refusal()
    return _POSITIONS.decode(text)


def _signature(text: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), text, "sha256")[:_SIGNATURE]


def _refusal() -> BadParameter:
    return BadParameter("nextToken is not one that a page of this result gave.")
