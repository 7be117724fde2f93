"""What events did not tell: settles runs that ended unnoticed, ends those over their limit, stops what nobody knows of.

EventBridge calls it every minute. It compares the table with the warehouse and does what `run_service` would have done;
while anybody waits it looks again every quarter of a minute, so that a report's limit is kept to that. Told by it, the
subscribers get the same messages as by `send_message`.
"""

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas import clock, log_events
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.aws.warehouse import Warehouse
from backend_lambdas.errors import PushboardError
from backend_lambdas.runs.assembly import run_service
from backend_lambdas.runs.run_service import LATE_SECONDS, RunService
from backend_lambdas.runs.run_state import RUNNING, RunState, key_of
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.settings import Reconcile
from backend_lambdas.sockets.connections import Connections
from backend_lambdas.sockets.notifier import DeliveryFailed

log = logging.getLogger(__name__)

Thing = TypeVar("Thing")

PAUSE_SECONDS = 15
"""Between two looks while anybody waits."""

_MARGIN_SECONDS = 12
"""What a look may take: no other is begun later than this before the function's timeout."""

_ORPHAN_SECONDS = 60
"""How long a run must have been given up before its statement counts as forgotten: no function lives as long."""


class Unreconciled(RuntimeError):
    """Some runs could not be looked after; the next minute tries again."""


class Reconciler(Struct, frozen=True):
    """Looks after runs, over the same table, warehouse and sockets as `run_service`."""

    service: RunService
    connections: Connections
    runs: RunTable
    warehouse: Warehouse

    def reconcile(self, time_left: Callable[[], float]) -> None:
        """One minute's work; `time_left` gives the seconds it may still take. Raises `Unreconciled` at the end."""
        failures = self.stop_orphans()
        while True:
            waiting = list(self.connections.waiting())
            failures += self._inspect_late(waiting)
            if not waiting or time_left() < PAUSE_SECONDS + _MARGIN_SECONDS:
                break
            clock.sleep(PAUSE_SECONDS)
        if failures:
            raise Unreconciled(f"{failures} times something could not be looked after")

    def stop_orphans(self) -> int:
        """Ends what runs in the warehouse for longer than its report allows, or for a run that is over."""
        try:
            under_way = list(self.warehouse.under_way())
        except PushboardError:
            log.exception("what runs in the warehouse could not be listed")
            return 1
        return _failures(under_way, self._stop_if_orphan)

    def _inspect_late(self, waiting: Sequence[tuple[str, int]]) -> int:
        """Looks at every run that somebody has waited a while for."""
        late = clock.now() - LATE_SECONDS * 1000
        return _failures(dict.fromkeys(attempt for attempt, asked_at in waiting if asked_at <= late), self._inspect)

    def _inspect(self, attempt: str) -> None:
        run = self.runs.get(key_of(attempt))
        if run is None or run.attempt != attempt:
            self.service.completer.reassign(attempt, run)
        else:
            self.service.inspect(run)

    def _stop_if_orphan(self, statement: tuple[str, str]) -> None:
        attempt, statement_id = statement
        run = self.runs.get(key_of(attempt))
        if run is not None and run.attempt == attempt and run.status == RUNNING:
            if run.limit_at <= clock.now():
                self.service.inspect(run)
        elif run is None or run.attempt != attempt or _long_over(run):
            log_events.orphan_found(attempt, statement_id)
            self.warehouse.cancel(statement_id)


def _long_over(run: RunState) -> bool:
    """Whether nobody can take back any more that a run was given up."""
    return run.ended_at + _ORPHAN_SECONDS * 1000 <= clock.now()


def _failures(things: Iterable[Thing], do: Callable[[Thing], None]) -> int:
    """Does it for each, and counts those with which it failed; they hold up no other."""
    failed = 0
    for thing in things:
        try:
            do(thing)
        except (PushboardError, DeliveryFailed, ClientError, BotoCoreError):
            log.exception("%s could not be looked after", thing)
            failed += 1
    return failed


@at_start
def build() -> Reconciler:
    """The reconciler of this function's environment, kept while the function is warm."""
    settings = Reconcile.from_environ(os.environ)
    service = run_service(settings)
    return Reconciler(service, service.connections, service.runs, service.warehouse)


def handler(event: dict[str, Any], context: Any) -> None:
    """One minute's work. Raises when something could not be done, for the alarm; the next minute tries again."""
    build().reconcile(lambda: float(context.get_remaining_time_in_millis()) / 1000)
