"""The dashboard's image: a tag that its content gives, built once, by Docker or by CodeBuild, and failures told."""

import base64
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from infra.deploy.errors import DeployError
from infra.deploy.image import docker
from infra.deploy.image.codebuild import CodeBuild
from infra.deploy.image.context import DOCKERFILE, Image
from infra.deploy.image.docker import Docker
from infra.deploy.image.publishing import Repository, chosen, into, publish
from infra.deploy.stacks.polling import Polling
from infra.local.cloudformation.intrinsics import load
from tests.infra.deploy.artifacts import TEMPLATE
from tests.infra.dockerfile import IGNORE, REPO, context

ACCOUNT = "123456789012"
REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
URI = f"{REGISTRY}/pushboard"
BUCKET = "artifacts"
ARTIFACTS = {
    "BucketName": BUCKET,
    "RepositoryName": "pushboard",
    "RepositoryUri": URI,
    "BuildProjectName": "pushboard-image",
}
BUILD_ID = "pushboard-image:1"
LOG = "https://console.aws.amazon.com/cloudwatch/log"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER = """#!/bin/sh
echo "$PWD: docker $*" >> "$CALLS"
case "$1 $2" in
  "buildx inspect") echo "Platforms: $PLATFORMS"; exit "${INSPECT_EXIT:-0}" ;;
  "buildx build") [ -z "${BUILD_HANGS:-}" ] || exec sleep 3600; exit "${BUILD_EXIT:-0}" ;;
  "login --username") cat >> "$CALLS.password"; echo "${LOGIN_SAYS:-}" >&2; exit "${LOGIN_EXIT:-0}" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small repository with what an image is made from, and more."""
    folder = tmp_path / "checkout"
    for name in (DOCKERFILE, f"{DOCKERFILE}.dockerignore", "infra/image/health.py", "requirements/dashboard.lock"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPO / name, folder / name)
    for name in ("dashboard/app.py", "assets/page.css", "sql/reports/finance/a.sql"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


class TestImage:
    def test_it_is_made_from_what_reaches_the_builder_and_what_tells_it_how(self) -> None:
        told = {DOCKERFILE, IGNORE.relative_to(REPO).as_posix()}
        assert set(Image(REPO).files) == {*context(), *told}

    def test_another_checkout_of_the_same_files_wants_the_same_tag(self, checkout: Path, tmp_path: Path) -> None:
        other = shutil.copytree(checkout, tmp_path / "other")
        (other / "dashboard" / "__pycache__").mkdir()
        (other / "dashboard" / "__pycache__" / "app.pyc").write_bytes(b"compiled")
        (other / "sql/reports/finance/a.sql").write_text("another")
        os.utime(other / "dashboard" / "app.py", (0, 0))
        assert Image(other).tag == Image(checkout).tag
        assert Image(other).source() == Image(checkout).source()

    @pytest.mark.parametrize("name", [DOCKERFILE, "dashboard/app.py", "assets/page.css", "requirements/dashboard.lock"])
    def test_another_file_wants_another_tag(self, name: str, checkout: Path) -> None:
        before = Image(checkout).tag
        (checkout / name).write_text("another")
        assert Image(checkout).tag != before

    def test_a_file_of_another_name_wants_another_tag(self, checkout: Path) -> None:
        before = Image(checkout).tag
        (checkout / "dashboard/app.py").rename(checkout / "dashboard/main.py")
        assert Image(checkout).tag != before

    def test_another_base_wants_another_tag(self, checkout: Path) -> None:
        digest = f"@sha256:{'1' * 64}"
        assert Image(checkout, digest).tag != Image(checkout).tag
        (line,) = Image(checkout, digest).plan()
        assert digest[1:] in line

    def test_a_tag_is_one_that_the_dashboards_stack_takes(self) -> None:
        pattern = load(REPO / "infra/webapp-setup.yaml")["Parameters"]["ImageUri"]["AllowedPattern"]
        address = f"{URI}:{Image(REPO).tag}"
        assert re.match(pattern, address)

    def test_its_source_holds_the_files_where_the_dockerfile_looks_for_them(self, checkout: Path) -> None:
        image = Image(checkout)
        with zipfile.ZipFile(io.BytesIO(image.source())) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
        assert found == {name: path.read_bytes() for name, path in image.files.items()}
        assert "dashboard/app.py" in found

    def test_the_plan_tells_the_tag(self, checkout: Path) -> None:
        (line,) = Image(checkout).plan()
        assert Image(checkout).tag in line


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    """One, since each reads what it knows of a service anew."""
    return boto3.Session("key", "secret", region_name="us-east-1")


@pytest.fixture
def client(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Clients of an account in which `artifacts-setup.yaml` is deployed."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    clients: dict[str, Any] = {}

    def made(service: str) -> Any:
        return clients.setdefault(service, session.client(service))

    with mock_aws():
        made("s3").create_bucket(Bucket=BUCKET)
        made("ecr").create_repository(repositoryName="pushboard", imageTagMutability="IMMUTABLE")
        yield made
        for one in clients.values():
            one.close()


def push(ecr: Any, tag: str) -> None:
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": {"digest": tag}, "layers": []})
    ecr.put_image(repositoryName="pushboard", imageManifest=manifest, imageManifestMediaType=MANIFEST, imageTag=tag)


@dataclass
class FakeBuilder:
    """Pushes, or fails as it is told."""

    ecr: Any
    pushes: bool = True
    fails: bool = False
    built: list[str] = field(default_factory=list)
    name: str = "The fake"

    def build(self, image: Image, uri: str) -> None:
        self.built.append(uri)
        if self.pushes:
            push(self.ecr, uri.rpartition(":")[2])
        if self.fails:
            raise DeployError("It could not be built.")


class TestInto:
    @pytest.fixture
    def repository(self, client) -> Repository:
        return Repository(client("ecr"), ACCOUNT, "pushboard", URI)

    def test_an_image_is_built_once(self, repository: Repository, checkout: Path) -> None:
        said: list[str] = []
        builder = FakeBuilder(repository.ecr)
        image = Image(checkout)
        addresses = [into(repository, image, lambda: builder, said.append) for _ in range(2)]
        assert addresses == [f"{URI}:{image.tag}"] * 2
        assert builder.built == [f"{URI}:{image.tag}"]
        assert said[-1] == f"The image is there already: {URI}:{image.tag}"

    def test_a_changed_one_is_built_beside_it(self, repository: Repository, checkout: Path) -> None:
        builder = FakeBuilder(repository.ecr)
        into(repository, Image(checkout), lambda: builder, lambda line: None)
        (checkout / "dashboard/app.py").write_text("changed")
        into(repository, Image(checkout), lambda: builder, lambda line: None)
        assert len(set(builder.built)) == 2

    def test_a_build_that_fails_is_told(self, repository: Repository, checkout: Path) -> None:
        builder = FakeBuilder(repository.ecr, pushes=False, fails=True)
        with pytest.raises(DeployError, match="could not be built"):
            into(repository, Image(checkout), lambda: builder, lambda line: None)

    def test_a_build_that_another_one_overtook_has_not_failed(self, repository: Repository, checkout: Path) -> None:
        """A tag is taken once: the later of two pushes is refused."""
        builder = FakeBuilder(repository.ecr, pushes=True, fails=True)
        assert into(repository, Image(checkout), lambda: builder, lambda line: None).startswith(URI)

    def test_a_repository_that_is_gone_is_not_taken_for_an_image_that_is_missing(self, client, checkout: Path) -> None:
        gone = Repository(client("ecr"), ACCOUNT, "another", URI)
        with pytest.raises(client("ecr").exceptions.RepositoryNotFoundException):
            gone.has("tag")


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A docker on the PATH that notes how it is called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "docker").write_text(DOCKER)
    (folder / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("PLATFORMS", "linux/amd64, linux/arm64, linux/arm/v7")
    return tmp_path / "calls"


class TestDocker:
    def test_it_is_built_for_arm64_and_pushed_while_logged_in(self, client, calls: Path, checkout: Path) -> None:
        Docker(client("ecr")).build(Image(checkout), f"{URI}:abc")
        login, build, logout = [line.partition(": docker ") for line in calls.read_text().splitlines()]
        assert login[2] == f"login --username AWS --password-stdin {REGISTRY}"
        assert build[0] == str(checkout)
        assert build[2] == (
            f"buildx build --platform linux/arm64 --file {DOCKERFILE} --tag {URI}:abc "
            "--provenance=false --build-arg BASE_DIGEST= --push ."
        )
        assert logout[2] == f"logout {REGISTRY}"

    def test_the_password_is_told_to_docker_alone(self, client, calls: Path, checkout: Path, capfd) -> None:
        Docker(client("ecr")).build(Image(checkout), f"{URI}:abc")
        (data,) = client("ecr").get_authorization_token()["authorizationData"]
        password = base64.b64decode(data["authorizationToken"]).decode().partition(":")[2]
        assert calls.with_name("calls.password").read_text() == password
        assert password not in calls.read_text()
        assert password not in "".join(capfd.readouterr())

    def test_it_is_built_on_the_given_base(self, client, calls: Path, checkout: Path) -> None:
        Docker(client("ecr")).build(Image(checkout, "@sha256:1"), f"{URI}:abc")
        assert "--build-arg BASE_DIGEST=@sha256:1" in calls.read_text()

    def test_a_build_that_fails_is_told_and_logs_out(self, client, calls: Path, checkout: Path, monkeypatch) -> None:
        monkeypatch.setenv("BUILD_EXIT", "1")
        with pytest.raises(DeployError, match="Docker could not build and push the image"):
            Docker(client("ecr")).build(Image(checkout), f"{URI}:abc")
        assert calls.read_text().splitlines()[-1].endswith(f"logout {REGISTRY}")

    def test_a_build_that_takes_too_long_is_ended(self, client, calls: Path, checkout: Path, monkeypatch) -> None:
        monkeypatch.setattr(docker, "_BUILD", 0)
        monkeypatch.setenv("BUILD_HANGS", "yes")
        with pytest.raises(DeployError, match="run this again"):
            Docker(client("ecr")).build(Image(checkout), f"{URI}:abc")
        assert calls.read_text().splitlines()[-1].endswith(f"logout {REGISTRY}")

    def test_without_a_login_nothing_is_built(self, client, calls: Path, checkout: Path, monkeypatch) -> None:
        monkeypatch.setenv("LOGIN_EXIT", "1")
        monkeypatch.setenv("LOGIN_SAYS", "Error saving credentials")
        with pytest.raises(DeployError, match=f"Docker could not log in at {REGISTRY}: Error saving credentials"):
            Docker(client("ecr")).build(Image(checkout), f"{URI}:abc")
        assert len(calls.read_text().splitlines()) == 1


class TestChoice:
    def builder(self, client: Callable[[str], Any]) -> str:
        return chosen(client, ARTIFACTS, ACCOUNT, lambda line: None).name

    def test_docker_that_can_build_for_arm64_is_taken(self, client, calls: Path) -> None:
        assert self.builder(client) == "Docker"

    @pytest.mark.parametrize(
        ("variable", "value"),
        [("PLATFORMS", "linux/amd64, linux/386"), ("INSPECT_EXIT", "1")],
        ids=["another processor", "no daemon or no buildx"],
    )
    def test_else_codebuild_is(self, client, calls: Path, monkeypatch, variable: str, value: str) -> None:
        monkeypatch.setenv(variable, value)
        assert self.builder(client) == "CodeBuild"

    def test_without_docker_codebuild_is(self, client, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert self.builder(client) == "CodeBuild"

    def test_a_docker_that_does_not_answer_is_not_waited_for(self, client, calls: Path, monkeypatch) -> None:
        monkeypatch.setattr(docker, "_QUICK", 0)
        assert self.builder(client) == "CodeBuild"

    def test_publishing_ends_with_the_images_address(self, client, calls: Path, checkout: Path) -> None:
        """The fake pushes nothing, so nothing but its exit code tells that it is there."""
        address = publish(Image(checkout), client, ARTIFACTS, ACCOUNT, lambda line: None)
        assert address == f"{URI}:{Image(checkout).tag}"
        assert "buildx build" in calls.read_text()


def _build(build_id: str, status: str, tag: str) -> dict[str, Any]:
    variables = [{"name": "REPOSITORY_URI", "value": URI}, {"name": "IMAGE_TAG", "value": tag}]
    environment = {
        "type": "ARM_CONTAINER",
        "image": "aws",
        "computeType": "BUILD_GENERAL1_SMALL",
        "environmentVariables": variables,
    }
    complete = status != "IN_PROGRESS"
    return {"id": build_id, "buildStatus": status, "buildComplete": complete, "environment": environment}


class Clock:
    """Time that passes by waiting."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class TestCodeBuild:
    @pytest.fixture
    def said(self) -> list[str]:
        return []

    @pytest.fixture
    def stubber(self, session: boto3.Session) -> Iterator[Stubber]:
        """CodeBuild's answers in order; botocore checks both what is asked and what is answered."""
        client = session.client("codebuild")
        with Stubber(client) as stubber:
            yield stubber
            stubber.assert_no_pending_responses()
        client.close()

    @pytest.fixture
    def builder(self, client, stubber: Stubber, said: list[str]) -> CodeBuild:
        clock = Clock()
        polling = Polling(seconds=60, clock=clock, sleep=clock.sleep)
        return CodeBuild(client("s3"), stubber.client, BUCKET, ACCOUNT, "pushboard-image", said.append, polling)

    def before(self, stubber: Stubber, *builds: dict[str, Any]) -> None:
        """What the project built before, the newest first."""
        ids = [build["id"] for build in builds]
        asked = {"projectName": "pushboard-image", "sortOrder": "DESCENDING"}
        stubber.add_response("list_builds_for_project", {"ids": ids} if ids else {}, asked)
        if ids:
            stubber.add_response("batch_get_builds", {"builds": list(builds)}, {"ids": ids})

    def started(self, stubber: Stubber, image: Image, *before: dict[str, Any]) -> None:
        self.before(stubber, *before)
        variables = {"IMAGE_TAG": image.tag} | ({"BASE_DIGEST": image.base_digest} if image.base_digest else {})
        asked = {
            "projectName": "pushboard-image",
            "sourceLocationOverride": f"{BUCKET}/images/{image.tag}.zip",
            "environmentVariablesOverride": [
                {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items()
            ],
        }
        stubber.add_response("start_build", {"build": {"id": BUILD_ID}}, asked)

    def looked(self, stubber: Stubber, phase: str, status: str = "IN_PROGRESS", **more: Any) -> None:
        complete = status != "IN_PROGRESS"
        build = {"id": BUILD_ID, "currentPhase": phase, "buildStatus": status, "buildComplete": complete, **more}
        stubber.add_response("batch_get_builds", {"builds": [build]}, {"ids": [BUILD_ID]})

    def test_it_is_given_the_source_and_the_tag_and_waited_for(self, builder, stubber, said, checkout: Path) -> None:
        image = Image(checkout, "@sha256:1")
        self.started(stubber, image)
        self.looked(stubber, "QUEUED")
        self.looked(stubber, "PRE_BUILD")
        self.looked(stubber, "PRE_BUILD")
        self.looked(stubber, "COMPLETED", "SUCCEEDED")
        builder.build(image, f"{URI}:{image.tag}")
        source = builder.s3.get_object(Bucket=BUCKET, Key=f"images/{image.tag}.zip")["Body"].read()
        assert source == image.source()
        assert said == ["  queued", "  pre build", "  completed"]

    def test_one_that_an_interrupted_deployment_began_is_waited_for(self, builder, stubber, checkout: Path) -> None:
        """Two at a time would cost twice, and one of them could not push."""
        image = Image(checkout)
        self.before(stubber, _build("other:1", "IN_PROGRESS", "other"), _build(BUILD_ID, "IN_PROGRESS", image.tag))
        self.looked(stubber, "COMPLETED", "SUCCEEDED")
        builder.build(image, f"{URI}:{image.tag}")
        assert "Contents" not in builder.s3.list_objects_v2(Bucket=BUCKET)

    def test_one_that_failed_is_tried_again(self, builder, stubber, checkout: Path) -> None:
        image = Image(checkout)
        self.started(stubber, image, _build("failed:1", "FAILED", image.tag))
        self.looked(stubber, "COMPLETED", "SUCCEEDED")
        builder.build(image, f"{URI}:{image.tag}")

    def test_a_build_that_fails_is_told_with_its_reason_and_its_log(self, builder, stubber, checkout: Path) -> None:
        image = Image(checkout)
        self.started(stubber, image)
        message = "Error while executing command: docker build. Reason: exit status 1"
        phases = [
            {"phaseType": "PROVISIONING", "phaseStatus": "SUCCEEDED"},
            {"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": [{"message": message}]},
            {"phaseType": "FINALIZING", "phaseStatus": "FAILED", "contexts": [{"message": "later"}]},
        ]
        self.looked(stubber, "COMPLETED", "FAILED", phases=phases, logs={"deepLink": LOG})
        with pytest.raises(DeployError) as raised:
            builder.build(image, f"{URI}:{image.tag}")
        assert str(raised.value) == (
            f"CodeBuild could not build the image. BUILD ended with FAILED: {message}. Its log: {LOG}"
        )

    @pytest.mark.parametrize("status", ["FAULT", "TIMED_OUT", "STOPPED"])
    def test_one_that_ends_without_a_reason_is_told_too(self, builder, stubber, checkout: Path, status: str) -> None:
        image = Image(checkout)
        self.started(stubber, image)
        self.looked(stubber, "COMPLETED", status)
        with pytest.raises(DeployError, match=f"CodeBuild could not build the image. It ended with {status}."):
            builder.build(image, f"{URI}:{image.tag}")

    def test_one_that_does_not_end_is_not_waited_for_ever(self, builder, stubber, checkout: Path) -> None:
        image = Image(checkout)
        self.started(stubber, image)
        for _ in range(13):
            self.looked(stubber, "BUILD")
        with pytest.raises(DeployError, match=f"The build {BUILD_ID} has not ended within 1 minutes"):
            builder.build(image, f"{URI}:{image.tag}")

    def test_by_itself_it_waits_longer_than_the_project_lets_a_build_take(self, client) -> None:
        project = load(TEMPLATE)["Resources"]["ImageBuilder"]["Properties"]
        minutes = project["QueuedTimeoutInMinutes"] + project["TimeoutInMinutes"]
        builder = CodeBuild(client("s3"), None, BUCKET, ACCOUNT, "pushboard-image", print)
        assert builder.polling.seconds > minutes * 60

    def test_its_sources_lie_where_the_project_may_read_and_nothing_is_kept(self, builder, stubber, checkout) -> None:
        rules = load(TEMPLATE)["Resources"]["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        (prefix,) = [rule["Prefix"] for rule in rules if "ExpirationInDays" in rule]
        image = Image(checkout)
        self.started(stubber, image)
        self.looked(stubber, "COMPLETED", "SUCCEEDED")
        builder.build(image, f"{URI}:{image.tag}")
        keys = [item["Key"] for item in builder.s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert keys == [f"{prefix}{image.tag}.zip"]
