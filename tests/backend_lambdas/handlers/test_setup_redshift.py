"""The custom resource that prepares the warehouse, and always answers CloudFormation."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import duckdb
import pytest

from backend_lambdas.handlers import setup_redshift
from tests.backend_lambdas.lambda_fakes import Context, FakeClock, FakeDataApi, World, http_server

TABLES = "-- the table\nCREATE TABLE IF NOT EXISTS t (a int);\nCREATE VIEW v AS SELECT ';' AS a FROM t;\n"
LIMITS = "ALTER USER ${DB_USERNAME} SET statement_timeout TO ${STATEMENT_TIMEOUT};\n"
PUBLIC = "REVOKE ${REVOKED_FROM_PUBLIC} ON SCHEMA public FROM PUBLIC;\n"
GRANTS = "GRANT SELECT ON TABLE t TO ${DB_USERNAME};\n"


@dataclass
class CloudFormation:
    """Takes the answers at `ResponseURL`."""

    url: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        assert request.command == "PUT"
        content = request.rfile.read(int(request.headers["Content-Length"]))
        assert len(content) <= 4096
        self.headers.append(dict(request.headers))
        self.answers.append(json.loads(content))
        request.send_response(200)
        request.send_header("Content-Length", "0")
        request.end_headers()


@pytest.fixture(scope="module")
def serving() -> Iterator[CloudFormation]:
    cloudformation = CloudFormation()
    with http_server(cloudformation.answer) as url:
        cloudformation.url = url
        yield cloudformation


def finished_unless(*broken: str) -> Callable[[dict[str, Any]], tuple[str, str]]:
    """Statements end at once; those that contain one of the texts fail."""

    def outcome(request: dict[str, Any]) -> tuple[str, str]:
        text = request.get("Sql") or "\n".join(request["Sqls"])
        failing = [word for word in broken if word in text]
        return ("FAILED", f"syntax error at {failing[0]}") if failing else ("FINISHED", "")

    return outcome


@dataclass
class Stack:
    """Sends requests as CloudFormation does and gives its answers."""

    cloudformation: CloudFormation
    recorded: Callable[[str], dict[str, Any]]
    data_api: FakeDataApi
    put: Any
    wire: Callable[..., None]

    def configure(self, **changes: str) -> None:
        self.wire(
            **{
                "SETUP_S3_PATH": f"s3://{self.put.bucket}/setup/",
                "CLUSTER_IDENTIFIER": "analytics-1",
                "WORKGROUP_NAME": "",
                "DATABASE": "dev",
                "SETUP_DB_USERNAME": "awsuser",
                "SETUP_SECRET_ARN": "",
                "DB_USERNAME": "reader",
                "JOBS_DB_USERNAME": "writer",
                "STATEMENT_TIMEOUT_SECONDS": "4200",
                "REVOKE_PUBLIC_CREATE": "false",
            }
            | changes
        )
        setup_redshift.build.cache_clear()

    def request(self, name: str, context: Context | None = None, **changes: Any) -> dict[str, Any]:
        event = self.recorded(name) | {"ResponseURL": f"{self.cloudformation.url}/answer?Signature=secret"} | changes
        count = len(self.cloudformation.answers)
        setup_redshift.handler(event, context or Context())
        assert len(self.cloudformation.answers) == count + 1
        answer = self.cloudformation.answers[-1]
        for same in ("StackId", "RequestId", "LogicalResourceId"):
            assert answer[same] == event[same]
        assert answer["PhysicalResourceId"]
        return answer

    def batches(self) -> list[tuple[str, list[str]]]:
        requests = self.data_api.requests("BatchExecuteStatement")
        return [(request["StatementName"], request["Sqls"]) for request in requests]


@pytest.fixture
def stack(
    serving: CloudFormation, recorded: Callable[[str], dict[str, Any]], world: World, put: Any, wire: Any
) -> Stack:
    stack = Stack(serving, recorded, world.data_api, put, wire)
    stack.data_api.outcome = finished_unless()
    stack.data_api.pages = {None: {"Records": [[{"stringValue": "reader"}]], "ColumnMetadata": []}}
    put("setup/10_tables.sql", TABLES)
    put("setup/20_limits.sql", LIMITS)
    put("setup/30_grants.sql", GRANTS)
    put("setup/notes.txt", "not a script")
    stack.configure()
    return stack


def test_scripts_run_in_order_each_as_one_batch(stack: Stack) -> None:
    assert stack.request("setup_create")["Status"] == "SUCCESS"
    assert stack.batches() == [
        (
            "setup/10_tables.sql",
            ["-- the table\nCREATE TABLE IF NOT EXISTS t (a int)", "CREATE VIEW v AS SELECT ';' AS a FROM t"],
        ),
        (
            "setup/20_limits.sql",
            ['ALTER USER "reader" SET statement_timeout TO 4200000'],
        ),
        ("setup/30_grants.sql", ['GRANT SELECT ON TABLE t TO "reader"']),
    ]


def test_they_run_as_the_owner(stack: Stack) -> None:
    stack.request("setup_create")
    for operation in ("ExecuteStatement", "BatchExecuteStatement"):
        for request in stack.data_api.requests(operation):
            assert (request["ClusterIdentifier"], request["Database"], request["DbUser"]) == (
                "analytics-1",
                "dev",
                "awsuser",
            )


def test_rights_of_a_role_that_was_just_made_are_waited_for(stack: Stack, fake_clock: FakeClock) -> None:
    """CloudFormation calls as soon as the role exists; what it allows holds some seconds later."""
    stack.data_api.refusals["ExecuteStatement"] = ["AccessDeniedException"] * 3
    began = fake_clock.now()
    assert stack.request("setup_create")["Status"] == "SUCCESS"
    assert stack.batches()
    assert 2_000 < fake_clock.now() - began < 60_000


def test_what_stays_denied_is_told(stack: Stack, fake_clock: FakeClock) -> None:
    stack.data_api.refusals["ExecuteStatement"] = ["AccessDeniedException"] * 100
    answer = stack.request("setup_create")
    assert answer["Status"] == "FAILED"
    assert "AccessDeniedException" in answer["Reason"]


SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:redshift!trips-admin-AbCdEf"
SERVERLESS = {
    "CLUSTER_IDENTIFIER": "",
    "WORKGROUP_NAME": "trips",
    "SETUP_DB_USERNAME": "",
    "SETUP_SECRET_ARN": SECRET,
    "DB_USERNAME": "IAMR:pushboard-QueryRole-1A2B",
    "JOBS_DB_USERNAME": "IAMR:pushboard-RunJobsRole-1A2B",
}


def test_in_a_workgroup_they_run_by_the_administrators_secret(stack: Stack) -> None:
    stack.configure(**SERVERLESS)
    assert stack.request("setup_create")["Status"] == "SUCCESS"
    connection = {"ClusterIdentifier", "WorkgroupName", "Database", "DbUser", "SecretArn"}
    for operation in ("ExecuteStatement", "BatchExecuteStatement"):
        for request in stack.data_api.requests(operation):
            members = {name: value for name, value in request.items() if name in connection}
            assert members == {"WorkgroupName": "trips", "Database": "dev", "SecretArn": SECRET}


def test_a_roles_user_is_made_and_granted_under_its_own_name(stack: Stack) -> None:
    """IAM's colon and capitals stand in quotes."""
    stack.configure(**SERVERLESS)
    stack.data_api.pages = {None: {"Records": [], "ColumnMetadata": []}}
    stack.request("setup_create")
    asked, created, *_ = stack.data_api.requests("ExecuteStatement")
    assert asked["Parameters"] == [{"name": "name", "value": "IAMR:pushboard-QueryRole-1A2B"}]
    assert created["Sql"] == 'CREATE USER "IAMR:pushboard-QueryRole-1A2B" PASSWORD DISABLE'
    assert dict(stack.batches())["setup/30_grants.sql"] == [
        'GRANT SELECT ON TABLE t TO "IAMR:pushboard-QueryRole-1A2B"'
    ]


