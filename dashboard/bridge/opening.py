"""Opens the gateway's end of a bridge, of a crowd of tabs some at a time; used by `tab_bridge`.

When all come at once, at nine or after a restart, those that came first are connected first and have their panels while
the others wait here. All of them at the same time would be as late as the last, and later than the gateway waits.
"""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dashboard.bridge.sockets import GatewayGone, GatewaySilent, TabGone, Upstream


class Opening:
    """Opens connections to the gateway at `url`, at most `at_once` of them at the same time."""

    def __init__(self, url: str, at_once: int, connect_timeout: float, silence: float) -> None:
        """Times are in seconds: `connect_timeout` of each connection, `silence` after which a mute one is gone."""
        self._url = url
        self._connect_timeout = connect_timeout
        self._silence = silence
        self._turns = threading.BoundedSemaphore(at_once)
        self._silences = 0

    def open(self, id_token: str, still_waiting: Callable[[], None], every: float) -> Upstream:
        """A connection with this token. The caller's `still_waiting` is called every so many seconds until it is open.

        Raises `GatewayRefused`, `GatewayGone`, and what `still_waiting` raises; then nothing is left open.
        """
        left = threading.Event()
        with ThreadPoolExecutor(1, "bridge-up") as pool:
            opening = pool.submit(self._in_turn, id_token, left)
            try:
                while True:
                    with contextlib.suppress(TimeoutError):
                        return opening.result(every)
                    still_waiting()
            except TabGone:
                left.set()
                if opening.exception() is None:
                    opening.result().close()
                    opening.result().release()
                raise

    def _in_turn(self, id_token: str, left: threading.Event) -> Upstream:
        """Who has waited while the gateway answered nobody is sent away: each by itself would wait in vain as long."""
        silences = self._silences
        with self._turns:
            if left.is_set():
                raise TabGone
            if self._silences != silences:
                raise GatewayGone
            try:
                return Upstream(self._url, id_token, self._connect_timeout, self._silence)
            except GatewaySilent:
                self._silences += 1
                raise
