"""What the parameters say about places: whatever names a Region has to name the one that is deployed to.

Used by `parameters`. Else a stack would fail half an hour later, and say less clearly why.
"""

import re
from collections.abc import Iterator, Mapping

GLOBAL = "us-east-1"
"""Where CloudFront looks for what is global."""

_CLUSTER = re.compile(r"[^.]+\.[^.]+\.(?P<region>[a-z0-9-]+)\.redshift\.")
_ARN = re.compile(r"arn:[^:]+:[^:]+:(?P<region>[a-z0-9-]+):")
_GLOBAL_ACL = re.compile(r"arn:[^:]+:wafv2:[^:]+:[0-9]+:global/")
_PLACED = (
    ("cognito", "OidcClientSecretArn", _ARN),
    ("backend", "RedshiftClusterEndpoint", _CLUSTER),
    ("backend", "SetupSecretArn", _ARN),
    ("webapp", "CertificateArn", _ARN),
    ("webapp", "WebAclArn", _ARN),
)


def misplaced(region: str, given: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """A sentence for each parameter of a stack that names another Region."""
    for stack, name, form in _PLACED:
        value = given[stack].get(name, "")
        found = form.match(value)
        wanted = GLOBAL if _GLOBAL_ACL.match(value) else region
        if found and found["region"] != wanted:
            yield f"[{stack}] {name} is in {found['region']}, and has to be in {wanted}, the Region of [deploy] region."
    yield from _acl(given["webapp"])


def _acl(webapp: Mapping[str, str]) -> Iterator[str]:
    """With a domain the load balancer has it, without one CloudFront."""
    arn, domain = webapp.get("WebAclArn", ""), webapp.get("DomainName", "")
    if arn and bool(_GLOBAL_ACL.match(arn)) == bool(domain):
        kind, beside = ("regional", "with") if domain else ("global", "without")
        yield f"[webapp] WebAclArn is to be a {kind} one {beside} a DomainName."