def test_a_database_stands_in_quotes(stack: Stack) -> None:
    stack.configure(DATABASE="taxi-trips")
    stack.put("setup/30_grants.sql", "GRANT TEMP ON DATABASE ${DATABASE} TO ${DB_USERNAME};")
    stack.request("setup_create")
    assert dict(stack.batches())["setup/30_grants.sql"] == ['GRANT TEMP ON DATABASE "taxi-trips" TO "reader"']


def test_a_script_begins_when_the_one_before_has_ended(stack: Stack) -> None:
    """Statements are asynchronous: describing one that runs answers after a while."""
    stack.data_api.outcome = lambda _: ("STARTED", "")
    started: list[int] = []

    def describe(statement: Any) -> None:
        statement.status = {"STARTED": "PICKED", "PICKED": "FINISHED"}[statement.status]
        running = [other for other in stack.data_api.statements.values() if other.status != "FINISHED"]
        started.append(len(running))

    stack.data_api.during["DescribeStatement"] = describe
    assert stack.request("setup_create")["Status"] == "SUCCESS"
    assert set(started) == {0, 1}
    waits = {request["WaitTimeSeconds"] for request in stack.data_api.requests("DescribeStatement")}
    assert waits <= set(range(1, 31))


def test_the_reports_user_is_made_when_there_is_none(stack: Stack) -> None:
    stack.data_api.pages = {None: {"Records": [], "ColumnMetadata": []}}
    stack.request("setup_create")
    asked, created, asked_next, created_next = stack.data_api.requests("ExecuteStatement")
    assert [one["Parameters"][0]["value"] for one in (asked, asked_next)] == ["reader", "writer"]
    assert created["Sql"] == 'CREATE USER "reader" PASSWORD DISABLE'
    assert created_next["Sql"] == 'CREATE USER "writer" PASSWORD DISABLE'


