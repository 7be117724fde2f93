"""What the stacks are made of: built here, uploaded into the artifacts' bucket, and named by addresses. Used by
`deploying`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.deploy.artifacts.artifact_bucket import ArtifactBucket
from infra.deploy.artifacts.package import PREFIX as CODE_PREFIX
from infra.deploy.artifacts.package import PYTHON, Package, lambda_zip, packaged
from infra.deploy.artifacts.reports import require_sound
from infra.deploy.artifacts.uploads import (
    JOBS_PREFIX,
    LOAD_SCRIPT,
    REPORTS_PREFIX,
    SETUP_PREFIX,
    TEMPLATES_PREFIX,
    Files,
    digest,
    job_files,
    load_script,
    report_files,
    sample_data,
    sample_files,
    sample_prefix,
    setup_files,
    sync,
)
from infra.deploy.aws import Aws
from infra.deploy.errors import DeployError
from infra.deploy.image.context import Image
from infra.deploy.image.docker import is_usable
from infra.deploy.image.publishing import Client, publish
from infra.deploy.parameters.sources import STACKS
from infra.deploy.stacks.stacks import Say
from infra.deploy.stacks.templates import REPO, path
from infra.sample import SampleError, Simulated

BUILD = REPO / "build" / "deploy"


@dataclass(frozen=True)
class Makers:
    """What takes its time, Docker or the package index: the check of the reports, the functions' zip, the image.

    `has_docker` says whether this machine can build the image.
    """

    image: Callable[[Image, Client, Mapping[str, str], str, Say], str] = publish
    code: Callable[[Path, Path], Package] = lambda_zip
    check: Callable[[], None] = require_sound
    has_docker: Callable[[], bool] = is_usable


@dataclass(frozen=True)
class Artifacts:
    """Makes and uploads for one deployment; only what differs from what is there goes over the wire."""

    aws: Aws
    place: ArtifactBucket
    makers: Makers
    say: Say

    def templates(self) -> dict[str, str]:
        """Uploads code and templates; gives the address of each stack's template."""
        self.say("Building the functions' zip ...")
        zip_file = self.makers.code(REPO, BUILD)
        if not zip_file.has_bytecode:
            self.say(f"  without bytecode, since there is no python{PYTHON} here: each function starts more slowly")
        self._upload(CODE_PREFIX, {zip_file.key.removeprefix(CODE_PREFIX): zip_file.path})
        texts = {
            path(stack).name: packaged(
                path(stack).read_text(encoding="utf-8"), self.place.bucket, zip_file.key
            ).encode()
            for stack in STACKS
        }
        self._upload(TEMPLATES_PREFIX, texts)
        base = f"{self._s3.meta.endpoint_url}/{self.place.bucket}/{TEMPLATES_PREFIX}"
        return {stack: f"{base}{path(stack).name}" for stack in STACKS}

    def scripts(self) -> dict[str, str]:
        """Uploads what is in `sql/`; gives what `parameters.sources` takes from it."""
        setup, bucket = setup_files(REPO), self.place.bucket
        self._upload(SETUP_PREFIX, setup, remove=True)
        folder, _, name = LOAD_SCRIPT.rpartition("/")
        self._upload(f"{folder}/", {name: load_script(REPO)})
        self._upload(REPORTS_PREFIX, report_files(REPO))
        self._upload(JOBS_PREFIX, job_files(REPO))
        return {
            "setup_path": f"s3://{bucket}/{SETUP_PREFIX}",
            "setup_digest": digest(setup),
            "load_script": f"s3://{bucket}/{LOAD_SCRIPT}",
            "reports_path": f"s3://{bucket}/{REPORTS_PREFIX}",
            "jobs_path": f"s3://{bucket}/{JOBS_PREFIX}",
        }

    def sample(self, rows: int) -> dict[str, str]:
        """Makes and uploads that many simulated trips; the answer is for `parameters.sources`, empty for none."""
        if not rows:
            return {}
        self.say(f"Making {rows:,} simulated trips ...")
        try:
            sample = sample_data(Simulated(rows), BUILD / "sample")
        except SampleError as error:
            raise DeployError(str(error)) from None
        self._upload(sample_prefix(sample), sample_files(sample))
        return {"sample_path": f"s3://{self.place.bucket}/{sample_prefix(sample)}", "data_note": sample.label}

    def image(self, image: Image) -> dict[str, str]:
        """Builds and pushes the dashboard's image unless it is there."""
        uri = self.makers.image(image, self.aws.client, self.place.outputs, self.place.account, self.say)
        return {"image": uri}

    def _upload(self, prefix: str, files: Files, *, remove: bool = False) -> None:
        done = sync(self._s3, self.place.bucket, prefix, files, owner=self.place.account, remove=remove)
        self.say(f"  {prefix}: {len(done.put)} uploaded, {len(done.same)} unchanged" + _removed(done.removed))

    @property
    def _s3(self) -> Any:
        return self.aws.client("s3")


def _removed(names: tuple[str, ...]) -> str:
    return f", {len(names)} removed" if names else ""
