"""What the templates tell checkov to pass over, one resource and one reason at a time."""

from pathlib import Path
from typing import Any

import pytest

from infra.local.cloudformation.intrinsics import load

REPO = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((REPO / "infra").glob("*.yaml"))
ENOUGH = 5
"""Words, below which it is no reason."""


def skips(template: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every suppression, with the resource it stands at."""
    resources = load(template)["Resources"].items()
    return [
        (name, skip) for name, one in resources for skip in one.get("Metadata", {}).get("checkov", {}).get("skip", ())
    ]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_suppression_says_why(template: Path) -> None:
    for name, skip in skips(template):
        assert set(skip) == {"id", "comment"}, name
        assert len(skip["comment"].split()) >= ENOUGH, f"{name}: {skip['id']}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_check_is_passed_over_twice_at_a_resource(template: Path) -> None:
    found = [(name, skip["id"]) for name, skip in skips(template)]
    assert len(found) == len(set(found))


def test_nothing_is_passed_over_for_a_whole_template() -> None:
    """It would pass over what is added later as well."""
    makefile = (REPO / "Makefile").read_text(encoding="utf-8")
    assert "--skip-check" not in makefile
    assert "soft-fail" not in makefile
    assert not list(REPO.glob(".checkov.*"))
    assert not [path for path in TEMPLATES if "checkov" in load(path).get("Metadata", {})]
