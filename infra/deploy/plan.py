"""What would be done, told without asking AWS anything: `--dry-run`."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from infra.deploy.artifacts.uploads import LOAD_SCRIPT, REPORTS_PREFIX, SETUP_PREFIX, report_files, setup_files
from infra.deploy.parameters.parameters import Settings
from infra.deploy.parameters.sources import FILLED, STACKS
from infra.deploy.prerequisites.checks import titles
from infra.deploy.prerequisites.region import missing_services
from infra.deploy.stacks import templates
from infra.deploy.stacks.templates import REPO

_KEPT = {"Retain", "RetainExceptOnCreate"}


def of_deployment(settings: Settings) -> list[str]:
    """What `make deploy` would make, from what, in order."""
    lines = ["Checked first, and told all at once:", *_checked(settings), ""]
    lines += [f"Into {_where(settings)} would go, in this order:", ""]
    lines += [*_stack(settings, "artifacts"), "", *_made(settings)]
    for stack in STACKS[1:]:
        lines += ["", *_stack(settings, stack)]
    if not settings.stacks["webapp"].get("DomainName"):
        again = settings.stack_name("cognito")
        lines += ["", f"{again} once more, if the dashboard's address is new, for signing in to lead back to it"]
    if settings.sample_rows or settings.stacks["backend"].get("SampleDataS3Path"):
        lines += [
            "",
            "and the trips loaded into the warehouse, unless they are: a load that fails leaves the rest as it is",
        ]
    return [*lines, "", "Nothing was asked of AWS, and nothing was made."]


def of_publishing(settings: Settings) -> list[str]:
    """Which reports `make publish-reports` would compare with those published."""
    files = [f"  {REPORTS_PREFIX}{name}" for name in sorted(report_files(REPO))]
    stack = settings.stack_name("artifacts")
    return [f"Checked and, where they changed, uploaded into the bucket of {stack}, in {_where(settings)}:", *files]


def of_destruction(settings: Settings) -> list[str]:
    """What `make destroy` would remove, in order, and what would be left."""
    lines = [f"From {_where(settings)} would be removed, in this order, after asking:"]
    for stack in reversed(STACKS):
        lines += [f"  {settings.stack_name(stack)}", *(f"    {line}" for line in _ends(stack))]
    return [
        *lines,
        "With --data-too, accounts and audit are not kept. Nothing was asked of AWS, and nothing was removed.",
    ]


def _checked(settings: Settings) -> Iterator[str]:
    """Every check that applies, and what is found by those that ask nobody."""
    for title in titles(settings):
        yield from wrap(title, 118, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    yield from (f"  ! {finding}" for finding in missing_services(settings))


def _where(settings: Settings) -> str:
    return f"{settings.region}, account {settings.account or 'of the credentials'}"


def _stack(settings: Settings, stack: str) -> Iterator[str]:
    """A stack with the parameters that are not the template's defaults."""
    yield f"{settings.stack_name(stack)}, by {_shown(templates.path(stack))}"
    declared, given = templates.declared(stack), settings.stacks[stack]
    for name, body in declared.items():
        source = FILLED[stack].get(name)
        if name in given:
            yield f"  {name} = {templates.shown(given[name], body)}"
        elif source is not None and source.fills(given):
            yield f"  {name}: {source}"
    others = [name for name in declared if name not in given and name not in FILLED[stack]]
    if others:
        yield from wrap(
            ", ".join(others), 118, initial_indent="  by default: ", subsequent_indent="    ", break_on_hyphens=False
        )


def _made(settings: Settings) -> Iterator[str]:
    yield "built and uploaded, where it differs from what is there:"
    yield "  the functions' zip, from backend_lambdas/ and requirements/lambdas.lock, for python3.13 on arm64"
    yield f"  the templates of {', '.join(STACKS[1:])}"
    yield f"  {len(setup_files(REPO))} setup scripts to {SETUP_PREFIX}"
    yield f"  {LOAD_SCRIPT}, which loads the trips"
    yield f"  {len(report_files(REPO))} reports to {REPORTS_PREFIX}"
    if settings.sample_rows:
        yield f"  {settings.sample_rows:,} simulated trips"
    yield from (f"  {line}" for line in settings.image.plan())
    yield "    by Docker, where there is one that can build for arm64, else by CodeBuild"


def _ends(stack: str) -> Iterator[str]:
    """What becomes of what does not simply go with its stack."""
    for name, resource in templates.document(stack)["Resources"].items():
        if resource.get("DeletionPolicy") in _KEPT:
            yield f"keeps {name} ({resource['Type']})"
        elif resource["Type"] in {"AWS::S3::Bucket", "AWS::ECR::Repository"}:
            yield f"empties {name} ({resource['Type']})"


def _shown(path: Path) -> str:
    return path.relative_to(REPO).as_posix()
