"""Builds and pushes the image by the Docker of this machine, if that can build for arm64. Used by `publishing`.

Docker is logged in at ECR for the time of the build only: else the password, good for twelve hours, would stay in its
configuration.
Source: Amazon ECR User Guide, "Private registry authentication in Amazon ECR".
"""

import base64
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from infra.deploy.errors import DeployError
from infra.deploy.image.context import DOCKERFILE, PLATFORM, Image

_QUICK = 60
_BUILD = 3600
"""Seconds; on another processor than arm64 every step of it is emulated."""


def is_usable() -> bool:
    """Whether there is a Docker that runs, has buildx, and can build for arm64 itself or by emulation."""
    if shutil.which("docker") is None:
        return False
    try:
        told = _quick("buildx", "inspect", "--bootstrap")
    except subprocess.TimeoutExpired:
        return False
    platforms = [line for line in told.stdout.splitlines() if line.strip().startswith("Platforms:")]
    return told.returncode == 0 and any(PLATFORM in line for line in platforms)


@dataclass(frozen=True)
class Docker:
    """The builder. `ecr` is boto3's client, which gives the password of the registry."""

    ecr: Any
    name: str = "Docker"

    def build(self, image: Image, uri: str) -> None:
        """Builds and pushes; what Docker says goes to the terminal. Raises `DeployError`."""
        with self._logged_in(uri.partition("/")[0]):
            command = ["docker", "buildx", "build", "--platform", PLATFORM, "--file", DOCKERFILE, "--tag", uri]
            # Its attestation would make the tag an index of two images, of which one has no tag.
            command += ["--provenance=false", "--build-arg", f"BASE_DIGEST={image.base_digest}", "--push", "."]
            try:
                done = subprocess.run(command, cwd=image.repo, timeout=_BUILD, check=False)
            except subprocess.TimeoutExpired:
                raise DeployError(
                    f"Docker had not built the image within {_BUILD // 60} minutes: run this again."
                ) from None
        if done.returncode:
            raise DeployError("Docker could not build and push the image: what it says above tells why.")

    @contextmanager
    def _logged_in(self, registry: str) -> Iterator[None]:
        (data,) = self.ecr.get_authorization_token()["authorizationData"]
        user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
        done = _quick("login", "--username", user, "--password-stdin", registry, said=password)
        if done.returncode:
            raise DeployError(f"Docker could not log in at {registry}: {' '.join(done.stderr.split())}")
        try:
            yield
        finally:
            _quick("logout", registry)


def _quick(*arguments: str, said: str | None = None) -> subprocess.CompletedProcess[str]:
    command = ["docker", *arguments]
    return subprocess.run(command, input=said, capture_output=True, text=True, timeout=_QUICK, check=False)
