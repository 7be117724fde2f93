"""The imitated account, and everything deployed into it by `infra.deploy`, as `make deploy` does.

The zip is made for this machine, by the code that makes it for Lambda. There is no image: nothing would run it.
"""

import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from infra.deploy.artifacts.artifacts import Makers
from infra.deploy.artifacts.package import THIS_MACHINE, lambda_zip
from infra.deploy.aws import Aws
from infra.deploy.deploying import Deployment
from infra.deploy.parameters import parameters
from infra.deploy.parameters.parameters import Settings
from infra.deploy.stacks.polling import Polling
from tests.elsewhere.certificate import certificate
from tests.elsewhere.emulator import REPO, Emulator
from tests.elsewhere.proxy import Proxy
from tests.elsewhere.warehouse import Bucket, Warehouse

REGION, ACCOUNT = "eu-west-1", "111122223333"
NAME, CLUSTER = "elsewhere", "taxi"
ROWS = 20_000
PARAMETERS = f"""
[deploy]
name = "{NAME}"
region = "{REGION}"
account = "{ACCOUNT}"
sample_rows = {ROWS}

[cognito]
DomainPrefix = "dashboards-elsewhere"
SelfSignUp = "true"
AllowedEmailDomains = "example.com"

[backend]
RedshiftClusterEndpoint = "{CLUSTER}.local.{REGION}.redshift.amazonaws.com:5439/dev"
RedshiftUnloadRoleArn = "stack"
RedshiftCopyRoleArn = "stack"
QuickSeconds = 0
"""
_ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{NAME}:none"


class Cloud:
    """The account. `environment` is what every program needs that is to find it at AWS's addresses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        trusted = certificate(folder, REGION)
        own = {"MINISTACK_HOST": f"{REGION}.amazonaws.com", "MINISTACK_REGION": REGION, "MINISTACK_ACCOUNT_ID": ACCOUNT}
        self.emulator = Emulator(folder, trusted, own)
        self.proxy = Proxy(self.emulator.port)
        ca, proxy = str(trusted.path), self.proxy.url
        # Of some of these a program looks for the small name first, and somebody's own must not count.
        self.environment = {
            **_ROOT,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "HTTPS_PROXY": proxy,
            "https_proxy": proxy,
            "NO_PROXY": "",
            "no_proxy": "",
            "AWS_CA_BUNDLE": ca,
            "REQUESTS_CA_BUNDLE": ca,
            "SSL_CERT_FILE": ca,
        }
        self.said: list[str] = []
        self.package = lambda_zip(REPO, folder, THIS_MACHINE)  # now: pip is not to be led to the imitation

    def start(self) -> None:
        """Starts it with an empty account; `environment` is set already."""
        files = self.folder / "warehouse"
        files.mkdir()
        self.warehouse = Warehouse(files, CLUSTER, REGION, ACCOUNT, self.client, Bucket(self._warehouse_s3, files))
        self.emulator.start(self.environment | {"WAREHOUSE_URL": self.warehouse.url})

    def stop(self) -> None:
        """Ends everything that was started."""
        self.emulator.stop()
        self.warehouse.close()
        self.proxy.close()

    def deploy(self) -> None:
        """What `make deploy` does, but for the check of the reports, which `make check` makes."""
        settings = self.settings()
        makers = Makers(image=lambda *_: _IMAGE, code=lambda *_: self.package, check=lambda: None)
        Deployment(Aws.of(settings), settings, self.said.append, makers, Polling(seconds=120, every=0.1)).run()

    def attach_role(self) -> None:
        """Does what the deployment ends with telling: the role that the stack made becomes the warehouse's."""
        role = self.outputs("backend")["WarehouseRoleArn"]
        assert any("modify-cluster-iam-roles" in line and role in line for line in self.said), "it was not told"
        self.warehouse.attach(role)

    def settings(self) -> Settings:
        """What is deployed: the least that can be said, and that every end of a statement is told by its event."""
        file = self.folder / "deploy.toml"
        file.write_text(PARAMETERS, encoding="utf-8")
        return parameters.read(file)

    @functools.cache  # noqa: B019 (there is one, to the end of the run)
    def client(self, service: str) -> Any:
        """A client of a service, as the account's root."""
        return self.session().client(service)

    def session(self, credentials: Mapping[str, str] | None = None) -> Any:
        """A session by credentials as STS gives them; the account's root without."""
        given = credentials or {"AccessKeyId": "test", "SecretAccessKey": "test"}
        return boto3.Session(
            given["AccessKeyId"], given["SecretAccessKey"], given.get("SessionToken"), region_name=REGION
        )

    def outputs(self, stack: str) -> Mapping[str, str]:
        """The outputs of a stack."""
        (found,) = self.client("cloudformation").describe_stacks(StackName=f"{NAME}-{stack}")["Stacks"]
        return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}

    def resources(self, stack: str) -> dict[str, Mapping[str, Any]]:
        """What a stack is made of, by logical id."""
        pages = (
            self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=f"{NAME}-{stack}")
        )
        return {one["LogicalResourceId"]: one for page in pages for one in page["StackResourceSummaries"]}

    def physical(self, stack: str, name: str) -> str:
        """The physical id of a stack's resource."""
        return str(self.resources(stack)[name]["PhysicalResourceId"])

    def assumed_by_redshift(self, user: str) -> Mapping[str, str]:
        """Credentials of the role that the stack made for the warehouse, as Redshift takes them for a database user.

        Source: Amazon Redshift Management Guide, "Restricting access to IAM roles": the user is the external id.
        """
        roles = self.client("iam").list_roles()["Roles"]
        (role,) = [one["Arn"] for one in roles if f"{NAME}-backend-WarehouseRole" in one["RoleName"]]
        external_id = f"arn:aws:redshift:{REGION}:{ACCOUNT}:dbuser:{CLUSTER}/{user}"
        assumed = self.client("sts").assume_role(RoleArn=role, RoleSessionName="redshift", ExternalId=external_id)
        credentials: Mapping[str, str] = assumed["Credentials"]
        return credentials

    @functools.cache  # noqa: B019
    def _warehouse_s3(self) -> Any:
        return self.session(self.assumed_by_redshift("pushboard_reader")).client("s3")
