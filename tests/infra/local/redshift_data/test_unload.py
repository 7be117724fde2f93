"""UNLOAD: a query's rows become objects, all of them or none."""

import csv
import errno
import io
import json
import resource
import shutil
from decimal import Decimal

import pyarrow.parquet
import pytest

from backend_lambdas.exports import export_table
from tests.infra.local.redshift_data.conftest import SLOW, TARGET, Bucket, Warehouse

TO = "to 's3://bucket/out/' iam_role default"
CSV = f"{TO} format as csv parallel off"
TABLE = """create table trips (
    n smallint, fare decimal(10, 2), paid boolean, day date, ts timestamp, name varchar(20), share float8)"""
ROWS = """insert into trips values
    (1, 2.50, true, '2015-12-05', '2015-12-05 15:04:05.5', 'ann', 0.1),
    (2, null, false, null, '2015-12-05 15:04:05', 'a "b", c', 1),
    (3, 4, null, null, null, '', null)"""
LONG_TEXT = "x" * 500
TWO = {"one": "x", "end": "y"}
BATCH = (
    "create temp table export_rows as select * from trips where n >= :least order by n",
    f"unload ('select * from export_rows') {CSV} header allowoverwrite extension '.csv' maxfilesize 6 gb",
    "select pg_last_unload_count()",
)


@pytest.fixture(scope="module")
def shared_trips(tmp_path_factory, empty):
    """A warehouse with the table, for `trips`."""
    folder = tmp_path_factory.mktemp("trips")
    shutil.copy(empty, folder)
    warehouse = Warehouse(folder, s3=Bucket(folder / "s3"))
    warehouse.ok(TABLE)
    warehouse.ok(ROWS)
    yield warehouse
    warehouse.service.close()


@pytest.fixture
def trips(shared_trips):
    """A warehouse with the table `trips` and an empty bucket; a test that makes another table has a name of its own."""
    shared_trips.s3.objects.clear()
    return shared_trips


def unloaded(warehouse, query, options=CSV):
    """The text of the single object a query becomes."""
    warehouse.ok(f"unload ('{query}') {options}")
    [file] = warehouse.s3.objects.values()
    return file.read_bytes().decode()


def test_a_row_is_a_line_and_nothing_is_an_empty_field(trips):
    assert unloaded(trips, "select * from trips order by n").split("\n") == [
        "1,2.50,t,2015-12-05,2015-12-05 15:04:05.5,ann,0.1",
        '2,,f,,2015-12-05 15:04:05,"a ""b"", c",1',
        "3,4.00,,,,,",
        "",
    ]


def test_the_header_names_the_columns(trips):
    text = unloaded(trips, 'select n, fare as "total, FARE" from trips where n = 1', f"{CSV} header")
    assert text == 'n,"total, fare"\n1,2.50\n'


def test_an_empty_result_is_its_header(trips):
    assert unloaded(trips, "select n from trips where n = 9", f"{CSV} header") == "n\n"


@pytest.mark.parametrize("value", ["a,b", 'say "x"', "two\nlines", "cr\rhere", " space ", "#5", "tab\t", "ünï ☃"])
def test_every_text_survives(trips, value):
    trips.ok("create table if not exists texts (a varchar(100))")
    trips.ok("delete from texts")
    trips.ok("insert into texts values (:a)", Parameters=[{"name": "a", "value": value}])
    assert list(csv.reader(io.StringIO(unloaded(trips, "select a, 1 from texts"), newline=""))) == [[value, "1"]]


@pytest.mark.parametrize("value", [" space ", "null", "it's", "5 % : ;"])
def test_only_what_must_be_quoted_is(trips, value):
    session = trips.ok("select 1", SessionKeepAliveSeconds=60)["SessionId"]
    bound = [{"name": "a", "value": value}]
    trips.ok("create temp table t as select :a::varchar as a", SessionId=session, Parameters=bound)
    trips.ok(f"unload ('select a from t') {CSV}", SessionId=session)
    assert trips.s3.text("s3://bucket/out/000") == value + "\n"


def test_numbers_that_are_none(trips):
    sql = "select ''NaN''::float8, ''Infinity''::float8, 1e20::float8, 12345678901234567.89::decimal(38, 2)"
    assert unloaded(trips, sql) == "NaN,Infinity,1e+20,12345678901234567.89\n"


