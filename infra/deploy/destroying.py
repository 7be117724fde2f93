"""Removes everything that was deployed: `make destroy`. It asks first, and can be run again when it was interrupted."""

from collections.abc import Callable
from dataclasses import dataclass, field

from infra.deploy.aws import Aws
from infra.deploy.errors import DeployError
from infra.deploy.parameters.parameters import Settings
from infra.deploy.parameters.sources import STACKS
from infra.deploy.prerequisites.account import account
from infra.deploy.stacks.kept import Kept, kept
from infra.deploy.stacks.polling import Polling
from infra.deploy.stacks.removing import Removing
from infra.deploy.stacks.stacks import Say, Stack, Stacks

Confirm = Callable[[str], str]
"""Asks a person, and gives what was typed."""


@dataclass(frozen=True)
class Destruction:
    """One run. With `data_too`, accounts and the audit, which outlive their stacks, are deleted as well."""

    aws: Aws
    settings: Settings
    say: Say
    confirm: Confirm
    data_too: bool = False
    polling: Polling = field(default_factory=Polling)

    def run(self) -> None:
        """Asks, then removes the stacks, the last made first; `DeployError` unless the right name is typed."""
        number = account(self.aws, self.settings)
        stacks = Stacks(self.aws.client("cloudformation"), self.say, self.polling)
        names = [self.settings.stack_name(stack) for stack in reversed(STACKS)]
        found = [stack for stack in map(stacks.find, names) if stack is not None]
        data = [one for one in kept(self.aws, set(names)) if self._may_delete(one)]
        if not found:
            self.say(f"No stack of {self.settings.name} is in {self.settings.region} and account {number}.")
        if found or data:
            self._ask(number, found, data)
        for stack in found:
            self._remove(Removing(self.aws, stacks, number), stack.name)
        self._see_to(kept(self.aws, set(names)))

    def _may_delete(self, resource: Kept) -> bool:
        return self.data_too and resource.kind.delete is not None

    def _ask(self, account: str, found: list[Stack], data: list[Kept]) -> None:
        """Everything that is about to go is named; what earlier removals kept may be in use elsewhere by now."""
        self.say(f"In account {account}, {self.settings.region}, this removes with all that is in it:")
        for stack in found:
            self.say(f"  {stack.name} ({stack.status})")
        if self.data_too:
            self.say("  the accounts, and the record of who took which rows away, for ever")
        for resource in data:
            self.say(f"  what an earlier removal kept: {resource.kind.what}, {resource.name}")
        if self.confirm(f"Type {self.settings.name} to go on: ").strip() != self.settings.name:
            raise DeployError("Nothing was removed: that was not the name.")

    def _remove(self, removing: Removing, name: str) -> None:
        stack = removing.stacks.settled(name)
        if stack is None:
            return
        self.say(f"{name}: removing ...")
        removing.remove(stack)
        self.say(f"{name}: removed.")

    def _see_to(self, left: list[Kept]) -> None:
        for resource in left:
            if self.data_too and resource.kind.delete is not None:
                resource.kind.delete(self.aws, resource.name)
                self.say(f"Deleted: {resource.kind.what}, {resource.name}.")
            else:
                self.say(f"Kept: {resource}")
