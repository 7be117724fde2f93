"""Rows: typed Fields or CSV, page by page, for a day."""

import csv
import io
import json
import math

import pytest

from infra.local.endpoint.awsjson import ServiceError
from infra.redshift_sql.errors import StatementFailed
from infra.warehouse.results import described, write_result
from infra.warehouse.small_results import write_small

NUMBERS = "with recursive r(n) as (select 1 union all select n + 1 from r where n < {count}) "


def field(warehouse, expression):
    return warehouse.page(warehouse.ok(f"select {expression}")["Id"])["Records"][0][0]


def metadata(warehouse, sql):
    return warehouse.page(warehouse.ok(sql)["Id"])["ColumnMetadata"]


def pages(warehouse, identifier, operation="GetStatementResult"):
    request = {"Id": identifier}
    while True:
        page = warehouse.call(operation, **request)
        yield page
        if "NextToken" not in page:
            return
        request["NextToken"] = page["NextToken"]


def refused(warehouse, operation, **request):
    with pytest.raises(ServiceError) as error:
        warehouse.call(operation, **request)
    return error.value.code


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1::smallint", {"longValue": 1}),
        ("1", {"longValue": 1}),
        ("9223372036854775807::bigint", {"longValue": 9223372036854775807}),
        ("sum(1)", {"longValue": 1}),
        ("1.50::decimal(10, 2)", {"stringValue": "1.50"}),
        ("12345678901234567890.123456789::decimal(38, 9)", {"stringValue": "12345678901234567890.123456789"}),
        ("0.0000001::decimal(10, 7)", {"stringValue": "0.0000001"}),
        ("1.5::float8", {"doubleValue": 1.5}),
        ("0.1::real", {"doubleValue": 0.1}),
        ("'nan'::float8", {"stringValue": "NaN"}),
        ("'-infinity'::float8", {"stringValue": "-Infinity"}),
        ("true", {"booleanValue": True}),
        ("'text'", {"stringValue": "text"}),
        ("''", {"stringValue": ""}),
        ("null", {"isNull": True}),
        ("date '2015-12-05'", {"stringValue": "2015-12-05"}),
        ("timestamp '2015-12-05 15:04:05'", {"stringValue": "2015-12-05 15:04:05.0"}),
        ("timestamp '2015-12-05 15:04:05.25'", {"stringValue": "2015-12-05 15:04:05.25"}),
        ("'2015-12-05 15:04:05+00'::timestamptz", {"stringValue": "2015-12-05 15:04:05.0+00"}),
        ("time '15:04:05'", {"stringValue": "15:04:05"}),
    ],
)
def test_a_value_becomes_a_field(shared, expression, expected):
    found = field(shared, expression)
    assert found == expected
    assert type(next(iter(found.values()))) is type(next(iter(expected.values())))


def test_a_page_is_valid_json_even_with_infinities(shared):
    page = shared.page(shared.ok("select 'infinity'::float8, 'nan'::real")["Id"])
    assert json.dumps(page, allow_nan=False)


@pytest.mark.parametrize(
    ("expression", "name", "precision", "scale"),
    [
        ("1::smallint", "int2", 5, 0),
        ("1::int", "int4", 10, 0),
        ("1::bigint", "int8", 19, 0),
        ("1.5::decimal(10, 2)", "numeric", 10, 2),
        ("1.5::float", "float8", 17, 17),
        ("1.5::real", "float4", 8, 8),
        ("'x'", "varchar", 65535, 0),
        ("true", "bool", 1, 0),
        ("date '2015-12-05'", "date", 13, 0),
        ("timestamp '2015-12-05'", "timestamp", 29, 6),
    ],
)
def test_a_column_is_described(shared, expression, name, precision, scale):
    [column] = metadata(shared, f"select {expression} as x")
    assert (column["typeName"], column["precision"], column["scale"]) == (name, precision, scale)
    assert (column["name"], column["label"], column["nullable"], column["schemaName"]) == ("x", "x", 1, "")


@pytest.mark.parametrize(
    ("expression", "label"),
    [
        ("1 + 1", "?column?"),
        ("'x'", "?column?"),
        ("count(*)", "count"),
        ("max(1)", "max"),
        ("nvl(1, 2)", "coalesce"),
        ("date_trunc('day', getdate())", "date_trunc"),
        ("case when true then 1 end", "case"),
        ('1 as "TotalFare"', "totalfare"),
    ],
)
def test_columns_are_named_as_redshift_names_them(shared, expression, label):
    assert metadata(shared, f"select {expression}")[0]["label"] == label


