"""What stops the deployment, each as one sentence. Here, what boto3 raises becomes such a sentence."""

import re

from botocore import exceptions

_NAMED_ACTION = re.compile(r"is not authorized to perform: (?P<action>[\w-]+:\w+)(?: on resource: (?P<resource>\S+))?")
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_DENIED = {"403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_UNKNOWN_KEY = {
    "AuthFailure",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "OptInRequired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_NO_CREDENTIALS = (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)
_NO_LOGIN = (
    exceptions.SSOError,
    exceptions.UnauthorizedSSOTokenError,
    exceptions.TokenRetrievalError,
)
_UNREACHABLE = (exceptions.ConnectionError, exceptions.HTTPClientError)

SET_UP = "set them up by aws configure, or name a profile that has some in [deploy] profile"


class DeployError(Exception):
    """Why it could not be done and what to do, in a sentence for the person at the terminal."""


def sentence(error: exceptions.BotoCoreError | exceptions.ClientError) -> str:
    """What happened and what to do about it. No more is told than AWS's own words, which hold no secret."""
    if isinstance(error, exceptions.ClientError):
        return _answered(error)
    if isinstance(error, _NO_CREDENTIALS):
        return f"There are no AWS credentials: {SET_UP}."
    if isinstance(error, _NO_LOGIN):
        return "The sign-in to AWS has expired: sign in by aws sso login, and run this again."
    if isinstance(error, exceptions.ProfileNotFound):
        return f"{closed(str(error))} Name another in [deploy] profile, or make it by aws configure --profile."
    if isinstance(error, _UNREACHABLE):
        return f"AWS cannot be reached: look at the network and at [deploy] region. {closed(str(error))}"
    return f"AWS cannot be asked. {closed(str(error))}"


def code(error: exceptions.ClientError) -> str:
    """The name of the exception that AWS answered; its HTTP status where there is none.

    A HEAD request's answer has no body. What stands between may answer in a form that the service does not use, and
    botocore then finds no error in it.
    """
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
    return str(error.response.get("Error", {}).get("Code", status))


def is_denied(error: exceptions.ClientError) -> bool:
    """Whether these credentials may not do what was asked."""
    return code(error) in _DENIED


def closed(text: str) -> str:
    """One sentence's worth: without line breaks, with a full stop."""
    return " ".join(text.split()).rstrip(".") + "."


def _answered(error: exceptions.ClientError) -> str:
    message = error.response.get("Error", {}).get("Message", "")
    if code(error) in _EXPIRED:
        return "These AWS credentials have expired: get new ones, and run this again."
    if code(error) in _UNKNOWN_KEY:
        return f"AWS does not take these credentials in this Region: {SET_UP}, and see that the Region is enabled."
    if is_denied(error):
        return _forbidden(error.operation_name, message)
    return f"AWS refused {error.operation_name}: {closed(message or code(error))}"


def _forbidden(operation: str, message: str) -> str:
    named = _NAMED_ACTION.search(message)
    action = named["action"] if named else operation
    resource = f" on {named['resource'].rstrip('.')}" if named and named["resource"] else ""
    return f"These AWS credentials may not do {action}{resource}: have it allowed, and run this again."
