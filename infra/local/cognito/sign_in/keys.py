"""The RSA keys of each pool: one signs ID tokens, another access tokens, as on AWS. Used by `tokens` and the JWKS page.

They are kept in the store, so tokens and the keys that clients have cached outlive a restart.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from infra.local.cognito.store import Store

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
