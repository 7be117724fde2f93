"""The SQL that writes an export: a batch of statements, one transaction. Pure; used by `deliveries` and `export_store`.

The report's SELECT fills a temporary table first, with every value bound (`export_table`); what is unloaded is that
table, in words that no user has a part in. The report's ORDER BY is said again of it.
Source: Amazon Redshift, "UNLOAD", "PG_LAST_UNLOAD_COUNT"; Data API, "BatchExecuteStatement".
"""

from collections.abc import Mapping

from msgspec import Struct

from backend_lambdas.exports import export_table, output_order
from backend_lambdas.runs.run_state import RunState

_FORMATS: Mapping[str, str] = {
    "csv": "FORMAT AS CSV HEADER",
    "parquet": "FORMAT AS PARQUET",
}


class Unloads(Struct, frozen=True):
    """Where exports go: `s3://bucket/prefix/`, and the role by which the warehouse writes there."""

    s3_path: str
    iam_role: str

    def folder(self, attempt: str) -> str:
        """Where the files of an attempt are."""
        return f"{self.s3_path.rstrip('/')}/{attempt}/"

    def statements(self, run: RunState) -> list[str]:
        """The batch that exports a run; its last statement tells the number of rows."""
        role = "default" if self.iam_role == "default" else f"'{self.iam_role}'"
        where = f"TO '{self.folder(run.attempt)}{run.report}-' IAM_ROLE {role}"
        how = f"{_FORMATS[run.export]} PARALLEL OFF ALLOWOVERWRITE MAXFILESIZE 6 GB EXTENSION '.{run.export}'"
        rows = [export_table.ALL_ROWS, *filter(None, [output_order.order_by(run.sql)])]
        return [
            *export_table.statements(run.sql),
            f"UNLOAD ('{' '.join(rows)}') {where} {how}",
            "SELECT pg_last_unload_count()",
        ]
