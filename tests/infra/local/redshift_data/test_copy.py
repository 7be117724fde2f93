"""COPY from the bucket."""

import datetime
import gzip
from decimal import Decimal

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

SETUP = "create table t (a smallint, d date, s varchar(5))"


@pytest.fixture
def warehouse(reused):
    return reused


@pytest.fixture
def put(warehouse, tmp_path):
    """Puts files into the bucket under a prefix."""
    warehouse.ok(SETUP)

    def store(prefix, *contents):
        paths = []
        for number, content in enumerate(contents):
            path = tmp_path / f"object-{len(warehouse.bucket)}-{number}"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(path)
        warehouse.bucket[prefix] = paths

    return store


@pytest.fixture
def put_parquet(warehouse, tmp_path):
    """Puts a Parquet file made by a query into the bucket."""
    warehouse.ok(SETUP)

    def store(prefix, query):
        path = tmp_path / "object.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        warehouse.bucket[prefix] = [path]

    return store


def copied(warehouse, options, columns=""):
    described = warehouse.ok(f"copy t {columns} from 's3://bucket/x' iam_role default {options}")
    assert described["HasResultSet"] is False
    return described["ResultRows"], warehouse.rows("select * from t order by a")


def test_csv(warehouse, put):
    put("s3://bucket/x", '1,2015-12-05,ann\n2,2015-12-06,"b,b"\n')
    assert copied(warehouse, "csv") == (2, [[1, "2015-12-05", "ann"], [2, "2015-12-06", "b,b"]])


def test_csv_with_options(warehouse, put):
    put("s3://bucket/x", gzip.compress(b"a;d;s\n1;2015-12-05;ann\n"))
    options = "format as csv gzip ignoreheader as 1 delimiter as ';' dateformat 'auto' region 'us-east-1'"
    assert copied(warehouse, options) == (1, [[1, "2015-12-05", "ann"]])


def test_text_is_separated_by_bars(warehouse, put):
    put("s3://bucket/x", "1|2015-12-05|ann\n")
    assert copied(warehouse, "")[0] == 1


def test_several_objects_each_with_its_header(warehouse, put):
    put("s3://bucket/x", "a,d,s\n1,2015-12-05,ann\n", "a,d,s\n2,2015-12-05,bob\n")
    assert copied(warehouse, "csv ignoreheader 1")[0] == 2


def test_a_column_list(warehouse, put):
    put("s3://bucket/x", "ann,1\n")
    assert copied(warehouse, "csv", "(s, a)") == (1, [[1, None, "ann"]])


def test_an_empty_number_is_null(warehouse, put):
    put("s3://bucket/x", ",2015-12-05,ann\n")
    assert copied(warehouse, "csv")[1] == [[None, "2015-12-05", "ann"]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", ["", "  ", None]),
        ("emptyasnull", [None, "  ", None]),
        ("blanksasnull", ["", None, None]),
        ("emptyasnull blanksasnull", [None, None, None]),
        ("null as ''", [None, "  ", r"\N"]),
        ("null as '  '", ["", None, r"\N"]),
        ("maxerror 1", ["", "  ", None]),
    ],
)
def test_an_empty_text_is_null_only_where_the_command_says_so(warehouse, put, options, expected):
    day = "2015-12-05" if "'  '" in options else ""  # with such a NULL AS, an empty date would be an error
    put("s3://bucket/x", f"1|{day}|\n2|{day}|  \n3|{day}|\\N\n")
    assert [row[2] for row in copied(warehouse, options)[1]] == expected


def test_blanks_at_the_end_of_a_char_are_no_part_of_it(warehouse, tmp_path):
    """They fill the column anyway, and are not in its text."""
    warehouse.ok("create table c (a char(5), b varchar(5))")
    (tmp_path / "c").write_text("ab  |cd  \n")
    warehouse.bucket["s3://bucket/c"] = [tmp_path / "c"]
    warehouse.ok("copy c from 's3://bucket/c' iam_role default")
    assert warehouse.rows("select a || ':', len(a), b || ':', len(b) from c") == [["ab:", 2, "cd  :", 4]]


