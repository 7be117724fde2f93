"""The laptop's warehouse with the table of the setup script: reports run here through the Data API's own operations."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backend_lambdas.reports import parameters, report_file, sql_text
from backend_lambdas.results import rows
from dashboard.gateway.results import Column, Result
from infra.local.redshift_data import RedshiftData

SQL = Path(__file__).parents[2] / "sql"
CALLER = "arn:aws:iam::000000000000:user/tester"
TARGET = {"ClusterIdentifier": "analytics-1", "Database": "dev"}
SECONDS = 30


class Warehouse:
    """Redshift SQL in, rows in their wire types out."""

    def __init__(self, folder: Path, files: Sequence[Path] = ()) -> None:
        self._service = RedshiftData(folder / "dev.duckdb", publish=lambda event: None, objects=lambda prefix: files)
        (create,) = sql_text.statements((SQL / "setup" / "10_tables.sql").read_text(encoding="utf-8"))
        self.execute(create)
        if files:
            self.execute("COPY nyc_yellow_taxi FROM 's3://trips/' IAM_ROLE default FORMAT AS PARQUET")

    def execute(self, sql: str, values: Mapping[str, str] | None = None) -> str:
        """Run a statement that must finish; gives its id."""
        bound = [{"name": name, "value": value} for name, value in (values or {}).items()]
        request = {"Sql": sql, **TARGET} | ({"Parameters": bound} if bound else {})
        statement = self._service.call("ExecuteStatement", request, CALLER)["Id"]
        about = self._service.call("DescribeStatement", {"Id": statement, "WaitTimeSeconds": SECONDS}, CALLER)
        assert about["Status"] == "FINISHED", about.get("Error", about["Status"])
        return str(statement)

    def rows(self, sql: str, values: Mapping[str, str] | None = None) -> Result:
        """Run a query and read all its pages."""
        statement, token, records = self.execute(sql, values), {}, []
        while True:
            page = self._service.call("GetStatementResult", {"Id": statement, **token}, CALLER)
            columns = rows.columns(page["ColumnMetadata"])
            records += rows.records(page["Records"], columns)
            token = {"NextToken": page["NextToken"]} if page.get("NextToken") else {}
            if not token:
                names = tuple(Column(column.name, column.type) for column in columns)
                return Result(statement, "", "", len(records), names, tuple(map(tuple, records)))

    def report(
        self, report: report_file.Report, sent: Mapping[str, Any] | None = None, claims: Mapping[str, str] | None = None
    ) -> Result:
        """Run a report as for a viewer with these claims who sends these parameters and leaves the others alone."""
        values = parameters.bind(report.header.parameters, sent or {}, claims or {})
        return self.rows(report.statement(values), values)

    def close(self) -> None:
        """Let go of the file."""
        self._service.close()
