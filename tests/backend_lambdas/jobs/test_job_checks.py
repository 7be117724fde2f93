"""What the steps of a job may be, which values they use and which tables they write."""

import pytest

from tests.backend_lambdas.jobs.files import broken, job, one_step, text

EACH = "transaction: each step\n"
P = "parameters:\n  p: "

ALLOWED: dict[str, tuple[str, str]] = {
    "insert": ("INSERT INTO t (a) VALUES (1)", ""),
    "update": ("update t set a = 1", ""),
    "delete": ("DELETE FROM t", ""),
    "delete_with_comments": ("DELETE /* all */ FROM -- of it\n t", ""),
    "merge": ("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET a = 1", ""),
    "truncate": ("TRUNCATE TABLE t", EACH),
    "copy": ("COPY t (a, b) FROM 's3://x/y/' IAM_ROLE default", ""),
    "create": ("CREATE TABLE IF NOT EXISTS t (a int)", ""),
    "create_as": ("CREATE TABLE t AS SELECT 1 AS a", ""),
    "drop": ("DROP TABLE IF EXISTS t CASCADE", ""),
    "alter": ("ALTER TABLE t ADD COLUMN b int", ""),
    "alter_type": ("ALTER TABLE t ALTER COLUMN a TYPE varchar(9)", EACH),
    "in_quotes": ('DELETE FROM "T"', ""),
    "schema_and_quotes": ('DELETE FROM "Public" . "T"', ""),
    "database": ("DELETE FROM dev.public.t", ""),
    "vacuum_of_a_table_that_may_be_named": ("VACUUM DELETE ONLY t", EACH),
    "analyze_of_a_table_that_may_be_named": ("ANALYZE t", ""),
    "refresh_of_a_view_that_may_be_named": ("REFRESH MATERIALIZED VIEW t", ""),
    "view_that_may_be_named": ("CREATE OR REPLACE VIEW t AS SELECT 1 AS a", ""),
    "drop_of_a_view": ("DROP VIEW t", ""),
    "call_of_what_writes_unseen": ("CALL load_t()", ""),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_a_step_may_be(name: str) -> None:
    sql, keys = ALLOWED[name]
    assert job(one_step(sql, keys=keys)).writes == ("public.t",)


@pytest.mark.parametrize(
    "sql",
    [
        "UNLOAD ('SELECT 1') TO 's3://x/y/' IAM_ROLE default",
        "ANALYZE",
        "VACUUM",
        "CREATE VIEW v AS SELECT 1 AS a",
        "CREATE TEMP TABLE s (a int)",
        "CREATE LOCAL TEMPORARY TABLE s (LIKE t)",
        "CREATE TABLE #s (a int)",
    ],
)
def test_a_step_that_changes_no_table_asks_for_none(sql: str) -> None:
    keys = "writes: [t]\n" + (EACH if sql == "VACUUM" else "")
    assert job(text(keys, "-- step: One\nDELETE FROM t", f"-- step: Two\n{sql}"))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "WITH a AS (SELECT 1) DELETE FROM t",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "END",
        "SET query_group TO 'x'",
        "GRANT ALL ON t TO PUBLIC",
        "REVOKE ALL ON t FROM PUBLIC",
        "CREATE USER x PASSWORD DISABLE",
        "CREATE SCHEMA x",
        "CREATE MATERIALIZED VIEW t AS SELECT 1",
        "CREATE EXTERNAL TABLE x.t (a int)",
        "DROP SCHEMA public",
        "ALTER USER x CREATEUSER",
        "INSERT t SELECT 1",
        "INSERTINTO t",
        "VACUUMED",
        "LOCK t",
        "EXPLAIN DELETE FROM t",
    ],
)
def test_a_step_may_be_nothing_else(sql: str) -> None:
    mistake = broken(one_step(f"-- why\n{sql}"))
    assert mistake.reason.startswith("a step is INSERT INTO, UPDATE, ")
    assert sql.split()[0] in mistake.reason
    assert mistake.line == 6


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("VACUUM t", "VACUUM"),
        ("TRUNCATE t", "TRUNCATE"),
        ("truncate table t", "TRUNCATE"),
        ("ALTER TABLE t\nAPPEND FROM s", "ALTER TABLE APPEND"),
        ("ALTER TABLE t ALTER COLUMN a TYPE varchar(9)", "ALTER TABLE ALTER COLUMN TYPE"),
    ],
)
def test_a_transaction_has_only_what_can_be_taken_back(sql: str, words: str) -> None:
    mistake = broken(one_step(sql, "[s, t]"))
    assert mistake.reason == f"{words} cannot be part of a transaction: do without, or write transaction: each step"
    assert job(one_step(sql, "[t]" if "APPEND" not in sql else "[s, t]", EACH))


@pytest.mark.parametrize("create", ["CREATE TEMP TABLE s", "CREATE TABLE #s", 'CREATE TABLE IF NOT EXISTS "#s"'])
def test_a_temporary_table_needs_the_whole_transaction(create: str) -> None:
    steps = (f"-- step: One\n{create} (a int)", "-- step: Two\nINSERT INTO t SELECT 1")
    assert job(text("writes: [t]\n", *steps))
    assert "a temporary table ends with its step" in broken(text(f"writes: [t]\n{EACH}", *steps)).reason


