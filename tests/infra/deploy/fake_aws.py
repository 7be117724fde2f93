"""AWS for the tests of the deployment: real clients of boto3, whose calls fakes answer.

botocore checks what is sent and what comes back against the services' models. A service without a fake goes where
`AWS_ENDPOINT_URL` leads; a call that a fake does not know fails the test.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.session
from botocore import xform_name
from botocore.loaders import Loader, create_loader
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from infra.deploy.aws import Aws

REGION = "eu-west-1"
ACCOUNT = "123456789012"
_MODELS: Loader = create_loader()
"""Read once: sessions of their own would read each service's model anew."""

DENIED = (
    "User: arn:aws:iam::123456789012:user/ana is not authorized to perform: {action} on resource: {resource} because "
    "no identity-based policy allows the {action} action"
)


class Refusal(Exception):
    """What a fake answers instead."""

    def __init__(self, code: str, message: str = "No.", status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


def denied(action: str, resource: str = "*") -> Refusal:
    """As IAM says no."""
    return Refusal("AccessDenied", DENIED.format(action=action, resource=resource), 403)


@dataclass
class FakeAws:
    """`services` answers by name, `refusals` first, by service and operation; `calls` is what was asked."""

    services: dict[str, Any]
    refusals: dict[tuple[str, str], BaseException] = field(default_factory=dict)
    calls: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def aws(self) -> Aws:
        """What the program is given."""
        core = botocore.session.get_session()
        core.register_component("data_loader", _MODELS)
        session = boto3.Session("ASIAEXAMPLE", "secret", region_name=REGION, botocore_session=core)
        session.events.register("before-parameter-build", self._note)
        session.events.register("before-call", self._answer)
        return Aws(session)

    def asked(self, service: str, operation: str) -> list[Mapping[str, Any]]:
        """The parameters of each call of an operation."""
        return [params for one, method, params in self.calls if (one, method) == (service, operation)]

    def _note(self, params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: Any) -> None:
        context["fake"] = (model.service_model.service_name, xform_name(model.name), params)
        self.calls.append(context["fake"])

    def _answer(self, model: OperationModel, context: dict[str, Any], **_: Any) -> Any:
        service, method, params = context["fake"]
        try:
            if (service, method) in self.refusals:
                raise self.refusals[service, method]
            if service not in self.services:
                return None
            answer = getattr(self.services[service], method)(**params) or {}
        except Refusal as refusal:
            error = {"Code": refusal.code, "Message": refusal.message}
            return SimpleNamespace(status_code=refusal.status), {"Error": error, "ResponseMetadata": {}}
        _require_valid(answer, model)
        return SimpleNamespace(status_code=200), {**answer, "ResponseMetadata": {}}


def _require_valid(answer: Mapping[str, Any], model: OperationModel) -> None:
    """A fake that answers what the service never would is a mistake in the test.

    Empty lists AWS answers even where its model wants an element.
    """
    full = {name: value for name, value in answer.items() if value != []}
    report = ParamValidator().validate(full, model.output_shape) if model.output_shape else None
    assert report is None or not report.has_errors(), f"{model.name}: {report.generate_report()}"


class FakeSts:
    """Every set of credentials is of one account."""

    def get_caller_identity(self) -> dict[str, Any]:
        return {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/ana", "UserId": "AIDAEXAMPLE"}


@dataclass
class FakeRedshift:
    """The clusters of a Region: name to status and address."""

    clusters: dict[str, tuple[str, str]]

    def describe_clusters(self, ClusterIdentifier: str) -> dict[str, Any]:  # noqa: N803
        if ClusterIdentifier not in self.clusters:
            raise Refusal("ClusterNotFound", f"Cluster {ClusterIdentifier} not found.", 404)
        status, address = self.clusters[ClusterIdentifier]
        return {"Clusters": [{"ClusterStatus": status, "Endpoint": {"Address": address, "Port": 5439}}]}


@dataclass
class FakeServerless:
    """The workgroups of a Region: name to id."""

    workgroups: dict[str, str]

    def get_workgroup(self, workgroupName: str) -> dict[str, Any]:  # noqa: N803
        if workgroupName not in self.workgroups:
            raise Refusal("ResourceNotFoundException", f"The workgroup {workgroupName} was not found.")
        return {"workgroup": {"status": "AVAILABLE", "workgroupId": self.workgroups[workgroupName]}}


@dataclass
class FakeCertificates:
    """The certificates of a Region: ARN to status and names."""

    certificates: dict[str, tuple[str, list[str]]]

    def describe_certificate(self, CertificateArn: str) -> dict[str, Any]:  # noqa: N803
        if CertificateArn not in self.certificates:
            raise Refusal("ResourceNotFoundException", "Could not find certificate.")
        status, names = self.certificates[CertificateArn]
        return {"Certificate": {"Status": status, "DomainName": names[0], "SubjectAlternativeNames": names}}


class FakeEc2:
    """The one list that is looked for."""

    def describe_managed_prefix_lists(self, Filters: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert Filters == [
            {"Name": "prefix-list-name", "Values": ["com.amazonaws.global.cloudfront.origin-facing"]},
        ]
        return {"PrefixLists": [{"PrefixListId": "pl-4fa04526"}]}


class FakeEcr:
    """A repository of some images."""

    def __init__(self, *digests: str) -> None:
        self.digests = list(digests)
        self.tags: set[str] = set()

    def list_images(self, **_: Any) -> dict[str, Any]:
        return {"imageIds": [{"imageDigest": digest} for digest in self.digests]}

    def describe_images(self, repositoryName: str, imageIds: list[dict[str, str]], **_: Any) -> dict[str, Any]:  # noqa: N803
        if imageIds[0]["imageTag"] not in self.tags:
            raise Refusal("ImageNotFoundException", f"The image does not exist within the repository {repositoryName}.")
        return {"imageDetails": [{"imageTags": [imageIds[0]["imageTag"]]}]}

    def batch_delete_image(self, imageIds: list[dict[str, str]], **_: Any) -> dict[str, Any]:  # noqa: N803
        self.digests = [digest for digest in self.digests if {"imageDigest": digest} not in imageIds]
        return {"imageIds": imageIds, "failures": []}


@dataclass
class FakePools:
    """User pools: id to whether they are protected."""

    pools: dict[str, bool]

    def describe_user_pool(self, UserPoolId: str) -> dict[str, Any]:  # noqa: N803
        if UserPoolId not in self.pools:
            raise Refusal("ResourceNotFoundException", f"User pool {UserPoolId} does not exist.")
        return {"UserPool": {"Id": UserPoolId}}

    def update_user_pool(self, UserPoolId: str, DeletionProtection: str) -> None:  # noqa: N803
        self.pools[UserPoolId] = DeletionProtection == "ACTIVE"

    def delete_user_pool(self, UserPoolId: str) -> None:  # noqa: N803
        if self.pools[UserPoolId]:
            raise Refusal(
                "InvalidParameterException", "The user pool cannot be deleted because deletion protection is on."
            )
        del self.pools[UserPoolId]


@dataclass
class FakeTables:
    """DynamoDB's tables."""

    tables: set[str]

    def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803
        if TableName not in self.tables:
            raise Refusal("ResourceNotFoundException", f"Requested resource not found: Table: {TableName} not found")
        return {"Table": {"TableName": TableName}}

    def delete_table(self, TableName: str) -> None:  # noqa: N803
        self.tables.remove(TableName)


@dataclass
class FakeRoles:
    """IAM's roles."""

    roles: set[str]

    def get_role(self, RoleName: str) -> dict[str, Any]:  # noqa: N803
        if RoleName not in self.roles:
            raise Refusal("NoSuchEntity", f"The role with name {RoleName} cannot be found.", 404)
        made = datetime.datetime(2026, 11, 27, tzinfo=datetime.UTC)
        arn = f"arn:aws:iam::{ACCOUNT}:role/{RoleName}"
        return {
            "Role": {"Path": "/", "RoleName": RoleName, "RoleId": "AROAEXAMPLEEXAMPLE", "Arn": arn, "CreateDate": made}
        }


@dataclass
class FakeSecrets:
    """The ARNs of a Region's secrets."""

    secrets: set[str]

    def describe_secret(self, SecretId: str) -> dict[str, Any]:  # noqa: N803
        if SecretId not in self.secrets:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        return {"ARN": SecretId}
