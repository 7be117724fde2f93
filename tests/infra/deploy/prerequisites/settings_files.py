"""Parameters files that more than one test of the checks begins with."""

from tests.infra.deploy.account import FILE
from tests.infra.deploy.fakes.aws import NAMESPACE_SECRET

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/c"
DOMAIN = f"""
[webapp]
DomainName = "dashboards.example.com"
CertificateArn = "{CERTIFICATE}"
"""
SERVERLESS = f"""
[deploy]
region = "eu-west-1"
[cognito]
DomainPrefix = "dashboards-example"
[backend]
RedshiftWorkgroupName = "taxis"
RedshiftWorkgroupId = "{"0" * 36}"
SetupSecretArn = "{NAMESPACE_SECRET}"
"""


def with_backend(line: str, text: str = FILE) -> str:
    """The file with one more parameter of the backend."""
    return text.replace("[backend]\n", f"[backend]\n{line}\n")


def with_deploy(line: str, text: str = FILE) -> str:
    """The file with one more setting of [deploy]."""
    return text.replace("[cognito]", f"{line}\n[cognito]")
