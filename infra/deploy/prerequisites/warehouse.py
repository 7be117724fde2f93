"""The warehouse as Redshift describes it: a provisioned cluster, or a Serverless workgroup with its namespace.

Source: Amazon Redshift API reference, "Cluster"; Redshift Serverless API reference, "Workgroup" and "Namespace".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.aws import Aws
from infra.deploy.errors import code
from infra.deploy.parameters.parameters import Settings

IN_SYNC = "in-sync"
"""The status of a role that the warehouse can use."""

_SERVERLESS_ROLE = re.compile(r"(?:IamRole\(applyStatus=(?P<status>[\w-]+), iamRoleArn=)?(?P<arn>arn:[^)]+)\)?")
"""A namespace tells each role as a text with its status in it, and some as the ARN alone."""


@dataclass(frozen=True)
class Warehouse:
    """`name` is the cluster's identifier or the namespace's name, `roles` the status of each attached role by its ARN.

    `trusted` are the services of which one has to be allowed to assume a role of it. `secret` is the ARN of the secret
    that Redshift made for the administrator, empty where it made none. `attach_words` begin the AWS CLI's command
    that attaches roles.
    """

    shown: str
    name: str
    status: str
    is_available: bool
    administrator: str
    roles: Mapping[str, str]
    default_role: str
    trusted: tuple[str, ...]
    address: str = ""
    workgroup_id: str = ""
    secret: str = ""
    attach_words: tuple[str, ...] = field(default=())


def read(aws: Aws, settings: Settings) -> Warehouse | None:
    """The warehouse that the settings name; None if there is none of that name."""
    endpoint = settings.value("backend", "RedshiftClusterEndpoint")
    try:
        if endpoint:
            name = endpoint.partition(".")[0]
            return _cluster(name, aws.client("redshift").describe_clusters(ClusterIdentifier=name)["Clusters"][0])
        client = aws.client("redshift-serverless")
        workgroup = client.get_workgroup(workgroupName=settings.value("backend", "RedshiftWorkgroupName"))["workgroup"]
        return _workgroup(workgroup, client.get_namespace(namespaceName=workgroup["namespaceName"])["namespace"])
    except ClientError as error:
        if code(error) not in {"ClusterNotFound", "ResourceNotFoundException"}:
            raise
        return None


def attach_command(warehouse: Warehouse, settings: Settings, role: str, *, default: bool = False) -> str:
    """The command line that attaches a role, beside those that are attached.

    Redshift adds to a cluster's roles, but replaces a namespace's: there, all of them are named.
    """
    kept = warehouse.roles if warehouse.workgroup_id else ()
    roles = [*(one for one in kept if one != role), role]
    as_default = ["--default-iam-role-arn", role] if default else []
    return settings.command(*warehouse.attach_words, *roles, *as_default)


def _cluster(name: str, cluster: Mapping[str, Any]) -> Warehouse:
    return Warehouse(
        shown=f"The Redshift cluster {name}",
        name=name,
        status=cluster.get("ClusterStatus", "in an unknown state"),
        is_available=cluster.get("ClusterStatus") == "available",
        administrator=cluster.get("MasterUsername", ""),
        roles={one["IamRoleArn"]: one.get("ApplyStatus", IN_SYNC) for one in cluster.get("IamRoles", ())},
        default_role=cluster.get("DefaultIamRoleArn", ""),
        trusted=("redshift.amazonaws.com",),
        address=cluster.get("Endpoint", {}).get("Address", ""),
        attach_words=("redshift", "modify-cluster-iam-roles", "--cluster-identifier", name, "--add-iam-roles"),
    )


def _workgroup(workgroup: Mapping[str, Any], namespace: Mapping[str, Any]) -> Warehouse:
    name = workgroup["namespaceName"]
    return Warehouse(
        shown=f"The workgroup {workgroup['workgroupName']}",
        name=name,
        status=workgroup["status"],
        is_available=workgroup["status"] == "AVAILABLE",
        administrator=namespace.get("adminUsername", ""),
        roles=_roles(namespace.get("iamRoles", ())),
        default_role=namespace.get("defaultIamRoleArn", ""),
        trusted=("redshift-serverless.amazonaws.com", "redshift.amazonaws.com"),
        workgroup_id=workgroup["workgroupId"],
        secret=namespace.get("adminPasswordSecretArn", ""),
        attach_words=("redshift-serverless", "update-namespace", "--namespace-name", name, "--iam-roles"),
    )


def _roles(told: Any) -> dict[str, str]:
    found = [role for role in map(_SERVERLESS_ROLE.fullmatch, told) if role]
    return {role["arn"]: role["status"] or IN_SYNC for role in found}
