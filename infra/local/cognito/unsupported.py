"""What the local Cognito does not do, refused at the start: the laptop never promises what AWS would not do.

Used by `config`. A property is honoured, has no meaning on a laptop, or is refused; one that nobody has thought about
yet is refused too.
"""

from collections.abc import Mapping
from typing import Any

Properties = Mapping[str, Any]

DEFAULT_AUTH_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")

_POOL = {
    "AdminCreateUserConfig",
    "AutoVerifiedAttributes",
    "LambdaConfig",
    "MfaConfiguration",
    "Policies",
    "Schema",
    "UserPoolAddOns",
    "UserPoolName",
    "UsernameAttributes",
    "UsernameConfiguration",
}
# Nothing is mailed or billed here, nobody deletes the pool, a code by email is the only way back to an account, and
# people cannot change their own attributes.
_POOL_WITHOUT_MEANING_HERE = {
    "AccountRecoverySetting",
    "DeletionProtection",
    "EmailConfiguration",
    "EnabledMfas",
    "UserAttributeUpdateSettings",
    "UserPoolTags",
    "UserPoolTier",
    "VerificationMessageTemplate",
}
_CLIENT = {
    "AccessTokenValidity",
    "AllowedOAuthFlows",
    "AllowedOAuthFlowsUserPoolClient",
    "AllowedOAuthScopes",
    "AuthSessionValidity",
    "CallbackURLs",
    "ClientName",
    "EnableTokenRevocation",
    "ExplicitAuthFlows",
    "GenerateSecret",
    "IdTokenValidity",
    "LogoutURLs",
    "PreventUserExistenceErrors",
    "ReadAttributes",
    "RefreshTokenRotation",
    "RefreshTokenValidity",
    "SupportedIdentityProviders",
    "TokenValidityUnits",
    "UserPoolId",
    "WriteAttributes",
}


class UnsupportedSetting(ValueError):
    """The template asks for something the local Cognito does not do."""


def flag(value: object) -> bool:
    """A boolean as templates hold them: true, or the text 'true' of a parameter."""
    return str(value).lower() == "true"


def refuse_unsupported_pool(properties: Properties) -> None:
    """Raises `UnsupportedSetting` for what an AWS::Cognito::UserPool asks in vain."""
    _refuse_unknown(properties, _POOL | _POOL_WITHOUT_MEANING_HERE)
    if list(properties.get("UsernameAttributes", ())) != ["email"]:
        raise UnsupportedSetting("UsernameAttributes: only [email] is emulated.")
    if flag(properties.get("UsernameConfiguration", {}).get("CaseSensitive", True)):
        raise UnsupportedSetting("UsernameConfiguration: only CaseSensitive false is emulated; AWS's default is true.")
    if "email" not in properties.get("AutoVerifiedAttributes", ()):
        raise UnsupportedSetting("AutoVerifiedAttributes: without email AWS would mail no code.")
    if str(properties.get("MfaConfiguration", "OFF")).upper() != "OFF":
        raise UnsupportedSetting("MfaConfiguration: a second factor is not emulated, so only OFF.")
    if properties.get("UserPoolAddOns", {}).get("AdvancedSecurityMode", "OFF") != "OFF":
        raise UnsupportedSetting("UserPoolAddOns: threat protection is not emulated.")
    others = sorted(set(properties.get("LambdaConfig", {})) - {"PreSignUp"})
    if others:
        raise UnsupportedSetting(f"LambdaConfig: only PreSignUp is emulated, not {', '.join(others)}.")


def refuse_unsupported_client(properties: Properties) -> None:
    """Raises `UnsupportedSetting` for what an AWS::Cognito::UserPoolClient asks in vain."""
    _refuse_unknown(properties, _CLIENT)
    if flag(properties.get("GenerateSecret", False)):
        raise UnsupportedSetting("GenerateSecret: only public clients (PKCE, no secret) are emulated.")
    if set(properties.get("AllowedOAuthFlows", ())) - {"code"}:
        raise UnsupportedSetting("AllowedOAuthFlows: only the flow 'code' is emulated.")
    if not flag(properties.get("EnableTokenRevocation", True)):
        raise UnsupportedSetting("EnableTokenRevocation: only true is emulated.")
    if list(properties.get("SupportedIdentityProviders", ["COGNITO"])) != ["COGNITO"]:
        raise UnsupportedSetting("SupportedIdentityProviders: signing in through a company's provider is not emulated.")
    flows = properties.get("ExplicitAuthFlows", DEFAULT_AUTH_FLOWS)
    rotating = properties.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED"
    if rotating and "ALLOW_REFRESH_TOKEN_AUTH" in flows:
        raise UnsupportedSetting("RefreshTokenRotation: AWS refuses it together with ALLOW_REFRESH_TOKEN_AUTH.")


def _refuse_unknown(properties: Properties, known: set[str]) -> None:
    unknown = sorted(set(properties) - known)
    if unknown:
        raise UnsupportedSetting(f"{', '.join(unknown)}: not emulated.")
