"""ID and access tokens: the keys that sign them, their claims, and whether one that comes back holds.

One RSA key signs ID tokens, another access tokens, as on AWS; they are kept in the store, so tokens and the keys that
clients have cached outlive a restart. The claims are those of the Cognito guide's pages on ID and access tokens.
"""

import base64
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from infra.local.cognito.errors import TokenExpired, TokenInvalid
from infra.local.cognito.pool import SDK_SCOPE, ClientConfig, PoolConfig
from infra.local.cognito.sessions import Session
from infra.local.cognito.store import Clock, Store
from infra.local.cognito.users import Account

Claims = dict[str, Any]

ID = "id"
ACCESS = "access"
EMAIL_CLAIMS = ("email", "email_verified")
PHONE_CLAIMS = ("phone_number", "phone_number_verified")


class Tokens:
    """Issues and reads the pool's JWTs; their issuer is `<endpoint_url>/<pool_id>`."""

    def __init__(self, store: Store, pool: PoolConfig, endpoint_url: str, clock: Clock) -> None:
        self._keys = {use: _load_or_create(store, use) for use in (ID, ACCESS)}
        self._clients = [client.client_id for client in pool.clients]
        self._clock = clock
        self.issuer = f"{endpoint_url}/{pool.pool_id}"

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public keys."""
        return {"keys": [key.jwk() for key in self._keys.values()]}

    def id_token(
        self, session: Session, account: Account, client: ClientConfig, groups: Sequence[str], nonce: str | None
    ) -> str:
        """A signed ID token for the session's user; `nonce` is echoed when there is one."""
        claims = visible_attributes(account, session.scopes, client)
        claims |= self._common(session, groups, client.id_token_minutes)
        claims |= {"aud": client.client_id, "cognito:username": account.username, "token_use": ID}
        if nonce is not None:
            claims["nonce"] = nonce
        return self._signed(ID, claims)

    def access_token(self, session: Session, account: Account, client: ClientConfig, groups: Sequence[str]) -> str:
        """A signed access token for the session's user."""
        claims = self._common(session, groups, client.access_token_minutes)
        claims |= {"version": 2, "client_id": client.client_id, "scope": " ".join(session.scopes)}
        claims |= {"username": account.username, "token_use": ACCESS}
        return self._signed(ACCESS, claims)

    def read_id(self, token: str) -> Claims:
        """The claims of an ID token; raises TokenInvalid or TokenExpired."""
        claims = self._read(token, ID)
        if claims.get("aud") not in self._clients:
            raise TokenInvalid("The token is for another application.")
        return claims

    def read_access(self, token: str) -> Claims:
        """The claims of an access token; raises TokenInvalid or TokenExpired. Revocation is not looked at."""
        return self._read(token, ACCESS)

    def _common(self, session: Session, groups: Sequence[str], minutes: float) -> Claims:
        now = int(self._clock())
        claims: Claims = {"sub": session.username, "iss": self.issuer}
        if groups:
            claims["cognito:groups"] = list(groups)
        claims |= {"origin_jti": session.origin_jti, "event_id": str(uuid.uuid4()), "jti": str(uuid.uuid4())}
        return claims | {"auth_time": session.auth_time, "iat": now, "exp": now + int(minutes * 60)}

    def _signed(self, use: str, claims: Claims) -> str:
        key = self._keys[use]
        return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid, "typ": None})

    def _read(self, token: str, use: str) -> Claims:
        key = self._keys[use]
        # Times are compared with this endpoint's own clock below, the audience by `read_id`.
        options: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
        options |= {"require": ["exp", "iss", "sub", "token_use"]}
        try:
            if jwt.get_unverified_header(token).get("kid") != key.kid:
                raise TokenInvalid("The token is not signed with a key for this use.")
            public = key.private.public_key()
            claims: Claims = jwt.decode(token, public, algorithms=["RS256"], issuer=self.issuer, options=options)
        except jwt.PyJWTError as error:
            raise TokenInvalid(str(error)) from error
        if claims["token_use"] != use:
            raise TokenInvalid("The token is for another use.")
        if claims["exp"] <= self._clock():
            raise TokenExpired("The token has expired.")
        return claims


def visible_attributes(account: Account, scopes: Sequence[str], client: ClientConfig) -> Claims:
    """The attributes that the client reads and these scopes open, as ID-token claims: `*_verified` are booleans there.

    `profile`, the SDK's scope, or `openid` alone open all; `email` and `phone` only their own.
    """
    asked = set(scopes)
    shown = {name: _typed(name, value) for name, value in account.attributes.items() if client.reads(name)}
    if asked & {"profile", SDK_SCOPE} or not asked & {"email", "phone"}:
        return shown
    names = [*(EMAIL_CLAIMS if "email" in asked else ()), *(PHONE_CLAIMS if "phone" in asked else ())]
    return {name: shown[name] for name in names if name in shown}


def as_text(claims: Mapping[str, Any]) -> dict[str, str]:
    """Claims as `userInfo` writes them: booleans as the texts true and false."""
    return {name: str(value).lower() if value in (True, False) else value for name, value in claims.items()}


def _typed(name: str, value: str) -> str | bool:
    return value == "true" if name.endswith("_verified") else value


@dataclass(frozen=True)
class SigningKey:
    """A key pair and the id under which tokens name it."""

    kid: str
    private: rsa.RSAPrivateKey

    def jwk(self) -> dict[str, Any]:
        """The public half as a JSON Web Key with AWS's members."""
        numbers = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"alg": "RS256", "e": numbers["e"], "kid": self.kid, "kty": "RSA", "n": numbers["n"], "use": "sig"}


def _load_or_create(store: Store, use: str) -> SigningKey:
    row = store.row("SELECT kid, pem FROM signing_keys WHERE use = ?", use)
    if row:
        return SigningKey(row["kid"], _parse(row["pem"]))
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain, pkcs8 = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
    pem = private.private_bytes(serialization.Encoding.PEM, pkcs8, plain).decode()
    key = SigningKey(base64.b64encode(secrets.token_bytes(32)).decode(), private)
    store.run("INSERT INTO signing_keys VALUES (?, ?, ?)", use, key.kid, pem)
    return key


def _parse(pem: str) -> rsa.RSAPrivateKey:
    # Skipping the check that the numbers are prime saves 70 ms a key at every start; the file is ours alone.
    private = serialization.load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("The stored signing key is not an RSA key.")
    return private
