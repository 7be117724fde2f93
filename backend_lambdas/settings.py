"""What each function reads from its environment: one frozen object per function, a field per variable.

The variable's name is the field's in upper case. A test compares them with what `infra/backend-setup.yaml` sets, and
`infra/cognito-setup.yaml` for `CheckSignUp`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


class MissingVariable(RuntimeError):
    """The function's environment lacks a variable the template should have set."""


@dataclass(frozen=True)
class _FromEnvironment:
    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """The settings of this function; `MissingVariable` names the first variable that is not there, or no number."""
        return cls(**{item.name: _variable(environ, item.name.upper(), item.type) for item in fields(cls)})


def _variable(environ: Mapping[str, str], name: str, kind: Any) -> Any:
    try:
        return kind(environ[name])
    except KeyError:
        raise MissingVariable(f"The environment variable {name} is not set.") from None
    except ValueError:
        raise MissingVariable(f"The environment variable {name} is not a number: {environ[name]!r}.") from None


@dataclass(frozen=True)
class Everywhere(_FromEnvironment):
    """What every function knows: the stack it is of, by which `telemetry` tells its numbers from another stack's."""

    stack_name: str


@dataclass(frozen=True)
class Authorize(Everywhere):
    """Whose tokens to accept."""

    user_pool_id: str
    user_pool_client_id: str


@dataclass(frozen=True)
class CheckSignUp(_FromEnvironment):
    """At which domains one may make an account: a list with commas. Set by `infra/cognito-setup.yaml`."""

    allowed_email_domains: str


@dataclass(frozen=True)
class Submitting(Everywhere):
    """Where connections and runs are kept, statements run and answers go, and how many may run.

    `queue_seconds`: how long a run waits for the warehouse to take it before it is told `too_busy`. On a cluster
    `workgroup_name` is empty, in a Serverless workgroup `cluster_identifier` and `db_username` are.
    """

    table_name: str
    callback_url: str
    cluster_identifier: str
    workgroup_name: str
    database: str
    db_username: str
    queue_seconds: int
    max_runs_per_user: int
    max_runs_per_department: int
    exports_s3_path: str
    unload_iam_role: str
    audit_table_name: str


@dataclass(frozen=True)
class OnConnect(Submitting):
    """And where reports are read, and who is in which group."""

    reports_s3_path: str
    user_pool_id: str


@dataclass(frozen=True)
class OnDisconnect(Everywhere):
    """Where connections are kept."""

    table_name: str


@dataclass(frozen=True)
class SendMessage(Submitting):
    """The same."""


@dataclass(frozen=True)
class Reconcile(Submitting):
    """The same."""


@dataclass(frozen=True)
class GetResult(Everywhere):
    """Where finished statements are kept, and records of what was taken away."""

    table_name: str
    audit_table_name: str


@dataclass(frozen=True)
class GetExports(Everywhere):
    """Where exports and runs are kept, where their files are, and records of what was taken away."""

    table_name: str
    audit_table_name: str
    exports_s3_path: str


@dataclass(frozen=True)
class GetAudit(Everywhere):
    """Where records of what was taken away are kept."""

    audit_table_name: str


@dataclass(frozen=True)
class GetOperations(Everywhere):
    """Where runs are kept."""

    table_name: str


@dataclass(frozen=True)
class GetReports(Everywhere):
    """Where reports are read."""

    reports_s3_path: str


@dataclass(frozen=True)
class AnnounceReports(Everywhere):
    """Where reports are read, who is connected, and where they are told."""

    table_name: str
    callback_url: str
    reports_s3_path: str


@dataclass(frozen=True)
class SetupRedshift(Everywhere):
    """Which scripts to run, where and as whom; with an empty `sample_data_s3_path` nothing is loaded.

    They run as `setup_db_username` on a cluster, by `setup_secret_arn` in a Serverless workgroup; the other is empty.
    `db_username` is the reports' user on both.
    """

    setup_s3_path: str
    cluster_identifier: str
    workgroup_name: str
    database: str
    setup_db_username: str
    setup_secret_arn: str
    db_username: str
    sample_data_s3_path: str
    redshift_iam_role: str
