"""The laptop's Amazon Cognito: the user pool with its JSON API, OAuth endpoints and sign-in pages.

The runtime builds the pool from the template (`PoolConfig.from_properties`) and one `Cognito`; the edge routes
`AWSCognitoIdentityProviderService.*` to `Cognito.call` and mounts the blueprint of `hosted_pages`.
"""

from infra.local.cognito.errors import TokenExpired, TokenInvalid
from infra.local.cognito.hosted_ui.pages import hosted_pages
from infra.local.cognito.pool import ClientConfig, PasswordPolicy, PoolConfig, UnsupportedSetting
from infra.local.cognito.service import Cognito

__all__ = [
    "ClientConfig",
    "Cognito",
    "PasswordPolicy",
    "PoolConfig",
    "TokenExpired",
    "TokenInvalid",
    "UnsupportedSetting",
    "hosted_pages",
]