def test_a_table_column_tells_where_it_comes_from(warehouse):
    warehouse.ok("create table t (a int not null, s varchar(20))")
    for sql in ("select a, s from t", "select * from t", "select x.a, x.s from t as x"):
        number, text = metadata(warehouse, sql)
        assert (number["tableName"], number["schemaName"], number["nullable"]) == ("t", "public", 0)
        assert (text["nullable"], text["precision"]) == (1, 20)


def test_two_columns_may_have_one_name(shared):
    assert shared.rows("select 1 as a, 2 as a") == [[1, 2]]


@pytest.mark.parametrize(
    ("sql", "labels"),
    [
        ("select * from (select 1 as a, 2 as a) q", ["a", "a"]),
        ("with q as (select 1 as a, 2 as a, 3 as b) select q.*, b from q order by b", ["a", "a", "b", "b"]),
        ("select * from (select 1 as a, 2 as a) q union all select 3, 4", ["a", "a"]),
        ("select * from (select 1 + 1, 2 + 2) q", ["?column?", "?column?"]),
    ],
)
def test_a_star_shows_columns_of_one_name_as_they_are(shared, sql, labels):
    assert [column["label"] for column in metadata(shared, sql)] == labels


@pytest.mark.parametrize("reference", ["a", "q.a"])
def test_a_name_that_a_source_has_twice_says_nothing(shared, reference):
    error = shared.error(f"select {reference} from (select 1 as a, 2 as a) q")
    assert error == 'ERROR: column reference "a" is ambiguous'


@pytest.mark.parametrize(
    "sql",
    [
        "select b as a from (select 1 as a, 2 as a, 3 as b) q order by a",
        "select distinct b + 1 as a from (select 1 as a, 2 as a, 3 as b) q order by a",
    ],
)
def test_order_by_means_the_selects_own_name_first(shared, sql):
    assert len(shared.rows(sql)) == 1


@pytest.mark.parametrize("join", ["join r using (a)", "natural join r"])
def test_a_join_merges_no_name_that_a_side_has_twice(shared, join):
    error = shared.error(f"with r as (select 1 as a) select * from (select 1 as a, 2 as a) q {join}")
    assert error == 'ERROR: common column name "a" appears more than once in left table'


def test_an_empty_result_has_columns_and_no_rows(shared):
    page = shared.page(shared.ok("select 1 as a where 1 = 0")["Id"])
    assert (page["Records"], page["TotalNumRows"], page["ColumnMetadata"][0]["name"]) == ([], 0, "a")


def test_rows_come_in_pages_in_their_order(shared):
    identifier = shared.ok(NUMBERS.format(count=2500) + "select n from r order by n desc")["Id"]
    found = list(pages(shared, identifier))
    assert [len(page["Records"]) for page in found] == [1000, 1000, 500]
    assert {page["TotalNumRows"] for page in found} == {2500}
    values = [record[0]["longValue"] for page in found for record in page["Records"]]
    assert values == list(range(2500, 0, -1))


def test_a_page_of_wide_rows_is_bounded(shared):
    sql = NUMBERS.format(count=100) + "select n, repeat('x', 50000) from r"
    found = list(pages(shared, shared.ok(sql)["Id"]))
    assert len(found) > 4
    assert max(len(json.dumps(page)) for page in found) < 1_100_000
    assert sum(len(page["Records"]) for page in found) == 100


def test_a_result_is_read_again_and_again(shared):
    identifier = shared.ok("select 1")["Id"]
    assert shared.page(identifier) == shared.page(identifier)


@pytest.mark.parametrize("token", ["nonsense", "bm9uc2Vuc2U=", "é"])
def test_a_foreign_token_is_refused(shared, token):
    identifier = shared.ok("select 1")["Id"]
    assert refused(shared, "GetStatementResult", Id=identifier, NextToken=token) == "ValidationException"


def test_a_token_belongs_to_its_result(shared):
    sql = NUMBERS.format(count=1500) + "select n from r"
    first, second = shared.ok(sql)["Id"], shared.ok(sql)["Id"]
    token = shared.page(first)["NextToken"]
    assert refused(shared, "GetStatementResult", Id=second, NextToken=token) == "ValidationException"


def test_no_result_before_the_end(warehouse):
    slow = NUMBERS.format(count=1000000000) + "select count(*) from r"
    identifier = warehouse.submit(slow)
    assert refused(warehouse, "GetStatementResult", Id=identifier) == "ResourceNotFoundException"
    code = refused(warehouse, "GetStatementResult", Id=identifier, WaitTimeSeconds=1)
    assert code == "ResourceNotFoundException"


@pytest.mark.parametrize("sql", ["create table t (a int)", "select nope"])
def test_no_result_without_a_result_set(warehouse, sql):
    identifier = warehouse.run(sql)["Id"]
    assert refused(warehouse, "GetStatementResult", Id=identifier) == "ResourceNotFoundException"


