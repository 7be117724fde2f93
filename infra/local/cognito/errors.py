"""The errors of the local Cognito: AWS's exceptions by name, the OAuth errors, and a token that does not hold.

    ServiceError (awsjson)   what the JSON API answers; made here so that each wording of AWS stands once
    TokenInvalid             the token is not one of ours, or not for this use
      TokenExpired           it was, once
    OAuthError               answered by a token endpoint as a JSON body, or by `authorize` as a redirect
    PageError                shown to the person, never redirected: the application cannot be trusted yet

Used by every module of this package; `api` and `hosted` translate them at the edge.
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


def user_not_found() -> ServiceError:
    """An unknown user, where the caller may know that."""
    return ServiceError("UserNotFoundException", "User does not exist.")


def user_not_confirmed() -> ServiceError:
    """The password was right, the mailed code is still missing."""
    return ServiceError("UserNotConfirmedException", "User is not confirmed.")


def code_mismatch() -> ServiceError:
    """A wrong mailed code."""
    return ServiceError("CodeMismatchException", "Invalid verification code provided, please try again.")


def code_expired() -> ServiceError:
    """A mailed code that is too old, spent, or was never sent."""
    return ServiceError("ExpiredCodeException", "Invalid code provided, please request a code again.")


def too_many_failures() -> ServiceError:
    """A mailed code was guessed wrong too often and is void."""
    return ServiceError("TooManyFailedAttemptsException", "Too many failed attempts for a given action.")


def limit_exceeded() -> ServiceError:
    """Too many mails in one hour."""
    return ServiceError("LimitExceededException", "Attempt limit exceeded, please try after some time.")


def refused_by_function(trigger: str, message: str) -> ServiceError:
    """A trigger's function raised; Cognito hands its message on and ends the sentence."""
    return ServiceError("UserLambdaValidationException", f"{trigger} failed with error {message}.")


def no_answer_of_function(trigger: str) -> ServiceError:
    """A trigger's function took too long, each time."""
    cause = "Socket timeout while invoking Lambda function"
    return ServiceError("UnexpectedLambdaException", f"{trigger} invocation failed due to error {cause}.")


def strange_answer_of_function() -> ServiceError:
    """A trigger's function returned something else than its event."""
    return ServiceError("InvalidLambdaResponseException", "Unrecognizable lambda output")
