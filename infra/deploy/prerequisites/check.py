"""A check of one prerequisite, what it finds, and what it may ask. Each module of this folder has some.

A check reads; it changes nothing. It yields a sentence for what has to be mended first, with the command or the setting
that mends it, and a `Note` for what only has to be known.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.aws import Aws
from infra.deploy.errors import code
from infra.deploy.image import docker
from infra.deploy.parameters.parameters import Settings
from infra.deploy.parameters.sources import STACKS
from infra.deploy.prerequisites.warehouse import Warehouse, read
from infra.deploy.stacks.stacks import Stack, Stacks


class Note(str):
    """A finding that does not stop the deployment."""

    __slots__ = ()


def _say_nothing(_: str) -> None:
    """A check only reads of stacks, and of that there is nothing to tell."""


def _always(_: Settings) -> bool:
    return True


@dataclass(frozen=True)
class Target:
    """Where to deploy, and what the checks have read so far: the warehouse and the stacks are asked for once."""

    aws: Aws
    settings: Settings
    has_docker: Callable[[], bool] = docker.is_usable

    def client(self, service: str) -> Any:
        """boto3's client of a service."""
        return self.aws.client(service)

    @cached_property
    def warehouse(self) -> Warehouse | None:
        """The cluster or the workgroup, None if there is none of the name."""
        return read(self.aws, self.settings)

    @cached_property
    def stacks(self) -> Stacks:
        """All stacks of the account and Region."""
        return Stacks(self.client("cloudformation"), _say_nothing)

    @cached_property
    def found(self) -> dict[str, Stack]:
        """The deployment's own stacks that are there, by their short names."""
        looked_up = {stack: self.stacks.find(self.settings.stack_name(stack)) for stack in STACKS}
        return {stack: found for stack, found in looked_up.items() if found is not None}


@dataclass(frozen=True)
class Check:
    """`title` says what is checked and by which calls. `applies` says of the settings whether it has to be.

    A check that is not `required` may be refused by AWS: then it is told as a note.
    """

    title: str
    findings: Callable[[Target], Iterator[str]]
    applies: Callable[[Settings], bool] = _always
    required: bool = True


def answer(call: Callable[..., Any], absent: str, **arguments: Any) -> dict[str, Any]:
    """What AWS answers; empty when its answer is the error `absent`, that there is no such thing."""
    try:
        return dict(call(**arguments))
    except ClientError as error:
        if code(error) != absent:
            raise
        return {}
