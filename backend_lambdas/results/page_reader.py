"""Pages of a finished statement, from S3 or, the first time, from the Data API. Used by `get_result`.

Rows of a finished statement never change, so whoever reads a page first keeps it for all who read it later: they need
neither the Data API's 20 reads a second nor its 24 hours. Nobody's rights are looked at here.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from backend_lambdas.errors import NotFound
from backend_lambdas.results.kept_pages import KeptPages
from backend_lambdas.results.pages import Page, Position
from backend_lambdas.results.warehouse_pages import WarehousePages
from backend_lambdas.runs.run_table import RunTable


class PageReader(Struct, frozen=True):
    """Reads the pages that statements' records tell of."""

    runs: RunTable
    kept: KeptPages
    warehouse: WarehousePages

    def read(self, statement_id: str, record: Mapping[str, Any], position: Position) -> Page:
        """The page of a position; raises what `WarehousePages.get` raises.

        A page that neither has any more (nobody read it within the Data API's 24 hours) is `NotFound`; from then on
        the statement answers nobody, whatever its report's `cache` says, so to run the report again helps.
        """
        keep_days = int(record.get("keepDays", 1))
        page = self.kept.get(statement_id, keep_days, position.page)
        if page is None:
            page = self._fetched(statement_id, record, position)
            self.kept.put(statement_id, keep_days, position.page, page)
        return page

    def _fetched(self, statement_id: str, record: Mapping[str, Any], position: Position) -> Page:
        try:
            return self.warehouse.get(record.get("part") or statement_id, position.warehouse_token)
        except NotFound:
            if "attempt" in record:
                self.runs.lose_rows(record["attempt"])
            raise
