"""What a browser may do with our pages, and which requests are refused for where they come from; installed by `app`.

Sources: the Content Security Policy level 3 and Fetch Metadata specifications.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Flask, Response, request

from dashboard.errors import UserError
from dashboard.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def origin_of(url: str) -> str:
    """The scheme, host and port of a URL, as a browser writes them into `Origin`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def content_security_policy(settings: Settings, script_hashes: Iterable[str] = ()) -> str:
    """The policy header: our own scripts only, and the inline ones whose hashes are given (`dash.Dash.csp_hashes`).

    Mantine and Plotly write styles at run time, so inline styles are allowed. Browsers apply `form-action` to the
    redirects after a form too, and signing out goes by way of the user pool.
    """
    socket = origin_of(settings.public_url).replace("http", "ws", 1)
    directives = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' {socket}",
        "worker-src": "'self' blob:",
        "form-action": f"'self' {origin_of(settings.cognito_domain)}",
        "frame-ancestors": "'none'",
        "base-uri": "'self'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def install(app: Flask, settings: Settings, script_hashes: Iterable[str]) -> None:
    """Put the security headers on every answer, and refuse writes that another site's page sends."""
    headers = {
        "Content-Security-Policy": content_security_policy(settings, script_hashes),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(headers)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def refuse_foreign_write(settings: Settings) -> None:
    """Raise unless this request only reads, or a page of ours sent it (browsers say so, pages cannot forge it)."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    ours = has_own_origin(settings) if origin else request.headers.get("Sec-Fetch-Site") == "same-origin"
    if not ours:
        raise UserError("forbidden", "This request did not come from the dashboard's own pages.", 403)


def has_own_origin(settings: Settings) -> bool:
    """Whether this request's `Origin` is the dashboard's own."""
    return request.headers.get("Origin", "").lower() == origin_of(settings.public_url)
