"""Draws the hosted pages: Jinja templates with one inline style sheet, and the headers that keep them safe.

Used by `hosted`. No script, no foreign resource: the Content-Security-Policy allows the style sheet by its hash, and
forms to go here and, through the redirect after signing in, to the application that asked.
"""

import base64
import hashlib
from pathlib import Path
from typing import Any

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """All templates, loaded once."""

    def __init__(self) -> None:
        # Not the host application's environment: template names there belong to others.
        loader = FileSystemLoader(TEMPLATES)
        self._templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        self._style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self._style_source = f"'sha256-{digest}'"

    def draw(self, name: str, status: int = 200, *, form_target: str = "", **values: Any) -> Response:
        """The page as a response; `form_target` is the origin that a form's answer may redirect to."""
        template = self._templates.get_template(f"{name}.html")
        # The template inserts the sheet as it is: its hash is in the policy, and nothing of a request is in it.
        text = template.render(style=Markup(self._style), **values)  # noqa: S704
        response = Response(text, status, mimetype="text/html")
        response.headers.update(self._headers(form_target))
        return response

    def _headers(self, form_target: str) -> dict[str, str]:
        policy = (
            f"default-src 'none'; style-src {self._style_source}; img-src data:; "
            f"form-action 'self' {form_target}".rstrip()
            + "; frame-ancestors 'none'; base-uri 'none'"
        )
        return {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "X-Frame-Options": "DENY",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }
