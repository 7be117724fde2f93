"""Custom resources are made as CloudFormation makes them."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.local.cloudformation.custom_resources import CustomResources, ResourceFailed
from infra.local.cloudformation.stack_resources import CustomResource

RESOURCE = CustomResource("SetupRedshift", "Custom::RedshiftSetup", "Setup", {"ServiceToken": "arn", "Digest": "1"})


class Setup:
    """A function that answers at once, and remembers what it was asked."""

    def __init__(
        self, file: Path, *, physical_id: str = "one", reason: str | None = None, silent: bool = False
    ) -> None:
        self.events: list[dict[str, Any]] = []
        self.physical_id = physical_id
        self.reason = reason
        self.silent = silent
        self.resources = CustomResources(file, self._invoke, "http://localhost:1")

    def _invoke(self, function: str, event: dict[str, Any]) -> None:
        assert function == "Setup"
        self.events.append(event)
        status = {"Status": "FAILED", "Reason": self.reason} if self.reason else {"Status": "SUCCESS"}
        if not self.silent:
            token = event["ResponseURL"].rsplit("/", 1)[1]
            answer = {**status, "PhysicalResourceId": self.physical_id}
            self.resources.answered(token, json.dumps(answer).encode())

    def requests(self) -> list[str]:
        return [event["RequestType"] for event in self.events]


def test_the_first_time_it_is_created(tmp_path: Path) -> None:
    setup = Setup(tmp_path / "stack.json")
    setup.resources.apply(RESOURCE)
    (event,) = setup.events
    assert event["RequestType"] == "Create"
    assert event["ResourceProperties"] == {"ServiceToken": "arn", "Digest": "1"}
    assert event["LogicalResourceId"] == "SetupRedshift"
    assert event["ResponseURL"].startswith("http://localhost:1/_aws/cloudformation/")
    assert "PhysicalResourceId" not in event


def test_after_a_restart_it_is_updated_and_told_its_id_and_old_properties(tmp_path: Path) -> None:
    Setup(tmp_path / "stack.json").resources.apply(RESOURCE)
    again = Setup(tmp_path / "stack.json")
    again.resources.apply(RESOURCE)
    (event,) = again.events
    assert event["RequestType"] == "Update"
    assert event["PhysicalResourceId"] == "one"
    assert event["OldResourceProperties"] == RESOURCE.properties


def test_a_new_physical_id_means_the_old_resource_is_deleted(tmp_path: Path) -> None:
    Setup(tmp_path / "stack.json").resources.apply(RESOURCE)
    again = Setup(tmp_path / "stack.json", physical_id="two")
    again.resources.apply(RESOURCE)
    assert again.requests() == ["Update", "Delete"]
    assert again.events[1]["PhysicalResourceId"] == "one"


def test_a_failure_gives_its_reason_and_is_not_remembered(tmp_path: Path) -> None:
    with pytest.raises(ResourceFailed, match="10_tables: no such type"):
        Setup(tmp_path / "stack.json", reason="10_tables: no such type").resources.apply(RESOURCE)
    again = Setup(tmp_path / "stack.json")
    again.resources.apply(RESOURCE)
    assert again.requests() == ["Create"]


def test_silence_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ResourceFailed, match="no answer within 0 s"):
        Setup(tmp_path / "stack.json", silent=True).resources.apply(RESOURCE, patience=0.05)


def test_an_answer_nobody_waits_for_is_ignored(tmp_path: Path) -> None:
    Setup(tmp_path / "stack.json").resources.answered("unknown", b"{}")
