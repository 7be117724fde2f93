"""Each command of the AWS CLI in a page is one that the CLI has: service, operation and options, by botocore."""

import re
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

REPO = Path(__file__).resolve().parents[1]
PAGES = sorted([*REPO.glob("*.md"), *(REPO / "docs").glob("*.md")])
OF_THE_CLI = {"query", "output", "endpoint-url", "region", "profile", "no-paginate", "no-cli-pager", "max-items"}
"""Options that the CLI adds to each operation."""

ITS_OWN = {("logs", "tail"), ("s3", "cp"), ("s3", "ls"), ("s3", "rm"), ("s3", "sync"), ("cloudformation", "deploy")}
"""Commands of the CLI that are no operation."""

_COMMAND = re.compile(r"(?:^|\$\(|`|&& )(?:[A-Z_]+=\S+ )*aws ([a-z0-9-]+) ([a-z0-9-]+)((?:[^`\n]|\\\n)*)", re.MULTILINE)
_OPTION = re.compile(r"--([a-z][a-z0-9-]*)")


def commands(page: Path) -> list[tuple[str, str, str]]:
    """Service, operation and the rest of each command; lines that go on behind a backslash are one."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    indented = re.sub(r"^ {4,}", "", text, flags=re.MULTILINE)
    return [(found[1], found[2], found[3]) for found in _COMMAND.finditer(indented)]


def options_of(service: str, operation: str) -> set[str]:
    """The options of an operation, as the CLI writes them."""
    model = botocore.session.get_session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(names[operation]).input_shape
    return {xform_name(member, "-") for member in (shape.members if shape else ())}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_command_is_one_of_the_cli(page: Path) -> None:
    for service, operation, rest in commands(page):
        if (service, operation) in ITS_OWN:
            continue
        own = re.split(r"\$\(|&&", rest)[0]  # what stands behind is a command of its own
        given = set(_OPTION.findall(re.sub(r"'[^']*'|\"[^\"]*\"", "", own))) - OF_THE_CLI
        known = options_of(service, operation)
        unknown = {option for option in given if not {option, option.removeprefix("no-")} & known}
        assert not unknown, (service, operation)


def test_there_are_commands_to_look_at() -> None:
    assert sum(len(commands(page)) for page in PAGES) > 15
    assert commands(REPO / "docs" / "first-deploy.md")


def test_a_command_that_the_cli_has_not_is_found() -> None:
    """The comparison itself can fail."""
    assert "workgroup-name" in options_of("redshift-serverless", "get-workgroup")
    with pytest.raises(KeyError):
        options_of("redshift-serverless", "get-work-group")
