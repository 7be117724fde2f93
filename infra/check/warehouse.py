"""A warehouse for one check: the tables of `sql/setup`, a few simulated trips, and the reports' read-only user.

Used by `checking`. It is the local Redshift Data API, so reports meet here what they meet on the page.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Template
from typing import Any

from backend_lambdas.exports import export_table
from backend_lambdas.reports import sql_text
from backend_lambdas.results import rows
from infra.local.endpoint.awsjson import ServiceError
from infra.local.redshift_data import RedshiftData
from infra.sample import Simulated, prepare

ROWS = 4_000
SECONDS = 30
READER, WRITER, OWNER = "pushboard_reader", "pushboard_jobs", "awsuser"
_CALLER = "arn:aws:iam::000000000000:user/check"
_TARGET = {"ClusterIdentifier": "pushboard", "Database": "dev"}
_VALUES = {
    "DB_USERNAME": READER,
    "JOBS_DB_USERNAME": WRITER,
    "DATABASE": _TARGET["Database"],
    "STATEMENT_TIMEOUT": "0",
    "REVOKED_FROM_PUBLIC": "CREATE",
    "REDSHIFT_IAM_ROLE": "default",
    "SAMPLE_DATA_S3_PATH": "s3://sample/trips/",
    "JOBS_DATA_S3_PATH": "s3://sample/trips/",
}
_BREAK = "SELECT 1 / (SELECT 0)"
"""Behind the statements of a job: it fails, and so takes them back."""

_POSITION = re.compile(r"\s*Position: (\d+)\s*$")
_BEFORE_ERROR = re.compile(r"\A(?:Query #\d+ failed with )?ERROR: ")


class QueryFailed(Exception):
    """The warehouse refused a statement: its words, and where in the text, if it said so."""

    def __init__(self, text: str) -> None:
        position = _POSITION.search(text)
        super().__init__(_BEFORE_ERROR.sub("", _POSITION.sub("", text)).strip())
        self.position = int(position[1]) if position else None


class SetupFailed(Exception):
    """A script of `sql/setup` or `sql/load` does not run; the sentence says which and why."""


@dataclass(frozen=True)
class Answer:
    """What a query gave: its columns' names and types, and its first row if it has one."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    first: Mapping[str, Any] | None


class Warehouse:
    """One warehouse in a folder of its own; close it before the folder goes."""

    def __init__(self, folder: Path, setup: Path) -> None:
        self._files = list(prepare(Simulated(ROWS), folder / "sample").files)
        self._service = RedshiftData(folder / "check.duckdb", publish=_to_nobody, objects=self._objects)
        try:
            self._set_up(setup)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends what runs and lets go of the files."""
        self._service.close()

    def ask(self, sql: str, values: Mapping[str, str]) -> Answer:
        """Runs a report's query with its values bound, as its read-only user; raises `QueryFailed`."""
        return self._answer(self._finished("ExecuteStatement", {"DbUser": READER, "Sql": sql, **_bound(values)}))

    def collect(self, sql: str, values: Mapping[str, str]) -> Answer:
        """The same of the table that an export would collect its rows in; raises `QueryFailed`."""
        sqls = [*export_table.statements(sql), export_table.ALL_ROWS]
        batch = self._finished("BatchExecuteStatement", {"DbUser": READER, "Sqls": sqls, **_bound(values)})
        return self._answer(f"{batch}:{len(sqls)}")

    def undone(self, sqls: Sequence[str], values: Mapping[str, str]) -> tuple[int, str] | None:
        """Runs the statements of a job as its user, and takes everything back.

        The first that does not run, by its place among them and in the warehouse's words; None when all do.
        """
        batch = {"DbUser": WRITER, "Sqls": [*sqls, _BREAK], **_bound(values)}
        statement = str(self._call("BatchExecuteStatement", {**_TARGET, **batch})["Id"])
        try:
            self._ended(statement)
        except QueryFailed as error:
            parts = self._call("DescribeStatement", {"Id": statement})["SubStatements"]
            failed = next(at for at, part in enumerate(parts) if part["Status"] == "FAILED")
            return (failed, str(error)) if failed < len(sqls) else None
        raise AssertionError("a division by zero has not failed")

    def _answer(self, statement_id: str) -> Answer:
        result = self._call("GetStatementResult", {"Id": statement_id})
        columns = rows.columns(result["ColumnMetadata"])
        records = rows.records(result["Records"][:1], columns)
        names = tuple(column.name for column in columns)
        types = tuple(map(_type, result["ColumnMetadata"]))
        return Answer(names, types, dict(zip(names, records[0], strict=True)) if records else None)

    @cached_property
    def tables(self) -> Mapping[str, Mapping[str, str]]:
        """Every table of the setup, with its columns and the names of their types."""
        members = {**_TARGET, "DbUser": OWNER}
        tables = self._call("ListTables", members | {"SchemaPattern": "public"})["Tables"]
        described = {
            table["name"]: self._call("DescribeTable", members | {"Schema": "public", "Table": table["name"]})
            for table in tables
        }
        return {
            name: {one["name"]: one["typeName"] for one in table["ColumnList"]} for name, table in described.items()
        }

    def _objects(self, _: str) -> list[Path]:
        """What COPY finds, wherever it looks: the trips."""
        return self._files

    def _set_up(self, setup: Path) -> None:
        for user in (READER, WRITER):
            self._finished("ExecuteStatement", {"DbUser": OWNER, "Sql": f"CREATE USER {user} PASSWORD DISABLE"})
        for script in [*sorted(setup.glob("*.sql")), *sorted((setup.parent / "load").glob("*.sql"))]:
            text = Template(script.read_text(encoding="utf-8")).safe_substitute(_VALUES)
            statements = sql_text.statements(text)
            try:
                self._finished("BatchExecuteStatement", {"DbUser": OWNER, "Sqls": statements})
            except QueryFailed as error:
                raise SetupFailed(f"{script.name}: {error}") from error

    def _finished(self, operation: str, request: dict[str, Any]) -> str:
        """Runs a statement to its end and gives its id."""
        return self._ended(str(self._call(operation, {**_TARGET, **request})["Id"]))

    def _ended(self, statement: str) -> str:
        """Waits for a statement's end and gives its id; raises `QueryFailed`."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            about = self._call("DescribeStatement", {"Id": statement, "WaitTimeSeconds": 5})
            if about["Status"] == "FINISHED":
                return statement
            if about["Status"] in {"FAILED", "ABORTED"}:
                raise QueryFailed(about.get("Error", about["Status"]))
        self._call("CancelStatement", {"Id": statement})
        raise QueryFailed(f"it does not end within {SECONDS} seconds, on {ROWS:,} trips")

    def _call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._service.call(operation, request, _CALLER)
        except ServiceError as error:
            raise QueryFailed(str(error)) from error


def _bound(values: Mapping[str, str]) -> dict[str, Any]:
    return {"Parameters": [{"name": name, "value": value} for name, value in values.items()]} if values else {}


def _type(column: Mapping[str, Any]) -> str:
    """A column's type as an author would write it; of a text without its length, which no table here keeps."""
    name, precision, scale = column["typeName"], column["precision"], column["scale"]
    return f"decimal({precision}, {scale})" if name == "numeric" else str(name)


def _to_nobody(_: dict[str, Any]) -> None:
    """No statement here asks for an event."""
