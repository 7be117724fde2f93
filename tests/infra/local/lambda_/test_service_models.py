"""The models of AWS's services are read once in a process, however many sessions ask for them."""

from typing import Any

import boto3
import pytest
from botocore.loaders import JSONFileLoader

from infra.local.lambda_ import service_models


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read; botocore also looks for some that are not there."""
    paths: list[str] = []
    load = JSONFileLoader.load_file

    def noting(loader: JSONFileLoader, path: str) -> Any:
        content = load(loader, path)
        if content is not None:
            paths.append(path)
        return content

    monkeypatch.setattr(JSONFileLoader, "load_file", noting)
    return paths


def test_two_sessions_read_a_service_once(found: list[str]) -> None:
    service_models.install()
    for _ in range(2):
        boto3.Session("key", "secret", region_name="us-east-1").client("mediastore-data").close()
    assert len(found) == len(set(found))
    assert any("mediastore-data" in path for path in found)
