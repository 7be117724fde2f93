"""The Dash half of the dashboard: the document, its pages and callbacks, on the Flask application of `app`.

The document carries the layout of the page at its address and the list of callbacks, so that the browser need not ask
for them, and its scripts load in parallel: `assets/js/start.js` asks for the page's reports before Dash has started.
One script is written into the document, since nothing else is as early: `assets/js/early_socket.js`, which opens the
socket. The page's policy allows it by its hash, and no other.
"""

import base64
import hashlib
import re
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dash
from dash import html
from flask import Flask, request
from plotly.io.json import to_json_plotly

from dashboard import callbacks, charts, theme
from dashboard.auth.routes import current_user, id_token
from dashboard.errors import UserError
from dashboard.gateway.client import Gateway
from dashboard.locales.browser import description
from dashboard.locales.locale import Locale, current
from dashboard.locales.words import of_browser
from dashboard.pages import shell
from dashboard.pages.router import Router
from dashboard.panels.component import Page
from dashboard.web.static_files import StaticFiles

ASSETS = Path(__file__).resolve().parent.parent / "assets"
LAYOUT = "/_dash-layout"
DEPENDENCIES = "/_dash-dependencies"
BRAND = "Pushboard"
EMPTY_LISTING: dict[str, list[Any]] = {"departments": [], "reports": [], "broken": []}

DOCUMENT = """<!DOCTYPE html>
<html lang="{lang}" dir="{direction}" data-locale="{locale}" data-zone="{zone}"
  data-user="{user}" data-plotly="{plotly}" data-grid="{grid}" data-polyfill="{polyfill}">
<head>
{metas}
<title>{title}</title>
{favicon}
{data}
{modules}
<style>{colours}</style>
<link rel="stylesheet" href="{css}">
{scripts}
</head>
<body>{app_entry}<footer>{config}</footer></body>
</html>"""

_EARLY_SOCKET = "js/early_socket.js"
_START, _MAIN = "js/start.js", "js/main.js"
_OPENED = ("js/panel/table.js", "js/views/palette.js", "js/views/view_dialog.js")
"""Scripts that the page loads when somebody opens what they show."""

_SCRIPT = re.compile(r'<script src="([^"]+)"></script>')
_POLYFILL = "/deps/polyfill@"
_NOT_AT_START = ("/dash_ag_grid/", "/plotly/", _POLYFILL, "/dash_table/")
"""Scripts that `assets/js/panel/` loads when they are needed, and one that no page uses.

Today's browsers need nothing of the polyfill, whose evaluation takes as long as Dash's own; the loader of Mantine's
code block, in which authors read SQL, still wants its `regeneratorRuntime`."""