def test_a_result_can_be_waited_for(shared):
    identifier = shared.submit("select 1")
    assert shared.page(identifier, WaitTimeSeconds=30)["TotalNumRows"] == 1


def test_results_vanish_after_a_day(timed, clock):
    identifier = timed.ok("select 1")["Id"]
    [file] = (timed.folder / "dev.duckdb.results").iterdir()
    clock.now += 24 * 3600 + 1
    assert refused(timed, "GetStatementResult", Id=identifier) == "ResourceNotFoundException"
    assert not file.exists()


def test_results_do_not_outlive_the_process(tmp_path, warehouse):
    warehouse.ok("select 1")
    warehouse.service.close()
    warehouse.service = type(warehouse)(tmp_path).service
    assert list((tmp_path / "dev.duckdb.results").iterdir()) == []


def test_too_big_a_result_fails(warehouse):
    warehouse.limits.max_result_bytes = 10
    assert warehouse.error("select 'more than ten bytes'") == "ERROR: Database response exceeded size limit"
    assert list((warehouse.folder / "dev.duckdb.results").iterdir()) == []


@pytest.mark.parametrize("row", ["repeat('x', 65537)", "repeat('é', 32769)", "repeat('x', 40000), repeat('y', 40000)"])
def test_a_result_with_too_wide_a_row_fails(warehouse, row):
    nulls = ", ".join("null" for _ in row.split("), "))
    assert warehouse.error(f"select {row} union all select {nulls}") == "ERROR: Packet for query is too large"
    assert list((warehouse.folder / "dev.duckdb.results").iterdir()) == []


def test_a_row_of_64_kilobytes_is_handed_out(shared):
    [page] = pages(shared, shared.ok("select repeat('x', 65536) as a, null::varchar as b")["Id"])
    assert len(page["Records"][0][0]["stringValue"]) == 65_536


def kept(warehouse):
    """The kinds of files that results are in."""
    return sorted(file.suffix for file in (warehouse.folder / "dev.duckdb.results").iterdir())


@pytest.fixture
def cursor(shared):
    cursor = shared.service.engine.cursor()
    yield cursor
    cursor.close()


@pytest.mark.parametrize(
    "value",
    [
        "true",
        "(-32768)::SMALLINT",
        "(-9223372036854775808)::BIGINT",
        "9223372036854775807::HUGEINT",
        "0.1::FLOAT",
        "3.4028235e38::FLOAT",
        "'nan'::FLOAT",
        "0.1::DOUBLE",
        "1e-320::DOUBLE",
        "'-infinity'::DOUBLE",
        "'nan'::DOUBLE",
        "-12345678901234567890.123456789::DECIMAL(38, 9)",
        "0.00::DECIMAL(5, 2)",
        "''",
        "'grüße, 東京 🚕' || chr(10) || '\"quoted\"'",
        "'\\x00ff80'::BLOB",
        "''::BLOB",
        "'2015-12-05'::DATE",
        "'0044-03-15 (BC)'::DATE",
        "'infinity'::DATE",
        "'2015-12-05 15:04:05'::TIMESTAMP",
        "'2015-12-05 15:04:05.000001'::TIMESTAMP",
        "'-infinity'::TIMESTAMP",
        "'0044-03-15 (BC) 01:02:03'::TIMESTAMP",
        "'2015-12-05 15:04:05.25+02'::TIMESTAMPTZ",
        "'15:04:05.5'::TIME",
        "'24:00:00'::TIME",
        "INTERVAL '14 months 3 days 04:05:06.7'",
        "[1, 2]",
        "'{\"a\": 1}'::JSON",
    ],
)
def test_a_value_is_the_same_from_both_kinds_of_files(shared, cursor, value):
    sql = f"SELECT {value} AS a, NULL::VARCHAR AS b UNION ALL SELECT NULL, 'é'"
    columns = described(cursor, sql)
    small = write_small(cursor, sql, columns, shared.service.engine.results / "small")
    large = write_result(cursor, sql, columns, shared.service.engine.results / "large")
    assert repr(list(small.read(cursor, 0, 1000))) == repr(list(large.read(cursor, 0, 1000)))
    assert (small.rows, small.widest_row(cursor)) == (large.rows, large.widest_row(cursor))
    assert repr(list(small.read(cursor, 1, 1))) == repr(list(large.read(cursor, 1, 1)))


def test_a_time_with_a_zone_is_in_utc(shared):
    assert shared.rows("select '12:00:00+02'::timetz") == [["10:00:00+00"]]


def test_up_to_a_page_of_rows_is_a_small_result(warehouse):
    sql = NUMBERS.format(count=1000) + "select n from r order by n desc"
    assert warehouse.rows(sql) == [[n] for n in range(1000, 0, -1)]
    assert kept(warehouse) == [".msgpack"]


