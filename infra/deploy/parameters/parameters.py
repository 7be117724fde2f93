"""What is to be deployed: the parameters file, checked against the templates before AWS is asked anything.

The file is TOML: a table [deploy], and one for each stack with the parameters of its template by their own names.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.deploy.errors import DeployError
from infra.deploy.image.context import Image
from infra.deploy.parameters.mistakes import DEPLOY, mistakes
from infra.deploy.parameters.sources import STACKS
from infra.deploy.stacks import templates
from infra.deploy.stacks.templates import REPO

EXAMPLE = REPO / "infra" / "deploy" / "example.toml"


@dataclass(frozen=True)
class Settings:
    """The parameters file. `stacks` has, for each stack, its parameters as CloudFormation takes them: texts.

    Without a `profile` boto3 looks for credentials as it always does; without an `account` any is right. `sample_rows`
    is how many simulated trips the warehouse gets, 0 for none. `base_digest` is the digest of the Python image to build
    on, empty for the one of the day.
    """

    name: str
    region: str
    profile: str | None
    account: str | None
    sample_rows: int
    base_digest: str
    stacks: Mapping[str, Mapping[str, str]]

    def stack_name(self, stack: str) -> str:
        """The stack's name in CloudFormation."""
        return f"{self.name}-{stack}"

    @property
    def image(self) -> Image:
        """The dashboard's image."""
        return Image(REPO, f"@{self.base_digest}" if self.base_digest else "")


def read(path: Path) -> Settings:
    """The settings of a file; `DeployError` with a line for each mistake in it."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        shown = EXAMPLE.relative_to(REPO)
        raise DeployError(f"There is no {path}: copy {shown} to it, and write into it what is yours.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DeployError(f"{path} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise DeployError(f"{path} is not TOML: {error}.") from None
    wrong = list(mistakes(written))
    if wrong:
        raise DeployError("\n".join(f"{path}: {reason}" for reason in wrong))
    return _settings(written)


def _settings(written: Mapping[str, Any]) -> Settings:
    deploy = written[DEPLOY]
    return Settings(
        name=deploy.get("name", "pushboard"),
        region=deploy["region"],
        profile=deploy.get("profile"),
        account=deploy.get("account"),
        sample_rows=deploy.get("sample_rows", 0),
        base_digest=deploy.get("base_digest", ""),
        stacks={stack: templates.texts(written.get(stack, {})) for stack in STACKS},
    )