def test_null_as_and_delimiter(trips):
    text = unloaded(trips, "select n, fare, name from trips order by n", f"{CSV} null as '-' delimiter '|'")
    assert text == '1|2.50|ann\n2|-|"a ""b"", c"\n3|4.00|\n'


def test_parquet_keeps_types(trips):
    trips.ok(f"unload ('select * from trips order by n') {TO} parquet parallel off")
    table = pyarrow.parquet.read_table(trips.s3.objects["s3://bucket/out/000.parquet"])
    types = ["int16", "decimal128(10, 2)", "bool", "date32[day]", "timestamp[us]", "string", "double"]
    assert [str(field.type) for field in table.schema] == types
    assert table["fare"].to_pylist() == [Decimal("2.50"), None, Decimal("4.00")]
    assert table["name"].to_pylist() == ["ann", 'a "b", c', ""]


def test_parquet_is_snappy(trips):
    trips.ok(f"unload ('select * from trips') {TO} format parquet")
    metadata = pyarrow.parquet.read_metadata(trips.s3.objects["s3://bucket/out/0000_part_00.parquet"])
    assert metadata.row_group(0).column(0).compression == "SNAPPY"


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ("csv parallel off", "000"),
        ("csv parallel false extension '.csv'", "000.csv"),
        ("csv parallel off extension 'csv'", "000csv"),
        ("csv", "0000_part_00"),
        ("csv parallel on gzip", "0000_part_00.gz"),
        ("csv parallel off zstd extension '.csv.zst'", "000.csv.zst"),
        ("csv region 'us-east-1' maxfilesize as 5.5 parallel off", "000"),
    ],
)
def test_names(trips, options, name):
    trips.ok(f"unload ('select 1') {TO} {options}")
    assert list(trips.s3.objects) == [f"s3://bucket/out/{name}"]


def test_a_manifest_names_the_objects(trips):
    trips.ok(f"unload ('select 1') {CSV} manifest")
    manifest = json.loads(trips.s3.text("s3://bucket/out/manifest"))
    assert manifest == {"entries": [{"url": "s3://bucket/out/000"}]}


def test_maxfilesize_cuts_between_rows_and_keeps_their_order(unloading):
    unloading.ok(
        "create table t as with recursive r(n) as (select 1 union all select n + 1 from r where n < 12000) "
        "select n, repeat('x', 400) || chr(10) || repeat('y', 500) as text from r"
    )
    unloading.ok(f"unload ('select * from t order by n') {CSV} header maxfilesize 5 mb")
    names = [f"s3://bucket/out/00{i}" for i in range(3)]
    assert list(unloading.s3.objects) == names
    rows = [list(csv.reader(io.StringIO(unloading.s3.text(name), newline=""))) for name in names]
    assert all(part[0] == ["n", "text"] for part in rows)
    assert [int(row[0]) for part in rows for row in part[1:]] == list(range(1, 12_001))
    assert all(file.stat().st_size <= 5 * 1024**2 for file in unloading.s3.objects.values())


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        (f"unload ('select 1 limit 1') {CSV}", "Limit clause is not supported"),
        (f"unload ('select top 1 1') {CSV}", "Limit clause is not supported"),
        (f"unload ('delete from t') {CSV}", 'syntax error at or near "delete"'),
        (f"unload (select 1) {CSV}", 'syntax error at or near "select"'),
        (f"unload ('select :n') {CSV}", 'syntax error at or near ":"'),
        (f"unload ('select nope') {CSV}", 'column "nope" does not exist'),
        (f"unload ('select 1') {TO}", "UNLOAD to delimited text"),
        (f"unload ('select 1') {TO} json", "UNLOAD with JSON exists on Redshift"),
        (f"unload ('select 1') {TO} parquet partition by (a)", "UNLOAD with PARTITION BY exists on Redshift"),
        (f"unload ('select 1') {TO} csv wibble", 'syntax error at or near "WIBBLE"'),
        (f"unload ('select 1') {TO} csv escape", "UNLOAD with ESCAPE exists on Redshift"),
        (f"unload ('select 1') {TO} csv maxfilesize 1 mb", "MAXFILESIZE must be between"),
        (f"unload ('select 1') {TO} csv maxfilesize 7 gb", "MAXFILESIZE must be between"),
        (f"unload ('select 1') {TO} csv delimiter ',,'", "DELIMITER must be a single"),
        (f"unload ('select 1') {TO} csv allowoverwrite cleanpath", "cannot be used together"),
        (f"unload ('select 1') {TO} parquet header", "HEADER is not supported for UNLOAD to PARQUET"),
        (f"unload ('select 1') {TO} parquet gzip", "GZIP is not supported for UNLOAD to PARQUET"),
        (f"unload ('select 1') {TO} parquet null as 'x'", "NULL AS is not supported for UNLOAD to PARQUET"),
        (f"unload ('select 1') {TO} parquet delimiter ','", "DELIMITER is not supported for UNLOAD to PARQUET"),
        ("unload ('select 1') to 's3://bucket/x' csv", "Must specify IAM_ROLE"),
        ("unload ('select 1') to '/etc/x' iam_role default csv", "Invalid S3 path"),
        ("unload ('select 1') to 's3://nowhere/x' iam_role default csv", "The specified bucket does not exist"),
    ],
)
def test_what_redshift_refuses_and_what_is_not_imitated(trips, statement, error):
    assert error in trips.error(statement)
    assert (trips.s3.objects, trips.staged) == ({}, [])


