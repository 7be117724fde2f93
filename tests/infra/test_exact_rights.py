"""Every role may do what its functions do, and nothing else: what they ask of AWS, compared with the policies.

The functions are driven through their paths on the laptop; that no call of the code was missed on the way is told by
the code itself.
"""

import ast
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import botocore.session
import pytest
import requests
import websocket
from botocore import xform_name

from infra.local.cloudformation.deployment import CLUSTER, Installation, read
from infra.local.cloudformation.stack import Stack
from infra.local.cloudformation.template import localise, resources_of
from infra.local.endpoint import identities
from infra.local.lambda_ import environments
from infra.local.lambda_.handlers import load_handler
from infra.local.runtime import LocalAws
from infra.sample import Simulated
from tests.infra.local.laptop import DAILY_TOTALS, REPO, Tab, client, copy_of_the_project, running, sign_in, until
from tests.infra.rights.policies import Right, allowed, rights_of
from tests.infra.rights.recorded_calls import PACKAGE, Recorder, Use, recording

WITHOUT_A_CALL = {
    "logs:CreateLogStream": "Lambda writes what a function prints, as the function",
    "logs:PutLogEvents": "Lambda writes what a function prints, as the function",
    "xray:PutTraceSegments": "Lambda traces a function, as the function",
    "xray:PutTelemetryRecords": "Lambda traces a function, as the function",
    "sqs:SendMessage": "Lambda puts what a function could not do into its failure queue, as the function",
    "redshift:GetClusterCredentials": "the Data API signs its caller in to the cluster, as the caller",
}
"""What a role must allow though no code of ours calls it, and who does."""

pytestmark = pytest.mark.timeout(300)  # a busy machine may need more than the usual time

PARAMETERS = CLUSTER | {"MaxRunsPerUser": "1", "MaxSocketsPerUser": "1", "QueueSeconds": "0"}
HEADER = "/*---\ntitle: For rights\nchart: {type: table}\n---*/\n"
FAILS = f"{HEADER}SELECT CAST('x' || count(*) AS integer) AS a FROM nyc_yellow_taxi"
SLOW_SQL = (
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000000000) SELECT count(*) AS n FROM r"
)
SLOW_CHECK = SLOW_SQL.replace("count(*) AS n", "count(*) > 0")
LONG = (
    "/*---\ntitle: Longer than it shows\nlimit: 1\nchart: {type: table}\n---*/\n"
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3000) SELECT n FROM r"
)


@dataclass(frozen=True)
class Driven:
    """What was recorded, and the stack it was recorded on."""

    recorder: Recorder
    stack: Stack

    @cached_property
    def roles(self) -> dict[str, str]:
        """Each function's role."""
        return {function.name: function.role for function in resources_of(self.stack).functions.values()}

    def used(self, role: str) -> list[Use]:
        """What the functions of a role asked for."""
        return [use for use in self.recorder.uses if self.roles[use.function] == role]


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    repo = copy_of_the_project(tmp_path_factory.mktemp("repo") / "pushboard", *DAILY_TOTALS)
    reports = repo / "sql/reports/operations"
    reports.joinpath("fails.sql").write_text(FAILS)
    reports.joinpath("slow.sql").write_text(HEADER + SLOW_SQL)
    reports.joinpath("long.sql").write_text(LONG)
    var = tmp_path_factory.mktemp("var")
    with recording() as recorder, running(var, repo, sample=Simulated(2_000), backend=PARAMETERS) as aws:
        Drive(aws, repo, recorder).all()
        place = Installation(var, repo, 0, "http://localhost:8050", backend=PARAMETERS)
        yield Driven(recorder, read(place)[1])


