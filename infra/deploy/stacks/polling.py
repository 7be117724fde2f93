"""How long the deployment waits for AWS, and how often it looks. Used by `stacks` and `removing`."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from infra.deploy.errors import DeployError

T = TypeVar("T")


@dataclass(frozen=True)
class Polling:
    """Looks every so many seconds, until `seconds` have passed. An hour is twice what a new distribution takes."""

    seconds: float = 3600
    every: float = 5
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def until(self, ended: Callable[[], T | None], what: str) -> T:
        """What `ended` gives as soon as it gives something; `DeployError` when it gives nothing in time."""
        deadline = self.clock() + self.seconds
        while (result := ended()) is None:
            if self.clock() >= deadline:
                minutes = self.seconds / 60
                raise DeployError(
                    f"{what} has not ended within {minutes:.0f} minutes: run this again, it goes on from there."
                )
            self.sleep(self.every)
        return result