def test_a_limit_inside_is_allowed(trips):
    assert unloaded(trips, "select * from (select n from trips order by n limit 2) order by n") == "1\n2\n"


@pytest.mark.parametrize("query", ["$$select 'it''s'$$", "'select ''it''''s'''"])
def test_quotes_inside_the_query(trips, query):
    trips.ok(f"unload ({query}) {CSV}")
    assert trips.s3.text("s3://bucket/out/000") == "it's\n"


def test_existing_objects_are_not_overwritten_by_chance(trips):
    trips.ok(f"unload ('select 1') {CSV}")
    assert "Specified unload destination on S3 is not empty" in trips.error(f"unload ('select 2') {CSV}")
    trips.ok(f"unload ('select 3') {TO} csv allowoverwrite")
    assert trips.s3.text("s3://bucket/out/000") == "1\n"
    trips.ok(f"unload ('select 4') {CSV} allowoverwrite")
    assert trips.s3.text("s3://bucket/out/000") == "4\n"
    trips.ok(f"unload ('select 5') {CSV} cleanpath")
    assert [file.read_text() for file in trips.s3.objects.values()] == ["5\n"]


def test_what_was_unloaded_can_be_loaded_again(trips):
    trips.ok(f"unload ('select * from trips') {TO} parquet")
    trips.ok("create table again as select * from trips where false")
    trips.ok(f"copy again from {TO.removeprefix('to ')} parquet")
    assert trips.rows("select * from again order by n") == trips.rows("select * from trips order by n")


def test_the_batch_of_an_export(trips):
    described = trips.batch(
        *BATCH, Parameters=[{"name": "least", "value": "2"}], StatementName="export", WithEvent=True
    )
    parts = described["SubStatements"]
    assert [(part["Id"], part["Status"], part["HasResultSet"]) for part in parts] == [
        (f"{described['Id']}:1", "FINISHED", False),
        (f"{described['Id']}:2", "FINISHED", False),
        (f"{described['Id']}:3", "FINISHED", True),
    ]
    assert trips.page(f"{described['Id']}:3")["Records"] == [[{"longValue": 2}]]
    text = trips.s3.text("s3://bucket/out/000.csv")
    assert text.split("\n")[:2] == ["n,fare,paid,day,ts,name,share", '2,,f,,2015-12-05 15:04:05,"a ""b"", c",1']
    trips.until(lambda: trips.events)
    [event] = trips.events
    assert (event["detail"]["statementId"], event["detail"]["statementName"]) == (described["Id"], "export")


def test_a_temporary_table_keeps_types_and_is_seen_by_its_batch_only(trips):
    described = trips.batch(
        "create temp table export_rows as select fare, day, ts from trips", "select * from export_rows"
    )
    columns = trips.page(f"{described['Id']}:2")["ColumnMetadata"]
    found = [(column["name"], column["typeName"], column["precision"], column["scale"]) for column in columns]
    assert found == [("fare", "numeric", 10, 2), ("day", "date", 13, 0), ("ts", "timestamp", 29, 6)]
    assert 'relation "export_rows" does not exist' in trips.error("select * from export_rows")


