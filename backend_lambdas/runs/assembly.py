"""Puts the life of runs together for the functions that need it: `on_connect`, `send_message` and `reconcile`."""

from backend_lambdas.access.audit import Audit
from backend_lambdas.aws import clients
from backend_lambdas.aws.warehouse import Target, Warehouse
from backend_lambdas.exports.export_store import ExportStore
from backend_lambdas.exports.unload import Unloads
from backend_lambdas.runs.completer import RunCompleter
from backend_lambdas.runs.concurrency_limits import ConcurrencyLimits, Limits
from backend_lambdas.runs.deliveries import Deliveries, FileDelivery, RowsDelivery
from backend_lambdas.runs.history import History
from backend_lambdas.runs.requests import Requests
from backend_lambdas.runs.run_service import RunService
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.runs.submitter import Submitter
from backend_lambdas.settings import RunSettings
from backend_lambdas.sockets.connections import Connections
from backend_lambdas.sockets.notifier import Notifier
from backend_lambdas.tables.table_changes import TableChanges
from backend_lambdas.tables.watches import Watches


def run_service(settings: RunSettings) -> RunService:
    """The life of runs, of a function's environment."""
    dynamodb = clients.dynamodb()
    connections, runs = Connections(dynamodb, settings.table_name), RunTable(dynamodb, settings.table_name)
    notifier = Notifier(clients.client("apigatewaymanagementapi", settings.callback_url, attempts=2), connections)
    target = Target(settings.database, settings.cluster_identifier, settings.workgroup_name, settings.db_username)
    warehouse = Warehouse(clients.client("redshift-data", attempts=1), settings.stack_name, target)
    limits = Limits(settings.max_runs_per_user, settings.max_runs_per_department)
    concurrency = ConcurrencyLimits(dynamodb, settings.table_name, runs, limits)
    unloads = Unloads(settings.exports_s3_path, settings.unload_iam_role)
    history, requests = History(dynamodb, settings.table_name), Requests(dynamodb, settings.table_name)
    kept = Audit(dynamodb, settings.audit_table_name)
    exports = ExportStore(dynamodb, settings.table_name, kept, clients.client("s3"), unloads)
    queue = settings.queue_seconds, settings.quick_seconds
    in_groups = settings.query_groups == "true"
    rows, files = RowsDelivery(runs, warehouse, is_batch=in_groups), FileDelivery(exports, warehouse)
    deliveries = Deliveries(rows, files, in_groups)
    shared = concurrency, deliveries, history
    submitter = Submitter(connections, runs, warehouse, notifier, *shared, *queue)
    changes, watches = TableChanges(dynamodb, settings.table_name), Watches(dynamodb, settings.table_name)
    completer = RunCompleter(connections, runs, warehouse, notifier, *shared, watches)
    kinds = deliveries, history, requests, changes, watches
    return RunService(connections, runs, warehouse, notifier, submitter, completer, *kinds)