CHECKS: dict[str, tuple[str, int]] = {
    "delete": ("DELETE FROM t", 8),
    "with_delete": ("WITH a AS (SELECT 1)\nDELETE FROM t", 9),
    "with_insert": ("WITH a AS (SELECT 1)\nINSERT INTO t SELECT 1", 9),
    "with_update": ("WITH a AS (SELECT 1)\nUPDATE t SET a = 1", 9),
    "select_into": ("SELECT 1\nINTO x", 9),
    "call": ("CALL f()", 8),
    "values": ("VALUES (true)", 8),
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_only_reads(name: str) -> None:
    sql, line = CHECKS[name]
    mistake = broken(text("writes: [t]\n", "-- step: One\nDELETE FROM t", f"-- check: Two\n{sql}"))
    assert mistake.reason == "a check is one SELECT, which changes nothing"
    assert mistake.line == line


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT true",
        "WITH a AS (SELECT 1) SELECT true FROM a",
        "-- why\nselect 'delete from t into u' = \"into\" FROM v",
    ],
)
def test_a_check_is_a_select(sql: str) -> None:
    found = job(text("writes: [t]\n", "-- step: One\nDELETE FROM t", f"-- check: Two\n{sql}"))
    assert found.steps[1].kind == "check"


WRITES: dict[str, tuple[str, str, int, str]] = {
    "not_named": ("DELETE\nFROM t", "[s]", 7, "this step writes public.t, which `writes` in the header does not name"),
    "not_written": ("DELETE FROM t", "[t, s]", 3, "writes: no step writes public.s"),
    "other_schema": ("DELETE FROM finance.t", "[t]", 6, "this step writes finance.t, which"),
    "dropped_together": ("DROP TABLE t,\n s", "[t]", 7, "this step writes public.s, which"),
    "appended_from": ("ALTER TABLE t APPEND FROM s", "[t]", 6, "this step writes public.s, which"),
    "renamed": ('ALTER TABLE f.t RENAME TO "U"', "[f.t]", 6, "this step writes f.u, which"),
    "looked_after_only": ("ANALYZE t", "[s]", 3, "writes: no step writes public.s"),
    "unloaded": ("UNLOAD ('SELECT 1') TO 's3://x/'", "[t]", 3, "writes: no step writes public.t"),
    "read_only": ("INSERT INTO t SELECT * FROM s", "[t, s]", 3, "writes: no step writes public.s"),
    "dot_in_a_name": ('DELETE FROM "s.t"', "[s.t]", 6, "this step writes public.s.t, which"),
}


@pytest.mark.parametrize("name", WRITES)
def test_the_header_names_the_tables_that_are_written(name: str) -> None:
    sql, writes, line, reason = WRITES[name]
    mistake = broken(one_step(sql, writes, EACH if "APPEND" in sql else ""))
    assert reason in mistake.reason
    assert mistake.line == line + ("APPEND" in sql)


def test_with_a_call_only_what_shows_must_be_named() -> None:
    steps = ("-- step: One\nCALL f()", "-- step: Two\nDELETE FROM t")
    assert job(text("writes: [t, s]\n", *steps))
    assert "this step writes public.t" in broken(text("writes: [s]\n", *steps)).reason


def test_a_temporary_table_is_not_written() -> None:
    temporary = "-- step: One\nCREATE TEMP TABLE s (a int)"
    insert = "-- step: Two\nINSERT INTO s SELECT 1"
    load = "-- step: Three\nINSERT INTO t SELECT a FROM s"
    drop = "-- step: Four\nDROP TABLE s"
    assert job(text("writes: [t]\n", temporary, insert, load, drop))
    after = broken(text("writes: [t]\n", temporary, load, drop, insert))
    assert (after.line, "this step writes public.s" in after.reason) == (12, True)
    before = broken(text("writes: [t]\n", insert, temporary, load))
    assert (before.line, "this step writes public.s" in before.reason) == (6, True)


