"""Accounts of fakes; `s3_of_endpoint` puts the local endpoint's S3 into one. Nobody reaches a real one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.deploy.artifacts import artifacts
from infra.deploy.stacks.emptying import empty_bucket
from infra.local.apigateway.websocket_api import Limits
from infra.local.endpoint import identities
from infra.local.endpoint.edge import Edge, Services
from infra.local.endpoint.moto_services import MotoServices
from infra.local.endpoint.server import Server
from tests import samples
from tests.infra.deploy.account import BUCKET, EXPORTS, FILE, LOGS, Program, services
from tests.infra.deploy.fakes import aws as fake_aws
from tests.infra.deploy.fakes.s3 import FakeS3
from tests.infra.local.endpoints import free_port


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """S3 as `make run` has it."""
    port = free_port()
    moto = MotoServices(tmp_path_factory.mktemp("endpoint") / "s3", lambda event: None)
    edge = Edge(Services({}, {}, {}, lambda token, body: None, moto))
    server = Server(edge, port, Limits())
    server.start()
    yield f"http://localhost:{port}"
    server.stop()
    edge.close()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> fake_aws.FakeAws:
    """An account with a cluster, a workgroup, a certificate, and nothing of ours."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    return fake_aws.FakeAws(services())


@pytest.fixture
def s3(fake: fake_aws.FakeAws) -> FakeS3:
    """The buckets of the stacks."""
    found: FakeS3 = fake.services["s3"]
    return found


@pytest.fixture
def s3_of_endpoint(fake: fake_aws.FakeAws, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Buckets of the stacks to which every call goes over HTTP, and an environment that leads to them."""
    del fake.services["s3"]
    for name, value in identities.client_variables(endpoint, "local").items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    for bucket in (BUCKET, EXPORTS, LOGS):
        client.create_bucket(Bucket=bucket)
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    yield client
    for bucket in client.list_buckets()["Buckets"]:
        empty_bucket(client, bucket["Name"], fake_aws.ACCOUNT)
        client.delete_bucket(Bucket=bucket["Name"])
    client.close()


@pytest.fixture
def run(
    fake: fake_aws.FakeAws, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Program:
    """The program, with a parameters file."""
    monkeypatch.setattr(artifacts, "sample_data", samples.prepared)
    program = Program(fake, tmp_path, capsys)
    program.file.write_text(FILE)
    return program
