"""The dashboard put together in one place: log-in, sessions, bridge, gateway client, Dash pages; called by `wsgi`."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from dashboard import errors, logs
from dashboard.auth import routes as auth
from dashboard.auth import sessions
from dashboard.auth.token_store import TokenStore
from dashboard.auth.user_pool import UserPool
from dashboard.bridge import tab_bridge as bridge
from dashboard.downloads import routes as downloads
from dashboard.gateway.client import Gateway
from dashboard.locales import preferences
from dashboard.settings import Endpoints, Settings, find_endpoints
from dashboard.views import routes as views
from dashboard.web import callback_requests, compression, request_limits, security
from dashboard.web.public_address import PublicAddress

AttachUi = Callable[[Flask, Gateway], Any]


def _dash(app: Flask, gateway: Gateway) -> Any:
    """The pages. Imported late: importing Dash takes a second that tests of the server need not pay."""
    from dashboard.dash_app import create_dash

    return create_dash(app, gateway)


def create_app(
    settings: Settings,
    *,
    endpoints: Endpoints | None = None,
    attach_ui: AttachUi | None = _dash,
    limits: bridge.BridgeLimits | None = None,
) -> Flask:
    """The web application. AWS is asked for `endpoints` unless they are given; `attach_ui` adds the Dash pages."""
    found = endpoints or find_endpoints(settings)
    app = Flask("dashboard", static_folder=None)
    app.secret_key = settings.secret_key
    app.config["DATA_NOTE"] = settings.data_note
    _install_for_all_requests(app, settings)
    pool = UserPool(app, settings, found.issuer)
    tokens = TokenStore(sessions.open_store(settings), pool)
    auth.install(app, settings, pool, tokens)
    gateway = Gateway(found.rest_url)
    bridge.install(app, settings, tokens, found.websocket_url, limits or bridge.BridgeLimits(), gateway.note_finished)
    app.add_url_rule("/health", view_func=health)
    downloads.install(app, gateway)
    views.install(app, gateway)
    dash_app = attach_ui(app, gateway) if attach_ui else None
    if dash_app:
        callback_requests.install(app, dash_app)
    security.install(app, settings, dash_app.csp_hashes() if dash_app else ())
    app.wsgi_app = PublicAddress(app.wsgi_app, settings.public_url)  # type: ignore[method-assign]
    return app


def _install_for_all_requests(app: Flask, settings: Settings) -> None:
    sessions.install(app, settings.secure)
    logs.watch(app)
    errors.install(app)
    compression.install(app)
    request_limits.install(app)
    preferences.install(app, settings)


def health() -> dict[str, str]:
    """That this process serves; asked by the load balancer, without a session."""
    return {"status": "ok"}
