"""ID and access tokens: the keys that sign them, their claims, and whether one that comes back holds.

One RSA key of a pool signs ID tokens, another access tokens, as on AWS; they are kept in the store, so tokens and the
keys that clients have cached outlive a restart. The claims are those of the Cognito guide's pages on ID and access
tokens.
"""

import base64
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from infra.local.cognito.errors import TokenExpired, TokenInvalid
from infra.local.cognito.pool import SDK_SCOPE, ClientConfig, Pools
from infra.local.cognito.sessions import Session
from infra.local.cognito.store import Clock, Store
from infra.local.cognito.users import Account

ID = "id"
ACCESS = "access"


@dataclass(frozen=True)
class SigningKey:
    """One key pair of a pool, for one use."""

    pool_id: str
    use: str
    kid: str
    private: rsa.RSAPrivateKey

    def jwk(self) -> dict[str, Any]:
        """The public half as a JSON Web Key with AWS's members."""
        numbers = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"alg": "RS256", "e": numbers["e"], "kid": self.kid, "kty": "RSA", "n": numbers["n"], "use": "sig"}


class KeyRing:
    """The keys of all pools, made on first use of a pool."""

    def __init__(self, store: Store, pool_ids: Iterable[str]) -> None:
        keys = [_load_or_create(store, pool_id, use) for pool_id in pool_ids for use in (ID, ACCESS)]
        self._by_use = {(key.pool_id, key.use): key for key in keys}
        self._by_kid = {key.kid: key for key in keys}

    def signing(self, pool_id: str, use: str) -> SigningKey:
        """The key that signs this pool's tokens of that use."""
        return self._by_use[pool_id, use]

    def find(self, kid: object) -> SigningKey | None:
        """The key a token's header names, or None."""
        return self._by_kid.get(str(kid))

    def jwks(self, pool_id: str) -> dict[str, list[dict[str, Any]]]:
        """The pool's public keys."""
        return {"keys": [self.signing(pool_id, use).jwk() for use in (ID, ACCESS)]}


def _load_or_create(store: Store, pool_id: str, use: str) -> SigningKey:
    row = store.row("SELECT kid, pem FROM signing_keys WHERE pool_id = ? AND use = ?", pool_id, use)
    if row:
        return SigningKey(pool_id, use, row["kid"], _parse(row["pem"]))
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key = SigningKey(pool_id, use, _kid(private), private)
    store.run("INSERT INTO signing_keys VALUES (?, ?, ?, ?)", pool_id, use, key.kid, _pem(private))
    return key


def _parse(pem: str) -> rsa.RSAPrivateKey:
    # Skipping the check that the numbers are prime saves 70 ms a key at every start; the file is ours alone.
    private = serialization.load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("The stored signing key is not an RSA key.")
    return private


def _pem(private: rsa.RSAPrivateKey) -> str:
    plain = serialization.NoEncryption()
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return pem.decode()


def _kid(private: rsa.RSAPrivateKey) -> str:
    public = private.public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


Claims = dict[str, Any]

EMAIL_CLAIMS = ("email", "email_verified")
PHONE_CLAIMS = ("phone_number", "phone_number_verified")


class Tokens:
    """Issues and reads the JWTs of all pools; a pool's issuer is `<endpoint_url>/<pool_id>`."""

    def __init__(self, keys: KeyRing, pools: Pools, endpoint_url: str, clock: Clock) -> None:
        self._keys = keys
        self._pools = pools
        self._endpoint_url = endpoint_url.rstrip("/")
        self._clock = clock

    def issuer(self, pool_id: str) -> str:
        """The `iss` of a pool's tokens."""
        return f"{self._endpoint_url}/{pool_id}"

    def id_token(
        self, session: Session, account: Account, client: ClientConfig, groups: Sequence[str], nonce: str | None
    ) -> str:
        """A signed ID token for the session's user; `nonce` is echoed when there is one."""
        claims = visible_attributes(account, session.scopes, client) | self._common(
            session, groups, client.id_token_minutes
        )
        claims |= {"aud": client.client_id, "cognito:username": account.username, "token_use": ID}
        if nonce is not None:
            claims["nonce"] = nonce
        return self._signed(session.pool_id, ID, claims)

    def access_token(self, session: Session, account: Account, client: ClientConfig, groups: Sequence[str]) -> str:
        """A signed access token for the session's user."""
        claims = self._common(session, groups, client.access_token_minutes)
        claims |= {"version": 2, "client_id": client.client_id, "scope": " ".join(session.scopes)}
        claims |= {"username": account.username, "token_use": ACCESS}
        return self._signed(session.pool_id, ACCESS, claims)

    def read_id(self, pool_id: str, token: str) -> Claims:
        """The claims of one of this pool's ID tokens; raises TokenInvalid or TokenExpired."""
        claims = self._read(token, ID)
        pool = self._pools.pool(pool_id)
        if claims["iss"] != self.issuer(pool_id):
            raise TokenInvalid("The token is another pool's.")
        if claims.get("aud") not in {client.client_id for client in pool.clients}:
            raise TokenInvalid("The token is for another application.")
        return claims

    def read_access(self, token: str) -> tuple[str, Claims]:
        """Pool id and claims of an access token; raises TokenInvalid or TokenExpired. Revocation is not looked at."""
        claims = self._read(token, ACCESS)
        return claims["iss"].rpartition("/")[2], claims

    def _common(self, session: Session, groups: Sequence[str], minutes: float) -> Claims:
        now = int(self._clock())
        claims: Claims = {"sub": session.username, "iss": self.issuer(session.pool_id)}
        if groups:
            claims["cognito:groups"] = list(groups)
        claims |= {"origin_jti": session.origin_jti, "event_id": str(uuid.uuid4()), "jti": str(uuid.uuid4())}
        return claims | {"auth_time": session.auth_time, "iat": now, "exp": now + int(minutes * 60)}

    def _signed(self, pool_id: str, use: str, claims: Claims) -> str:
        key = self._keys.signing(pool_id, use)
        return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid, "typ": None})

    def _read(self, token: str, use: str) -> Claims:
        try:
            key = self._keys.find(jwt.get_unverified_header(token).get("kid"))
            if key is None or key.use != use:
                raise TokenInvalid("The token is not signed with a key for this use.")
            claims: Claims = self._verified(token, key.private.public_key(), self.issuer(key.pool_id))
        except jwt.PyJWTError as error:
            raise TokenInvalid(str(error)) from error
        if claims["token_use"] != use:
            raise TokenInvalid("The token is for another use.")
        if claims["exp"] <= self._clock():
            raise TokenExpired("The token has expired.")
        return claims

    def _verified(self, token: str, key: Any, issuer: str) -> Claims:
        # Times are compared with this endpoint's own clock by the caller, the audience by `read_id`.
        options: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
        options |= {"require": ["exp", "iss", "sub", "token_use"]}
        return jwt.decode(token, key, algorithms=["RS256"], issuer=issuer, options=options)


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


def _typed(name: str, value: str) -> str | bool:
    return value == "true" if name.endswith("_verified") else value


def as_text(claims: Mapping[str, Any]) -> dict[str, str]:
    """Claims as `userInfo` writes them: booleans as the texts true and false."""
    return {name: str(value).lower() if value in (True, False) else value for name, value in claims.items()}
