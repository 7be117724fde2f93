"""Turns of handshakes: those of one account wait for one another, not those of other accounts. Used by `websocket_api`.

On AWS each handshake has a Lambda environment of its own, so that a crowd of one account delays nobody else. Here all
share the gateway's workers, which a crowd would take in the order in which it came.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

AT_ONCE = 4
"""How many of one account's handshakes are under way: less than the gateway has workers, by far."""


class HandshakeTurns:
    """The turns of one API's handshakes. For the event loop alone."""

    def __init__(self) -> None:
        self._accounts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def turn_of(self, account: str) -> AsyncIterator[None]:
        """Within it, fewer than `AT_ONCE` others of the account are under way; who came first is first."""
        turns = self._accounts.setdefault(account, asyncio.Semaphore(AT_ONCE))
        async with turns:
            yield