def shown(trips, described, part=""):
    page = trips.page(described["Id"] + part)
    columns = [(column["typeName"], column["scale"]) for column in page["ColumnMetadata"]]
    return columns, page["Records"]


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("select * from trips where n >= :least order by n", {"least": "2"}),
        ("with q as (select n, fare from trips where day = :day) select * from q", {"day": "2015-12-05"}),
        ("select n, fare * :rate::decimal(6, 4) as f, n + :more as m from trips", {"rate": "1.085", "more": "2"}),
        ("select :label as label, n, :label as again from trips", {"label": LONG_TEXT}),
        ("select :label::varchar(500) as label, n from trips", {"label": LONG_TEXT}),
        ("select n, case when n = :one then 'one' else 'other' end as kind from trips", {"one": "1"}),
        ("select n, coalesce(name, :none) as name from trips", {"none": "nobody"}),
        (
            "select to_date(:m, 'YYYY-MM') as m, last_day(to_date(:m, 'YYYY-MM')) as l, count(*) from trips",
            {"m": "2015-12"},
        ),
        ("select date_trunc(:unit, ts) as t, sum(fare) from trips group by 1", {"unit": "month"}),
        ("select n, n, count(*), count(*), 1 + 1, 2 + 2 from trips where n < :most group by 1", {"most": "3"}),
        ("select n from trips where n in (:a, :b) union all select 9 where :a = '1'", {"a": "1", "b": "3"}),
        (
            "select n from trips where (:all = 'yes' or name = :name) order by 1 limit :few",
            {"all": "yes", "name": "x", "few": "2"},
        ),
        ("select name || :end as t, (:one) as o, case when n = 1 then :one else :end end as c from trips", TWO),
        ("with p as (select :one as o) select n, p.o, nullif(:end, '') from trips, p", TWO),
        ("select n, listagg(name, ',') within group (order by n) as l, :one as o from trips group by n", {"one": "x"}),
        ("select percentile_cont(:p) within group (order by fare) as p from trips", {"p": "0.5"}),
        ("select :day as d, n from trips union all select day, n from trips", {"day": "2015-12-01"}),
        ("select n/* of */from trips where n/* at */>= :least", {"least": "1"}),
        ("select n, to_char(ts, :form) as t from trips where name similar to :like", {"form": "YYYY", "like": "a%"}),
        ("select n from trips where ts between :start::timestamp and getdate() -- :not\n", {"start": "2015-01-01"}),
    ],
)
def test_what_is_collected_is_what_the_select_gives(trips, sql, values):
    bound = [{"name": name, "value": value} for name, value in values.items()]
    alone = trips.ok(sql, Parameters=bound)
    collected = trips.batch(*export_table.statements(sql), export_table.ALL_ROWS, Parameters=bound)
    assert collected["Status"] == "FINISHED", collected
    columns, records = shown(trips, alone)
    assert records
    assert shown(trips, collected, ":3") == (columns, records)


def test_names_that_stand_twice_are_numbered(trips):
    [statement] = export_table.statements("select n, n, count(*), count(*), 1 + 1, 2 + 2 from trips group by 1")
    described = trips.batch(statement, export_table.ALL_ROWS)
    columns = trips.page(f"{described['Id']}:2")["ColumnMetadata"]
    assert [one["name"] for one in columns] == ["n", "n_2", "count", "count_2", "?column?", "?column?_2"]


def test_two_batches_at_once_do_not_meet(trips):
    identifiers = []
    for number in ("1", "3"):
        sqls = [BATCH[0], BATCH[1].replace("out/", f"{number}/"), BATCH[2]]
        parameters = [{"name": "least", "value": number}]
        request = {"Sqls": sqls, "Parameters": parameters, **TARGET}
        identifiers.append(trips.call("BatchExecuteStatement", **request)["Id"])
    assert [trips.described(identifier)["Status"] for identifier in identifiers] == ["FINISHED", "FINISHED"]
    counts = [trips.page(f"{identifier}:3")["Records"][0][0]["longValue"] for identifier in identifiers]
    assert counts == [3, 1]


def test_an_export_does_not_wait_for_a_writer(trips):
    writer = trips.call("BatchExecuteStatement", Sqls=["delete from trips", SLOW], **TARGET)["Id"]
    trips.started(writer)
    assert trips.batch(*BATCH, Parameters=[{"name": "least", "value": "1"}])["Status"] == "FINISHED"
    trips.call("CancelStatement", Id=writer)
    assert trips.described(writer)["Status"] == "ABORTED"


def test_a_failed_batch_leaves_nothing(trips):
    described = trips.batch("create temp table x as select 1 as a", f"unload ('select * from x') {CSV}", "select nope")
    assert [part["Status"] for part in described["SubStatements"]] == ["FINISHED", "FINISHED", "FAILED"]
    assert (trips.s3.objects, trips.staged) == ({}, [])


