"""ListStatements, the catalog operations, ownership, events and rates."""

import json

import pytest

from infra.local.endpoint.awsjson import ServiceError

TARGET = {"ClusterIdentifier": "analytics-1", "Database": "dev"}
SLOW = "with recursive r(n) as (select 1 union all select n + 1 from r where n < 1000000000) select count(*) from r"
ROLE = "arn:aws:sts::000000000000:assumed-role/Runner"


def listed(warehouse, caller="arn:aws:iam::000000000000:user/admin", **filters):
    return [one["Id"] for one in warehouse.call("ListStatements", caller, **filters)["Statements"]]


def refused(warehouse, operation, **request):
    with pytest.raises(ServiceError) as error:
        warehouse.call(operation, **request)
    return error.value


def test_only_finished_statements_are_listed_newest_first(warehouse):
    first, second = warehouse.ok("select 1")["Id"], warehouse.ok("select 2")["Id"]
    failed, running = warehouse.run("select nope")["Id"], warehouse.submit(SLOW)
    assert listed(warehouse) == [second, first]
    assert listed(warehouse, Status="FAILED") == [failed]
    assert listed(warehouse, Status="ALL") == [running, failed, second, first]


def test_statements_are_found_by_the_beginning_of_their_name(warehouse):
    mine = warehouse.ok("select 1", StatementName="pushboard/a")["Id"]
    warehouse.ok("select 1", StatementName="Pushboard/b")
    assert listed(warehouse, StatementName="pushboard/") == [mine]


def test_what_is_under_way_is_found_by_status_and_name(warehouse):
    """Sixteen run at once; what comes after them waits."""
    running = [warehouse.submit(SLOW, StatementName=f"pushboard/{n}") for n in range(16)]
    for identifier in running:
        warehouse.started(identifier)
    waiting = [warehouse.submit("select 1", StatementName=f"pushboard/late/{n}") for n in range(2)]
    warehouse.submit("select 1", StatementName="setup/late")
    assert listed(warehouse, Status="STARTED", StatementName="pushboard/") == running[::-1]
    assert listed(warehouse, Status="SUBMITTED", StatementName="pushboard/") == waiting[::-1]
    assert listed(warehouse, Status="PICKED", StatementName="pushboard/") == []
    assert listed(warehouse, StatementName="pushboard/") == []


def test_a_change_that_waits_for_another_is_picked_but_not_started(warehouse):
    warehouse.started(warehouse.submit(f"create table a as {SLOW}", StatementName="pushboard/first"))
    second = warehouse.submit("create table b as select 1 as n", StatementName="pushboard/second")
    warehouse.until(lambda: listed(warehouse, Status="PICKED", StatementName="pushboard/") == [second])


def test_a_statement_that_ends_between_two_pages_hides_no_other(warehouse):
    running = [warehouse.submit(SLOW) for _ in range(5)][::-1]
    for identifier in running:
        warehouse.started(identifier)
    first = warehouse.call("ListStatements", Status="STARTED", MaxResults=2)
    warehouse.call("CancelStatement", Id=running[0])
    second = warehouse.call("ListStatements", Status="STARTED", MaxResults=3, NextToken=first["NextToken"])
    assert [one["Id"] for one in first["Statements"] + second["Statements"]] == running
    assert "NextToken" not in second


def test_a_token_is_for_the_list_it_came_from(warehouse):
    for _ in range(2):
        warehouse.ok("select 1")
    token = warehouse.call("ListStatements", MaxResults=1)["NextToken"]
    assert refused(warehouse, "ListStatements", Status="ALL", NextToken=token).code == "ValidationException"


def test_what_is_under_way_is_its_roles(warehouse):
    identifier = warehouse.submit(SLOW, f"{ROLE}/OnConnect", StatementName="pushboard/a")
    same_role = f"{ROLE}/Reconcile"
    warehouse.until(lambda: listed(warehouse, same_role, Status="STARTED", StatementName="pushboard/") == [identifier])
    assert listed(warehouse, f"{ROLE.replace('Runner', 'Other')}/Reconcile", Status="STARTED") == []
    assert listed(warehouse, same_role, Status="STARTED", RoleLevel=False) == []


def test_a_listed_statement_shows_what_was_asked(warehouse):
    parameters = [{"name": "n", "value": "1"}]
    warehouse.ok("select :n", StatementName="name", Parameters=parameters)
    [one] = warehouse.call("ListStatements")["Statements"]
    assert (one["QueryString"], one["StatementName"], one["IsBatchStatement"]) == ("select :n", "name", False)
    assert one["QueryParameters"] == parameters


