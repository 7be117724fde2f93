"""Pages of a finished statement, from S3 or, the first time, from the Data API. Used by `get_result`.

Rows of a finished statement never change, so whoever reads a page first keeps it for all who read it later: they need
neither the Data API's 20 reads a second nor its 24 hours. Nobody's rights are looked at here.

A download joins the Data API's pages: how many rows one has is the Data API's affair, and each answer costs the record
of the statement, that of the download and an object in S3. The first page stays as it is, since charts wait for it.
"""

import time
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from backend_lambdas.errors import NotFound, PushboardError
from backend_lambdas.results.kept_pages import KeptPages
from backend_lambdas.results.pages import Page, Position, joined, size
from backend_lambdas.results.warehouse_pages import WarehousePages
from backend_lambdas.runs.run_table import RunTable

JOINED_BYTES = 700_000
"""Rows of joined pages are at most so many bytes of JSON, or one page of the Data API more than that."""

JOINED_PAGES = 25
"""How many of the Data API's pages are joined at most, and no more than were read before: a download begins at once."""

JOINING_SECONDS = 5.0
"""After that nothing more is joined: API Gateway waits for 29 s, in which a read may be tried again."""


class PageReader(Struct, frozen=True):
    """Reads the pages that statements' records tell of."""

    runs: RunTable
    kept: KeptPages
    warehouse: WarehousePages

    def read(self, statement_id: str, record: Mapping[str, Any], position: Position, many: bool = False) -> Page:
        """The page of a position, as it is kept, or else, for who wants `many` rows, joined with those behind it.

        Raises what `WarehousePages.get` raises.

        A page that neither has any more (nobody read it within the Data API's 24 hours) is `NotFound`; from then on
        the statement answers nobody, whatever its report's `cache` says, so to run the report again helps.
        """
        keep_days = int(record.get("keepDays", 1))
        page = self.kept.get(statement_id, keep_days, position.page)
        if page is None:
            page = self._fetched(statement_id, record, position)
            if many:
                page = self._joined(statement_id, record, page, min(position.page, JOINED_PAGES))
            self.kept.put(statement_id, keep_days, position.page, page)
        return page

    def _joined(self, statement_id: str, record: Mapping[str, Any], first: Page, most: int) -> Page:
        """A page and those behind it, `most` in all; one that cannot be had now is left to the answer it begins."""
        read, held, ends_at = [first], size(first.text), time.monotonic() + JOINING_SECONDS
        while held < JOINED_BYTES and len(read) < most and time.monotonic() < ends_at:
            token = read[-1].warehouse_token
            if token is None:
                break
            try:
                read.append(self.warehouse.get(_result_of(statement_id, record), token))
            except PushboardError:
                break
            held += size(read[-1].text)
        return joined(read)

    def _fetched(self, statement_id: str, record: Mapping[str, Any], position: Position) -> Page:
        try:
            return self.warehouse.get(_result_of(statement_id, record), position.warehouse_token)
        except NotFound:
            if "attempt" in record:
                self.runs.lose_rows(record["attempt"])
            raise


def _result_of(statement_id: str, record: Mapping[str, Any]) -> str:
    """The id that the rows are read by: of a batch, its last part's."""
    return str(record.get("part") or statement_id)