def test_parquet(warehouse, put_parquet):
    put_parquet("s3://bucket/x", "select 1::smallint as a, date '2015-12-05' as d, 'ann' as s")
    assert copied(warehouse, "format as parquet") == (1, [[1, "2015-12-05", "ann"]])


def test_parquet_goes_by_position(warehouse, put_parquet):
    put_parquet("s3://bucket/x", "select 1::smallint as x, date '2015-12-05' as y, 'ann' as z")
    assert copied(warehouse, "parquet")[0] == 1


def test_parquet_in_another_order_is_refused_rather_than_mixed_up(warehouse, put_parquet):
    put_parquet("s3://bucket/x", "select 'ann' as s, 1::smallint as a, date '2015-12-05' as d")
    error = warehouse.error("copy t from 's3://bucket/x' iam_role default parquet")
    assert "another order" in error


def test_parquet_with_other_columns_is_refused(warehouse, put_parquet):
    put_parquet("s3://bucket/x", "select 1 as a")
    error = warehouse.error("copy t from 's3://bucket/x' iam_role default parquet")
    assert "Unmatched number of columns between table and file. Table columns: 3, Data columns: 1" in error


def test_no_object_is_an_error(warehouse, put):
    error = warehouse.error("copy t from 's3://bucket/none/' iam_role default csv")
    assert error == "ERROR: The specified S3 prefix 'none/' does not exist"


def test_a_bad_row_loads_nothing(warehouse, put):
    put("s3://bucket/x", "1,2015-12-05,ann\nx,2015-12-05,bob\n")
    error = warehouse.error("copy t from 's3://bucket/x' iam_role default csv")
    assert error.startswith("ERROR: Load into table 't' failed.  Check 'stl_load_errors' system table for details.")
    assert "Line: 2" in error
    assert warehouse.rows("select count(*) from t") == [[0]]


def test_too_long_a_text_is_a_bad_row(warehouse, put):
    put("s3://bucket/x", "1,2015-12-05,longer than five\n")
    assert "Load into table 't' failed" in warehouse.error("copy t from 's3://bucket/x' iam_role default csv")


def test_maxerror_leaves_bad_rows_out_and_notes_them(warehouse, put):
    put("s3://bucket/x", "1,2015-12-05,ann\nx,2015-12-05,bob\n3,2015-12-05,cem\n")
    assert copied(warehouse, "csv maxerror 1")[0] == 2
    last = "select max(query) from stl_load_errors"
    noted = f"select line_number, colname, err_reason from stl_load_errors where query = ({last})"
    [[line, column, reason]] = warehouse.rows(noted)
    assert (line, column) == (2, "a")
    assert "Could not convert" in reason


def test_more_bad_rows_than_maxerror_load_nothing(warehouse, put):
    put("s3://bucket/x", "1,2015-12-05,ann\nx,2015-12-05,bob\ny,2015-12-05,cem\n")
    error = warehouse.error("copy t from 's3://bucket/x' iam_role default csv maxerror 1")
    assert "2 rows were refused" in error
    assert warehouse.rows("select count(*) from t") == [[0]]


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("copy t from 's3://bucket/x' csv", "ERROR: Must specify IAM_ROLE or CREDENTIALS to load from S3"),
        ("copy t from 's3://bucket/x' iam_role default nonsense", 'ERROR: syntax error at or near "NONSENSE"'),
        ("copy t from 's3://bucket/x' iam_role default format json", "ERROR: COPY FORMAT JSON exists on Redshift"),
        ("copy t from 'dynamodb://x' iam_role default", "ERROR: COPY from anything but s3:// exists on Redshift"),
        ("copy nowhere from 's3://bucket/x' iam_role default", 'ERROR: relation "nowhere" does not exist'),
        ("copy t (nope) from 's3://bucket/x' iam_role default csv", 'ERROR: column "nope" of relation "t" does not'),
    ],
)
def test_what_cannot_be_copied(warehouse, put, statement, error):
    put("s3://bucket/x", "1\n")
    assert warehouse.error(statement).startswith(error)


def test_nothing_stays_in_the_staging_folder(warehouse, put):
    put("s3://bucket/x", "1,2015-12-05,ann\n")
    copied(warehouse, "csv")
    assert list((warehouse.folder / "dev.duckdb.staging").iterdir()) == []


