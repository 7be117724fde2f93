"""The errors of the local Cognito: AWS's exceptions by name, the OAuth errors, and a token that does not hold.

ServiceError (awsjson)   what the JSON API answers; made here where several places have AWS's wording in common
TokenInvalid             the token is not one of ours, or not for this use
  TokenExpired           it was, once
OAuthError               answered by a token endpoint as a JSON body, or by `authorize` as a redirect
PageError                shown to the person, never redirected: the application cannot be trusted yet
"""

from infra.local.endpoint.awsjson import ServiceError


class TokenInvalid(Exception):
    """The token's signature, issuer, audience or use is wrong."""


class TokenExpired(TokenInvalid):
    """The token was right, but its time is over."""


class OAuthError(Exception):
    """An error of RFC 6749 with its code, such as `invalid_grant`, and the address it may be told to, if any."""

    def __init__(self, code: str, description: str = "", *, status: int = 400, redirect: str | None = None) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.status = status
        self.redirect = redirect


class PageError(Exception):
    """A sentence for the person at the browser; the request went no further."""


def not_authorized(message: str = "Incorrect username or password.") -> ServiceError:
    """Wrong credentials, or a user in a state that forbids the call."""
    return ServiceError("NotAuthorizedException", message)


def invalid_parameter(message: str) -> ServiceError:
    """A parameter that AWS would refuse."""
    return ServiceError("InvalidParameterException", message)


def not_found(message: str) -> ServiceError:
    """A pool, client or group that does not exist."""
    return ServiceError("ResourceNotFoundException", message)


def code_mismatch() -> ServiceError:
    """A wrong mailed code."""
    return ServiceError("CodeMismatchException", "Invalid verification code provided, please try again.")


def code_expired() -> ServiceError:
    """A mailed code that is too old, spent, or was never sent."""
    return ServiceError("ExpiredCodeException", "Invalid code provided, please request a code again.")
