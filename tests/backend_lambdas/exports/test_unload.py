"""What the warehouse is told to write an export."""

import re

import pytest
from msgspec import structs

from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.exports import export_table
from backend_lambdas.exports.unload import Unloads
from backend_lambdas.runs.run_state import RunState
from backend_lambdas.runs.run_table import RunTable
from tests.backend_lambdas.lambda_fakes import World, principal, report

ROLE = "arn:aws:iam::111122223333:role/pushboard-unload"
EVIL = "x'; DROP TABLE nyc_yellow_taxi; --"


@pytest.fixture
def unloads() -> Unloads:
    return Unloads("s3://bucket-1/exports/", "default")


@pytest.fixture
def runs(world: World) -> RunTable:
    return world.runs


def run_of(runs: RunTable, file_format: str = "csv", month: str = "2015-12") -> RunState:
    """A run whose rows are wanted as a file."""
    spec = QuerySpec.of(report(), {"month": month}, principal("finance"))
    run, _ = runs.claim(spec.as_export(file_format), "sub-1", refresh=False)
    return run


def test_an_export_fills_a_table_unloads_it_and_counts(unloads: Unloads, runs: RunTable) -> None:
    run = run_of(runs)
    assert unloads.statements(run) == [
        *export_table.statements(report().sql),
        f"UNLOAD ('SELECT * FROM pushboard_export') TO 's3://bucket-1/exports/{run.attempt}/revenue_by_day-' "
        "IAM_ROLE default FORMAT AS CSV HEADER PARALLEL OFF ALLOWOVERWRITE MAXFILESIZE 6 GB EXTENSION '.csv'",
        "SELECT pg_last_unload_count()",
    ]


def test_parquet_has_no_header_and_its_own_ending(unloads: Unloads, runs: RunTable) -> None:
    """UNLOAD refuses HEADER with it."""
    unload = unloads.statements(run_of(runs, "parquet"))[-2]
    assert " FORMAT AS PARQUET PARALLEL OFF " in unload
    assert unload.endswith("EXTENSION '.parquet'")
    assert "HEADER" not in unload


@pytest.mark.parametrize(("role", "written"), [("default", "IAM_ROLE default "), (ROLE, f"IAM_ROLE '{ROLE}' ")])
def test_the_warehouse_writes_by_the_role_that_is_given(runs: RunTable, role: str, written: str) -> None:
    assert written in Unloads("s3://bucket-1/exports/", role).statements(run_of(runs))[-2]


def test_no_text_of_a_user_is_in_any_of_it(unloads: Unloads, runs: RunTable) -> None:
    """Values stand where the SELECT has placeholders, in the INSERT, and nowhere else."""
    first, insert, *others = unloads.statements(run_of(runs, month=EVIL))
    assert "DROP" not in " ".join([first, insert, *others])
    assert re.findall(r":(\w+)", insert) == ["month"]
    assert not re.findall(r":(\w+)", first)
    assert not re.findall(r"(?<!s3):(\w+)", " ".join(others))


@pytest.mark.parametrize("s3_path", ["s3://bucket-1/exports/", "s3://bucket-1/exports"])
def test_each_attempt_has_a_folder_of_its_own(runs: RunTable, s3_path: str) -> None:
    """So that nothing of an attempt before it can be taken for its files."""
    run = run_of(runs)
    other = structs.replace(run, attempt=f"{run.key}/another")
    folders = [Unloads(s3_path, "default").folder(one.attempt) for one in (run, other)]
    assert folders == [f"s3://bucket-1/exports/{run.attempt}/", f"s3://bucket-1/exports/{run.key}/another/"]
