"""What goes wrong on AWS now and then, to be switched on by tests while everything runs: `LocalAws.faults`.

Its parts ask whether something goes wrong this time: `eventbridge.bus` for each event, `faults.calls` for each AWS
call, `lambda_.functions` for each call of a function, `websocket_api` for its sockets. While nothing is switched on,
asking is free.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

from infra.local.faults.kinds import (
    CopiedEvent,
    Death,
    Fault,
    HeldEvents,
    LateEvent,
    LostDisconnect,
    LostEvent,
    RefusedCall,
    UnansweredCall,
)

WAREHOUSE = "aws.redshift-data"

Kind = TypeVar("Kind", bound=Fault)
Break = Callable[[float, bool], int]


class Faults:
    """The switches. Each gives its fault, whose `happened` a test may watch and which `mend` can end alone.

    Faults of events are about the warehouse's unless another `source`, or None for any, is given.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._breaks: list[Break] = []

    def mend(self, *faults: Fault) -> None:
        """Ends these faults, or all; what they hold up goes on."""
        with self._lock:
            ended = list(faults) or self._faults
            self._faults = [fault for fault in self._faults if fault not in ended]
        for fault in ended:
            fault.mend()

    # --------------------------------------------------------------------------------------------------------- events

    def lose_events(self, times: int | None = None, source: str | None = WAREHOUSE) -> Fault:
        """The next events, or all, reach nobody."""
        return self._begun(LostEvent(times=times, source=source))

    def delay_events(self, seconds: float, times: int | None = None, source: str | None = WAREHOUSE) -> Fault:
        """They come so much later."""
        return self._begun(LateEvent(times=times, source=source, seconds=seconds))

    def copy_events(self, copies: int, times: int | None = None, source: str | None = WAREHOUSE) -> Fault:
        """Each comes so often."""
        return self._begun(CopiedEvent(times=times, source=source, copies=copies))

    def reorder_events(self, until: int, source: str | None = WAREHOUSE) -> Fault:
        """The next `until` events wait for one another, or for `release`, and come the last first."""
        return self._begun(HeldEvents(times=until, source=source, until=until))

    def release(self) -> None:
        """Lets go the events that wait for one another, and holds no more."""
        held = [fault for fault in self._faults if isinstance(fault, HeldEvents)]
        if held:
            self.mend(*held)

    # ---------------------------------------------------------------------------------------------------------- calls

    def refuse(
        self,
        service: str,
        operation: str,
        error_code: str,
        http_status: int | None = None,
        times: int | None = None,
        by: str | None = None,
    ) -> Fault:
        """Calls are answered by an error, with the status of the service's model or else 400 unless one is given.

        `service` and `operation` are named as in boto3's models, such as `dynamodb` and `PutItem`, or `*`; `by` is a
        function of the template, or an access key.
        """
        return self._begun(
            RefusedCall(times=times, service=service, operation=operation, by=by, code=error_code, status=http_status)
        )

    def hang(
        self,
        service: str,
        operation: str,
        seconds: float,
        times: int | None = None,
        by: str | None = None,
        *,
        done: bool = False,
    ) -> Fault:
        """Calls are not answered for so long, then by 503; with `done` they take effect at once all the same."""
        return self._begun(
            UnansweredCall(times=times, service=service, operation=operation, by=by, seconds=seconds, done=done)
        )

    # -------------------------------------------------------------------------------------------- sockets, functions

    def break_sockets(self, share: float = 1.0, *, politely: bool = False) -> int:
        """Ends this share of the open sockets now, without a closing handshake unless `politely`; gives how many."""
        return sum(ends(share, politely) for ends in self._breaks)

    def lose_disconnects(self, times: int | None = None) -> Fault:
        """No `$disconnect` tells of the ends of sockets; it is best effort on AWS, too."""
        return self._begun(LostDisconnect(times=times))

    def kill(self, function: str, before_call: int = 1, times: int | None = 1) -> Fault:
        """An invocation of a function dies just before its n-th AWS call; one that makes fewer calls does not."""
        return self._begun(Death(times=times, function=function, before_call=before_call))

    # ------------------------------------------------------------------------------------------------------ the parts

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is switched on."""
        return not self._faults

    def on_break(self, ends: Break) -> None:
        """Registers what ends a share of a gateway's sockets, politely or not, and gives how many."""
        self._breaks.append(ends)

    def strike(self, kind: type[Kind], concerned: Callable[[Kind], bool] = lambda _: True) -> Kind | None:
        """The fault of a kind that happens now, if one is concerned; counts it."""
        if self.is_quiet:
            return None
        with self._lock:
            for fault in self._faults:
                if isinstance(fault, kind) and fault.is_active and concerned(fault):
                    fault.happened += 1
                    return fault
        return None

    def _begun(self, fault: Kind) -> Kind:
        with self._lock:
            self._faults.append(fault)
        return fault
