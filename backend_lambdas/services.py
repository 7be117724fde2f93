"""Puts the life of runs together for the functions that need it: `on_connect`, `send_message` and `reconcile`."""

from backend_lambdas import aws
from backend_lambdas.audit import Audit
from backend_lambdas.connections import Connections
from backend_lambdas.exports import Exports
from backend_lambdas.history import History
from backend_lambdas.run_table import Runs
from backend_lambdas.runs import RunService
from backend_lambdas.settings import Submitting
from backend_lambdas.slots import Limits, Slots
from backend_lambdas.submitting import Submitter
from backend_lambdas.teller import Teller
from backend_lambdas.unloads import Unloads
from backend_lambdas.warehouse import Target, Warehouse


def run_service(settings: Submitting) -> RunService:
    """The life of runs, of a function's environment."""
    dynamodb = aws.dynamodb()
    connections, runs = Connections(dynamodb, settings.table_name), Runs(dynamodb, settings.table_name)
    teller = Teller(aws.client("apigatewaymanagementapi", settings.callback_url, attempts=2), connections)
    target = Target(settings.database, settings.cluster_identifier, settings.workgroup_name, settings.db_username)
    warehouse = Warehouse(aws.client("redshift-data", attempts=1), target)
    limits = Limits(settings.max_runs_per_user, settings.max_runs_per_department)
    slots = Slots(dynamodb, settings.table_name, runs, limits)
    unloads = Unloads(settings.exports_s3_path, settings.unload_iam_role)
    history = History(dynamodb, settings.table_name)
    kept = Audit(dynamodb, settings.audit_table_name)
    exports = Exports(dynamodb, settings.table_name, kept, aws.client("s3"), unloads)
    submitter = Submitter(connections, runs, warehouse, teller, slots, exports, history, settings.queue_seconds)
    return RunService(connections, runs, warehouse, teller, slots, submitter, exports, history)