def test_a_cancelled_batch_leaves_nothing(trips):
    sqls = ["create temp table x as select 1 as a", f"unload ('select * from x') {CSV}", SLOW]
    identifier = trips.call("BatchExecuteStatement", Sqls=sqls, **TARGET)["Id"]
    third = lambda: trips.call("DescribeStatement", Id=f"{identifier}:3")["Status"]  # noqa: E731
    trips.until(lambda: third() == "STARTED")
    trips.call("CancelStatement", Id=identifier)
    assert trips.described(identifier)["Status"] == "ABORTED"
    assert (trips.s3.objects, trips.staged) == ({}, [])


def test_a_cancelled_unload_leaves_nothing(unloading):
    identifier = unloading.submit(f"unload ('{SLOW}') {CSV}")
    unloading.until(lambda: unloading.staged)
    unloading.call("CancelStatement", Id=identifier)
    assert unloading.described(identifier)["Status"] == "ABORTED"
    assert (unloading.s3.objects, unloading.staged) == ({}, [])


def test_an_unload_that_waits_for_another_can_be_cancelled(unloading):
    first = unloading.submit(f"unload ('{SLOW}') {CSV}")
    unloading.until(lambda: unloading.staged)
    second = unloading.submit(f"unload ('select 1') {CSV}")
    unloading.started(second)
    unloading.call("CancelStatement", Id=second)
    assert unloading.described(second)["Status"] == "ABORTED"
    unloading.call("CancelStatement", Id=first)
    unloading.ok(f"unload ('select 1') {CSV}")


def test_limits_of_results_are_none_of_what_is_unloaded(unloading):
    unloading.limits.max_row_bytes = unloading.limits.max_result_bytes = 10
    assert unloading.error("select repeat('x', 100) as a") == "ERROR: Database response exceeded size limit"
    assert unloaded(unloading, "select repeat(''x'', 100) as a") == "x" * 100 + "\n"


def test_a_disk_that_is_full_fails_the_statement(unloading):
    unloading.ok("create table t as select 'x' as a")
    unloading.s3.failure = OSError(errno.ENOSPC, "No space left on device")
    assert "No space left on device" in unloading.error(f"unload ('select * from t') {CSV}")
    assert (unloading.s3.objects, unloading.staged) == ({}, [])


def test_a_disk_that_fills_while_it_writes_fails_the_statement(unloading):
    numbers = "with recursive r(n) as (select 1 union all select n + 1 from r where n < 11000)"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        error = unloading.error(f"unload ('{numbers} select repeat(''x'', 100) from r') {CSV}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert error == "ERROR: Disk Full\n  Detail: File too large"
    assert (unloading.s3.objects, unloading.staged) == ({}, [])


def test_the_count_is_the_sessions_and_a_failure_is_none(trips):
    session = trips.ok("select 1", SessionKeepAliveSeconds=60)["SessionId"]
    count = "select pg_last_unload_count()"
    assert trips.rows(count, SessionId=session) == [[0]]
    trips.ok(f"unload ('select 1 union all select 2') {CSV}", SessionId=session)
    assert trips.rows(count, SessionId=session) == [[2]]
    assert trips.rows(count) == [[0]]
    assert "division by zero" in trips.error(f"unload ('select 1 / 0') {CSV} allowoverwrite", SessionId=session)
    assert trips.rows(count, SessionId=session) == [[0]]


def test_a_reader_unloads_what_it_may_read(trips):
    for sql in (
        "create user reader password disable",
        "create table wages (a int)",
        "grant usage on schema public to reader",
        "grant select on trips to reader",
    ):
        trips.ok(sql)
    trips.ok(f"unload ('select * from trips') {CSV}", DbUser="reader")
    denied = trips.error(f"unload ('select * from wages') {CSV} allowoverwrite", DbUser="reader")
    assert denied == "ERROR: permission denied for relation wages"


def test_a_warehouse_without_a_bucket_to_write_to_says_so(warehouse):
    assert "Access Denied" in warehouse.error("unload ('select 1') to 's3://b/x' iam_role default csv")


def test_a_tables_order_is_said_by_the_numbers_of_its_columns(trips):
    """As exports say it; NULLs stand first where it descends, as in Redshift."""
    trips.ok("create table kept as select n, fare from trips")
    assert unloaded(trips, "select * from kept order by 2 desc, 1").splitlines() == ["2,", "3,4.00", "1,2.50"]
