"""Puts on the bus that tables have changed: the event that turns the pages which show them. Used by `job_runner`.

Next: EventBridge gives it to `turn_pages`. The same change told twice has the same time, by which it is known there.
"""

from collections.abc import Collection
from typing import Any

import msgspec
from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.errors import WarehouseUnavailable

SOURCE, DETAIL_TYPE = "pushboard.tables", "Tables Changed"


class TableNews(Struct, frozen=True):
    """The bus, by boto3's client `events`."""

    events: Any

    def tell(self, tables: Collection[str], at: int, by: str) -> None:
        """Says that tables changed at that time (epoch milliseconds); raises `WarehouseUnavailable` if refused."""
        detail = {"tables": sorted(tables), "at": clock.precise_iso(at), "by": by}
        entry = {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": msgspec.json.encode(detail).decode()}
        if self.events.put_events(Entries=[entry])["FailedEntryCount"]:
            raise WarehouseUnavailable
