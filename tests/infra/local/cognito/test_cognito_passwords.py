"""The password policy, its sentence, and hashing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.cognito import PasswordPolicy, passwords
from infra.local.endpoint.awsjson import ServiceError

LOOSE = PasswordPolicy(6, False, False, False, False)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Ab1!xyz", "Password not long enough"),
        ("Ab1!" + "x" * 253, "Password too long"),
        ("abcdef1!", "uppercase"),
        ("ABCDEF1!", "lowercase"),
        ("Abcdefg!", "numeric"),
        ("Abcdefg1", "symbol"),
        (" Abcdef1 ", "symbol"),
    ],
)
def test_a_password_breaking_the_policy_is_refused_with_the_reason(password: str, reason: str) -> None:
    """AWS's wording; a space around a password is no symbol."""
    with pytest.raises(ServiceError, match=reason) as caught:
        passwords.require_policy(PasswordPolicy(), password)
    assert caught.value.code == "InvalidPasswordException"


def test_a_switched_off_demand_is_not_made() -> None:
    """Only the length is left."""
    passwords.require_policy(LOOSE, "aaaaaa")


def test_the_policy_reads_as_a_sentence() -> None:
    """For the person who chooses."""
    said = passwords.describe(PasswordPolicy())
    assert said == "At least 8 characters, with an upper-case letter, a lower-case letter, a digit and a symbol."
    assert passwords.describe(PasswordPolicy(10, False, False, True, False)) == "At least 10 characters, with a digit."
    assert passwords.describe(LOOSE) == "At least 6 characters."


@given(length=st.integers(6, 99))
def test_a_temporary_password_passes_any_policy(length: int) -> None:
    """Whatever the length and the switches."""
    policy = PasswordPolicy(minimum_length=length)
    passwords.require_policy(policy, passwords.temporary(policy))


def test_a_hash_is_salted_and_checks() -> None:
    """Two hashes of one password differ, and both match it."""
    first, second = passwords.hashed("Taxi-2015!"), passwords.hashed("Taxi-2015!")
    assert first != second
    assert passwords.matches(first, "Taxi-2015!")
    assert passwords.matches(second, "Taxi-2015!")
    assert not passwords.matches(first, "Taxi-2016!")


def test_nobody_matches_nothing() -> None:
    """Without an account no password is right, whatever is compared meanwhile."""
    assert not passwords.matches(None, "Taxi-2015!")
    assert not passwords.matches(None, "")