def test_the_reports_user_is_left_alone_when_it_exists(stack: Stack) -> None:
    stack.request("setup_create")
    assert not [one for one in stack.data_api.requests("ExecuteStatement") if one["Sql"].startswith("CREATE")]


@dataclass
class Users:
    """The users of a Redshift, whose names it stores in lower case; `meanwhile` somebody else may make one."""

    names: set[str]
    meanwhile: Callable[[], None] = lambda: None

    def outcome(self, request: dict[str, Any]) -> tuple[str, str]:
        created = re.match(r'CREATE USER "(.*?)"', request.get("Sql", ""))
        if created is None:
            return "FINISHED", ""
        self.meanwhile()
        name = created[1].lower()
        if name in self.names:
            return "FAILED", f'ERROR: user "{name}" already exists'
        self.names.add(name)
        return "FINISHED", ""

    def found(self, statement: Any) -> dict[str, Any]:
        values = {one["name"]: one["value"] for one in statement.request["Parameters"]}
        with duckdb.connect() as connection:
            connection.execute("CREATE TABLE pg_user (usename VARCHAR)")
            connection.executemany("INSERT INTO pg_user VALUES ($1)", [[name] for name in [*sorted(self.names), "x"]])
            rows = connection.execute(statement.request["Sql"].replace(":name", "$name"), values).fetchall()
        return {"Records": [[{"stringValue": value} for value in row] for row in rows], "ColumnMetadata": []}


@pytest.fixture
def users(stack: Stack) -> Users:
    users = Users(set())
    stack.data_api.outcome = users.outcome
    stack.data_api.page_of = users.found
    stack.configure(**SERVERLESS)
    return users


def test_setting_up_again_finds_the_user_that_it_made(stack: Stack, users: Users) -> None:
    """Under the name that Redshift made of it: IAM's has capitals."""
    assert stack.request("setup_create")["Status"] == "SUCCESS"
    assert users.names == {"iamr:pushboard-queryrole-1a2b", "iamr:pushboard-runjobsrole-1a2b"}
    assert stack.request("setup_create")["Status"] == "SUCCESS"
    created = [one for one in stack.data_api.requests("ExecuteStatement") if one["Sql"].startswith("CREATE")]
    assert len(created) == 2


def test_a_user_that_somebody_else_made_meanwhile_is_no_failure(stack: Stack, users: Users) -> None:
    users.meanwhile = lambda: users.names.add("iamr:pushboard-queryrole-1a2b")
    assert stack.request("setup_create")["Status"] == "SUCCESS"
    assert [name for name, _ in stack.batches()][-1] == "setup/30_grants.sql"


def test_a_user_that_cannot_be_made_is_told(stack: Stack, users: Users) -> None:
    stack.data_api.outcome = finished_unless("CREATE USER")
    assert failed(stack) == "ScriptFailed: the reports' user: syntax error at CREATE USER"


def test_another_reader_is_made_beside_the_first(stack: Stack, users: Users) -> None:
    stack.request("setup_create")
    stack.configure(**SERVERLESS | {"DB_USERNAME": "IAMR:pushboard-QueryRole-3C4D"})
    assert stack.request("setup_update")["Status"] == "SUCCESS"
    assert len(users.names) == 3
    assert stack.batches()[-1][1] == ['GRANT SELECT ON TABLE t TO "IAMR:pushboard-QueryRole-3C4D"']


def test_a_setup_that_stopped_in_the_middle_goes_on(stack: Stack, users: Users) -> None:
    """The user is there, the tables are not."""
    made = stack.data_api.outcome
    stack.data_api.outcome = lambda request: finished_unless("ALTER")(request) if "Sqls" in request else made(request)
    assert stack.request("setup_create")["Status"] == "FAILED"
    stack.data_api.outcome = made
    assert stack.request("setup_create")["Status"] == "SUCCESS"
    assert [name for name, _ in stack.batches()][-3:] == [
        "setup/10_tables.sql",
        "setup/20_limits.sql",
        "setup/30_grants.sql",
    ]


