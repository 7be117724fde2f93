"""The setup scripts: Redshift's grammar, the columns the files have, and rights to read and no more."""

from pathlib import Path
from string import Template

import pytest
import sqlglot
from sqlglot import exp

from backend_lambdas.reports import sql_text
from infra.local.sample.columns import TABLE_COLUMNS

SETUP = Path(__file__).parents[2] / "sql" / "setup"
VALUES = {
    "SAMPLE_DATA_S3_PATH": "s3://bucket/trips/",
    "REDSHIFT_IAM_ROLE": "'arn:aws:iam::000000000000:role/loader'",
    "DB_USERNAME": '"pushboard_reader"',
    "DATABASE": '"dev"',
}


def statements(name: str, **values: str) -> list[str]:
    script = (SETUP / name).read_text(encoding="utf-8")
    return sql_text.statements(Template(script).substitute(VALUES | values))


def parsed(name: str, **values: str) -> list[exp.Expression]:
    return [sqlglot.parse_one(statement, read="redshift") for statement in statements(name, **values)]


def test_scripts_run_in_the_order_of_their_names():
    """First the tables, then their rows, then the rights on them."""
    assert sorted(path.name for path in SETUP.glob("*.sql")) == ["10_tables.sql", "20_load.sql", "30_grants.sql"]


def test_the_table_has_the_columns_of_the_files():
    """COPY of Parquet goes by position, so order and types must be equal."""
    (table,) = parsed("10_tables.sql")
    definitions = {column.name: column.args["kind"].sql("duckdb") for column in table.find_all(exp.ColumnDef)}
    normal = {name: kind.replace("TEXT(20)", "VARCHAR").replace(", ", ",") for name, kind in definitions.items()}
    assert list(normal.items()) == list(TABLE_COLUMNS.items())


def test_setting_up_twice_does_no_harm():
    """The table is made only once, and loading replaces instead of doubling."""
    (table,) = parsed("10_tables.sql")
    assert table.args["exists"] is True
    delete, copy = parsed("20_load.sql")
    assert isinstance(delete, exp.Delete)
    assert delete.this.name == copy.this.name == "nyc_yellow_taxi"


@pytest.mark.parametrize("role", ["default", "'arn:aws:iam::000000000000:role/loader'"])
def test_the_load_is_a_copy_of_parquet(role):
    """The path and the role of the stack stand where Redshift's grammar wants them."""
    _, copy = parsed("20_load.sql", REDSHIFT_IAM_ROLE=role)
    assert isinstance(copy, exp.Copy)
    text = copy.sql("redshift")
    assert "'s3://bucket/trips/'" in text
    assert f"IAM_ROLE {role}" in text
    assert "PARQUET" in text


def test_the_load_is_one_transaction():
    """TRUNCATE and COMMIT would show readers an empty table."""
    assert not [text for text in statements("20_load.sql") if text.upper().startswith(("TRUNCATE", "COMMIT", "BEGIN"))]


def test_the_reports_user_may_read_and_no_more():
    """One table to select from, the schema to find it in, what exports need, and no right to create what stays."""
    grants = [statement for statement in parsed("30_grants.sql") if isinstance(statement, exp.Grant)]
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
    (revoke,) = [statement for statement in parsed("30_grants.sql") if isinstance(statement, exp.Revoke)]
    assert revoke.sql("redshift", comments=False).upper() == "REVOKE CREATE ON SCHEMA PUBLIC FROM PUBLIC"


def test_only_the_load_needs_sample_data():
    """Without a path for sample data that script is left out, and the others still work."""
    needing = [path.name for path in sorted(SETUP.glob("*.sql")) if "${SAMPLE_DATA_S3_PATH}" in path.read_text("utf-8")]
    assert needing == ["20_load.sql"]


def test_scripts_ask_for_known_values_only():
    """A placeholder nobody fills in would stop the set-up."""
    asked = {name for path in SETUP.glob("*.sql") for name in Template(path.read_text("utf-8")).get_identifiers()}
    assert asked == set(VALUES)
