"""What is to be deployed: the parameters file, checked against the templates before AWS is asked anything.

The file is TOML: a table [deploy], and one for each stack with the parameters of its template by their own names.
"""

import shlex
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
FUNCTIONS_AT_ONCE = 50
"""Five viewers who open a page of ten panels in the same second. A new account may have as few as 10."""


@dataclass(frozen=True)
class Settings:
    """The parameters file. `stacks` has, for each stack, its parameters as CloudFormation takes them: texts.

    Without a `profile` boto3 looks for credentials as it always does; without an `account` any is right. `sample_rows`
    is how many simulated trips the warehouse gets, 0 for none. `base_digest` is the digest of the Python image to build
    on, empty for the one of the day. `lambda_concurrency` is how many functions at once the account has to allow.
    """

    name: str
    region: str
    profile: str | None
    account: str | None
    sample_rows: int
    base_digest: str
    lambda_concurrency: int
    stacks: Mapping[str, Mapping[str, str]]

    def stack_name(self, stack: str) -> str:
        """The stack's name in CloudFormation."""
        return f"{self.name}-{stack}"

    def value(self, stack: str, parameter: str) -> str:
        """What the file says of a stack's parameter, or else the template; empty where it is filled in later."""
        return self.stacks[stack].get(parameter, templates.defaults(stack).get(parameter, ""))

    def command(self, *words: str) -> str:
        """A command line of the AWS CLI in this Region, with this profile, to be copied into a shell."""
        profile = ["--profile", self.profile] if self.profile else []
        return shlex.join(["aws", *words, "--region", self.region, *profile])

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
        lambda_concurrency=deploy.get("lambda_concurrency", FUNCTIONS_AT_ONCE),
        stacks={stack: templates.texts(written.get(stack, {})) for stack in STACKS},
    )
