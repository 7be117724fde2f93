"""The templates as they are: valid, complete, and the same wiring as the code behind them."""

import importlib
import re
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from msgspec import structs

from backend_lambdas import settings
from backend_lambdas.aws import clients
from backend_lambdas.exports.export_store import KEPT_SECONDS
from backend_lambdas.handlers.reconcile import PAUSE_SECONDS
from backend_lambdas.handlers.rest.get_exports import LINK_SECONDS
from backend_lambdas.messages import ACTIONS, JOB_ACTIONS
from backend_lambdas.reports.report_header import Keep
from backend_lambdas.runs.run_table import READING_SECONDS
from backend_lambdas.sockets.connections import WAITING
from backend_lambdas.tables.table_changes import CUT_OFF_SECONDS
from infra.local.cloudformation.deployment import Installation, Stacks, deploy
from infra.local.cloudformation.intrinsics import TemplateError
from infra.local.cloudformation.stack import Stack
from infra.local.cloudformation.stack_resources import Table
from infra.local.cloudformation.template import localise, resources_of
from infra.local.cognito import ClientConfig, PoolConfig
from tests.infra.rights.policies import KINDS, allowed, document_statements, listed, own_rights

REPO = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((REPO / "infra").glob("*.yaml"))
GIVEN = {
    "RedshiftClusterEndpoint": "taxi.hash.us-east-1.redshift.amazonaws.com:5439/dev",
    "DDLScriptS3Path": "s3://b/setup/",
    "LoadScriptS3Path": "s3://b/load/trips.sql",
    "QueryScriptS3Path": "s3://b/reports/",
    "JobScriptS3Path": "s3://b/jobs/",
    "UserPoolARN": "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_abc",
    "UserPoolClientId": "client",
}
SETTINGS = {
    "AuthorizeFunction": settings.Authorize,
    "OnConnectFunction": settings.OnConnect,
    "OnDisconnectFunction": settings.OnDisconnect,
    "SendMessageFunction": settings.SendMessage,
    "ReconcileFunction": settings.Reconcile,
    "TurnPagesFunction": settings.TurnPages,
    "RunJobsFunction": settings.RunJobs,
    "GetJobsFunction": settings.GetJobs,
    "GetResultFunction": settings.GetResult,
    "GetExportsFunction": settings.GetExports,
    "GetAuditFunction": settings.GetAudit,
    "GetOperationsFunction": settings.GetOperations,
    "GetReportsFunction": settings.GetReports,
    "KeepViewsFunction": settings.KeepViews,
    "AnnounceReportsFunction": settings.AnnounceReports,
    "SetupRedshiftFunction": settings.SetupRedshift,
    "LoadRedshiftFunction": settings.LoadRedshift,
}


@pytest.fixture(scope="module")
def stacks() -> Stacks:
    place = Installation(var=Path("unused"), repo=REPO, port=4566, app_url="http://localhost:8050")
    return deploy(place, "digest", "s3://pushboard-data/trips/x/")


@pytest.fixture(scope="module")
def backend() -> Stack:
    return Stack.read(REPO / "infra" / "backend-setup.yaml", GIVEN)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_use_no_yaml_aliases(template: Path) -> None:
    """CloudFormation does not take them."""
    tokens = list(yaml.scan(template.read_text()))
    assert not [token for token in tokens if isinstance(token, yaml.AliasToken | yaml.AnchorToken)]


def test_every_function_gets_the_variables_that_its_settings_name(stacks: Stacks) -> None:
    for name, function in stacks.backend.functions.items():
        assert _named(name) <= set(function.environment), name


def _named(function: str) -> set[str]:
    return {item.name.upper() for item in structs.fields(SETTINGS[function])}


def test_each_variable_stands_once_in_the_template(backend: Stack) -> None:
    """For all functions where more than one reads it, else with the one that does."""
    readers = Counter(variable for function in SETTINGS for variable in _named(function))
    assert set(_variables(backend.document["Globals"]["Function"])) == {
        name for name, count in readers.items() if count > 1
    }
    for function in backend.resources("AWS::Serverless::Function"):
        own = _variables(backend.document["Resources"][function.logical_id]["Properties"])
        created = {"DB_USERNAME", "JOBS_DB_USERNAME"}
        others = created if function.logical_id == "SetupRedshiftFunction" else set()
        assert set(own) == {name for name in _named(function.logical_id) if readers[name] == 1} | others


