"""The JSON API as boto3 sees it: names, shapes and errors over HTTP."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.exceptions
import pytest
import requests

POOL = "us-east-1_userpool"
ANA = {"UserPoolId": POOL, "Username": "ana@example.com"}
PASSWORD = "Taxi-2015!"


def attributes(user: dict[str, Any], member: str = "Attributes") -> dict[str, str]:
    return {entry["Name"]: entry["Value"] for entry in user[member]}


def password_auth(idp: Any, email: str, password: str, client_id: str = "webclient") -> dict[str, Any]:
    parameters = {"USERNAME": email, "PASSWORD": password}
    return idp.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", ClientId=client_id, AuthParameters=parameters)


def test_pools_and_clients_are_listed_and_described(idp: Any) -> None:
    """Scripts find pool and client by name."""
    pools = {pool["Name"]: pool["Id"] for pool in idp.list_user_pools(MaxResults=60)["UserPools"]}
    assert pools == {"people": POOL}
    clients = idp.list_user_pool_clients(UserPoolId=POOL)["UserPoolClients"]
    assert [client["ClientId"] for client in clients] == ["webclient", "rotating"]
    assert idp.describe_user_pool(UserPoolId=POOL)["UserPool"]["Policies"]["PasswordPolicy"]["MinimumLength"] == 8


def test_a_list_is_paged(idp: Any) -> None:
    """boto3's paginator walks groups one by one; a made-up place in a list is refused."""
    pages = list(idp.get_paginator("list_groups").paginate(UserPoolId=POOL, PaginationConfig={"PageSize": 1}))
    assert [page["Groups"][0]["GroupName"] for page in pages] == ["operations", "finance", "admins"]
    with pytest.raises(idp.exceptions.InvalidParameterException, match="Invalid pagination token"):
        idp.list_groups(UserPoolId=POOL, NextToken="-1")


def test_unknown_pools_and_clients_are_told_apart_from_failures(idp: Any) -> None:
    """ResourceNotFoundException, with AWS's wording."""
    with pytest.raises(idp.exceptions.ResourceNotFoundException, match="User pool us-east-1_none does not exist"):
        idp.list_users(UserPoolId="us-east-1_none")
    with pytest.raises(idp.exceptions.ResourceNotFoundException, match="User pool client nobody does not exist"):
        password_auth(idp, "ana@example.com", PASSWORD, "nobody")


def test_signing_up_confirming_and_signing_in(idp: Any, mailbox: Any) -> None:
    """The life of a new account: unconfirmed, confirmed by the announced code, signed in."""
    made = idp.sign_up(ClientId="webclient", Username="new@example.com", Password=PASSWORD)
    assert made["UserConfirmed"] is False
    assert made["CodeDeliveryDetails"]["Destination"] == "n***@e***"
    with pytest.raises(idp.exceptions.UserNotConfirmedException):
        password_auth(idp, "new@example.com", PASSWORD)
    code = mailbox.code("new@example.com")
    idp.confirm_sign_up(ClientId="webclient", Username="new@example.com", ConfirmationCode=code)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Current status is CONFIRMED"):
        idp.confirm_sign_up(ClientId="webclient", Username="new@example.com", ConfirmationCode=code)
    assert password_auth(idp, "new@example.com", PASSWORD)["AuthenticationResult"]["TokenType"] == "Bearer"
    user = idp.admin_get_user(UserPoolId=POOL, Username="new@example.com")
    assert user["Username"] == made["UserSub"]
    assert user["UserStatus"] == "CONFIRMED"
    assert attributes(user, "UserAttributes")["email_verified"] == "true"


def test_an_email_is_taken_whatever_its_case(idp: Any) -> None:
    """UsernameExistsException."""
    with pytest.raises(idp.exceptions.UsernameExistsException):
        idp.sign_up(ClientId="webclient", Username="ANA@Example.com", Password=PASSWORD)


