"""The certificate of the dashboard's domain: issued, of the name, and not expired. Used by `checks`."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from infra.deploy.prerequisites.check import Check, Target, answer


def findings(target: Target) -> Iterator[str]:
    """What keeps the load balancer from using it."""
    settings = target.settings
    arn, domain = (settings.value("webapp", name) for name in ("CertificateArn", "DomainName"))
    described = answer(target.client("acm").describe_certificate, "ResourceNotFoundException", CertificateArn=arn)
    certificate = described.get("Certificate")
    request = settings.command("acm", "request-certificate", "--domain-name", domain, "--validation-method", "DNS")
    if certificate is None:
        yield f"There is no certificate {arn}: request one by {request} and write its ARN into [webapp] CertificateArn."
        return
    expired = _expired(certificate)
    if expired:
        yield (
            f"The certificate of {domain} has expired ({expired:%Y-%m-%d}): renew it or request one by {request} and "
            "write its ARN into [webapp] CertificateArn."
        )
    elif certificate["Status"] != "ISSUED":
        yield f"The certificate of {domain} is {certificate['Status']}: have it issued first."
    names = {certificate["DomainName"], *certificate.get("SubjectAlternativeNames", ())}
    if not {domain, f"*.{domain.partition('.')[2]}"} & names:
        yield f"The certificate is for {', '.join(sorted(names))}, not for {domain}: take another, or another name."


def _expired(certificate: Mapping[str, Any]) -> datetime.datetime | None:
    """When it expired. ACM may take a day to say EXPIRED itself, and does not renew what was imported."""
    end: datetime.datetime | None = certificate.get("NotAfter")
    over = certificate["Status"] == "EXPIRED" or (end is not None and end <= datetime.datetime.now(datetime.UTC))
    return end if over else None


CHECK = Check(
    "the certificate is issued, has not expired, and is for [webapp] DomainName (acm:DescribeCertificate)",
    findings,
    lambda settings: bool(settings.value("webapp", "CertificateArn")),
)
