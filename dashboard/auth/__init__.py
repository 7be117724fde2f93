"""Who is signed in: sign-in with the user pool, the browser's session, the tokens behind it."""

from dashboard.auth.routes import current_user, id_token

__all__ = ["current_user", "id_token"]