def test_a_weak_password_is_refused_with_the_reason(idp: Any) -> None:
    """InvalidPasswordException, and no account."""
    with pytest.raises(idp.exceptions.InvalidPasswordException, match="Password not long enough"):
        idp.sign_up(ClientId="webclient", Username="new@example.com", Password="Ab1!")
    with pytest.raises(idp.exceptions.InvalidPasswordException, match="symbol"):
        idp.sign_up(ClientId="webclient", Username="new@example.com", Password="Abcdefg1")
    with pytest.raises(idp.exceptions.UserNotFoundException):
        idp.admin_get_user(UserPoolId=POOL, Username="new@example.com")


@pytest.mark.parametrize("pool_kind", ["closed"])
def test_nobody_registers_where_only_administrators_may(idp: Any) -> None:
    """A pool closed to sign-ups says so."""
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="SignUp is not permitted"):
        idp.sign_up(ClientId="webclient", Username="new@example.com", Password=PASSWORD)


def test_users_are_listed(idp: Any) -> None:
    """The user's shape, with real datetimes."""
    [user] = idp.list_users(UserPoolId=POOL)["Users"]
    assert attributes(user)["sub"] == user["Username"]
    assert user["UserStatus"] == "CONFIRMED"
    assert isinstance(user["UserCreateDate"], dt.datetime)


@pytest.mark.parametrize("choice", [{"Filter": 'email = "ana@example.com"'}, {"AttributesToGet": ["email"]}])
def test_a_choice_among_users_is_refused(idp: Any, choice: dict[str, Any]) -> None:
    """InvalidParameterException instead of everybody."""
    with pytest.raises(idp.exceptions.InvalidParameterException, match="The laptop does not imitate Filter"):
        idp.list_users(UserPoolId=POOL, **choice)


def test_an_administrators_user_must_choose_a_password(idp: Any, mailbox: Any) -> None:
    """AdminCreateUser announces a temporary password; the new one is chosen on the sign-in page, not by API."""
    idp.admin_create_user(UserPoolId=POOL, Username="eve@example.com")
    temporary = mailbox.code("eve@example.com")
    challenge = password_auth(idp, "eve@example.com", temporary)
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    with pytest.raises(botocore.exceptions.ClientError, match="The laptop does not imitate RespondToAuthChallenge"):
        idp.respond_to_auth_challenge(ClientId="webclient", ChallengeName=challenge["ChallengeName"])


def test_groups_are_joined_and_left(idp: Any) -> None:
    """Membership as every operation sees it."""
    idp.admin_add_user_to_group(**ANA, GroupName="admins")
    idp.admin_add_user_to_group(**ANA, GroupName="admins")
    names = [group["GroupName"] for group in idp.admin_list_groups_for_user(**ANA)["Groups"]]
    assert names == ["finance", "admins"]
    assert len(idp.list_users_in_group(UserPoolId=POOL, GroupName="admins")["Users"]) == 1
    idp.admin_remove_user_from_group(**ANA, GroupName="admins")
    assert idp.list_users_in_group(UserPoolId=POOL, GroupName="admins")["Users"] == []
    assert [g["GroupName"] for g in idp.list_groups(UserPoolId=POOL)["Groups"]] == ["operations", "finance", "admins"]
    with pytest.raises(idp.exceptions.ResourceNotFoundException, match="Group not found"):
        idp.admin_add_user_to_group(**ANA, GroupName="nobodies")


def test_a_group_of_ones_own_is_made_once(idp: Any, start: Any) -> None:
    """It stands behind the template's, and survives a restart."""
    made = idp.create_group(UserPoolId=POOL, GroupName="logistics", Description="A new department")["Group"]
    assert (made["GroupName"], made["UserPoolId"]) == ("logistics", POOL)
    idp.admin_add_user_to_group(**ANA, GroupName="logistics")
    for name in ("logistics", "finance"):
        with pytest.raises(idp.exceptions.GroupExistsException):
            idp.create_group(UserPoolId=POOL, GroupName=name)
    again = start()
    names = [group["GroupName"] for group in again.call("ListGroups", {"UserPoolId": POOL})["Groups"]]
    assert names == ["operations", "finance", "admins", "logistics"]
    assert [g["GroupName"] for g in again.call("AdminListGroupsForUser", ANA)["Groups"]] == ["finance", "logistics"]


