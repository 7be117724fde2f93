"""The warehouse's views and what each of them reads, so that a report on a view turns when a table behind it changes.

`announce_reports` asks the warehouse when a report has been published, and keeps the answer in the catalogue
(`report_bucket`); `catalog` adds what is behind them to the tables of each report. A materialized view counts as a
table: what it holds changes when it is refreshed, not when its tables do.
Source: Amazon Redshift, "PG_VIEWS". Its `definition` is the query, or all of CREATE VIEW for a view without schema
binding.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas.aws.warehouse import Target
from backend_lambdas.errors import WarehouseUnavailable
from backend_lambdas.tables.sql_tables import tables_read

log = logging.getLogger(__name__)

Views = Mapping[str, Sequence[str]]
"""What each view reads, tables and views, by its name; all as `schema.name`."""

_ALL = """SELECT schemaname, viewname, definition FROM pg_catalog.pg_views
WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'pg_internal', 'pg_automv')
AND definition NOT ILIKE 'create materialized view%' AND octet_length(definition) < 60000"""
"""The Data API gives no row over 64 KB, so a longer definition is left out."""

WAIT_SECONDS = 25
"""How long the warehouse may take; then the event of the published report comes again."""


class ViewReader(Struct, frozen=True):
    """Asks the warehouse as the reports' user, who may read the catalogue and nothing of its own."""

    client: Any
    target: Target
    name: str

    def read(self) -> Views:
        """Every view but the warehouse's own; raises `WarehouseUnavailable`."""
        try:
            return {f"{schema}.{view}".lower(): tables_read(sql) for schema, view, sql in self._rows()}
        except (ClientError, BotoCoreError) as error:
            log.error("the views of the warehouse could not be read: %s", error)
            raise WarehouseUnavailable from error

    def _rows(self) -> Iterable[list[str]]:
        taken = self.client.execute_statement(
            **self.target.members(), Sql=_ALL, StatementName=self.name, WaitTimeSeconds=WAIT_SECONDS
        )
        if taken["Status"] != "FINISHED":
            log.error("the views of the warehouse could not be read: %s is %s", taken["Id"], taken["Status"])
            raise WarehouseUnavailable
        pages = self.client.get_paginator("get_statement_result").paginate(Id=taken["Id"])
        for record in (record for page in pages for record in page["Records"]):
            yield [str(field["stringValue"]) for field in record]


def with_what_is_behind(names: Iterable[str], views: Views) -> tuple[str, ...]:
    """The names, and what is behind those of them that are views, however deep, in order."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(views.get(name, ()))
    return tuple(sorted(found))
