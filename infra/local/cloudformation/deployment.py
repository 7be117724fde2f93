"""Both templates with this laptop's parameters: what `make run` deploys. Used by `runtime`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.cloudformation.stack import Stack
from infra.local.cloudformation.stack_resources import Function, StackResources, UserPool
from infra.local.cloudformation.template import resources_of

BUCKET = "pushboard"
DATA_BUCKET = "pushboard-data"
SETUP_PREFIX = "sql/setup/"
LOAD_PREFIX = "sql/load/"
REPORTS_PREFIX = "sql/reports/"
JOBS_PREFIX = "sql/jobs/"
SETUP_USER = "awsuser"
CLUSTER = {
    "RedshiftClusterEndpoint": "pushboard.local.us-east-1.redshift.amazonaws.com:5439/dev",
    "SetupDbUsername": SETUP_USER,
}
"""The warehouse unless another is named: a provisioned cluster, by the parameters of `backend-setup.yaml`."""


@dataclass(frozen=True)
class Installation:
    """Where everything is. `var` survives restarts; `repo` has `infra/` and `sql/`.

    `sign_in` are parameters of `cognito-setup.yaml`; unless they say otherwise, on a laptop anyone may make an account.
    `backend` are those of `backend-setup.yaml` that do not follow from the rest: which warehouse it is.
    """

    var: Path
    repo: Path
    port: int
    app_url: str
    sign_in: Mapping[str, str] = field(default_factory=dict)
    backend: Mapping[str, str] = field(default_factory=lambda: CLUSTER)

    @property
    def endpoint_url(self) -> str:
        """The one endpoint."""
        return f"http://localhost:{self.port}"


@dataclass(frozen=True)
class Stacks:
    """Both templates, deployed here."""

    sign_in: StackResources
    backend: StackResources

    @property
    def pool(self) -> UserPool:
        """The one user pool."""
        return self.sign_in.user_pools[0]

    @property
    def functions(self) -> Mapping[str, Function]:
        """The functions of both."""
        return {**self.sign_in.functions, **self.backend.functions}

    @property
    def client_id(self) -> str:
        """The dashboard's client of the pool."""
        return next(iter(self.pool.clients))


def deploy(installation: Installation, digest: str, sample_path: str, jobs_path: str = "") -> Stacks:
    """Reads both templates with this laptop's parameters; jobs find their files under `jobs_path`."""
    return Stacks(*map(resources_of, read(installation, digest, sample_path, jobs_path)))


def read(
    installation: Installation, digest: str = "", sample_path: str = "", jobs_path: str = ""
) -> tuple[Stack, Stack]:
    """The stacks of the sign-in and of the backend, whatever of them is wired here or not."""
    infra = installation.repo / "infra"
    given = {"AppUrl": installation.app_url, "DomainPrefix": "pushboard", "SelfSignUp": "true", **installation.sign_in}
    sign_in = Stack.read(infra / "cognito-setup.yaml", given)
    given = {
        "RevokePublicCreate": "true",  # nobody else uses this warehouse, in which PUBLIC could create nothing anyway
        **installation.backend,
        "DDLScriptS3Path": f"s3://{BUCKET}/{SETUP_PREFIX}",
        "QueryScriptS3Path": f"s3://{BUCKET}/{REPORTS_PREFIX}",
        "JobScriptS3Path": f"s3://{BUCKET}/{JOBS_PREFIX}",
        "JobsDataS3Path": jobs_path,
        "DDLScriptsDigest": digest,
        "LoadScriptS3Path": f"s3://{BUCKET}/{LOAD_PREFIX}trips.sql",
        "SampleDataS3Path": sample_path,
        "UserPoolARN": sign_in.output("UserPoolArn"),
        "UserPoolClientId": sign_in.output("UserPoolClientId"),
    }
    return sign_in, Stack.read(infra / "backend-setup.yaml", given)
