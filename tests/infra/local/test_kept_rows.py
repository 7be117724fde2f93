"""Rows that were read once, on the laptop's AWS: the second reader needs no warehouse, and is judged all the same."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from backend_lambdas.runs.run_table import READING_SECONDS
from infra.local.runtime import LocalAws
from infra.sample import Simulated
from tests.infra.local.laptop import Tab, client, copy_of_the_project, running, sign_in

LONG = (
    "/*---\ntitle: Of several pages\nkeep: 7d\ncache: 7d\nchart: {type: table}\n---*/\n"
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 2500) SELECT n FROM r ORDER BY n"
)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    repo = copy_of_the_project(tmp_path_factory.mktemp("repo") / "pushboard", "operations/long")
    (repo / "sql/reports/operations/long.sql").write_text(LONG)
    with running(tmp_path_factory.mktemp("var"), repo, sample=Simulated(2_000)) as one:
        yield one


@pytest.fixture
def statement_id(aws: LocalAws) -> Iterator[str]:
    """A finished statement of three pages, run anew for each test."""
    tab = Tab(aws, sign_in(aws))
    tab.send(action="run", topicName="topic", report="long", parameters={}, runId=str(uuid.uuid4()), refresh=True)
    said = [tab.receive()]
    while said[-1]["type"] == "accepted":
        said.append(tab.receive())
    yield said[-1]["statementId"]
    tab.close()


def get(aws: LocalAws, token: str, statement_id: str, **query: str) -> requests.Response:
    headers = {"Authorization": token}
    return requests.get(f"{aws.rest_url}/results/{statement_id}", query, headers=headers, timeout=20)


def read(aws: LocalAws, token: str, statement_id: str, **query: str) -> list[int]:
    """All rows, page by page; with `download` as a file takes them."""
    page = get(aws, token, statement_id, **query).json()
    rows = [row[0] for row in page["records"]]
    while page["nextToken"]:
        further = {"nextToken": page["nextToken"]} | ({"record": page["record"]} if query else {})
        page = get(aws, token, statement_id, **query, **further).json()
        rows += [row[0] for row in page["records"]]
    return rows


@contextmanager
def no_results(aws: LocalAws) -> Iterator[None]:
    """Within it the Data API's day is over for everything that has finished."""
    limits = aws.warehouse.limits
    before, limits.result_seconds = limits.result_seconds, -1
    try:
        yield
    finally:
        limits.result_seconds = before


def asked(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that the Data API is asked for from now on."""
    operations, call = list[str](), aws.warehouse.wire

    def noted(operation: str, request: dict[str, Any], caller: Any) -> Any:
        operations.append(operation)
        return call(operation, request, caller)

    monkeypatch.setattr(aws.warehouse, "wire", noted)
    return operations


def test_a_second_reader_and_a_download_make_no_call_of_the_data_api(
    aws: LocalAws, statement_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = asked(aws, monkeypatch)
    assert read(aws, sign_in(aws), statement_id) == list(range(1, 2501))
    assert set(operations) == {"GetStatementResult"}
    operations.clear()
    admin = sign_in(aws, "admin@example.com")
    assert read(aws, admin, statement_id) == list(range(1, 2501))
    assert read(aws, admin, statement_id, download="csv") == list(range(1, 2501))
    assert operations == []


def test_rows_are_read_after_the_warehouse_has_forgotten_the_statement(aws: LocalAws, statement_id: str) -> None:
    person = sign_in(aws)
    first = read(aws, person, statement_id)
    with no_results(aws):
        data = client(aws, "redshift-data")
        with pytest.raises(data.exceptions.ResourceNotFoundException):
            data.get_statement_result(Id=statement_id)
        assert read(aws, person, statement_id) == first


def test_kept_rows_are_for_those_alone_who_may_see_them(aws: LocalAws, statement_id: str) -> None:
    person = sign_in(aws)
    token = get(aws, person, statement_id).json()["nextToken"]
    read(aws, person, statement_id)
    with no_results(aws):
        stranger = sign_in(aws, "finance@example.com")
        assert get(aws, stranger, statement_id).status_code == 403
        assert get(aws, stranger, statement_id, nextToken=token).status_code == 403
        assert get(aws, stranger, statement_id, download="csv").status_code == 403
        assert get(aws, person, statement_id, nextToken=token[:-8] + "AAAAAAAA").status_code == 400


def test_they_lie_under_the_time_that_their_report_says_and_so_does_the_record(
    aws: LocalAws, statement_id: str
) -> None:
    read(aws, sign_in(aws), statement_id)
    path = aws.stacks.backend.functions["GetResultFunction"].environment["RESULTS_S3_PATH"]
    found = client(aws, "s3").list_objects_v2(Bucket=path.split("/")[2], Prefix=f"results/7d/{statement_id}/")
    assert [Path(one["Key"]).name for one in found["Contents"]] == [f"{page}.json.gz" for page in range(3)]
    key = {"pk": {"S": f"statement#{statement_id}"}, "sk": {"S": "statement"}}
    record = client(aws, "dynamodb").get_item(TableName="client_connections", Key=key)["Item"]
    (written,) = {int(one["LastModified"].timestamp()) // 3600 for one in found["Contents"][:1]}
    assert abs(int(record["expiresAt"]["N"]) - READING_SECONDS - 7 * 24 * 3600 - written * 3600) <= 3600


def test_rows_that_nobody_read_in_time_answer_nobody_any_more(aws: LocalAws, statement_id: str) -> None:
    """In spite of their report's `cache`: running it again makes a statement."""
    with no_results(aws):
        assert get(aws, sign_in(aws), statement_id).status_code == 404
    tab = Tab(aws, sign_in(aws))
    assert tab.run("long", "again")[-1]["statementId"] != statement_id
    tab.close()
