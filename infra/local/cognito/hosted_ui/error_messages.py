"""What the hosted pages say when AWS would refuse: a calm sentence for each exception. Used by `hosted`."""

from infra.local.endpoint.awsjson import ServiceError

WRONG_PASSWORD = "The email or the password is not right."  # noqa: S105  (a sentence)
LOCKED = "There were too many attempts. Wait a moment, then try again."
FORM_EXPIRED = "This page was open for too long. Please try once more."
CONFIRMED_ALREADY = "This account is already confirmed. Sign in instead."
REFUSED_BY_FUNCTION = " failed with error "

BY_MESSAGE = {
    "Password attempts exceeded": LOCKED,
    "User is disabled.": "This account is switched off. Ask whoever runs Pushboard for you.",
    "User cannot be confirmed. Current status is CONFIRMED": CONFIRMED_ALREADY,
    "User is already confirmed.": CONFIRMED_ALREADY,
    "SignUp is not permitted for this user pool": "New accounts are made by whoever runs Pushboard for you.",
    "Temporary password has expired and must be reset by an administrator.": (
        "The temporary password has expired. Ask for a new one."
    ),
}
BY_CODE = {
    "NotAuthorizedException": WRONG_PASSWORD,
    "UserNotFoundException": WRONG_PASSWORD,
    "UsernameExistsException": "There is already an account with this email. Sign in instead.",
    "InvalidParameterException": "Please enter a valid email address.",
    "CodeMismatchException": "That code is not right. Check it and try again.",
    "ExpiredCodeException": "That code is no longer valid. Ask for a new one.",
    "TooManyFailedAttemptsException": "That code was wrong too often. Ask for a new one.",
    "LimitExceededException": "Too many codes were sent. Try again in an hour.",
}


def sentence(error: ServiceError, policy: str) -> str:
    """The sentence for an exception: for a refused password the pool's policy, for a refusing function its own."""
    if error.code == "InvalidPasswordException":
        return f"Please choose a stronger password. {policy}"
    if error.code == "UserLambdaValidationException":
        return error.message.partition(REFUSED_BY_FUNCTION)[2]
    return BY_MESSAGE.get(error.message) or BY_CODE.get(error.code, "That did not work. Please try again.")
