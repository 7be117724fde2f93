"""What each function reads from its environment: one frozen struct per function, a field per variable.

The variable's name is the field's in upper case. A test compares them with what `infra/backend-setup.yaml` sets, and
`infra/cognito-setup.yaml` for `CheckSignUp`.
"""

from collections.abc import Mapping
from typing import Any, Self

from msgspec import Struct, structs


class MissingVariable(RuntimeError):
    """The function's environment lacks a variable the template should have set."""


class _FromEnvironment(Struct, frozen=True):
    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """The settings of this function; `MissingVariable` names the first variable that is not there, or no number."""
        return cls(**{item.name: _variable(environ, item.name.upper(), item.type) for item in structs.fields(cls)})


def _variable(environ: Mapping[str, str], name: str, kind: Any) -> Any:
    try:
        return kind(environ[name])
    except KeyError:
        raise MissingVariable(f"The environment variable {name} is not set.") from None
    except ValueError:
        raise MissingVariable(f"The environment variable {name} is not a number: {environ[name]!r}.") from None


class CommonSettings(_FromEnvironment, frozen=True):
    """What every function knows: the stack it is of, by which `telemetry` tells its numbers from another stack's."""

    stack_name: str


class Authorize(CommonSettings, frozen=True):
    """Whose tokens to accept."""

    user_pool_id: str
    user_pool_client_id: str


class CheckSignUp(_FromEnvironment, frozen=True):
    """At which domains one may make an account: a list with commas. Set by `infra/cognito-setup.yaml`."""

    allowed_email_domains: str


class RunSettings(CommonSettings, frozen=True):
    """Where connections and runs are kept, statements run and answers go, and how many may run.

    `query_groups`: `true` puts each run into its department's query group. `queue_seconds`: how long a run waits for
    the warehouse to take it before it is told `too_busy`. `quick_seconds`: how long whoever submits a statement waits
    for its end, to tell it without the event; 0 for not at all. On a cluster `workgroup_name` is empty, in a Serverless
    workgroup `cluster_identifier` and `db_username` are.
    """

    table_name: str
    callback_url: str
    cluster_identifier: str
    workgroup_name: str
    database: str
    db_username: str
    query_groups: str
    queue_seconds: int
    quick_seconds: int
    max_runs_per_user: int
    max_runs_per_department: int
    exports_s3_path: str
    unload_iam_role: str
    audit_table_name: str


class OnConnect(RunSettings, frozen=True):
    """And where reports are read, who is in which group and how old that may be, and how many
    sockets one user may have.
    """

    reports_s3_path: str
    user_pool_id: str
    max_sockets_per_user: int
    groups_fresh_seconds: int


class OnDisconnect(CommonSettings, frozen=True):
    """Where connections are kept."""

    table_name: str


class SendMessage(RunSettings, frozen=True):
    """The same."""


class TurnPages(RunSettings, frozen=True):
    """And where reports are read, who is in which group, and how old that may be."""

    reports_s3_path: str
    user_pool_id: str
    groups_fresh_seconds: int


class RunJobs(CommonSettings, frozen=True):
    """Where connections and runs of jobs are kept, where answers go, and as whom steps run where.

    `jobs_db_username` is empty in a Serverless workgroup. `jobs_data_s3_path` and `redshift_iam_role` are what
    `${NAME}` stands for in COPY and UNLOAD.
    """

    table_name: str
    callback_url: str
    cluster_identifier: str
    workgroup_name: str
    database: str
    jobs_db_username: str
    jobs_s3_path: str
    jobs_data_s3_path: str
    redshift_iam_role: str
    user_pool_id: str
    groups_fresh_seconds: int


class GetJobs(CommonSettings, frozen=True):
    """Where jobs, their runs and reports are read."""

    table_name: str
    jobs_s3_path: str
    reports_s3_path: str


class Reconcile(RunSettings, frozen=True):
    """The same."""


class GetResult(CommonSettings, frozen=True):
    """Where finished statements are kept, records of what was taken away, and rows that were read once."""

    table_name: str
    audit_table_name: str
    results_s3_path: str


class GetExports(CommonSettings, frozen=True):
    """Where exports and runs are kept, where their files are, and records of what was taken away."""

    table_name: str
    audit_table_name: str
    exports_s3_path: str


class GetAudit(CommonSettings, frozen=True):
    """Where records of what was taken away are kept."""

    audit_table_name: str


class GetOperations(CommonSettings, frozen=True):
    """Where runs are kept."""

    table_name: str


class GetReports(CommonSettings, frozen=True):
    """Where reports are read, and when their tables changed."""

    table_name: str
    reports_s3_path: str


class KeepViews(CommonSettings, frozen=True):
    """Where views and favourites are kept, and where reports are read."""

    table_name: str
    reports_s3_path: str


class AnnounceReports(CommonSettings, frozen=True):
    """Where reports are read, who is connected, where they are told, and who reads which warehouse's views.

    On a cluster `workgroup_name` is empty, in a Serverless workgroup `cluster_identifier` and `db_username` are.
    """

    table_name: str
    callback_url: str
    reports_s3_path: str
    cluster_identifier: str
    workgroup_name: str
    database: str
    db_username: str


class AdministratorSettings(CommonSettings, frozen=True):
    """Which warehouse it is, and as whom scripts run there: as `setup_db_username` on a cluster, by `setup_secret_arn`
    in a Serverless workgroup; the other is empty.
    """

    cluster_identifier: str
    workgroup_name: str
    database: str
    setup_db_username: str
    setup_secret_arn: str


class SetupRedshift(AdministratorSettings, frozen=True):
    """And which scripts to run. `db_username` is the reports' user and `jobs_db_username` that of jobs, on a cluster
    and in a workgroup.

    `statement_timeout_seconds`: how long a statement of that user may run. `revoke_public_create`: `true` takes CREATE
    on the schema `public` from PUBLIC.
    """

    setup_s3_path: str
    db_username: str
    jobs_db_username: str
    statement_timeout_seconds: int
    revoke_public_create: str


class LoadRedshift(AdministratorSettings, frozen=True):
    """And what to load by which script, read by which role; with an empty `sample_data_s3_path` nothing is loaded."""

    load_script_s3_path: str
    sample_data_s3_path: str
    redshift_iam_role: str
