"""The table of keys in `docs/report-header.md` and `docs/job-header.md`, and what a schema says of a key."""

import re
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from msgspec.structs import FieldInfo


def rows(docs: str) -> Iterator[list[str]]:
    """The cells of the table of keys, which is the first one."""
    for line in docs.split("\n## ")[0].splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def code(cell: str) -> list[str]:
    """The words of a cell that are code."""
    return re.findall(r"`([^`]+)`", cell)


def options(field: FieldInfo) -> list[str] | None:
    """The texts that a key takes, when they are counted."""
    found: Any = field.type
    for inner in (found, *get_args(found)):
        if get_origin(inner) is Literal:
            return list(get_args(inner))
    return ["true", "false"] if bool in (found, *get_args(found)) else None
