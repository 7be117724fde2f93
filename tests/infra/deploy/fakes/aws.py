"""AWS for the tests of the deployment: real clients of boto3, whose calls fakes answer.

botocore checks what is sent and what comes back against the services' models. A service without a fake goes where
`AWS_ENDPOINT_URL` leads, and nowhere without it; a call that a fake does not know fails the test.
"""

import datetime
import io
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

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

    def __init__(self, code: str, message: str = "No.", status: int = 400, **headers: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def denied(action: str, resource: str = "*") -> Refusal:
    """As IAM says no."""
    return Refusal("AccessDenied", DENIED.format(action=action, resource=resource), 403)


@dataclass
class FakeAws:
    """`services` answers by name, `answers` and `refusals` before it, by service and operation.

    `calls` is what was asked. When `interrupts` says so of the last call, which is answered and done, the program is
    interrupted.
    """

    services: dict[str, Any]
    answers: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    refusals: dict[tuple[str, str], BaseException] = field(default_factory=dict)
    calls: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    interrupts: Callable[[int, str], bool] = lambda number, method: False

    def aws(self) -> Aws:
        """What the program is given; another fake's clients answer no more from now on."""
        line = _line(os.environ.get("AWS_ENDPOINT_URL", ""), os.environ.get("AWS_MAX_ATTEMPTS", ""))
        line.fake = self
        return line.aws

    def asked(self, service: str, operation: str) -> list[Mapping[str, Any]]:
        """The parameters of each call of an operation."""
        return [params for one, method, params in self.calls if (one, method) == (service, operation)]

    def note(self, params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: Any) -> None:
        context["fake"] = (model.service_model.service_name, xform_name(model.name), params)
        self.calls.append(context["fake"])

    def answer(self, model: OperationModel, context: dict[str, Any], **_: Any) -> Any:
        service, method, params = context["fake"]
        try:
            if (service, method) in self.refusals:
                raise self.refusals[service, method]
            if (service, method) not in self.answers and service not in self.services:
                assert os.environ.get("AWS_ENDPOINT_URL"), f"nobody answers for {service}"
                return None
            answer = self.answers.get((service, method)) or self._of_service(service, method, params)
        except Refusal as refusal:
            error = {"Code": refusal.code, "Message": refusal.message}
            metadata = {"HTTPHeaders": refusal.headers}
            return SimpleNamespace(status_code=refusal.status), {"Error": error, "ResponseMetadata": metadata}
        _require_valid(answer, model)
        return SimpleNamespace(status_code=200), {**answer, "ResponseMetadata": {}}

    def end(self) -> None:
        """A call was answered, and what it asked for is done."""
        if self.interrupts(len(self.calls), self.calls[-1][1]):
            raise KeyboardInterrupt

    def _of_service(self, service: str, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] | None = getattr(self.services[service], method)(**params)
        return answer or {}


class Line:
    """Clients of boto3, made once for many tests, and the fake that answers them now. A closed client opens again."""

    def __init__(self) -> None:
        self.fake = FakeAws({})
        core = botocore.session.get_session()
        core.register_component("data_loader", _MODELS)
        session = boto3.Session("ASIAEXAMPLE", "secret", region_name=REGION, botocore_session=core)
        session.events.register("before-parameter-build", lambda **event: self.fake.note(**event))
        session.events.register("before-call", lambda **event: self.fake.answer(**event))
        session.events.register("after-call", lambda **_: self.fake.end())
        self.aws = Aws(session)


@cache
def _line(_endpoint: str, _attempts: str) -> Line:
    """One for each place that the environment leads to, since a client reads it when it is made."""
    return Line()


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


WAREHOUSE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/warehouse"
NAMESPACE_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:redshift!taxis-admin-AbCdEf"


def trust(*services: str, **more: Any) -> dict[str, Any]:
    """A policy by which services may assume a role."""
    statement = {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


@dataclass
class FakeRedshift:
    """The clusters of a Region: name to status and address. All have these roles and this administrator."""

    clusters: dict[str, tuple[str, str]]
    roles: dict[str, str] = field(default_factory=lambda: {WAREHOUSE_ROLE: "in-sync"})
    default_role: str = WAREHOUSE_ROLE
    administrator: str = "awsuser"

    def describe_clusters(self, ClusterIdentifier: str) -> dict[str, Any]:  # noqa: N803
        if ClusterIdentifier not in self.clusters:
            raise Refusal("ClusterNotFound", f"Cluster {ClusterIdentifier} not found.", 404)
        status, address = self.clusters[ClusterIdentifier]
        cluster = {
            "ClusterStatus": status,
            "Endpoint": {"Address": address, "Port": 5439},
            "MasterUsername": self.administrator,
            "IamRoles": [{"IamRoleArn": role, "ApplyStatus": status} for role, status in self.roles.items()],
        }
        return {"Clusters": [cluster | ({"DefaultIamRoleArn": self.default_role} if self.default_role else {})]}


@dataclass
class FakeServerless:
    """The workgroups of a Region: name to id. All are of one namespace, which tells its roles as Redshift does."""

    workgroups: dict[str, str]
    roles: dict[str, str] = field(default_factory=lambda: {WAREHOUSE_ROLE: "in-sync"})
    default_role: str = WAREHOUSE_ROLE
    secret: str = ""

    def get_workgroup(self, workgroupName: str) -> dict[str, Any]:  # noqa: N803
        if workgroupName not in self.workgroups:
            raise Refusal("ResourceNotFoundException", f"The workgroup {workgroupName} was not found.")
        workgroup = {"workgroupName": workgroupName, "workgroupId": self.workgroups[workgroupName]}
        return {"workgroup": {**workgroup, "status": "AVAILABLE", "namespaceName": "taxi-namespace"}}

    def get_namespace(self, namespaceName: str) -> dict[str, Any]:  # noqa: N803
        roles = [f"IamRole(applyStatus={status}, iamRoleArn={role})" for role, status in self.roles.items()]
        namespace = {"namespaceName": namespaceName, "adminUsername": "admin", "iamRoles": roles}
        optional = {"defaultIamRoleArn": self.default_role, "adminPasswordSecretArn": self.secret}
        return {"namespace": namespace | {name: value for name, value in optional.items() if value}}


@dataclass
class FakeCertificates:
    """The certificates of a Region: ARN to status and names. `end` is when they expire."""

    certificates: dict[str, tuple[str, list[str]]]
    end: datetime.datetime = datetime.datetime(2199, 1, 1, tzinfo=datetime.UTC)

    def describe_certificate(self, CertificateArn: str) -> dict[str, Any]:  # noqa: N803
        if CertificateArn not in self.certificates:
            raise Refusal("ResourceNotFoundException", "Could not find certificate.")
        status, names = self.certificates[CertificateArn]
        certificate = {"Status": status, "DomainName": names[0], "SubjectAlternativeNames": names}
        return {"Certificate": certificate | ({} if status == "PENDING_VALIDATION" else {"NotAfter": self.end})}


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
    """User pools: id to whether they are protected. `domains` are the prefixes that are taken, each with its pool."""

    pools: dict[str, bool]
    domains: dict[str, str] = field(default_factory=dict)

    def describe_user_pool_domain(self, Domain: str) -> dict[str, Any]:  # noqa: N803
        found = self.domains.get(Domain)
        return {"DomainDescription": {"Domain": Domain, "UserPoolId": found, "Status": "ACTIVE"} if found else {}}

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
    """IAM's roles, and whom those of the warehouse trust."""

    roles: set[str]
    trust: dict[str, Any] = field(
        default_factory=lambda: trust("redshift.amazonaws.com", "redshift-serverless.amazonaws.com")
    )

    def get_role(self, RoleName: str) -> dict[str, Any]:  # noqa: N803
        if RoleName not in self.roles:
            raise Refusal("NoSuchEntity", f"The role with name {RoleName} cannot be found.", 404)
        made = datetime.datetime(2026, 11, 27, tzinfo=datetime.UTC)
        arn = f"arn:aws:iam::{ACCOUNT}:role/{RoleName}"
        role = {"Path": "/", "RoleName": RoleName, "RoleId": "AROAEXAMPLEEXAMPLE", "Arn": arn, "CreateDate": made}
        return {"Role": role | {"AssumeRolePolicyDocument": quote(json.dumps(self.trust))}}


@dataclass
class FakeSecrets:
    """The ARNs of a Region's secrets."""

    secrets: set[str]

    def describe_secret(self, SecretId: str) -> dict[str, Any]:  # noqa: N803
        if SecretId not in self.secrets:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        return {"ARN": SecretId}


@dataclass
class FakeLambda:
    """An account whose functions may run so many at once. Of these one loads the trips: what it answers, one after the
    other, and what it was told.
    """

    free: int = 1000
    answers: list[dict[str, Any]] = field(default_factory=lambda: [{"state": "loaded", "trips": 1000}])
    error: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": self.free}}

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "pushboard-backend-LoadRedshiftFunction-1A2B"
        self.events.append(json.loads(Payload))
        said = self.answers.pop(0) if self.answers else {"state": "unchanged", "trips": 1000}
        answer = {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(said).encode())}
        return answer | ({"FunctionError": "Unhandled"} if self.error else {})


@dataclass
class FakeQuotas:
    """What Service Quotas lists, by service and name."""

    quotas: dict[tuple[str, str], float] = field(default_factory=dict)

    def list_service_quotas(self, ServiceCode: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        listed = [(name, value) for (service, name), value in self.quotas.items() if service == ServiceCode]
        return {"Quotas": [{"QuotaName": name, "QuotaCode": "L-3032A538", "Value": value} for name, value in listed]}


@dataclass
class FakeParameters:
    """Systems Manager's parameters, by name."""

    names: set[str] = field(default_factory=set)

    def get_parameters(self, Names: list[str]) -> dict[str, Any]:  # noqa: N803
        found = [name for name in Names if name in self.names]
        return {"Parameters": [{"Name": name, "Type": "String", "Value": "wss://..."} for name in found]}
