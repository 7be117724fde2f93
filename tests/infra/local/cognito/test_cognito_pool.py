"""Pools and clients as the template describes them."""

from pathlib import Path
from typing import Any

import pytest

from infra.local.cloudformation.stack import Stack
from infra.local.cognito import ClientConfig, PasswordPolicy, PoolConfig, UnsupportedSetting

POOL = {
    "UserPoolName": "people",
    "UsernameAttributes": ["email"],
    "UsernameConfiguration": {"CaseSensitive": False},
    "AutoVerifiedAttributes": ["email"],
}
CLIENT = {
    "ClientName": "dashboard",
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid", "email"],
    "CallbackURLs": ["http://localhost:8050/auth/callback"],
    "LogoutURLs": ["http://localhost:8050/"],
    "PreventUserExistenceErrors": "ENABLED",
}


def test_a_client_reads_its_addresses_and_scopes() -> None:
    """Callback and logout addresses and scopes are the template's."""
    client = ClientConfig.from_properties("abc", CLIENT)
    assert client.callback_urls == ("http://localhost:8050/auth/callback",)
    assert client.logout_urls == ("http://localhost:8050/",)
    assert client.scopes == ("openid", "email")


def test_lifetimes_have_the_apis_default_units() -> None:
    """Without units, ID and access tokens count in hours and refresh tokens in days."""
    given = {"AccessTokenValidity": 2, "IdTokenValidity": 3, "RefreshTokenValidity": 7}
    client = ClientConfig.from_properties("abc", CLIENT | given)
    assert (client.access_token_minutes, client.id_token_minutes, client.refresh_token_days) == (120, 180, 7)


def test_lifetimes_follow_their_units() -> None:
    """TokenValidityUnits turn the same numbers into minutes, seconds and hours."""
    units = {"AccessToken": "minutes", "IdToken": "seconds", "RefreshToken": "hours"}
    given = {"AccessTokenValidity": 5, "IdTokenValidity": 300, "RefreshTokenValidity": 12, "TokenValidityUnits": units}
    client = ClientConfig.from_properties("abc", CLIENT | given)
    assert (client.access_token_minutes, client.id_token_minutes, client.refresh_token_days) == (5, 5, 0.5)


def test_lifetimes_default_to_an_hour_and_thirty_days() -> None:
    """What AWS uses when the template is silent, whatever units it states."""
    client = ClientConfig.from_properties("abc", CLIENT | {"TokenValidityUnits": {"AccessToken": "minutes"}})
    assert (client.access_token_minutes, client.id_token_minutes, client.refresh_token_days) == (60, 60, 30)


def test_rotation_is_read() -> None:
    """Feature and grace period of RefreshTokenRotation."""
    given = {
        "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 20},
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    }
    client = ClientConfig.from_properties("abc", CLIENT | given)
    assert (client.rotation_enabled, client.rotation_grace_seconds) == (True, 20)


@pytest.mark.parametrize(
    "setting",
    [
        {"GenerateSecret": True},
        {"GenerateSecret": "true"},
        {"AllowedOAuthFlows": ["implicit"]},
        {"EnableTokenRevocation": False},
        {"AllowedOAuthFlowsUserPoolClient": False},
        {"PreventUserExistenceErrors": "LEGACY"},
        {"AuthSessionValidity": 5},
        {"SupportedIdentityProviders": ["COGNITO", "Company"]},
        {"SupportedIdentityProviders": ["Company"]},
        {"AnalyticsConfiguration": {}},
        {"RefreshTokenRotation": {"Feature": "ENABLED"}, "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"]},
    ],
)
def test_a_client_setting_that_is_not_emulated_is_refused(setting: dict[str, Any]) -> None:
    """The laptop does not pretend."""
    with pytest.raises(UnsupportedSetting):
        ClientConfig.from_properties("abc", CLIENT | setting)


