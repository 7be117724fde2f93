"""Which locale a request has: what its user chose, else what his browser asks for, else the deployment's.

The choice is in a cookie beside the session's, so that it outlives it and the sign-in page's language is right, too.
"""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Blueprint, Flask, Response, current_app, redirect, request

from dashboard.auth.routes import safe_next
from dashboard.errors import UserError
from dashboard.locales.locale import EN_US, Locale, UnknownChoice, check_time_zone, choose
from dashboard.settings import Settings

PATH = "/preferences"
_LIFE = timedelta(days=365)

blueprint = Blueprint("preferences", __name__)


def install(app: Flask, settings: Settings) -> None:
    """Sets the locale for every request, and adds the route of the menu; to be called before the sign-in's guard."""
    app.extensions["preferences"] = settings
    app.before_request(lambda: choose(_of_request()))
    app.teardown_request(lambda _error: choose(EN_US))
    app.register_blueprint(blueprint)


def offered() -> tuple[str, ...]:
    """The languages that may be chosen, the default first."""
    return _settings().languages


@blueprint.post(PATH)
def save() -> Response:
    """Keeps a choice, `language` and `time_zone` (empty for none), and goes back to where it was made."""
    language, zone = request.form.get("language") or offered()[0], request.form.get("time_zone", "")
    if language not in offered() or not _is_zone(zone):
        raise UserError("bad_parameter", "This language or time zone cannot be chosen here.", 400)
    came_from = urlsplit(request.headers.get("Referer", ""))
    back = safe_next(came_from.path + (f"?{came_from.query}" if came_from.query else ""))
    response: Response = redirect(_settings().public_url + back, 303)  # type: ignore[assignment]
    response.set_cookie(
        _cookie(),
        urlencode({"language": language, "zone": zone}),
        max_age=_LIFE,
        secure=_settings().secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def _of_request() -> Locale:
    settings = _settings()
    sent = parse_qs(request.cookies.get(_cookie(), ""), keep_blank_values=True)  # an empty zone is the device's
    chosen = {name: values[0] for name, values in sent.items()}
    language, zone = chosen.get("language"), chosen.get("zone")
    if language not in settings.languages:
        language = _of_browser(settings.languages)
    if zone is None or not _is_zone(zone):
        zone = settings.time_zone
    return Locale(language, settings.currency, zone or None)


def _of_browser(offered: Sequence[str]) -> str:
    """The first language that the browser wants and we have, be it another country's; else the default."""
    for wanted in request.accept_languages.values():
        same = [tag for tag in offered if tag.partition("-")[0].lower() == wanted.partition("-")[0].lower()]
        if same:
            return next((tag for tag in same if tag.lower() == wanted.lower()), same[0])
    return offered[0]


def _is_zone(zone: str) -> bool:
    try:
        check_time_zone(zone or "UTC")
    except UnknownChoice:
        return False
    return True


def _settings() -> Settings:
    found: Settings = current_app.extensions["preferences"]
    return found


def _cookie() -> str:
    return "__Host-pushboard-view" if _settings().secure else "pushboard-view"
