"""Sees that the dashboard's image is in the repository. Used by `python -m infra.deploy`.

Whoever builds, what is built is the same: `docker` on this machine, or `codebuild` where that cannot build for arm64.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from infra.deploy.errors import DeployError
from infra.deploy.image import docker
from infra.deploy.image.codebuild import CodeBuild
from infra.deploy.image.context import Image
from infra.deploy.image.docker import Docker

Client = Callable[[str], Any]
"""Gives boto3's client of a service."""

Say = Callable[[str], None]


class Builder(Protocol):
    """Whoever builds an image and pushes it to an address."""

    @property
    def name(self) -> str:
        """What the person at the terminal is told about it."""

    def build(self, image: Image, uri: str) -> None:
        """Does it; raises `DeployError`."""


@dataclass(frozen=True)
class Repository:
    """The repository of images. `ecr` is boto3's client, `uri` the address without a tag."""

    ecr: Any
    account: str
    name: str
    uri: str

    def has(self, tag: str) -> bool:
        """Whether an image has this tag; since tags are immutable it is the one that is wanted."""
        wanted = [{"imageTag": tag}]
        try:
            self.ecr.describe_images(registryId=self.account, repositoryName=self.name, imageIds=wanted)
        except self.ecr.exceptions.ImageNotFoundException:
            return False
        return True


def publish(image: Image, client: Client, artifacts: Mapping[str, str], account: str, say: Say) -> str:
    """The image's address in ECR, where it then is.

    `artifacts` are the outputs of `artifacts-setup.yaml`, of this `account`. Raises `DeployError` with a sentence.
    """
    repository = Repository(client("ecr"), account, artifacts["RepositoryName"], artifacts["RepositoryUri"])
    return into(repository, image, lambda: chosen(client, artifacts, account, say), say)


def chosen(client: Client, artifacts: Mapping[str, str], account: str, say: Say) -> Builder:
    """Docker where it can build for arm64, which costs nothing; else CodeBuild."""
    if docker.is_usable():
        return Docker(client("ecr"))
    return CodeBuild(
        client("s3"), client("codebuild"), artifacts["BucketName"], account, artifacts["BuildProjectName"], say
    )


def into(repository: Repository, image: Image, builder: Callable[[], Builder], say: Say) -> str:
    """Builds the image into the repository unless it is there.

    A build that fails since another one, of the same image, was quicker has not failed.
    """
    uri = f"{repository.uri}:{image.tag}"
    if repository.has(image.tag):
        say(f"The image is there already: {uri}")
        return uri
    using = builder()
    say(f"{using.name} builds the image, which takes some minutes ...")
    try:
        using.build(image, uri)
    except DeployError:
        if not repository.has(image.tag):
            raise
    return uri
