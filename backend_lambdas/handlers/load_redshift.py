"""Loads the trips into the warehouse by the script of `sql/load`, once for each path that they lie under.

`make deploy` invokes it once everything else is made, and `make run` when it starts; a load that fails takes nothing
with it. It may take longer than a function may run, so the first invocation submits it and waits for a while, and each
further one, told the statement's id, waits again. Who comes without an id joins a load of the same path that is under
way. Which trips are loaded stands in the warehouse itself (`trips_loaded`), written by the transaction that loads them.
"""

import hashlib
import logging
import os
import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.scripts import script_values
from backend_lambdas.scripts.administrator import Administrator
from backend_lambdas.scripts.script_files import ScriptFailed, script_at
from backend_lambdas.settings import LoadRedshift

log = logging.getLogger(__name__)

_MARGIN_SECONDS = 10
_LOADED = "SELECT trips FROM trips_loaded WHERE s3_path = :path AND EXISTS (SELECT 1 FROM nyc_yellow_taxi)"
"""Nobody has any more what was loaded into a table that has been dropped since."""

_NAME, _WHAT = "load/look", "what is loaded"

Answer = dict[str, Any]
"""`state` and what belongs to it: `nothing` (to load), `unchanged` or `loaded` (`trips`), `loading` (`statementId`),
`failed` (`reason`).
"""


class Load(Struct, frozen=True):
    """The load of the trips under one path."""

    s3: Any
    administrator: Administrator
    settings: LoadRedshift

    def begin(self, deadline: float) -> Answer:
        """Submits the load unless just these trips are loaded or being loaded, and waits for it."""
        if not self.settings.sample_data_s3_path:
            return {"state": "nothing"}
        values = script_values.of_load(self.settings)
        trips = self._loaded(deadline)
        if trips is not None:
            return {"state": "unchanged", "trips": trips}
        statement_id = self.administrator.under_way(self.name) or self.administrator.submit(
            script_at(self.s3, self.settings.load_script_s3_path, values), self.name
        )
        return self.follow(statement_id, deadline)

    def follow(self, statement_id: str, deadline: float) -> Answer:
        """Waits for a load that was submitted."""
        if not self.administrator.has_ended(statement_id, "the load", deadline):
            return {"state": "loading", "statementId": statement_id}
        return {"state": "loaded", "trips": self._loaded(deadline)}

    @property
    def name(self) -> str:
        """The name of the load's statement, the same for the same path."""
        return f"load/{hashlib.sha256(self.settings.sample_data_s3_path.encode()).hexdigest()[:32]}"

    def _loaded(self, deadline: float) -> int | None:
        """How many trips were loaded from the path; None if those that were loaded last are others."""
        path = {"path": self.settings.sample_data_s3_path}
        rows = self.administrator.rows(_LOADED, _NAME, _WHAT, deadline + _MARGIN_SECONDS / 2, path)
        return int(rows[0][0]["longValue"]) if rows else None


@at_start
def build() -> Load:
    """The load of this function's environment, kept while the function is warm."""
    settings = LoadRedshift.from_environ(os.environ)
    return Load(clients.client("s3"), Administrator.from_settings(settings), settings)


def handler(event: dict[str, Any] | None, context: Any) -> Answer:
    """Begins the load, or waits for the one that the event names by `statementId`. A failure is an answer, too.

    There is no event when somebody invokes it by hand without a payload.
    """
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _MARGIN_SECONDS
    try:
        load, statement_id = build(), (event or {}).get("statementId")
        return load.follow(statement_id, deadline) if statement_id else load.begin(deadline)
    except (ScriptFailed, BotoCoreError, ClientError) as error:
        log.exception("load failed")
        return {"state": "failed", "reason": str(error)}
