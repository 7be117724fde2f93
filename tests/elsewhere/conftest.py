"""One imitated account for the whole run, deployed into once. `make check-elsewhere` runs these tests, and no other."""

from collections.abc import Iterator

import pytest

from tests.elsewhere.cloud import Cloud
from tests.elsewhere.viewer import Viewer


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Everything deployed. While it is there, the environment of this process leads AWS's addresses to it."""
    made = Cloud(tmp_path_factory.mktemp("cloud"))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
            patch.delenv(name, raising=False)
        for name, value in made.environment.items():
            patch.setenv(name, value)
        try:
            made.start()
            made.deploy()
            made.attach_role()
            made.deploy()  # loads the sample, which needs the role
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="session")
def ana(cloud: Cloud) -> Viewer:
    """Somebody in finance."""
    return Viewer(cloud, "ana@example.com", "finance")


@pytest.fixture(scope="session")
def bob(cloud: Cloud) -> Viewer:
    """Somebody in operations."""
    return Viewer(cloud, "bob@example.com", "operations")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the removal behind everything else."""
    items.sort(key=lambda item: item.path.name == "test_removal.py")