def test_more_rows_than_a_page_are_a_large_result(warehouse):
    sql = NUMBERS.format(count=1001) + "select n from r order by n desc"
    found = list(pages(warehouse, warehouse.ok(sql)["Id"]))
    values = [record[0]["longValue"] for page in found for record in page["Records"]]
    assert values == list(range(1001, 0, -1))
    assert kept(warehouse) == [".parquet"]


def test_wide_rows_are_a_large_result(warehouse):
    assert len(warehouse.rows(NUMBERS.format(count=6) + "select repeat('x', 50000) from r")) == 6
    assert kept(warehouse) == [".parquet"]


def test_a_text_that_had_many_rows_runs_once_when_it_runs_again(warehouse, monkeypatch):
    sql = NUMBERS.format(count=2000) + "select n + :more from r"
    one, two = ([{"name": "more", "value": value}] for value in "12")
    warehouse.ok(sql, Parameters=one)
    monkeypatch.delattr("infra.warehouse.statements.queries.write_small")
    for parameters in (one, two):
        assert warehouse.ok(sql, Parameters=parameters)["ResultRows"] == 2000


def test_an_error_of_a_late_row_fails_the_statement(warehouse):
    sql = NUMBERS.format(count=5000) + "select 10 / (4000 - n) from r"
    for _ in range(2):
        assert warehouse.error(sql) == "ERROR: division by zero"
    assert kept(warehouse) == []


def test_a_small_result_that_finds_no_room_fails_the_statement(cursor, tmp_path):
    with pytest.raises(StatementFailed, match="Disk Full"):
        write_small(cursor, "SELECT 1", described(cursor, "SELECT 1"), tmp_path / "no" / "file")


@pytest.mark.parametrize("count", [1, 1500])
def test_a_result_whose_file_is_gone_does_not_exist(warehouse, count):
    identifier = warehouse.ok(NUMBERS.format(count=count) + "select n from r")["Id"]
    [file] = (warehouse.folder / "dev.duckdb.results").iterdir()
    file.unlink()
    assert refused(warehouse, "GetStatementResult", Id=identifier) == "ResourceNotFoundException"


def read_csv(warehouse, sql):
    identifier = warehouse.ok(sql, ResultFormat="CSV")["Id"]
    found = list(pages(warehouse, identifier, "GetStatementResultV2"))
    return found, "".join(record["CSVRecords"] for page in found for record in page["Records"])


def test_csv_has_one_header_and_rows_that_end_in_cr_lf(shared):
    [page], text = read_csv(shared, "select 1 as a, 'x' as b union all select 2, 'y'")
    assert text == "a,b\r\n1,x\r\n2,y\r\n"
    assert (page["ResultFormat"], page["TotalNumRows"]) == ("CSV", 2)
    assert [column["name"] for column in page["ColumnMetadata"]] == ["a", "b"]


def test_csv_quotes_what_needs_quotes(shared):
    _, text = read_csv(shared, "select 'a,b' as a, 'say \"x\"' as b, null as c, '' as d, true as e")
    assert text.split("\r\n")[1] == '"a,b","say ""x""",,"",true'
    assert next(csv.reader(io.StringIO(text.split("\r\n")[1]))) == ["a,b", 'say "x"', "", "", "true"]


def test_csv_keeps_decimals_and_dates_exact(shared):
    _, text = read_csv(shared, "select 1.50::decimal(10, 2), date '2015-12-05', timestamp '2015-12-05'")
    assert text.split("\r\n")[1] == "1.50,2015-12-05,2015-12-05 00:00:00.0"


def test_an_empty_csv_result_is_its_header(shared):
    _, text = read_csv(shared, "select 1 as a where 1 = 0")
    assert text == "a\r\n"


def test_csv_comes_in_chunks_and_pages(shared):
    count = 16_000
    sql = NUMBERS.format(count=count) + "select n, repeat('x', 1000) as filling from r order by n"
    found, text = read_csv(shared, sql)
    chunks = [record["CSVRecords"] for page in found for record in page["Records"]]
    assert len(found) == math.ceil(len(text) / 15_000_000)
    assert max(len(chunk) for chunk in chunks) <= 1_000_000
    assert all(chunk.endswith("\r\n") for chunk in chunks)
    lines = text.split("\r\n")
    assert lines[0] == "n,filling"
    assert [line.partition(",")[0] for line in lines[1:-1]] == [str(n) for n in range(1, count + 1)]


def test_each_format_has_its_own_operation(shared):
    as_csv, as_json = shared.ok("select 1", ResultFormat="CSV")["Id"], shared.ok("select 1")["Id"]
    assert refused(shared, "GetStatementResult", Id=as_csv) == "ValidationException"
    assert refused(shared, "GetStatementResultV2", Id=as_json) == "ValidationException"