def test_a_listed_batch_shows_its_texts(warehouse):
    warehouse.batch("select 1", "select 2")
    [one] = warehouse.call("ListStatements")["Statements"]
    assert (one["QueryStrings"], one["IsBatchStatement"]) == (["select 1", "select 2"], True)


def test_statements_are_listed_in_pages(warehouse):
    expected = [warehouse.ok("select 1")["Id"] for _ in range(5)][::-1]
    found, request = [], {"MaxResults": 2}
    while True:
        page = warehouse.call("ListStatements", **request)
        found += [one["Id"] for one in page["Statements"]]
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]
    assert found == expected


def test_statements_are_filtered_by_place(warehouse):
    cluster = warehouse.ok("select 1")["Id"]
    workgroup = warehouse.ok("select 1", WorkgroupName="reports", Database="dev")["Id"]
    assert listed(warehouse, ClusterIdentifier="analytics-1") == [cluster]
    assert listed(warehouse, WorkgroupName="reports") == [workgroup]
    assert (
        refused(warehouse, "ListStatements", ClusterIdentifier="c", WorkgroupName="www").code == "ValidationException"
    )


def test_a_statement_is_its_roles(warehouse):
    identifier = warehouse.ok("select 1", f"{ROLE}/one")["Id"]
    assert warehouse.described(identifier, f"{ROLE}/two")["Status"] == "FINISHED"
    assert listed(warehouse, f"{ROLE}/two") == [identifier]
    assert listed(warehouse, f"{ROLE}/two", RoleLevel=False) == []
    assert listed(warehouse) == []
    for operation in ("DescribeStatement", "GetStatementResult", "CancelStatement"):
        error = refused(warehouse, operation, Id=identifier)
        assert (error.code, error.message) == ("ResourceNotFoundException", "Query does not exist.")


def test_ownership_can_be_switched_off(warehouse):
    warehouse.limits.enforce_ownership = False
    identifier = warehouse.ok("select 1", f"{ROLE}/one")["Id"]
    assert warehouse.described(identifier)["Status"] == "FINISHED"
    assert listed(warehouse) == [identifier]


def test_people_may_be_let_see_all_while_roles_stay_apart(warehouse):
    warehouse.limits.people_see_all = True
    identifier = warehouse.ok("select 1", f"{ROLE}/one")["Id"]
    assert listed(warehouse) == [identifier]
    other_role = ROLE.replace("assumed-role/", "assumed-role/Other")
    assert listed(warehouse, f"{other_role}/one") == []


def test_databases(warehouse):
    assert warehouse.call("ListDatabases", **TARGET)["Databases"] == ["dev"]
    warehouse.limits.databases = frozenset({"dev", "prod"})
    assert warehouse.call("ListDatabases", ClusterIdentifier="c")["Databases"] == ["dev", "prod"]


def test_schemas(warehouse):
    warehouse.ok("create schema sales")
    assert warehouse.call("ListSchemas", **TARGET)["Schemas"] == [
        "information_schema",
        "pg_catalog",
        "public",
        "sales",
    ]
    assert warehouse.call("ListSchemas", SchemaPattern="s%", **TARGET)["Schemas"] == ["sales"]


def test_tables(warehouse):
    warehouse.ok("create table trips (a int)")
    warehouse.ok("create view totals as select 1 as a")
    tables = warehouse.call("ListTables", SchemaPattern="public", **TARGET)["Tables"]
    assert tables == [
        {"schema": "public", "name": "totals", "type": "VIEW"},
        {"schema": "public", "name": "trips", "type": "TABLE"},
    ]
    assert len(warehouse.call("ListTables", TablePattern="t_ips", **TARGET)["Tables"]) == 1
    assert "pg_user" in [one["name"] for one in warehouse.call("ListTables", **TARGET)["Tables"]]


def test_a_table_is_described(warehouse):
    warehouse.ok("create table trips (a int not null, b varchar(20) default 'x', c decimal(9, 2))")
    answer = warehouse.call("DescribeTable", Schema="public", Table="trips", **TARGET)
    first, second, third = answer["ColumnList"]
    assert answer["TableName"] == "trips"
    assert (first["name"], first["typeName"], first["nullable"]) == ("a", "int4", 0)
    assert (second["typeName"], second["precision"], second["columnDefault"]) == ("varchar", 20, "'x'")
    assert (third["typeName"], third["precision"], third["scale"]) == ("numeric", 9, 2)


