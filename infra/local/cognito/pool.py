"""What the user pool and its clients are set to, read from the resolved properties of the CloudFormation template.

The runtime calls `PoolConfig.from_properties` and `ClientConfig.from_properties`; everything else in this package reads
the frozen results. A property is honoured, has no meaning on a laptop, or is refused at the start: the laptop never
promises what AWS would not do. One that nobody has thought about yet is refused too.
Source: the CloudFormation types AWS::Cognito::UserPool, UserPoolClient and UserPoolGroup.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.local.cognito.errors import not_found

Properties = Mapping[str, Any]

SDK_SCOPE = "aws.cognito.signin.user.admin"
UNIT_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
DEFAULT_AUTH_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# OpenID Connect's standard claims; everything else in a pool's schema is `custom:`.
STANDARD_ATTRIBUTES = _names("""
    address birthdate email email_verified family_name gender given_name locale middle_name name nickname phone_number
    phone_number_verified picture preferred_username profile updated_at website zoneinfo
""")

_POOL = _names("""
    AdminCreateUserConfig AutoVerifiedAttributes LambdaConfig MfaConfiguration Policies Schema UserPoolAddOns
    UserPoolName UsernameAttributes UsernameConfiguration
""")
# Nothing is mailed or billed here, nobody deletes the pool, a code by email is the only way back to an account, and
# people cannot change their own attributes.
_POOL_WITHOUT_MEANING_HERE = _names("""
    AccountRecoverySetting DeletionProtection EmailConfiguration EnabledMfas UserAttributeUpdateSettings UserPoolTags
    UserPoolTier VerificationMessageTemplate
""")
_CLIENT = _names("""
    AccessTokenValidity AllowedOAuthFlows AllowedOAuthFlowsUserPoolClient AllowedOAuthScopes CallbackURLs ClientName
    EnableTokenRevocation ExplicitAuthFlows GenerateSecret IdTokenValidity LogoutURLs PreventUserExistenceErrors
    ReadAttributes RefreshTokenRotation RefreshTokenValidity SupportedIdentityProviders TokenValidityUnits UserPoolId
    WriteAttributes
""")


class UnsupportedSetting(ValueError):
    """The template asks for something the local Cognito does not do."""


@dataclass(frozen=True)
class PasswordPolicy:
    """What a password must contain; AWS's defaults when a pool states no policy."""

    minimum_length: int = 8
    require_uppercase: bool = True
    require_lowercase: bool = True
    require_numbers: bool = True
    require_symbols: bool = True
    temporary_password_days: int = 7

    @classmethod
    def from_properties(cls, policy: Properties | None) -> "PasswordPolicy":
        """The `PasswordPolicy` of a pool's `Policies`; a switch that a given policy omits is off."""
        if policy is None:
            return cls()
        return cls(
            minimum_length=int(policy.get("MinimumLength", 8)),
            require_uppercase=_flag(policy.get("RequireUppercase", False)),
            require_lowercase=_flag(policy.get("RequireLowercase", False)),
            require_numbers=_flag(policy.get("RequireNumbers", False)),
            require_symbols=_flag(policy.get("RequireSymbols", False)),
            temporary_password_days=int(policy.get("TemporaryPasswordValidityDays", 7)),
        )


