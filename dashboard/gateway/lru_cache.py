"""What was used last, within a bound on memory: kept by `result_cache` and `drawing`."""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

CHARACTERS = 32
"""A text of so many characters weighs as much as two numbers."""


class Recent(Generic[Key, Value]):
    """Values by key, together of at most a certain weight; the least recently used go first. Safe between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = 0
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """The value, which is then the last to go; None when it is not kept."""
        with self._guard:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Key, value: Value, weight: int) -> None:
        """Keeps the value instead of an older one; not at all when it alone weighs more than everything may."""
        with self._guard:
            self._remove(key)
            if weight > self._most:
                return
            self._kept[key] = (value, weight)
            self._weight += weight
            while self._weight > self._most:
                self._remove(next(iter(self._kept)))

    def drop(self, key: Key) -> None:
        """Keeps it no more."""
        with self._guard:
            self._remove(key)

    def _remove(self, key: Key) -> None:
        if key in self._kept:
            self._weight -= self._kept.pop(key)[1]


def weight(value: Any) -> int:
    """How much memory a JSON value takes, in cells: one for each value and container, more for long texts.

    Measured on CPython 3.11: a cell is 50 bytes in most results and figures, 12 in columns of nulls, at most 140 in
    columns of short texts outside Latin-1.
    """
    if isinstance(value, str):
        return 1 + len(value) // CHARACTERS
    if isinstance(value, Mapping):
        return 1 + sum(map(weight, value)) + sum(map(weight, value.values()))
    if isinstance(value, list | tuple):
        return 1 + sum(map(weight, value))
    return 1
