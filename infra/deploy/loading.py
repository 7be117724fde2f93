"""Has the trips loaded into the warehouse, once everything else is made. Used by `deploying`.

The backend's function submits the load and waits for a while; it is asked again, with the statement's id, until the
load has ended. Interrupted, the next run joins a load that is still under way.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.deploy.aws import Aws
from infra.deploy.errors import DeployError, closed
from infra.deploy.stacks.polling import Polling
from infra.deploy.stacks.stacks import Say

Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Loading:
    """The load of the trips under the path that the function was deployed with."""

    aws: Aws
    function: str
    say: Say
    polling: Polling

    def run(self) -> None:
        """Returns when the trips are loaded, now or before; `DeployError` with one sentence when they cannot be."""
        self.say("Loading the trips into the warehouse ...")
        answer = self._invoke({})
        if answer["state"] == "loading":
            event = {"statementId": answer["statementId"]}
            answer = self.polling.until(lambda: self._ended(event), "Loading the trips")
        if answer["state"] == "failed":
            raise DeployError(_failed(str(answer["reason"])))
        if answer["state"] == "unchanged":
            self.say(f"  {answer['trips']:,} trips are loaded already")
        if answer["state"] == "loaded":
            self.say(f"  {answer['trips']:,} trips loaded")

    def _ended(self, event: Mapping[str, str]) -> Answer | None:
        answer = self._invoke(event)
        return None if answer["state"] == "loading" else answer

    def _invoke(self, event: Mapping[str, str]) -> Answer:
        """What the function answers; an error in it counts as a failed load."""
        client = self.aws.client("lambda")
        answer = client.invoke(FunctionName=self.function, Payload=json.dumps(event).encode())
        said = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            return {"state": "failed", "reason": said.get("errorMessage", answer["FunctionError"])}
        return dict(said)


def _failed(reason: str) -> str:
    return (
        f"The trips could not be loaded: {closed(reason)} Everything else is made; docs/warehouse.md tells what a load "
        "needs, and the next run tries again."
    )
