"""An account in which each check finds nothing, until a test makes one thing wrong. Nothing of it needs a server."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.errors import DeployError
from infra.deploy.parameters import parameters
from infra.deploy.prerequisites.check import Target
from infra.deploy.prerequisites.checks import require
from tests.infra.deploy.account import FILE, services
from tests.infra.deploy.fakes.aws import FakeAws

READS = ("describe_", "get_", "head_", "list_")


@dataclass
class Checked:
    """All checks on an account, for the settings of a file."""

    fake: FakeAws
    file: Path
    docker: bool = True

    def __getitem__(self, service: str) -> Any:
        """The fake of a service, for a test to make something wrong."""
        return self.fake.services[service]

    def __call__(self, text: str = FILE) -> tuple[list[str], list[str]]:
        """What stops the deployment and what is only told, found by reads alone."""
        self.file.write_text(text)
        notes: list[str] = []
        aws = self.fake.aws()
        try:
            require(Target(aws, parameters.read(self.file), lambda: self.docker), notes.append)
            stops = []
        except DeployError as error:
            stops = str(error).splitlines()
        finally:
            aws.close()
        assert all(method.startswith(READS) for _, method, _ in self.fake.calls)
        return stops, notes


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    return Checked(FakeAws(services()), tmp_path / "deploy.toml")
