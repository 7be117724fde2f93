"""The Dash half of the dashboard: the document, its pages and callbacks, on the Flask application of `app`."""

from pathlib import Path
from typing import Any

import dash
from dash import html
from flask import Flask, request

from dashboard import callbacks
from dashboard.auth.routes import current_user, id_token
from dashboard.errors import GatewayError
from dashboard.gateway.client import Gateway
from dashboard.pages import shell

ASSETS = Path(__file__).resolve().parent.parent / "assets"
LAYOUT = "/_dash-layout"
DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""
EMPTY_LISTING: dict[str, list[Any]] = {"departments": [], "reports": [], "broken": []}


def create_dash(server: Flask, gateway: Gateway) -> dash.Dash:
    """The Dash app on `server`; its documents and callbacks are behind the server's sign-in."""
    app = dash.Dash(
        "dashboard",
        server=server,  # type: ignore[arg-type] # Dash declares a bool or a factory, and takes a Flask
        assets_folder=str(ASSETS),
        title="Pushboard",
        index_string=DOCUMENT,
        update_title="",
        suppress_callback_exceptions=True,
        serve_locally=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.layout = lambda: _document(gateway)
    callbacks.register(app, gateway, server.config.get("DATA_NOTE", ""))
    return app


def _document(gateway: Gateway) -> Any:
    """The shell for whoever asks; without the list of reports it still stands, and the page says what is wrong."""
    if request.path != LAYOUT:
        return html.Div()  # Dash looks at its layout before a process's first answer, be it one of the health check
    try:
        listing = gateway.reports(id_token())
    except GatewayError:
        listing = EMPTY_LISTING
    return shell.page(current_user(), listing)
