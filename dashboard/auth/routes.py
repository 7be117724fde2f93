"""Signing in and out, and who is signed in: the routes, the guard before every request, and the API for the pages.

`app` installs it. Pages, panels and the bridge call `current_user()` and `id_token()`.
"""

import logging
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from flask import Blueprint, Flask, Response, current_app, g, redirect, request, session

from dashboard.auth.sessions import LOGIN
from dashboard.auth.token_store import TokenStore
from dashboard.auth.user_pool import Login, User, UserPool
from dashboard.errors import SessionEnded, SignInFailed, calm_page, wants_page
from dashboard.locales.words import _, known
from dashboard.settings import Settings
from dashboard.web.security import refuse_foreign_write

EXPIRY_LEEWAY = 60.0  # seconds for which an ID token is still valid when `id_token` returns it
RENEWAL_LEEWAY = 120.0  # more for a tab that was told to renew, whatever its clock says
OPEN_PATHS = frozenset({"/login", "/logout", "/auth/callback", "/signed-out", "/health", "/ws", "/favicon.ico"})
OPEN_FOLDERS = ("/assets/", "/_dash-component-suites/", "/_favicon.ico")

log = logging.getLogger(__name__)

blueprint = Blueprint("auth", __name__)


@dataclass(frozen=True)
class _Auth:
    settings: Settings
    pool: UserPool
    tokens: TokenStore


def install(app: Flask, settings: Settings, pool: UserPool, tokens: TokenStore) -> None:
    """Add the routes, and the guard that lets nobody past without a log-in."""
    app.extensions["auth"] = _Auth(settings, pool, tokens)
    app.before_request(_guard)
    app.register_blueprint(blueprint)


def current_user() -> User:
    """Who is asking; raises `SessionEnded` when nobody is signed in."""
    return _asking().user


def id_token() -> str:
    """The asking user's ID token, silently renewed when it ends within a minute; else raises `SessionEnded`."""
    return _asking().id_token


def fresh_login(leeway: float = EXPIRY_LEEWAY) -> Login:
    """The asking browser's log-in, its ID token good for `leeway` more seconds; raises `SessionEnded`."""
    return _auth().tokens.refresh(login_key(), leeway)


def login_key() -> str:
    """The key of the asking browser's log-in record; raises `SessionEnded` when it is not signed in."""
    key = session.get(LOGIN)
    if not isinstance(key, str):
        raise SessionEnded
    return key


def safe_next(path: str | None) -> str:
    """The path when it stays on this site, else the home page: nobody can send our users elsewhere."""
    if not path or not path.startswith("/") or path.startswith("//"):
        return "/"
    if "\\" in path or any(ord(character) < 32 for character in path):
        return "/"
    parts = urlsplit(path)
    return "/" if parts.scheme or parts.netloc else path


@blueprint.get("/login")
def login() -> Response:
    """Start a sign-in; `next` is where to go afterwards."""
    return _auth().pool.authorize(safe_next(request.args.get("next")))


@blueprint.get("/auth/callback")
def callback() -> Response:
    """The browser's return from the user pool. A browser that is signed in already, from another tab, stays so."""
    wanted = safe_next(_auth().pool.wanted_path())
    try:
        signed_in = _auth().pool.finish()
    except SignInFailed as error:
        if not _is_signed_in():
            return calm_page(_("Not signed in"), known(error.message), "/login", _("Try again"), error.status)
    else:
        _store_login(signed_in)
    return redirect(_auth().settings.public_url + wanted)  # type: ignore[return-value]


@blueprint.post("/auth/renew")
def renew() -> Response:
    """Renew the ID token for a tab about to reopen its socket: 204 and the new expiry in epoch seconds, or 401."""
    renewed = fresh_login(RENEWAL_LEEWAY)
    return Response(status=204, headers={"X-Session-Expires": str(renewed.expires_at)})


@blueprint.post("/logout")
def logout() -> Response:
    """End our session first, then the tokens, then the user pool's own session."""
    ended = _delete_login()
    session.clear()
    if ended is not None:
        _auth().pool.revoke(ended)
    return redirect(_auth().pool.logout_url(), 303)  # type: ignore[return-value]


@blueprint.get("/signed-out")
def signed_out() -> Response:
    """Where signing out ends."""
    return calm_page(_("Signed out"), _("You have signed out of Pushboard on this browser."), "/login", _("Sign in"))


def _auth() -> _Auth:
    return current_app.extensions["auth"]


def _asking() -> Login:
    """The log-in the guard has already made fresh for this request."""
    return g.login if "login" in g else fresh_login()


def _is_signed_in() -> bool:
    try:
        fresh_login()
    except SessionEnded:
        return False
    return True


def _store_login(login: Login) -> None:
    """Sign this browser in. Its key changes with its user, so that a cookie planted beforehand is worth nothing; for
    the same user it stays, and with it the sockets of the tabs that are open."""
    tokens = _auth().tokens
    try:
        key = login_key()
        if tokens.get(key).user.sub == login.user.sub:
            tokens.replace(key, login)
            return
    except SessionEnded:
        log.debug("nobody was signed in before")
    _delete_login()
    session[LOGIN] = tokens.create(login)


def _delete_login() -> Login | None:
    key = session.get(LOGIN)
    return _auth().tokens.end(key) if key else None


def _guard() -> Response | None:
    """Before every request: a page leads to the sign-in, anything else learns that the session has ended."""
    refuse_foreign_write(_auth().settings)
    if request.path in OPEN_PATHS or request.path.startswith(OPEN_FOLDERS):
        return None
    try:
        g.login = fresh_login()
    except SessionEnded:
        if not (wants_page() and request.method == "GET"):
            raise
        wanted = quote(request.full_path.rstrip("?"), safe="")
        return redirect(f"{_auth().settings.public_url}/login?next={wanted}")  # type: ignore[return-value]
    return None
