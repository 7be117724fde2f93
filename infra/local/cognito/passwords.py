"""Passwords: the pool's policy, hashing with scrypt, temporary ones. Used by sign-up, sign-in and recovery."""

import functools
import secrets
import string
from collections.abc import Iterator

from werkzeug.security import check_password_hash, generate_password_hash

from infra.local.cognito.pool import PasswordPolicy
from infra.local.endpoint.awsjson import ServiceError

# 2^15 rounds: some 60 ms and 32 MB a try.
METHOD = "scrypt:32768:8:1"
MAXIMUM_LENGTH = 256
SYMBOLS = frozenset("^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ")


def require_policy(policy: PasswordPolicy, password: str) -> None:
    """Raises InvalidPasswordException with AWS's wording when the password breaks the policy."""
    reason = next(_reasons(policy, password), None)
    if reason:
        raise ServiceError("InvalidPasswordException", f"Password did not conform with policy: {reason}")


def describe(policy: PasswordPolicy) -> str:
    """The policy as one sentence for the person who chooses a password."""
    wanted = [
        (policy.require_uppercase, "an upper-case letter"),
        (policy.require_lowercase, "a lower-case letter"),
        (policy.require_numbers, "a digit"),
        (policy.require_symbols, "a symbol"),
    ]
    parts = [words for required, words in wanted if required]
    length = f"At least {policy.minimum_length} characters"
    if not parts:
        return f"{length}."
    listed = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    return f"{length}, with {listed}."


def hashed(password: str) -> str:
    """The salted scrypt hash to store."""
    return generate_password_hash(password, method=METHOD)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; without a hash it takes as long and says no, so that time tells nothing."""
    right = check_password_hash(password_hash or _decoy(), password)
    return right and password_hash is not None


def temporary(policy: PasswordPolicy) -> str:
    """A random password that any policy accepts."""
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits, "!#%+-?@")
    filler = [secrets.choice(string.ascii_letters) for _ in range(policy.minimum_length)]
    return "".join([*(secrets.choice(kind) for kind in kinds), *filler])


def _reasons(policy: PasswordPolicy, password: str) -> Iterator[str]:
    if len(password) < policy.minimum_length:
        yield "Password not long enough"
    if len(password) > MAXIMUM_LENGTH:
        yield "Password too long"
    if policy.require_uppercase and not any(character.isupper() for character in password):
        yield "Password must have uppercase characters"
    if policy.require_lowercase and not any(character.islower() for character in password):
        yield "Password must have lowercase characters"
    if policy.require_numbers and not any(character in string.digits for character in password):
        yield "Password must have numeric characters"
    if policy.require_symbols and not SYMBOLS & set(password.strip()):
        yield "Password must have symbol characters"


@functools.cache
def _decoy() -> str:
    return hashed(secrets.token_urlsafe())