def test_a_load_rolls_back_with_its_batch(warehouse, put):
    put("s3://bucket/x", "1,2015-12-05,ann\n")
    described = warehouse.batch("delete from t", "copy t from 's3://bucket/x' iam_role default csv", "select nope")
    assert described["Status"] == "FAILED"
    assert warehouse.rows("select count(*) from t") == [[0]]


def test_a_million_rows_load(warehouse, put_parquet):
    put_parquet(
        "s3://bucket/x",
        "select (i % 6)::smallint as a, date '2015-01-01' + (i % 365)::int as d, 'v' || (i % 3) as s "
        "from range(1000000) as t(i)",
    )
    described = warehouse.ok("copy t from 's3://bucket/x' iam_role default parquet")
    assert described["ResultRows"] == 1_000_000


STORED = "create table k (a smallint, b integer, c bigint, d decimal(9, 2), e decimal(10, 2), f date, g timestamp)"
FITTING = pyarrow.schema(
    [
        ("a", pyarrow.int16()),
        ("b", pyarrow.int32()),
        ("c", pyarrow.int64()),
        ("d", pyarrow.decimal128(9, 2)),
        ("e", pyarrow.decimal128(10, 2)),
        ("f", pyarrow.date32()),
        ("g", pyarrow.timestamp("us")),
    ]
)
ROW = {
    "a": 1,
    "b": 2,
    "c": 3,
    "d": Decimal("4.00"),
    "e": Decimal("5.00"),
    "f": datetime.date(2015, 12, 5),
    "g": datetime.datetime.fromisoformat("2015-12-05 15:04:05"),
}


@pytest.fixture
def put_stored(warehouse, tmp_path):
    """Puts a Parquet file of one row into the bucket, its columns stored as a schema and options of pyarrow say."""
    warehouse.ok(STORED)

    def store(schema=FITTING, **options):
        path = tmp_path / "trips.parquet"
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist([ROW], schema), path, **options)
        warehouse.bucket["s3://bucket/x"] = [path]

    return store


def replaced(name, kind):
    return FITTING.set(FITTING.get_field_index(name), pyarrow.field(name, kind))


COPY_STORED = "copy k from 's3://bucket/x' iam_role default parquet"


@pytest.mark.parametrize("moments", [True, False])
def test_parquet_stored_as_redshift_wants_it_loads(warehouse, put_stored, moments):
    put_stored(use_deprecated_int96_timestamps=moments)
    assert warehouse.ok(COPY_STORED)["ResultRows"] == 1
    assert warehouse.rows("select d, e, g from k") == [["4.00", "5.00", "2015-12-05 15:04:05.0"]]


@pytest.mark.parametrize(
    ("schema", "options", "said"),
    [
        (
            FITTING,
            {"store_decimal_as_integer": True},
            "column 'd'. Column type: DECIMAL(9,2), Parquet schema:\noptional int32 d",
        ),
        (replaced("c", pyarrow.int32()), {}, "column 'c'. Column type: BIGINT, Parquet schema:\noptional int32 c"),
        (replaced("b", pyarrow.int64()), {}, "column 'b'. Column type: INTEGER, Parquet schema:\noptional int64 b"),
        (replaced("a", pyarrow.float64()), {}, "column 'a'. Column type: SMALLINT, Parquet schema:\noptional double a"),
    ],
)
def test_parquet_stored_otherwise_is_refused(warehouse, put_stored, schema, options, said):
    """COPY converts nothing, however well the values would fit."""
    put_stored(schema, **options)
    error = warehouse.error(COPY_STORED)
    assert error == f"ERROR: Spectrum Scan Error: File 'trips.parquet' has an incompatible Parquet schema for {said}"
    assert warehouse.rows("select count(*) from k") == [[0]]


def test_a_decimal_of_more_bytes_than_it_needs_is_refused(warehouse, put_stored):
    put_stored(replaced("e", pyarrow.decimal128(29, 2)))
    assert warehouse.error(COPY_STORED) == (
        "ERROR: Spectrum Scan Error: File 'trips.parquet' column 'e' has an invalid type length. "
        "Expecting: 5 len in file: 13"
    )
