"""The life of a statement: accepted at once, run elsewhere, its errors told only by its status."""

import threading

import pytest

from infra.local.endpoint.awsjson import ServiceError

TARGET = {"ClusterIdentifier": "analytics-1", "Database": "dev"}
SLOW = "with recursive r(n) as (select 1 union all select n + 1 from r where n < 1000000000) select count(*) from r"


def refused(warehouse, operation, **request):
    with pytest.raises(ServiceError) as error:
        warehouse.call(operation, **request)
    return error.value


def test_a_submission_is_answered_before_it_has_run(warehouse):
    answer = warehouse.call("ExecuteStatement", Sql=SLOW, **TARGET)
    assert answer["Status"] in ("SUBMITTED", "PICKED", "STARTED")
    assert "HasResultSet" not in answer
    assert (answer["ClusterIdentifier"], answer["Database"], answer["DbUser"]) == ("analytics-1", "dev", "IAM:admin")


def test_a_finished_statement_is_described(shared):
    described = shared.ok("select 1 as one union all select 2")
    assert (described["ResultRows"], described["HasResultSet"]) == (2, True)
    assert described["ResultSize"] > 0
    assert described["Duration"] > 0
    assert described["RedshiftPid"] > 0
    assert described["QueryString"] == "select 1 as one union all select 2"
    assert described["UpdatedAt"] >= described["CreatedAt"]


def test_a_running_statement_has_no_figures_yet(warehouse):
    identifier = warehouse.submit(SLOW)
    warehouse.started(identifier)
    described = warehouse.call("DescribeStatement", Id=identifier)
    assert (described["ResultRows"], described["ResultSize"], described["Duration"]) == (-1, -1, -1)
    assert described["HasResultSet"] is False


def test_an_empty_result_is_a_result(shared):
    described = shared.ok("select 1 where 1 = 0")
    assert (described["HasResultSet"], described["ResultRows"]) == (True, 0)


def test_a_change_counts_its_rows_and_has_no_result(warehouse):
    warehouse.ok("create table t (a int)")
    described = warehouse.ok("insert into t values (1), (2)")
    assert (described["HasResultSet"], described["ResultRows"]) == (False, 2)


def test_an_sql_error_fails_the_statement_not_the_call(warehouse):
    described = warehouse.run("select * from nowhere")
    assert (described["Status"], described["Error"]) == ("FAILED", 'ERROR: relation "nowhere" does not exist')


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("select 1 frm x y", 'ERROR: syntax error at or near "x"'),
        ("select 'abc", "ERROR: syntax error at or near"),
        ("selct 1", "ERROR: syntax error"),
        ("select nope from t", 'ERROR: column "nope" does not exist'),
        ("select 1 / 0", "ERROR: division by zero"),
        ("select 'x'::int", 'ERROR: invalid input syntax for integer: "x"'),
        ("insert into t values (null)", "ERROR: Cannot insert a NULL value into column a"),
        ("create table t (a int)", 'ERROR: Relation "t" already exists'),
        ("drop table nowhere", 'ERROR: relation "nowhere" does not exist'),
        ("unload ('select 1') to 's3://b/x' iam_role default", "ERROR: UNLOAD to delimited text"),
        ("select * from t, other.public.t", "ERROR: a query across databases (other) exists on Redshift"),
    ],
)
def test_errors_speak_as_redshift_does(warehouse, sql, error):
    warehouse.ok("create table t (a int not null)")
    assert warehouse.error(sql).startswith(error)


def test_an_unused_parameter_is_refused_at_once(shared):
    error = refused(shared, "ExecuteStatement", Sql="select 1", Parameters=[{"name": "id", "value": "1"}], **TARGET)
    assert error.message.startswith("Parameters list contains unused parameters. Unused parameters: [id]")


def test_a_description_keeps_the_placeholders_and_repeats_the_values(shared):
    parameters = [{"name": "n", "value": "1"}]
    described = shared.ok("select :n", Parameters=parameters)
    assert (described["QueryString"], described["QueryParameters"]) == ("select :n", parameters)


@pytest.mark.parametrize("sql", ["select 1; select 2", "", " ; ", "-- nothing"])
def test_one_statement_is_wanted(shared, sql):
    assert refused(shared, "ExecuteStatement", Sql=sql, **TARGET).code == "ValidationException"


def test_a_closing_semicolon_is_fine(shared):
    shared.ok("select ';' ;")


def test_too_long_a_text_is_refused(shared):
    assert refused(shared, "ExecuteStatement", Sql="select '" + "x" * 210_000 + "'", **TARGET).code == (
        "ValidationException"
    )


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"Database": "dev"},
        {"ClusterIdentifier": "c"},
        {"ClusterIdentifier": "c", "WorkgroupName": "wwww", "Database": "dev"},
        {"WorkgroupName": "wwww", "DbUser": "u", "Database": "dev"},
        {"ClusterIdentifier": "c", "DbUser": "u", "SecretArn": "s", "Database": "dev"},
        {"ClusterIdentifier": "Not_A_Name", "Database": "dev"},
        {"ClusterIdentifier": "c", "Database": "dev", "WaitTimeSeconds": 31},
        {"ClusterIdentifier": "c", "Database": "dev", "ResultFormat": "XML"},
        {"ClusterIdentifier": "c", "Database": "dev", "StatementName": "x" * 2049},
        {"ClusterIdentifier": "c", "Database": "dev", "Parameters": [{"name": "a-b", "value": "1"}]},
        {"ClusterIdentifier": "c", "Database": "dev", "Parameters": [{"name": "a", "value": ""}]},
    ],
)
def test_bad_input_is_refused_at_once(shared, members):
    assert refused(shared, "ExecuteStatement", Sql="select 1", **members).code == "ValidationException"


