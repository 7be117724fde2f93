"""Passwords: the pool's policy, hashing with scrypt, temporary ones, and how often one may be guessed.

Source: AWS, "Lockout behavior for failed sign-in attempts": after five failures a user is locked out for one second,
then for twice as long with every further failure, up to about 15 minutes; 15 quiet minutes forget them all. Names
nobody has are counted alike, so that a lock tells nothing about who exists.
"""

import functools
import secrets
import string
from collections.abc import Iterator

from werkzeug.security import check_password_hash, generate_password_hash

from infra.local.cognito.errors import not_authorized
from infra.local.cognito.pool import PasswordPolicy
from infra.local.cognito.store import Clock, Store
from infra.local.endpoint.awsjson import ServiceError

# 2^15 rounds: some 60 ms and 32 MB a try.
METHOD = "scrypt:32768:8:1"
MAXIMUM_LENGTH = 256
SYMBOLS = frozenset("^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ")

FREE_FAILURES = 5
LONGEST_LOCK_SECONDS = 900


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


class LoginThrottle:
    """The table of failed sign-ins."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def begin(self, login: str) -> None:
        """Count a try as failed until `succeed` takes it back, so that parallel guesses count too.

        Raises NotAuthorizedException "Password attempts exceeded" while the name is locked.
        """
        now, key = self._clock(), login.lower()
        with self._store.transaction() as db:
            db.execute("DELETE FROM attempts WHERE last_at < ?", (now - LONGEST_LOCK_SECONDS,))
            row = db.execute("SELECT * FROM attempts WHERE login = ?", (key,)).fetchone()
            failures = row["failures"] if row else 0
            if row and now < row["last_at"] + lock_seconds(failures):
                raise not_authorized("Password attempts exceeded")
            db.execute("INSERT OR REPLACE INTO attempts VALUES (?, ?, ?)", (key, failures + 1, now))

    def succeed(self, login: str) -> None:
        """The password was right: forget the failures."""
        self._store.run("DELETE FROM attempts WHERE login = ?", login.lower())


def lock_seconds(failures: int) -> float:
    """How long a name is locked after so many failures: 0 below five, then 1, 2, 4 … at most 900 seconds."""
    if failures < FREE_FAILURES:
        return 0
    return min(2.0 ** min(failures - FREE_FAILURES, 20), LONGEST_LOCK_SECONDS)
