"""Which catalogue of reports counts, in the table: so that a run learns it from the read that it makes anyway.

Written by `announce_reports` behind the catalogue itself, read by `requests` for each run. Where it has not been
written yet, S3 is asked (`catalog`).

    pk           sk           one
    catalogue    catalogue    the entity tag of the catalogue's object
"""

from typing import Any

KEY = {"pk": "catalogue", "sk": "catalogue"}


class CatalogueVersion:
    """The item in the table."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def note(self, tag: str) -> None:
        """Says that the catalogue with this entity tag counts from now on."""
        self._db.put_item(TableName=self._table, Item=KEY | {"tag": tag})