def test_columns_come_in_pages(warehouse):
    warehouse.ok("create table trips (a int, b int, c int)")
    page = warehouse.call("DescribeTable", Table="trips", MaxResults=2, **TARGET)
    rest = warehouse.call("DescribeTable", Table="trips", MaxResults=2, NextToken=page["NextToken"], **TARGET)
    assert [one["name"] for one in page["ColumnList"] + rest["ColumnList"]] == ["a", "b", "c"]
    assert "NextToken" not in rest


def test_the_catalog_needs_a_known_user(warehouse):
    error = refused(warehouse, "ListTables", DbUser="nobody", **TARGET)
    assert error.message == 'FATAL: user "nobody" does not exist'


def events(warehouse, count):
    """The events published by now, when nothing is under way."""
    warehouse.service._submissions.close()
    assert len(warehouse.events) == count
    return warehouse.events


def test_a_finished_statement_sends_an_event(warehouse):
    caller = f"{ROLE}/function"
    described = warehouse.ok("select 1 union all select 2", caller, WithEvent=True, StatementName="pushboard/a")
    [event] = events(warehouse, 1)
    assert json.dumps(event)
    assert {name: event[name] for name in ("version", "source", "detail-type", "account", "region", "resources")} == {
        "version": "0",
        "source": "aws.redshift-data",
        "detail-type": "Redshift Data Statement Status Change",
        "account": "000000000000",
        "region": "us-east-1",
        "resources": ["arn:aws:redshift:us-east-1:000000000000:cluster:analytics-1"],
    }
    assert event["detail"] == {
        "principal": caller,
        "statementName": "pushboard/a",
        "statementId": described["Id"],
        "redshiftQueryId": -1,
        "state": "FINISHED",
        "rows": 2,
        "expireAt": int(described["UpdatedAt"]) + 86_399,
    }


def test_a_failed_statement_sends_an_event_without_its_error(warehouse):
    warehouse.run("select nope", WithEvent=True)
    [event] = events(warehouse, 1)
    assert (event["detail"]["state"], event["detail"]["rows"]) == ("FAILED", -1)
    assert "statementName" not in event["detail"]


def test_an_aborted_statement_sends_an_event(warehouse):
    identifier = warehouse.submit(SLOW, WithEvent=True)
    warehouse.call("CancelStatement", Id=identifier)
    [event] = events(warehouse, 1)
    assert event["detail"]["state"] == "ABORTED"


def test_a_batch_sends_one_event_with_its_own_id(warehouse):
    described = warehouse.batch("select 1", "select 2", WithEvent=True)
    [event] = events(warehouse, 1)
    assert (event["detail"]["statementId"], event["detail"]["rows"]) == (described["Id"], 2)


def test_no_event_unless_it_was_asked_for(warehouse):
    warehouse.ok("select 1")
    events(warehouse, 0)


def test_a_receiver_may_ask_back_at_once(tmp_path, warehouse):
    """`publish` is called without a lock held, when the end can already be seen."""
    seen = []
    warehouse.service._submissions._publish = lambda event: seen.append(
        warehouse.page(event["detail"]["statementId"])["TotalNumRows"]
    )
    for _ in range(10):
        warehouse.ok("select 1", WithEvent=True)
    events(warehouse, 0)
    assert seen == [1] * 10


def test_a_receiver_that_fails_does_no_harm(warehouse, caplog):
    def fail(event):
        raise RuntimeError("no bus")

    warehouse.service._submissions._publish = fail
    for _ in range(8):
        warehouse.ok("select 1", WithEvent=True)
    events(warehouse, 0)
    assert len([record for record in caplog.records if "could not be published" in record.message]) == 8


def test_rates_are_enforced_when_switched_on(timed, clock):
    timed.limits.enforce_rates = True
    for _ in range(3):
        timed.call("ListStatements")
    error = refused(timed, "ListStatements")
    assert (error.code, error.status) == ("ThrottlingException", 400)
    timed.call("ListSessions")
    clock.now += 0.5
    timed.call("ListStatements")


@pytest.mark.parametrize(("operation", "rate"), [("ExecuteStatement", 30), ("BatchExecuteStatement", 20)])
def test_a_second_holds_so_many_submissions(timed, operation, rate):
    timed.limits.enforce_rates = True
    request = {"Sql": "select 1"} if operation == "ExecuteStatement" else {"Sqls": ["select 1"]}
    for _ in range(rate):
        timed.call(operation, **request, **TARGET)
    assert refused(timed, operation, **request, **TARGET).code == "ThrottlingException"


def test_an_unknown_operation(warehouse):
    assert refused(warehouse, "Nonsense").code == "UnknownOperationException"