@dataclass(frozen=True)
class ClientConfig:
    """One application of the pool: a public client (no secret) with the code flow, which tells nobody who exists.

    `read_attributes` of None are all there are; by default it writes the standard ones, as AWS's reference says.
    """

    client_id: str
    name: str
    callback_urls: tuple[str, ...] = ()
    logout_urls: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    explicit_auth_flows: tuple[str, ...] = DEFAULT_AUTH_FLOWS
    access_token_minutes: float = 60
    id_token_minutes: float = 60
    refresh_token_days: float = 30
    rotation_enabled: bool = False
    rotation_grace_seconds: int = 0
    read_attributes: frozenset[str] | None = None
    write_attributes: frozenset[str] = STANDARD_ATTRIBUTES

    @classmethod
    def from_properties(cls, client_id: str, properties: Properties) -> "ClientConfig":
        """The client that the resolved properties of an AWS::Cognito::UserPoolClient describe.

        Raises UnsupportedSetting where AWS would refuse them too, or where the laptop cannot follow.
        """
        _refuse_unsupported_client(properties)
        rotation = properties.get("RefreshTokenRotation", {})
        return cls(
            client_id=client_id,
            name=str(properties.get("ClientName", client_id)),
            callback_urls=tuple(properties.get("CallbackURLs", ())),
            logout_urls=tuple(properties.get("LogoutURLs", ())),
            scopes=tuple(properties.get("AllowedOAuthScopes", ())),
            explicit_auth_flows=tuple(properties.get("ExplicitAuthFlows", DEFAULT_AUTH_FLOWS)),
            access_token_minutes=_validity(properties, "AccessToken", 1, "hours") / 60,
            id_token_minutes=_validity(properties, "IdToken", 1, "hours") / 60,
            refresh_token_days=_validity(properties, "RefreshToken", 30, "days") / 86400,
            rotation_enabled=rotation.get("Feature") == "ENABLED",
            rotation_grace_seconds=int(rotation.get("RetryGracePeriodSeconds", 0)),
            read_attributes=frozenset(properties["ReadAttributes"]) if "ReadAttributes" in properties else None,
            write_attributes=frozenset(properties.get("WriteAttributes", STANDARD_ATTRIBUTES)),
        )

    def allows(self, flow: str) -> bool:
        """Whether an `AuthFlow` such as USER_PASSWORD_AUTH is switched on."""
        return f"ALLOW_{flow}" in self.explicit_auth_flows

    def reads(self, attribute: str) -> bool:
        """Whether the application may know this user attribute."""
        return self.read_attributes is None or attribute in self.read_attributes


@dataclass(frozen=True)
class PoolConfig:
    """The user pool, whose users sign in by email; `pre_sign_up`: the ARN of the function asked before each new one."""

    pool_id: str
    name: str
    clients: tuple[ClientConfig, ...] = ()
    groups: tuple[str, ...] = ()
    password_policy: PasswordPolicy = PasswordPolicy()
    allow_sign_up: bool = True
    custom_attributes: tuple[str, ...] = ()
    pre_sign_up: str | None = None

    @classmethod
    def from_properties(
        cls,
        pool_id: str,
        properties: Properties,
        *,
        clients: Sequence[ClientConfig] = (),
        groups: Sequence[Properties] = (),
    ) -> "PoolConfig":
        """The pool of an AWS::Cognito::UserPool's resolved properties; `groups` are those of its UserPoolGroups."""
        _refuse_unsupported_pool(properties)
        admin_only = properties.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly", False)
        attributes = [one["Name"] for one in properties.get("Schema", ()) if one["Name"] not in STANDARD_ATTRIBUTES]
        return cls(
            pool_id=pool_id,
            name=str(properties.get("UserPoolName", pool_id)),
            clients=tuple(clients),
            groups=tuple(group["GroupName"] for group in groups),
            password_policy=PasswordPolicy.from_properties(properties.get("Policies", {}).get("PasswordPolicy")),
            allow_sign_up=not _flag(admin_only),
            custom_attributes=tuple(f"custom:{name.removeprefix('custom:')}" for name in attributes),
            pre_sign_up=properties.get("LambdaConfig", {}).get("PreSignUp"),
        )

    def client(self, client_id: str) -> ClientConfig:
        """The application, or ResourceNotFoundException."""
        for client in self.clients:
            if client.client_id == client_id:
                return client
        raise not_found(f"User pool client {client_id} does not exist.")


def _flag(value: object) -> bool:
    """A boolean as templates hold them: true, or the text 'true' of a parameter."""
    return str(value).lower() == "true"


