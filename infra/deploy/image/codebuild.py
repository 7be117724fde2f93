"""Has CodeBuild build and push the image, where this machine has no Docker for arm64. Used by `publishing`.

The project is `ImageBuilder` of `artifacts-setup.yaml`: it takes a zip from the bucket, and a tag.
Source: AWS CodeBuild API reference, "StartBuild" and "Build".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.deploy.errors import DeployError
from infra.deploy.image.context import Image
from infra.deploy.stacks.polling import Polling

PREFIX = "images/"
_LONGEST = 65 * 60
"""Seconds: the project lets a build wait for half an hour, and take as long."""

_NEWEST = 10


@dataclass(frozen=True)
class CodeBuild:
    """The builder. `s3` and `client` are boto3's clients; the bucket belongs to the account `owner`."""

    s3: Any
    client: Any
    bucket: str
    owner: str
    project: str
    say: Callable[[str], None]
    polling: Polling = field(default_factory=lambda: Polling(seconds=_LONGEST))
    name: str = "CodeBuild"

    def build(self, image: Image, uri: str) -> None:
        """Starts a build and waits for its end, or for that of an interrupted deployment's build of the same image.

        Raises `DeployError` with its reason and its log.
        """
        tag = uri.rpartition(":")[2]
        build = self._ended(self._running(tag) or self._started(image, tag))
        if build["buildStatus"] != "SUCCEEDED":
            raise DeployError(f"CodeBuild could not build the image. {_reason(build)}{_log(build)}")

    def _running(self, tag: str) -> str | None:
        """A build of this tag that has not ended."""
        listed = self.client.list_builds_for_project(projectName=self.project, sortOrder="DESCENDING")
        newest = listed.get("ids", [])[:_NEWEST]
        builds = self._builds(*newest) if newest else []
        return next((build["id"] for build in builds if not build["buildComplete"] and _tag(build) == tag), None)

    def _started(self, image: Image, tag: str) -> str:
        key = f"{PREFIX}{tag}.zip"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=image.source(), ExpectedBucketOwner=self.owner)
        started = self.client.start_build(
            projectName=self.project,
            sourceLocationOverride=f"{self.bucket}/{key}",
            environmentVariablesOverride=_variables(IMAGE_TAG=tag, BASE_DIGEST=image.base_digest),
        )
        return str(started["build"]["id"])

    def _builds(self, *ids: str) -> list[Mapping[str, Any]]:
        return list(self.client.batch_get_builds(ids=list(ids))["builds"])

    def _ended(self, build_id: str) -> Mapping[str, Any]:
        """The build when it has ended, each of its phases told when it begins."""
        told: list[str] = []

        def ended() -> Mapping[str, Any] | None:
            (build,) = self._builds(build_id)
            phase = build.get("currentPhase", "")
            if phase and phase not in told:
                told.append(phase)
                self.say(f"  {phase.lower().replace('_', ' ')}")
            return build if build["buildComplete"] else None

        return self.polling.until(ended, f"The build {build_id}")


def _variables(**values: str) -> list[dict[str, str]]:
    """Those that have a value."""
    return [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in values.items() if value]


def _tag(build: Mapping[str, Any]) -> str | None:
    variables = build.get("environment", {}).get("environmentVariables", ())
    return next((one["value"] for one in variables if one["name"] == "IMAGE_TAG"), None)


def _reason(build: Mapping[str, Any]) -> str:
    """The first phase that did not succeed, in CodeBuild's words."""
    for phase in build.get("phases", ()):
        if phase.get("phaseStatus", "SUCCEEDED") != "SUCCEEDED":
            said = "; ".join(context["message"] for context in phase.get("contexts", ()) if context.get("message"))
            return f"{phase['phaseType']} ended with {phase['phaseStatus']}: {said or 'it does not say why'}."
    return f"It ended with {build['buildStatus']}."


def _log(build: Mapping[str, Any]) -> str:
    link = build.get("logs", {}).get("deepLink")
    return f" Its log: {link}" if link else ""