def test_a_users_groups_come_in_pages(idp: Any) -> None:
    """boto3's paginator walks them one by one, and the last page has no token."""
    idp.admin_add_user_to_group(**ANA, GroupName="admins")
    pages = list(idp.get_paginator("admin_list_groups_for_user").paginate(**ANA, PaginationConfig={"PageSize": 1}))
    assert [[group["GroupName"] for group in page["Groups"]] for page in pages] == [["finance"], ["admins"]]
    assert ["NextToken" in page for page in pages] == [True, False]
    assert "NextToken" not in idp.admin_list_groups_for_user(**ANA, Limit=60)


def test_a_users_groups_are_found_by_the_username_of_a_token(idp: Any) -> None:
    """Which is the sub, as the pool's usernames are email addresses."""
    username = idp.admin_get_user(**ANA)["Username"]
    groups = idp.admin_list_groups_for_user(UserPoolId=POOL, Username=username)["Groups"]
    assert [(group["GroupName"], group["UserPoolId"]) for group in groups] == [("finance", POOL)]


def test_groups_of_nobody_are_an_error_by_name(idp: Any) -> None:
    """UserNotFoundException, and ResourceNotFoundException for a pool or a group."""
    nobody = {"UserPoolId": POOL, "Username": "nobody@example.com"}
    with pytest.raises(idp.exceptions.UserNotFoundException, match="User does not exist"):
        idp.admin_list_groups_for_user(**nobody)
    with pytest.raises(idp.exceptions.UserNotFoundException):
        idp.admin_remove_user_from_group(**nobody, GroupName="finance")
    with pytest.raises(idp.exceptions.ResourceNotFoundException, match="Group not found"):
        idp.admin_remove_user_from_group(**ANA, GroupName="nobodies")
    with pytest.raises(idp.exceptions.ResourceNotFoundException, match="User pool us-east-1_none does not exist"):
        idp.admin_list_groups_for_user(UserPoolId="us-east-1_none", Username="ana@example.com")


def test_leaving_a_group_one_is_not_in_changes_nothing(idp: Any) -> None:
    """As on AWS, it is no error."""
    idp.admin_remove_user_from_group(**ANA, GroupName="admins")
    assert [group["GroupName"] for group in idp.admin_list_groups_for_user(**ANA)["Groups"]] == ["finance"]


def test_groups_are_looked_up_while_they_change(served: Any) -> None:
    """By many threads at once: each sees the user before a change or after it."""

    def seen(number: int) -> tuple[str, ...]:
        change = "AdminAddUserToGroup" if number % 2 else "AdminRemoveUserFromGroup"
        served.call(change, ANA | {"GroupName": "admins"})
        return tuple(group["GroupName"] for group in served.call("AdminListGroupsForUser", ANA)["Groups"])

    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(seen, range(400)))
    assert answers <= {("finance",), ("finance", "admins")}


def test_attributes_change_within_the_schema(idp: Any) -> None:
    """A custom attribute of the template is kept; another one is refused."""
    idp.admin_update_user_attributes(**ANA, UserAttributes=[{"Name": "custom:region", "Value": "NE"}])
    assert attributes(idp.admin_get_user(**ANA), "UserAttributes")["custom:region"] == "NE"
    with pytest.raises(idp.exceptions.InvalidParameterException, match="does not exist in the schema"):
        idp.admin_update_user_attributes(**ANA, UserAttributes=[{"Name": "custom:rank", "Value": "1"}])


def test_a_changed_email_is_unverified_and_may_not_be_anothers(idp: Any) -> None:
    """The new address signs in, and AliasExistsException protects other people's."""
    idp.admin_create_user(UserPoolId=POOL, Username="eve@example.com", MessageAction="SUPPRESS")
    with pytest.raises(idp.exceptions.AliasExistsException):
        idp.admin_update_user_attributes(**ANA, UserAttributes=[{"Name": "email", "Value": "eve@example.com"}])
    idp.admin_update_user_attributes(**ANA, UserAttributes=[{"Name": "email", "Value": "anna@example.com"}])
    user = idp.admin_get_user(UserPoolId=POOL, Username="anna@example.com")
    assert attributes(user, "UserAttributes")["email_verified"] == "false"


