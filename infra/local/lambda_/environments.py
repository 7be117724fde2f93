"""An environment for each Lambda function in one process: `os.environ` shows a function its own variables only.

So a variable that the template forgets is missing on the laptop as it would be on AWS. Used by `functions`.
"""

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_own: ContextVar[dict[str, str] | None] = ContextVar("environment of the running function", default=None)


class Environments(MutableMapping[str, str]):
    """Stands in for `os.environ`: the running function's variables, or outside any function the process's own."""

    def __init__(self, process: MutableMapping[str, str]) -> None:
        self.process: Any = process

    def _current(self) -> MutableMapping[str, str]:
        own = _own.get()
        return self.process if own is None else own

    def __getitem__(self, name: str) -> str:
        return self._current()[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._current()[name] = value

    def __delitem__(self, name: str) -> None:
        del self._current()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    def copy(self) -> dict[str, str]:
        """As `os.environ.copy()`."""
        return dict(self)


def install() -> None:
    """Puts the stand-in in place of `os.environ`, to which it is transparent outside functions. See `stand_ins`."""
    if not isinstance(os.environ, Environments):
        os.environ = Environments(os.environ)  # type: ignore[assignment]  # noqa: B003 (that is the purpose)


def remove() -> None:
    """Puts the process's own back."""
    if isinstance(os.environ, Environments):
        os.environ = os.environ.process  # noqa: B003 (as above)


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Within it, this thread sees `variables` as its environment."""
    token = _own.set(variables)
    try:
        yield
    finally:
        _own.reset(token)
