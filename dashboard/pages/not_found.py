"""For an address that is no page of this user: whether it exists for others is not told."""

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html


def render() -> list[Any]:
    """A calm sentence and the way home."""
    sentence = "There is no page at this address, or it is not open to you."
    return [dmc.Title("Nothing here", order=1), html.P(sentence, className="lead"), dcc.Link("Go to Home", href="/")]


def unavailable(message: str) -> list[Any]:
    """When the list of reports cannot be had."""
    again = html.A(dmc.Button("Try again", variant="default"), href="")
    return [dmc.Title("Not available right now", order=1), html.P(message, className="lead"), again]