def test_a_disabled_user_is_out_until_enabled(idp: Any) -> None:
    """Password and refresh token stop working; enabling brings the password back, not the session."""
    tokens = password_auth(idp, "ana@example.com", PASSWORD)["AuthenticationResult"]
    idp.admin_disable_user(**ANA)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="User is disabled"):
        password_auth(idp, "ana@example.com", PASSWORD)
    idp.admin_enable_user(**ANA)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="revoked"):
        idp.get_tokens_from_refresh_token(ClientId="webclient", RefreshToken=tokens["RefreshToken"])
    assert password_auth(idp, "ana@example.com", PASSWORD)["AuthenticationResult"]


def test_a_deleted_user_is_gone_with_everything(idp: Any) -> None:
    """Sign-in fails, tokens fail, and the email is free again."""
    tokens = password_auth(idp, "ana@example.com", PASSWORD)["AuthenticationResult"]
    idp.admin_delete_user(**ANA)
    with pytest.raises(idp.exceptions.UserNotFoundException):
        idp.admin_get_user(**ANA)
    with pytest.raises(idp.exceptions.NotAuthorizedException):
        idp.get_user(AccessToken=tokens["AccessToken"])
    idp.sign_up(ClientId="webclient", Username="ana@example.com", Password=PASSWORD)
    assert idp.admin_list_groups_for_user(**ANA)["Groups"] == []


def test_signing_out_everywhere_ends_every_session(idp: Any) -> None:
    """GlobalSignOut voids access and refresh tokens of all sessions."""
    first, second = (password_auth(idp, "ana@example.com", PASSWORD)["AuthenticationResult"] for _ in range(2))
    assert idp.get_user(AccessToken=second["AccessToken"])["UserAttributes"]
    idp.global_sign_out(AccessToken=first["AccessToken"])
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Access Token has been revoked"):
        idp.get_user(AccessToken=second["AccessToken"])
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Refresh Token has been revoked"):
        idp.get_tokens_from_refresh_token(ClientId="webclient", RefreshToken=second["RefreshToken"])


def test_an_administrator_signs_a_user_out_everywhere(idp: Any) -> None:
    """AdminUserGlobalSignOut voids the tokens of all sessions; the password still opens new ones."""
    tokens = password_auth(idp, "ana@example.com", PASSWORD)["AuthenticationResult"]
    idp.admin_user_global_sign_out(**ANA)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Access Token has been revoked"):
        idp.get_user(AccessToken=tokens["AccessToken"])
    assert password_auth(idp, "ana@example.com", PASSWORD)["AuthenticationResult"]


def test_revoking_takes_refresh_tokens_only(idp: Any) -> None:
    """RevokeToken of an access token is UnsupportedTokenTypeException."""
    tokens = password_auth(idp, "ana@example.com", PASSWORD)["AuthenticationResult"]
    with pytest.raises(idp.exceptions.UnsupportedTokenTypeException):
        idp.revoke_token(ClientId="webclient", Token=tokens["AccessToken"])
    with pytest.raises(idp.exceptions.UnauthorizedException):
        idp.revoke_token(ClientId="rotating", Token=tokens["RefreshToken"])
    idp.revoke_token(ClientId="webclient", Token=tokens["RefreshToken"])
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="revoked"):
        idp.get_user(AccessToken=tokens["AccessToken"])


def test_resetting_a_forgotten_password(idp: Any, mailbox: Any) -> None:
    """The announced code sets the new password once, and ends the old sessions."""
    tokens = password_auth(idp, "ana@example.com", PASSWORD)["AuthenticationResult"]
    idp.forgot_password(ClientId="webclient", Username="ana@example.com")
    reset = {
        "ClientId": "webclient",
        "Username": "ana@example.com",
        "ConfirmationCode": mailbox.code("ana@example.com"),
        "Password": "Better-2016!",
    }
    idp.confirm_forgot_password(**reset)
    assert password_auth(idp, "ana@example.com", "Better-2016!")["AuthenticationResult"]
    with pytest.raises(idp.exceptions.ExpiredCodeException):
        idp.confirm_forgot_password(**reset)
    with pytest.raises(idp.exceptions.NotAuthorizedException):
        idp.get_tokens_from_refresh_token(ClientId="webclient", RefreshToken=tokens["RefreshToken"])


