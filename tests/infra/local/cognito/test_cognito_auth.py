"""Passwords, codes and sessions against the clock."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.cognito import Cognito
from infra.local.cognito.passwords import lock_seconds
from infra.local.endpoint.awsjson import ServiceError

POOL = "us-east-1_userpool"
PASSWORD = "Taxi-2015!"
SignIn = Callable[..., dict[str, str]]


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """Code and message of the error a call ends with."""
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value.code, caught.value.message


def register(cognito: Cognito, email: str = "new@example.com") -> None:
    cognito.call("SignUp", {"ClientId": "webclient", "Username": email, "Password": PASSWORD})


def confirm(cognito: Cognito, code: str, email: str = "new@example.com") -> None:
    cognito.call("ConfirmSignUp", {"ClientId": "webclient", "Username": email, "ConfirmationCode": code})


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_five_wrong_passwords_lock_the_name_for_a_moment(cognito: Cognito, sign_in: SignIn, clock: Any) -> None:
    """The right password waits too; after the lock it works and clears the count."""
    for _ in range(5):
        assert refusal(lambda: sign_in(password="wrong"))[1] == "Incorrect username or password."
    assert refusal(sign_in) == ("NotAuthorizedException", "Password attempts exceeded")
    clock.forward(1.1)
    assert sign_in()["IdToken"]
    assert refusal(lambda: sign_in(password="wrong"))[1] == "Incorrect username or password."


def test_a_name_nobody_has_locks_alike(sign_in: SignIn) -> None:
    """So a lock does not tell who exists."""
    for _ in range(5):
        refusal(lambda: sign_in(email="nobody@example.com"))
    assert refusal(lambda: sign_in(email="nobody@example.com"))[1] == "Password attempts exceeded"


def test_the_lock_doubles_up_to_a_quarter_of_an_hour() -> None:
    """1, 2, 4 … 900 seconds, however many failures."""
    assert [lock_seconds(n) for n in (0, 4, 5, 6, 8, 14, 15, 10_000)] == [0, 0, 1, 2, 8, 512, 900, 900]


def test_parallel_guesses_count_each(cognito: Cognito, sign_in: SignIn) -> None:
    """Of twelve guesses at the same moment at most five are compared with the password."""
    answers: list[str] = []

    def guess() -> None:
        try:
            sign_in(password="wrong")
        except ServiceError as error:
            answers.append(error.message)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert answers.count("Incorrect username or password.") == 5
    assert answers.count("Password attempts exceeded") == 7


def test_a_wrong_code_is_a_mismatch(cognito: Cognito, mailbox: Any) -> None:
    """And the right one still works after it."""
    register(cognito)
    code = mailbox.code("new@example.com")
    assert refusal(lambda: confirm(cognito, other_than(code)))[0] == "CodeMismatchException"
    confirm(cognito, code)


def test_five_wrong_codes_make_the_right_one_void(cognito: Cognito, mailbox: Any) -> None:
    """TooManyFailedAttemptsException until a new code is sent."""
    register(cognito)
    code = mailbox.code("new@example.com")
    for _ in range(5):
        refusal(lambda: confirm(cognito, other_than(code)))
    assert refusal(lambda: confirm(cognito, code))[0] == "TooManyFailedAttemptsException"
    cognito.call("ResendConfirmationCode", {"ClientId": "webclient", "Username": "new@example.com"})
    confirm(cognito, mailbox.code("new@example.com"))


def test_a_sign_up_code_lives_a_day(cognito: Cognito, mailbox: Any, clock: Any) -> None:
    """ExpiredCodeException afterwards."""
    register(cognito)
    clock.forward(24 * 3600 + 1)
    assert refusal(lambda: confirm(cognito, mailbox.code("new@example.com")))[0] == "ExpiredCodeException"


def test_a_reset_code_lives_an_hour(cognito: Cognito, mailbox: Any, clock: Any) -> None:
    """ExpiredCodeException afterwards."""
    asked = {"ClientId": "webclient", "Username": "ana@example.com"}
    cognito.call("ForgotPassword", asked)
    clock.forward(3601)
    reset = asked | {"ConfirmationCode": mailbox.code("ana@example.com"), "Password": PASSWORD}
    assert refusal(lambda: cognito.call("ConfirmForgotPassword", reset))[0] == "ExpiredCodeException"


def test_a_code_serves_its_own_purpose_only(cognito: Cognito, mailbox: Any) -> None:
    """A sign-up code resets no password."""
    register(cognito)
    reset = {"ClientId": "webclient", "Username": "new@example.com", "Password": "Other-2018!"}
    reset["ConfirmationCode"] = mailbox.code("new@example.com")
    assert refusal(lambda: cognito.call("ConfirmForgotPassword", reset))[0] == "ExpiredCodeException"


def test_a_new_code_voids_the_one_before(cognito: Cognito, mailbox: Any) -> None:
    """Only the newest mail counts."""
    register(cognito)
    first = mailbox.code("new@example.com")
    while mailbox.code("new@example.com") == first:
        cognito.call("ResendConfirmationCode", {"ClientId": "webclient", "Username": "new@example.com"})
    assert refusal(lambda: confirm(cognito, first))[0] == "CodeMismatchException"


def test_ten_mails_an_hour_are_enough(cognito: Cognito, clock: Any) -> None:
    """LimitExceededException, until the hour is over."""
    asked = {"ClientId": "webclient", "Username": "ana@example.com"}
    for _ in range(10):
        cognito.call("ForgotPassword", asked)
    assert refusal(lambda: cognito.call("ForgotPassword", asked))[0] == "LimitExceededException"
    clock.forward(3601)
    cognito.call("ForgotPassword", asked)


def test_the_announcement_names_address_and_code(cognito: Cognito, mailbox: Any) -> None:
    """What the newcomer looks for in the terminal."""
    register(cognito)
    [line] = mailbox.lines
    assert line.startswith("Sign-up code for new@example.com: ")
    assert line[-6:].isdigit()


def test_an_unconfirmed_user_cannot_reset_a_password(cognito: Cognito, mailbox: Any) -> None:
    """Nothing is sent to an address that nobody has proven."""
    register(cognito)
    cognito.call("ForgotPassword", {"ClientId": "webclient", "Username": "new@example.com"})
    assert not [line for line in mailbox.lines if "reset" in line]


def test_whoever_registers_cannot_vouch_for_themselves(cognito: Cognito) -> None:
    """email_verified given at sign-up is ignored."""
    given = [{"Name": "email_verified", "Value": "true"}]
    request = {"ClientId": "webclient", "Username": "new@example.com", "Password": PASSWORD, "UserAttributes": given}
    cognito.call("SignUp", request)
    user = cognito.call("AdminGetUser", {"UserPoolId": POOL, "Username": "new@example.com"})
    assert {"Name": "email_verified", "Value": "false"} in user["UserAttributes"]


def test_a_temporary_password_expires(cognito: Cognito, sign_in: SignIn, clock: Any) -> None:
    """After the policy's seven days an administrator must act."""
    user = {"UserPoolId": POOL, "Username": "eve@example.com"}
    cognito.call("AdminCreateUser", user | {"TemporaryPassword": PASSWORD})
    clock.forward(7 * 86400 + 1)
    assert "Temporary password has expired" in refusal(lambda: sign_in(email="eve@example.com"))[1]
    cognito.call("AdminCreateUser", user | {"MessageAction": "RESEND", "TemporaryPassword": PASSWORD})
    assert refusal(lambda: sign_in(email="eve@example.com", password="wrong"))[1] == "Incorrect username or password."