def _variables(properties: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = properties.get("Environment", {}).get("Variables", {})
    return found


def test_every_handler_can_be_imported(stacks: Stacks) -> None:
    for function in stacks.backend.functions.values():
        module, _, attribute = function.handler.rpartition(".")
        assert callable(getattr(importlib.import_module(module), attribute))


def test_parameters_become_the_functions_values(backend: Stack) -> None:
    functions = resources_of(backend).functions
    variables = functions["OnConnectFunction"].environment
    assert variables["CLUSTER_IDENTIFIER"] == "taxi"
    assert variables["DATABASE"] == "dev"
    assert variables["DB_USERNAME"] == "pushboard_reader"
    assert variables["CALLBACK_URL"] == "https://websocketapi.execute-api.us-east-1.amazonaws.com/prod"
    for name in ("AuthorizeFunction", "OnConnectFunction"):
        assert functions[name].environment["USER_POOL_ID"] == "us-east-1_abc"


def test_limits_that_are_given_are_the_functions_numbers() -> None:
    """The same for each of those that submit: a run is taken up by whichever comes to it."""
    limits = {"QueueSeconds": "7", "MaxRunsPerUser": "8", "MaxRunsPerDepartment": "9"}
    functions = resources_of(Stack.read(REPO / "infra" / "backend-setup.yaml", GIVEN | limits)).functions
    for name, kind in SETTINGS.items():
        if issubclass(kind, settings.RunSettings):
            made = kind.from_environ(functions[name].environment)
            assert (made.queue_seconds, made.max_runs_per_user, made.max_runs_per_department) == (7, 8, 9)


def test_who_queues_the_longest_can_still_be_told(backend: Stack) -> None:
    """Before its function's time is over: the last try may take as long as any call."""
    longest = backend.document["Parameters"]["QueueSeconds"]["MaxValue"]
    assert longest + clients.READ_SECONDS < resources_of(backend).functions["OnConnectFunction"].timeout


def test_messages_go_to_on_connect_and_the_end_to_on_disconnect(stacks: Stacks) -> None:
    (api,) = stacks.backend.websocket_apis
    messages = {key for key, function in api.routes.items() if function == "OnConnectFunction"}
    assert messages == {"$connect", "$default", "run", "cancel", "resume", "export", "unwatch", "ping"}
    assert messages == {"$connect", "$default", *ACTIONS}
    assert {key for key, function in api.routes.items() if function == "RunJobsFunction"} == JOB_ACTIONS
    assert api.routes["$disconnect"] == "OnDisconnectFunction"
    assert api.authorizer is not None
    assert api.authorizer.function == "AuthorizeFunction"
    assert api.authorizer.identity_sources == ("route.request.header.Authorization",)


def test_the_rest_api_is_closed_to_strangers(stacks: Stacks) -> None:
    (api,) = stacks.backend.rest_apis
    assert {(route.method, route.path): route.function for route in api.routes} == {
        ("GET", "/audit"): "GetAuditFunction",
        ("GET", "/operations"): "GetOperationsFunction",
        ("GET", "/exports"): "GetExportsFunction",
        ("GET", "/exports/{runId}"): "GetExportsFunction",
        ("GET", "/jobs"): "GetJobsFunction",
        ("GET", "/jobs/runs"): "GetJobsFunction",
        ("GET", "/maps/{name}"): "GetReportsFunction",
        ("GET", "/reports"): "GetReportsFunction",
        ("GET", "/tables"): "GetJobsFunction",
        ("GET", "/views"): "KeepViewsFunction",
        ("PUT", "/views/{viewId}"): "KeepViewsFunction",
        ("DELETE", "/views/{viewId}"): "KeepViewsFunction",
        ("GET", "/favourites"): "KeepViewsFunction",
        ("PUT", "/favourites/{reportId}"): "KeepViewsFunction",
        ("DELETE", "/favourites/{reportId}"): "KeepViewsFunction",
        ("GET", "/results/{statementId}"): "GetResultFunction",
    }
    assert all(route.authorized for route in api.routes)
    assert api.user_pool_id == stacks.pool.pool_id


def test_gateway_errors_have_the_shape_of_ours(stacks: Stacks) -> None:
    (api,) = stacks.backend.rest_apis
    for response in api.gateway_responses.values():
        assert set(yaml.safe_load(str(response.body))["error"]) == {"code", "message"}
    statuses = {kind: response.status for kind, response in api.gateway_responses.items()}
    assert statuses["UNAUTHORIZED"] == statuses["EXPIRED_TOKEN"] == 401
    assert statuses["ACCESS_DENIED"] == 403
    assert statuses["MISSING_AUTHENTICATION_TOKEN"] == 404
    assert statuses["THROTTLED"] == 429


def test_functions_that_share_statements_share_a_role_and_no_other_does(stacks: Stacks) -> None:
    """A statement belongs to the role that ran it."""
    roles: dict[str, set[str]] = {}
    for function in stacks.backend.functions.values():
        roles.setdefault(function.role, set()).add(function.name)
    sharing = {
        "OnConnectFunction",
        "SendMessageFunction",
        "ReconcileFunction",
        "GetResultFunction",
        "TurnPagesFunction",
    }
    assert roles.pop("QueryRole") == sharing
    assert all(len(functions) == 1 for functions in roles.values())


def test_everything_behind_an_api_answers_within_api_gateways_limit(stacks: Stacks) -> None:
    behind = {route.function for api in stacks.backend.rest_apis for route in api.routes}
    behind |= {function for api in stacks.backend.websocket_apis for function in api.routes.values()}
    assert all(stacks.backend.functions[name].timeout <= 29 for name in behind)


def test_both_retry_layers_of_each_event_end_in_a_queue(stacks: Stacks) -> None:
    heard = {"SendMessageFunction", "AnnounceReportsFunction", "TurnPagesFunction", "RunJobsFunction"}
    assert {rule.function for rule in stacks.backend.rules} == heard
    for rule in stacks.backend.rules:
        assert rule.dead_letters_to == "UndeliveredQueue"
        assert stacks.backend.functions[rule.function].failures_to == "UntoldQueue"
    assert set(stacks.backend.queues) == {"UndeliveredQueue", "UntoldQueue"}


def test_runs_are_reconciled_every_minute_and_the_catalogue_every_five(stacks: Stacks) -> None:
    schedules = {schedule.function: schedule.every_seconds for schedule in stacks.backend.schedules}
    assert schedules == {
        "ReconcileFunction": 60,
        "TurnPagesFunction": 60,
        "RunJobsFunction": 60,
        "AnnounceReportsFunction": 300,
    }


def test_only_the_announcer_writes_the_catalogue(backend: Stack) -> None:
    catalogue = "arn:aws:s3:::b/reports/catalogue.json"
    assert ("s3:PutObject", catalogue) in own_rights(backend, "AnnounceReportsRole")
    for role in ("QueryRole", "GetReportsRole"):
        rights = allowed(backend, role)
        assert not any(action.startswith("s3:Put") and "reports" in where for action, where in rights)


def test_a_turn_of_pages_is_held_as_long_as_its_function_may_take(stacks: Stacks) -> None:
    """No other one begins beside it, and one that was cut off is made up for."""
    assert stacks.backend.functions["TurnPagesFunction"].timeout == CUT_OFF_SECONDS


def test_a_minutes_reconciling_is_over_before_the_next(stacks: Stacks, backend: Stack) -> None:
    """No two compare the table with the warehouse at a time; what failed is the next one's, not tried again."""
    (schedule,) = [each for each in stacks.backend.schedules if each.function == "ReconcileFunction"]
    function = stacks.backend.functions[schedule.function]
    assert 3 * PAUSE_SECONDS < function.timeout <= schedule.every_seconds
    assert function.retries == 0
    properties = backend.resource(schedule.function).properties
    assert properties["EventInvokeConfig"]["MaximumEventAgeInSeconds"] <= schedule.every_seconds
    assert properties["Events"]["EveryMinute"]["Properties"]["RetryPolicy"]["MaximumRetryAttempts"] == 0


def test_whoever_shares_the_role_may_do_what_the_life_of_a_run_takes(backend: Stack) -> None:
    may = own_rights(backend, "QueryRole")
    table = "arn:aws:dynamodb:us-east-1:000000000000:table/client_connections"
    writes = {"BatchWriteItem", "PutItem", "UpdateItem"}
    assert {(f"dynamodb:{name}", table) for name in writes | {"BatchGetItem", "GetItem", "Query"}} <= may
    assert ("dynamodb:Query", f"{table}/index/{WAITING}") in may
    assert ("cognito-idp:AdminListGroupsForUser", GIVEN["UserPoolARN"]) in may
    statements = {"CancelStatement", "DescribeStatement", "GetStatementResult", "ListStatements"}
    assert {(f"redshift-data:{name}", "*") for name in statements} <= may


def arn(backend: Stack, name: str) -> str:
    return str(backend.attribute(name, "Arn"))


def test_the_life_of_an_export_may_count_or_remove_its_files_and_go_on_record(backend: Stack) -> None:
    """The files themselves are written by the warehouse, and read by whoever has a link."""
    may, bucket = own_rights(backend, "QueryRole"), arn(backend, "ExportsBucket")
    table = arn(backend, "AuditTable")
    cluster = "arn:aws:redshift:us-east-1:000000000000:cluster:taxi"
    assert ("redshift-data:BatchExecuteStatement", cluster) in may
    assert {action for action, resource in may if resource == table} == {"dynamodb:PutItem", "dynamodb:UpdateItem"}
    assert {(action, resource) for action, resource in may if action.startswith("s3:")} == {
        ("s3:ListBucket", bucket),
        ("s3:DeleteObject", f"{bucket}/exports/*"),
        ("s3:GetObject", f"{bucket}/results/*"),
        ("s3:PutObject", f"{bucket}/results/*"),
    }


def test_who_gives_links_may_read_exports_and_nothing_else_of_a_bucket(backend: Stack) -> None:
    """A link can do what its signer may."""
    may = own_rights(backend, "GetExportsRole")
    folder = resources_of(backend).functions["GetExportsFunction"].environment["EXPORTS_S3_PATH"].removeprefix("s3://")
    connections, audit = arn(backend, "ClientConnectionsTable"), arn(backend, "AuditTable")
    assert may == {
        ("s3:GetObject", f"arn:aws:s3:::{folder}*"),
        ("dynamodb:BatchGetItem", connections),
        ("dynamodb:GetItem", connections),
        ("dynamodb:Query", connections),
        ("dynamodb:PutItem", audit),
        ("dynamodb:UpdateItem", audit),
    }


def test_who_shows_the_audit_may_read_it_and_nothing_else(backend: Stack) -> None:
    assert own_rights(backend, "GetAuditRole") == {("dynamodb:Query", arn(backend, "AuditTable"))}


def test_who_shows_the_runs_may_read_their_table_and_nothing_else(backend: Stack) -> None:
    table = arn(backend, "ClientConnectionsTable")
    assert own_rights(backend, "GetOperationsRole") == {
        ("dynamodb:Query", table),
        ("dynamodb:Query", f"{table}/index/{WAITING}"),
        ("dynamodb:BatchGetItem", table),
    }


def test_nobody_may_delete_what_is_on_record(backend: Stack) -> None:
    """Nor anything of a bucket, but for those who look after runs what a failed export has left."""
    removing = set()
    for resource in backend.resources(*KINDS):
        for statement in document_statements(resource.properties):
            if arn(backend, "AuditTable") in listed(statement["Resource"]):
                assert set(listed(statement["Action"])) <= {
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                    "dynamodb:Query",
                }
            if {"s3:DeleteObject", "s3:*"} & set(listed(statement["Action"])):
                removing |= {(resource.logical_id, one) for one in listed(statement["Resource"])}
    assert removing == {("QueryRole", f"{arn(backend, 'ExportsBucket')}/exports/*")}


def test_the_record_outlives_the_stack_and_mistakes(backend: Stack) -> None:
    """It is evidence: kept when the stack goes, and to be had again as it was."""
    document = backend.document["Resources"]["AuditTable"]
    assert (document["DeletionPolicy"], document["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = document["Properties"]
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert "TableName" not in properties, "a stack made anew could not take the name of the one that stayed"


def test_all_who_export_agree_where_files_are(backend: Stack) -> None:
    (bucket,) = resources_of(backend).buckets
    paths = {
        function.environment["EXPORTS_S3_PATH"]
        for function in resources_of(backend).functions.values()
        if "EXPORTS_S3_PATH" in function.environment
    }
    assert paths == {f"s3://{bucket}/exports/"}
    assert backend.document["Outputs"]["ExportsBucketName"]["Value"] == {"Ref": "ExportsBucket"}


@pytest.mark.parametrize("role", ["default", "arn:aws:iam::111122223333:role/unload"])
def test_the_warehouse_writes_by_the_role_that_is_given(role: str) -> None:
    given = GIVEN | {"RedshiftUnloadRoleArn": role}
    functions = resources_of(Stack.read(REPO / "infra" / "backend-setup.yaml", given)).functions
    submitting = [name for name, kind in SETTINGS.items() if issubclass(kind, settings.RunSettings)]
    assert {functions[name].environment["UNLOAD_IAM_ROLE"] for name in submitting} == {role}


@pytest.mark.parametrize("role", ["", "' CREDENTIALS 'x", "arn:aws:iam::1:role/x' MANIFEST '", "Default"])
def test_a_role_that_could_break_out_of_its_quotes_is_not_taken(backend: Stack, role: str) -> None:
    """It is the one text of an operator in what is unloaded."""
    pattern = backend.document["Parameters"]["RedshiftUnloadRoleArn"]["AllowedPattern"]
    assert not re.fullmatch(pattern, role)
    assert re.fullmatch(pattern, "default")
    assert re.fullmatch(pattern, "arn:aws:iam::111122223333:role/unload")


def test_exports_are_kept_for_the_week_that_users_are_told(backend: Stack) -> None:
    assert expiries(backend)["exports/"] * 24 * 3600 == KEPT_SECONDS


def test_rows_are_kept_a_day_longer_than_their_records_for_each_time_a_report_can_say(backend: Stack) -> None:
    """S3 counts from the writing of a page, which is after the end of its statement."""
    expected = {f"results/{keep}/": int(keep.removesuffix("d")) + 1 for keep in get_args(Keep)}
    assert {prefix: days for prefix, days in expiries(backend).items() if prefix != "exports/"} == expected
    assert READING_SECONDS < 24 * 3600
    folder = resources_of(backend).functions["GetResultFunction"].environment["RESULTS_S3_PATH"]
    assert clients.s3_location(folder) == (bucket_of_exports(backend), "results/")


def test_what_was_not_uploaded_to_its_end_is_removed_wherever_it_lies(backend: Stack) -> None:
    rules = backend.resource("ExportsBucket").properties["LifecycleConfiguration"]["Rules"]
    (rule,) = [rule for rule in rules if "AbortIncompleteMultipartUpload" in rule]
    assert (rule["Status"], set(rule) & {"Prefix", "Filter", "TagFilters"}) == ("Enabled", set())


def expiries(backend: Stack) -> dict[str, int]:
    """After how many days what lies under each prefix of the exports' bucket is removed."""
    rules = backend.resource("ExportsBucket").properties["LifecycleConfiguration"]["Rules"]
    assert {rule["Status"] for rule in rules} == {"Enabled"}
    return {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}


def bucket_of_exports(backend: Stack) -> str:
    path = resources_of(backend).functions["GetExportsFunction"].environment["EXPORTS_S3_PATH"]
    return clients.s3_location(path)[0]


def test_exports_are_encrypted_and_nobodys_but_the_accounts(backend: Stack) -> None:
    properties = backend.resource("ExportsBucket").properties
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in {"AES256", "aws:kms"}


def test_an_old_link_and_one_without_tls_give_nothing(backend: Stack) -> None:
    """A link that its signer made for longer than he should is worth nothing either."""
    policy = backend.resource("ExportsBucketPolicy").properties
    bucket = arn(backend, "ExportsBucket")
    statements = policy["PolicyDocument"]["Statement"]
    assert policy["Bucket"] == backend.attribute("ExportsBucket", None)
    assert {(statement["Effect"], statement["Principal"]) for statement in statements} == {("Deny", "*")}
    plain, old = statements
    assert plain["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert (plain["Action"], plain["Resource"]) == ("s3:*", [bucket, f"{bucket}/*"])
    assert (old["Action"], old["Resource"]) == ("s3:GetObject", f"{bucket}/*")
    (oldest,) = old["Condition"]["NumericGreaterThan"].items()
    assert oldest[0] == "s3:signatureAge"
    assert int(oldest[1]) >= LINK_SECONDS * 1000, "milliseconds"


def test_eventbridge_may_put_into_the_queue_of_what_it_could_not_deliver(backend: Stack) -> None:
    """SAM names a rule after the stack."""
    (policy,) = backend.resources("AWS::SQS::QueuePolicy")
    (statement,) = policy.properties["PolicyDocument"]["Statement"]
    assert {rule.dead_letters_to for rule in resources_of(backend).rules} == {"UndeliveredQueue"}
    assert policy.properties["Queues"] == [backend.attribute("UndeliveredQueue", None)]
    assert statement["Resource"] == backend.attribute("UndeliveredQueue", "Arn")
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"].endswith(f":rule/{backend.name}-*")


def alarms_by_queue(backend: Stack) -> dict[str, Any]:
    """The properties of the alarm on each queue."""
    return {
        dimension["Value"]: alarm.properties
        for alarm in backend.resources("AWS::CloudWatch::Alarm")
        for dimension in alarm.properties.get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }


def test_whatever_lies_in_a_queue_sets_an_alarm_off(backend: Stack) -> None:
    """At the first event, and until somebody has emptied the queue."""
    for queue in resources_of(backend).queues:
        alarm = alarms_by_queue(backend)[queue]
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
        assert (alarm["EvaluationPeriods"], alarm["Statistic"]) == (1, "Maximum")


def test_a_reconciler_that_keeps_failing_sets_an_alarm_off(backend: Stack) -> None:
    """One minute may fail: the next one makes up for it."""
    alarm = backend.resource("ReconcileAlarm").properties
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/Lambda", "Errors", "Sum")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": backend.attribute("ReconcileFunction", None)}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    assert alarm["Period"] == 60
    assert alarm["EvaluationPeriods"] > 1


def test_alarms_may_publish_to_their_topic(backend: Stack) -> None:
    """CloudWatch needs a key of our own for that."""
    key = backend.resource(backend.resource("AlarmTopic").properties["KmsMasterKeyId"])
    users = {
        statement["Principal"].get("Service"): statement["Action"]
        for statement in key.properties["KeyPolicy"]["Statement"]
    }
    assert set(users["cloudwatch.amazonaws.com"]) == {"kms:Decrypt", "kms:GenerateDataKey"}


@pytest.mark.parametrize(
    ("email", "subscriptions"),
    [("", None), ("ops@example.com", [{"Protocol": "email", "Endpoint": "ops@example.com"}])],
)
def test_alarms_are_mailed_to_whom_the_operator_names(email: str, subscriptions: list[dict[str, str]] | None) -> None:
    backend = Stack.read(REPO / "infra" / "backend-setup.yaml", GIVEN | {"AlarmEmail": email})
    assert backend.resource("AlarmTopic").properties.get("Subscription") == subscriptions


def test_changed_files_of_the_reports_bucket_are_announced(backend: Stack) -> None:
    (rule,) = [rule for rule in resources_of(backend).rules if rule.function == "AnnounceReportsFunction"]
    assert rule.pattern == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Deleted"],
        "detail": {
            "bucket": {"name": ["b"]},
            "object": {"key": [{"suffix": ".sql"}, {"suffix": ".yaml"}, {"suffix": ".geojson"}]},
        },
    }


def test_api_gateway_may_invoke_every_function_it_is_wired_to(backend: Stack) -> None:
    """SAM adds the permissions of the REST API and the rule by itself."""
    permitted = {one.properties["FunctionName"] for one in backend.resources("AWS::Lambda::Permission")}
    (api,) = resources_of(backend).websocket_apis
    assert api.authorizer is not None
    assert permitted == {*api.routes.values(), api.authorizer.function}


def test_no_role_may_touch_everything_where_less_would_do(backend: Stack) -> None:
    """`*` only where IAM knows no narrower resource: X-Ray, and a statement's description, result and end."""
    anywhere = set()
    for resource in backend.resources(*KINDS):
        for statement in document_statements(resource.properties):
            if statement["Resource"] == "*":
                actions = statement["Action"]
                anywhere |= set(actions if isinstance(actions, list) else [actions])
    assert {action.split(":")[0] for action in anywhere} == {"xray", "redshift-data"}
    assert "redshift-data:ExecuteStatement" not in anywhere


def tables(stacks: Stacks) -> dict[str, Table]:
    """The tables by what the functions call them."""
    variables = stacks.backend.functions["OnConnectFunction"].environment
    names = {variable: variables[variable] for variable in ("TABLE_NAME", "AUDIT_TABLE_NAME")}
    found = {table.name: table for table in stacks.backend.tables}
    assert set(found) == set(names.values())
    return {variable: found[name] for variable, name in names.items()}


def test_both_tables_are_keyed_and_expire(stacks: Stacks) -> None:
    assert tables(stacks)["TABLE_NAME"].name == "client_connections"
    for table in tables(stacks).values():
        assert table.definition["KeySchema"] == [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ]
        assert table.expires_by == "expiresAt"


def test_those_who_wait_are_indexed_by_age(stacks: Stacks) -> None:
    """Under the name the code asks by; only waiters have the attribute, so nothing else is in it."""
    table = tables(stacks)["TABLE_NAME"]
    (index,) = table.definition["GlobalSecondaryIndexes"]
    assert index["IndexName"] == WAITING
    assert index["KeySchema"] == [
        {"AttributeName": WAITING, "KeyType": "HASH"},
        {"AttributeName": "askedAt", "KeyType": "RANGE"},
    ]
    assert {item["AttributeName"]: item["AttributeType"] for item in table.definition["AttributeDefinitions"]} == {
        "pk": "S",
        "sk": "S",
        WAITING: "S",
        "askedAt": "N",
    }


def test_parameters_hold_addresses_with_their_schemes(stacks: Stacks) -> None:
    local = {name: localise(value, "http://localhost:4999") for name, value in stacks.backend.parameters.items()}
    assert local == {
        "REDSHIFT_WSS_ENDPOINT": "ws://localhost:4999/_aws/execute-api/websocketapi/prod",
        "REDSHIFT_REST_API_ENDPOINT": "http://localhost:4999/_aws/execute-api/restapi/prod",
    }


def test_the_pool_is_one_the_local_cognito_can_be(stacks: Stacks) -> None:
    clients = [ClientConfig.from_properties(name, properties) for name, properties in stacks.pool.clients.items()]
    pool = PoolConfig.from_properties(
        stacks.pool.pool_id, stacks.pool.properties, clients=clients, groups=stacks.pool.groups
    )
    (client,) = clients
    assert pool.groups == ("operations", "finance", "customer_care", "admins", "authors")
    assert {folder.name for folder in (REPO / "sql/reports").iterdir()} <= {*pool.groups, "shared"}, (
        "a department without its group"
    )
    assert client.callback_urls == ("http://localhost:8050/auth/callback",)
    assert client.logout_urls == ("http://localhost:8050/signed-out",)
    assert client.allows("USER_PASSWORD_AUTH")
    assert client.rotation_enabled
    assert client.rotation_grace_seconds == 60


def test_a_resource_nobody_wires_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("Resources: {Stream: {Type: AWS::Kinesis::Stream}}\n")
    with pytest.raises(TemplateError, match="AWS::Kinesis::Stream"):
        resources_of(Stack.read(file, {}))


def test_a_dangling_reference_anywhere_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("Resources: {Role: {Type: AWS::IAM::Role, Properties: {Path: !Ref Nowhere}}}\n")
    with pytest.raises(TemplateError, match="Nowhere"):
        resources_of(Stack.read(file, {}))
