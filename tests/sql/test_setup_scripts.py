"""The setup scripts: Redshift's grammar, the columns the files have, and rights to read and no more."""

import re
from pathlib import Path
from string import Template

import pytest
import sqlglot
from sqlglot import exp

from backend_lambdas.reports import sql_text
from infra.sample.columns import TABLE_COLUMNS

SQL = Path(__file__).parents[2] / "sql"
SETUP = SQL / "setup"
LOAD = SQL / "load" / "trips.sql"
OF_SETUP = {
    "DB_USERNAME": '"pushboard_reader"',
    "DATABASE": '"dev"',
    "JOBS_DB_USERNAME": '"pushboard_jobs"',
    "STATEMENT_TIMEOUT": "4200000",
    "REVOKED_FROM_PUBLIC": "CREATE",
}
OF_LOAD = {
    "SAMPLE_DATA_S3_PATH": "s3://bucket/trips/",
    "REDSHIFT_IAM_ROLE": "'arn:aws:iam::000000000000:role/loader'",
}


def statements(script: Path, **values: str) -> list[str]:
    return sql_text.statements(Template(script.read_text(encoding="utf-8")).substitute(OF_SETUP | OF_LOAD | values))


def parsed(script: Path, **values: str) -> list[exp.Expression]:
    return [sqlglot.parse_one(statement, read="redshift") for statement in statements(script, **values)]


def test_scripts_run_in_the_order_of_their_names():
    """First the tables, then the rights on them and on more; nothing is loaded on the way."""
    assert sorted(path.name for path in SETUP.glob("*.sql")) == [
        "10_tables.sql",
        "20_loaded.sql",
        "30_grants.sql",
        "35_jobs.sql",
        "40_limits.sql",
        "50_public.sql",
    ]
    assert not [one for path in SETUP.glob("*.sql") for one in parsed(path) if isinstance(one, exp.Copy)]


def test_the_table_has_the_columns_of_the_files():
    """COPY of Parquet goes by position, so order and types must be equal."""
    (table,) = parsed(SETUP / "10_tables.sql")
    definitions = {column.name: column.args["kind"].sql("duckdb") for column in table.find_all(exp.ColumnDef)}
    normal = {name: kind.replace("TEXT(20)", "VARCHAR").replace(", ", ",") for name, kind in definitions.items()}
    assert list(normal.items()) == list(TABLE_COLUMNS.items())


def test_setting_up_twice_does_no_harm():
    """Each table is made only once, and every other statement says how things shall be."""
    for name in ("10_tables.sql", "20_loaded.sql"):
        (table,) = parsed(SETUP / name)
        assert table.args["exists"] is True
    others = [text for name in ("30_grants.sql", "40_limits.sql", "50_public.sql") for text in statements(SETUP / name)]
    words = {re.sub(r"--.*", "", text).split()[0] for text in others}
    assert words == {"GRANT", "ALTER", "REVOKE"}


def test_loading_twice_does_no_harm():
    """It replaces instead of doubling, the note of what is loaded as well."""
    delete, copy, forget, note = parsed(LOAD)
    assert isinstance(delete, exp.Delete)
    assert delete.this.name == copy.this.name == "nyc_yellow_taxi"
    assert isinstance(forget, exp.Delete)
    assert isinstance(note, exp.Insert)
    assert forget.this.name == note.this.name == "trips_loaded"


@pytest.mark.parametrize("role", ["default", "'arn:aws:iam::000000000000:role/loader'"])
def test_the_load_is_a_copy_of_parquet(role):
    """The path and the role of the stack stand where Redshift's grammar wants them."""
    _, copy, *_ = parsed(LOAD, REDSHIFT_IAM_ROLE=role)
    assert isinstance(copy, exp.Copy)
    text = copy.sql("redshift")
    assert "'s3://bucket/trips/'" in text
    assert f"IAM_ROLE {role}" in text
    assert "PARQUET" in text


def test_the_load_is_one_transaction():
    """TRUNCATE and COMMIT would show readers an empty table."""
    assert not [text for text in statements(LOAD) if text.upper().startswith(("TRUNCATE", "COMMIT", "BEGIN"))]


def test_the_reports_user_may_read_and_no_more():
    """One table to select from, the schema to find it in, what exports need, and no right to create what stays."""
    grants = [statement for statement in parsed(SETUP / "30_grants.sql") if isinstance(statement, exp.Grant)]
    assert [
        (grant.args["privileges"][0].name.upper(), grant.args["securable"].name, grant.args["principals"][0].name)
        for grant in grants
    ] == [
        ("USAGE", "public", "pushboard_reader"),
        ("SELECT", "nyc_yellow_taxi", "pushboard_reader"),
        ("TEMP", "dev", "pushboard_reader"),
    ]
    assert all(len(grant.args["privileges"]) == 1 and not grant.args.get("grant_option") for grant in grants)


def test_nobody_may_create_by_being_public():
    """Redshift's default would let the reports' user fill the schema with tables."""
    (revoke,) = parsed(SETUP / "50_public.sql")
    assert revoke.sql("redshift", comments=False).upper() == "REVOKE CREATE ON SCHEMA PUBLIC FROM PUBLIC"


def test_no_other_script_takes_anything_from_anybody():
    """The database is the customer's: what others may do there is changed only when that is asked for."""
    others = [path for path in SETUP.glob("*.sql") if path.name != "50_public.sql"]
    assert not [text for path in others for text in statements(path) if "REVOKE" in text or "FROM PUBLIC" in text]
    asking = [path.name for path in SETUP.glob("*.sql") if "${REVOKED_FROM_PUBLIC}" in path.read_text("utf-8")]
    assert asking == ["50_public.sql"]


def test_scripts_ask_for_known_values_only():
    """A placeholder nobody fills in would stop the set-up."""
    asked = {name for path in SETUP.glob("*.sql") for name in Template(path.read_text("utf-8")).get_identifiers()}
    assert asked == set(OF_SETUP)
    assert set(Template(LOAD.read_text("utf-8")).get_identifiers()) == set(OF_LOAD)