class PushboardDash(dash.Dash):
    """Dash with a document of our own."""

    def __init__(self, router: Router, files: StaticFiles, **options: Any) -> None:
        self._router = router
        self._files = files
        self._early_socket = (ASSETS / _EARLY_SOCKET).read_text(encoding="utf-8")
        super().__init__(**options)

    def csp_hashes(self, hash_algorithm: str = "sha256") -> list[str]:
        """The sources, in the form of a Content-Security-Policy, that allow the document's one inline script."""
        digest = hashlib.new(hash_algorithm, self._early_socket.encode()).digest()
        return [f"'{hash_algorithm}-{base64.b64encode(digest).decode()}'"]

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override] # Dash passes them by name
        """The document for the address that is asked for; raises `SessionEnded`."""
        search = f"?{request.query_string.decode(errors='replace')}" if request.query_string else ""
        page = self._router.page(request.path, search)
        layout = _document_layout(self._router.gateway, page, request.path, search)
        return DOCUMENT.format(
            **_of_locale(current()),
            user=html_escaped(current_user().sub),
            plotly=self._files.suite_url("plotly", "package_data/plotly.min.js"),
            grid=self._files.suite_url("dash_ag_grid", "dash_ag_grid.min.js"),
            polyfill=next(url for url in _SCRIPT.findall(parts["scripts"]) if _POLYFILL in url),
            metas=parts["metas"],
            title=html_escaped(f"{page.title} · {BRAND}"),
            favicon=parts["favicon"],
            data=self._data(layout, page),
            modules=self._modules(),
            colours=theme.css_variables(),
            css=self._files.asset_url("css/pushboard.css"),
            scripts=self._scripts(parts["scripts"]),
            app_entry=parts["app_entry"],
            config=parts["config"],
        )

    def _data(self, layout: Any, page: Page) -> str:
        """The first runs, what Dash would ask for at once, the charts' templates, the locale and its words; see
        `assets/js/document.js`."""
        answers = {
            "first-runs": to_json_plotly(page.first_runs),
            LAYOUT: to_json_plotly(layout),
            DEPENDENCIES: self.dependencies().get_data(as_text=True),
            "templates": to_json_plotly(charts.templates()),
            "locale": to_json_plotly(description(current())),
            "words": to_json_plotly(of_browser()),
        }
        tag = '<script type="application/json" data-answer="{}">{}</script>'
        return "\n".join(tag.format(name, text.replace("<", "\\u003c")) for name, text in answers.items())

    def _modules(self) -> str:
        """The scripts that open the socket and ask run as soon as they are there."""
        start, main = self._files.joined_url(_START), self._files.joined_url(_MAIN)
        return "\n".join(
            [
                f"<script>{self._early_socket}</script>",
                f'<script type="module" async src="{start}"></script>',
                f'<link rel="modulepreload" href="{main}">',
            ]
        )

    def _scripts(self, tags: str) -> str:
        """Dash's scripts in their order, without blocking the parser, and last the one that starts Dash."""
        urls = [url for url in _SCRIPT.findall(tags) if not any(name in url for name in _NOT_AT_START)]
        main = f'<script type="module" id="_dash-renderer" src="{self._files.joined_url(_MAIN)}"></script>'
        return "\n".join([*(f'<script defer src="{url}"></script>' for url in urls), main])


def _of_locale(locale: Locale) -> dict[str, str]:
    """The attributes of the document by which browsers and our scripts know in which language it is."""
    return {
        "lang": html_escaped(locale.tag.partition("-u-")[0]),
        "direction": locale.direction,
        "locale": html_escaped(locale.intl_tag),
        "zone": html_escaped(locale.time_zone or ""),
    }


def create_dash(server: Flask, gateway: Gateway) -> dash.Dash:
    """The Dash app on `server`; its documents and callbacks are behind the server's sign-in."""
    files = StaticFiles(ASSETS, [_START, _MAIN, *_OPENED])
    files.install(server)
    router = Router(gateway, server.config.get("DATA_NOTE", ""))
    app = PushboardDash(
        router,
        files,
        name="dashboard",
        server=server,
        assets_folder=str(ASSETS),
        assets_ignore=".*",
        title=BRAND,
        update_title="",
        suppress_callback_exceptions=True,
        serve_locally=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.layout = lambda: _layout_for_dash(router)
    callbacks.register(app, gateway, router)
    return app


def html_escaped(text: str) -> str:
    """The text as it stands between tags, or in an attribute between double quotes."""
    return escape(text, quote=True)


def _document_layout(gateway: Gateway, page: Page, path: str, search: str) -> Any:
    """The shell around a page; without the list of reports it still stands, and the page says what is wrong."""
    try:
        listing = gateway.reports(id_token())
    except UserError:
        listing = EMPTY_LISTING
    return shell.document(current_user(), listing, page, path, search)


def _layout_for_dash(router: Router) -> Any:
    """The layout for a client that asks for it, of the page that it comes from.

    Dash also looks at its layout before a process's first answer, be it that of the health check.
    """
    if request.path != LAYOUT:
        return html.Div()
    came_from = urlsplit(request.headers.get("Referer", "/"))
    search = f"?{came_from.query}" if came_from.query else ""
    page = router.page(came_from.path, search)
    return _document_layout(router.gateway, page, came_from.path, search)
