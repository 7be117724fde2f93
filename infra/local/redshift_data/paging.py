"""Lists in pages, for the List and Describe operations. Used by `statement_queries` and `catalog`."""

from collections.abc import Callable
from typing import Any, TypeVar

from .warehouse.results import position_of, token

Item = TypeVar("Item")
DEFAULT_SIZE = 100


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
