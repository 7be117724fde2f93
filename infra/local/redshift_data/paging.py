"""Lists in pages, for the List and Describe operations. Used by `listings` and `catalog`."""

from typing import Any, TypeVar

from .results import position_of, token

Item = TypeVar("Item")
DEFAULT_SIZE = 100


def page(items: list[Item], request: dict[str, Any], subject: str) -> tuple[list[Item], dict[str, str]]:
    """One page of a list, and the NextToken member when more follow. `subject` names the list a token belongs to."""
    start = position_of(request.get("NextToken"), subject)
    end = start + (request.get("MaxResults") or DEFAULT_SIZE)
    return items[start:end], ({"NextToken": token(subject, end)} if end < len(items) else {})
