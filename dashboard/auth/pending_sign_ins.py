"""Sign-ins that a browser has begun: state, nonce, PKCE verifier and wanted path, each in a signed cookie of its own.

Nothing is stored on the server for a visitor who only asks for `/login`. Tabs that sign in side by side do not disturb
each other, since each has its cookie. The cookie binds the state to the browser; the code that comes back is worth
nothing without it. Used by `user_pool`.
"""

from typing import Any

from flask import Response, after_this_request, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

LIFETIME = 3600
"""Seconds from asking for the sign-in page to the return from it."""

MOST = 4
"""Sign-ins that a browser may have begun; more would fill the request's header of cookies (8 KB in gunicorn)."""

LONGEST_PATH = 1000
"""Characters of a wanted path that fit the cookie; a longer one becomes the home page."""

_PREFIX = "pushboard-sign-in-"


class PendingSignIns:
    """The pending sign-ins of the browser whose request is handled."""

    def __init__(self, secret_key: str, secure: bool) -> None:
        self._secret_key = secret_key
        self._secure = secure
        self._prefix = f"__Host-{_PREFIX}" if secure else _PREFIX

    def add(self, state: str, data: dict[str, Any]) -> None:
        """Send the browser a cookie with `data`, and take the oldest ones back if it has too many."""
        kept = data if len(data.get("next", "")) <= LONGEST_PATH else {**data, "next": "/"}
        value = self._serializer(state).dumps(kept)

        @after_this_request
        def set_cookie(response: Response) -> Response:
            for name in self._names_by_age()[MOST - 1 :]:
                self._delete(response, name)
            response.set_cookie(
                self._prefix + state, value, max_age=LIFETIME, secure=self._secure, httponly=True, samesite="Lax"
            )
            return response

    def get(self, state: str | None) -> dict[str, Any] | None:
        """The data of a sign-in that this browser began within `LIFETIME`."""
        found = self._read(self._prefix + (state or ""))
        return found[0] if found else None

    def remove(self, state: str | None) -> None:
        """Take the cookie back: a state is good for one return."""
        if self.get(state) is None:
            return
        name = self._prefix + (state or "")

        @after_this_request
        def delete_cookie(response: Response) -> Response:
            self._delete(response, name)
            return response

    def _names_by_age(self) -> list[str]:
        """The names of this browser's pending sign-ins, the newest first, then those that cannot be read."""
        names = [name for name in request.cookies if name.startswith(self._prefix)]
        began = {name: found[1] if (found := self._read(name)) else 0.0 for name in names}
        return sorted(names, key=lambda name: began[name], reverse=True)

    def _read(self, name: str) -> tuple[dict[str, Any], float] | None:
        serializer = self._serializer(name.removeprefix(self._prefix))
        try:
            data, at = serializer.loads(request.cookies.get(name, ""), max_age=LIFETIME, return_timestamp=True)
        except BadSignature:
            return None
        return data, at.timestamp()

    def _serializer(self, state: str) -> URLSafeTimedSerializer:
        """The state is part of the signature, so a cookie is worth nothing under another state's name."""
        return URLSafeTimedSerializer(self._secret_key, salt=f"{_PREFIX}{state}")

    def _delete(self, response: Response, name: str) -> None:
        response.delete_cookie(name, secure=self._secure, httponly=True, samesite="Lax")
