"""What a user pool and its clients are set to, read from the resolved properties of the CloudFormation template.

The runtime calls `PoolConfig.from_properties` and `ClientConfig.from_properties`; everything else in this package reads
the frozen results. What this emulation does not honour, `unsupported` refuses.
Source: the CloudFormation types AWS::Cognito::UserPool, UserPoolClient and UserPoolGroup.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from infra.local.cognito.unsupported import (
    DEFAULT_AUTH_FLOWS,
    Properties,
    flag,
    refuse_unsupported_client,
    refuse_unsupported_pool,
)

SDK_SCOPE = "aws.cognito.signin.user.admin"
UNIT_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}

# OpenID Connect's standard claims; everything else in a pool's schema is `custom:`.
STANDARD_ATTRIBUTES = frozenset(
    {
        "address",
        "birthdate",
        "email",
        "email_verified",
        "family_name",
        "gender",
        "given_name",
        "locale",
        "middle_name",
        "name",
        "nickname",
        "phone_number",
        "phone_number_verified",
        "picture",
        "preferred_username",
        "profile",
        "updated_at",
        "website",
        "zoneinfo",
    }
)


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
            require_uppercase=flag(policy.get("RequireUppercase", False)),
            require_lowercase=flag(policy.get("RequireLowercase", False)),
            require_numbers=flag(policy.get("RequireNumbers", False)),
            require_symbols=flag(policy.get("RequireSymbols", False)),
            temporary_password_days=int(policy.get("TemporaryPasswordValidityDays", 7)),
        )


@dataclass(frozen=True)
class ClientConfig:
    """One application of a pool: a public client (no secret) with the code flow.

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
    oauth_enabled: bool = False
    prevent_user_existence_errors: bool = False
    auth_session_minutes: int = 3
    read_attributes: frozenset[str] | None = None
    write_attributes: frozenset[str] = STANDARD_ATTRIBUTES

    @classmethod
    def from_properties(cls, client_id: str, properties: Properties) -> "ClientConfig":
        """The client that the resolved properties of an AWS::Cognito::UserPoolClient describe.

        Raises UnsupportedSetting where AWS would refuse them too, or where the laptop cannot follow.
        """
        refuse_unsupported_client(properties)
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
            oauth_enabled=flag(properties.get("AllowedOAuthFlowsUserPoolClient", False)),
            prevent_user_existence_errors=properties.get("PreventUserExistenceErrors") == "ENABLED",
            auth_session_minutes=int(properties.get("AuthSessionValidity", 3)),
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
    """One user pool whose users sign in by email; `pre_sign_up`: the ARN of the function asked before each new one."""

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
        refuse_unsupported_pool(properties)
        admin_only = properties.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly", False)
        return cls(
            pool_id=pool_id,
            name=str(properties.get("UserPoolName", pool_id)),
            clients=tuple(clients),
            groups=tuple(group["GroupName"] for group in groups),
            password_policy=PasswordPolicy.from_properties(properties.get("Policies", {}).get("PasswordPolicy")),
            allow_sign_up=not flag(admin_only),
            custom_attributes=tuple(f"custom:{a['Name'].removeprefix('custom:')}" for a in _custom(properties)),
            pre_sign_up=properties.get("LambdaConfig", {}).get("PreSignUp"),
        )


def _custom(properties: Properties) -> list[Properties]:
    """The schema's attributes that are not OpenID Connect's."""
    return [attribute for attribute in properties.get("Schema", ()) if attribute["Name"] not in STANDARD_ATTRIBUTES]


def _validity(properties: Properties, token: str, default: int, default_unit: str) -> float:
    """A token's lifetime in seconds; the API's default units are hours, and days for refresh tokens."""
    units = properties.get("TokenValidityUnits", {})
    if f"{token}Validity" not in properties:
        return default * UNIT_SECONDS[default_unit]
    return float(properties[f"{token}Validity"]) * UNIT_SECONDS[units.get(token, default_unit)]
