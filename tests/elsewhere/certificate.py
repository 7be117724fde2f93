"""A certificate for AWS's own addresses, good for this run only: who trusts it meets the imitation there."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """The files of a certificate and its key, in PEM."""

    path: Path
    key: Path


def certificate(folder: Path, region: str) -> Certificate:
    """Writes a self-signed certificate for the services, the APIs and the buckets of a Region."""
    key = ec.generate_private_key(ec.SECP256R1())
    signed = _builder(region).public_key(key.public_key()).sign(key, hashes.SHA256())
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    made.path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


def _builder(region: str) -> x509.CertificateBuilder:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AWS, imitated")])
    now = datetime.datetime.now(datetime.UTC)
    home = f"{region}.amazonaws.com"
    within = [f"*.{service}.{home}" for service in ("ecr", "execute-api", "s3")]
    names = ["*.amazonaws.com", home, f"*.{home}", *within]
    alternatives = [*map(x509.DNSName, names), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
