"""The SQL that writes an export: a batch of three statements. Pure; used by `submitter` and `export_store`.

UNLOAD takes no bound parameters, so the report's SELECT fills a temporary table first, with every value bound; what is
unloaded is that table, in words that no user has a part in. The report's ORDER BY is said again of it.
Source: Amazon Redshift, "UNLOAD", "PG_LAST_UNLOAD_COUNT"; Data API, "BatchExecuteStatement".
"""

from collections.abc import Mapping

from msgspec import Struct

from backend_lambdas.exports import output_order
from backend_lambdas.runs.run_state import RunState

_FORMATS: Mapping[str, str] = {
    "csv": "FORMAT AS CSV HEADER",
    "parquet": "FORMAT AS PARQUET",
}

COUNT_PART = ":3"
"""Which statement of the batch tells the number of rows."""


class Unloads(Struct, frozen=True):
    """Where exports go: `s3://bucket/prefix/`, and the role by which the warehouse writes there."""

    s3_path: str
    iam_role: str

    def folder(self, attempt: str) -> str:
        """Where the files of an attempt are."""
        return f"{self.s3_path.rstrip('/')}/{attempt}/"

    def statements(self, run: RunState) -> list[str]:
        """The batch that exports a run."""
        role = "default" if self.iam_role == "default" else f"'{self.iam_role}'"
        where = f"TO '{self.folder(run.attempt)}{run.report}-' IAM_ROLE {role}"
        how = f"{_FORMATS[run.export]} PARALLEL OFF ALLOWOVERWRITE MAXFILESIZE 6 GB EXTENSION '.{run.export}'"
        rows = ["SELECT * FROM export_rows", *filter(None, [output_order.order_by(run.sql)])]
        return [
            f"CREATE TEMP TABLE export_rows AS {run.sql}",
            f"UNLOAD ('{' '.join(rows)}') {where} {how}",
            "SELECT pg_last_unload_count()",
        ]
