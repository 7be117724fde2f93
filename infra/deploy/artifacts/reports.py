"""Publishes reports, once they are checked as `make check` does: uploads what changed, and tells what.

`make publish-reports` does both; `make deploy` checks them, too.

Open pages hear of it by the bucket's events, and show it a few seconds later.
"""

from collections.abc import Iterator

from infra.check import clicks, jobs, maps, pages
from infra.check.checking import check
from infra.check.files import read, reports
from infra.check.warehouse import SetupFailed
from infra.deploy.artifacts.artifact_bucket import ArtifactBucket
from infra.deploy.artifacts.uploads import REPORTS_PREFIX, report_files, sync
from infra.deploy.aws import Aws
from infra.deploy.errors import DeployError
from infra.deploy.parameters.parameters import Settings
from infra.deploy.prerequisites.account import account
from infra.deploy.stacks.stacks import Say, Stacks
from infra.deploy.stacks.templates import REPO


def require_sound() -> None:
    """Raises `DeployError` with file, line and reason of each mistake in the reports."""
    files = read(REPO)
    try:
        setup, of_jobs, of_pages, of_maps = REPO / "sql" / "setup", jobs.read(REPO), pages.read(REPO), maps.read(REPO)
        known, of_reports = reports(files), check(files, setup, set(files)).findings
        found = [*pages.findings(of_pages, known, of_pages), *clicks.findings(files, of_pages, known, files)]
        found += maps.findings(of_maps, files, known, {**files, **of_maps})
        findings = [*of_reports, *jobs.findings(of_jobs, setup, set(of_jobs)), *found]
    except (OSError, SetupFailed) as error:
        raise DeployError(f"The reports could not be checked. {error}") from None
    if findings:
        files = {**files, **of_jobs, **of_pages, **of_maps}
        raise DeployError("\n".join(f"{files[one.file].shown}:{one.line}: {one.reason}" for one in sorted(findings)))


def publish(aws: Aws, settings: Settings, say: Say, *, prune: bool) -> None:
    """Uploads reports that are new or changed; with `prune`, published ones that are no files here are removed."""
    number = account(aws, settings)
    name = settings.stack_name("artifacts")
    stack = Stacks(aws.client("cloudformation"), say).find(name)
    if stack is None or "BucketName" not in stack.outputs:
        raise DeployError(f"There is no stack {name} in {settings.region} to publish to: run make deploy first.")
    place, s3 = ArtifactBucket(number, stack.outputs), aws.client("s3")
    place.require_bucket(s3)
    files, kinds = report_files(REPO), (".sql", ".yaml", ".geojson")
    done = sync(s3, place.bucket, REPORTS_PREFIX, files, owner=number, remove=prune, suffix=kinds)
    for line in _told(done.put, done.removed):
        say(line)
    say(f"{len(done.put)} published, {len(done.removed)} removed, {len(done.same)} unchanged.")


def _told(put: tuple[str, ...], removed: tuple[str, ...]) -> Iterator[str]:
    yield from (f"  published {name}" for name in put)
    yield from (f"  removed {name}" for name in removed)
