"""Where a statement shall run: the connection members of a request, checked. Used by `submissions` and `catalog`.

A name leads to the one warehouse; `DataApiLimits` can restrict the known clusters, workgroups and databases.
"""

import re
from dataclasses import dataclass
from typing import Any

from infra.local.redshift_data.errors import invalid
from infra.local.redshift_data.identity import Caller
from infra.local.redshift_data.limits import DataApiLimits

CONNECTION_MEMBERS = ("ClusterIdentifier", "WorkgroupName", "Database", "DbUser", "SecretArn")

_USER = re.compile(r"[a-z][a-z0-9_+.@-]{0,126}", re.ASCII)


@dataclass(frozen=True)
class Target:
    """One cluster or workgroup, a database in it, and the database user who acts, named as the request or IAM does."""

    database: str
    db_user: str
    cluster: str | None = None
    workgroup: str | None = None
    secret: str | None = None

    @property
    def folded_user(self) -> str:
        """The user as the database knows it: names are in lower case there."""
        return self.db_user.lower()

    def members(self) -> dict[str, Any]:
        """The connection as the API repeats it; a cluster's answer has no WorkgroupName and the reverse."""
        named = {
            "ClusterIdentifier": self.cluster,
            "WorkgroupName": self.workgroup,
            "Database": self.database,
            "SecretArn": self.secret,
        }
        return {name: value for name, value in named.items() if value is not None}

    def arn(self, region: str, account: str) -> str:
        """The resource an event names. AWS does not document the workgroup's form."""
        if self.cluster is not None:
            return f"arn:aws:redshift:{region}:{account}:cluster:{self.cluster}"
        if str(self.workgroup).startswith("arn:"):
            return str(self.workgroup)
        return f"arn:aws:redshift-serverless:{region}:{account}:workgroup/{self.workgroup}"

    def agrees(self, request: dict[str, Any]) -> bool:
        """Whether the connection members a request carries, if any, are this target's."""
        mine = self.members() | {"DbUser": self.db_user}
        return all(request[name] == mine.get(name) for name in CONNECTION_MEMBERS if name in request)


@dataclass(frozen=True)
class Targets:
    """The account and Region, what is known there, and whose secret a SecretArn is taken for: the administrator's."""

    region: str
    account: str
    limits: DataApiLimits
    admin: str

    def target_of(self, request: dict[str, Any], caller: Caller) -> Target:
        """The target a request names. Raises ValidationException for an impossible or unknown one."""
        self._check_location(request)
        self._check_database(request.get("Database"))
        if "WorkgroupName" in request and "DbUser" in request:
            raise invalid("DbUser is not supported when connecting to a serverless workgroup.")
        if "SecretArn" in request and "DbUser" in request:
            raise invalid("Only one of SecretArn and DbUser can be given.")
        if "DbUser" in request:
            _check_user(request["DbUser"])
        derived = self.admin if "SecretArn" in request else caller.database_user
        return Target(
            database=request["Database"],
            db_user=request.get("DbUser", derived),
            cluster=request.get("ClusterIdentifier"),
            workgroup=request.get("WorkgroupName"),
            secret=request.get("SecretArn"),
        )

    def _check_location(self, request: dict[str, Any]) -> None:
        cluster, workgroup = request.get("ClusterIdentifier"), request.get("WorkgroupName")
        if (cluster is None) == (workgroup is None):
            raise invalid("Either ClusterIdentifier or WorkgroupName must be given, and not both.")
        known = self.limits.workgroups if cluster is None else self.limits.clusters
        if known and (workgroup if cluster is None else cluster) not in known:
            raise invalid("Redshift endpoint doesn't exist in this region.")

    def _check_database(self, database: str | None) -> None:
        if not database:
            raise invalid("Database is a required parameter when connecting without a session.")
        if self.limits.databases and database not in self.limits.databases:
            raise invalid(f'FATAL: database "{database}" does not exist')


def _check_user(name: str) -> None:
    """Source: what GetClusterCredentials says, by which the Data API signs a user in."""
    if not _USER.fullmatch(name):
        raise invalid(
            "DbUser parameter must be lowercase, begin with a letter, contain only alphanumeric characters, underscore "
            "('_'), plus sign ('+'), dot ('.'), at ('@'), or hyphen ('-'), and be less than 128 characters."
        )