DAY = P + "{type: date}\n"
VALUES: dict[str, tuple[str, int, str]] = {
    "undeclared": (one_step("DELETE FROM t\nWHERE a = :q", keys=DAY), 9, "the SQL uses :q, which the header does not"),
    "unused": (one_step("DELETE FROM t", keys=DAY), 4, "the parameter 'p' is declared but no step uses :p"),
    "unused_end": (
        one_step("DELETE FROM t WHERE a > :p_from", keys=P + "{type: daterange}\n"),
        4,
        "the parameter 'p' is declared but no step uses :p_to",
    ),
    "braces_where_values_are_bound": (one_step("DELETE FROM t WHERE a = '{p}'", keys=DAY), 4, "no step uses :p"),
    "list_elsewhere": (
        one_step("DELETE FROM t WHERE a = :p", keys=P + "{type: several}\n"),
        8,
        ":p is a list: write it as IN (:p)",
    ),
    "bound_in_copy": (
        one_step("COPY t FROM 's3://x/'\nDATEFORMAT :p", keys=DAY),
        9,
        "nothing is bound in COPY and UNLOAD: write {p} inside of the quoted text",
    ),
    "bound_in_a_path": (one_step("COPY t FROM 's3://x/:p/'", keys=DAY), 8, "write {p} inside of the quoted text"),
    "bound_in_unload": (
        one_step("UNLOAD ('SELECT *\nFROM t WHERE a = :p') TO 's3://x/'", keys=DAY),
        9,
        "write {p} inside of the quoted text",
    ),
    "undeclared_in_unload": (
        one_step("UNLOAD ('SELECT * FROM t WHERE a = :q') TO 's3://x/'"),
        6,
        "write {q} inside of the quoted text",
    ),
    "undeclared_in_unload_of_dollars": (
        one_step("UNLOAD ($$SELECT * FROM t WHERE a = :q$$) TO 's3://x/'"),
        6,
        "write {q} inside of the quoted text",
    ),
    "undeclared_in_a_path": (one_step("COPY t FROM 's3://x/{q}/'"), 6, "the SQL uses {q}, which the header does not"),
    "blanks_in_braces": (one_step("COPY t FROM 's3://{p}/{ p }/'", keys=DAY), 8, "the SQL uses { p }, which"),
    "outside_of_quotes": (
        one_step("COPY t FROM 's3://x/'\nMAXERROR {p}", keys=P + "{type: integer}\n"),
        9,
        "{p} must stand inside of a quoted text",
    ),
    "in_an_identifier": (one_step("COPY \"{p}\" FROM 's3://x/'", keys=DAY), 8, "{p} must stand inside of a quoted"),
    "in_a_tables_name": (one_step("COPY t{p} FROM 's3://x/'", keys=DAY), 8, "{p} must stand inside of a quoted"),
    "comment_in_a_query": (
        one_step("UNLOAD ('SELECT a\n-{p} FROM t') TO 's3://x/'", keys=P + "{type: integer}\n"),
        9,
        "write a blank before {p}: its value could make a comment of it",
    ),
    "unknown_variable": (
        one_step("COPY t FROM 's3://x/'\nIAM_ROLE ${ROLE}"),
        7,
        "${ROLE} is no value of the deployment: those are ${JOBS_DATA_S3_PATH} and ${REDSHIFT_IAM_ROLE}",
    ),
    "parameter_as_variable": (one_step("COPY t FROM 's3://x/${p}/'", keys=DAY), 8, "${p} is no value of the deploym"),
    "variable_elsewhere": (
        one_step("INSERT INTO t SELECT\n'${JOBS_DATA_S3_PATH}'"),
        7,
        "${JOBS_DATA_S3_PATH} has a value in COPY and UNLOAD only",
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_mistake_in_values_is_told_with_its_line_and_reason(name: str) -> None:
    content, line, reason = VALUES[name]
    mistake = broken(content)
    assert reason in mistake.reason
    assert mistake.line == line


@pytest.mark.parametrize("kind", ["text", "number", "several", "daterange"])
def test_only_types_that_are_safe_to_write_stand_in_a_text(kind: str) -> None:
    mistake = broken(one_step("COPY t FROM 's3://x/{p}/'", keys=P + f"{{type: {kind}}}\n"))
    assert mistake.reason == "{p} is written into a text: its type must be month, date, year, integer or choice"


@pytest.mark.parametrize("kind", ["month", "date", "year", "integer", "choice, choices: [a_B-9]"])
def test_types_that_may_stand_in_a_text(kind: str) -> None:
    assert job(one_step("COPY t FROM 's3://x/{p}/'", keys=P + f"{{type: {kind}}}\n"))


@pytest.mark.parametrize("choice", ["a b", "a/b", "..", "é", "a'b", "'a\\n'", "'٣'"])
def test_choices_that_stand_in_a_text_are_safe(choice: str) -> None:
    quoted = '"a\\n"' if "n'" in choice else choice if choice.startswith("'") else f'"{choice}"'
    keys = P + f"{{type: choice, choices: [fine, {quoted}]}}\n"
    mistake = broken(one_step("COPY t FROM 's3://x/{p}/'", keys=keys))
    assert mistake.reason == "{p} is written into a text: its choices must be of letters, digits, _ and -"
    assert job(one_step("DELETE FROM t WHERE a = :p", keys=keys)), "bound, any choice is safe"


def test_braces_are_text_where_values_are_bound() -> None:
    found = job(one_step("INSERT INTO t SELECT '{p} {q} ${x}', :p", keys=DAY))
    assert "'{p} {q} ${x}'" in found.statements({"p": "2015-12-31"}, {})[0].sql


def test_the_names_of_deployment_values_are_an_argument() -> None:
    from backend_lambdas.jobs import job_file
    from backend_lambdas.jobs.job_file import BrokenJob, Job

    content = one_step("COPY t FROM '${OTHER}'")
    assert isinstance(job_file.load("a/b.sql", content, ["OTHER"]), Job)
    assert isinstance(job_file.load("a/b.sql", content), BrokenJob)
