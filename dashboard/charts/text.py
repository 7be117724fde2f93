"""Text from the data made safe and short for Plotly, whose labels understand some HTML; used by every kind of chart."""

import textwrap

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escaped(text: str) -> str:
    """The text as Plotly shows it unchanged: no mark-up or link from the data comes alive, control characters go."""
    return "".join(letter if letter.isprintable() else " " for letter in text).translate(_ENTITIES)


def shortened(text: str, limit: int) -> str:
    """The text itself, or its beginning and an ellipsis, at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def wrapped(text: str, width: int = 36) -> str:
    """The whole text, escaped, in lines of at most `width` characters: for tooltips."""
    return "<br>".join(escaped(line) for line in textwrap.wrap(text, width)) or escaped(text)