def test_a_workgroup_is_answered_without_a_cluster(shared):
    answer = shared.call("ExecuteStatement", Sql="select 1", WorkgroupName="reports", Database="dev")
    assert answer["WorkgroupName"] == "reports"
    assert "ClusterIdentifier" not in answer


def test_a_secret_is_the_administrators(shared):
    assert shared.rows("select current_user", SecretArn="arn:secret") == [["awsuser"]]


def test_unknown_places_are_refused_when_the_known_ones_are_named(warehouse):
    warehouse.limits.clusters = frozenset({"other"})
    assert refused(warehouse, "ExecuteStatement", Sql="select 1", **TARGET).message.startswith("Redshift endpoint")
    warehouse.limits.clusters = frozenset()
    warehouse.limits.databases = frozenset({"other"})
    assert 'database "dev" does not exist' in refused(warehouse, "ExecuteStatement", Sql="select 1", **TARGET).message


def test_an_unknown_id_is_not_found(shared):
    error = refused(shared, "DescribeStatement", Id="00000000-0000-0000-0000-000000000000")
    assert (error.code, error.members) == (
        "ResourceNotFoundException",
        {"ResourceId": "00000000-0000-0000-0000-000000000000"},
    )


def test_a_malformed_id_is_invalid(shared):
    assert refused(shared, "DescribeStatement", Id="nonsense").code == "ValidationException"


def test_a_long_poll_returns_when_the_statement_ends(shared):
    answer = shared.call("ExecuteStatement", Sql="select 1", WaitTimeSeconds=30, **TARGET)
    assert (answer["Status"], answer["HasResultSet"]) == ("FINISHED", True)


def test_a_long_poll_ends_in_time_with_the_status_of_the_moment(warehouse):
    answer = warehouse.call("ExecuteStatement", Sql=SLOW, WaitTimeSeconds=1, **TARGET)
    assert answer["Status"] == "STARTED"


def test_too_many_long_polls_on_one_statement(warehouse):
    warehouse.limits.max_waiting_requests = 0
    identifier = warehouse.submit("select 1")
    error = refused(warehouse, "DescribeStatement", Id=identifier, WaitTimeSeconds=1)
    assert error.code == "ActiveWaitingRequestsExceededException"


def test_too_many_active_statements(warehouse):
    warehouse.limits.max_active_statements = 1
    warehouse.submit(SLOW)
    error = refused(warehouse, "ExecuteStatement", Sql="select 1", **TARGET)
    assert error.code == "ActiveStatementsExceededException"


def test_statements_run_side_by_side(warehouse):
    for _ in range(4):
        warehouse.started(warehouse.submit(SLOW))
    assert warehouse.rows("select 1") == [[1]]


def test_a_query_does_not_wait_for_a_writer_even_behind_a_comment(warehouse):
    warehouse.ok("create table t (a int)")
    warehouse.started(warehouse.submit(f"insert into t {SLOW}"))
    assert warehouse.rows("-- how many\nselect count(*) from t") == [[0]]


def test_more_statements_than_workers_wait_their_turn(warehouse):
    for _ in range(16):
        warehouse.started(warehouse.submit(SLOW))
    waiting = warehouse.submit("select 1")
    assert warehouse.call("DescribeStatement", Id=waiting)["Status"] == "SUBMITTED"


def test_many_callers_at_once(warehouse):
    warehouse.ok("create table t (a int)")
    threads = [threading.Thread(target=warehouse.ok, args=(f"insert into t values ({n})",)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert warehouse.rows("select count(*), count(distinct a) from t") == [[30, 30]]


def test_the_same_client_token_gives_the_same_statement(timed):
    first = timed.submit("select 1", ClientToken="token")
    assert timed.submit("select 1", ClientToken="token") == first


def test_a_client_token_runs_a_change_once(warehouse):
    warehouse.ok("create table t (a int)")
    for _ in range(3):
        warehouse.ok("insert into t values (1)", ClientToken="token")
    assert warehouse.rows("select count(*) from t") == [[1]]


def test_a_client_token_is_forgotten_after_eight_hours(timed, clock):
    first = timed.submit("select 1", ClientToken="token")
    clock.now += 8 * 3600 + 1
    assert timed.submit("select 1", ClientToken="token") != first


def test_a_client_token_of_another_role_is_another(warehouse):
    first = warehouse.submit("select 1", ClientToken="token")
    assert warehouse.submit("select 1", "arn:aws:iam::000000000000:user/other", ClientToken="token") != first


def test_a_refused_call_does_not_use_up_its_client_token(warehouse):
    refused(warehouse, "ExecuteStatement", Sql="", ClientToken="token", **TARGET)
    warehouse.ok("select 1", ClientToken="token")


def test_the_warehouse_survives_a_restart(tmp_path, warehouse):
    warehouse.ok("create table t (a int)")
    warehouse.ok("insert into t values (7)")
    warehouse.service.close()
    again = type(warehouse)(tmp_path)
    assert again.rows("select a from t") == [[7]]
    again.service.close()


def test_closing_stops_what_runs(tmp_path, warehouse):
    identifier = warehouse.submit(SLOW)
    warehouse.started(identifier)
    warehouse.service.close()
    assert warehouse.service._store.running() == []
    assert not any(thread.is_alive() for thread in warehouse.service._submissions._workers._threads)
    warehouse.service = type(warehouse)(tmp_path).service