@pytest.mark.parametrize("name", ["PreventUserExistenceErrors", "AllowedOAuthFlowsUserPoolClient"])
def test_a_default_of_awss_that_is_not_emulated_is_refused(name: str) -> None:
    """A client without the setting would tell who exists, or have no pages."""
    with pytest.raises(UnsupportedSetting, match=name):
        ClientConfig.from_properties("abc", {key: value for key, value in CLIENT.items() if key != name})


@pytest.mark.parametrize(
    "setting",
    [
        {"UsernameAttributes": ["phone_number"]},
        {"UsernameConfiguration": {"CaseSensitive": True}},
        {"UsernameConfiguration": {}},
        {"AutoVerifiedAttributes": []},
        {"MfaConfiguration": "ON"},
        {"MfaConfiguration": "OPTIONAL"},
        {"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}},
        {"LambdaConfig": {"PreSignUp": "arn:f", "PostConfirmation": "arn:g"}},
        {"DeviceConfiguration": {}},
    ],
)
def test_a_pool_setting_that_is_not_emulated_is_refused(setting: dict[str, Any]) -> None:
    """The laptop does not pretend."""
    with pytest.raises(UnsupportedSetting):
        PoolConfig.from_properties("p_1", POOL | setting)


def test_a_pool_reads_policy_groups_and_custom_attributes() -> None:
    """A policy's omitted switches are off; a schema's own attributes get their prefix."""
    given = {
        "Policies": {"PasswordPolicy": {"MinimumLength": 12, "RequireNumbers": "true"}},
        "Schema": [{"Name": "email", "Required": True}, {"Name": "region", "AttributeDataType": "String"}],
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": "true"},
    }
    pool = PoolConfig.from_properties("p_1", POOL | given, groups=[{"GroupName": "finance"}])
    assert pool.password_policy == PasswordPolicy(12, False, False, True, False)
    assert pool.groups == ("finance",)
    assert pool.custom_attributes == ("custom:region",)
    assert not pool.allow_sign_up


def test_a_pool_reads_the_function_before_sign_up() -> None:
    """By its ARN; a pool without triggers has none."""
    arn = "arn:aws:lambda:us-east-1:000000000000:function:Check"
    assert PoolConfig.from_properties("p_1", POOL | {"LambdaConfig": {"PreSignUp": arn}}).pre_sign_up == arn
    assert PoolConfig.from_properties("p_1", POOL | {"LambdaConfig": {}}).pre_sign_up is None


def test_a_client_reads_which_attributes_are_its_own() -> None:
    """Without lists it reads everything and writes what is OpenID Connect's."""
    client = ClientConfig.from_properties("abc", CLIENT)
    assert client.reads("custom:region")
    assert "email" in client.write_attributes
    assert "custom:region" not in client.write_attributes
    given = {"ReadAttributes": ["email", "custom:region"], "WriteAttributes": ["email"]}
    client = ClientConfig.from_properties("abc", CLIENT | given)
    assert [name for name in ("email", "name", "custom:region") if client.reads(name)] == ["email", "custom:region"]
    assert client.write_attributes == {"email"}


def test_a_pool_without_a_policy_has_awss_default() -> None:
    """Eight characters of every kind."""
    assert PoolConfig.from_properties("p_1", POOL).password_policy == PasswordPolicy(8, True, True, True, True)


def test_the_shipped_template_is_emulated() -> None:
    """Everything `infra/cognito-setup.yaml` asks for, the laptop does."""
    stack = Stack.read(Path("infra/cognito-setup.yaml"), {"DomainPrefix": "pushboard"})
    [pool] = stack.resources("AWS::Cognito::UserPool")
    [client] = stack.resources("AWS::Cognito::UserPoolClient")
    groups = [resource.properties for resource in stack.resources("AWS::Cognito::UserPoolGroup")]
    config = PoolConfig.from_properties(
        "p_1", pool.properties, clients=[ClientConfig.from_properties("abc", client.properties)], groups=groups
    )
    assert {"operations", "finance", "admins"} <= set(config.groups)
    assert config.clients[0].allows("USER_PASSWORD_AUTH")
