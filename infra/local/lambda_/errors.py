"""How an invocation of a function fails, as its caller sees it. Raised by `functions`, met by both gateways.

FunctionError            the function raised, or its sandbox ended
  FunctionTimeout        it took longer than its timeout
    CallerGaveUp         it took longer than its caller waits, though it might have gone on
"""

from typing import Any


class FunctionError(Exception):
    """The function failed; `payload` is what its caller gets."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(f"{payload['errorType']}: {payload['errorMessage']}")
        self.payload = payload

    @property
    def message(self) -> str:
        """The exception's text."""
        return str(self.payload["errorMessage"])


class FunctionTimeout(FunctionError):
    """The function did not end within its timeout."""


class CallerGaveUp(FunctionTimeout):
    """The caller waited no longer, though the function might have gone on."""


class ResponseSizeTooLarge(Exception):
    """What a function returned does not fit into an answer of Lambda."""
