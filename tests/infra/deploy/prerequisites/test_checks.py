"""All checks together: each is told by the dry run, and the guide has the right to each call."""

import re

from infra.deploy.parameters import parameters
from infra.deploy.prerequisites.checks import CHECKS, titles
from infra.deploy.stacks.templates import REPO
from tests.infra.deploy.account import FILE
from tests.infra.deploy.prerequisites.conftest import Checked
from tests.infra.deploy.prerequisites.settings_files import DOMAIN, SERVERLESS, with_backend


def test_an_account_with_everything_has_nothing_to_mend(checked: Checked) -> None:
    assert checked() == ([], [])


def test_everything_that_is_wrong_is_told_at_once_and_in_one_line_each(checked: Checked) -> None:
    checked["lambda"].free = 10
    checked["redshift"].default_role = ""
    checked["dynamodb"].tables.add("client_connections")
    stops, _ = checked(FILE + DOMAIN)
    assert [stop.split()[0] for stop in stops] == ["The", "There", "Lambda", "A"]


def test_the_rights_of_every_check_are_in_the_guide() -> None:
    guide = (REPO / "docs" / "deploy.md").read_text(encoding="utf-8")
    rows = [line for line in guide.splitlines() if line.startswith("| `")]
    named = [call for check in CHECKS for call in re.findall(r"([a-z0-9-]+):([A-Z]\w+)", check.title)]
    assert len(named) > 10
    assert [one for one in named if not any(f"`{one[0]}`" in row and f"`{one[1]}`" in row for row in rows)] == []


def test_only_checks_that_have_something_to_look_at_are_told(checked: Checked) -> None:
    def told(text: str) -> str:
        checked.file.write_text(text)
        return "\n".join(titles(parameters.read(checked.file)))

    assert "certificate" not in told(FILE)
    assert "certificate" in told(FILE + DOMAIN)
    assert "CloudFront" not in told(FILE + DOMAIN)
    assert "secrets" in told(SERVERLESS)
    assert "the bucket of" in told(
        with_backend('SampleDataS3Path = "s3://trips/"' + "\n").replace("trips/", "trips/a/")
    )
    assert "iam:GetRole" not in told(with_backend('RedshiftUnloadRoleArn = "stack"'))