def test_an_update_with_the_same_scripts_runs_nothing(stack: Stack) -> None:
    physical_id = stack.request("setup_create")["PhysicalResourceId"]
    stack.data_api.calls.clear()
    answer = stack.request("setup_update", PhysicalResourceId=physical_id)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", physical_id)
    assert stack.data_api.calls == []


@pytest.mark.parametrize(
    "change",
    [
        lambda stack: stack.put("setup/30_grants.sql", GRANTS + "GRANT USAGE ON SCHEMA public TO ${DB_USERNAME};"),
        lambda stack: stack.put("setup/40_more.sql", "SELECT 1"),
        lambda stack: stack.configure(STATEMENT_TIMEOUT_SECONDS="600"),
        lambda stack: stack.put("setup/40_public.sql", PUBLIC) or stack.configure(REVOKE_PUBLIC_CREATE="true"),
        lambda stack: stack.configure(DB_USERNAME="another"),
        lambda stack: stack.configure(CLUSTER_IDENTIFIER="analytics-2"),
    ],
)
def test_an_update_with_other_scripts_or_another_warehouse_runs_them_all(
    stack: Stack, change: Callable[[Stack], None]
) -> None:
    physical_id = stack.request("setup_create")["PhysicalResourceId"]
    stack.data_api.calls.clear()
    change(stack)
    answer = stack.request("setup_update", PhysicalResourceId=physical_id)
    assert answer["Status"] == "SUCCESS"
    assert answer["PhysicalResourceId"] != physical_id
    assert "setup/10_tables.sql" in dict(stack.batches())


def test_a_comment_outside_statements_is_no_change(stack: Stack) -> None:
    physical_id = stack.request("setup_create")["PhysicalResourceId"]
    stack.put("setup/30_grants.sql", GRANTS + "-- that is all\n")
    stack.data_api.calls.clear()
    stack.request("setup_update", PhysicalResourceId=physical_id)
    assert stack.data_api.calls == []


def test_a_delete_touches_nothing(stack: Stack) -> None:
    stack.configure(DB_USERNAME="not fit; for a script")
    answer = stack.request("setup_delete")
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "setup-0")
    assert stack.data_api.calls == []


@pytest.mark.parametrize(
    ("wanted", "ran"),
    [("false", []), ("true", [("setup/40_public.sql", ["REVOKE CREATE ON SCHEMA public FROM PUBLIC"])])],
)
def test_a_script_that_asks_for_a_value_without_one_is_left_out(stack: Stack, wanted: str, ran: list[Any]) -> None:
    """So the right of others is taken only from a database whose owner wants that."""
    stack.put("setup/40_public.sql", PUBLIC)
    stack.configure(REVOKE_PUBLIC_CREATE=wanted)
    assert stack.request("setup_create")["Status"] == "SUCCESS"
    assert stack.batches()[3:] == ran


def test_a_script_of_comments_only_is_left_out(stack: Stack) -> None:
    """A batch of no statements would be refused."""
    stack.put("setup/25_later.sql", "-- nothing yet\n")
    assert stack.request("setup_create")["Status"] == "SUCCESS"
    assert "setup/25_later.sql" not in dict(stack.batches())


def test_dollars_of_a_procedure_stay(stack: Stack) -> None:
    body = "CREATE PROCEDURE p() AS $$ BEGIN DELETE FROM t; END; $$ LANGUAGE plpgsql"
    stack.put("setup/25_procedure.sql", body + ";\nSELECT '$1', '$';")
    assert stack.request("setup_create")["Status"] == "SUCCESS"
    assert dict(stack.batches())["setup/25_procedure.sql"] == [body, "SELECT '$1', '$'"]


def test_a_byte_order_mark_does_not_reach_the_warehouse(stack: Stack) -> None:
    stack.put("setup/10_tables.sql", "\ufeffCREATE TABLE t (a int);")
    stack.request("setup_create")
    assert dict(stack.batches())["setup/10_tables.sql"] == ["CREATE TABLE t (a int)"]


# ---------------------------------------------------------------------------------------------------- what goes wrong


def failed(stack: Stack, **changes: Any) -> str:
    answer = stack.request("setup_create", **changes)
    assert answer["Status"] == "FAILED"
    return str(answer["Reason"])


def test_a_script_that_fails_stops_the_setup_and_says_why(stack: Stack) -> None:
    stack.data_api.outcome = finished_unless("ALTER")
    assert failed(stack) == "ScriptFailed: 20_limits.sql: syntax error at ALTER"
    assert [name for name, _ in stack.batches()] == ["setup/10_tables.sql", "setup/20_limits.sql"]


