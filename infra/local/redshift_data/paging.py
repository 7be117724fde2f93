"""Lists and rows in pages, and the tokens that lead from one to the next. Used by `statement_queries` and `catalog`."""

import base64
import hashlib
import hmac
import itertools
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from infra.local.redshift_data.errors import invalid
from infra.local.redshift_data.result_streams import ResultStreams
from infra.warehouse.results import Result

Item = TypeVar("Item")
DEFAULT_SIZE = 100
PAGE_ROWS = 1000
PAGE_BYTES = 1_000_000
_KEY = secrets.token_bytes(32)


def page(items: list[Item], request: dict[str, Any], subject: str) -> tuple[list[Item], dict[str, str]]:
    """One page of a list, and the NextToken member when more follow. `subject` names the list a token belongs to."""
    start = position_of(request.get("NextToken"), subject)
    end = start + (request.get("MaxResults") or DEFAULT_SIZE)
    return items[start:end], ({"NextToken": token(subject, end)} if end < len(items) else {})


def page_by_number(
    items: list[Item], request: dict[str, Any], subject: str, number: Callable[[Item], int]
) -> tuple[list[Item], dict[str, str]]:
    """The same of a list in falling order of numbers from which items may go meanwhile: no other one is left out."""
    last = position_of(request.get("NextToken"), subject)
    left = [item for item in items if not last or number(item) < last]
    shown = left[: request.get("MaxResults") or DEFAULT_SIZE]
    return shown, ({"NextToken": token(subject, number(shown[-1]))} if len(shown) < len(left) else {})


def json_page(streams: ResultStreams, result: Result, offset: int) -> tuple[msgspec.Raw, int]:
    """One page of Fields as JSON, and the row number after it; at most PAGE_ROWS rows and about PAGE_BYTES."""
    columns = zip(*streams.rows(result, offset, PAGE_ROWS), strict=True)
    fields = [column.kind.fields(values) for column, values in zip(result.columns, columns, strict=False)]
    records = list(zip(*fields, strict=True))
    text = msgspec.json.encode(records)
    if len(text) > PAGE_BYTES:
        sizes = itertools.accumulate(len(msgspec.json.encode(record)) for record in records)
        records = records[: max(sum(size <= PAGE_BYTES for size in sizes), 1)]
        text = msgspec.json.encode(records)
    streams.go_on(result, offset, len(records))
    return msgspec.Raw(text), offset + len(records)


def token(subject: str, position: int) -> str:
    """An opaque NextToken for one list or result, readable by this process only."""
    text = f"{subject}|{position}"
    return base64.urlsafe_b64encode(f"{_sign(text)}|{text}".encode()).decode()


def position_of(next_token: str | None, subject: str) -> int:
    """The position a NextToken carries, 0 without one. Raises ValidationException for one that is not ours."""
    if not next_token:
        return 0
    try:
        signature, text = base64.urlsafe_b64decode(next_token.encode()).decode().split("|", 1)
    except ValueError as error:
        raise invalid("Invalid NextToken.") from error
    named, _, position = text.rpartition("|")
    if not hmac.compare_digest(signature, _sign(text)) or named != subject:
        raise invalid("Invalid NextToken.")
    return int(position)


def _sign(text: str) -> str:
    return hmac.new(_KEY, text.encode(), hashlib.sha256).hexdigest()[:24]
