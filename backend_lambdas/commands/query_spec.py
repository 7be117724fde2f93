"""A query: a report version with its bound values. Made by `on_connect`, answered by `run_service`."""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas.access.principal import Principal

if TYPE_CHECKING:  # only `on_connect` makes queries, and loads what reads reports
    from backend_lambdas.reports.report_file import Report

EXPORT_SECONDS = 3600
"""How long an export may take at the least: its rows are far more than those of a chart."""


class QuerySpec(Struct, frozen=True):
    """A report version with the text of every parameter, on behalf of whoever may see it.

    `limit` is how many rows those may read who may not download them. `claims` are the token's values that it binds:
    who reads the rows must have the same. `export` is the format of the file that is wanted of it, or empty.
    `tables` are those that it reads: rows from before a change of one of them are no answer.
    """

    report: str
    title: str
    department: str
    version: str
    sql: str
    values: Mapping[str, str]
    groups: tuple[str, ...]
    downloaders: tuple[str, ...]
    claims: Mapping[str, str]
    cache_seconds: int
    timeout_seconds: int
    limit: int
    export: str = ""
    keep_days: int = 1
    tables: tuple[str, ...] = ()

    @classmethod
    def of(cls, report: "Report", values: Mapping[str, str], principal: Principal) -> Self:
        """The query of a report, with what `parameters.bind` made of a user's values."""
        header = report.header
        names = {parameter.claim for parameter in header.parameters.values() if parameter.claim}
        return cls(
            report=report.id,
            title=header.title,
            department=report.department,
            version=report.version,
            sql=report.statement(values),
            values=values,
            groups=report.groups,
            downloaders=report.downloaders,
            claims={name: principal.claims[name] for name in sorted(names)},
            cache_seconds=header.cache_seconds,
            timeout_seconds=header.timeout,
            limit=header.limit,
            keep_days=header.keep_days,
            tables=report.tables,
        )

    def as_export(self, file_format: str) -> Self:
        """The same, wanted as a file."""
        return replace(self, export=file_format, timeout_seconds=max(self.timeout_seconds, EXPORT_SECONDS))

    @property
    def key(self) -> str:
        """The same for identical requesters, and different for anything else."""
        asked = [self.report, self.version, self.groups, sorted(self.values.items()), sorted(self.claims.items())]
        text = json.dumps([*asked, self.export] if self.export else asked)
        return hashlib.sha256(text.encode()).hexdigest()[:40]
