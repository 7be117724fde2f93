"""Makes custom resources as CloudFormation does: invokes their function and waits for its answer. Used by `runtime`.

What was made is remembered in a file, so the next start sends Update instead of Create.
Source: AWS CloudFormation, "Custom resource request and response reference".
"""

import json
import queue
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.cloudformation.stack_resources import CustomResource
from infra.local.endpoint.edge import ANSWERS

Invoke = Callable[[str, dict[str, Any]], None]

STACK_ID = "arn:aws:cloudformation:us-east-1:000000000000:stack/pushboard/local"


class ResourceFailed(Exception):
    """The function said FAILED, with this reason, or said nothing in time."""


@dataclass(frozen=True)
class _Made:
    """A resource that exists."""

    physical_id: str
    properties: Mapping[str, Any]


class CustomResources:
    """`invoke` starts a function asynchronously; its answer arrives through `answered`."""

    def __init__(self, memory: Path, invoke: Invoke, endpoint_url: str) -> None:
        self._memory = memory
        self._invoke = invoke
        self._endpoint_url = endpoint_url
        self._answers: dict[str, queue.SimpleQueue[dict[str, Any]]] = {}

    def apply(self, resource: CustomResource, patience: float = 900) -> None:
        """Creates or updates the resource; a failure or silence raises `ResourceFailed`."""
        before = self._remembered().get(resource.logical_id)
        request: dict[str, Any] = {"RequestType": "Create"}
        if before is not None:
            old = {"PhysicalResourceId": before.physical_id, "OldResourceProperties": dict(before.properties)}
            request = {"RequestType": "Update", **old}
        physical_id = self._ask(resource, request, patience)
        self._remember(resource.logical_id, _Made(physical_id, resource.properties))
        if before is not None and before.physical_id != physical_id:
            # A new physical id means a replacement: CloudFormation then deletes the old one.
            self._ask(resource, {"RequestType": "Delete", "PhysicalResourceId": before.physical_id}, patience)

    def answered(self, token: str, body: bytes) -> None:
        """A function's PUT to its ResponseURL."""
        waiting = self._answers.get(token)
        if waiting is not None:
            waiting.put(json.loads(body))

    def _ask(self, resource: CustomResource, request: dict[str, Any], patience: float) -> str:
        token = str(uuid.uuid4())
        answers = self._answers[token] = queue.SimpleQueue()
        self._invoke(resource.function, self._event(resource, token) | request)
        try:
            answer = answers.get(timeout=patience)
        except queue.Empty:
            raise ResourceFailed(f"{resource.logical_id} gave no answer within {patience:.0f} s.") from None
        finally:
            del self._answers[token]
        if answer["Status"] != "SUCCESS":
            raise ResourceFailed(f"{resource.logical_id}: {answer.get('Reason', 'no reason given')}")
        return str(answer["PhysicalResourceId"])

    def _event(self, resource: CustomResource, token: str) -> dict[str, Any]:
        return {
            "ServiceToken": resource.properties["ServiceToken"],
            "ResponseURL": f"{self._endpoint_url}{ANSWERS}{token}",
            "StackId": STACK_ID,
            "RequestId": token,
            "ResourceType": resource.type,
            "LogicalResourceId": resource.logical_id,
            "ResourceProperties": dict(resource.properties),
        }

    def _remembered(self) -> dict[str, _Made]:
        try:
            return {name: _Made(**made) for name, made in json.loads(self._memory.read_text()).items()}
        except FileNotFoundError:
            return {}

    def _remember(self, logical_id: str, made: _Made) -> None:
        everything = self._remembered() | {logical_id: made}
        texts = {
            name: {"physical_id": one.physical_id, "properties": dict(one.properties)}
            for name, one in everything.items()
        }
        self._memory.write_text(json.dumps(texts, indent=1))