def test_a_failed_update_keeps_the_id_so_that_the_next_one_runs_again(stack: Stack) -> None:
    stack.data_api.outcome = finished_unless("ALTER")
    assert stack.request("setup_update")["PhysicalResourceId"] == "setup-0"
    stack.data_api.outcome = finished_unless()
    assert stack.request("setup_update")["Status"] == "SUCCESS"


def test_a_script_that_outlives_the_function_is_cancelled_and_told(stack: Stack) -> None:
    stack.data_api.outcome = lambda request: ("STARTED", "") if "Sqls" in request else ("FINISHED", "")
    reason = failed(stack, context=Context(21))
    assert reason == "ScriptFailed: 10_tables.sql: not finished within the function's time limit"
    assert "ABORTED" in {statement.status for statement in stack.data_api.statements.values()}


@pytest.mark.parametrize("code", ["ThrottlingException", "ValidationException"])
def test_a_refused_call_is_told(stack: Stack, code: str) -> None:
    stack.data_api.refusals["BatchExecuteStatement"] = [code]
    assert code in failed(stack)


def test_a_path_that_cannot_be_read_is_told(stack: Stack) -> None:
    stack.configure(SETUP_S3_PATH="s3://no-such-bucket-anywhere/setup/")
    assert "NoSuchBucket" in failed(stack)


def test_a_missing_variable_is_told(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DB_USERNAME")
    assert "DB_USERNAME is not set" in failed(stack)


def test_an_unknown_request_is_told(stack: Stack) -> None:
    assert "KeyError" in failed(stack, RequestType="Explode")


def test_an_unknown_variable_in_a_script_is_told(stack: Stack) -> None:
    stack.put("setup/10_tables.sql", "GRANT SELECT ON t TO ${DB_USER};")
    assert failed(stack) == "ScriptFailed: 10_tables.sql: a variable in it is not known: 'DB_USER'"
    assert stack.data_api.calls == []


def test_a_script_that_is_not_utf8_is_told(stack: Stack) -> None:
    stack.put("setup/10_tables.sql", "-- Größe".encode("latin-1"))
    assert "10_tables.sql: the file is not UTF-8 text" in failed(stack)


def test_a_very_long_reason_is_cut(stack: Stack) -> None:
    """CloudFormation takes 4 KB; the server of these tests holds us to it."""
    stack.data_api.outcome = lambda _: ("FAILED", "é" * 10_000)
    assert len(failed(stack)) == 500


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DB_USERNAME", ""),
        ("DB_USERNAME", "reader; DROP TABLE t"),
        ("DB_USERNAME", 'reader"'),
        ("DB_USERNAME", "Reader"),
        ("DB_USERNAME", "_reader"),
        ("DB_USERNAME", "reader\n"),
        ("DB_USERNAME", "x" * 64),
        ("DB_USERNAME", "IAMR:"),
        ("DB_USERNAME", 'IAMR:x"; DROP TABLE t; --'),
        ("DB_USERNAME", "IAMR:x y"),
        ("DB_USERNAME", "IAM:person"),
        ("DATABASE", ""),
        ("DATABASE", 'dev"; DROP TABLE t; --'),
        ("DATABASE", "dev\n"),
        ("REVOKE_PUBLIC_CREATE", ""),
        ("REVOKE_PUBLIC_CREATE", "True"),
        ("REVOKE_PUBLIC_CREATE", "ALL"),
    ],
)
def test_a_value_that_could_be_sql_is_refused(stack: Stack, variable: str, value: str) -> None:
    stack.configure(**{variable: value})
    assert f"{variable} has a value that cannot stand in a script" in failed(stack)
    assert stack.data_api.calls == []


def test_the_answer_has_no_content_type_and_its_address_stays_secret(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    """The address is signed without one, and whoever has it may answer for us."""
    stack.data_api.outcome = finished_unless("ALTER")
    with caplog.at_level(logging.DEBUG, "backend_lambdas"):
        stack.request("setup_create")
    assert stack.cloudformation.headers[-1]["Content-Type"] == ""
    assert "syntax error at ALTER" in caplog.text
    assert "Signature" not in caplog.text


def test_an_answer_that_cannot_be_delivered_is_an_error(stack: Stack) -> None:
    """So that Lambda tries again: a stack that gets no answer hangs for an hour."""
    event = stack.recorded("setup_delete") | {"ResponseURL": "http://127.0.0.1:1/"}
    with pytest.raises(OSError, match="refused"):
        setup_redshift.handler(event, Context())
