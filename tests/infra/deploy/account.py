"""An account that can be deployed to: what its stacks have in them and put out, and the program that is run on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.__main__ import World, main
from infra.deploy.artifacts.artifacts import Makers
from infra.deploy.artifacts.package import Package
from infra.deploy.parameters import parameters
from infra.deploy.parameters.parameters import Settings
from infra.deploy.stacks.polling import Polling
from tests.infra.deploy.fakes import aws as fake_aws
from tests.infra.deploy.fakes.aws import ACCOUNT, REGION, FakeAws
from tests.infra.deploy.fakes.cloudformation import FakeCloudFormation, Thing
from tests.infra.deploy.fakes.s3 import FakeS3

BUCKET, LOGS, EXPORTS = "pushboard-artifacts-bucket", "pushboard-webapp-logs", "pushboard-backend-exports"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/pushboard-artifacts-repository:abc"
URL = "https://d111111abcdef8.cloudfront.net"
POOL = f"{REGION}_abc"
FILE = """
[deploy]
region = "eu-west-1"
[cognito]
DomainPrefix = "dashboards-example"
[backend]
RedshiftClusterEndpoint = "taxi.abc.eu-west-1.redshift.amazonaws.com:5439/dev"
"""

THINGS = {
    "pushboard-artifacts": [
        Thing("Bucket", "AWS::S3::Bucket", BUCKET),
        Thing("Repository", "AWS::ECR::Repository", "pushboard-artifacts-repository"),
    ],
    "pushboard-cognito": [
        Thing("UserPool", "AWS::Cognito::UserPool", POOL, retained=True),
        Thing("UserPoolDomain", "AWS::Cognito::UserPoolDomain", "dashboards-example"),
    ],
    "pushboard-backend": [
        Thing("AuditTable", "AWS::DynamoDB::Table", "pushboard-backend-audit", retained=True),
        Thing("ClientConnectionsTable", "AWS::DynamoDB::Table", "client_connections"),
        Thing("WebSocketEndpoint", "AWS::SSM::Parameter", "REDSHIFT_WSS_ENDPOINT"),
        Thing("RestApiEndpoint", "AWS::SSM::Parameter", "REDSHIFT_REST_API_ENDPOINT"),
        Thing("ApiGatewayLogsRole", "AWS::IAM::Role", "pushboard-backend-logs", retained=True),
        Thing("ExportsBucket", "AWS::S3::Bucket", EXPORTS),
        Thing("SetupRedshift", "Custom::RedshiftSetup"),
    ],
    "pushboard-webapp": [
        Thing("AccessLogsBucket", "AWS::S3::Bucket", LOGS),
        Thing("Service", "AWS::ECS::Service"),
    ],
}
OUTPUTS = {
    "pushboard-artifacts": {
        "BucketName": BUCKET,
        "RepositoryName": "pushboard-artifacts-repository",
        "RepositoryUri": IMAGE.partition(":")[0],
        "BuildProjectName": "pushboard-artifacts-image",
    },
    "pushboard-cognito": {
        "UserPoolArn": f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{POOL}",
        "UserPoolId": POOL,
        "UserPoolClientId": "client",
        "UserPoolDomainUrl": f"https://dashboards-example.auth.{REGION}.amazoncognito.com",
    },
    "pushboard-backend": {
        "AlarmTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms",
        "DashboardUrl": "https://console/dashboard",
        "LoadFunctionName": "pushboard-backend-LoadRedshiftFunction-1A2B",
    },
    "pushboard-webapp": {"Url": URL, "LoadBalancerDnsName": "lb.example.com"},
}


def services() -> dict[str, Any]:
    """An account with everything that a deployment needs, and of ours only buckets, which are empty."""
    return {
        "acm": fake_aws.FakeCertificates({}),
        "cloudformation": FakeCloudFormation(THINGS, OUTPUTS),
        "cognito-idp": fake_aws.FakePools({POOL: True}),
        "dynamodb": fake_aws.FakeTables({"pushboard-backend-audit"}),
        "ec2": fake_aws.FakeEc2(),
        "ecr": fake_aws.FakeEcr("sha256:" + "0" * 64),
        "iam": fake_aws.FakeRoles({"pushboard-backend-logs", "warehouse"}),
        "lambda": fake_aws.FakeLambda(),
        "redshift": fake_aws.FakeRedshift({"taxi": ("available", "taxi.abc.eu-west-1.redshift.amazonaws.com")}),
        "redshift-serverless": fake_aws.FakeServerless({"taxis": "0" * 36}),
        "s3": FakeS3(dict.fromkeys((BUCKET, EXPORTS, LOGS), REGION)),
        "secretsmanager": fake_aws.FakeSecrets(set()),
        "service-quotas": fake_aws.FakeQuotas(),
        "ssm": fake_aws.FakeParameters(),
        "sts": fake_aws.FakeSts(),
    }


@dataclass
class FakeTime:
    """Passes while somebody sleeps."""

    now: float = 0.0
    meanwhile: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.meanwhile()

    def polling(self, seconds: float = 3600) -> Polling:
        """That of somebody who lives in this time."""
        return Polling(seconds, 5, lambda: self.now, self.sleep)


@dataclass
class Program:
    """`python -m infra.deploy` on this account. `typed` is what the person at the terminal answers."""

    fake: FakeAws
    folder: Path
    capsys: pytest.CaptureFixture[str]
    typed: Callable[[str], str] = lambda question: "pushboard"
    built: list[str] = field(default_factory=list)
    found: Callable[[], None] = lambda: None
    image: Callable[..., str] | None = None
    code: Callable[..., Package] | None = None
    docker: bool = True
    meanwhile: Callable[[], None] = lambda: None

    @property
    def file(self) -> Path:
        """The parameters file."""
        return self.folder / "deploy.toml"

    @property
    def cloudformation(self) -> FakeCloudFormation:
        """Its stacks."""
        return self.fake.services["cloudformation"]  # type: ignore[no-any-return]

    def settings(self) -> Settings:
        """What the file says."""
        return parameters.read(self.file)

    def parameters(self, stack: str) -> dict[str, str]:
        """What the stack was last given."""
        (found,) = [one for one in self.cloudformation.stacks.values() if one.name == stack and one.parameters]
        return found.parameters

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code, and what was said to whom it concerns and about what went wrong."""
        world = World(
            lambda settings: self.fake.aws(),
            lambda question: self.typed(question),
            Makers(self.image or self._image, self.code or self._code, lambda: self.found(), lambda: self.docker),
            FakeTime(0.0, lambda: self.meanwhile()).polling(),
        )
        status = main([*arguments, "--parameters", str(self.file)], world)
        said = self.capsys.readouterr()
        return status, said.out, said.err.strip()

    def _image(self, *_: Any) -> str:
        self.built.append("image")
        return IMAGE

    def _code(self, repo: Path, out: Path) -> Package:
        self.built.append("code")
        path = self.folder / "lambda.zip"
        path.write_bytes(b"zip")
        return Package(path, "5ha", "lambdas/5ha.zip", has_bytecode=True)
