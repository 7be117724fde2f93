"""Items that have no expiry, kept between runs: what people saved. Used by `runtime`.

moto has its tables in memory. What expires is of a run (sockets, runs, who waits), and is gone with it; items without
the attribute by which their table expires are written to a file when the laptop's AWS stops, and are there again when
it starts.
"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from infra.local.cloudformation.stack_resources import Table


class KeptItems:
    """A file a table, in DynamoDB's notation, that only its owner can read."""

    def __init__(self, folder: Path, tables: Sequence[Table], client: Any) -> None:
        self._folder = folder
        self._tables = [table for table in tables if table.expires_by]
        self._client = client

    def restore(self) -> None:
        """Puts the items of the run before into the tables, which are new."""
        for table in self._tables:
            file = self._file(table)
            for item in json.loads(file.read_text(encoding="utf-8")) if file.exists() else ():
                self._client.put_item(TableName=table.name, Item=item)

    def save(self) -> None:
        """Writes the items as they are now, each file at once or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for table in self._tables:
            fresh = self._file(table).with_suffix(".new")
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                json.dump(list(self._items(table)), file)
            fresh.replace(self._file(table))

    def _items(self, table: Table) -> Iterator[dict[str, Any]]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=table.name,
            FilterExpression="attribute_not_exists(#expiry)",
            ExpressionAttributeNames={"#expiry": table.expires_by},
        )
        return (item for page in pages for item in page["Items"])

    def _file(self, table: Table) -> Path:
        return self._folder / f"{table.name}.json"