@dataclass(frozen=True)
class Drive:
    """Leads the functions through their paths, as browsers, authors, EventBridge and CloudFormation do."""

    aws: LocalAws
    repo: Path
    recorder: Recorder

    def all(self) -> None:
        admin, person = sign_in(self.aws, "admin@example.com"), sign_in(self.aws)
        tab = Tab(self.aws, person)
        with pytest.raises(websocket.WebSocketBadStatusException, match="429"):
            Tab(self.aws, person)
        self.run_and_read(tab, person)
        self.read_beyond(tab, person)
        self.fail_queue_and_cancel(tab, admin)
        self.export(tab, person)
        self.stop_an_export(tab)
        self.look_at_everything(admin)
        self.keep_views(person)
        self.lose_the_catalogue(tab, person)
        self.ping_from_a_gone_socket()
        self.turn_a_page(tab)
        self.run_a_job(tab)
        self.change_a_report(tab)
        self.aws.lambdas.invoke("ReconcileFunction", {})
        context = {"routeKey": "$default", "connectionId": "gone"}  # and no word of who it is
        self.aws.lambdas.invoke("OnConnectFunction", {"requestContext": context, "body": "{}"})
        tab.close()
        until(lambda: "OnDisconnectFunction" in {use.function for use in self.recorder.uses})
        self.outlive_who_runs_scripts()

    def get(self, token: str, path: str, status: int = 200) -> dict[str, Any]:
        answer = requests.get(f"{self.aws.rest_url}/{path}", headers={"Authorization": token}, timeout=20)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    def look_at_everything(self, token: str) -> None:
        """Every address of the REST API that names no thing."""
        for route in self.aws.stacks.backend.rest_apis[0].routes:
            if route.method == "GET" and "{" not in route.path:
                self.get(token, route.path.lstrip("/"))

    def keep_views(self, token: str) -> None:
        """A view that is shared after a while, and a favourite; both are taken away again."""
        view = {"name": "Mine", "path": "/d/operations", "query": ""}
        for path, body in {"views/view-0001": view, "favourites/daily_totals": None}.items():
            for method, said in (("PUT", body), ("PUT", body and body | {"shared": True}), ("DELETE", None)):
                url, headers = f"{self.aws.rest_url}/{path}", {"Authorization": token}
                answer = requests.request(method, url, json=said, headers=headers, timeout=20)
                assert answer.status_code == 200, answer.text

    def run_and_read(self, tab: Tab, token: str) -> None:
        assert self.get(token, "reports")["reports"]
        assert self.get(token, "maps/new_york")["map"]
        self.get(token, "maps/old_york", 404)
        finished = tab.run("daily_totals", "run-1", month="2015-12")[-1]
        assert finished["type"] == "finished"
        self.get(token, f"results/{finished['statementId']}")
        self.get(token, f"results/{finished['statementId']}?download=csv")
        assert tab.run("daily_totals", "run-7", month="2015-12")[-1]["cached"]

    def read_beyond(self, tab: Tab, token: str) -> None:
        """Page by page, of a result of more rows than its report shows."""
        path = f"results/{tab.run('long', 'run-5')[-1]['statementId']}"
        following = self.get(token, path)["nextToken"]
        assert following
        self.get(token, f"{path}?nextToken={quote(following, safe='')}")

    def fail_queue_and_cancel(self, tab: Tab, admin: str) -> None:
        assert tab.run("fails", "run-2")[-1]["type"] == "failed"
        tab.send(action="run", topicName="topic", report="slow", parameters={}, runId="run-3")
        assert tab.receive("run-3")["type"] == "accepted"
        tab.send(action="resume", runIds=["run-3"])
        assert tab.receive("run-3")["type"] == "accepted"
        assert [run["report"] for run in self.get(admin, "operations")["running"]] == ["slow"]
        assert tab.run("daily_totals", "run-4", month="2015-11")[-1]["code"] == "too_busy"
        tab.send(action="cancel", runId="run-3")
        assert tab.receive("run-3")["type"] == "cancelled"

    def export(self, tab: Tab, token: str) -> None:
        asked = {"report": "daily_totals", "parameters": {"month": "2015-12"}, "format": "csv", "runId": "export-1"}
        deadline = time.monotonic() + 60
        said: list[str] = []
        while said[-1:] != ["exported"]:
            assert time.monotonic() < deadline, said
            if said[-1:] != ["accepted"]:  # the cancelled statement may hold its slot for a moment
                tab.send(action="export", topicName="topic", **asked)
            said.append(tab.receive("export-1")["type"])
        self.get(token, "exports")
        assert self.get(token, "exports/export-1")["rows"] == 31
        self.get(token, "exports/run-1", status=404)  # asked for, but no export

    def stop_an_export(self, tab: Tab) -> None:
        """By its user, when the warehouse has begun to write: what there is of the file is removed."""
        tab.send(action="export", topicName="topic", report="slow", parameters={}, format="csv", runId="export-2")
        assert tab.receive("export-2")["type"] == "accepted"
        found = client(self.aws, "dynamodb").scan(TableName="client_connections")["Items"]
        attempt = next(one["attempt"]["S"] for one in found if _is_slow_export(one))
        path = self.aws.stacks.backend.functions["SendMessageFunction"].environment["EXPORTS_S3_PATH"]
        bucket, s3 = path.split("/")[2], client(self.aws, "s3")
        key = f"exports/{attempt}/slow-000.csv"
        s3.put_object(Bucket=bucket, Key=key, Body=b"a")
        tab.send(action="cancel", runId="export-2")
        assert tab.receive("export-2")["type"] == "cancelled"
        until(lambda: s3.list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"] == 0)

    def lose_the_catalogue(self, tab: Tab, token: str) -> None:
        """Then, and for a report that is not in it, the files themselves are looked at."""
        s3 = client(self.aws, "s3")
        catalogue = {"Bucket": "pushboard", "Key": "sql/reports/catalogue.json"}
        until(lambda: s3.list_objects_v2(Bucket="pushboard", Prefix=catalogue["Key"])["KeyCount"] == 1)
        s3.delete_object(**catalogue)
        assert self.get(token, "reports")["reports"]
        for path, function in {"jobs": "GetJobsFunction", "views": "KeepViewsFunction"}.items():
            until(lambda path=path, function=function: self.is_listed_for(path, function, token, catalogue))
        assert tab.run("nothing", "run-6")[-1]["code"] == "unknown_report"

    def is_listed_for(self, path: str, function: str, token: str, catalogue: dict[str, str]) -> bool:
        """Whether the function of this address has looked for the reports' files: it reads the catalogue where there
        is one, which the announcer writes again."""
        client(self.aws, "s3").delete_object(**catalogue)
        assert self.get(token, path)
        listed = [use for use in self.recorder.uses if use.action == "s3:ListBucket"]
        return any(use.function == function and "sql/reports" in str(use.context) for use in listed)

    def change_a_report(self, tab: Tab) -> None:
        """One who is connected is told; one whose socket has gone unnoticed is forgotten."""
        gone = self.gone_socket()
        self.repo.joinpath("sql/reports/operations/slow.sql").write_text(f"{HEADER}SELECT 1 AS one")
        while tab.receive()["type"] != "reports":
            pass  # an end that comes a second time, until the socket's own timeout
        self.until_forgotten(gone)

    def turn_a_page(self, tab: Tab) -> None:
        """For one who watches, by an event that names the table and by the minute's look."""
        asked = {"report": "daily_totals", "parameters": {"month": "2015-12"}, "runId": "watched"}
        tab.send(action="run", topicName="topic", watch=True, **asked)
        while tab.receive("watched")["type"] != "finished":
            pass
        detail = {"tables": ["public.nyc_yellow_taxi"]}
        event = {"source": "pushboard.tables", "detail": detail, "time": "2026-01-01T00:00:00Z"}
        self.aws.lambdas.invoke("TurnPagesFunction", event)
        while tab.receive("watched")["type"] != "changed":
            pass
        while tab.receive("watched")["type"] != "finished":
            pass
        self.aws.lambdas.invoke("TurnPagesFunction", {})
        runs = [{**asked, "topicName": run_id, "runId": run_id, "watch": True} for run_id in ("stays", "goes")]
        tab.send(action="run", runs=runs)
        while tab.receive()["type"] != "batch":
            pass
        tab.send(action="unwatch", runIds=["goes"])

    def run_a_job(self, tab: Tab) -> None:
        """In one transaction and in several; stopped by its starter, waited for by another, and looked after."""
        jobs = self.repo / "sql/jobs/operations"
        head = "/*---\ntitle: A job\ngroups: [operations]\nwrites: [nyc_yellow_taxi]\n"
        clear = "DELETE FROM nyc_yellow_taxi WHERE passenger_count = 99"
        (jobs / "apart.sql").write_text(f"{head}transaction: each step\n---*/\n-- step: Clear\n{clear}\n")
        (jobs / "slow.sql").write_text(f"{head}---*/\n-- step: Clear\n{clear};\n-- check: Long\n{SLOW_CHECK}\n")
        self.aws.jobs.publish()
        for job in ("load_month", "apart"):
            assert self.start(tab, job, f"{job}-1", "finished", "failed")["job"] == job
        self.start(tab, "slow", "slow-1", "step")
        self.start(tab, "apart", "apart-2", "accepted")
        self.aws.lambdas.invoke("RunJobsFunction", {})
        tab.send(action="approve", runId="apart-2")
        tab.send(action="cancel", runId="slow-1")
        while tab.receive("apart-2")["type"] != "finished":
            pass

    def start(self, tab: Tab, job: str, run_id: str, *types: str) -> dict[str, Any]:
        tab.send(action="start", topicName=job, job=job, runId=run_id, parameters={})
        while (message := tab.receive(run_id))["type"] not in types:
            pass
        return message

    def ping_from_a_gone_socket(self) -> None:
        """Its message overtook the news of its end; what cannot be answered is forgotten."""
        gone = self.gone_socket()
        context = {"connectionId": gone["connectionId"]["S"], "routeKey": "ping", "requestId": "request-1"}
        self.aws.lambdas.invoke("OnConnectFunction", {"requestContext": context, "body": '{"action": "ping"}'})
        self.until_forgotten(gone)

    def gone_socket(self) -> dict[str, Any]:
        """The record of a socket that nobody has."""
        db = client(self.aws, "dynamodb")
        found = db.scan(TableName="client_connections")["Items"]
        item = next(one for one in found if one["sk"]["S"] == "connection")
        gone = item | {"pk": {"S": "connection#gone"}, "connectionId": {"S": "gone"}}
        db.put_item(TableName="client_connections", Item=gone)
        return gone

    def until_forgotten(self, gone: dict[str, Any]) -> None:
        db, key = client(self.aws, "dynamodb"), {"pk": gone["pk"], "sk": gone["sk"]}
        until(lambda: "Item" not in db.get_item(TableName="client_connections", Key=key))

    def outlive_who_runs_scripts(self) -> None:
        """A statement of the warehouse's administrator that does not end within the function's time."""
        for name, module in (("SetupRedshiftFunction", "setup_redshift"), ("LoadRedshiftFunction", "load_redshift")):
            function = self.aws.stacks.backend.functions[name]
            variables = {name: localise(value, self.aws.endpoint_url) for name, value in function.environment.items()}
            own = identities.client_variables(self.aws.endpoint_url, identities.access_key(function))
            with environments.environment(variables | own | {"AWS_LAMBDA_FUNCTION_NAME": function.name}):
                administrator = _loaded(f"{PACKAGE}.handlers.{module}.build")().administrator
                with pytest.raises(Exception, match="not finished within"):
                    administrator.execute(SLOW_SQL, "slow", "slow", time.monotonic() + 0.2)


def _is_slow_export(item: dict[str, Any]) -> bool:
    return item["sk"]["S"] == "run" and item["report"]["S"] == "slow" and item["export"]["S"] == "csv"


def _loaded(path: str) -> Any:
    """What a function has at that path, in modules of its own."""
    return load_handler(path)


# --------------------------------------------------------------------------------------------------------- the policies


def is_covered(use: Use, rights: Iterable[Right], stack: Stack) -> bool:
    """Whether IAM would allow a use, by the conditions too."""
    context = dict(use.context) | {"lambda_SourceFunctionArn": stack.attribute(use.function, "Arn")}
    return any(right.covers(use.action, use.resource, **context) for right in rights)


HERE = read(Installation(Path(), REPO, 0, "http://localhost:8050"))[1]
ROLES = sorted({function.role for function in resources_of(HERE).functions.values()})


@pytest.mark.parametrize("role", ROLES)
def test_whatever_its_functions_do_a_role_allows(driven: Driven, role: str) -> None:
    rights = rights_of(driven.stack, role)
    refused = [use for use in driven.used(role) if not is_covered(use, rights, driven.stack)]
    assert not refused


@pytest.mark.parametrize("role", ROLES)
def test_whatever_a_role_allows_its_functions_do(driven: Driven, role: str) -> None:
    """Each value that a condition allows counts as a right of its own."""
    uses, rights = driven.used(role), rights_of(driven.stack, role)
    idle = [right for right in rights if not any(is_covered(use, {right}, driven.stack) for use in uses)]
    assert not [right for right in idle if right.action not in WITHOUT_A_CALL]


@pytest.mark.parametrize("role", ROLES)
def test_no_role_allows_actions_by_a_pattern(driven: Driven, role: str) -> None:
    assert not [action for action, _ in allowed(driven.stack, role) if "*" in action]


def test_only_a_role_whose_functions_fail_into_a_queue_may_put_into_it(driven: Driven) -> None:
    failing = {one.role for one in resources_of(driven.stack).functions.values() if one.failures_to}
    allowing = {role for role in ROLES if "sqs:SendMessage" in {action for action, _ in allowed(driven.stack, role)}}
    assert allowing == failing


def test_only_a_role_that_runs_statements_may_sign_in_to_the_warehouse(driven: Driven) -> None:
    signing = {"redshift:GetClusterCredentials"}
    for role in ROLES:
        runs = "redshift-data:ExecuteStatement" in {use.action for use in driven.used(role)}
        assert bool(signing & {action for action, _ in allowed(driven.stack, role)}) is runs


def test_every_call_is_one_whose_right_is_known(driven: Driven) -> None:
    assert not driven.recorder.unknown


# --------------------------------------------------------------------------------------------------------- completeness


def calls_in_the_code() -> set[tuple[str, str]]:
    """Each module of the functions with the methods of AWS clients that it calls, by itself, by pages or in a link."""
    called = [(module, _named(call) or call.func.attr) for module, call in _method_calls()]
    session, services = botocore.session.get_session(), {"dynamodb", "s3"}  # which `aws` makes in its own ways
    services |= {_text(call) for _, call in _method_calls() if call.func.attr == "client" and _is_text(call)}
    models = map(session.get_service_model, services)
    methods = {xform_name(operation) for model in models for operation in model.operation_names}
    return {(module, method) for module, method in called if method in methods}


def _method_calls() -> Iterator[tuple[str, Any]]:
    for path in sorted((REPO / PACKAGE).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield path.stem, node


def _named(call: Any) -> str | None:
    """The method that `get_paginator("…")` or `generate_presigned_url("…")` names."""
    if call.func.attr not in {"get_paginator", "generate_presigned_url"}:
        return None
    assert _is_text(call), "a method that only a run could tell"
    return _text(call)


def _is_text(call: Any) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant)


def _text(call: Any) -> str:
    return str(call.args[0].value)


def test_every_call_in_the_code_was_made(driven: Driven) -> None:
    """And none that is not found there."""
    made = {(use.module, use.method) for use in driven.recorder.uses}
    assert calls_in_the_code() == made


def test_every_function_that_has_a_client_was_driven(driven: Driven) -> None:
    assert {use.function for use in driven.recorder.uses} == set(driven.roles) - {"AuthorizeFunction"}


def test_who_only_verifies_tokens_asks_nothing_of_aws(driven: Driven) -> None:
    """Its keys are public."""
    rights = {action for action, _ in allowed(driven.stack, driven.roles["AuthorizeFunction"])}
    assert rights <= set(WITHOUT_A_CALL)
    assert not [use for use in driven.recorder.uses if use.function == "AuthorizeFunction"]


def test_who_only_compares_domains_may_ask_nothing_of_aws() -> None:
    """The one function of the sign-in's own stack."""
    limits = {"AllowedEmailDomains": "example.com"}
    sign_in_stack = read(Installation(Path(), REPO, 0, "http://localhost:8050", sign_in=limits))[0]
    (function,) = resources_of(sign_in_stack).functions.values()
    assert {action for action, _ in allowed(sign_in_stack, function.role)} <= set(WITHOUT_A_CALL)


SUBMITS = {"redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement"}


@pytest.mark.parametrize("function", ["GetResultFunction", "SendMessageFunction", "ReconcileFunction"])
def test_who_shares_the_role_of_statements_may_not_submit_one(function: str) -> None:
    rights = [right for right in rights_of(HERE, "QueryRole") if right.action in SUBMITS]
    assert {right.action for right in rights} == SUBMITS
    for right in rights:
        for name, may in ((function, False), ("OnConnectFunction", True)):
            use = Use(name, right.action, right.resource, "warehouse", "execute_statement")
            assert is_covered(use, rights, HERE) is may


@pytest.mark.parametrize(
    ("role", "prefix"),
    [("QueryRole", "exports/*"), ("GetReportsRole", "sql/reports/*"), ("SetupRole", "sql/setup/*")],
)
def test_who_lists_a_bucket_lists_what_is_under_a_prefix(role: str, prefix: str) -> None:
    (*_, right) = [one for one in rights_of(HERE, role) if one.action == "s3:ListBucket" and prefix in str(one)]
    folder = prefix.removesuffix("*")
    assert right.covers(right.action, right.resource, s3_prefix=folder)
    assert right.covers(right.action, right.resource, s3_prefix=f"{folder}a/b")
    for other in ("", "sql/", "lambdas/", "results/", folder.removesuffix("/")):
        assert not right.covers(right.action, right.resource, s3_prefix=other)


@pytest.mark.parametrize("folders", ["a", "a/b", "a/b/c", "a/b/c/d"])
def test_the_prefix_of_a_path_is_the_whole_of_its_folders(folders: str) -> None:
    stack = replace(HERE, given={**HERE.given, "QueryScriptS3Path": f"s3://other/{folders}/"})
    lists = [right for right in rights_of(stack, "GetReportsRole") if right.action == "s3:ListBucket"]
    assert lists == [Right("s3:ListBucket", "arn:aws:s3:::other", (("StringLike", "s3:prefix", f"{folders}/*"),))]


def test_a_use_is_told_from_one_that_is_not_allowed() -> None:
    """The comparison itself can fail."""
    table = "arn:aws:dynamodb:us-east-1:000000000000:table/a"
    query = Right("dynamodb:Query", table)
    assert query.covers("dynamodb:Query", table)
    assert not query.covers("dynamodb:Query", f"{table}/index/waiting")
    assert not query.covers("dynamodb:Scan", table)
    get = Right("s3:GetObject", "arn:aws:s3:::b/exports/*")
    assert get.covers("s3:GetObject", "arn:aws:s3:::b/exports/x/y.csv")
    assert not get.covers("s3:GetObject", "arn:aws:s3:::b/other")
    strict, lenient = (
        Right("s3:ListBucket", "arn:aws:s3:::b", ((operator, "s3:prefix", "exports/*"),))
        for operator in ("StringLike", "StringLikeIfExists")
    )
    assert lenient.covers("s3:ListBucket", "arn:aws:s3:::b")
    assert not strict.covers("s3:ListBucket", "arn:aws:s3:::b")
    assert not lenient.covers("s3:ListBucket", "arn:aws:s3:::b", s3_prefix="results/")
