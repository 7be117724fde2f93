"""Names of sheets: legal in Excel, and different from each other; used by `as_xlsx`. Pure."""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence

from dashboard.downloads.xlsx.limits import LONGEST_NAME, utf16_units

ABOUT = "About"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_RESERVED = {"history"}  # Excel's own, for tracked changes


def sheet_names(titles: Sequence[str]) -> list[str]:
    """A name for each title, in this order; none of them is `ABOUT`."""
    taken = {ABOUT.lower()} | _RESERVED
    names = []
    for title in titles:
        legal = _legal(title)
        name = next(name for name in _numbered(legal) if name.lower() not in taken)
        taken.add(name.lower())
        names.append(name)
    return names


def _legal(title: str) -> str:
    printable = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in title)
    return " ".join(_FORBIDDEN.sub("-", printable).split()).strip("' ") or "Sheet"


def _numbered(name: str) -> Iterator[str]:
    """The name, then the name with (2), (3) and so on, each as long as may be."""
    for number in itertools.count(1):
        ending = "" if number == 1 else f" ({number})"
        short = name
        while utf16_units(short + ending) > LONGEST_NAME:
            short = short[:-1]
        yield short.rstrip(" '") + ending