def test_a_refresh_token_lives_its_days(cognito: Cognito, sign_in: SignIn, clock: Any) -> None:
    """And its tokens keep the time of the sign-in."""
    tokens = sign_in()
    again = {"ClientId": "webclient", "RefreshToken": tokens["RefreshToken"]}
    clock.forward(29 * 86400)
    fresh = cognito.call("GetTokensFromRefreshToken", again)["AuthenticationResult"]
    claims = cognito.verify_id_token(POOL, fresh["IdToken"])
    assert claims["iat"] - claims["auth_time"] == 29 * 86400
    clock.forward(86401)
    message = refusal(lambda: cognito.call("GetTokensFromRefreshToken", again))[1]
    assert message == "Refresh Token has expired"


def test_a_refresh_token_belongs_to_its_client(cognito: Cognito, sign_in: SignIn) -> None:
    """Another client's is as good as none."""
    again = {"ClientId": "rotating", "RefreshToken": sign_in()["RefreshToken"]}
    assert refusal(lambda: cognito.call("GetTokensFromRefreshToken", again))[1] == "Invalid Refresh Token"


def test_rotation_replaces_the_refresh_token(cognito: Cognito, sign_in: SignIn, clock: Any) -> None:
    """The old one works during its grace period, then it is RefreshTokenReuseException; the new one goes on."""
    first = sign_in("rotating")["RefreshToken"]

    def refresh(token: str) -> str:
        request = {"ClientId": "rotating", "RefreshToken": token}
        return cognito.call("GetTokensFromRefreshToken", request)["AuthenticationResult"]["RefreshToken"]

    second = refresh(first)
    assert second != first
    clock.forward(29)
    assert refresh(first) not in (first, second)
    clock.forward(2)
    assert refusal(lambda: refresh(first))[0] == "RefreshTokenReuseException"
    assert refresh(second)


def test_the_grace_period_counts_from_the_first_use(cognito: Cognito, sign_in: SignIn, clock: Any) -> None:
    """Using the old token again does not prolong it."""
    request = {"ClientId": "rotating", "RefreshToken": sign_in("rotating")["RefreshToken"]}
    cognito.call("GetTokensFromRefreshToken", request)
    clock.forward(20)
    cognito.call("GetTokensFromRefreshToken", request)
    clock.forward(20)
    assert refusal(lambda: cognito.call("GetTokensFromRefreshToken", request))[0] == "RefreshTokenReuseException"


def test_a_rotating_client_has_no_refresh_auth_flow(cognito: Cognito, sign_in: SignIn) -> None:
    """REFRESH_TOKEN_AUTH is not enabled there, as AWS demands."""
    parameters = {"REFRESH_TOKEN": sign_in("rotating")["RefreshToken"]}
    request = {"AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": "rotating", "AuthParameters": parameters}
    assert refusal(lambda: cognito.call("InitiateAuth", request))[0] == "InvalidParameterException"


def test_demo_accounts_can_be_ensured_again(cognito: Cognito, sign_in: SignIn) -> None:
    """A second time changes nothing; another password or group is put right."""
    before = cognito.call("AdminGetUser", {"UserPoolId": POOL, "Username": "ana@example.com"})
    cognito.ensure_user("ana@example.com", PASSWORD, ["finance"])
    assert cognito.call("AdminGetUser", {"UserPoolId": POOL, "Username": "ana@example.com"}) == before
    cognito.ensure_user("ana@example.com", "Other-2018!", ["admins"])
    claims = cognito.verify_id_token(POOL, sign_in(password="Other-2018!")["IdToken"])
    assert claims["cognito:groups"] == ["finance", "admins"]
