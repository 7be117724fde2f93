"""What goes wrong on AWS now and then, to be switched on by tests while everything runs.

`FaultyAws` of `tests.infra.local.laptop` has it as its hooks, and so has `Endpoint` of `tests.infra.local.endpoints`.
While nothing is switched on, asking is free.
"""

from functools import partial

from infra.local.eventbridge.later import Later
from infra.local.hooks import Deliver, EndSockets, Event, Hooks, Wsgi
from tests.faults.active import ActiveFaults
from tests.faults.failing_calls import FaultyCalls
from tests.faults.kinds import (
    CopiedEvent,
    Death,
    EventFault,
    Fault,
    HeldEvents,
    LaggingIndex,
    LateEvent,
    LostDisconnect,
    LostEvent,
    RefusedCall,
    UnansweredCall,
)

WAREHOUSE = "aws.redshift-data"


class Faults(Hooks):
    """The switches. Each gives its fault, whose `happened` a test may watch and which `mend` can end alone.

    Faults of events are about the warehouse's unless another `source`, or None for any, is given.
    """

    def __init__(self) -> None:
        self._active = ActiveFaults()
        self._gateways: list[EndSockets] = []
        self._later = Later("late-events")

    def mend(self, *faults: Fault) -> None:
        """Ends these faults, or all; what they hold up goes on."""
        self._active.mend(*faults)

    # --------------------------------------------------------------------------------------------------------- events

    def lose_events(self, times: int | None = None, source: str | None = WAREHOUSE) -> Fault:
        """The next events, or all, reach nobody."""
        return self._active.add(LostEvent(times=times, source=source))

    def delay_events(self, seconds: float, times: int | None = None, source: str | None = WAREHOUSE) -> Fault:
        """They come so much later."""
        return self._active.add(LateEvent(times=times, source=source, seconds=seconds))

    def copy_events(self, copies: int, times: int | None = None, source: str | None = WAREHOUSE) -> Fault:
        """Each comes so often."""
        return self._active.add(CopiedEvent(times=times, source=source, copies=copies))

    def reorder_events(self, until: int, source: str | None = WAREHOUSE) -> Fault:
        """The next `until` events wait for one another, or for `release`, and come the last first."""
        return self._active.add(HeldEvents(times=until, source=source, until=until))

    def release(self) -> None:
        """Lets go the events that wait for one another, and holds no more."""
        held = self._active.of(HeldEvents)
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
        return self._active.add(
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
        return self._active.add(
            UnansweredCall(times=times, service=service, operation=operation, by=by, seconds=seconds, done=done)
        )

    # -------------------------------------------------------------------------------------------------------- DynamoDB

    def lag_indexes(self) -> Fault:
        """What is written from now on is not in the indexes, and what is deleted still is."""
        return self._active.add(LaggingIndex())

    # -------------------------------------------------------------------------------------------- sockets, functions

    def break_sockets(self, share: float = 1.0, *, politely: bool = False) -> int:
        """Ends this share of the open sockets now, without a closing handshake unless `politely`; gives how many."""
        return sum(end_sockets(share, politely) for end_sockets in self._gateways)

    def lose_disconnects(self, times: int | None = None) -> Fault:
        """No `$disconnect` tells of the ends of sockets; it is best effort on AWS, too."""
        return self._active.add(LostDisconnect(times=times))

    def kill(self, function: str, before_call: int = 1, times: int | None = 1) -> Fault:
        """An invocation of a function dies just before its n-th AWS call; one that makes fewer calls does not."""
        return self._active.add(Death(times=times, function=function, before_call=before_call))

    # ------------------------------------------------------------------------------------------------------ the hooks

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is switched on."""
        return self._active.are_none

    def on_event(self, event: Event, deliver: Deliver) -> None:
        """Loses the event, or lets it wait for others, come often and come late, all at once if so many concern it."""

        def concerned(fault: EventFault) -> bool:
            return fault.concerns(event)

        if self._active.strike(LostEvent, concerned):
            return
        held = self._active.strike(HeldEvents, concerned)
        copied = self._active.strike(CopiedEvent, concerned)
        late = self._active.strike(LateEvent, concerned)
        sent = partial(self._later.call, late.seconds, deliver) if late else deliver
        send = partial(_repeat, copied.copies if copied else 1, sent)
        if held:
            held.hold(send)
        else:
            send()

    def indexes_follow(self) -> bool:
        """Whether none of them lags."""
        return self._active.strike(LaggingIndex) is None

    def wrapped(self, services: Wsgi) -> Wsgi:
        """The services behind calls that fail."""
        return FaultyCalls(services, self._active)

    def goes_on(self, function: str, call: int) -> bool:
        """Whether no `Death` is due."""
        return self._active.strike(Death, lambda fault: fault.concerns(function, call)) is None

    def tells_disconnect(self) -> bool:
        """Whether it is not lost."""
        return self._active.strike(LostDisconnect) is None

    def on_gateway(self, end_sockets: EndSockets) -> None:
        """Registers a gateway for `break_sockets`."""
        self._gateways.append(end_sockets)

    def on_stop(self) -> None:
        """Mends all; late events that are not there yet never come."""
        self.mend()
        self._later.close()


def _repeat(times: int, do: Deliver) -> None:
    for _ in range(times):
        do()
