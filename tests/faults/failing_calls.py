"""AWS calls that fail before the service sees them or after. Used by `switches`."""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.test import run_wsgi_app

from infra.local.endpoint.calls import Call, call_of
from infra.local.hooks import Wsgi
from tests.faults.active import ActiveFaults
from tests.faults.kinds import CallFault, RefusedCall, UnansweredCall
from tests.faults.refusals import refusal

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class FaultyCalls:
    """A WSGI application in front of the services."""

    def __init__(self, services: Wsgi, faults: ActiveFaults) -> None:
        self._services = services
        self._faults = faults

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if self._faults.are_none:
            return self._services(environ, start_response)
        call = call_of(environ)

        def concerned(fault: CallFault) -> bool:
            return fault.concerns(call.service, call.operation, call.access_key)

        refused = self._faults.strike(RefusedCall, concerned)
        if refused:
            _take_in(environ)
            return refusal(call.service, refused.code, refused.status)(environ, start_response)
        unanswered = self._faults.strike(UnansweredCall, concerned)
        if unanswered:
            return self._late(unanswered, call, environ)(environ, start_response)
        return self._services(environ, start_response)

    def _late(self, fault: UnansweredCall, call: Call, environ: Environ) -> Wsgi:
        """What is answered when nobody listens any more, or when the fault was mended."""
        if fault.done:
            run_wsgi_app(self._services, environ, buffered=True)
        else:
            _take_in(environ)
        fault.mended.wait(fault.seconds)
        return refusal(call.service, "ServiceUnavailable", 503)


def _take_in(environ: Environ) -> None:
    """Reads what was sent: left in the connection, it would be taken for the next request."""
    environ["wsgi.input"].read()
