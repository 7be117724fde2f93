"""What Amazon Redshift's own APIs tell of the one warehouse: its cluster, or its Serverless workgroup. Read-only.

Tools ask them before the Data API. Called by `edge`: `redshift` speaks the query protocol, `redshift-serverless` JSON.
Source: DescribeClusters, ListWorkgroups, GetWorkgroup and ListTagsForResource in the service models.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from infra.local.endpoint.awsjson import ServiceError

NAMESPACE = "http://redshift.amazonaws.com/doc/2012-12-01/"
PORT = 5439
_CREATED = "2026-01-01T00:00:00Z"
_CREATED_AT = 1767225600


@dataclass(frozen=True)
class ControlPlane:
    """The warehouse's names; `cluster` or `workgroup` is empty. `database` is its one database.

    `roles` are the ARNs of those attached to the cluster, by which it reads and writes S3.
    """

    cluster: str
    workgroup: str
    database: str
    admin: str
    region: str
    account: str
    roles: tuple[str, ...] = ()

    def redshift(self, form: Mapping[str, str]) -> tuple[int, str]:
        """Status and XML of one call of the query protocol."""
        action = form.get("Action", "")
        if action != "DescribeClusters":
            return 400, _error("InvalidAction", f"The laptop does not imitate {action or 'this call'} of Redshift.")
        wanted = form.get("ClusterIdentifier")
        if wanted and wanted != self.cluster:
            return 404, _error("ClusterNotFound", f"Cluster {wanted} not found.")
        clusters = f"<Clusters>{self._cluster() if self.cluster else ''}</Clusters>"
        return 200, (
            f'<DescribeClustersResponse xmlns="{NAMESPACE}"><DescribeClustersResult>{clusters}'
            "</DescribeClustersResult><ResponseMetadata><RequestId>laptop</RequestId></ResponseMetadata>"
            "</DescribeClustersResponse>"
        )

    def _cluster(self) -> str:
        address = f"{self.cluster}.local.{self.region}.redshift.amazonaws.com"
        members = {
            "ClusterIdentifier": self.cluster,
            "NodeType": "ra3.large",
            "ClusterStatus": "available",
            "ClusterAvailabilityStatus": "Available",
            "MasterUsername": self.admin,
            "DBName": self.database,
            "ClusterCreateTime": _CREATED,
            "NumberOfNodes": "1",
            "PubliclyAccessible": "false",
            "Encrypted": "true",
        }
        texts = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in members.items())
        endpoint = f"<Endpoint><Address>{escape(address)}</Address><Port>{PORT}</Port></Endpoint>"
        return f"<Cluster>{texts}{endpoint}<Tags/><IamRoles>{''.join(map(_attached, self.roles))}</IamRoles></Cluster>"

    def serverless(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to one call of Redshift Serverless. Raises ServiceError."""
        if operation == "ListWorkgroups":
            return {"workgroups": [self._workgroup()] if self.workgroup else []}
        if operation == "GetWorkgroup":
            if not self.workgroup or request["workgroupName"] != self.workgroup:
                raise ServiceError("ResourceNotFoundException", f"Workgroup {request['workgroupName']} not found.")
            return {"workgroup": self._workgroup()}
        if operation == "ListTagsForResource":
            return {"tags": []}
        raise ServiceError("ValidationException", f"The laptop does not imitate {operation} of Redshift Serverless.")

    def _workgroup(self) -> dict[str, Any]:
        return {
            "workgroupName": self.workgroup,
            "workgroupArn": f"arn:aws:redshift-serverless:{self.region}:{self.account}:workgroup/{self.workgroup}",
            "namespaceName": self.workgroup,
            "status": "AVAILABLE",
            "creationDate": _CREATED_AT,
            "publiclyAccessible": False,
            "endpoint": {
                "address": f"{self.workgroup}.{self.account}.{self.region}.redshift-serverless.amazonaws.com",
                "port": PORT,
            },
        }


def _attached(arn: str) -> str:
    role = f"<IamRoleArn>{escape(arn)}</IamRoleArn><ApplyStatus>in-sync</ApplyStatus>"
    return f"<ClusterIamRole>{role}</ClusterIamRole>"


def _error(code: str, message: str) -> str:
    return (
        f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>laptop</RequestId></ErrorResponse>"
    )
