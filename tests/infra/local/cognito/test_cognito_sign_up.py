"""The pool's function is asked before an account is made, as Cognito asks it."""

from typing import Any

import pytest

from infra.local.cognito import Cognito, UnsupportedSetting
from infra.local.cognito.sign_up import no_functions
from infra.local.lambda_.errors import CallerGaveUp, FunctionError, FunctionTimeout

POOL = "us-east-1_userpool"
PASSWORD = "Taxi-2015!"
NEW = {"ClientId": "webclient", "Username": "eve@example.com", "Password": PASSWORD}


def refuse(event: dict[str, Any]) -> Any:
    raise FunctionError({"errorType": "NotInvited", "errorMessage": "Ask for an invitation"})


@pytest.fixture
def pool_kind() -> str:
    """The pool with a function."""
    return "guarded"


def newcomers(idp: Any) -> int:
    """How many accounts there are beside Ana's."""
    return len(idp.list_users(UserPoolId=POOL)["Users"]) - 1


def test_the_function_gets_cognitos_event(idp: Any, guard: Any) -> None:
    """Attributes, validation data and the name the account will have."""
    validation = [{"Name": "campaign", "Value": "autumn"}]
    made = idp.sign_up(**NEW, ValidationData=validation, ClientMetadata={"page": "home"})
    assert guard.asked == [
        {
            "version": "1",
            "region": "us-east-1",
            "userPoolId": POOL,
            "userName": made["UserSub"],
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "webclient"},
            "triggerSource": "PreSignUp_SignUp",
            "request": {
                "userAttributes": {"email": "eve@example.com"},
                "validationData": {"campaign": "autumn"},
                "clientMetadata": {"page": "home"},
            },
            "response": {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
        }
    ]


def test_who_is_let_in_still_proves_the_address(idp: Any) -> None:
    assert idp.sign_up(**NEW)["UserConfirmed"] is False


def test_a_refusal_is_told_in_cognitos_words_and_makes_no_account(idp: Any, guard: Any, mailbox: Any) -> None:
    guard.act = refuse
    with pytest.raises(idp.exceptions.UserLambdaValidationException) as caught:
        idp.sign_up(**NEW)
    assert caught.value.response["Error"]["Message"] == "PreSignUp failed with error Ask for an invitation."
    assert newcomers(idp) == 0
    assert mailbox.lines == []


def test_the_sign_up_page_shows_the_functions_sentence(visitor: Any, guard: Any, idp: Any) -> None:
    guard.act = refuse
    page = visitor.open(f"/signup?{visitor.query()}")
    answer = visitor.submit(page, email="eve@example.com", password=PASSWORD)
    assert answer.status_code == 400
    assert '<p class="alert" role="alert">Ask for an invitation.</p>' in answer.text
    assert newcomers(idp) == 0


def test_an_invitation_is_asked_about_as_one(idp: Any, guard: Any) -> None:
    """It comes from no application."""
    made = idp.admin_create_user(UserPoolId=POOL, Username="eve@example.com")["User"]
    (event,) = guard.asked
    assert event["triggerSource"] == "PreSignUp_AdminCreateUser"
    assert event["userName"] == made["Username"]
    assert event["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"


def test_an_invitation_that_is_sent_again_is_not_asked_about(idp: Any, guard: Any) -> None:
    """No account is made."""
    idp.admin_create_user(UserPoolId=POOL, Username="eve@example.com")
    idp.admin_create_user(UserPoolId=POOL, Username="eve@example.com", MessageAction="RESEND")
    assert len(guard.asked) == 1


@pytest.mark.parametrize("kind", [FunctionTimeout, CallerGaveUp])
def test_a_slow_function_is_asked_three_times(idp: Any, guard: Any, kind: type[FunctionError]) -> None:
    """And then nobody is let in."""

    def sleep(event: dict[str, Any]) -> Any:
        raise kind({"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 5.00 seconds"})

    guard.act = sleep
    with pytest.raises(idp.exceptions.UnexpectedLambdaException, match="PreSignUp invocation failed"):
        idp.sign_up(**NEW)
    assert len(guard.asked) == 3
    assert newcomers(idp) == 0


@pytest.mark.parametrize("answer", [None, "yes", {}, {"response": None}])
def test_a_function_that_returns_something_else_lets_nobody_in(idp: Any, guard: Any, answer: Any) -> None:
    guard.act = lambda event: answer
    with pytest.raises(idp.exceptions.InvalidLambdaResponseException, match="Unrecognizable lambda output"):
        idp.sign_up(**NEW)
    assert newcomers(idp) == 0


def test_a_function_that_would_confirm_users_is_not_emulated(cognito: Cognito, guard: Any) -> None:
    """The laptop does not pretend."""
    guard.act = lambda event: event | {"response": {"autoConfirmUser": True}}
    with pytest.raises(UnsupportedSetting):
        cognito.call("SignUp", NEW)


def test_a_pool_whose_function_cannot_be_called_says_so() -> None:
    with pytest.raises(UnsupportedSetting, match="Guard"):
        no_functions("Guard", {}, 5)


def test_nobody_gives_themselves_an_attribute_that_the_application_may_not_write(idp: Any, guard: Any) -> None:
    """A claim chooses rows: it is an administrator's."""
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="unauthorized attribute"):
        idp.sign_up(**NEW, UserAttributes=[{"Name": "custom:region", "Value": "emea"}])
    assert guard.asked == []


def test_an_administrator_may_write_it(idp: Any) -> None:
    given = [{"Name": "custom:region", "Value": "emea"}]
    idp.admin_create_user(UserPoolId=POOL, Username="eve@example.com", UserAttributes=given)
    found = idp.admin_get_user(UserPoolId=POOL, Username="eve@example.com")["UserAttributes"]
    assert {"Name": "custom:region", "Value": "emea"} in found


def test_the_pool_tells_its_trigger(idp: Any) -> None:
    arn = idp.describe_user_pool(UserPoolId=POOL)["UserPool"]["LambdaConfig"]["PreSignUp"]
    assert arn == "arn:aws:lambda:us-east-1:000000000000:function:Guard"