def test_who_exists_is_a_secret(idp: Any, mailbox: Any) -> None:
    """Every answer about nobody equals an answer about somebody."""
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Incorrect username or password"):
        password_auth(idp, "nobody@example.com", PASSWORD)
    sent = idp.forgot_password(ClientId="webclient", Username="nobody@example.com")
    assert sent["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
    nobody = {"ClientId": "webclient", "Username": "nobody@example.com", "ConfirmationCode": "123456"}
    with pytest.raises(idp.exceptions.CodeMismatchException):
        idp.confirm_forgot_password(**nobody, Password=PASSWORD)
    with pytest.raises(idp.exceptions.ExpiredCodeException):
        idp.confirm_sign_up(**nobody)
    idp.resend_confirmation_code(ClientId="webclient", Username="nobody@example.com")
    assert mailbox.lines == []


def test_a_flow_the_client_lacks_is_refused(idp: Any) -> None:
    """InvalidParameterException, for SRP as for a switched-off flow."""
    parameters, refresh = {"USERNAME": "ana@example.com", "PASSWORD": PASSWORD}, {"REFRESH_TOKEN": "x"}
    with pytest.raises(idp.exceptions.InvalidParameterException, match="not enabled for this client"):
        idp.initiate_auth(ClientId="rotating", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=refresh)
    with pytest.raises(idp.exceptions.InvalidParameterException):
        idp.initiate_auth(ClientId="webclient", AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)
    with pytest.raises(idp.exceptions.InvalidParameterException, match="Missing required parameter PASSWORD"):
        idp.initiate_auth(ClientId="webclient", AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "a@b.co"})


def test_a_refresh_token_signs_in(idp: Any) -> None:
    """InitiateAuth with a refresh token, which stays."""
    tokens = password_auth(idp, "ana@example.com", PASSWORD)
    refresh = {"REFRESH_TOKEN": tokens["AuthenticationResult"]["RefreshToken"]}
    fresh = idp.initiate_auth(ClientId="webclient", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=refresh)
    assert fresh["AuthenticationResult"]["IdToken"]
    assert "RefreshToken" not in fresh["AuthenticationResult"]


def test_administrators_set_passwords(idp: Any) -> None:
    """A permanent password works at once; a temporary one asks for another."""
    idp.sign_up(ClientId="webclient", Username="new@example.com", Password=PASSWORD)
    named = {"UserPoolId": POOL, "Username": "new@example.com"}
    idp.admin_set_user_password(**named, Password="Fresh-2017!", Permanent=True)
    assert password_auth(idp, "new@example.com", "Fresh-2017!")["AuthenticationResult"]
    idp.admin_set_user_password(**named, Password="Other-2018!", Permanent=False)
    assert password_auth(idp, "new@example.com", "Other-2018!")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_an_unsigned_call_cannot_administrate(served: Any, endpoint: str) -> None:
    """Administrators' operations want a signature; people's own do not."""
    headers = {"X-Amz-Target": "AWSCognitoIdentityProviderService.AdminDeleteUser"}
    reply = requests.post(endpoint, json=ANA, headers=headers, timeout=10)
    assert reply.status_code == 400
    assert reply.json()["__type"] == "MissingAuthenticationTokenException"


def test_an_operation_that_is_not_emulated_says_so(idp: Any) -> None:
    """No silent success."""
    with pytest.raises(botocore.exceptions.ClientError, match="The laptop does not imitate CreateUserPool"):
        idp.create_user_pool(PoolName="more")


def test_half_a_character_is_refused(served: Any, endpoint: str) -> None:
    """JSON may spell a lone surrogate; no database holds it."""
    headers = {"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"}
    body = '{"ClientId":"webclient","Username":"new@example.com","Password":"Taxi-2015!\\ud800"}'
    reply = requests.post(endpoint, data=body, headers=headers, timeout=10)
    assert reply.json()["__type"] == "InvalidParameterException"