def _validity(properties: Properties, token: str, default: int, default_unit: str) -> float:
    """A token's lifetime in seconds; the API's default units are hours, and days for refresh tokens."""
    units = properties.get("TokenValidityUnits", {})
    if f"{token}Validity" not in properties:
        return default * UNIT_SECONDS[default_unit]
    return float(properties[f"{token}Validity"]) * UNIT_SECONDS[units.get(token, default_unit)]


def _refuse_unsupported_pool(properties: Properties) -> None:
    """Raises `UnsupportedSetting` for what an AWS::Cognito::UserPool asks in vain."""
    _refuse_unknown(properties, _POOL | _POOL_WITHOUT_MEANING_HERE)
    case_sensitive = properties.get("UsernameConfiguration", {}).get("CaseSensitive", True)
    add_ons = properties.get("UserPoolAddOns", {}).get("AdvancedSecurityMode", "OFF")
    others = ", ".join(sorted(set(properties.get("LambdaConfig", {})) - {"PreSignUp"}))
    if list(properties.get("UsernameAttributes", ())) != ["email"]:
        raise UnsupportedSetting("UsernameAttributes: only [email] is emulated.")
    if _flag(case_sensitive):
        raise UnsupportedSetting("UsernameConfiguration: only CaseSensitive false is emulated; AWS's default is true.")
    if "email" not in properties.get("AutoVerifiedAttributes", ()):
        raise UnsupportedSetting("AutoVerifiedAttributes: without email AWS would mail no code.")
    if str(properties.get("MfaConfiguration", "OFF")).upper() != "OFF":
        raise UnsupportedSetting("MfaConfiguration: a second factor is not emulated, so only OFF.")
    if add_ons != "OFF":
        raise UnsupportedSetting("UserPoolAddOns: threat protection is not emulated.")
    if others:
        raise UnsupportedSetting(f"LambdaConfig: only PreSignUp is emulated, not {others}.")


def _refuse_unsupported_client(properties: Properties) -> None:
    """Raises `UnsupportedSetting` for what an AWS::Cognito::UserPoolClient asks in vain."""
    _refuse_unknown(properties, _CLIENT)
    if _flag(properties.get("GenerateSecret", False)):
        raise UnsupportedSetting("GenerateSecret: only public clients (PKCE, no secret) are emulated.")
    if not _flag(properties.get("AllowedOAuthFlowsUserPoolClient", False)):
        raise UnsupportedSetting("AllowedOAuthFlowsUserPoolClient: only true is emulated; AWS's default is false.")
    if set(properties.get("AllowedOAuthFlows", ())) - {"code"}:
        raise UnsupportedSetting("AllowedOAuthFlows: only the flow 'code' is emulated.")
    if properties.get("PreventUserExistenceErrors") != "ENABLED":
        raise UnsupportedSetting("PreventUserExistenceErrors: only ENABLED is emulated, which tells nobody who exists.")
    if not _flag(properties.get("EnableTokenRevocation", True)):
        raise UnsupportedSetting("EnableTokenRevocation: only true is emulated.")
    if list(properties.get("SupportedIdentityProviders", ["COGNITO"])) != ["COGNITO"]:
        raise UnsupportedSetting("SupportedIdentityProviders: signing in through a company's provider is not emulated.")
    flows = properties.get("ExplicitAuthFlows", DEFAULT_AUTH_FLOWS)
    rotating = properties.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED"
    if rotating and "ALLOW_REFRESH_TOKEN_AUTH" in flows:
        raise UnsupportedSetting("RefreshTokenRotation: AWS refuses it together with ALLOW_REFRESH_TOKEN_AUTH.")


def _refuse_unknown(properties: Properties, known: frozenset[str]) -> None:
    unknown = sorted(set(properties) - known)
    if unknown:
        raise UnsupportedSetting(f"{', '.join(unknown)}: not emulated.")
