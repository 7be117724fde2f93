"""What an author did wrong in a report file. Raised by what reads the file, told with its line by `report_file`."""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like this one, as the end of a sentence; empty when none is."""
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


class ReportError(Exception):
    """What is wrong with a report file: a line (counted from 1) and a reason for its author."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


class HeaderMistake(ValueError):
    """Keys of a header that do not fit together: where it shows (from the outermost key to the innermost), and why."""

    def __init__(self, keys: tuple[str, ...], reason: str) -> None:
        super().__init__(f"{'.'.join(keys)}: {reason}")
        self.keys = keys
        self.reason = reason


class UnknownKey(HeaderMistake):
    """A key that the schema does not have; the nearest of those it has is offered."""

    def __init__(self, keys: tuple[str, ...], known: list[str]) -> None:
        super().__init__(keys, f"unknown key {'.'.join(keys)!r}{nearest(keys[-1], known)}")

    def __str__(self) -> str:
        return self.reason


class MissingKey(HeaderMistake):
    """A key that must be there."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(keys, f"{'.'.join(keys)!r} is missing")

    def __str__(self) -> str:
        return self.reason


@contextmanager
def inside(key: str) -> Iterator[None]:
    """Mistakes found in here are those of what stands under `key`."""
    try:
        yield
    except HeaderMistake as mistake:
        raise HeaderMistake((key, *mistake.keys), mistake.reason) from mistake


def listed(words: tuple[str, ...] | list[str]) -> str:
    """The words as a sentence has them: `a`, `a or b`, `a, b or c`."""
    return f"{', '.join(words[:-1])} or {words[-1]}" if words[1:] else words[0]
