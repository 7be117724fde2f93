"""What the check finds: a file, a line and a reason. Made by every module here, written out by `__main__`."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """A mistake; `line` counts from 1. Others than errors can be published.

    `file` is the path among the reports, or that of a job in the repository.
    """

    file: str
    line: int
    reason: str
    kind: str = "error"


class Wrong(Exception):
    """A mistake that ends the check of one file."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason
