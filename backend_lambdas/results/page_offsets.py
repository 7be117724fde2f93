"""At which row each page of a result begins, for results of more rows than their report shows. Used by `get_result`.

The Data API's tokens do not tell. So with each page that is handed out it is recorded where the next one begins, under
a hash of the token that asks for it; a token without a record is one that no page gave.

    pk                sk              one for each
    statement#<id>    page#<hash>     token of a page: the number of rows before it
"""

import hashlib
from typing import Any

from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.runs.connections import RUN_SECONDS


class PageOffsets(Struct, frozen=True):
    """The offsets in the table."""

    db: Any
    table_name: str

    def of(self, statement_id: str, token: str | None) -> int | None:
        """The number of rows before the page that a token asks for; None for a token that no page gave."""
        if token is None:
            return 0
        key = _key(statement_id, token)
        item = self.db.get_item(TableName=self.table_name, Key=key, ConsistentRead=True).get("Item")
        return int(item["offset"]) if item else None

    def note(self, statement_id: str, token: str, offset: int) -> None:
        """Records where the page begins that a token asks for."""
        item = _key(statement_id, token) | {"offset": offset, "expiresAt": clock.seconds() + RUN_SECONDS}
        self.db.put_item(TableName=self.table_name, Item=item)


def _key(statement_id: str, token: str) -> dict[str, str]:
    digest = hashlib.sha256(token.encode(errors="replace")).hexdigest()[:32]
    return {"pk": f"statement#{statement_id}", "sk": f"page#{digest}"}
