"""The dashboard's errors, each with a code and a sentence fit for a viewer; raised deep, translated once, here.

    UserError
      UnusableRequest      none of our pages sends it
      SessionEnded         the log-in is over: sign in again
      SignInUnavailable    the user pool does not answer
      SignInFailed         a sign-in came back unusable: try again
      GatewayError         the API said no, or nothing (see `gateway`)

`app` installs the translation: a page for a navigating browser, `{"error": {"code", "message"}}` for everything else.
"""

import logging

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from dashboard.locales.locale import current
from dashboard.locales.words import _, known

log = logging.getLogger(__name__)

HTTP_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
    413: "The request is too large.",
}


class UserError(Exception):
    """Something to tell the viewer: a code for programs, a sentence for people, an HTTP status."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class SessionEnded(UserError):
    """Nobody is signed in, or no longer."""

    def __init__(self) -> None:
        super().__init__("expired", "Your session has ended. Please sign in again.", 401)


class SignInUnavailable(UserError):
    """The user pool cannot be reached just now; the log-in itself may still be good."""

    def __init__(self) -> None:
        super().__init__("sign_in_unavailable", "Signing in is not available right now. Please try again shortly.", 503)


class SignInFailed(UserError):
    """The user pool's answer to a sign-in cannot be used: an old link, a cancelled sign-in, a token not for us."""

    def __init__(self) -> None:
        super().__init__("sign_in_failed", "Signing in did not work this time. Nothing has changed.", 400)


class UnusableRequest(UserError):
    """A request that none of our pages sends, whatever it wants."""

    def __init__(self) -> None:
        super().__init__("bad_request", "This request is not one that the dashboard's pages send.", 400)


class GatewayError(UserError):
    """The gateway refused a request, or gave no usable answer."""


def install(app: Flask) -> None:
    """Translate every error at the edge; nothing but the log ever shows a stack trace."""
    app.register_error_handler(UserError, _tell)
    app.register_error_handler(HTTPException, _tell_http)
    app.register_error_handler(Exception, _tell_unexpected)


def wants_page() -> bool:
    """Whether this request is a browser going somewhere, rather than a script asking for data."""
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/_dash-")


def calm_page(title: str, message: str, link: str, label: str, status: int = 200) -> Response:
    """A page with one sentence and one button."""
    locale = current()
    words = {"title": title, "message": message, "label": label}
    page = render_template("message.html", **words, link=link, lang=locale.tag, direction=locale.direction)
    return make_response(page, status)


def _tell(error: UserError) -> Response:
    message = known(error.message)
    if not wants_page():
        return make_response({"error": {"code": error.code, "message": message}}, error.status)
    if error.status in (400, 401, 503):
        return calm_page(_("Please try again"), message, "/login", _("Try again"), error.status)
    return calm_page(_("Sorry"), message, "/", _("Back to the dashboards"), error.status)


def _tell_http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None or status < 400:
        return make_response(error.get_response())
    sentence = HTTP_SENTENCES.get(status, "This request could not be understood.")
    return _tell(UserError("bad_request" if status < 500 else "internal", sentence, status))


def _tell_unexpected(error: Exception) -> Response:
    log.error("unexpected error at %s %s", request.method, request.path, exc_info=error)
    return _tell(UserError("internal", "Something went wrong on our side. Please try again.", 500))
